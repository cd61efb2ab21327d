from etils import epath

from tfgan_faces.metrics_csv import METRICS, MetricsCsv

FIRST = (
    "step,seconds,images_per_second,discriminator_loss,generator_loss,real_success,"
    "fake_success,fooling_success,discriminator_skipped,generator_skipped"
)


def row(step, sign=""):
    values = dict.fromkeys(METRICS, 0.5)
    return {
        **values,
        "step": step,
        "discriminator_skipped": 3,
        "generator_skipped": 4,
        "sign": sign,
    }


def written(path, *rows):
    metrics = MetricsCsv(path)
    metrics.keep_until(0)
    for one in rows:
        metrics.append(one)
    return metrics


def test_first_columns_are_the_agreed_ones(tmp_path):
    written(tmp_path / "m.csv", row(10))
    lines = (tmp_path / "m.csv").read_text().splitlines()
    assert lines[0].startswith(FIRST)
    assert lines[1].startswith("10,0.5,0.5,0.5,0.5,0.5,0.5,0.5,3,4,")


def test_rows_are_read_back(tmp_path):
    metrics = written(tmp_path / "m.csv", row(10), row(20, "samples_alike"))
    assert MetricsCsv(tmp_path / "m.csv").rows == metrics.rows


def test_an_input_wait_that_was_not_measured_is_an_empty_cell(tmp_path):
    metrics = written(tmp_path / "m.csv", {**row(10), "input_wait": None}, row(20))
    lines = (tmp_path / "m.csv").read_text().splitlines()
    assert lines[1].split(",")[-2:] == ["", ""]  # and no sign
    assert lines[2].split(",")[-2:] == ["0.5", ""]
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


def test_rows_in_a_store_are_those_here(tmp_path, bucket):
    there = epath.Path(bucket) / "m.csv"
    for path in (there, tmp_path / "m.csv"):
        written(path, row(10), row(20, "alike"))
    assert there.read_bytes() == (tmp_path / "m.csv").read_bytes()
    assert MetricsCsv(there).rows == [row(10), row(20, "alike")]
