"""Nearest upsampling and a convolution, the generators' way to a larger image."""

from keras import layers

from tfgan_faces.layers import Deconvolution2D, UnpoolingDeconvolution2D


def upsampled(x, filters, kernel_size, fused, **settings):
    """Returns feature maps of twice the size: each pixel four times, then a convolution.

    Args:
        x: Keras tensor [batch, height, width, channels].
        filters, kernel_size: ints, the convolution's.
        fused: whether both are one layer, which computes the same images faster from the
            same weights, up to rounding.
        settings: the convolution's further arguments; `name` among them.
    """
    settings = {"padding": "same", **settings}
    if fused:
        return UnpoolingDeconvolution2D(filters, kernel_size, mode="nearest", **settings)(x)
    x = layers.UpSampling2D(2, name=f"{settings['name']}_upsampling")(x)
    return Deconvolution2D(filters, kernel_size, **settings)(x)
