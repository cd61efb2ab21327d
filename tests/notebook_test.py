"""The lesson in `docs/` runs from top to bottom, with trainings of half a second."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[1] / "docs" / "from-noise-to-faces.ipynb"


def test_the_committed_notebook_has_its_outputs_and_is_small():
    notebook = nbformat.read(NOTEBOOK, 4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    pictures = [out for cell in code for out in cell.outputs if "image/png" in out.get("data", {})]
    assert len(pictures) >= 8
    assert not [out for cell in code for out in cell.outputs if out.output_type == "error"]
    assert NOTEBOOK.stat().st_size < 2e6


@pytest.mark.long
def test_the_notebook_runs_from_top_to_bottom(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTEBOOK_SECONDS", "0.5")
    notebook = nbformat.read(NOTEBOOK, 4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert (tmp_path / "notebook_export" / "faces" / "1" / "saved_model.pb").exists()
