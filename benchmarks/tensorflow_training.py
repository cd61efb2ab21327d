"""A training step of the library, with its own networks or with plain Keras layers."""

import tensorflow as tf

import tfgan_faces as tg
from benchmarks import plain_exercise


def own_step(architecture, precision, batch_size, threads, image_size=64):
    """Returns a function that runs one step of `Trainer` with the library's networks."""
    use_threads(threads)
    sizes = {"image_size": image_size, "precision": precision}
    generator = tg.build_generator(architecture, **sizes)
    discriminator = tg.build_discriminator(architecture, **sizes)
    return trainer_step(generator, discriminator, batch_size)


def plain_step(precision, batch_size, threads):
    """Returns a function that runs one step of `Trainer` with the plain Keras exercise."""
    use_threads(threads)
    return trainer_step(*plain_exercise.build_pair(precision), batch_size)


def use_threads(threads):
    """Sets the number of threads, with the setup of `tfgan_faces.commands` on a CPU."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(2)


def trainer_step(generator, discriminator, batch_size, batches=None):
    """Returns a function that runs one step of `Trainer`. Both networks are always updated.

    Args:
        generator, discriminator: Keras models.
        batch_size: int.
        batches: iterator of batches. By default it repeats one batch.
    """
    training = tg.TrainingConfig(balance="none", batch_size=batch_size, augment="none")
    trainer = tg.Trainer(generator, discriminator, tg.Config(training=training).resolved().training)
    if batches is None:
        size = generator.output_shape[1]
        photos = tf.random.stateless_uniform((batch_size, size, size, 3), (0, 0), 0, 256, tf.int32)
        batches = iter(tf.data.Dataset.from_tensors(tf.cast(photos, tf.uint8)).repeat())

    def step():
        float(trainer.train_step(batches)["generator_loss"])

    return step
