"""Photos read out of the prepared records themselves, without a decoded copy of them."""

import array
import hashlib
import io
import itertools
import re

import numpy as np
import tensorflow as tf

from tfgan_faces.data.batches.digests import remembered
from tfgan_faces.data.batches.people import held_out_of
from tfgan_faces.data.batches.pipeline import SIDES
from tfgan_faces.storage.files import names_in, write_whole
from tfgan_faces.storage.locking import locked
from tfgan_faces.storage.paths import is_remote
from tfgan_faces.storage.random_reads import reading_at, size_and_time

_AT_ONCE = 256
# As `write_whole` names it.
_LEFTOVER = re.compile(rf"\.({'|'.join(SIDES)})\.places\.npy\.[0-9]+")
_HEADER, _FOOTER = 12, 4  # bytes about each record of a TFRecord file: its length and checksums


class RecordPhotos:
    """Photos in record files, indexed by slices and sequences of places.

    The pixels lie in the records as they are, so that they can be read from where they begin.
    Memory is that of what is asked, and the pages of the index that are in use.

    Args:
        files: list of str, the record files (shards).
        index: int64 array [count, 2], a photo's file and the byte where its pixels begin, in
            the order of the records.
        image_size: int, height and width of the photos.
        note: path of the file in which the digest is noted.

    Attributes:
        shape: (count, image_size, image_size, 3).
        shard_counts: int64 array [number of files], the photos in each.
    """

    def __init__(self, files, index, image_size, note):
        self._files, self._index, self._note = files, index, note
        self.shape = (len(index), image_size, image_size, 3)
        self.shard_counts = np.bincount(index[:, 0], minlength=len(files))

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, places):
        """Returns the photos of a slice, or of a sequence of ints, as a uint8 array.

        They are read in the order of the files, whatever the order of the places.
        """
        if isinstance(places, slice):
            places = range(*places.indices(len(self)))
        places = np.asarray(places, np.int64)
        for place in places[(places < 0) | (places >= len(self))]:
            raise IndexError(f"there are {len(self)} photos. Received: {place}")
        photos = np.empty((len(places), *self.shape[1:]), np.uint8)
        rows = np.argsort(places)
        found = zip(rows.tolist(), self._index[places[rows]].tolist())
        for shard, of_shard in itertools.groupby(found, lambda entry: entry[1][0]):
            self._read(self._files[shard], of_shard, photos.reshape(len(places), -1))
        return photos

    def _read(self, path, entries, rows):
        """Reads a shard's photos into rows; entries are `(row, [shard, first byte])`."""
        with reading_at(path) as read:
            for row, (_, first) in entries:
                content = read(first, rows.shape[1])
                if len(content) != rows.shape[1]:
                    raise OSError(f"{path} ends within a photo, at byte {first}")
                rows[row] = np.frombuffer(content, np.uint8)

    def digest(self):
        """Returns the SHA-256 of all photos, in hexadecimal; noted beside the records."""
        stamp = [size_and_time(path) for path in self._files]
        return remembered(self._note, [list(found) for found in stamp], self._digest)

    def _digest(self):
        digest = hashlib.sha256()
        for first in range(0, len(self), _AT_ONCE):
            digest.update(self[first : first + _AT_ONCE])
        return digest.hexdigest()


def read_records(builder, people="training"):
    """Returns prepared photos of a TFDS builder, to be read out of its records.

    The first time, all records are gone through to note where their pixels begin, in files
    beside them of 16 bytes a photo. A tenth of the people is held out.

    Args:
        builder: prepared TFDS builder.
        people: `"training"` or `"held_out"`.

    Returns:
        `RecordPhotos`, in the order of the shards.
    """
    folder = builder.data_path
    paths = {side: folder / f"{side}.places.npy" for side in SIDES}
    files = [str(path) for path in builder.info.splits["train"].filepaths]
    if not all(path.exists() for path in paths.values()):
        with locked(str(folder / ".places.lock")):
            if not all(path.exists() for path in paths.values()):
                _write_places(files, paths)
    path = paths[people]
    remote = is_remote(path)  # where nothing can be mapped
    index = np.load(io.BytesIO(path.read_bytes())) if remote else np.load(path, mmap_mode="r")
    size = builder.info.features["image"].shape[0]
    return RecordPhotos(files, index, size, folder / f"{people}.sha256")


def _write_places(files, paths):
    folder = paths["training"].parent
    for name in names_in(folder):
        if _LEFTOVER.fullmatch(name):
            (folder / name).unlink()  # of a killed process: the lock is held
    shards, firsts = array.array("q"), array.array("q")
    out = held_out_of(_noting_places(files, shards, firsts))
    index = np.stack([shards, firsts], axis=1)
    for side, path in paths.items():
        content = io.BytesIO()
        np.save(content, index[out == (side == "held_out")])
        write_whole(path, content.getvalue())


def _noting_places(files, shards, firsts):
    """Yields each record's person and name, and notes its file and the first of its pixels."""
    for shard, path in enumerate(files):
        begin = 0
        for record in _records(path):
            features = tf.train.Example.FromString(record).features.feature
            image, person, name = (_bytes(features, key) for key in ("image", "label", "name"))
            shards.append(shard)
            # Where these bytes stand first is as good as where the image stands.
            firsts.append(begin + _HEADER + record.index(image))
            yield person.decode(), name.decode()
            begin += _HEADER + len(record) + _FOOTER


def _records(path):
    for records in tf.data.TFRecordDataset(path).batch(_AT_ONCE).as_numpy_iterator():
        yield from records


def _bytes(features, name):
    """Returns a feature's one value; drawn faces have no label."""
    return features[name].bytes_list.value[0] if name in features else b""
