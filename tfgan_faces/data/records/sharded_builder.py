"""Base class of the TFDS builders: record order, shards, and reports of skipped items."""

import dataclasses
import functools
import io
import json
import math
import pickle
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import hashing
from tensorflow_datasets.core.utils import shard_utils

from tfgan_faces.data.records.record_writer import StableRecordWriter
from tfgan_faces.errors import UserError
from tfgan_faces.machine.progress import progress_bar
from tfgan_faces.storage.paths import is_remote

REFUSED = "refused.npy"
MAX_REFUSED = 24
_SPLIT = "train"
_SHARD_BYTES = 16 << 20  # pixels only; limited, as a shard is in memory until it is written


class ShardedBuilder(tfds.core.ShardBasedBuilder):
    """Writes shards one by one, each from its part of the items, locally or in Beam workers.

    The order of the items is fixed before any is read: they are sorted by the hash of their
    keys, as TFDS shuffles records, and divided into equal parts. The concatenated shards
    therefore contain the same records in the same order, independent of the number of shards
    and of the process that writes them. At most one shard is held in memory.
    """

    progress = "Preparing"  # title of the progress bar

    def _items(self, dl_manager):
        """Returns `(items, examples)`.

        `items` is a list of `Item`s. `examples` is a function, pickled for the workers, that
        converts a list of items to `(item, function that returns its examples or raises)` pairs
        in the same order.
        """
        raise NotImplementedError

    def _no_records_error(self, skipped):
        """Returns the error to raise for a data set without records."""
        raise NotImplementedError

    def _example_writer(self):
        return StableRecordWriter()

    def _download_and_prepare(self, dl_manager, download_config=None):
        self._config = download_config or tfds.download.DownloadConfig()
        # All workers can access the records' folder, and TFDS removes it after an error.
        self._scratch = self.data_path / "scratch"
        self._scratch.mkdir()
        with tempfile.TemporaryDirectory(prefix="tfgan_faces_") as local_folder:
            # Without Beam, only this process reads copies of archives, so they can be local.
            use_local = is_remote(self._scratch) and self._config.beam_runner is None
            self._copies = local_folder if use_local else self._scratch
            super()._download_and_prepare(dl_manager, self._config)
        reports = [json.loads(shard.report.read_text()) for shard in self._shards]
        lengths = [report["written"] for report in reports]
        # With Beam, TFDS sorts shard lengths by the shard numbers as text: 0, 1, 10, 2.
        split = self.info.splits[_SPLIT].replace(shard_lengths=lengths)
        self.info.set_splits(tfds.core.splits.SplitDict([split]))
        skipped = sorted(skip for report in reports for skip in report["skipped"])
        skipped = [{"file": name, "reason": reason} for _, name, reason in skipped]
        if not any(lengths):
            raise self._no_records_error(skipped)
        self.info.metadata.update(photos=sum(lengths), skipped=skipped)
        self._save_refused([photo for report in reports for photo in report["refused"]])
        self._scratch.rmtree()
        for leftover in self.data_path.glob("*.shard_infos.json"):  # from TFDS with Beam
            leftover.unlink()

    def _save_refused(self, refused):
        """Saves the pictures of some skipped items, for a contact sheet."""
        if refused:
            thumbnails = [thumbnail for _, thumbnail in sorted(refused)[:MAX_REFUSED]]
            buffer = io.BytesIO()
            np.save(buffer, np.uint8(thumbnails))
            (self.data_path / REFUSED).write_bytes(buffer.getvalue())

    def _shard_iterators_per_split(self, dl_manager):
        items, examples = self._items(dl_manager)
        if not items:
            raise self._no_records_error([])
        hasher = hashing.Hasher(_SPLIT)
        items.sort(key=lambda item: hasher.hash_key(item.key))
        ends = shard_utils.get_shard_boundaries(len(items), self._shard_count(len(items)))
        self._shards = [Shard(self._scratch, number, examples) for number in range(len(ends))]
        for shard, first, end in zip(self._shards, [0, *ends], ends):
            shard.items.write_bytes(pickle.dumps(items[first:end]))
        if self._config.beam_runner is not None:
            return {_SPLIT: self._shards}
        bar = progress_bar(desc=self.progress, total=len(items))
        return {_SPLIT: _with_progress(self._shards, bar)}

    def _shard_count(self, item_count):
        image_bytes = math.prod(self.info.features["image"].shape)  # uint8
        shards = self._config.num_shards or math.ceil(item_count * image_bytes / _SHARD_BYTES)
        return min(shards, item_count)


class Item(NamedTuple):
    """The input of one record.

    Attributes:
        index: int, index in the source; skipped items are listed in this order.
        key: int or str, determines the position of the record.
        content: any object that can be pickled.
    """

    index: int
    key: int | str
    content: Any = None


@dataclasses.dataclass(frozen=True)
class Shard:
    """Yields the examples of one shard, then writes a report of their count and skipped items.

    Its items are stored in a file to keep Beam's pipeline, which contains all shards, small.

    Attributes:
        folder: `etils.epath.Path`, folder of the items and the report.
        number: int, index of the shard.
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
        """Path of the JSON report."""
        return self.folder / f"{self.number}.json"

    def __call__(self):
        """Yields `(key, example)` pairs, as required by TFDS."""
        written, skipped, refused = 0, [], []
        for item, get_examples in self.examples(pickle.loads(self.items.read_bytes())):
            try:
                examples = get_examples()
            except (tf.errors.OpError, UserError):  # not the photo's fault
                raise
            except Exception as error:  # PIL raises many types of errors for damaged files
                skipped.append((item.index, item.key, f"{error}"))
                if hasattr(error, "thumbnail") and len(refused) < MAX_REFUSED:
                    refused.append((item.index, error.thumbnail.tolist()))
                continue
            written += len(examples)
            # TFDS counts the keys, so the examples of an item need different ones.
            for number, example in enumerate(examples):
                yield f"{item.key}#{number}" if number else item.key, example
        report = {"written": written, "skipped": skipped, "refused": refused}
        self.report.write_text(json.dumps(report))


def _with_progress(shards, bar):
    """Returns functions that yield the shards' examples and update the progress bar.

    The last shard closes the bar.
    """

    def yield_examples(shard):
        for example in shard():
            bar.update()
            yield example
        if shard is shards[-1]:
            bar.close()

    return [functools.partial(yield_examples, shard) for shard in shards]
