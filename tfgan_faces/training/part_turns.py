"""The turns of both networks on one part of a batch.

Each function returns the measures, and a function without arguments that computes the gradients.
The caller decides by the measures whether the gradients are needed.
"""

import tensorflow as tf


def discriminator_turn(objective, photos, weight_decay, updates):
    """Judges photos and fakes.

    Args:
        objective: `Objective`.
        photos: see `Objective.discriminator_loss`.
        weight_decay: see `Objective.discriminator_loss`.
        updates: dict of network name to `NetworkUpdates`.

    Returns:
        Measures, and a function that returns the discriminator's gradients.
    """
    discriminator = updates["discriminator"]
    fakes = objective.fakes(photos)
    with tf.GradientTape() as tape:
        loss, measures, *_ = objective.discriminator_loss(photos, fakes, weight_decay)
        loss = discriminator.scaled(loss)
    return measures, lambda: tape.gradient(loss, discriminator.weights)


def generator_turn(objective, photos, threshold, updates):
    """Judges new fakes.

    Args:
        threshold: scalar tensor, see `generator_measures`.
        objective, photos, updates: see `discriminator_turn`.

    Returns:
        Measures, and a function that returns the generator's gradients.
    """
    generator = updates["generator"]
    with tf.GradientTape() as tape:
        loss, measures = objective.generator_loss(photos, threshold)
        loss = generator.scaled(loss)
    return measures, lambda: tape.gradient(loss, generator.weights)


def simultaneous_turn(objective, photos, weight_decay, updates):
    """Judges photos and fakes for both networks.

    Args:
        See `discriminator_turn`.

    Returns:
        Measures, and a function that returns the discriminator's and the generator's gradients.
    """
    discriminator, generator = updates["discriminator"], updates["generator"]
    with tf.GradientTape(persistent=True) as tape:
        fakes = objective.fakes(photos)
        loss, measures, *logits = objective.discriminator_loss(photos, fakes, weight_decay)
        generator_loss, generator_measures = objective.generator_loss_from_logits(
            *logits, measures["threshold"]
        )
        losses = discriminator.scaled(loss), generator.scaled(generator_loss)

    def gradients():
        return [
            *tape.gradient(losses[0], discriminator.weights),
            *tape.gradient(losses[1], generator.weights),
        ]

    return {**measures, **generator_measures}, gradients
