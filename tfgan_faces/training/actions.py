"""Actions that run every few steps. Each is called with the step and the measures."""

import logging
import time

import numpy as np
import tensorflow as tf

from tfgan_faces.errors import CollapseError, NonFiniteError
from tfgan_faces.training import collapse
from tfgan_faces.visuals.curves import monitor_png
from tfgan_faces.visuals.image_grid import image_grid, to_uint8

_logger = logging.getLogger(__name__)

_FACES_PER_BATCH = 100


class Samples:
    """Writes a grid of the averaged generator's faces, from the same latents every time.

    The batch-norm statistics are measured first, except for the untrained generator: measuring
    takes longer than a step. The untrained generator's faces are nearly alike, which does not
    count as collapse.

    Args:
        generator: the averaged generator.
        statistics: its `BatchStatistics`.
        latents: float tensor [count, latent_dim].
        write: callable `(step, uint8 grid)`.
        photos_spread: float, `collapse.spread` of the photos.
        alike: whether a resumed run's last samples were nearly alike.
    """

    def __init__(self, generator, statistics, latents, write, photos_spread, alike=False):
        self.statistics = statistics
        self.generate = tf.function(lambda z: generator(z, training=False))
        self.latents, self.write, self.photos_spread = latents, write, photos_spread
        self.alike = alike

    def __call__(self, step, measures=None):
        del measures
        if step > 0:
            self.statistics.update_at(step)
        images = to_uint8(self.generate(self.latents).numpy())
        self.alike = step > 0 and collapse.samples_alike(images, self.photos_spread)
        self.write(step, image_grid(images))


class Clock:
    """Measures the speed of training between two rows of the log.

    Args:
        step: int, the step at which measuring starts.
        batch_size: int.
        input_wait: `InputWait` or `UnmeasuredInputWait`.
        seconds: number, the training time up to that step.
    """

    def __init__(self, step, batch_size, input_wait, seconds=0.0):
        self.batch_size, self.input_wait = batch_size, input_wait
        self.last_step, self.last_time = step, time.perf_counter()
        self.since = self.last_time - seconds

    def read(self, step):
        """Returns the training time in seconds, images per second and the share of waiting."""
        now = time.perf_counter()
        images, seconds = (step - self.last_step) * self.batch_size, now - self.last_time
        self.last_step, self.last_time = step, now
        return {
            "seconds": now - self.since,
            "images_per_second": images / seconds,
            "input_wait": self.input_wait.share(seconds),
        }


class Log:
    """Writes a row to `metrics.csv` and TensorBoard, and shows it on the progress bar.

    Args:
        clock: `Clock`.
        metrics: `MetricsCsv`.
        writer: `tf.summary` writer.
        bar: tqdm bar.
        samples: `Samples`, whose `alike` is a warning of collapse.
        may_lead: whether a nearly perfect discriminator is desired, as for a critic.
    """

    def __init__(self, clock, metrics, writer, bar, samples, may_lead=False):
        self.clock, self.metrics, self.writer = clock, metrics, writer
        self.bar, self.samples, self.may_lead = bar, samples, may_lead

    def __call__(self, step, measures):
        row = {"step": step, **self.clock.read(step), **measures}
        row["warning"] = "+".join(self._warnings(row))
        self.metrics.append(row)
        self._show(row)

    def _warnings(self, row):
        """Returns the names of the warnings of collapse, and logs advice for new ones."""
        rows = [*self.metrics.rows, row]
        found = [collapse.ALIKE] if self.samples.alike else []
        if not self.may_lead and collapse.discriminator_perfect(rows):
            found.append(collapse.PERFECT)
        if collapse.critic_scores_brightness(rows):
            found.append(collapse.BRIGHTNESS)
        before = self.metrics.rows[-1]["warning"] if self.metrics.rows else ""
        for name in found:
            if name not in before:
                _logger.warning("Step %d: %s.", row["step"], collapse.ADVICE[name])
        return found

    def _show(self, row):
        with self.writer.as_default(step=row["step"]):
            for name, value in row.items():
                if name not in ("step", "warning") and value is not None:
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
    """Raises CollapseError when the newest row of the log has a warning of collapse.

    Args:
        metrics: `MetricsCsv`; only the chief has its rows.
        cluster: `Cluster`, whose workers end together.
    """

    def __init__(self, metrics, cluster):
        self.metrics, self.cluster = metrics, cluster

    def __call__(self, step, measures):
        del measures
        warning = self.metrics.rows[-1]["warning"] if self.metrics.rows else ""
        if self.cluster.largest([float(bool(warning))])[0]:
            raise CollapseError(step, warning or "seen by the chief")


class Monitor:
    """Draws `monitor.png` from the rows so far.

    Args:
        metrics: `MetricsCsv`.
        write: callable that takes the PNG's bytes.
        title: str.
        wasserstein: see `monitor_png`.
    """

    def __init__(self, metrics, write, title, wasserstein):
        self.metrics, self.write, self.title = metrics, write, title
        self.wasserstein = wasserstein

    def __call__(self, step, measures):
        del step, measures
        self.write(monitor_png(self.metrics.rows, self.title, self.wasserstein))


class Checkpoint:
    """Saves the trainer's state, unless one of its weights is NaN or infinite.

    The averaged generator's batch-norm statistics are measured first, so that it is saved ready
    for inference.

    Args:
        state: dict of name to list of `tf.Variable`, see `Trainer.state`.
        statistics: the averaged generator's `BatchStatistics`.
        save: callable `(step, state)`.
    """

    def __init__(self, state, statistics, save):
        self.state, self.statistics, self.save = state, statistics, save

    def __call__(self, step, measures=None):
        del measures
        for network in ("generator", "discriminator", "averaged_generator"):
            for variable in self.state[network]:
                if variable.dtype.is_floating and not np.isfinite(variable.numpy()).all():
                    raise NonFiniteError(
                        f"Training stopped: at step {step} {variable.name} of the {network} "
                        "is no longer finite. The last checkpoint is kept; try lower learning "
                        "rates, or --precision=float32."
                    )
        self.statistics.update_at(step)
        self.save(step, self.state)


class Faces:
    """Generates the averaged generator's faces of the same latents every time.

    Args:
        generator: the averaged generator.
        statistics: its `BatchStatistics`.
        latents: float tensor [count, latent_dim].
    """

    def __init__(self, generator, statistics, latents):
        self.statistics = statistics
        firsts = range(0, len(latents), _FACES_PER_BATCH)
        self.batches = [latents[first : first + _FACES_PER_BATCH] for first in firsts]
        self.generate = tf.function(lambda z: generator(z, training=False))

    def __call__(self, step):
        """Returns uint8 faces [count, height, width, 3] of the weights at this step."""
        self.statistics.update_at(step)
        return np.concatenate([to_uint8(self.generate(z).numpy()) for z in self.batches])


class NearCopies:
    """Warns when the averaged generator begins to repeat training photos.

    Args:
        faces: `Faces`.
        measure: callable of uint8 faces that returns their share of near copies.
        limit: float, a larger share is a warning.
    """

    def __init__(self, faces, measure, limit):
        self.faces, self.measure, self.limit = faces, measure, limit
        self.repeats = False

    def __call__(self, step, measures):
        del measures
        share = self.measure(self.faces(step))
        before, self.repeats = self.repeats, share > self.limit
        if self.repeats and not before:
            _logger.warning(
                "Step %d: the generator begins to repeat photos. %.0f %% of its faces are closer "
                "to a training photo than any held-out photo is; for new faces, it would hardly be "
                "more than %.0f %%. Fewer minutes, more photos or --init_from help",
                step,
                100 * share,
                100 * self.limit,
            )


class BestCheckpoint:
    """Measures the averaged generator's faces, and saves the trainer if they are the best so far.

    Args:
        faces: `Faces`.
        state: see `Checkpoint`.
        measure: callable of uint8 faces [count, height, width, 3] that returns their distance.
        distances: `MetricsCsv` with the columns `DISTANCES`.
        saved: steps whose best checkpoint exists. A rollback may have moved the best one away.
        save: callable `(step, state)`.
    """

    def __init__(self, faces, state, measure, distances, saved, save):
        self.faces, self.state, self.save = faces, state, save
        self.measure, self.distances, self.saved = measure, distances, {*saved}

    def __call__(self, step, measures):
        del measures
        faces = self.faces(step)
        rows = (row for row in self.distances.rows if row["step"] in self.saved)
        best = min((row["frechet_distance"] for row in rows), default=np.inf)
        distance = self.measure(faces)
        self.distances.append({"step": step, "frechet_distance": distance, "fakes": len(faces)})
        _logger.info("Step %d: Frechet distance to training people %.3f", step, distance)
        if distance < best:
            self.save(step, self.state)
            self.saved.add(step)
