"""Losses calculated by hand for logits 0 and ln 3, whose sigmoids are 1/2 and 3/4."""

import ast
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

import tfgan_faces
from tfgan_faces.config import TrainingConfig
from tfgan_faces.objectives import losses
from tfgan_faces.objectives.balancing import BALANCES

PACKAGE = Path(tfgan_faces.__file__).parent

REAL = np.float32([[0.0], [math.log(3.0)]])  # sigmoid 1/2, 3/4
FAKE = np.float32([[0.0], [-math.log(3.0)]])  # sigmoid 1/2, 1/4


def test_non_saturating():
    # -(ln 1/2 + ln 3/4) / 2 for photos, the same for fakes
    one_side = (math.log(2) + math.log(4 / 3)) / 2
    assert float(losses.non_saturating_discriminator_loss(REAL, FAKE)) == pytest.approx(
        2 * one_side
    )
    # -(ln 1/2 + ln 1/4) / 2
    expected = (math.log(2) + math.log(4)) / 2
    assert float(losses.non_saturating_generator_loss(FAKE)) == pytest.approx(expected)


def test_one_sided_smoothing_moves_the_photos_target_only():
    # target 0.9 at logit x: -0.9 ln s(x) - 0.1 ln (1 - s(x))
    real = (0.9 * math.log(2) + 0.1 * math.log(2) + 0.9 * math.log(4 / 3) + 0.1 * math.log(4)) / 2
    fake = (math.log(2) + math.log(4 / 3)) / 2
    got = float(losses.non_saturating_discriminator_loss(REAL, FAKE, label_smoothing=0.1))
    assert got == pytest.approx(real + fake)


def test_minimax():
    one_side = (math.log(2) + math.log(4 / 3)) / 2
    assert float(losses.minimax_discriminator_loss(REAL, FAKE)) == pytest.approx(2 * one_side)
    # (ln 1/2 + ln 3/4) / 2: falls as the fakes' logits rise
    assert float(losses.minimax_generator_loss(FAKE)) == pytest.approx(-one_side)


def test_least_squares():
    real, fake = np.float32([[1.0], [3.0]]), np.float32([[0.0], [-2.0]])
    # ((0 + 4) / 2 + (0 + 4) / 2) / 2
    assert float(losses.least_squares_discriminator_loss(real, fake)) == pytest.approx(2.0)
    # ((1 + 9) / 2) / 2
    assert float(losses.least_squares_generator_loss(fake)) == pytest.approx(2.5)


def test_hinge():
    real, fake = np.float32([[0.5], [3.0]]), np.float32([[-0.5], [-4.0]])
    # mean(0.5, 0) + mean(0.5, 0)
    assert float(losses.hinge_discriminator_loss(real, fake)) == pytest.approx(0.5)
    assert float(losses.hinge_generator_loss(fake)) == pytest.approx(2.25)


def test_wasserstein():
    real, fake = np.float32([[2.0], [4.0]]), np.float32([[-1.0], [0.0]])
    assert float(losses.wasserstein_discriminator_loss(real, fake)) == pytest.approx(-3.5)
    assert float(losses.wasserstein_generator_loss(fake)) == pytest.approx(0.5)


def test_relativistic_compares_pairs():
    real, fake = np.float32([[1.0], [0.0]]), np.float32([[1.0], [math.log(3.0)]])
    # softplus of -0 and of ln 3: ln 2 and ln 4
    expected = (math.log(2) + math.log(4)) / 2
    assert float(losses.relativistic_discriminator_loss(real, fake)) == pytest.approx(expected)
    # softplus of 0 and of -ln 3: ln 2 and ln 4/3
    expected = (math.log(2) + math.log(4 / 3)) / 2
    assert float(losses.relativistic_generator_loss(real, fake)) == pytest.approx(expected)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_huge_logits_and_half_precision_stay_finite(name):
    found = losses.LOSSES[name]
    real, fake = np.float16([[3e4], [-3e4]]), np.float16([[-3e4], [3e4]])
    logits = (real, fake) if found.is_paired else (fake,)
    for loss in (found.discriminator(real, fake), found.generator(*logits)):
        assert loss.dtype == "float32"
        assert np.isfinite(loss)


def test_every_loss_has_a_default_for_every_setting_that_is_none():
    unset = {field.name for field in dataclasses.fields(TrainingConfig) if field.default is None}
    for loss in losses.LOSSES.values():
        # The clip value depends on `clip`, the augmentation on the photos; by default no run is
        # started from.
        assert loss.defaults.keys() == unset - {"clip_value", "augment", "init_from"}
        assert BALANCES[loss.defaults["balance"]].reads in (None, *loss.balanced_by)


def test_the_literatures_names_are_aliases():
    assert losses.ALIASES == {
        "gan": "non_saturating",
        "wgan": "wasserstein",
        "wgan-gp": "wasserstein_gp",
    }


def test_no_other_file_compares_names_of_losses():
    names = {*losses.LOSSES, *losses.ALIASES} - {"gan"}
    for path in PACKAGE.rglob("*.py"):
        if path.name != "losses.py":
            constants = {
                node.value
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Compare)
                for node in ast.walk(node)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            assert not constants & names, path
