import dataclasses
import itertools
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces import models
from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.data.batches import pipeline
from tfgan_faces.layers import (
    ByteDropout,
    FusedBatchNormalization,
    MaxPooling2D,
    UnpoolingDeconvolution2D,
)
from tfgan_faces.machine.keras_settings import own_settings
from tfgan_faces.training.input_wait import UnmeasuredInputWait
from tfgan_faces.training.measures import MEASURES
from tfgan_faces.training.trainer import Trainer

SMALL = {"image_size": 32, "width": 0.1}


@pytest.fixture
def photos(rng):
    return rng.integers(0, 256, (32, 4, 4, 3), np.uint8)


@pytest.fixture
def larger_photos(rng):
    """Photos of the smallest size that the architectures support."""
    return rng.integers(0, 256, (32, 32, 32, 3), np.uint8)


def tiny():
    """Returns networks for 4x4 images with a layer of each kind that matters to training."""
    latents, images = keras.Input((8,)), keras.Input((4, 4, 3))
    x = keras.layers.Reshape((2, 2, 8))(keras.layers.Dense(32)(latents))
    x = keras.layers.ReLU()(UnpoolingDeconvolution2D(8, 3, padding="same")(x))
    x = FusedBatchNormalization()(ByteDropout(0.1)(x))
    x = keras.layers.Conv2D(3, 3, padding="same", name="rgb")(x)
    generator = keras.Model(latents, keras.layers.Activation("tanh", dtype="float32")(x))
    x = keras.layers.Conv2D(8, 3, padding="same", name="convolution")(images)
    x = ByteDropout(0.3)(keras.layers.ReLU()(MaxPooling2D(2)(x)))
    logits = keras.layers.Dense(1, dtype="float32", name="logit")(keras.layers.Flatten()(x))
    return generator, keras.Model(images, logits)


def build(architecture=None, precision="float32", strategy=None, input_wait=None, **settings):
    """Returns a trainer of an architecture's networks, by default of the networks of `tiny`."""
    keras.utils.set_random_seed(0)
    config = Config(
        training=TrainingConfig(batch_size=4, precision=precision, **settings)
    ).resolved()
    with (strategy or tf.distribute.get_strategy()).scope():
        if architecture is None:
            with own_settings(precision):
                networks = tiny()
        else:
            networks = (
                models.build_generator(architecture, latent_dim=8, precision=precision, **SMALL),
                models.build_discriminator(architecture, precision=precision, **SMALL),
            )
        return Trainer(*networks, config.training, strategy, input_wait)


def steps(trainer, photos, count, first=0):
    """Takes `count` steps on the batches from number `first` on, and returns their measures."""
    return steps_on(trainer, iter(pipeline.batches(photos, 4, 0, first_iteration=first)), count)


def steps_on(trainer, batches, count):
    return [
        {name: float(value) for name, value in trainer.train_step(batches).items()}
        for _ in range(count)
    ]


def weights(model):
    return [variable.numpy().copy() for variable in model.trainable_variables]


def changed(before, model):
    return any(not np.array_equal(a, b) for a, b in zip(before, weights(model)))


class Decided:
    """A balancing rule with decisions that a test sets."""

    variables = ()

    def __init__(self):
        self.decision = tf.Variable(False), tf.Variable(False)

    def decide(self, real_error, fake_error, accuracy):
        return tuple(variable.read_value() for variable in self.decision)

    def weight_decay(self):
        return None

    def observe_generator(self, error):
        pass


RULES = [
    ("non_saturating", "margin"),
    ("minimax", "l2"),
    ("least_squares", "accuracy"),
    ("hinge", "none"),
]
# Each loss and each architecture has a test that is not marked `long`.
COMBINED = [
    pytest.param(name, *rule, marks=() if number % len(RULES) == place else pytest.mark.long)
    for number, name in enumerate(models.ARCHITECTURES)
    for place, rule in enumerate(RULES)
]


@pytest.mark.parametrize(("architecture", "loss", "balance"), COMBINED)
def test_every_loss_and_rule_trains_every_architecture(architecture, loss, balance, larger_photos):
    photos, trainer = larger_photos, build(architecture, loss=loss, balance=balance)
    before = weights(trainer.generator), weights(trainer.discriminator)
    measures = steps(trainer, photos, 3)
    assert all(np.isfinite(value) for row in measures for value in row.values())
    assert set(MEASURES) <= measures[0].keys()
    # The errors of untrained networks may be outside the margin; the rule then skips one of them.
    assert changed(before[0], trainer.generator) == (int(trainer.updates["generator"].skipped) < 3)
    assert changed(before[1], trainer.discriminator) == (
        int(trainer.updates["discriminator"].skipped) < 3
    )
    assert trainer.train_step.experimental_get_tracing_count() == 1
    assert int(trainer.step) == int(trainer.turns) == 3


def test_bfloat16_trains_with_float32_weights(photos):
    trainer = build(precision="mixed_bfloat16", loss="non_saturating")
    assert all(np.isfinite(value) for row in steps(trainer, photos, 3) for value in row.values())
    assert all(variable.dtype == "float32" for variable in trainer.generator.trainable_variables)


def test_a_skipped_network_is_not_changed_and_is_counted(photos):
    trainer = build()
    trainer.balance = trainer._turns.balance = Decided()
    skipped = trainer.updates["discriminator"].skipped, trainer.updates["generator"].skipped
    for decision in itertools.product([False, True], repeat=2):
        discriminator, generator = decision
        for variable, value in zip(trainer.balance.decision, decision):
            variable.assign(value)
        before = weights(trainer.generator), weights(trainer.discriminator)
        average, counts = weights(trainer.averaged_generator), [int(count) for count in skipped]
        steps(trainer, photos, 2)
        assert changed(before[0], trainer.generator) == generator
        assert changed(average, trainer.averaged_generator) == generator
        assert changed(before[1], trainer.discriminator) == discriminator
        assert int(skipped[0]) - counts[0] == (0 if discriminator else 2)
        assert int(skipped[1]) - counts[1] == (0 if generator else 2)


def test_skipped_backward_passes_are_in_branches_of_the_graph(photos):
    """Gradients of convolutions occur only in functions that a condition calls."""
    trainer = build(balance="margin")
    batches = iter(pipeline.batches(photos, 4, 0))
    graph = trainer.train_step.get_concrete_function(batches).graph.as_graph_def()
    kinds = [node.op for node in graph.node]
    assert "If" in kinds or "StatelessIf" in kinds
    assert "Conv2DBackpropFilter" not in kinds
    assert any(
        node.op == "Conv2DBackpropFilter"
        for function in graph.library.function
        for node in function.node_def
    )


def test_success_rates_and_losses_follow_from_the_logits(photos):
    """A discriminator that always returns -2 misjudges all photos, and is fooled by no fake."""
    trainer = build(balance="none", label_smoothing=0.0)
    kernel, bias = trainer.discriminator.get_layer("logit").variables
    kernel.assign(tf.zeros_like(kernel))
    bias.assign([-2.0])
    row = steps(trainer, photos, 1)[0]
    assert (row["real_success"], row["fake_success"], row["fooling_success"]) == (0.0, 1.0, 0.0)
    # ln(1 + e^2) + ln(1 + e^-2)
    assert row["discriminator_loss"] == pytest.approx(2.126928 + 0.126928, abs=1e-5)
    assert row["real_error"] == pytest.approx(2.126928, abs=1e-5)
    assert row["fake_error"] == pytest.approx(0.126928, abs=1e-5)


def test_l2_rule_adds_half_the_squared_weights(photos):
    """If the logits have no gradient, only the penalty moves the kernels: SGD by rate * c * w."""
    trainer = build(balance="l2", loss="non_saturating")
    trainer.balance.coefficient.assign(0.5)
    kernel = trainer.discriminator.get_layer("logit").kernel
    kernel.assign(tf.zeros_like(kernel))  # no layer before it gets a gradient from the loss
    trainer.updates["discriminator"].optimizer = keras.optimizers.SGD(0.1)
    trainer.updates["discriminator"].optimizer.build(trainer.discriminator.trainable_variables)
    first = trainer.discriminator.get_layer("convolution").kernel
    before = first.numpy()
    steps(trainer, photos, 1)
    np.testing.assert_allclose(first.numpy(), before * (1 - 0.1 * 0.5), rtol=1e-5, atol=1e-7)


def test_the_average_follows_the_generator_with_a_warm_up(photos):
    trainer = build(ema_decay=0.999, balance="none")
    variable = trainer.generator.trainable_variables[0]
    average, expected = trainer.averaged_generator.trainable_variables[0], variable.numpy()
    for updates in range(3):
        steps(trainer, photos, 1, first=updates)
        decay = (1 + updates) / (10 + updates)
        expected = decay * expected + (1 - decay) * variable.numpy()
        np.testing.assert_allclose(average.numpy(), expected, rtol=1e-4, atol=1e-6)


def test_many_steps_in_one_call_are_the_same_steps(photos):
    one, many = build(balance="margin"), build(balance="margin")
    rows = steps(one, photos, 3)
    means = many.train_steps(iter(pipeline.batches(photos, 4, 0)), tf.constant(3))
    for name, value in means.items():
        expected = np.mean([row[name] for row in rows])
        assert float(value) == pytest.approx(expected, rel=1e-5), name
    for name, variables in one.state().items():
        for variable, other in zip(variables, many.state()[name]):
            np.testing.assert_array_equal(variable.numpy(), other.numpy(), err_msg=name)


def test_float16_scales_losses_and_trains(photos):
    trainer = build(precision="mixed_float16", balance="none")
    before = weights(trainer.generator)
    rows = steps(trainer, photos, 3)
    assert all(np.isfinite(value) for row in rows for value in row.values())
    assert rows[0]["discriminator_loss"] < 10  # not scaled
    assert float(trainer.updates["generator"].optimizer.scale_loss(1.0)) >= 2.0**10
    assert changed(before, trainer.generator)


def test_waiting_for_photos_is_measured_with_deterministic_kernels(photos):
    tf.config.experimental.enable_op_determinism()  # as in the command line
    trainer = build()
    steps(trainer, photos, 2)
    waited = trainer.input_wait.total
    assert 0.0 < float(waited) < 60.0
    assert not any(waited is variable for variable in trainer.state()["counters"])


def test_the_time_of_a_turn_does_not_count_as_waiting(photos, monkeypatch):
    """A clock that ticks once per turn does not tick while training waits for a batch."""
    trainer = build(loss="wasserstein", critic_steps=3, critic_bursts=False)
    monkeypatch.setattr(time, "perf_counter", lambda: float(trainer.turns.numpy()))
    steps(trainer, photos, 2)
    assert int(trainer.turns) == 6
    assert float(trainer.input_wait.total) == 0.0


def test_steps_are_the_same_with_and_without_the_clock(photos):
    with_clock, without = build(), build(input_wait=UnmeasuredInputWait())
    assert steps(with_clock, photos, 2) == steps(without, photos, 2)
    batches = iter(pipeline.batches(photos, 4, 0))
    python = [
        sum(node.op == "PyFunc" for node in graph_nodes(trainer, batches))
        for trainer in (with_clock, without)
    ]
    assert python == [2, 0]


def graph_nodes(trainer, batches):
    graph = trainer.train_step.get_concrete_function(batches).graph.as_graph_def()
    functions = (node for function in graph.library.function for node in function.node_def)
    return [*graph.node, *functions]


class TestReuseOfFakes:
    @pytest.mark.parametrize("loss", ["non_saturating", "wasserstein"])
    def test_trains_both_networks(self, photos, loss):
        trainer = build(loss=loss, reuse_fakes=True, balance="none", critic_steps=2)
        before = weights(trainer.generator), weights(trainer.discriminator)
        rows = steps(trainer, photos, 2)
        assert all(np.isfinite(value) for row in rows for value in row.values())
        assert changed(before[0], trainer.generator)
        assert changed(before[1], trainer.discriminator)
        assert int(trainer.turns) == (4 if loss == "wasserstein" else 2)

    @pytest.mark.parametrize("reuse_fakes", [True, False])
    def test_generator_learns_from_the_critic_before_or_after_its_update(
        self, photos, monkeypatch, reuse_fakes
    ):
        """The score of x is v * x, so the generator's bias moves by rate * v for every x."""
        config = Config(
            training=TrainingConfig(
                batch_size=4,
                loss="wasserstein",
                clip_value=100.0,
                critic_steps=1,
                augment="none",
                reuse_fakes=reuse_fakes,
            )
        ).resolved()
        latents, images = keras.Input((2,)), keras.Input((1, 1, 3))
        dense, score = keras.layers.Dense(3), keras.layers.Dense(1, use_bias=False)
        trainer = Trainer(
            keras.Model(latents, keras.layers.Reshape((1, 1, 3))(dense(latents))),
            keras.Model(images, score(keras.layers.Flatten()(images))),
            config.training,
        )
        monkeypatch.setattr(type(trainer.schedule), "MANY", 1)
        for name, model in (
            ("generator", trainer.generator),
            ("discriminator", trainer.discriminator),
        ):
            optimizer = keras.optimizers.SGD(0.5)
            optimizer.build(model.trainable_variables)
            trainer.updates[name].optimizer = optimizer
        before = score.kernel.numpy()[:, 0]
        trainer.train_step(iter(pipeline.batches(photos[:, :1, :1], 4, 0)))
        after = score.kernel.numpy()[:, 0]
        assert np.abs(after - before).max() > 0.01
        np.testing.assert_allclose(dense.bias, 0.5 * (before if reuse_fakes else after), rtol=1e-4)

    def test_generator_runs_once_per_step(self, photos):
        def generator_runs(trainer):
            batches = iter(pipeline.batches(photos, 4, 0))
            graph = trainer.train_step.get_concrete_function(batches).graph.as_graph_def()
            functions = {function.signature.name: function for function in graph.library.function}

            def runs(nodes):  # including the separate graph of a turn
                called = (
                    functions[n.attr["f"].func.name] for n in nodes if "PartitionedCall" in n.op
                )
                own = sum(node.op == "FusedBatchNormV3" for node in nodes)
                return own + sum(runs(function.node_def) for function in called)

            return runs(graph.node)

        assert 2 * generator_runs(build(reuse_fakes=True)) == generator_runs(build())


class TestWasserstein:
    def test_critic_turns_follow_the_papers_schedule(self, photos, monkeypatch):
        trainer = build(loss="wasserstein", critic_steps=3, critic_bursts=True)
        monkeypatch.setattr(type(trainer.schedule), "MANY", 4)
        monkeypatch.setattr(type(trainer.schedule), "FIRST", 2)
        steps(trainer, photos, 5)
        # 4 in each of the first two steps, then 3
        assert int(trainer.turns) == 2 * 4 + 3 * 3
        assert int(trainer.step) == 5

    def test_a_split_burst_gives_the_same_weights(self, photos, monkeypatch):
        results = []
        for pieces in ((), (1, 2)):
            trainer = build(loss="wasserstein", critic_bursts=True)
            monkeypatch.setattr(type(trainer.schedule), "MANY", 5)
            batches = iter(pipeline.batches(photos, 4, 0))
            for turns in pieces:
                measures = trainer.train_critic(batches, tf.constant(turns))
                assert np.isfinite(measures["discriminator_loss"])
            assert trainer.turns_left() == 5 - sum(pieces)
            trainer.train_step(batches)
            assert int(trainer.turns) == 5
            results.append(weights(trainer.discriminator) + weights(trainer.generator))
        for whole, in_pieces in zip(*results):
            np.testing.assert_array_equal(whole, in_pieces)

    def test_critic_weights_stay_within_the_clip_value(self, photos):
        trainer = build(loss="wasserstein", clip_value=0.02)
        largest = [np.abs(w).max() for w in weights(trainer.discriminator)]
        assert max(largest) == np.float32(0.02)  # from the first turn on
        steps(trainer, photos, 2)
        largest = [np.abs(w).max() for w in weights(trainer.discriminator)]
        assert max(largest) == np.float32(0.02)
        assert max(np.abs(w).max() for w in weights(trainer.generator)) > 0.02

    def test_estimate_is_the_difference_of_mean_scores(self, photos):
        trainer = build(loss="wasserstein")
        row = steps(trainer, photos, 1)[0]
        assert row["distance_estimate"] == pytest.approx(-row["discriminator_loss"], rel=1e-5)


def test_the_seed_determines_the_weights(photos):
    results = []
    for seed in (0, 0, 1):
        trainer = build(seed=seed, balance="none")
        steps(trainer, photos, 2)
        results.append(weights(trainer.generator))
    for one, same in zip(results[0], results[1]):
        np.testing.assert_array_equal(one, same)
    assert any(not np.array_equal(a, b) for a, b in zip(results[0], results[2]))


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "non_saturating", "balance": "l2"},
        {"loss": "wasserstein", "critic_steps": 2, "critic_bursts": True},
        {"loss": "wasserstein", "clip": "fan_in"},
        # the lazy penalty is due in turns 0 and 3, before and after the stop
        {"loss": "relativistic", "r1": 1.0, "penalty_every": 3},
    ],
)
def test_a_restored_state_continues_bit_for_bit(photos, tmp_path, monkeypatch, settings):
    def build_again():
        trainer = build(**settings)
        monkeypatch.setattr(type(trainer.schedule), "MANY", 3, raising=False)
        return trainer

    whole = build_again()
    batches = iter(pipeline.batches(photos, 4, 0))
    steps_on(whole, batches, 2)
    tf.train.Checkpoint(**whole.state()).write(str(tmp_path / "state"))
    steps_on(whole, batches, 2)
    keras.utils.set_random_seed(99)
    resumed = build_again()
    tf.train.Checkpoint(**resumed.state()).read(str(tmp_path / "state")).assert_consumed()
    steps(resumed, photos, 2, first=int(resumed.turns))
    for name, variables in whole.state().items():
        for one, other in zip(variables, resumed.state()[name]):
            np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.name)
    assert whole.measures.read() == resumed.measures.read()


def test_runs_under_a_mirrored_strategy(photos):
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    trainer = build(strategy=strategy, balance="margin")
    batches = strategy.experimental_distribute_dataset(pipeline.batches(photos, 4, 0))
    measures = trainer.train_step(iter(batches))
    assert all(np.isfinite(value) for value in measures.values())


PRECISIONS = [
    ("exercise", "float32"),
    ("blog", "mixed_bfloat16"),
    ("modern", "mixed_bfloat16"),
    ("light", "float32"),
]
PENALISED = [
    {"loss": "relativistic", "r1": 0.5, "r2": 0.5},
    {"loss": "relativistic", "r1": 0.5, "penalty_every": 2, "reuse_fakes": True},
    {"loss": "wasserstein_gp", "critic_steps": 1},
    {"loss": "non_saturating", "balance": "none", "r1": 1.0, "penalty_every": 2},
]


@pytest.mark.parametrize(
    ("architecture", "precision", "settings"),
    [
        pytest.param(*networks, settings, marks=() if row == column else pytest.mark.long)
        for row, networks in enumerate(PRECISIONS)
        for column, settings in enumerate(PENALISED)
    ],
)
def test_paired_and_penalised_objectives_train(architecture, precision, settings, larger_photos):
    photos, trainer = larger_photos, build(architecture, precision, **settings)
    before = weights(trainer.generator), weights(trainer.discriminator)
    rows = steps(trainer, photos, 4)
    assert all(np.isfinite(value) for row in rows for value in row.values())
    assert changed(before[0], trainer.generator)
    assert changed(before[1], trainer.discriminator)
    every = settings.get("penalty_every", 1)
    assert [row["penalty"] > 0 for row in rows] == [step % every == 0 for step in range(4)]


def test_a_lazy_penalty_is_multiplied_by_its_interval(photos):
    eager, lazy = (build(loss="relativistic", r1=1.0, penalty_every=every) for every in (1, 16))
    once, sixteenfold = (steps(trainer, photos, 1)[0]["penalty"] for trainer in (eager, lazy))
    assert sixteenfold == pytest.approx(16 * once, rel=1e-4)


def test_r1_is_half_gamma_times_the_squared_gradient_at_the_photos(larger_photos):
    trainer = build("modern", loss="relativistic", r1=3.0, augment="none")
    discriminator = keras.models.clone_model(trainer.discriminator)
    discriminator.set_weights(trainer.discriminator.get_weights())
    batch = next(iter(pipeline.batches(larger_photos, 4, 0)))
    images = tf.Variable(tf.cast(batch, tf.float32) / 127.5 - 1.0)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(discriminator(images))
    expected = 1.5 * np.mean(np.sum(tape.gradient(total, images).numpy() ** 2, (1, 2, 3)))
    assert steps(trainer, larger_photos, 1)[0]["penalty"] == pytest.approx(expected, rel=1e-4)


def test_minibatch_std_judges_photos_and_fakes_separately(larger_photos):
    trainer = build("modern")
    assert not trainer.objectives[0].separate_passes
    discriminator = models.build_discriminator("modern", minibatch_std=True, **SMALL)
    trainer = Trainer(trainer.generator, discriminator, trainer.config)
    assert trainer.objectives[0].separate_passes
    assert np.isfinite(steps(trainer, larger_photos, 1)[0]["discriminator_loss"])


def replace_loss(trainer, **functions):
    for objective in trainer.objectives:
        objective.loss = dataclasses.replace(objective.loss, **functions)


class TestNonFiniteNumbers:
    @pytest.mark.parametrize("reuse_fakes", [False, True])
    def test_no_update_is_made_and_training_continues(self, photos, reuse_fakes):
        trainer = build(balance="none", reuse_fakes=reuse_fakes)
        factors = {name: tf.Variable(1.0) for name in ("generator", "discriminator")}
        for name, factor in factors.items():
            real = getattr(trainer.objectives[0].loss, name)

            def broken(*logits, real=real, factor=factor, **settings):
                return real(*logits, **settings) * factor

            replace_loss(trainer, **{name: broken})
        for name, factor in factors.items():
            model = getattr(trainer, name)
            before = weights(model)
            factor.assign(np.nan)
            steps(trainer, photos, 2, first=int(trainer.turns))
            assert not changed(before, model)
            assert trainer.first_nonfinite() is None
            factor.assign(1.0)
            steps(trainer, photos, 1, first=int(trainer.turns))
            assert changed(before, model)
            assert all(np.isfinite(values).all() for values in weights(model))
            assert int(trainer.updates[name].guard.total) == 2
            assert all(np.isfinite(value) for value in trainer.measures.read().values())

    def test_a_lasting_failure_is_reported_with_its_network_and_turn(self, photos):
        trainer = build(balance="none")
        replace_loss(trainer, discriminator=lambda real, fake, **_: np.inf * tf.reduce_mean(real))
        steps(trainer, photos, 10)
        assert trainer.first_nonfinite() == ("loss of the discriminator", 9)

    @pytest.mark.parametrize("reuse_fakes", [False, True])
    def test_a_failure_of_the_generator_is_reported_with_its_turn(self, photos, reuse_fakes):
        """This is turn 9, the tenth. Turn 10 has not been taken yet."""
        trainer = build(balance="none", reuse_fakes=reuse_fakes)
        replace_loss(trainer, generator=lambda fake: np.inf * tf.reduce_mean(fake))
        steps(trainer, photos, 10)
        assert trainer.first_nonfinite() == ("loss of the generator", 9)

    def test_skipped_turns_do_not_hide_a_lasting_failure(self, photos):
        trainer = build(balance="none")
        turn = trainer.turns
        trainer.balance.decide = lambda *errors: (turn % 2 == 0, tf.constant(True))
        replace_loss(
            trainer,
            discriminator=lambda real, fake, **_: (
                tf.where(turn % 2 == 0, np.inf, 1.0) * tf.reduce_mean(real)
            ),
        )
        steps(trainer, photos, 19)
        assert trainer.first_nonfinite() == ("loss of the discriminator", 18)

    def test_float16_gradients_that_overflow_at_every_scale_are_a_failure(self, photos):
        trainer = build(precision="mixed_float16", balance="none")
        trainer.updates["discriminator"].optimizer.dynamic_scale.assign(4.0)

        @tf.custom_gradient
        def overflowing(logits):
            return logits, lambda upstream: upstream * np.inf

        loss = trainer.objectives[0].loss.discriminator
        replace_loss(
            trainer,
            discriminator=lambda real, fake, **settings: loss(overflowing(real), fake, **settings),
        )
        steps(trainer, photos, 11)
        assert trainer.first_nonfinite() is None  # the scales 4 and 2 are halved, and do not count
        steps(trainer, photos, 1, first=11)
        assert "gradient of " in trainer.first_nonfinite()[0]


def test_learning_rates_are_set_under_loss_scaling_too():
    trainer = build(precision="mixed_float16")
    trainer.updates["generator"].optimizer.learning_rate = 1.0
    trainer.set_learning_rates()
    rates = [
        float(optimizer.inner_optimizer.learning_rate)
        for optimizer in (
            trainer.updates["generator"].optimizer,
            trainer.updates["discriminator"].optimizer,
        )
    ]
    assert rates == pytest.approx([3e-4, 3e-4])


def test_the_first_half_of_the_discriminator_is_frozen_for_some_turns(photos):
    """Its four weights are the kernel and bias of a convolution, and of the logit."""
    trainer = build(balance="none", freeze_d=2, init_from="a run")
    before = [weight.numpy() for weight in trainer.discriminator.trainable_variables]
    for turns, frozen in ((2, True), (3, False)):
        steps(trainer, photos, turns - int(trainer.step), first=int(trainer.step))
        after = trainer.discriminator.trainable_variables
        changed = [not np.array_equal(*pair) for pair in zip(before, after)]
        assert changed == [not frozen, not frozen, True, True]


def test_adaptive_augmentation_follows_the_discriminator_and_is_restored(photos, tmp_path):
    trainer = build(balance="none", augment="auto")
    trainer.augmentation.PHOTOS = 40
    trainer.augmentation.rate = 4 / 40
    trainer.augmentation.mean_sign.assign(1.0)
    steps(trainer, photos, 2)
    measures = trainer.read_measures()
    assert measures["augment_strength"] == pytest.approx(0.2)
    strength, mean_sign = trainer.state()["augmentation"]
    assert float(strength) == pytest.approx(0.2)
    assert float(mean_sign) < 1.0
    assert "augmentation" not in build(balance="none").state()


def test_adaptive_augmentation_works_under_a_strategy(photos):
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    trainer = build(
        balance="none", augment="auto", freeze_d=1, init_from="a run", strategy=strategy
    )
    steps(trainer, photos, 1)
    assert trainer.read_measures()["augment_strength"] == 0.0
