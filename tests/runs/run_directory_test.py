import json
import os

import numpy as np
import pytest
import tensorflow as tf

from tfgan_faces.config import Config, ModelConfig, RunConfig, TrainingConfig
from tfgan_faces.errors import UserError
from tfgan_faces.models import build_generator
from tfgan_faces.runs.run_directory import RunDirectory

SMALL = ModelConfig(width=0.25, latent_dim=8)


@pytest.fixture
def directory(tmp_path):
    return RunDirectory(str(tmp_path / "run"))


def state(value):
    return {"numbers": [tf.Variable([float(value)] * 3), tf.Variable(value)]}


def test_begins_and_resumes_with_the_same_settings(directory):
    config = Config(model=SMALL).resolved()
    directory.begin(config, "photos")
    directory.begin(config, "photos")
    assert directory.config() == config


def test_paths_and_steps_may_change_on_resume(directory):
    directory.begin(Config().resolved(), "photos")
    longer = Config(run=RunConfig(max_steps=5000, sample_every=7)).resolved()
    directory.begin(longer, "photos")
    assert directory.config().run.max_steps == 5000


def test_other_settings_are_refused_by_name(directory):
    directory.begin(Config().resolved(), "photos")
    other = Config(training=TrainingConfig(seed=4, batch_size=16)).resolved()
    with pytest.raises(
        UserError, match="training.batch_size is 16, the run's is 32; training.seed is 4"
    ):
        directory.begin(other, "photos")
    assert directory.config() == Config().resolved()


def test_changed_photos_are_refused(directory):
    directory.begin(Config().resolved(), "photos")
    with pytest.raises(UserError, match="photos have changed"):
        directory.begin(Config().resolved(), "others")


def test_a_folder_with_other_content_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UserError, match="not empty and contains no config.json"):
        RunDirectory(str(tmp_path)).begin(Config().resolved(), "photos")
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_leftovers_of_a_killed_start_do_not_matter(directory):
    os.makedirs(directory.path)
    with open(os.path.join(directory.path, ".config.json.77"), "w") as file:
        file.write('{"ver')
    directory.begin(Config().resolved(), "photos")
    assert directory.config() == Config().resolved()


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b'{"version": 1}'])
def test_broken_config_is_one_clear_error(directory, content):
    os.makedirs(directory.path)
    with open(os.path.join(directory.path, "config.json"), "wb") as file:
        file.write(content)
    with pytest.raises(UserError, match="config.json"):
        directory.config()


def test_a_rollback_goes_back_before_its_warnings_and_ignores_older_ones(directory):
    directory.begin(Config(model=SMALL).resolved(), "photos")
    warnings = {10: "samples_alike", 20: "", 30: "", 40: "samples_alike", 50: "samples_alike"}
    metrics = directory.metrics()
    metrics.keep_until(0)
    for step, warning in warnings.items():
        metrics.append({**dict.fromkeys(metrics.columns, 0), "step": step, "warning": warning})
        directory.save(step, state(step))
    assert directory.roll_back(50, "samples_alike") == 30
    assert directory.steps() == [30]  # of the three kept ones
    assert directory.rollbacks() == [{"step": 50, "warning": "samples_alike", "to": 30}]


def test_a_missing_run_is_an_error(directory):
    with pytest.raises(UserError, match="there is no run in .*--mode=train"):
        directory.averaged_generator()
    directory.begin(Config().resolved(), "photos")
    with pytest.raises(UserError, match="no checkpoint yet"):
        directory.averaged_generator()


def test_checkpoints_are_restored_and_old_ones_removed(directory):
    assert directory.restore(state(0)) == 0
    for step in (1, 2, 3, 4, 1000000):
        directory.save(step, state(step))
    assert directory.steps() == [3, 4, 1000000]
    restored = state(0)
    assert directory.restore(restored) == 1000000
    np.testing.assert_array_equal(restored["numbers"][0], [1e6] * 3)
    assert int(restored["numbers"][1]) == 1000000


def test_interrupted_write_leaves_nothing(directory, monkeypatch):
    directory.save(1, state(1))

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        directory.save(2, state(2))
    assert os.listdir(os.path.join(directory.path, "checkpoints")) == ["step_000001"]


def test_leftovers_of_a_killed_process_are_removed(directory):
    directory.save(1, state(1))
    os.makedirs(os.path.join(directory.path, "checkpoints", ".writing_step_000002_99"))
    assert directory.restore(state(0)) == 1
    assert os.listdir(os.path.join(directory.path, "checkpoints")) == ["step_000001"]


def test_checkpoint_of_other_networks_is_refused(directory):
    directory.save(7, state(1))
    smaller, fewer = [tf.Variable([1.0, 2.0]), tf.Variable(0)], [tf.Variable([1.0, 2.0, 3.0])]
    for other in (smaller, fewer):
        with pytest.raises(UserError, match="cannot be read"):
            directory.restore({"numbers": other})


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_averaged_generator_is_the_saved_one(directory, precision):
    directory.begin(Config(model=SMALL).resolved(), "photos")
    saved = build_generator("exercise", 32, 8, width=0.25)
    saved.get_layer("block1_norm").moving_variance.assign(tf.range(32.0))
    directory.save(5, {"averaged_generator": [v.value for v in saved.variables]})
    loaded, step = directory.averaged_generator(precision)
    assert step == 5
    assert loaded.get_layer("rgb").dtype_policy.name == precision
    for one, other in zip(saved.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_the_best_checkpoint_is_kept_in_addition_to_the_newest(directory):
    for step in range(1, 7):
        directory.save(step, state(step))
    for step in (2, 5):
        directory.save_best(step, state(step))
    assert directory.steps() == [4, 5, 6]
    assert directory.steps("best") == [5]
    restored = state(0)
    assert directory.restore(restored) == 6
    assert int(restored["numbers"][1]) == 6


def test_the_error_without_a_best_checkpoint_says_how_to_get_one(directory):
    directory.begin(Config(model=SMALL).resolved(), "photos")
    with pytest.raises(UserError, match="--checkpoint: .* train with --evaluate_every"):
        directory.averaged_generator(checkpoint="best")


class TestLabels:
    LABELS = {"no": 0.75, "yes": 0.25}

    def test_they_are_recorded_and_must_not_change(self, directory):
        config = Config(model=SMALL).resolved()
        directory.begin(config, "photos", self.LABELS)
        directory.begin(config, "photos", self.LABELS)
        assert directory.labels() == self.LABELS
        with pytest.raises(UserError, match="the labels of the photos have changed"):
            directory.begin(config, "photos", {"no": 0.5, "yes": 0.5})

    @pytest.mark.parametrize("labels", [["no"], {"no": 1.0}, {"no": "0.5", "yes": 0.5}])
    def test_invalid_ones_are_one_clear_error(self, directory, labels):
        directory.begin(Config().resolved(), "photos", self.LABELS)
        path = os.path.join(directory.path, "config.json")
        with open(path, encoding="utf-8") as file:
            content = {**json.load(file), "labels": labels}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(content, file)
        with pytest.raises(UserError, match="config.json: labels must be a share for each label"):
            directory.labels()

    def test_a_generator_of_one_label_can_be_had(self, directory):
        directory.begin(Config(model=SMALL).resolved(), "photos", self.LABELS)
        generator = build_generator("exercise", 32, 8, width=0.25, labels=self.LABELS)
        variables = [variable.value for variable in generator.variables]
        directory.save(3, {"averaged_generator": variables})
        mixed, _ = directory.averaged_generator()
        noise = np.random.default_rng(0).normal(size=(2, 8)).astype(np.float32)
        latents = mixed.get_layer("label").chosen(noise, [1, 1])
        of_label, _ = directory.averaged_generator(label="yes")
        assert of_label.get_layer("label").label == 1
        np.testing.assert_array_equal(of_label(latents), mixed(latents))
        with pytest.raises(UserError, match="--label must be no or yes.*Received: maybe"):
            directory.averaged_generator(label="maybe")

    def test_a_run_without_labels_has_no_generator_of_one(self, directory):
        directory.begin(Config(model=SMALL).resolved(), "photos")
        assert directory.labels() is None
        with pytest.raises(UserError, match="has no labels; train one with --labels"):
            directory.averaged_generator(label="yes")
