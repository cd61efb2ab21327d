import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.small_trainers import SMALL, build, changed, steps, steps_on, weights
from tfgan_faces import models
from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.data.batches import pipeline
from tfgan_faces.training.measures import MEASURES
from tfgan_faces.training.trainer import Trainer


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


def test_minibatch_std_judges_photos_and_fakes_separately(larger_photos):
    trainer = build("modern")
    assert not trainer.objectives[0].separate_passes
    discriminator = models.build_discriminator("modern", minibatch_std=True, **SMALL)
    trainer = Trainer(trainer.generator, discriminator, trainer.config)
    assert trainer.objectives[0].separate_passes
    assert np.isfinite(steps(trainer, larger_photos, 1)[0]["discriminator_loss"])


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


def test_sequential_networks_can_be_trained():
    layers = keras.layers
    generator = [layers.Dense(48, "tanh"), layers.Reshape((4, 4, 3))]
    generator = keras.Sequential([keras.Input((2,)), *generator])
    discriminator = keras.Sequential([keras.Input((4, 4, 3)), layers.Flatten(), layers.Dense(1)])
    before = weights(generator)
    config = TrainingConfig(batch_size=2, balance="none")
    trainer = Trainer(generator, discriminator, Config(training=config).resolved().training)
    trainer.fit([np.zeros((2, 4, 4, 3), np.uint8)] * 2, 2)
    assert int(trainer.step) == 2
    assert changed(before, generator)
