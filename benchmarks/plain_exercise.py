"""The exercise's networks at 64x64, built only from standard Keras layers."""

import keras
from keras import layers

LATENT_DIM = 128


def build_pair(precision):
    """Returns the generator and the discriminator of `tfgan_faces.models.exercise`."""
    keras.config.set_dtype_policy(precision)
    pair = _generator(), _discriminator()
    keras.config.set_dtype_policy("float32")
    return pair


def _generator():
    latents = keras.Input((LATENT_DIM,))
    x = layers.Dense(4 * 4 * 256, kernel_initializer="he_normal")(latents)
    x = layers.Reshape((4, 4, 256))(x)
    x = keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
    for filters in (128, 64, 32):
        x = _deconvolution(_unpooled(x), filters, "he_normal")
        x = layers.ReLU()(x)
        x = layers.Dropout(0.1)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
    x = _deconvolution(x, 3, keras.initializers.VarianceScaling(0.1))
    x = layers.Cropping2D((x.shape[1] - 64) // 2)(x)
    images = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model(latents, images)


def _unpooled(x):
    """Returns `x` with each value in the top-left corner of 2x2 pixels and zeros elsewhere."""
    height, width, channels = x.shape[1:]
    x = keras.ops.reshape(x, (-1, height, 1, width, 1, channels))
    x = keras.ops.pad(x, ((0, 0), (0, 0), (0, 1), (0, 0), (0, 1), (0, 0)))
    return keras.ops.reshape(x, (-1, 2 * height, 2 * width, channels))


def _deconvolution(x, filters, initializer):
    x = layers.ZeroPadding2D(4)(x)
    return layers.Conv2D(filters, 5, kernel_initializer=initializer)(x)


def _discriminator():
    images = x = keras.Input((64, 64, 3))
    for filters in (32, 64, 96):
        x = layers.Conv2D(filters, 5, padding="same", kernel_initializer="he_normal")(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.ReLU()(x)
        x = layers.Dropout(0.3)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(512, kernel_initializer="he_normal")(x)
    x = layers.ReLU()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(images, layers.Dense(1, dtype="float32")(x))
