"""The training step: the turns of both networks, and the updates of their weights."""

import tensorflow as tf

from tfgan_faces.objectives.balancing import build_balance
from tfgan_faces.objectives.constraints import WeightClipping
from tfgan_faces.objectives.rates import CONSTANT, RATES
from tfgan_faces.training import loop
from tfgan_faces.training.augmentation import build_augmentation
from tfgan_faces.training.averaging import AveragedGenerator
from tfgan_faces.training.batch_iterators import check_iterator
from tfgan_faces.training.input_wait import build_input_wait
from tfgan_faces.training.measures import ALL, CRITIC_MEASURES, Measures
from tfgan_faces.training.network_updates import NetworkUpdates
from tfgan_faces.training.noise import Noise
from tfgan_faces.training.objective import Objective
from tfgan_faces.training.replica_turns import ReplicaTurns, first, means
from tfgan_faces.training.schedules import build_schedule


class Trainer:
    """Trains a generator and a discriminator against each other.

    All random numbers are a pure function of the seed and the counters or, in dropout layers, of
    variables. `state()` contains all of these.

    Args:
        generator: Keras model, latents [batch, latent_dim] -> images in -1..1.
        discriminator: Keras model, images -> logits [batch, 1]; with labels, of a list of images
            and one-hot labels.
        config: resolved `TrainingConfig`.
        strategy: `tf.distribute.Strategy` under whose scope both models were built; the
            current one by default. Losses are divided by the number of replicas.
        input_wait: `InputWait` or `UnmeasuredInputWait`; by default the latter on a GPU.

    Example:

    >>> trainer = Trainer(generator, discriminator, Config().resolved().training)
    >>> trainer.fit(tg.batches(photos, batch_size=32, seed=0), steps=1000)
    """

    def __init__(self, generator, discriminator, config, strategy=None, input_wait=None):
        self.generator, self.discriminator, self.config = generator, discriminator, config
        self.strategy = strategy or tf.distribute.get_strategy()
        self.schedule = build_schedule(config)
        with self.strategy.scope():
            is_trained = config.init_from is not None
            self.averaged = AveragedGenerator(generator, config.ema_decay, is_trained)
            self.balance = build_balance(config.balance, config.margin)
            self.updates = {
                name: NetworkUpdates(name, network, config, self.strategy)
                for name, network in (("generator", generator), ("discriminator", discriminator))
            }
            self.step, self.turns, self.generator_updates = (
                tf.Variable(0, dtype=tf.int64, trainable=False) for _ in range(3)
            )
            networks, parts = (generator, discriminator), config.batch_parts
            self.augmentation = build_augmentation(config)
            self.objectives = [
                Objective(
                    *networks,
                    config,
                    self.augmentation,
                    Noise(config.seed, config.batch_size, self.turns, part, parts),
                )
                for part in range(parts)
            ]
            self.measures = Measures()
            # Not part of the saved state.
            self.input_wait = input_wait or build_input_wait(tf.config.list_logical_devices("GPU"))
        self.clipping = WeightClipping(discriminator, config.clip, config.clip_value)
        # Clip before the first turn, too; otherwise its scores would have another scale.
        self.clipping.apply()
        self._turns = ReplicaTurns(self.objectives, self.balance, self.updates, self.clipping.is_on)

    @property
    def averaged_generator(self):
        """The generator with averaged weights, for images after `BatchStatistics(...).update()`."""
        return self.averaged.model

    def fit(self, batches, steps, callbacks=(), log_every=10):
        """Trains for some steps, and calls Keras callbacks with the measures.

        Args:
            batches: iterable of uint8 images [batch, height, width, 3], such as `tg.batches`
                returns, or a generator of arrays: one for each turn of the discriminator. For
                networks with labels, of pairs of images and int32 indices of their labels
                [batch].
            steps: int, the number of steps to add to those already done. Rates that fall
                reach 0 at the last of them.
            callbacks: list of `keras.callbacks.Callback`, see `KerasCallbacks`.
            log_every: int, steps between two calls of the callbacks.

        Returns:
            Dict of floats, the last measures.

        Raises:
            NonFiniteError: losses or gradients were not finite in many consecutive turns.
            ValueError: the photos are not uint8 images, the first batch has another size than
                `config.batch_size`, or there are too few batches.
        """
        return loop.fit(self, batches, steps, callbacks, log_every)

    @tf.function(reduce_retracing=True)
    def train_step(self, batches):
        """Runs one step: the discriminator's turns, then the generator's.

        Args:
            batches: iterator of TensorFlow over what `fit` takes, such as `iter(tg.batches(...))`.

        Returns:
            Dict of float32 scalars, see `MEASURES`, measured before the updates.
        """
        return self._step(batches)

    @tf.function(reduce_retracing=True)
    def train_steps(self, batches, steps):
        """Runs several steps in one call, which reduces Python's overhead.

        Args:
            batches: see `train_step`.
            steps: scalar int tensor.

        Returns:
            The means over the steps of what `train_step` returns.
        """
        sums = {name: tf.constant(0.0) for name in ALL}
        for _ in tf.range(steps):
            measures = self._step(batches)
            sums = {name: sums[name] + measures[name] for name in sums}
        return {name: total / tf.cast(steps, tf.float32) for name, total in sums.items()}

    @tf.function(reduce_retracing=True)
    def train_critic(self, batches, turns):
        """Takes some of the critic's turns of the next step; `train_step` does not repeat them.

        Args:
            batches: see `train_step`.
            turns: scalar int tensor, less than `turns_left()`.

        Returns:
            Dict with the float32 scalar `discriminator_loss` of the last turn.
        """
        loss = tf.constant(0.0)
        for _ in tf.range(turns):
            measures, _ = self._discriminator_turn(self._next(batches))
            loss = measures["discriminator_loss"]
        return {"discriminator_loss": loss}

    def read_measures(self):
        """Returns the means of the measures since the last call, and the counts of skipped turns.

        Returns:
            Dict of floats by name; for a clipped critic also the columns that describe it.
        """
        measures = self.measures.read()
        for name, updates in self.updates.items():
            measures[f"{name}_skipped"] = int(updates.skipped.numpy())
        measures.update(self.augmentation.measures())
        if self.clipping.is_on:
            measures["share_at_walls"] = self.clipping.share_at_walls()
            measures["normalized_distance"] = measures["distance_estimate"] / self.clipping.gain()
        else:
            for name in CRITIC_MEASURES:
                del measures[name]
        return measures

    @property
    def has_constant_rates(self):
        """Whether the learning rates are the same from the first to the last step."""
        return self.config.rates == CONSTANT

    def set_learning_rates(self, share=0.0):
        """Sets both learning rates to what the settings say, overriding a checkpoint's.

        Args:
            share: float in 0..1, the share of the training that is done.
        """
        factor = RATES[self.config.rates](share)
        for name, updates in self.updates.items():
            rate = getattr(self.config, f"{name}_learning_rate")
            updates.optimizer.learning_rate = factor * rate

    def first_nonfinite(self):
        """Returns what was not finite in many consecutive turns, and the turn; or None."""
        found = [updates.guard.first_nonfinite() for updates in self.updates.values()]
        return next(filter(None, found), None)

    def turns_left(self):
        """Returns the number of discriminator turns that the next step still takes, a scalar."""
        return self.schedule.turns_left(self.step, self.turns)

    def _step(self, batches):
        for _ in _times(self.turns_left() - 1):
            self._discriminator_turn(self._next(batches))
        photos = self._next(batches)
        if self.config.reuse_fakes:
            measures = self._simultaneous_turn(photos)
        else:
            measures, train_generator = self._discriminator_turn(photos)
            measures.update(self._generator_turn(photos, measures["threshold"], train_generator))
        del measures["threshold"]
        self.measures.add(measures)
        self.step.assign_add(1)
        return measures

    def _next(self, batches):
        check_iterator(batches)
        return self.input_wait.next(batches, after=self.turns)

    # A separate function, traced once: the graph of a critic's step would contain it twice.
    @tf.function(reduce_retracing=True)
    def _discriminator_turn(self, photos):
        gradients, measures, decisions = self.strategy.run(
            self._turns.discriminator_turn, args=(photos,)
        )
        self._update_discriminator(first(self.strategy, decisions[0]), gradients, measures)
        measures = means(self.strategy, measures)
        self.augmentation.observe(measures["real_success"])
        return measures, first(self.strategy, decisions[1])

    def _generator_turn(self, photos, threshold, train):
        gradients, measures = self.strategy.run(
            self._turns.generator_turn, args=(photos, threshold, train)
        )
        return self._update_generator(train, gradients, measures)

    def _simultaneous_turn(self, photos):
        *gradients, measures, decisions = self.strategy.run(
            self._turns.simultaneous_turn, args=(photos,)
        )
        self._update_discriminator(first(self.strategy, decisions[0]), gradients[0], measures)
        measures = self._update_generator(
            first(self.strategy, decisions[1]), gradients[1], measures
        )
        self.augmentation.observe(measures["real_success"])
        return measures

    def _update_discriminator(self, train, gradients, measures):
        self.updates["discriminator"].apply(
            train, gradients, measures["discriminator_loss"], self.turns, self.clipping.apply
        )
        self.turns.assign_add(1)

    def _update_generator(self, train, gradients, measures):
        updated = self.updates["generator"].apply(
            train,
            gradients,
            measures["generator_loss"],
            self.turns - 1,  # the discriminator has already counted this turn
            lambda: self.averaged.update(self.generator_updates),
        )
        self.generator_updates.assign_add(tf.cast(updated, tf.int64))
        measures = means(self.strategy, measures)
        self.balance.observe_generator(measures["generator_error"])
        return measures

    def state(self):
        """Returns everything that a run needs to resume: dict of name to list of `tf.Variable`."""
        generator, discriminator = self.updates["generator"], self.updates["discriminator"]
        return {
            "generator": _variables(self.generator),
            "discriminator": _variables(self.discriminator),
            "averaged_generator": _variables(self.averaged_generator),
            "generator_optimizer": _variables(generator.optimizer),
            "discriminator_optimizer": _variables(discriminator.optimizer),
            "balance": list(self.balance.variables),
            **self.measures.state(),
            **self.augmentation.state(),
            "counters": [
                self.step,
                self.turns,
                self.generator_updates,
                discriminator.skipped,
                generator.skipped,
            ],
        }


def _times(count):
    """Returns a range for a loop of `count` iterations, a Python int or a tensor."""
    return tf.range(count) if tf.is_tensor(count) else range(count)


def _variables(owner):
    return [variable.value for variable in owner.variables]
