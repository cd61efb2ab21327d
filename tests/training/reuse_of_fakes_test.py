"""Steps whose generator learns from the fakes of the discriminator's turn."""

import keras
import numpy as np
import pytest

from tests.training.small_trainers import build, changed, steps, weights
from tfgan_faces.config import Config, TrainingConfig
from tfgan_faces.data.batches import pipeline
from tfgan_faces.training.trainer import Trainer


@pytest.mark.parametrize("loss", ["non_saturating", "wasserstein"])
def test_trains_both_networks(photos, loss):
    trainer = build(loss=loss, reuse_fakes=True, balance="none", critic_steps=2)
    before = weights(trainer.generator), weights(trainer.discriminator)
    rows = steps(trainer, photos, 2)
    assert all(np.isfinite(value) for row in rows for value in row.values())
    assert changed(before[0], trainer.generator)
    assert changed(before[1], trainer.discriminator)
    assert int(trainer.turns) == (4 if loss == "wasserstein" else 2)


@pytest.mark.parametrize("reuse_fakes", [True, False])
def test_generator_learns_from_the_critic_before_or_after_its_update(
    photos, monkeypatch, reuse_fakes
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


def test_generator_runs_once_per_step(photos):
    def generator_runs(trainer):
        batches = iter(pipeline.batches(photos, 4, 0))
        graph = trainer.train_step.get_concrete_function(batches).graph.as_graph_def()
        functions = {function.signature.name: function for function in graph.library.function}

        def runs(nodes):  # including the separate graph of a turn
            called = (functions[n.attr["f"].func.name] for n in nodes if "PartitionedCall" in n.op)
            own = sum(node.op == "FusedBatchNormV3" for node in nodes)
            return own + sum(runs(function.node_def) for function in called)

        return runs(graph.node)

    assert 2 * generator_runs(build(reuse_fakes=True)) == generator_runs(build())
