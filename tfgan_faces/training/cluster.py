"""The devices and machines that train together, and how they synchronise."""

import contextlib
import hashlib
import json
import os

import numpy as np
import tensorflow as tf

from tfgan_faces.errors import UserError

# Errors that collective operations raise when another process is gone.
_LOST_WORKER_ERRORS = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)


class Cluster:
    """The processes that train together, each with one or more devices.

    Create it before any other use of TensorFlow, which must know the other machines from the
    start.

    Args:
        name: `"default"` for one device, `"mirrored"` for all devices of this machine,
            `"multiworker"` for the devices of all machines that the environment variable
            TF_CONFIG lists.

    Attributes:
        strategy: the `tf.distribute.Strategy`; networks must be built under its scope.
        index, count: ints, this process's index and the number of processes; 0 is the chief.
        local_replicas: int, the number of devices of this process.

    Raises:
        UserError: TF_CONFIG is missing or invalid.
    """

    def __init__(self, name="default"):
        self.index, self.count = _index_and_count(name)
        self.strategy = _strategy(name)
        self.local_replicas = self.strategy.num_replicas_in_sync // self.count
        self._sum = tf.function(self._sum_over_workers, reduce_retracing=True)

    @property
    def is_chief(self):
        """Whether this process writes the files that all processes share."""
        return self.index == 0

    def largest(self, values):
        """Returns the element-wise maximum of all workers' values.

        Args:
            values: list of numbers, of the same length on every worker.
        """
        if self.count == 1:
            return values
        rows = np.zeros((self.count, len(values)))
        rows[self.index] = values
        return self._sum(tf.constant(rows)).numpy().max(0).tolist()

    def wait(self):
        """Waits until all workers have called this."""
        self.largest([0.0])

    def end_together(self):
        """Waits until all workers are about to end, so that none ends while others need it.

        Other workers may end before this call returns, so the errors of lost workers are ignored.
        """
        with contextlib.suppress(*_LOST_WORKER_ERRORS):
            self.wait()

    @contextlib.contextmanager
    def chief_first(self):
        """Returns a context that the chief leaves before the other workers enter it."""
        if not self.is_chief:
            self.wait()
        yield
        if self.is_chief:
            self.wait()

    def check_same(self, settings):
        """Raises UserError unless all workers have the same settings.

        Args:
            settings: JSON-serialisable dict.
        """
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
        number = float(int(digest[:12], 16))  # 48 bits are exact in a double
        if self.largest([number, -number]) != [number, -number]:
            self.end_together()
            raise UserError(
                "--strategy=multiworker: the workers have different settings; give all of them "
                "the same flags."
            )

    @contextlib.contextmanager
    def report_lost_workers(self):
        """Converts the errors that a lost worker causes into a UserError.

        Raises:
            UserError: another worker was lost.
        """
        try:
            yield
        except _LOST_WORKER_ERRORS as error:
            if self.count == 1:
                raise
            raise UserError(
                f"--strategy=multiworker: worker {self.index} of {self.count} lost contact with "
                f"another worker ({type(error).__name__}). Run the same command again on every "
                "machine: the training resumes from the last checkpoint."
            ) from error

    def batches(self, build, batch_size):
        """Returns an iterator of batches for `Trainer`; each worker produces its rows of them.

        Args:
            build: callable of a worker's shard, a pair (index, count), that returns a
                `tf.data.Dataset` of the worker's rows of every batch.
            batch_size: int, over all workers.
        """
        if self.strategy.num_replicas_in_sync == 1:
            return iter(build((0, 1)))

        def shard(context):
            rows = build((context.input_pipeline_id, context.num_input_pipelines))
            return rows.rebatch(context.get_per_replica_batch_size(batch_size))

        return iter(self.strategy.distribute_datasets_from_function(shard))

    def _sum_over_workers(self, values):
        replicas = self.strategy.run(lambda values: values, args=(values,))
        total = self.strategy.reduce(tf.distribute.ReduceOp.SUM, replicas, axis=None)
        return total / self.local_replicas


def _strategy(name):
    if name == "default":
        return tf.distribute.get_strategy()
    if name == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.MultiWorkerMirroredStrategy()


def _index_and_count(name):
    """Returns this process's index and the number of processes."""
    if name != "multiworker":
        return 0, 1
    try:
        content = json.loads(os.environ["TF_CONFIG"])
        cluster = content["cluster"]
        tasks = [
            (job, index)
            for job in ("chief", "worker")
            for index in range(len(cluster.get(job, ())))
        ]
        task = content["task"]
        return tasks.index((task["type"], int(task["index"]))), len(tasks)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            "--strategy=multiworker needs the environment variable TF_CONFIG, which lists the "
            "addresses of all workers and this worker's index, see docs/scaling.md. "
            f"Received: {os.environ.get('TF_CONFIG')!r}"
        ) from error
