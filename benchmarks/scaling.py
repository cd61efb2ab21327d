"""How training scales over two devices and two processes of this one machine.

    python -m benchmarks.scaling

Strong scaling divides one batch, weak scaling gives each device a batch of its own. The
devices share the machine's processors: every device of a comparison has one thread, so that
two have twice the processor of one, as two machines would. Also measured: what it takes to sum
numbers over two processes, the constants of docs/scaling.md.
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
    # Two processes send half of the numbers twice.
    figures["MB/s of a large sum"] = round(4 * (_LARGE - _SMALL) / (large - small) / 1e6)
    header = ["exercise, 32x32, float32", "ms a step", "images/s", "times one device"]
    report("Scaling on one machine", header, rows, figures)


def one_process(replicas, batch_size):
    """Returns a function that does a step on some logical devices, one thread each."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration()] * replicas
    tf.config.set_logical_device_configuration(cpu, devices)
    _one_thread(replicas)
    return _step("mirrored" if replicas > 1 else "default", batch_size)


def two_processes(batch_size):
    """Returns a function that does a step together with another process, one thread each."""
    _join("two_processes", batch_size)
    _one_thread(1)
    return _step("multiworker", batch_size)


def two_processes_sum(count):
    """Returns a function that sums so many float32 numbers over two processes."""
    _join("two_processes_sum", count)
    _one_thread(1)
    import tensorflow as tf

    from tfgan_faces.training.cluster import Cluster

    strategy = Cluster("multiworker").strategy
    values = tf.ones(count)

    @tf.function
    def summed():
        every = strategy.run(lambda: values)
        return strategy.reduce(tf.distribute.ReduceOp.SUM, every, axis=None)

    return lambda: summed().numpy()


def _join(function, argument):
    """Starts the other process, unless this is it; it does the same for ever."""
    if "TF_CONFIG" in os.environ:
        return
    sockets = [socket.socket() for _ in range(2)]
    for it in sockets:
        it.bind(("127.0.0.1", 0))
    workers = [f"127.0.0.1:{it.getsockname()[1]}" for it in sockets]
    for it in sockets:
        it.close()
    configs = [
        json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})
        for index in range(2)
    ]
    process = multiprocessing.get_context("spawn").Process(
        target=_follow, args=(configs[1], function, argument), daemon=True
    )
    process.start()
    os.environ["TF_CONFIG"] = configs[0]


def _follow(config, function, argument):
    os.environ["TF_CONFIG"] = config
    unit = globals()[function](argument)
    try:
        while True:
            unit()
    except Exception:  # noqa: BLE001  the end of the other one
        os._exit(0)


def _one_thread(devices):
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
        lambda share: tg.batches(photos, batch_size, 0, share=share), batch_size
    )
    return lambda: float(trainer.train_step(batches)["generator_loss"])


if __name__ == "__main__":
    main()
