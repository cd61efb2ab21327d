"""Nearest upsampling followed by a convolution, as used in the generators."""

from keras import layers

from tfgan_faces.layers import Deconvolution2D, UnpoolingDeconvolution2D


def upsampled(x, filters, kernel_size, fused, **settings):
    """Returns feature maps of twice the size, from nearest upsampling and a convolution.

    Args:
        x: Keras tensor [batch, height, width, channels].
        filters, kernel_size: ints, arguments of the convolution.
        fused: whether to use one layer for both. It is faster and has the same weights, and
            the images are equal up to rounding.
        settings: the other arguments of the convolution, including `name`.
    """
    settings = {"padding": "same", **settings}
    if fused:
        return UnpoolingDeconvolution2D(filters, kernel_size, mode="nearest", **settings)(x)
    x = layers.UpSampling2D(2, name=f"{settings['name']}_upsampling")(x)
    return Deconvolution2D(filters, kernel_size, **settings)(x)
