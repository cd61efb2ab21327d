"""The settings with which a run was started, stored in its folder as `config.json`."""

import json
import typing

from tfgan_faces.config import Config
from tfgan_faces.config.defaults import FINE_TUNING, LIMITS_OF_A_TRAINING, SHAPING_SECTIONS
from tfgan_faces.config.pretrained import PRETRAINED, settings_folder
from tfgan_faces.errors import UserError, reason_of
from tfgan_faces.storage.paths import as_path

NAME = "config.json"


class RunSettings(typing.NamedTuple):
    """The content of a run's `config.json`.

    Attributes:
        config: `Config`.
        photos: str, the digest of the photos.
        labels: dict of label to its share of the photos, or None.
    """

    config: Config
    photos: str
    labels: dict | None

    def to_json(self):
        """Returns the content of the file, bytes."""
        labels = {"labels": self.labels} if self.labels else {}
        content = {**self.config.to_dict(), "photos": self.photos, **labels}
        return (json.dumps(content, indent=2) + "\n").encode()


def read_settings(run_dir):
    """Returns the `RunSettings` of a run, or None if there is no run.

    Args:
        run_dir: str, see `as_path`.

    Raises:
        UserError: `config.json` is invalid.
    """
    path = as_path(run_dir) / NAME
    try:
        if not path.exists():
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:  # such as a name that is too long, or missing rights
        raise UserError(f"{path} cannot be read ({reason_of(error)}).") from error
    except ValueError as error:
        raise UserError(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(content, dict) or "photos" not in content:
        raise UserError(f"{path} is not the config.json of a run: the field photos is missing.")
    photos, labels = content.pop("photos"), content.pop("labels", None)
    return RunSettings(Config.from_dict(content, path), photos, _checked(labels, path))


def _checked(labels, path):
    valid = labels is None or (
        isinstance(labels, dict)
        and len(labels) > 1
        and all(isinstance(share, float) and 0.0 < share < 1.0 for share in labels.values())
    )
    if not valid:
        raise UserError(f"{path}: labels must be a share for each label. Received: {labels!r}")
    return labels


def going_on(config, given):
    """Returns a config with the settings of the run that it resumes, except for given ones.

    So its folder is enough to resume a run up to the same limits, even if defaults have changed
    since it started.

    Args:
        config: `Config`, resolved or `checked` only.
        given: set of str, the names of settings that were set explicitly.

    Returns:
        Resolved `Config`, and a dict of the run's values that differ from those of `config`.

    Raises:
        UserError: `init_from` was set explicitly, but the run did not start from there; or given
            settings cannot be combined with those of the run.
    """
    found = read_settings(config.run.run_dir)
    if found is None:
        return config.resolved(), {}
    if "init_from" in given:
        _check_origin(found.config.training.init_from, config)
    kept = () if given & {*LIMITS_OF_A_TRAINING} else LIMITS_OF_A_TRAINING
    filled = config.replaced(run={name: getattr(found.config.run, name) for name in kept})
    try:
        return _filled_from(found.config, filled, given, SHAPING_SECTIONS)
    except UserError:
        # That given settings are not the run's explains more than why they do not fit the others.
        check_same(config, found.config, config.run.run_dir, given)
        raise


def _check_origin(origin, config):
    """Raises UserError if a run did not start from a config's `init_from`.

    Args:
        origin: str, what the run started from, or None. A run there may have been moved since.
        config: `Config` with `training.init_from`.
    """
    source, run_dir = config.training.init_from, config.run.run_dir
    if source == origin:
        return
    if origin is None or {source, origin} & {*PRETRAINED} or read_settings(origin):
        raise UserError(
            f"--init_from: the run in {run_dir} has begun already, from "
            f"{origin or 'random weights'}; leave out --init_from to resume it, or choose another "
            f"--run_dir to start from {source}."
        )


def check_same(config, old, path, given=None):
    """Raises UserError if a run has other settings.

    Args:
        config, old: `Config`s, the wanted one and that of the run. The wanted one may be `checked`
            only if `given` is a set.
        path: the folder of the run.
        given: set of str, the names of the settings to compare, by default all.
    """
    different = [
        f"{name} is {value}, the run's is {theirs}"
        for name, value, theirs in config.differences(old)
        if given is None or name.split(".")[-1] in given
    ]
    if different:
        raise UserError(
            f"--run_dir: {path} contains a run with other settings ({'; '.join(different)}); leave "
            "out these flags to resume it with its own (a --recipe sets some, and may have "
            "changed), or choose another --run_dir."
        )


def starting_from(config, given=None):
    """Returns a config with the settings of the run that it starts from, except for given ones.

    The learning rates are a quarter of the run's, or the same if the run itself started from
    trained networks. The photos and how they are augmented, the seed and the limits are its own.

    Args:
        config: `Config` with `training.init_from`, not resolved: its default values might not fit
            those of the run.
        given: set of str, see `going_on`; by default, the settings that do not have their default
            values.

    Returns:
        Resolved `Config`, and a dict of the run's values that differ from those of `config`.

    Raises:
        UserError: there is no run in that folder, and it is no name of included networks.

    Example:

    >>> config = tg.Config(
    ...     tg.DataConfig("folder", data_dir="album"),
    ...     training=tg.TrainingConfig(init_from="lfw-64"),
    ... )
    >>> config, _ = tg.starting_from(config)
    >>> directory = tg.train(config)
    """
    if given is None:
        given = {name.split(".")[-1] for name, *_ in config.differences(Config())}
    path = config.training.init_from
    found = read_settings(settings_folder(path))
    if found is None:
        raise UserError(
            f"--init_from: there is no run in {path} (no config.json). The networks that this "
            f"package includes are {', '.join(PRETRAINED)}."
        )
    if "image_size" not in given:
        config = config.replaced(data={"image_size": found.config.data.image_size})
    kept = {*given, "init_from", "freeze_d", "augment", "precision", "seed"}
    source = found.config.replaced(training=_fine_tuning_rates(found.config.training))
    return _filled_from(source, config, kept, ("model", "training"))


def _fine_tuning_rates(training):
    if training.init_from is not None:  # its rates are lower already
        return {}
    names = ("generator_learning_rate", "discriminator_learning_rate")
    return {name: FINE_TUNING * getattr(training, name) for name in names}


def _filled_from(source, config, given, sections):
    """Returns a config with a source's values of some sections, and those that were changed."""
    filled, changed = {}, {}
    for section in sections:
        current, previous = getattr(config, section), getattr(source, section)
        different = {
            name: value
            for name, value in vars(previous).items()
            if name not in given and value != getattr(current, name)
        }
        filled[section] = different
        # A value that replaces "auto" or an open one is expected to differ.
        chosen = {name for name, value in vars(current).items() if value not in ("auto", None)}
        changed.update({name: different[name] for name in different.keys() & chosen})
    return config.replaced(**filled).resolved(), changed
