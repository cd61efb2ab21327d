"""The networks that the settings of a run describe."""

from tfgan_faces import models


def generator_of(config, labels=None, precision="float32"):
    """Returns a new generator.

    Args:
        config: resolved `Config`.
        labels: dict of label to its share of the photos, for a conditional generator; or None.
        precision: Keras dtype policy of its layers.
    """
    return models.build_generator(
        latent_dim=config.model.latent_dim, **_shared(config, labels, precision)
    )


def discriminator_of(config, labels=None, precision="float32"):
    """Returns a new discriminator.

    Args:
        config, labels, precision: see `generator_of`.
    """
    return models.build_discriminator(
        spectral_normalization=config.model.spectral_normalization,
        minibatch_std=config.model.minibatch_std,
        critic=config.model.critic,
        **_shared(config, labels, precision),
    )


def _shared(config, labels, precision):
    return {
        "name": config.model.architecture,
        "image_size": config.data.image_size,
        "width": config.model.width,
        "dropout": config.model.dropout,
        "labels": labels,
        "precision": precision,
    }
