"""Networks that learn in minutes on a CPU: a light generator, the modern discriminator.

With batch norm, the generator's faces differ from each other from the first minutes of training.
The modern generator, which has no batch norm, takes much longer to learn this.
"""

import keras
from keras import layers

from tfgan_faces.models import modern
from tfgan_faces.models.channels import of_stages
from tfgan_faces.models.normalization import norm_relu
from tfgan_faces.models.upsampling import upsampled

# Channels of the 4x4 image and of each block.
_CHANNELS = (256, 128, 64, 32, 16, 8)

build_discriminator = modern.build_discriminator


def build_generator(latents, image_size, width, fused):
    """Builds a generator's layers: a dense layer to 4x4, then upsampling blocks.

    The blocks are [nearest upsampling, 3x3 convolution, batch norm, ReLU]. The convolution to
    RGB does the last doubling, because layers at the full size would take most of the time.
    Unlike transposed convolutions, upsampling leaves no checkerboard patterns
    ([Odena et al., 2016](https://doi.org/10.23915/distill.00003)).

    Args:
        latents: Keras tensor [batch, any length].
        image_size: 16, 32, 64, 128 or 256.
        width: factor on all channel counts.
        fused: whether nearest upsampling and the convolution after it are one layer. Weights
            are the same, and images are equal up to rounding.

    Returns:
        Keras tensor, float32 [batch, size, size, 3] in -1..1.
    """
    channels = of_stages(_CHANNELS, image_size, width)
    x = layers.Dense(
        4 * 4 * channels[0], use_bias=False, kernel_initializer="he_normal", name="dense"
    )(latents)
    x = layers.Reshape((4, 4, channels[0]), name="seed")(x)
    x = norm_relu(x, "seed")
    for index, filters in enumerate(channels[1:], 1):
        name = f"block{index}"
        settings = {"use_bias": False, "kernel_initializer": "he_normal"}
        x = upsampled(x, filters, 3, fused, name=f"{name}_convolution", **settings)
        x = norm_relu(x, name)
    # Small initial weights, so that tanh is not saturated at the start of training.
    small = keras.initializers.VarianceScaling(0.3)
    x = upsampled(x, 3, 5, fused, name="rgb", kernel_initializer=small)
    return layers.Activation("tanh", dtype="float32", name="images")(x)
