import numpy as np
import tensorflow as tf

from tfgan_faces.layers.phases import interleaved, shifts


def test_shifts_move_the_kernel_by_one_pixel_per_phase():
    np.testing.assert_array_equal(
        shifts(2, 2), [[[1, 0], [0, 1], [0, 0]], [[0, 0], [1, 0], [0, 1]]]
    )


def test_interleaving_puts_phases_side_by_side():
    phases = tf.reshape(tf.range(12), (1, 1, 2, 6))
    image = interleaved(phases, (1, 2), (2, 3))[0, :, :, 0]
    np.testing.assert_array_equal(image, [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]])
