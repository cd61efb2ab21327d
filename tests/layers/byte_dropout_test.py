import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.programs import Forked
from tfgan_faces.layers import ByteDropout


@pytest.mark.parametrize(("rate", "kept"), [(0.1, 230), (0.3, 179), (0.5, 128)])
def test_kept_fraction_and_scale(rate, kept):
    dropped = ByteDropout(rate, seed=3)(np.ones((500, 41, 5), np.float32), training=True).numpy()
    count = dropped.size
    share = kept / 256
    spread = np.sqrt(share * (1 - share) / count)
    assert abs((dropped > 0).mean() - share) < 4 * spread
    np.testing.assert_allclose(dropped[dropped > 0], 256 / kept, rtol=1e-6)


def test_neighbours_are_independent():
    dropped = ByteDropout(0.5, seed=3)(np.ones((1, 100_000), np.float32), training=True)
    kept = (dropped.numpy().ravel() > 0) - 0.5
    for distance in (1, 2, 3, 4, 8):
        correlation = 4 * np.mean(kept[distance:] * kept[:-distance])
        assert abs(correlation) < 4 / np.sqrt(100_000)


@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0.0, True)])
def test_values_are_unchanged_without_dropout(rate, training, rng):
    values = rng.normal(size=(3, 7)).astype(np.float32)
    got = ByteDropout(rate, seed=1)(values, training=training).numpy()
    np.testing.assert_array_equal(got, values)


def test_same_seed_and_state_give_the_same_values():
    values = np.ones((4, 33), np.float32)
    one, other = ByteDropout(0.5, seed=5), ByteDropout(0.5, seed=5)
    first = one(values, training=True).numpy()
    np.testing.assert_array_equal(first, other(values, training=True))
    assert np.any(one(values, training=True).numpy() != first)


def test_gradient_is_the_mask(rng):
    values = tf.constant(rng.normal(size=(8, 9)), tf.float32)
    layer = ByteDropout(0.3, seed=2)
    with tf.GradientTape() as tape:
        tape.watch(values)
        dropped = layer(values, training=True)
    gradient = tape.gradient(dropped, values).numpy()
    np.testing.assert_allclose(gradient * values.numpy(), dropped, rtol=1e-6)


def test_noise_shape_half_precision_dynamic_shape_xla_and_saving(tmp_path):
    whole = ByteDropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((50, 6)), training=True).numpy()
    assert {row.tobytes() for row in whole} == {
        row.tobytes() for row in (np.zeros(6, np.float32), np.full(6, 2.0, np.float32))
    }
    layer = ByteDropout(0.25, seed=4, dtype="mixed_bfloat16")
    run = tf.function(
        lambda x: layer(x, training=True),
        input_signature=[tf.TensorSpec((None, None))],
        jit_compile=True,
    )
    halves = run(tf.ones((3, 5)))
    assert halves.dtype == tf.bfloat16
    assert set(np.unique(tf.cast(halves, tf.float32))) <= {0.0, 1.3359375}  # 256/192 in 8 bits
    inputs = keras.Input((3,))
    model = keras.Model(inputs, ByteDropout(0.25)(inputs))
    model.save(tmp_path / "m.keras")
    assert keras.models.load_model(tmp_path / "m.keras", safe_mode=True).layers[-1].rate == 0.25


def drop_on_two_devices():
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    ones = tf.ones((1, 4000))
    alone = ByteDropout(0.5, seed=3)(ones, training=True).numpy() > 0
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        layer = ByteDropout(0.5, seed=3)
        layer.build(ones.shape)
    run = tf.function(lambda: strategy.run(lambda: layer(ones, training=True)))
    first, second = (one.numpy() > 0 for one in strategy.experimental_local_results(run()))
    np.testing.assert_array_equal(first, alone)
    assert abs((first == second).mean() - 0.5) < 4 * 0.5 / np.sqrt(4000)


def test_replicas_drop_different_values_and_the_first_equals_one_device():
    with Forked(drop_on_two_devices) as process:
        assert process.wait() == 0, process.output
