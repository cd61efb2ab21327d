"""Measures how training scales over two devices and two processes of one machine.

    python -m benchmarks.scaling

Strong scaling divides one batch among the devices. Weak scaling gives each device a full batch.
The devices share the processors of the machine. Each has one thread, so that two devices have twice
the computing power of one, as two machines would. Also measures the time to sum numbers over two
processes. This gives the constants of docs/scaling.md.
"""

import json
import multiprocessing
import os
import socket
import statistics

from benchmarks.measuring import Side, arguments, ratio, report, run_sides

_BATCH, _SIZE = 32, 32
_SMALL, _LARGE = 1_000, 4_000_000  # numbers in an all-reduce


def main():
    options = arguments(__doc__, rounds=5)
    one = {"replicas": 1, "batch_size": _BATCH}
    sides = [
        Side("one device", "benchmarks.scaling:one_process", one),
        Side("two devices, strong", "benchmarks.scaling:one_process", {**one, "replicas": 2}),
        Side(
            "two devices, weak",
            "benchmarks.scaling:one_process",
            {"replicas": 2, "batch_size": 2 * _BATCH},
        ),
        Side("two processes, strong", "benchmarks.scaling:two_processes", {"batch_size": _BATCH}),
        Side("two processes, weak", "benchmarks.scaling:two_processes", {"batch_size": 2 * _BATCH}),
        *(
            Side(f"sum of {count:,}", "benchmarks.scaling:two_processes_sum", {"count": count})
            for count in (_SMALL, _LARGE)
        ),
    ]
    results = run_sides(sides, options.rounds)
    rows, figures = [], {}
    for side in sides[:5]:
        seconds = statistics.median(results[side.name]["seconds"])
        images = side.arguments["batch_size"] / seconds
        speedup = ratio(results, "one device", side.name) * side.arguments["batch_size"] / _BATCH
        figures[f"{side.name}, images/s"] = round(images, 1)
        figures[f"{side.name}, times one device"] = round(speedup, 2)
        rows.append([side.name, f"{seconds * 1000:.0f}", f"{images:.1f}", f"{speedup:.2f}"])
    small, large = (
        statistics.median(results[f"sum of {count:,}"]["seconds"]) for count in (_SMALL, _LARGE)
    )
    figures["milliseconds of a small sum"] = round(1000 * small, 2)
    # Each of two processes sends half of the numbers twice.
    figures["MB/s of a large sum"] = round(4 * (_LARGE - _SMALL) / (large - small) / 1e6)
    header = ["exercise, 32x32, float32", "ms per step", "images/s", "speed-up"]
    report("Scaling on one machine", header, rows, figures)


def one_process(replicas, batch_size):
    """Returns a function that runs a step on `replicas` logical devices, one thread each."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration()] * replicas
    tf.config.set_logical_device_configuration(cpu, devices)
    _limit_threads(replicas)
    return _step("mirrored" if replicas > 1 else "default", batch_size)


def two_processes(batch_size):
    """Returns a function that runs a step together with another process, one thread each."""
    _start_peer("two_processes", batch_size)
    _limit_threads(1)
    return _step("multiworker", batch_size)


def two_processes_sum(count):
    """Returns a function that sums `count` float32 numbers over two processes."""
    _start_peer("two_processes_sum", count)
    _limit_threads(1)
    import tensorflow as tf

    from tfgan_faces.training.cluster import Cluster

    strategy = Cluster("multiworker").strategy
    values = tf.ones(count)

    @tf.function
    def summed():
        per_replica = strategy.run(lambda: values)
        return strategy.reduce(tf.distribute.ReduceOp.SUM, per_replica, axis=None)

    return lambda: summed().numpy()


def _start_peer(function, argument):
    """Starts the other process, which repeats the same work. Does nothing in that process."""
    if "TF_CONFIG" in os.environ:
        return
    sockets = [socket.socket() for _ in range(2)]
    for free in sockets:
        free.bind(("127.0.0.1", 0))
    workers = [f"127.0.0.1:{free.getsockname()[1]}" for free in sockets]
    for free in sockets:
        free.close()
    configs = [
        json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})
        for index in range(2)
    ]
    process = multiprocessing.get_context("spawn").Process(
        target=_run_peer, args=(configs[1], function, argument), daemon=True
    )
    process.start()
    os.environ["TF_CONFIG"] = configs[0]


def _run_peer(config, function, argument):
    os.environ["TF_CONFIG"] = config
    unit = globals()[function](argument)
    try:
        while True:
            unit()
    except Exception:  # noqa: BLE001  the first process has ended
        os._exit(0)


def _limit_threads(devices):
    """Gives each device one thread."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(devices)


def _step(strategy, batch_size):
    import keras
    import numpy as np

    import tfgan_faces as tg
    from tfgan_faces.training.cluster import Cluster

    cluster = Cluster(strategy)
    keras.utils.set_random_seed(0)
    training = tg.TrainingConfig(balance="none", batch_size=batch_size, precision="float32")
    config = tg.Config(training=training).resolved().training
    with cluster.strategy.scope():
        networks = tg.build_generator("exercise", _SIZE), tg.build_discriminator("exercise", _SIZE)
        trainer = tg.Trainer(*networks, config, cluster.strategy)
    photos = np.random.default_rng(0).integers(0, 256, (4 * batch_size, _SIZE, _SIZE, 3), np.uint8)
    batches = cluster.batches(
        lambda share: tg.batches(photos, batch_size, 0, shard=share), batch_size
    )
    return lambda: float(trainer.train_step(batches)["generator_loss"])


if __name__ == "__main__":
    main()
