"""`metrics.csv`: one row per logged step."""

import csv
import io
import os

from tfgan_faces.files import write_whole

COLUMNS = (
    "step",
    "seconds",
    "images_per_second",
    "discriminator_loss",
    "generator_loss",
    "real_success",
    "fake_success",
    "fooling_success",
    "discriminator_skipped",
    "generator_skipped",
    "distance_estimate",
    "input_wait",
    "sign",
)


class MetricsCsv:
    """The rows of a run so far, in memory and on disk.

    Args:
        path: the file; it need not exist yet.
    """

    def __init__(self, path):
        self.path = path
        self.rows = _read(path) if os.path.exists(path) else []

    def keep_until(self, step):
        """Drops rows after `step`, and any half-written one: what a resumed run writes anew."""
        self.rows = [row for row in self.rows if row["step"] <= step]
        write_whole(self.path, _text([COLUMNS, *map(_cells, self.rows)]).encode())

    def append(self, row):
        """Adds a row, a dict with a value for each of `COLUMNS`."""
        self.rows.append(row)
        with open(self.path, "a", encoding="utf-8", newline="") as file:
            file.write(_text([_cells(row)]))


def _cells(row):
    return [
        f"{row[name]:.6g}" if isinstance(row[name], float) else str(row[name]) for name in COLUMNS
    ]


def _text(rows):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _read(path):
    with open(path, encoding="utf-8", newline="") as file:
        complete = [row for row in csv.DictReader(file) if _is_complete(row)]
    return [{name: _value(name, row[name]) for name in COLUMNS} for row in complete]


def _is_complete(row):
    return None not in row and all(row.get(name) is not None for name in COLUMNS)


def _value(name, text):
    if name == "sign":
        return text
    if name in ("step", "discriminator_skipped", "generator_skipped"):
        return int(text)
    return float(text)
