"""The devices and machines that share a training, and what they must agree on."""

import contextlib
import hashlib
import json
import os

import numpy as np
import tensorflow as tf

from tfgan_faces.errors import UserError

# What collective operations end with when another process is gone.
_LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)


class Cluster:
    """The processes that train together, each with one or more devices.

    To be made before any other work of TensorFlow's, which must know of the other machines from
    the start.

    Args:
        name: `"default"` for one device, `"mirrored"` for all devices of this machine,
            `"multiworker"` for those of all machines that the variable TF_CONFIG lists.

    Attributes:
        strategy: the `tf.distribute.Strategy` under whose scope networks are to be built.
        index, count: ints, this process among all of them; the first is the chief.
        local_replicas: int, the devices of this process.

    Raises:
        UserError: TF_CONFIG is missing or is not what TensorFlow expects.
    """

    def __init__(self, name="default"):
        self.index, self.count = _place(name)
        self.strategy = _strategy(name)
        self.local_replicas = self.strategy.num_replicas_in_sync // self.count
        self._sum = tf.function(self._sum_over_workers, reduce_retracing=True)

    @property
    def is_chief(self):
        """Whether this process writes what is to be written once."""
        return self.index == 0

    def largest(self, values):
        """Returns the largest of all workers' values, place by place.

        Args:
            values: list of numbers, on every worker equally many.
        """
        if self.count == 1:
            return values
        mine = np.zeros((self.count, len(values)))
        mine[self.index] = values
        return self._sum(tf.constant(mine)).numpy().max(0).tolist()

    def wait(self):
        """Returns when all workers have called this."""
        self.largest([0.0])

    def end_together(self):
        """Returns when all workers are about to end, so that none misses one that has ended.

        Some may leave this call, and end, before others do: that is no loss any more.
        """
        with contextlib.suppress(*_LOST):
            self.wait()

    @contextlib.contextmanager
    def chief_first(self):
        """A context that the chief goes through before the others enter it."""
        if not self.is_chief:
            self.wait()
        yield
        if self.is_chief:
            self.wait()

    def check_same(self, settings):
        """Raises UserError unless all workers have the same settings.

        Args:
            settings: JSON-able dict.
        """
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
        number = float(int(digest[:12], 16))  # 48 bits, which a double holds
        if self.largest([number, -number]) != [number, -number]:
            self.end_together()
            raise UserError(
                "--strategy=multiworker: the workers have different settings; give all of them "
                "the same flags."
            )

    @contextlib.contextmanager
    def report_lost_workers(self):
        """Turns the errors that a lost worker causes into one sentence.

        Raises:
            UserError: instead of those errors.
        """
        try:
            yield
        except _LOST as error:
            if self.count == 1:
                raise
            raise UserError(
                f"--strategy=multiworker: worker {self.index} of {self.count} has lost another one "
                f"({type(error).__name__}). Give the same command on every machine "
                "again: the training goes on from the last checkpoint."
            ) from error

    def batches(self, build, batch_size):
        """Returns an iterator of batches for `Trainer`, of which each worker makes its own rows.

        Args:
            build: callable of a worker's shard, a pair (index, count), that returns the
                `tf.data.Dataset` of its rows of every batch.
            batch_size: int, of all workers together.
        """
        if self.strategy.num_replicas_in_sync == 1:
            return iter(build((0, 1)))

        def part(context):
            rows = build((context.input_pipeline_id, context.num_input_pipelines))
            return rows.rebatch(context.get_per_replica_batch_size(batch_size))

        return iter(self.strategy.distribute_datasets_from_function(part))

    def _sum_over_workers(self, mine):
        every = self.strategy.run(lambda values: values, args=(mine,))
        return (
            self.strategy.reduce(tf.distribute.ReduceOp.SUM, every, axis=None) / self.local_replicas
        )


def _strategy(name):
    if name == "default":
        return tf.distribute.get_strategy()
    if name == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.MultiWorkerMirroredStrategy()


def _place(name):
    """Returns this process' index and the number of processes."""
    if name != "multiworker":
        return 0, 1
    try:
        content = json.loads(os.environ["TF_CONFIG"])
        cluster = content["cluster"]
        everyone = [
            (job, index)
            for job in ("chief", "worker")
            for index in range(len(cluster.get(job, ())))
        ]
        task = content["task"]
        return everyone.index((task["type"], int(task["index"]))), len(everyone)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            "--strategy=multiworker needs the variable TF_CONFIG, which lists the addresses of all "
            "workers and says which one this is, as docs/scaling.md shows. "
            f"Received: {os.environ.get('TF_CONFIG')!r}"
        ) from error
