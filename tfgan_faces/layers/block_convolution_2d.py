"""A convolution for few filters that computes 2x2 pixels at a time."""

import keras

from tfgan_faces.layers.deconvolution_2d import Deconvolution2D
from tfgan_faces.layers.image_tensors import padded_convolution, shape_of
from tfgan_faces.layers.phases import interleaved, phase_bias, phase_kernel, shifts

_BLOCK = (2, 2)


@keras.saving.register_keras_serializable(package="tfgan_faces")
class BlockConvolution2D(Deconvolution2D):
    """Equals `Deconvolution2D`, but is faster for few filters, such as three for RGB.

    A processor computes 16 filters at once, so most of its capacity is idle if there are only
    three. This layer computes the filters of 2x2 pixels together, with a stride of two and a
    kernel that is larger by one. This takes more arithmetic but less time. The layer has the
    same weights as `Deconvolution2D`, with the same shapes.

    Args:
        filters: int, number of output channels.
        kernel_size: int or pair of ints, height and width of the kernel.
        padding: `"full"`, `"same"` or `"valid"`.
        **kwargs: the other arguments of `Deconvolution2D`.

    Input shape:
        `[batch, height, width, channels]`, or `[batch, channels, height, width]` with
        `data_format="channels_first"`.

    Output shape:
        Same as `Deconvolution2D`. With `padding="valid"`, height and width are smaller than
        those of the input by `kernel_size - 1`.

    Example:

    >>> BlockConvolution2D(3, 5, padding="valid")(np.zeros((1, 36, 36, 64))).shape
    TensorShape([1, 32, 32, 3])
    """

    PADDINGS = ("full", "same", "valid")

    def derived_kernel(self, kernel):
        """Returns the kernel for 2x2 pixels, [height + 1, width + 1, channels, 4 * filters]."""
        return phase_kernel(kernel, *(shifts(*axis) for axis in zip(self.kernel_size, _BLOCK)))

    def convolve(self, images, derived_kernel, bias):
        _, *sides, _ = shape_of(images)
        size = self.output_size(sides)
        counts = [-(-side // block) for side, block in zip(size, _BLOCK)]
        # The last block extends beyond an odd side: the input is padded, the result cropped.
        excess = [count * block - side for count, block, side in zip(counts, _BLOCK, size)]
        margins = [
            (before, after + extra) for (before, after), extra in zip(self.margins(), excess)
        ]
        phases = padded_convolution(
            images, derived_kernel, phase_bias(bias, _BLOCK), margins, strides=_BLOCK
        )
        blocks = interleaved(phases, counts, _BLOCK)
        even = all(isinstance(extra, int) and extra == 0 for extra in excess)
        return blocks if even else blocks[:, : size[0], : size[1]]
