"""What is done every few steps: each an object called with the step."""

import logging
import time

import numpy as np
import tensorflow as tf

from tfgan_faces.config.defaults import WASSERSTEIN_LOSSES
from tfgan_faces.errors import CollapseError, NonFiniteError
from tfgan_faces.training import collapse
from tfgan_faces.visuals.curves import monitor_png
from tfgan_faces.visuals.image_grid import image_grid, to_uint8

_logger = logging.getLogger(__name__)

_JUDGED_AT_ONCE = 100


class Samples:
    """Writes a grid of the averaged generator's faces for the same latents every time.

    The batch norms' statistics are measured before, but not for the untrained generator: that
    takes longer than a step, and its faces, which are alike without, are no sign of collapse.

    Args:
        generator: the averaged generator.
        statistics: its `BatchStatistics`.
        latents: float tensor [count, latent_dim].
        write: callable `(step, uint8 grid)`.
        photos_spread: what `collapse.spread` gives for photos.
        alike: whether the last samples of a resumed run were nearly alike.
    """

    def __init__(self, generator, statistics, latents, write, photos_spread, alike=False):
        self.statistics = statistics
        self.generate = tf.function(lambda z: generator(z, training=False))
        self.latents, self.write, self.photos_spread = latents, write, photos_spread
        self.alike = alike

    def __call__(self, step):
        if step > 0:
            self.statistics.update_at(step)
        images = to_uint8(self.generate(self.latents).numpy())
        self.alike = step > 0 and collapse.samples_alike(images, self.photos_spread)
        self.write(step, image_grid(images))


class Log:
    """Adds a row to `metrics.csv` and TensorBoard, and shows it on the progress bar.

    Args:
        trainer: `Trainer`.
        metrics: `MetricsCsv`.
        writer: `tf.summary` writer.
        bar: tqdm bar.
        samples: `Samples`, asked whether they are nearly alike.
    """

    def __init__(self, trainer, metrics, writer, bar, samples):
        self.trainer, self.metrics, self.writer = trainer, metrics, writer
        self.bar, self.samples = bar, samples
        before = metrics.rows[-1] if metrics.rows else {"seconds": 0.0}
        self.since = time.perf_counter() - before["seconds"]
        self.last_step, self.last_time = int(trainer.step.numpy()), time.perf_counter()

    def __call__(self, step):
        now = time.perf_counter()
        images = (step - self.last_step) * self.trainer.config.batch_size
        row = {
            "step": step,
            "seconds": now - self.since,
            "images_per_second": images / (now - self.last_time),
            "input_wait": self.trainer.input_wait.share(now - self.last_time),
            **self.trainer.running.read(),
            "discriminator_skipped": int(self.trainer.discriminator_skipped.numpy()),
            "generator_skipped": int(self.trainer.generator_skipped.numpy()),
        }
        if self.trainer.measures_critic:
            row.update(self._of_critic(row["distance_estimate"]))
        row["sign"] = "+".join(self._signs(row))
        self.last_step, self.last_time = step, now
        self.metrics.append(row)
        self._show(row)

    def _of_critic(self, distance_estimate):
        """Returns what is told of a clipped critic."""
        clipping = self.trainer.clipping
        return {
            **self.trainer.running_of_critic.read(),
            "share_at_walls": clipping.share_at_walls(),
            "normalized_distance": distance_estimate / clipping.gain(),
        }

    def _signs(self, row):
        """Names the signs of collapse, and says what to try when one is new."""
        signs = [collapse.ALIKE] if self.samples.alike else []
        wasserstein = (
            self.trainer.config.loss in WASSERSTEIN_LOSSES
        )  # a good critic is meant to lead
        if not wasserstein and collapse.discriminator_perfect([*self.metrics.rows, row]):
            signs.append(collapse.PERFECT)
        if collapse.critic_scores_brightness([*self.metrics.rows, row]):
            signs.append(collapse.BRIGHTNESS)
        before = self.metrics.rows[-1]["sign"] if self.metrics.rows else ""
        for sign in signs:
            if sign not in before:
                _logger.warning("Step %d: %s.", row["step"], collapse.ADVICE[sign])
        return signs

    def _show(self, row):
        with self.writer.as_default(step=row["step"]):
            for name, value in row.items():
                if name not in ("step", "sign") and value is not None:
                    tf.summary.scalar(name, value)
        self.writer.flush()
        wait = row["input_wait"]
        waits = "" if wait is None else f" (waits {wait:.0%})"
        self.bar.set_postfix_str(
            f"{row['images_per_second']:.0f} images/s{waits}, "
            f"loss D {row['discriminator_loss']:.2f} G {row['generator_loss']:.2f}, "
            f"right: D real {row['real_success']:.0%} fake {row['fake_success']:.0%} "
            f"G {row['fooling_success']:.0%}",
            refresh=False,
        )


class EndAtCollapse:
    """Raises CollapseError when the newest row of the log has a sign of collapse.

    Args:
        metrics: `MetricsCsv`, whose rows only the chief has.
        largest: see `train`; all workers end together.
    """

    def __init__(self, metrics, largest=lambda values: values):
        self.metrics, self.largest = metrics, largest

    def __call__(self, step):
        sign = self.metrics.rows[-1]["sign"] if self.metrics.rows else ""
        if self.largest([float(bool(sign))])[0]:
            raise CollapseError(step, sign or "seen by the chief")


class Monitor:
    """Draws `monitor.png` from the rows so far.

    Args:
        metrics: `MetricsCsv`.
        write: callable of the PNG's bytes.
        title: str.
        wasserstein: see `monitor_png`.
    """

    def __init__(self, metrics, write, title, wasserstein):
        self.metrics, self.write, self.title = metrics, write, title
        self.wasserstein = wasserstein

    def __call__(self, step):
        del step
        self.write(monitor_png(self.metrics.rows, self.title, self.wasserstein))


class Checkpoint:
    """Saves the trainer's state, unless a weight in it is NaN or infinite.

    The averaged generator is saved ready for inference.

    Args:
        trainer: `Trainer`.
        statistics: the averaged generator's `BatchStatistics`.
        save: callable `(step, state)`.
    """

    def __init__(self, trainer, statistics, save):
        self.trainer, self.statistics, self.save = trainer, statistics, save

    def __call__(self, step):
        state = self.trainer.state()
        for network in ("generator", "discriminator", "averaged_generator"):
            for variable in state[network]:
                if variable.dtype.is_floating and not np.isfinite(variable.numpy()).all():
                    raise NonFiniteError(
                        f"Training stopped: at step {step} {variable.name} of the {network} "
                        "is no longer finite. The last checkpoint is kept; try lower learning "
                        "rates, or --precision=float32."
                    )
        self.statistics.update_at(step)
        self.save(step, state)


class BestCheckpoint:
    """Measures the averaged generator's faces, and saves the trainer when they are the best yet.

    Args:
        trainer: `Trainer`.
        statistics: the averaged generator's `BatchStatistics`.
        latents: float tensor [count, latent_dim].
        measure: callable of uint8 faces [count, height, width, 3]; lower is better.
        distances: `MetricsCsv` of the columns `DISTANCES`.
        save: callable `(step, state)`.
    """

    def __init__(self, trainer, statistics, latents, measure, distances, save):
        self.trainer, self.statistics, self.save = trainer, statistics, save
        self.batches = tf.split(latents, -(-len(latents) // _JUDGED_AT_ONCE))
        self.generate = tf.function(lambda z: trainer.averaged_generator(z, training=False))
        self.measure, self.distances = measure, distances

    def __call__(self, step):
        self.statistics.update_at(step)
        faces = np.concatenate([to_uint8(self.generate(z).numpy()) for z in self.batches])
        best = min((row["frechet_distance"] for row in self.distances.rows), default=np.inf)
        distance = self.measure(faces)
        self.distances.append({"step": step, "frechet_distance": distance, "fakes": len(faces)})
        _logger.info("Step %d: Frechet distance to training people %.3f", step, distance)
        if distance < best:
            self.save(step, self.trainer.state())
