"""Rows of numbers in a CSV file: `metrics.csv`, one a logged step, and `distances.csv`."""

import csv
import io

from tfgan_faces.errors import UserError
from tfgan_faces.storage.files import write_whole
from tfgan_faces.storage.paths import as_path, is_remote

METRICS = (
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
    "penalty",
    "input_wait",
    "brightness_correlation",
    "critic_gradient_norm",
    "share_at_walls",
    "normalized_distance",
    "sign",
)
DISTANCES = ("step", "frechet_distance", "fakes")
# Empty, and None in a row, where it was not measured; earlier versions had no such columns.
_OPTIONAL = (
    "input_wait",
    "brightness_correlation",
    "critic_gradient_norm",
    "share_at_walls",
    "normalized_distance",
)
_WORDS, _COUNTS = ("sign",), ("step", "discriminator_skipped", "generator_skipped")


class MetricsCsv:
    """The rows of a run so far, in memory and on disk.

    Args:
        path: the file; it need not exist yet.
        columns: sequence of str, a `step` among them.
    """

    def __init__(self, path, columns=METRICS):
        self.path, self.columns = as_path(path), columns
        self.rows = _read(self.path, columns) if self.path.exists() else []

    def keep_until(self, step):
        """Drops rows after `step`, and any half-written one: what a resumed run writes anew."""
        self.rows = [row for row in self.rows if row["step"] <= step]
        self._write_all()

    def append(self, row):
        """Adds a row, a dict with a value for each column."""
        self.rows.append(row)
        if is_remote(self.path):  # nothing can be added to an object
            self._write_all()
            return
        with open(self.path, "a", encoding="utf-8", newline="") as file:
            file.write(_text([self._cells(row)]))

    def _write_all(self):
        write_whole(self.path, _text([self.columns, *map(self._cells, self.rows)]).encode())

    def _cells(self, row):
        values = (row.get(name) if name in _OPTIONAL else row[name] for name in self.columns)
        return [_cell(value) for value in values]


def _cell(value):
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _text(rows):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _read(path, columns):
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    needed = {*columns} - {*_OPTIONAL}
    if reader.fieldnames and not needed <= {*reader.fieldnames}:
        missing = min(needed - {*reader.fieldnames})
        raise UserError(
            f"{path} is not as tfgan_faces wrote it: its first line has no column {missing}. A "
            "spreadsheet may have saved it in its own way; "
            "bring back the file as it was, or move it away to go on without the rows."
        )
    complete = [row for row in reader if _is_complete(row)]
    return [{name: _value(name, row.get(name, "")) for name in columns} for row in complete]


def _is_complete(row):
    """Whether there is a value for each column of the file, and no more."""
    return None not in row and None not in row.values()


def _value(name, text):
    if name in _WORDS:
        return text
    if name in _OPTIONAL and not text:
        return None
    return int(text) if name in _COUNTS else float(text)
