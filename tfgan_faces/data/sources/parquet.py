"""Photos in Parquet files, in the layout of Hugging Face's image data sets."""

import importlib.util
import json
import os

from tfgan_faces.data.sources.archives import UnpackedSource
from tfgan_faces.data.sources.photo import MAX_BYTES, TOO_LARGE, Photo, Source, is_hidden
from tfgan_faces.errors import UserError
from tfgan_faces.storage.paths import as_path
from tfgan_faces.storage.random_reads import size_and_time

SUFFIX = ".parquet"
_ROWS = 64  # read at a time
_LABELS = ("label", "labels")
_DESCRIPTIONS = (".md", ".json", ".txt", ".yaml", ".yml")


def parquet_files(folder):
    """Returns the sorted paths of the Parquet files of a data set's folder.

    They are in the folder or in its folder `data`. The list is empty if there are other files
    than these and descriptions: then it is a folder of photos.
    """
    top = [path for path in as_path(folder).iterdir() if not is_hidden(path.name)]
    inner = [path for path in top if path.name == "data" and path.is_dir()]
    files = [path for path in top if path not in inner]
    files += [path for place in inner for path in place.iterdir() if not is_hidden(path.name)]
    tables = [path for path in files if path.name.endswith(SUFFIX) and not path.is_dir()]
    others = [path for path in files if path not in tables and path.suffix not in _DESCRIPTIONS]
    return [] if others else sorted(map(os.fspath, tables))


class ParquetSource(Source):
    """The photos in a column of Parquet files, row by row.

    The column contains structs with the photo's `bytes`. A column `label` or `labels` becomes
    the folder of the photo's name; numbers get the names that the file's metadata contains.

    Args:
        path: str, the folder or the file.
        paths: list of str, the Parquet files.

    Raises:
        UserError: pyarrow is not installed.
    """

    def __init__(self, path, paths):
        super().__init__(path)
        self._paths = paths
        if not importlib.util.find_spec("pyarrow"):
            raise UserError(
                f"--data_dir: {path} contains Parquet files; to read them, "
                "pip install 'tfgan_faces[parquet]'."
            )

    def seekable(self, folder):
        """Returns a source of a file in `folder` with the bytes of all photos.

        Parquet files are compressed in groups of rows, so they can only be read sequentially.
        """
        return UnpackedSource(self, os.path.join(folder, "photos.unpacked"))

    def files(self):
        """Yields the name, size and modification time in ns of each Parquet file."""
        for path in self._paths:
            yield os.path.basename(path), *size_and_time(path)

    def photos(self):
        """Yields a `Photo` for every row."""
        for photo, _ in self.members():
            yield photo

    def members(self):
        """Yields a `Photo` and a function that returns its bytes, for every row."""
        import pyarrow

        for path in self._paths:
            try:
                yield from _rows(path)
            except (OSError, pyarrow.ArrowException) as error:
                raise UserError(f"--data_dir: {path} cannot be read ({error}).") from error


def _rows(path):
    from pyarrow import parquet

    stem, number = os.path.basename(path).removesuffix(SUFFIX), 0
    with as_path(path).open("rb") as stream:
        if not hasattr(stream, "closed"):  # TensorFlow's files lack what pyarrow asks for
            stream.closed = False
        file = parquet.ParquetFile(stream)
        column, label = _columns(file.schema_arrow, path)
        names = _label_names(file.schema_arrow, label)
        for batch in file.iter_batches(_ROWS, columns=[column, *([label] if label else [])]):
            for row in batch.to_pylist():
                name = f"{stem}-{number:06d}"
                if label:
                    name = f"{_name_of(row[label], names)}/{name}"
                content = (row[column] or {}).get("bytes")
                yield Photo(name, refusal=_refusal(content)), lambda content=content: content
                number += 1


def _columns(schema, path):
    """Returns the names of the columns with the photos and with the labels, or None for these."""
    from pyarrow import types

    images = [
        field.name
        for field in schema
        if types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0
    ]
    if not images:
        raise UserError(
            f"--data_dir: {path} has no column of images (structs with bytes). "
            f"Received: the columns {', '.join(schema.names)}"
        )
    labels = (schema.field(name) for name in _LABELS if name in schema.names)
    usable = (
        field.name
        for field in labels
        if types.is_integer(field.type) or types.is_string(field.type)
    )
    return images[0], next(usable, None)


def _label_names(schema, label):
    """Returns the list of names of the numbers in a column, or None."""
    metadata = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    feature = metadata.get("info", {}).get("features", {}).get(label)
    return feature.get("names") if isinstance(feature, dict) else None


def _name_of(label, names):
    is_number = names and isinstance(label, int) and 0 <= label < len(names)
    return str(names[label] if is_number else label).replace("/", "_")


def _refusal(content):
    if not content:
        return "has no bytes"
    return TOO_LARGE if len(content) > MAX_BYTES else None
