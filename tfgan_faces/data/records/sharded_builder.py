"""What both TFDS builders share: the order of records, their shards, and what was skipped."""

import dataclasses
import functools
import json
import math
import pickle
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import hashing
from tensorflow_datasets.core.utils import shard_utils

from tfgan_faces.data.records.record_writer import StableRecordWriter
from tfgan_faces.errors import UserError
from tfgan_faces.machine.progress import progress_bar
from tfgan_faces.storage.paths import is_remote

_SPLIT = "train"
_SHARD_BYTES = 16 << 20  # of pixels; a shard is in memory until it is written


class ShardedBuilder(tfds.core.ShardBasedBuilder):
    """Writes shard after shard, each from its own part of the items, here or in Beam's workers.

    Which item stands where is decided before any is read: they are sorted by the hash of
    their keys (TFDS's own shuffling) and cut into equal parts. So the records, one shard
    after the other, are the same ones in the same order whatever the number of shards and
    whoever writes them, and no more than a shard is held in memory.
    """

    progress = "Preparing"  # the bar's title

    def _items(self, dl_manager):
        """Returns `(items, examples)`.

        `items` are `Item`s; `examples`, which is pickled for the workers, turns some of them
        into `(item, function that returns its example or raises)` pairs, in their order.
        """
        raise NotImplementedError

    def _none_found(self, skipped):
        """Returns the error of a data set without a single record."""
        raise NotImplementedError

    def _example_writer(self):
        return StableRecordWriter()

    def _download_and_prepare(self, dl_manager, download_config=None):
        self._config = download_config or tfds.download.DownloadConfig()
        # In the records' folder, which all workers reach, and which goes if this fails.
        self._scratch = self.data_path / "scratch"
        self._scratch.mkdir()
        with tempfile.TemporaryDirectory(prefix="tfgan_faces_") as here:
            # Copies of archives need not go through a store when this process alone reads them.
            far = is_remote(self._scratch) and self._config.beam_runner is None
            self._copies = here if far else self._scratch
            super()._download_and_prepare(dl_manager, self._config)
        reports = [json.loads(shard.report.read_text()) for shard in self._shards]
        lengths = [report["written"] for report in reports]
        # With Beam, TFDS sorts the lengths of shards by their numbers as text: 0, 1, 10, 2.
        split = self.info.splits[_SPLIT].replace(shard_lengths=lengths)
        self.info.set_splits(tfds.core.splits.SplitDict([split]))
        skipped = sorted(skip for report in reports for skip in report["skipped"])
        skipped = [{"file": name, "reason": reason} for _, name, reason in skipped]
        if not any(lengths):
            raise self._none_found(skipped)
        self.info.metadata.update(photos=sum(lengths), skipped=skipped)
        self._scratch.rmtree()
        for leftover in self.data_path.glob("*.shard_infos.json"):  # of TFDS with Beam
            leftover.unlink()

    def _shard_iterators_per_split(self, dl_manager):
        items, examples = self._items(dl_manager)
        if not items:
            raise self._none_found([])
        hasher = hashing.Hasher(_SPLIT)
        items.sort(key=lambda item: hasher.hash_key(item.key))
        ends = shard_utils.get_shard_boundaries(len(items), self._shard_count(len(items)))
        self._shards = [Shard(self._scratch, number, examples) for number in range(len(ends))]
        for shard, first, end in zip(self._shards, [0, *ends], ends):
            shard.items.write_bytes(pickle.dumps(items[first:end]))
        if self._config.beam_runner is not None:
            return {_SPLIT: self._shards}
        return {_SPLIT: _watched(self._shards, progress_bar(desc=self.progress, total=len(items)))}

    def _shard_count(self, count):
        size = count * math.prod(self.info.features["image"].shape)  # of uint8
        wanted = self._config.num_shards or math.ceil(size / _SHARD_BYTES)
        return min(wanted, count)


class Item(NamedTuple):
    """What one record is to be made of.

    Attributes:
        place: int, its place in the source; skipped items are listed in this order.
        key: int or str, decides where the record stands.
        content: anything that can be pickled.
    """

    place: int
    key: int | str
    content: Any = None


@dataclasses.dataclass(frozen=True)
class Shard:
    """Yields the examples of one shard, then writes how many there were and what was skipped.

    Its items are in a file, so that Beam's pipeline, which holds all shards, stays small.

    Attributes:
        folder: `etils.epath.Path` of the folder of its files.
        number: int.
        examples: see `ShardedBuilder._items`.
    """

    folder: Any
    number: int
    examples: Callable

    @property
    def items(self):
        """Path of the pickled list of `Item`s."""
        return self.folder / f"{self.number}.items"

    @property
    def report(self):
        """Path of the JSON file to write."""
        return self.folder / f"{self.number}.json"

    def __call__(self):
        """Yields `(key, example)` pairs, as TFDS wants it."""
        written, skipped = 0, []
        for item, outcome in self.examples(pickle.loads(self.items.read_bytes())):
            try:
                example = outcome()
            except (tf.errors.OpError, UserError):  # a store or disk that does not answer
                raise  # it is no fault of the photo's
            except Exception as error:  # PIL raises a dozen kinds of them for broken files
                skipped.append((item.place, item.key, f"{error}"))
                continue
            written += 1
            yield item.key, example
        self.report.write_text(json.dumps({"written": written, "skipped": skipped}))


def _watched(shards, bar):
    """Returns the shards so that the bar, closed with the last of them, tells how far they are."""

    def watch(shard):
        for example in shard():
            bar.update()
            yield example
        if shard is shards[-1]:
            bar.close()

    return [functools.partial(watch, shard) for shard in shards]
