"""Rows of numbers in a CSV file: `metrics.csv`, one row per logged step, and `distances.csv`."""

import csv
import io

from tfgan_faces.errors import UserError
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.storage.paths import as_path, is_remote

# The columns that every version writes. Rows may add more.
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
    "warning",
)
DISTANCES = ("step", "frechet_distance", "fakes")
# Column names up to version 0.8, and their current names.
_RENAMED = {"sign": "warning"}
_TEXT_COLUMNS = ("warning",)
_INTEGER_COLUMNS = ("step", "discriminator_skipped", "generator_skipped")


class MetricsCsv:
    """The rows of a run so far, in memory and on disk.

    A row is a dict. A column that is missing from a row is an empty cell, which is read as None.
    So rows stay valid when a later version adds columns.

    Args:
        path: the file; it need not exist yet.
        columns: sequence of str, the columns that each row must have, including `step`.

    Raises:
        UserError: the file lacks one of the columns, or cannot be read as numbers.
    """

    def __init__(self, path, columns=METRICS):
        self.path, self.required, self.columns, self.rows = as_path(path), columns, columns, []
        if self.path.exists():
            self._read()

    def keep_until(self, step):
        """Drops rows after `step`, which a resumed run writes again, and half-written rows."""
        self.rows = [row for row in self.rows if row["step"] <= step]
        self._write_all()

    def append(self, row):
        """Adds a row, and columns for its new names."""
        self.rows.append(row)
        new = [name for name in row if name not in self.columns]
        self.columns = (*self.columns, *new)
        if new or is_remote(self.path):  # objects cannot be appended to
            self._write_all()
            return
        with open(self.path, "a", encoding="utf-8", newline="") as file:
            file.write(_text([self._cells(row)]))

    def _write_all(self):
        write_atomic(self.path, _text([self.columns, *map(self._cells, self.rows)]).encode())

    def _cells(self, row):
        for name in self.required:
            if name not in row:
                raise ValueError(f"`row` must have a value for {name}. Received: {sorted(row)}")
        return [_cell(row.get(name)) for name in self.columns]

    def _read(self):
        try:
            self._read_rows(io.StringIO(self.path.read_text(encoding="utf-8"), newline=""))
        except ValueError as error:
            raise UserError(
                f"{self.path} is not as tfgan_faces wrote it: {error}. A spreadsheet program may "
                "have changed it. Restore the file, or move it away to continue without its rows."
            ) from error

    def _read_rows(self, text):
        reader = csv.DictReader(text)
        if not reader.fieldnames:
            return
        reader.fieldnames = [_RENAMED.get(name, name) for name in reader.fieldnames]
        missing = [name for name in self.required if name not in reader.fieldnames]
        if missing:
            raise ValueError(f"its first line has no column {missing[0]}")
        self.columns = tuple(reader.fieldnames)
        self.rows = [
            {name: self._value(name, text) for name, text in row.items()}
            for row in reader
            if _is_complete(row)
        ]

    def _value(self, name, text):
        if name in _TEXT_COLUMNS:
            return text
        if not text and name not in self.required:
            return None
        if name not in self.required:
            return _number_or_text(text)
        return int(text) if name in _INTEGER_COLUMNS else float(text)


def _number_or_text(text):
    """Returns the value of a column that this version may not know."""
    try:
        return float(text)
    except ValueError:
        return text


def _cell(value):
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _text(rows):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _is_complete(row):
    """Whether a row has exactly one value for each column of the file."""
    return None not in row and None not in row.values()
