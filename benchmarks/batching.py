"""Measures the effect of request batching, with the scheduler that TF Serving uses.

    python -m benchmarks.batching MODEL_FOLDER

TensorFlow's BatchFunction is the scheduler behind TF Serving's --enable_batching. Client threads
request one face at a time, without HTTP, so that only the scheduler and the model are measured.
All settings are measured in turns. Prints a row for each setting and number of clients.
"""

import argparse
import threading
import time

import numpy as np
import tensorflow as tf

from benchmarks.measuring import describe_machine
from tfgan_faces.serving.publishing import newest_version

_CLIENTS = (1, 8, 32)
_SETTINGS = (  # allowed batch sizes, timeout in microseconds
    (None, None),
    ((1, 4, 16), 0),
    ((1, 4, 16), 2000),
    ((1, 4, 16), 5000),
    ((1, 8, 32), 2000),
    ((1, 2, 4, 8, 16), 2000),
)
_ROUNDS = 3


def main():
    """Prints the medians over the rounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", help="folder of numbered versions")
    parser.add_argument("--seconds", type=float, default=1.5, help="duration of each measurement")
    arguments = parser.parse_args()
    predict = tf.saved_model.load(newest_version(arguments.models)).signatures["sample_png"]
    functions = {setting: _batched(predict, *setting) for setting in _SETTINGS}
    found = {(setting, clients): [] for setting in _SETTINGS for clients in _CLIENTS}
    for _ in range(_ROUNDS):
        for setting, clients in found:
            found[setting, clients].append(_measure(functions[setting], clients, arguments.seconds))
    print(describe_machine())
    print("| batch sizes | timeout, ms | clients | images/s | p50 ms | p95 ms | p99 ms |")
    print("|---|---|---|---|---|---|---|")
    for ((sizes, timeout), clients), rounds in found.items():
        rate, p50, p95, p99 = np.median(rounds, 0)
        name = "no batching" if sizes is None else ", ".join(map(str, sizes))
        wait = "" if timeout is None else f"{timeout / 1000:g}"
        print(f"| {name} | {wait} | {clients} | {rate:.0f} | {p50:.1f} | {p95:.1f} | {p99:.1f} |")


def _batched(predict, sizes, timeout):
    def faces(seed, truncation):
        return predict(seed=seed, truncation=truncation)["png_bytes"]

    if sizes is not None:
        faces = tf.nondifferentiable_batch_function(
            num_batch_threads=2,
            max_batch_size=sizes[-1],
            batch_timeout_micros=timeout,
            allowed_batch_sizes=list(sizes),
            max_enqueued_batches=64,
        )(faces)
    specs = [tf.TensorSpec((None,), tf.int64), tf.TensorSpec((None,), tf.float32)]
    run = tf.function(faces, input_signature=specs)
    run(tf.constant([0], tf.int64), tf.constant([1.0]))
    return run


def _measure(run, clients, seconds):
    """Returns images per second and the 50th, 95th and 99th percentile of latency in ms."""
    times, begin = [], time.perf_counter()

    def send_requests(client):
        seed = 1000 * client
        while (sent := time.perf_counter()) < begin + seconds:
            seed += 1
            run(tf.constant([seed], tf.int64), tf.constant([1.0])).numpy()
            times.append(time.perf_counter() - sent)

    threads = [threading.Thread(target=send_requests, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / (time.perf_counter() - begin), *(1000 * np.percentile(times, (50, 95, 99)))


if __name__ == "__main__":
    main()
