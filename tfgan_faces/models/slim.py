"""The light generator, and a discriminator that does little work at the full size.

Most of a training step's time is the discriminator's. Its first convolutions halve the image
with few channels, so that the residual stages begin at 16x16. At 64x64 it takes less than half of
the time of the modern discriminator.
"""

import keras
from keras import layers

from tfgan_faces.layers import MinibatchStandardDeviation
from tfgan_faces.models import light, modern
from tfgan_faces.models.channels import check_size, scaled

# Channels of the convolutions that halve the image, by its size; of the last at most 16x16 pixels
# are left. Residual stages continue to 4x4.
_ENTRY = {
    16: (128,),
    32: (64,),
    64: (24, 64),
    128: (24, 48, 64),
    256: (12, 24, 48, 64),
}
_CHANNELS = (64, 128, 256)  # at 16x16, 8x8 and 4x4

build_generator = light.build_generator


def build_discriminator(image_size, width, minibatch_std=False):
    """Returns a discriminator: 4x4 convolutions of stride 2, residual stages, one logit.

    Args:
        image_size: 16, 32, 64, 128 or 256.
        width: factor on all channel counts.
        minibatch_std: whether to append `MinibatchStandardDeviation` to the last feature maps.

    Returns:
        Functional model float [batch, size, size, 3] -> float32 logits [batch, 1].
    """
    check_size(image_size)
    images = x = keras.Input((image_size, image_size, 3), name="images")
    entry = _ENTRY[image_size]
    stages = _CHANNELS[_CHANNELS.index(entry[-1]) + 1 :]
    for index, filters in enumerate(entry, 1):
        if index > 1:
            x = modern.activation(f"entry{index}")(x)
        x = modern.convolution(scaled(filters, width), 4, f"entry{index}", strides=2)(x)
    for index, filters in enumerate(stages, 1):
        x = modern.down(x, scaled(filters, width), f"stage{index}")
    if minibatch_std:
        x = MinibatchStandardDeviation(name="minibatch_std")(x)
    x = modern.activation("flatten")(x)
    x = layers.Flatten(name="flatten")(x)
    logits = layers.Dense(1, dtype="float32", name="logit")(x)
    return keras.Model(images, logits, name="slim_discriminator")
