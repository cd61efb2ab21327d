"""Architectures by name. Each is a pair of functional Keras models."""

import importlib

import keras

from tfgan_faces.arguments import check_choice
from tfgan_faces.config.architectures import ARCHITECTURES as FACTS
from tfgan_faces.layers import LabelFromNoise, SpectralNormalization
from tfgan_faces.machine.keras_settings import own_settings

# Name -> module with `build_generator` and `build_discriminator`.
ARCHITECTURES = {name: importlib.import_module(f"{__name__}.{name}") for name in FACTS}


def build_generator(
    name,
    image_size=32,
    latent_dim=None,
    width=1.0,
    precision="float32",
    fused=True,
    dropout=1.0,
    labels=None,
):
    """Returns a functional Keras model from latents to images.

    Args:
        name: one of `ARCHITECTURES`.
        image_size: int, height and width of the images.
        latent_dim: int, length of the noise vector; by default the architecture's.
        width: factor on the number of channels of every layer.
        precision: Keras dtype policy of the layers; the images are float32.
        fused: whether to use fused layers, which compute the same as plain ones, but faster.
        dropout: factor on all dropout rates.
        labels: dict of label to its share of the photos, for a generator whose latents also
            choose the label, see `LabelFromNoise`; or None.

    Raises:
        UserError: the architecture does not support this image size.
    """
    architecture = _architecture(name)
    with own_settings(precision):
        latents = x = keras.Input((latent_dim or FACTS[name].latent_dim,), name="latents")
        if labels:
            x = LabelFromNoise(labels.keys(), labels.values(), name="label")(x)
        images = architecture.build_generator(x, image_size, width, fused)
        return _with_dropout(keras.Model(latents, images, name=f"{name}_generator"), dropout)


def build_discriminator(
    name,
    image_size=32,
    width=1.0,
    precision="float32",
    spectral_normalization=False,
    minibatch_std=False,
    dropout=1.0,
    critic="own",
    labels=None,
):
    """Returns a functional Keras model from images to logits.

    With labels, it takes images and one-hot labels [batch, labels].

    Args:
        name, image_size, width, precision: see `build_generator`.
        spectral_normalization: whether to divide the kernel of every convolution and dense layer
            by its spectral norm.
        minibatch_std: whether to add a channel to the last feature maps that measures how much
            the images of the batch differ.
        dropout: factor on all dropout rates.
        critic: `"own"` for the architecture's discriminator; for the exercise also
            `"batch_norm"`, `"layer_norm"` or `"no_norm"`, see `exercise.build_critic`.
        labels: see `build_generator`.

    Raises:
        ValueError: the architecture has no such critic.
    """
    with own_settings(precision):
        model = _discriminator(name, critic, image_size, width, minibatch_std)
        model = _with_dropout(model, dropout)
        if labels:
            model = _projecting(model, len(labels))
        if spectral_normalization:
            model = keras.models.clone_model(model, clone_function=_normalized)
        return model


def synchronize_batch_norms(*networks):
    """Makes batch norms compute their statistics over the whole batch of all replicas.

    Args:
        networks: functional Keras models that have not been trained yet.
    """
    for network in networks:
        for layer in network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = True


def _with_dropout(model, factor):
    """Multiplies the dropout rates of a new model by a factor, and returns the model."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):  # includes spatial dropout
            layer.rate *= factor
    return model


def _projecting(model, count):
    """Returns a discriminator that also judges whether an image has its label.

    To the logit it adds the inner product of the image's features and a vector of its label.

    Reference:
        [Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637), equation 3.
    """
    labels = keras.Input((count,), name="labels")
    features = model.layers[-1].input  # of the dense layer that gives the logit
    products = keras.layers.Dense(count, use_bias=False, dtype="float32", name="products")(features)
    product = keras.layers.Dot(1, dtype="float32", name="product")([products, labels])
    logits = keras.layers.Add(dtype="float32", name="logit_of_label")([model.output, product])
    return keras.Model([model.input, labels], logits, name=model.name)


def _normalized(layer):
    layer = type(layer).from_config(layer.get_config())
    if not isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense)):
        return layer
    return SpectralNormalization(layer, dtype=layer.dtype_policy, name=f"{layer.name}_normalized")


def _discriminator(name, critic, *sizes):
    architecture = _architecture(name)
    if critic == "own":
        return architecture.build_discriminator(*sizes)
    if not FACTS[name].has_critics:
        raise ValueError(
            f"`critic` must be 'own' for an architecture without other critics, such as {name}. "
            f"Received: critic={critic!r}"
        )
    return architecture.build_critic(*sizes, norm=critic)


def _architecture(name):
    check_choice(name, ARCHITECTURES, "name")
    return ARCHITECTURES[name]
