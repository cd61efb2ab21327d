"""Photos read directly from the prepared records, without a decoded copy."""

import array
import io
import itertools
import re

import numpy as np
import tensorflow as tf

from tfgan_faces.config.defaults import HELD_OUT
from tfgan_faces.data.batches import streaming
from tfgan_faces.data.batches.digests import remembered
from tfgan_faces.data.batches.people import SIDES, file_name, held_out_of
from tfgan_faces.data.batches.photos import Photos
from tfgan_faces.storage.files import names_in, write_atomic
from tfgan_faces.storage.locking import locked
from tfgan_faces.storage.paths import is_remote
from tfgan_faces.storage.random_reads import reading_at, size_and_time

_READ_BATCH = 256
# The temporary file names of `write_atomic`.
_LEFTOVER = re.compile(rf"\.({'|'.join(SIDES)})(-[0-9.e-]+)?\.places\.npy\.[0-9]+")
# Bytes before and after each record of a TFRecord file: its length and the checksums.
_HEADER, _FOOTER = 12, 4


class RecordPhotos(Photos):
    """Photos in record files, indexed by slices and sequences of ints.

    Records store uncompressed pixels, so a photo is read from a known offset. Only the
    requested photos and the index pages in use are held in memory.

    Args:
        files: list of str, paths of the record files (shards).
        index: int64 array [count, 2], for each photo its file's index and the byte offset of
            its pixels, in the order of the records.
        image_size: int, height and width of the photos.
        note: path of the file that caches the digest.

    Attributes:
        shape: (count, image_size, image_size, 3).
        shard_counts: int64 array [number of files], the number of photos in each file.
    """

    def __init__(self, files, index, image_size, note):
        self._files, self._index, self._note = files, index, note
        self.shape = (len(index), image_size, image_size, 3)
        self.shard_counts = np.bincount(index[:, 0], minlength=len(files))

    def __getitem__(self, indices):
        """Returns the photos of a slice, or of a sequence of ints, as a uint8 array.

        Photos are read in file order, independent of the order of the indices.
        """
        if isinstance(indices, slice):
            indices = range(*indices.indices(len(self)))
        indices = np.asarray(indices, np.int64)
        for index in indices[(indices < 0) | (indices >= len(self))]:
            raise IndexError(
                f"`indices` must be at least 0 and less than {len(self)}, the number of photos. "
                f"Received: {index}"
            )
        photos = np.empty((len(indices), *self.shape[1:]), np.uint8)
        rows = np.argsort(indices)
        entries = zip(rows.tolist(), self._index[indices[rows]].tolist())
        for shard, shard_entries in itertools.groupby(entries, lambda entry: entry[1][0]):
            self._read(self._files[shard], shard_entries, photos.reshape(len(indices), -1))
        return photos

    def _read(self, path, entries, rows):
        """Reads a shard's photos into `rows`; entries are `(row, [shard, byte offset])`."""
        with reading_at(path) as read:
            for row, (_, offset) in entries:
                content = read(offset, rows.shape[1])
                if len(content) != rows.shape[1]:
                    raise OSError(f"{path} ends within the photo at byte {offset}")
                rows[row] = np.frombuffer(content, np.uint8)

    def digest(self):
        """Returns the hexadecimal SHA-256 of all photos, cached in the records' folder."""
        stamp = [size_and_time(path) for path in self._files]
        return remembered(self._note, [list(entry) for entry in stamp], super().digest)

    def batches(self, batch_size, seed, first_iteration=0, shard=(0, 1)):
        """Returns endless batches, see `streaming.batches`."""
        return streaming.batches(self, batch_size, seed, first_iteration, shard)


def read_records(builder, people="training", share=HELD_OUT):
    """Returns prepared photos of a TFDS builder, read on demand from its records.

    The first call scans all records and writes the byte offsets of their pixels to files in
    the same folder, at 16 bytes per photo.

    Args:
        builder: prepared TFDS builder.
        people: `"training"` or `"held_out"`.
        share: float, the share of the people that is held out.

    Returns:
        `RecordPhotos`, in the order of the shards.
    """
    folder = builder.data_path
    paths = {side: folder / f"{file_name(side, share)}.places.npy" for side in SIDES}
    files = [str(path) for path in builder.info.splits["train"].filepaths]
    if not all(path.exists() for path in paths.values()):
        with locked(str(folder / ".places.lock")):
            if not all(path.exists() for path in paths.values()):
                _write_index(files, paths, share)
    path = paths[people]
    remote = is_remote(path)  # remote files cannot be memory-mapped
    index = np.load(io.BytesIO(path.read_bytes())) if remote else np.load(path, mmap_mode="r")
    size = builder.info.features["image"].shape[0]
    return RecordPhotos(files, index, size, folder / f"{file_name(people, share)}.sha256")


def _write_index(files, paths, share):
    folder = paths["training"].parent
    for name in names_in(folder):
        if _LEFTOVER.fullmatch(name):
            (folder / name).unlink()  # from a killed process, as this one holds the lock
    shards, offsets = array.array("q"), array.array("q")
    is_held_out = held_out_of(_scan(files, shards, offsets), share)
    index = np.stack([shards, offsets], axis=1)
    for side, path in paths.items():
        content = io.BytesIO()
        np.save(content, index[is_held_out == (side == "held_out")])
        write_atomic(path, content.getvalue())


def _scan(files, shards, offsets):
    """Yields each record's person and name; appends its file's index and its pixels' offset."""
    for shard, path in enumerate(files):
        start = 0
        for record in _records(path):
            features = tf.train.Example.FromString(record).features.feature
            image, person, name = (_bytes(features, key) for key in ("image", "label", "name"))
            shards.append(shard)
            # An earlier occurrence of the same bytes would serve as well.
            offsets.append(start + _HEADER + record.index(image))
            yield person.decode(), name.decode()
            start += _HEADER + len(record) + _FOOTER


def _records(path):
    for records in tf.data.TFRecordDataset(path).batch(_READ_BATCH).as_numpy_iterator():
        yield from records


def _bytes(features, name):
    """Returns the single value of a feature, or empty bytes: drawn faces have no label."""
    return features[name].bytes_list.value[0] if name in features else b""
