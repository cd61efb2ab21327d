"""The modes that generate images with a trained generator."""

import io
import itertools
import logging
import os
import re

import numpy as np

from tfgan_faces.commands.common import LAST_SEED, listed_seeds, mark_of, writing
from tfgan_faces.data.records.preparation import images_of
from tfgan_faces.data.sources.face_cutting import NoFaceError
from tfgan_faces.errors import UserError
from tfgan_faces.generation import projection, sampling
from tfgan_faces.runs.run_directory import RunDirectory
from tfgan_faces.storage.files import write_atomic
from tfgan_faces.visuals.image_grid import enlarged, heat, image_grid, write_gif, write_png
from tfgan_faces.visuals.synthetic_mark import COMPOSITE, SOURCE_TYPE

_logger = logging.getLogger(__name__)

_COUNT = 64
_WALK_STATIONS, _WALK_STEPS = 6, 10
_INTERPOLATION_COLUMNS = 8
_TRUNCATIONS = (0.0, 0.25, 0.5, 0.75, 1.0)
_TRUNCATION_ROWS = 6


def sample_mode(command, config):
    """Writes the faces of consecutive seeds or given latents as single images and as a grid."""
    directory, generator = _trained(command, config)
    stations = _given_latents(command, generator)
    seeds = itertools.repeat(None)  # latents have none
    if stations is None:
        first = config.training.seed
        stations = seeds = range(first, first + (command.count or _COUNT))
    faces = sampling.faces_of_seeds(generator, stations, command.truncation)
    output = command.output or os.path.join(directory.path, "faces")
    mark = mark_of(directory.config(), config.run)
    with writing("--output", output):
        for index, (face, seed) in enumerate(zip(faces, seeds)):
            write_png(os.path.join(output, f"{index:06d}.png"), face, mark, seed)
        write_png(os.path.join(output, "grid.png"), enlarged(image_grid(faces[:400])), mark)
    _logger.info("Wrote %d PNG files to %s, one of them grid.png", len(faces) + 1, output)


def walk_mode(command, config):
    """Writes the GIF of a looping walk through faces."""
    directory, generator = _trained(command, config)
    seed = config.training.seed
    stations = _stations(command, generator, range(seed, seed + _WALK_STATIONS))
    output = command.output or os.path.join(directory.path, "walk.gif")
    mark = mark_of(directory.config(), config.run)
    write_walk(generator, output, stations, command.truncation, mark)


def write_walk(generator, output, stations, truncation=1.0, mark=None):
    """Writes the GIF of a looping walk through seeds or latents."""
    frames = sampling.walk(generator, stations, _WALK_STEPS, truncation)
    with writing("--output", output):
        write_gif(output, [enlarged(frame, 256) for frame in frames], 0.1, mark)
    _logger.info("Wrote a walk through %d faces to %s", len(stations), output)


def walk_seeds(seed):
    """Returns the seeds of the walk that is written at the end of a training."""
    return range(seed, seed + _WALK_STATIONS)


def interpolate_mode(command, config):
    """Writes interpolations between faces, with a row from each face to the next."""
    if command.latents is None:
        listed_seeds(command, None, minimum=2)  # reports errors before any work
    directory, generator = _trained(command, config)
    stations = _stations(command, generator)
    faces = sampling.between(generator, stations, _INTERPOLATION_COLUMNS, command.truncation)
    _write(
        command, config, directory, "interpolation.png", image_grid(faces, _INTERPOLATION_COLUMNS)
    )


def arithmetic_mode(command, config):
    """Writes the faces of the mean latents of groups of seeds, and the face of their signed sum."""
    signs, groups = _groups(command.seeds)
    directory, generator = _trained(command, config)
    faces = sampling.arithmetic(generator, signs, groups)
    _write(command, config, directory, "arithmetic.png", image_grid(faces, len(faces)))


def truncation_mode(command, config):
    """Writes the faces of seeds at several truncations, from 0 on the left to 1 on the right."""
    seed = config.training.seed
    seeds = listed_seeds(command, range(seed, seed + _TRUNCATION_ROWS), minimum=1)
    directory, generator = _trained(command, config)
    columns = [sampling.faces_of_seeds(generator, seeds, factor) for factor in _TRUNCATIONS]
    faces = np.stack(columns, 1).reshape(-1, *columns[0].shape[1:])
    _write(command, config, directory, "truncation.png", image_grid(faces, len(_TRUNCATIONS)))


def project_mode(command, config):
    """Finds the latent whose face is most similar to a photo; writes photo, face and error."""
    if command.image is None:
        raise UserError("--mode=project needs --image=PHOTO, the photo to find a latent for.")
    if command.output and command.output.endswith(".npy"):
        raise UserError(
            "--output must name a picture, such as face.png; the latent is written next to it. "
            f"Received: {command.output}"
        )
    directory, generator = _trained(command, config)
    data = directory.config().data
    photo = _cut_out(command.image, data)
    latent = projection.find_latent(generator, photo, config.training.seed)
    face = sampling.generate(generator, latent[None])[0]
    difference = np.abs(photo.astype(np.float32) - face).mean(-1)
    faces = np.stack([photo, face, heat(difference / 128.0)])
    _write(command, config, directory, "projection.png", image_grid(faces, 3), COMPOSITE)
    path = os.path.join(directory.path, "latent.npy")
    if command.output:
        path = f"{os.path.splitext(command.output)[0]}.npy"
    with writing("--output", path):
        content = io.BytesIO()
        np.save(content, latent)
        write_atomic(path, content.getvalue())
    _logger.info("Wrote %s for --latents of --mode=sample, walk and interpolate", path)
    is_aligned = data.align != "none"
    _logger.info(
        "The mean error is %.1f grey levels. Like the photos of the run, the photo was %s",
        difference.mean(),
        "aligned by its face" if is_aligned else f"cropped to its central {100 * data.crop:.0f} %",
    )


def _cut_out(path, data):
    """Returns the image of a photo that a training would use, the first one."""
    try:
        with open(path, "rb") as file:
            return images_of(data)(file.read())[0]
    except UserError:
        raise
    except NoFaceError as error:
        raise UserError(f"--image: {path} {error}.") from error
    except Exception as error:  # PIL raises many types of errors for broken files
        raise UserError(f"--image: {path} cannot be read ({error}).") from error


def _trained(command, config):
    directory = RunDirectory(config.run.run_dir)
    generator, _ = directory.averaged_generator(checkpoint=command.checkpoint, label=command.label)
    return directory, generator


def _stations(command, generator, default=None):
    """Returns the seeds of --seeds, or the latents of --latents followed by those of --seeds."""
    given = _given_latents(command, generator)
    if given is None:
        return listed_seeds(command, default, minimum=2)
    seeds = [] if command.seeds is None else listed_seeds(command, None, minimum=1)
    if len(given) + len(seeds) < 2:
        raise UserError(
            "--latents with a single face needs --seeds of other faces, such as --seeds=3,7."
        )
    return np.concatenate([given, sampling.latents_of(generator, seeds)]) if seeds else given


def _given_latents(command, generator):
    """Returns the latents of --latents as a float array [count, latent_dim], or None."""
    if command.latents is None:
        return None
    try:
        latents = np.load(command.latents, allow_pickle=False)
    except Exception as error:  # NumPy raises many types of errors for broken files
        raise UserError(f"--latents: {command.latents} cannot be read ({error}).") from error
    length = generator.input_shape[-1]
    shape = getattr(latents, "shape", ())  # an archive of arrays has none
    if len(shape) in (1, 2) and shape[-1] == length and latents.dtype.kind in "fiu":
        with np.errstate(over="ignore"):  # what is too large for float32 is not finite there
            found = np.atleast_2d(latents).astype(np.float32)
        if len(found) and np.isfinite(found).all():
            return found
    raise UserError(
        f"--latents must be finite numbers of shape [{length}] or [count, {length}]. "
        f"Received: {shape} in {command.latents}"
    )


def _write(command, config, directory, name, image, source=SOURCE_TYPE):
    output = command.output or os.path.join(directory.path, name)
    mark = mark_of(directory.config(), config.run, source)
    with writing("--output", output):
        write_png(output, enlarged(image, 1024), mark)
    _logger.info("Wrote %s", output)


def _groups(text):
    """Returns signs and seeds; for `1,2,3-4,5+6` [1, -1, 1] and [[1, 2, 3], [4, 5], [6]]."""
    if not re.fullmatch(r"\d+(,\d+)*([-+]\d+(,\d+)*)+", text or ""):
        raise UserError(
            "--seeds must be groups of seeds separated by + or -, such as 1,2,3-4,5,6+7,8,9. "
            f"Received: {text!r}"
        )
    if any(int(seed) > LAST_SEED for seed in re.findall(r"\d+", text)):
        raise UserError(f"--seeds must be at most {LAST_SEED}. Received: {text!r}")
    parts = re.findall(r"([-+]?)([\d,]+)", text)
    signs = [-1.0 if sign == "-" else 1.0 for sign, _ in parts]
    return signs, [[int(seed) for seed in group.split(",")] for _, group in parts]
