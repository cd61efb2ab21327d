import re

import pytest
from etils import epath

from tfgan_faces.errors import UserError
from tfgan_faces.runs.metrics_csv import METRICS, MetricsCsv

FIRST = (
    "step,seconds,images_per_second,discriminator_loss,generator_loss,real_success,"
    "fake_success,fooling_success,discriminator_skipped,generator_skipped"
)


def row(step, warning=""):
    return {
        **dict.fromkeys((*METRICS, "input_wait"), 0.5),
        "step": step,
        "discriminator_skipped": 3,
        "generator_skipped": 4,
        "warning": warning,
    }


def written(path, *rows):
    metrics = MetricsCsv(path)
    metrics.keep_until(0)
    for one in rows:
        metrics.append(one)
    return metrics


def test_the_first_columns_are_fixed(tmp_path):
    written(tmp_path / "m.csv", row(10))
    lines = (tmp_path / "m.csv").read_text().splitlines()
    assert lines[0].startswith(FIRST)
    assert lines[1].startswith("10,0.5,0.5,0.5,0.5,0.5,0.5,0.5,3,4,")


def test_rows_are_read_back(tmp_path):
    metrics = written(tmp_path / "m.csv", row(10), row(20, "samples_alike"))
    assert MetricsCsv(tmp_path / "m.csv").rows == metrics.rows


def test_an_unmeasured_input_wait_is_an_empty_cell(tmp_path):
    metrics = written(tmp_path / "m.csv", {**row(10), "input_wait": None}, row(20))
    lines = (tmp_path / "m.csv").read_text().splitlines()
    assert lines[0].endswith(",input_wait")
    assert lines[1].endswith(",")
    assert lines[2].endswith(",0.5")
    assert MetricsCsv(tmp_path / "m.csv").rows == metrics.rows


def test_rows_after_the_checkpoint_and_half_written_ones_are_dropped(tmp_path):
    written(tmp_path / "m.csv", row(10), row(20), row(30))
    with open(tmp_path / "m.csv", "a") as file:
        file.write("40,0.5,0.")
    metrics = MetricsCsv(tmp_path / "m.csv")
    metrics.keep_until(20)
    assert [r["step"] for r in metrics.rows] == [10, 20]
    metrics.append(row(30))
    assert [r["step"] for r in MetricsCsv(tmp_path / "m.csv").rows] == [10, 20, 30]


def test_rows_without_the_columns_of_later_versions_stay(tmp_path):
    old = [*METRICS[:-1], "sign"]  # version 0.2.0's
    lines = [old, *([str(step), *["0.5"] * 7, "3", "4", "1", "0", "alike"] for step in (10, 20))]
    (tmp_path / "m.csv").write_text("".join(",".join(line) + "\n" for line in lines) + "30,0.5,0.")
    metrics = MetricsCsv(tmp_path / "m.csv")
    assert [row["step"] for row in metrics.rows] == [10, 20]
    assert metrics.rows[1]["warning"] == "alike"
    metrics.append({**row(30), "a_new_measure": 7.0})
    assert MetricsCsv(tmp_path / "m.csv").rows[:2] == [
        {**earlier, "input_wait": None, "a_new_measure": None} for earlier in metrics.rows[:2]
    ]
    assert MetricsCsv(tmp_path / "m.csv").rows[2]["a_new_measure"] == 7.0


def test_columns_of_a_later_version_stay(tmp_path):
    """Users can return to an earlier version of the package."""
    written(tmp_path / "m.csv", {**row(10), "a_new_measure": 7.0, "note": "a text"})
    metrics = MetricsCsv(tmp_path / "m.csv")
    metrics.append(row(20))
    rows = MetricsCsv(tmp_path / "m.csv").rows
    assert [(r["a_new_measure"], r["note"]) for r in rows] == [(7.0, "a text"), (None, None)]


def test_a_row_without_a_required_column_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="must have a value for warning"):
        written(tmp_path / "m.csv", {**dict.fromkeys(METRICS[:-1], 0.5)})


def test_rows_in_an_object_store_equal_local_ones(tmp_path, bucket):
    remote = epath.Path(bucket) / "m.csv"
    for path in (remote, tmp_path / "m.csv"):
        written(path, row(10), row(20, "alike"))
    assert remote.read_bytes() == (tmp_path / "m.csv").read_bytes()
    assert MetricsCsv(remote).rows == [row(10), row(20, "alike")]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,  # the byte order mark that spreadsheet programs add
        lambda text: text.replace(",", ";"),
        lambda text: text.partition("\n")[2],  # without the first line
        lambda text: text.replace("\n20,", "\n20.0,"),  # a step that is no whole number any more
        lambda text: re.sub(r"\n20,[^,]*", '\n20,"1,5"', text),  # a decimal comma
        lambda text: text.replace("\n10,", "\nten,"),
    ],
)
def test_a_file_that_a_spreadsheet_has_saved_is_refused_and_not_changed(tmp_path, change):
    path = tmp_path / "m.csv"
    written(path, row(10), row(20))
    path.write_text(change(path.read_text()), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(UserError, match="m.csv is not as tfgan_faces wrote it"):
        MetricsCsv(path)
    assert path.read_bytes() == before
