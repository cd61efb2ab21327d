import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.layers import LeakyReLU


def kinds_of_operations(function, *inputs):
    """Returns the types of the operations that TensorFlow runs after graph optimization."""
    options = tf.compat.v1.RunOptions(output_partition_graphs=True)
    metadata = tf.compat.v1.RunMetadata()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        fed = [tf.compat.v1.placeholder(array.dtype, array.shape) for array in inputs]
        session.run(function(*fed), dict(zip(fed, inputs)), options, metadata)
    return {node.op for graph in metadata.partition_graphs for node in graph.node}


class TestContract:
    def test_saves_and_loads(self, tmp_path):
        model = keras.Sequential([keras.Input((3,)), LeakyReLU(negative_slope=0.2)])
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        assert loaded.layers[-1].get_config()["negative_slope"] == pytest.approx(0.2)

    @pytest.mark.parametrize("policy", ["float32", "float64", "mixed_float16", "mixed_bfloat16"])
    def test_computes_in_the_dtype_of_the_policy(self, policy):
        layer = LeakyReLU(dtype=policy)
        assert layer(np.zeros((2, 3))).dtype == layer.compute_dtype

    def test_is_fused_with_a_convolution_in_training_too(self):
        def gradients(images, kernel):
            activated = LeakyReLU(0.2)(
                tf.nn.bias_add(tf.nn.conv2d(images, kernel, 1, "SAME"), [1.0])
            )
            return tf.gradients(tf.reduce_sum(activated**2), kernel)

        kinds = kinds_of_operations(
            gradients, np.ones((1, 4, 4, 3), "f"), np.ones((3, 3, 3, 1), "f")
        )
        assert any("FusedConv2D" in kind for kind in kinds), kinds
        assert "LeakyRelu" not in kinds


class TestCorrectness:
    values = np.array([[-3.0, -0.5, 0.0, 0.25, 4.0]])

    @pytest.mark.parametrize("slope", [0.0, 0.2, 1.0])
    def test_values_and_gradients(self, slope):
        inputs = tf.constant(self.values)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            result = LeakyReLU(slope, dtype="float64")(inputs)
        slopes = np.where(self.values > 0, 1.0, slope)
        np.testing.assert_allclose(result, self.values * slopes)
        np.testing.assert_allclose(tape.gradient(result, inputs), slopes)

    def test_second_gradients(self):
        """For y = leaky(x)^2, dy/dx is 2 s^2 x, and the gradient of its square is 8 s^4 x."""
        inputs = tf.constant(self.values)
        with tf.GradientTape() as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                result = LeakyReLU(0.5, dtype="float64")(inputs) ** 2
            first = inner.gradient(result, inputs)
            penalty = tf.reduce_sum(first**2)
        slopes = np.where(self.values > 0, 1.0, 0.5)
        np.testing.assert_allclose(outer.gradient(penalty, inputs), 8 * slopes**4 * self.values)
