"""One step of both networks: whose turn it is, and what is made of its gradients."""

import keras
import tensorflow as tf

from tfgan_faces.config.defaults import WASSERSTEIN_LOSSES
from tfgan_faces.objectives.balancing import build_balance
from tfgan_faces.objectives.constraints import WeightClipping
from tfgan_faces.training.averaging import AveragedGenerator
from tfgan_faces.training.input_wait import build_input_wait
from tfgan_faces.training.measures import CRITIC_MEASURES, MEASURES, STEERING, RunningMeans
from tfgan_faces.training.noise import Noise
from tfgan_faces.training.objective import Objective, is_synchronized
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
        input_wait: `InputWait` or `UnmeasuredInputWait`; by default the latter on a GPU.

    Example:

    >>> trainer = Trainer(generator, discriminator, Config().resolved().training)
    >>> batches = iter(pipeline.batches(photos, batch_size=64, seed=0))
    >>> measures = trainer.train_step(batches)
    """

    def __init__(self, generator, discriminator, config, strategy=None, input_wait=None):
        self.generator, self.discriminator, self.config = generator, discriminator, config
        self.strategy = strategy or tf.distribute.get_strategy()
        self.schedule = _schedule(config)
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
            noise = Noise(config.seed, config.batch_size, self.turns)
            self.objective = Objective(generator, discriminator, config, noise)
            self.running = RunningMeans(MEASURES)
            self.running_of_critic = RunningMeans(CRITIC_MEASURES)
            # Of lasting trouble the run ends, so this is not a part of its state.
            self.soundness = {
                name: Soundness(name, network.trainable_variables)
                for name, network in (("generator", generator), ("discriminator", discriminator))
            }
            # Not a part of the run's state.
            self.input_wait = input_wait or build_input_wait(tf.config.list_logical_devices("GPU"))
        self.clipping = WeightClipping(discriminator, config.clip, config.clip_value)
        # The first turn's critic is in its boxes, too, or its score would be of another size.
        self.clipping.apply()

    @property
    def measures_critic(self):
        """Whether the discriminator is a clipped critic, of which the log tells more."""
        return self.config.clip != "none"

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
        sums = {name: tf.constant(0.0) for name in (*MEASURES, *CRITIC_MEASURES, *STEERING)}
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

        Returns:
            Dict of the float32 scalar `discriminator_loss`, the last turn's.
        """
        loss = tf.constant(0.0)
        for _ in tf.range(turns):
            measures, _ = self._discriminator_turn(self._next(batches))
            loss = measures["discriminator_loss"]
        return {"discriminator_loss": loss}

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
        self.running_of_critic.add(measures)
        self.step.assign_add(1)
        return measures

    def _next(self, batches):
        return self.input_wait.next(batches, after=self.turns)

    # A graph of its own, traced once: a critic's step would hold it twice.
    @tf.function(reduce_retracing=True)
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
        fakes = self.objective.fakes(photos)
        with tf.GradientTape() as tape:
            loss, measures, *_ = self._judge(photos, fakes)
        decisions = self._decide(measures)
        gradients = _gradients_if(decisions[0], tape, loss, self.discriminator)
        measures["critic_gradient_norm"] = self._gradient_norm(gradients)
        return gradients, measures, decisions

    def _generator_gradients(self, photos, threshold, train):
        """The turn of one replica, up to but without the update."""
        # Not before the discriminator's update is done, or both networks' activations would be
        # in memory at once.
        done = tf.identity(self.discriminator.trainable_variables[-1])
        with tf.control_dependencies([done]), tf.GradientTape() as tape:
            loss, measures = self.objective.of_generator(photos, threshold)
            loss = self._scaled(self.generator_optimizer, loss)
        return _gradients_if(train, tape, loss, self.generator), measures

    def _simultaneous_gradients(self, photos):
        """Both networks' turn of one replica, up to but without the updates."""
        with tf.GradientTape(persistent=True) as tape:
            judged, measures, *logits = self._judge(photos, self.objective.fakes(photos))
            fooled, fooling = self.objective.of_judged(*logits, measures["threshold"])
            fooled = self._scaled(self.generator_optimizer, fooled)
        decisions = self._decide(measures)
        gradients = [
            _gradients_if(decision, tape, loss, network)
            for decision, loss, network in zip(
                decisions, (judged, fooled), (self.discriminator, self.generator)
            )
        ]
        measures["critic_gradient_norm"] = self._gradient_norm(gradients[0])
        return *gradients, {**measures, **fooling}, decisions

    def _gradient_norm(self, gradients):
        """A clipped critic's; of others nobody is told, and it takes a pass over all weights."""
        norm = tf.linalg.global_norm(gradients) if self.measures_critic else 0.0
        return tf.cast(norm, tf.float32)

    def _judge(self, photos, fakes):
        """What `Objective.of_discriminator` returns, its loss scaled for gradients."""
        loss, *rest = self.objective.of_discriminator(photos, fakes, self.balance.weight_decay())
        return self._scaled(self.discriminator_optimizer, loss), *rest

    def _scaled(self, optimizer, loss):
        """This replica's share of a loss, in half precision times what keeps gradients above 0."""
        return optimizer.scale_loss(loss / self.strategy.num_replicas_in_sync)

    def _decide(self, measures):
        """Asks the balancing rule, with means over all replicas."""
        replica = tf.distribute.get_replica_context()
        accuracy = (measures["real_success"] + measures["fake_success"]) / 2
        told = [measures["real_error"], measures["fake_error"], accuracy]
        return self.balance.decide(*replica.all_reduce(tf.distribute.ReduceOp.MEAN, told))

    def _apply_discriminator(self, train, gradients, measures):
        if self._is_sound("discriminator", gradients, measures, train, self.turns) & train:
            self.strategy.run(self._update_discriminator, args=(gradients,))
        else:
            self.discriminator_skipped.assign_add(1)
        self.turns.assign_add(1)

    def _is_sound(self, network, gradients, measures, train, turn):
        """Whether the turn's numbers are finite on all replicas; notes it where they are not."""
        bad = self.strategy.run(not_finite, args=(measures[f"{network}_loss"], gradients))
        bad = self.strategy.reduce(tf.distribute.ReduceOp.SUM, bad, axis=None) > 0.0
        if self.config.precision == "mixed_float16":
            # Scaled gradients overflow now and then: the optimizer makes no update of them, and
            # halves the scale. Below 1 there is nothing left to halve.
            scale = getattr(self, f"{network}_optimizer").dynamic_scale
            bad &= tf.concat([[True], tf.fill([len(bad) - 1], scale <= 1.0)], 0)
        return self.soundness[network].note(bad, turn, train)

    def _update_discriminator(self, gradients):
        self.discriminator_optimizer.apply(gradients, self.discriminator.trainable_variables)
        self.clipping.apply()

    def _apply_generator(self, train, gradients, measures):
        # The discriminator's part of this turn has been counted.
        if self._is_sound("generator", gradients, measures, train, self.turns - 1) & train:
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
            "running_of_critic": list(self.running_of_critic.variables),
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
    penalized = config.loss == "wasserstein_gp"
    return CriticTurns(config.critic_steps, bursts=config.critic_bursts and not penalized)


def _times(count):
    """Returns what to loop over `count` times, a Python or a tensor's number."""
    return tf.range(count) if tf.is_tensor(count) else range(count)


def _gradients_if(condition, tape, loss, network):
    """Returns a loss's gradients, or zeros without a backward pass where `condition` is false."""
    variables = network.trainable_variables
    if is_synchronized(network):
        return tape.gradient(loss, variables)
    return tf.cond(
        condition,
        lambda: tape.gradient(loss, variables),
        lambda: [tf.zeros_like(variable) for variable in variables],
    )


def _variables(owner):
    return [variable.value for variable in owner.variables]
