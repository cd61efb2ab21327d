import io

import numpy as np
import pytest
from PIL import Image

from tfgan_faces.runs.metrics_csv import METRICS
from tfgan_faces.visuals import curves

OF_CRITICS = ("critic_gradient_norm", "normalized_distance")


def row(step, warning=""):
    values = {name: 0.01 * step for name in (*METRICS, *OF_CRITICS)}
    return values | {"step": step, "warning": warning, "real_success": 0.9, "fake_success": 0.5}


@pytest.mark.parametrize("wasserstein", [False, True])
@pytest.mark.parametrize("count", [0, 1, 30])
def test_draws_runs_of_any_length(wasserstein, count):
    rows = [row(10 * i, "samples_alike" if i == 20 else "") for i in range(count)]
    png = curves.monitor_png(rows, "a run", wasserstein)
    with Image.open(io.BytesIO(png)) as picture:
        panels = 3 if wasserstein or count > 1 else 2  # no turn was skipped until step 10
        assert picture.size == (990, 270 * panels)
        assert np.asarray(picture.convert("L")).std() > 5


def test_three_success_curves_with_units_and_legend(monkeypatch):
    figures = []
    real = curves.Figure
    monkeypatch.setattr(curves, "Figure", lambda **k: figures.append(real(**k)) or figures[-1])
    curves.monitor_png([row(10), row(20, "samples_alike")], "a run")
    top, middle, bottom = figures[0].axes
    lines = {line.get_label(): list(line.get_ydata()) for line in top.lines}
    assert lines["D right on photos"] == [90.0, 90.0]
    assert lines["D right on fakes"] == [50.0, 50.0]
    assert "G fools D" in lines
    (marks,) = top.collections
    assert marks.get_label() == "collapse warning: samples nearly identical"
    assert [segment[0][0] for segment in marks.get_segments()] == [20.0]
    assert "%" in top.get_ylabel()
    assert "loss" in middle.get_ylabel()
    assert "step" in bottom.get_xlabel()
    assert all(axes.get_legend() for axes in figures[0].axes)


def test_a_clipped_critic_has_its_own_panel(monkeypatch):
    figures = []
    real = curves.Figure
    monkeypatch.setattr(curves, "Figure", lambda **k: figures.append(real(**k)) or figures[-1])
    rows = [
        row(step) | {"share_at_walls": 0.5, "brightness_correlation": 0.25, "distance_estimate": 9}
        for step in (10, 20, 30)
    ]
    rows[1]["normalized_distance"] = 4000.0  # the others are 0.1 and 0.3
    curves.monitor_png([row(5) | {"share_at_walls": None}, *rows], "a run", wasserstein=True)
    _, _, distance, critic, norms = figures[0].axes
    medians = next(line for line in distance.lines if "D(real)" in line.get_label())
    assert list(medians.get_ydata()) == [pytest.approx(0.2)]  # of four rows, the first is 0.05
    assert "gain of the clipping boxes" in distance.get_ylabel()
    lines = {line.get_label(): list(line.get_ydata()) for line in critic.lines}
    assert lines["weights at the clipping bound"] == [50.0] * 3
    assert lines["correlation of score and brightness"] == [25.0] * 3
    assert list(norms.lines[0].get_ydata()) == pytest.approx([0.1, 0.2, 0.3])
