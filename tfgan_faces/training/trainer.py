"""One step of both networks: the whole objective on a screen."""

import time

import keras
import tensorflow as tf

from tfgan_faces.combinations import augmentations
from tfgan_faces.defaults import WASSERSTEIN_LOSSES
from tfgan_faces.layers import MinibatchStandardDeviation
from tfgan_faces.objectives.augmentation import augment
from tfgan_faces.objectives.balancing import build_balance
from tfgan_faces.objectives.constraints import clip_weights, clippable_variables
from tfgan_faces.objectives.losses import LOSSES, PAIRED, SMOOTHABLE
from tfgan_faces.objectives.penalties import gradient_penalty, zero_centered_penalty
from tfgan_faces.training.averaging import AveragedGenerator
from tfgan_faces.training.measures import (
    MEASURES,
    STEERING,
    RunningMeans,
    discriminator_measures,
    generator_measures,
)
from tfgan_faces.training.noise import (
    FAKE_CHANGES,
    FAKES,
    JUDGED_CHANGES,
    OWN_CHANGES,
    OWN_FAKES,
    PHOTO_CHANGES,
    Noise,
)
from tfgan_faces.training.optimizers import build_optimizer
from tfgan_faces.training.schedules import CriticTurns, EqualTurns
from tfgan_faces.training.soundness import Soundness, not_finite


class Trainer:
    """Trains a generator and a discriminator against each other.

    Everything random is a pure function of the seed and the counters, or, as the layers'
    dropout, of variables; `state()` holds them all.

    Args:
        generator: Keras model, latents [batch, latent_dim] -> images in -1..1.
        discriminator: Keras model, images -> logits [batch, 1].
        config: resolved `TrainingConfig`.
        strategy: `tf.distribute.Strategy` under whose scope both models were built; the
            current one by default. Losses scale by the number of replicas.

    Example:

    >>> trainer = Trainer(generator, discriminator, Config().resolved().training)
    >>> batches = iter(pipeline.batches(photos, batch_size=64, seed=0))
    >>> measures = trainer.train_step(batches)
    """

    def __init__(self, generator, discriminator, config, strategy=None):
        self.generator, self.discriminator, self.config = generator, discriminator, config
        self.strategy = strategy or tf.distribute.get_strategy()
        self.schedule = _schedule(config)
        self.discriminator_loss, self.generator_loss = LOSSES[config.loss]
        self.smoothing = (
            {"label_smoothing": config.label_smoothing} if config.loss in SMOOTHABLE else {}
        )
        self.paired = config.loss in PAIRED
        self.penalties = self._build_penalties()
        self.augmentations = augmentations(config.augment)
        self.latent_dim = generator.input_shape[-1]
        with self.strategy.scope():
            self.averaged = AveragedGenerator(generator, config.ema_decay)
            self.balance = build_balance(config.balance, config.margin)
            self.generator_optimizer = self._optimizer(
                config.generator_learning_rate, generator.trainable_variables
            )
            self.discriminator_optimizer = self._optimizer(
                config.discriminator_learning_rate, discriminator.trainable_variables
            )
            self.step, self.turns, self.generator_updates, *skipped = (
                tf.Variable(0, dtype=tf.int64, trainable=False) for _ in range(5)
            )
            self.discriminator_skipped, self.generator_skipped = skipped
            self.noise = Noise(config.seed, config.batch_size, self.turns)
            self.running = RunningMeans()
            # Of lasting trouble the run ends, so this is not a part of its state.
            self.soundness = {
                name: Soundness(name, network.trainable_variables)
                for name, network in (("generator", generator), ("discriminator", discriminator))
            }
            # Seconds spent on waiting for photos; not a part of the run's state.
            self.waited = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        self.clippable = clippable_variables(discriminator) if config.loss == "wasserstein" else []
        # Statistics of a mixed batch would tell the discriminator its composition.
        self.separate_passes = any(
            isinstance(layer, (keras.layers.BatchNormalization, MinibatchStandardDeviation))
            for layer in discriminator.layers
        )

    @property
    def averaged_generator(self):
        """The generator with averaged weights, the one to make images with."""
        return self.averaged.model

    @tf.function(reduce_retracing=True)
    def train_step(self, batches):
        """One step: the discriminator's turns, then the generator's.

        Args:
            batches: iterator of uint8 images [batch, height, width, 3], one for each
                discriminator turn.

        Returns:
            Dict of float32 scalars, see `MEASURES`, measured before the updates.
        """
        return self._step(batches)

    @tf.function(reduce_retracing=True)
    def train_steps(self, batches, steps):
        """Several steps in one call: Python's share of the time is paid once.

        Args:
            batches: see `train_step`.
            steps: scalar int tensor.

        Returns:
            The means over the steps of what `train_step` returns.
        """
        sums = {name: tf.constant(0.0) for name in (*MEASURES, *STEERING)}
        for _ in tf.range(steps):
            measures = self._step(batches)
            sums = {name: sums[name] + measures[name] for name in sums}
        return {name: total / tf.cast(steps, tf.float32) for name, total in sums.items()}

    @tf.function(reduce_retracing=True)
    def train_critic(self, batches, turns):
        """Some of the critic's turns of the next step, which `train_step` will not take again.

        Args:
            batches: see `train_step`.
            turns: scalar int tensor, less than `turns_left()`.
        """
        for _ in tf.range(turns):
            self._discriminator_turn(self._next(batches))

    def set_learning_rates(self):
        """Sets both learning rates to the settings', whatever a checkpoint held."""
        self.generator_optimizer.learning_rate = self.config.generator_learning_rate
        self.discriminator_optimizer.learning_rate = self.config.discriminator_learning_rate

    def trouble(self):
        """Returns what has not been finite for long and in which turn, or None."""
        found = [soundness.trouble() for soundness in self.soundness.values()]
        return next(filter(None, found), None)

    def turns_left(self):
        """Returns the number of discriminator turns that the next step takes, an int."""
        return int(self._turns_left())

    def _turns_left(self):
        return self.schedule.turns_left(self.step, self.turns)

    def _step(self, batches):
        turns = self._turns_left()
        if self.config.reuse_fakes:
            for _ in _times(turns - 1):
                self._discriminator_turn(self._next(batches))
            measures = self._simultaneous_turn(self._next(batches))
        else:
            for _ in _times(turns - 1):
                self._discriminator_turn(self._next(batches))
            photos = self._next(batches)
            measures, train_generator = self._discriminator_turn(photos)
            measures.update(self._generator_turn(photos, measures["threshold"], train_generator))
        del measures["threshold"]
        self.running.add(measures)
        self.step.assign_add(1)
        return measures

    def _next(self, batches):
        """Returns the next batch, and adds up the time that it took to come."""
        begin = _now()
        with tf.control_dependencies([begin]):
            photos = next(batches)
        with tf.control_dependencies(tf.nest.flatten(photos, expand_composites=True)):
            waited = self.waited.assign_add(_now() - begin)
        with tf.control_dependencies([waited]):
            return tf.nest.map_structure(tf.identity, photos, expand_composites=True)

    def _discriminator_turn(self, photos):
        gradients, measures, decisions = self.strategy.run(
            self._discriminator_gradients, args=(photos,)
        )
        self._apply_discriminator(self._first(decisions[0]), gradients, measures)
        return self._means(measures), self._first(decisions[1])

    def _generator_turn(self, photos, threshold, train):
        gradients, measures = self.strategy.run(
            self._generator_gradients, args=(photos, threshold, train)
        )
        self._apply_generator(train, gradients, measures)
        measures = self._means(measures)
        self.balance.observe_generator(measures["generator_error"])
        return measures

    def _simultaneous_turn(self, photos):
        """Both networks' turn on the same fakes, judged once."""
        *gradients, measures, decisions = self.strategy.run(
            self._simultaneous_gradients, args=(photos,)
        )
        self._apply_discriminator(self._first(decisions[0]), gradients[0], measures)
        self._apply_generator(self._first(decisions[1]), gradients[1], measures)
        measures = self._means(measures)
        self.balance.observe_generator(measures["generator_error"])
        return measures

    def _discriminator_gradients(self, photos):
        """The turn of one replica, up to but without the update."""
        fakes = self._fakes(photos)
        with tf.GradientTape() as tape:
            penalized, measures, *_ = self._judge_batch(photos, fakes)
        decisions = self._decide(measures)
        gradients = _gradients_if(decisions[0], tape, penalized, self.discriminator)
        return gradients, measures, decisions

    def _generator_gradients(self, photos, threshold, train):
        """The turn of one replica, up to but without the update."""
        # Not before the discriminator's update is done, or both networks' activations would be
        # in memory at once.
        with tf.control_dependencies([tf.identity(self.discriminator.trainable_variables[-1])]):
            latents = self.noise.latents(self.latent_dim, OWN_FAKES)
        with tf.GradientTape() as tape:
            fakes = self.generator(latents, training=True)
            logits = self._judge_alone(fakes, OWN_CHANGES)
            real_logits = self._judge_photos(photos) if self.paired else None
            shared, measures = self._fool(real_logits, logits, threshold)
        return _gradients_if(train, tape, shared, self.generator), measures

    def _simultaneous_gradients(self, photos):
        """Both networks' turn of one replica, up to but without the updates."""
        with tf.GradientTape(persistent=True) as tape:
            fakes = self._fakes(photos)
            penalized, measures, *logits = self._judge_batch(photos, fakes)
            shared, fooling = self._fool(*logits, measures["threshold"])
        decisions = self._decide(measures)
        gradients = (
            _gradients_if(decision, tape, loss, network)
            for decision, loss, network in zip(
                decisions, (penalized, shared), (self.discriminator, self.generator)
            )
        )
        return *gradients, {**measures, **fooling}, decisions

    def _fakes(self, photos):
        """Returns as many fakes as there are photos."""
        # Not before the photos have come, or this would be counted as waiting for them.
        with tf.control_dependencies([photos]):
            latents = self.noise.latents(self.latent_dim, FAKES)
        return self.generator(latents, training=True)

    def _judge_batch(self, photos, fakes):
        """Returns the discriminator's loss for its gradients, its measures, and both logits."""
        photos = self._to_floats(photos)
        count = tf.shape(photos)[0]
        changes = [self.noise.changes(purpose) for purpose in (PHOTO_CHANGES, FAKE_CHANGES)]
        images = tf.concat([photos, fakes], 0)
        images = augment(images, self.augmentations, tf.concat(changes, 0))
        real_logits, fake_logits = self._judge(images, count)
        loss = self.discriminator_loss(real_logits, fake_logits, **self.smoothing)
        penalty = self._gradient_penalties(photos, tf.stop_gradient(fakes))
        measures = discriminator_measures(self.config.loss, loss, penalty, real_logits, fake_logits)
        loss += penalty + self._weight_penalty(self.discriminator.trainable_variables)
        scaled = self.discriminator_optimizer.scale_loss(self._replica_share(loss))
        return scaled, measures, real_logits, fake_logits

    def _fool(self, real_logits, fake_logits, threshold):
        """Returns the generator's loss for its gradients, and its measures."""
        if self.paired:  # its logits have no fixed zero
            threshold = (tf.reduce_mean(real_logits) + tf.reduce_mean(fake_logits)) / 2
        logits = (tf.stop_gradient(real_logits), fake_logits) if self.paired else (fake_logits,)
        loss = self.generator_loss(*logits)
        scaled = self.generator_optimizer.scale_loss(self._replica_share(loss))
        return scaled, generator_measures(loss, fake_logits, threshold)

    def _judge_photos(self, photos):
        return self._judge_alone(self._to_floats(photos), PHOTO_CHANGES)

    def _judge_alone(self, images, purpose):
        """Returns the logits of photos, or of fakes, after augmentation."""
        images = augment(images, self.augmentations, self.noise.changes(purpose))
        return self.discriminator(images, training=True)

    def _judge(self, images, count):
        if self.separate_passes:
            return (
                self.discriminator(images[:count], training=True),
                self.discriminator(images[count:], training=True),
            )
        logits = self.discriminator(images, training=True)
        return logits[:count], logits[count:]

    def _gradient_penalties(self, photos, fakes):
        """Returns the penalties on the discriminator's gradients, a scalar, in their turn only."""
        none = tf.zeros((), photos.dtype)
        if not self.penalties:
            return none

        def judge(images):
            return self._judge_alone(images, JUDGED_CHANGES)

        def penalty():
            return tf.add_n([function(judge, photos, fakes) for function in self.penalties])

        every = self.config.penalty_every
        if every == 1:
            return penalty()
        # Lazy regularization, [Karras et al., 2020](https://arxiv.org/abs/1912.04958), appendix
        # B, without its correction of the rate and the betas by every / (every + 1).
        due = self.turns % every == 0
        if _is_synchronized(self.discriminator):
            return tf.where(due, every * penalty(), none)
        return tf.cond(due, lambda: every * penalty(), lambda: none)

    def _build_penalties(self):
        """Returns functions of (judge, photos, fakes)."""
        config = self.config
        penalties = []
        if config.r1:
            penalties.append(lambda judge, real, _: zero_centered_penalty(judge, real, config.r1))
        if config.r2:
            penalties.append(lambda judge, _, fake: zero_centered_penalty(judge, fake, config.r2))
        if config.loss == "wasserstein_gp":
            penalties.append(
                lambda judge, real, fake: gradient_penalty(
                    judge, real, fake, config.gradient_penalty, self.noise.points()
                )
            )
        return penalties

    def _weight_penalty(self, variables):
        coefficient = self.balance.weight_decay()
        if coefficient is None:
            return 0.0
        squares = tf.add_n([tf.nn.l2_loss(variable) for variable in variables])
        return tf.cast(coefficient, squares.dtype) * squares

    def _decide(self, measures):
        """Asks the balancing rule, with means over all replicas."""
        replica = tf.distribute.get_replica_context()
        accuracy = (measures["real_success"] + measures["fake_success"]) / 2
        told = [measures["real_error"], measures["fake_error"], accuracy]
        return self.balance.decide(*replica.all_reduce(tf.distribute.ReduceOp.MEAN, told))

    def _apply_discriminator(self, train, gradients, measures):
        if self._is_sound("discriminator", gradients, measures) & train:
            self.strategy.run(self._update_discriminator, args=(gradients,))
        else:
            self.discriminator_skipped.assign_add(1)
        self.turns.assign_add(1)

    def _is_sound(self, network, gradients, measures):
        """Whether the turn's numbers are finite on all replicas; notes it where they are not."""
        if self.config.precision == "mixed_float16":
            # Scaled gradients overflow now and then; the optimizer skips those by itself.
            gradients = tf.nest.map_structure(tf.zeros_like, gradients)
        bad = self.strategy.run(not_finite, args=(measures[f"{network}_loss"], gradients))
        bad = self.strategy.reduce(tf.distribute.ReduceOp.SUM, bad, axis=None) > 0.0
        return self.soundness[network].note(bad, self.turns)

    def _update_discriminator(self, gradients):
        self.discriminator_optimizer.apply(gradients, self.discriminator.trainable_variables)
        clip_weights(self.clippable, self.config.clip_value)

    def _apply_generator(self, train, gradients, measures):
        if self._is_sound("generator", gradients, measures) & train:
            self.strategy.run(self._update_generator, args=(gradients,))
            self.generator_updates.assign_add(1)
        else:
            self.generator_skipped.assign_add(1)

    def _update_generator(self, gradients):
        self.generator_optimizer.apply(gradients, self.generator.trainable_variables)
        self.averaged.update(self.generator_updates)

    def state(self):
        """Returns all that a run needs to go on: lists of `tf.Variable` by name."""
        return {
            "generator": _variables(self.generator),
            "discriminator": _variables(self.discriminator),
            "averaged_generator": _variables(self.averaged_generator),
            "generator_optimizer": _variables(self.generator_optimizer),
            "discriminator_optimizer": _variables(self.discriminator_optimizer),
            "balance": list(self.balance.variables),
            "running": list(self.running.variables),
            "counters": [
                self.step,
                self.turns,
                self.generator_updates,
                self.discriminator_skipped,
                self.generator_skipped,
            ],
        }

    def _optimizer(self, learning_rate, variables):
        optimizer = build_optimizer(self.config, learning_rate)
        if self.config.precision == "mixed_float16":
            # Gradients too small for float16 are lost without it.
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        optimizer.build(variables)
        return optimizer

    def _to_floats(self, photos):
        """Returns photos as the generator makes its images: -1..1, and of the same type."""
        return tf.cast(photos, self.generator.output.dtype) / 127.5 - 1.0

    def _replica_share(self, loss):
        return loss / self.strategy.num_replicas_in_sync

    def _means(self, measures):
        # In one vector: each reduction is a message to all other machines.
        rows = self.strategy.run(lambda it: tf.stack(list(it.values())), args=(measures,))
        means = self.strategy.reduce(tf.distribute.ReduceOp.MEAN, rows, axis=None)
        return dict(zip(measures, tf.unstack(means)))

    def _first(self, value):
        return self.strategy.experimental_local_results(value)[0]


def _schedule(config):
    """Returns the number of critic turns a step: the paper's bursts come with clipping only."""
    if config.loss not in WASSERSTEIN_LOSSES:
        return EqualTurns()
    clipped = config.loss == "wasserstein"
    return CriticTurns(config.critic_steps, bursts=clipped and config.critic_bursts)


def _times(count):
    """Returns what to loop over `count` times, a Python or a tensor's number."""
    return tf.range(count) if tf.is_tensor(count) else range(count)


def _now():
    """Returns the time in seconds, a float64 scalar; op determinism forbids `tf.timestamp`."""
    return tf.ensure_shape(tf.numpy_function(time.perf_counter, [], tf.float64), ())


def _gradients_if(condition, tape, loss, network):
    """Returns a loss's gradients, or zeros without a backward pass where `condition` is false."""
    variables = network.trainable_variables
    if _is_synchronized(network):  # replicas cannot wait for each other in a branch
        return tape.gradient(loss, variables)
    return tf.cond(
        condition,
        lambda: tape.gradient(loss, variables),
        lambda: [tf.zeros_like(variable) for variable in variables],
    )


def _is_synchronized(network):
    return any(getattr(layer, "synchronized", False) for layer in network.layers)


def _variables(owner):
    return [variable.value for variable in owner.variables]
