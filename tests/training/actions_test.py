import types

import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.errors import NonFiniteError
from tfgan_faces.models import build_generator
from tfgan_faces.models.batch_statistics import BatchStatistics
from tfgan_faces.runs.metrics_csv import DISTANCES, MetricsCsv
from tfgan_faces.training import actions, collapse
from tfgan_faces.training.input_wait import InputWait, UnmeasuredInputWait
from tfgan_faces.training.measures import MEASURES
from tfgan_faces.visuals.image_grid import to_uint8


class Bar:
    """Replaces a tqdm bar."""

    text = ""

    def set_postfix_str(self, text, refresh):
        self.text = text


MEANS = {**dict.fromkeys(MEASURES, 0.0), "discriminator_skipped": 2, "generator_skipped": 1}


@pytest.fixture
def log(tmp_path):
    metrics = MetricsCsv(tmp_path / "metrics.csv")
    metrics.keep_until(0)
    writer = tf.summary.create_file_writer(str(tmp_path / "tensorboard"))
    samples = types.SimpleNamespace(alike=False)
    return actions.Log(actions.Clock(0, 4, InputWait()), metrics, writer, Bar(), samples)


def test_a_row_contains_the_measures(log):
    for step, real_success in ((2, 0.75), (3, 0.25)):
        log(step, {**MEANS, "real_success": real_success})
    assert [row["real_success"] for row in log.metrics.rows] == [0.75, 0.25]
    assert log.metrics.rows[0]["discriminator_skipped"] == 2
    assert "real 25%" in log.bar.text
    assert MetricsCsv(log.metrics.path).rows[1]["step"] == 3


def test_the_speed_is_measured_since_the_last_row(monkeypatch):
    times = iter([100.0, 104.0, 105.0])
    monkeypatch.setattr(actions.time, "perf_counter", lambda: next(times))
    clock = actions.Clock(10, 4, UnmeasuredInputWait(), seconds=50.0)
    assert clock.read(12) == {"seconds": 54.0, "images_per_second": 2.0, "input_wait": None}
    assert clock.read(13) == {"seconds": 55.0, "images_per_second": 4.0, "input_wait": None}


def test_input_wait_is_in_the_row_and_on_the_bar(log, monkeypatch):
    monkeypatch.setattr(log.clock.input_wait, "share", lambda seconds: 0.25)
    log(1, MEANS)
    assert log.metrics.rows[0]["input_wait"] == 0.25
    assert "images/s (waits 25%), loss" in log.bar.text


def test_unmeasured_input_wait_is_omitted(log):
    log.clock.input_wait = UnmeasuredInputWait()
    log(1, MEANS)
    assert log.metrics.rows[0]["input_wait"] is None
    assert "images/s, loss" in log.bar.text
    assert MetricsCsv(log.metrics.path).rows[0]["input_wait"] is None


def test_a_new_warning_of_collapse_is_logged_once_with_advice(log, monkeypatch):
    messages = []
    monkeypatch.setattr(
        actions._logger, "warning", lambda *args: messages.append(args[0] % args[1:])
    )
    log.samples.alike = True
    log(1, MEANS)
    log(2, MEANS)
    assert [row["warning"] for row in log.metrics.rows] == [collapse.ALIKE] * 2
    assert len(messages) == 1
    assert messages[0].startswith("Step 1: the samples are nearly alike")
    assert "try" in messages[0]


def test_the_row_of_a_clipped_critic_describes_it(log, monkeypatch):
    messages = []
    monkeypatch.setattr(
        actions._logger, "warning", lambda *args: messages.append(args[0] % args[1:])
    )
    critic_measures = {
        "brightness_correlation": 1.0,
        "critic_gradient_norm": 4.0,
        "share_at_walls": 0.75,
    }
    for step in (100, 200):
        log(step, {**MEANS, **critic_measures, "normalized_distance": 8.0})
    (row,) = [row for row in MetricsCsv(log.metrics.path).rows if row["step"] == 200]
    assert (row["share_at_walls"], row["critic_gradient_norm"]) == (0.75, 4.0)
    assert row["normalized_distance"] == 8.0
    assert row["warning"] == collapse.BRIGHTNESS
    assert "--critic=batch_norm" in messages[0]


def test_a_row_has_no_columns_for_unmeasured_values(log):
    log(1, MEANS)
    assert "share_at_walls" not in MetricsCsv(log.metrics.path).rows[0]


def test_tensorboard_gets_every_number(log, tmp_path):
    log(1, MEANS)
    (events,) = (tmp_path / "tensorboard").iterdir()
    names = {
        value.tag
        for record in tf.data.TFRecordDataset(str(events))
        for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value
    }
    assert {"discriminator_loss", "fooling_success", "generator_skipped"} <= names


def test_samples_use_the_same_latents_every_time_and_detect_collapse():
    generator = build_generator("exercise", 32, 8, width=0.25)
    written = {}
    latents = tf.random.stateless_normal((6, 8), (1, 2))
    statistics = BatchStatistics(generator)
    samples = actions.Samples(
        generator, statistics, latents, written.__setitem__, photos_spread=1.0
    )
    samples(1)
    samples(2)
    assert written[1].shape == (64, 96, 3)
    np.testing.assert_array_equal(written[1], written[2])
    assert not samples.alike
    samples.photos_spread = 1e6
    samples(3)
    assert samples.alike


def test_the_untrained_generator_needs_no_statistics_and_is_not_collapsed():
    written, updated = [], []
    statistics = types.SimpleNamespace(update_at=updated.append)
    samples = actions.Samples(
        lambda latents, training: tf.zeros((len(latents), 4, 4, 3)),
        statistics,
        tf.zeros((6, 8)),
        lambda step, grid: written.append(step),
        photos_spread=1.0,
    )
    samples(0)
    assert (written, updated, samples.alike) == ([0], [], False)
    samples(1)
    assert (written, updated, samples.alike) == ([0, 1], [1], True)


def test_checkpoint_with_nonfinite_weights_is_refused():
    saved, updated = [], []
    bad = tf.Variable([1.0, float("nan")], name="kernel")
    state = {name: [tf.Variable(1.0)] for name in ("discriminator", "averaged_generator")}
    statistics = types.SimpleNamespace(update_at=updated.append)
    action = actions.Checkpoint(
        {"generator": [bad], **state}, statistics, lambda *arguments: saved.append(arguments)
    )
    with pytest.raises(NonFiniteError, match="at step 7 kernel.* of the generator"):
        action(7)
    assert not saved
    bad.assign([1.0, 2.0])
    action(8)
    assert saved[0][0] == 8
    assert updated == [8]


def test_the_best_checkpoint_has_the_smallest_distance(tmp_path):
    generator = build_generator("exercise", 32, 8, width=0.25)
    saved, measured = [], iter([3.0, 5.0, 2.0])
    distances = MetricsCsv(tmp_path / "distances.csv", DISTANCES)
    distances.keep_until(0)
    best = actions.BestCheckpoint(
        actions.Faces(generator, BatchStatistics(generator), tf.random.normal((6, 8))),
        "state",
        lambda faces: next(measured) if faces.shape == (6, 32, 32, 3) else None,
        distances,
        (),
        lambda step, state: saved.append((step, state)),
    )
    for step in (10, 20, 30):
        best(step, {})
    assert saved == [(10, "state"), (30, "state")]
    rows = MetricsCsv(tmp_path / "distances.csv", DISTANCES).rows
    assert [row["frechet_distance"] for row in rows] == [3.0, 5.0, 2.0]


@pytest.mark.parametrize(("exists", "expected"), [([10], []), ([], [30])])
def test_a_distance_whose_checkpoint_is_gone_is_not_the_best(tmp_path, exists, expected):
    """After a rollback from a later, better checkpoint, the one of step 10 may be gone, too."""
    saved, measured = [], iter([0.6, 0.7])
    distances = MetricsCsv(tmp_path / "distances.csv", DISTANCES)
    distances.keep_until(0)
    distances.append({"step": 10, "frechet_distance": 0.5, "fakes": 6})
    best = actions.BestCheckpoint(
        lambda step: "faces",
        "state",
        lambda faces: next(measured),
        distances,
        exists,
        lambda step, state: saved.append(step),
    )
    for step in (30, 40):
        best(step, {})
    assert saved == expected


def test_any_number_of_faces_is_generated_in_batches():
    generator = build_generator("light", 16, latent_dim=8, width=0.125)
    latents = tf.random.normal((130, 8))
    faces = actions.Faces(generator, BatchStatistics(generator), latents)(1)
    assert faces.shape == (130, 16, 16, 3)
    np.testing.assert_array_equal(faces[101], to_uint8(generator(latents).numpy())[101])


def test_repeated_photos_are_a_warning_when_they_begin(monkeypatch):
    found = []
    monkeypatch.setattr(
        actions._logger, "warning", lambda text, *values: found.append(text % values)
    )
    shares = iter([0.02, 0.021, 0.5, 0.01, 0.03])
    copies = actions.NearCopies(lambda step: f"faces {step}", lambda faces: next(shares), 0.02)
    for step in (10, 20, 30, 40, 50):
        copies(step, {})
    assert [message.split(":")[0] for message in found] == ["Step 20", "Step 50"]
    assert "2 % of its faces are closer" in found[0]
