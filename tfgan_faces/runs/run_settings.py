"""The settings with which a run was started, stored in its folder as `config.json`."""

import dataclasses
import json

from tfgan_faces.config import Config
from tfgan_faces.config.defaults import LIMITS_OF_A_TRAINING, SHAPING_SECTIONS
from tfgan_faces.errors import UserError
from tfgan_faces.storage.paths import as_path

NAME = "config.json"


def read_settings(run_dir):
    """Returns the run's `Config` and the digest of its photos, or None if there is no run.

    Args:
        run_dir: str, see `as_path`.

    Raises:
        UserError: `config.json` is invalid.
    """
    path = as_path(run_dir) / NAME
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(content, dict) or "photos" not in content:
        raise UserError(f"{path} is not the config.json of a run: the field photos is missing.")
    photos = content.pop("photos")
    return Config.from_dict(content, path), photos


def going_on(config, given):
    """Returns a config with the settings of the run that it resumes, except for given ones.

    So its folder is enough to resume a run up to the same limits, even if defaults have changed
    since it started.

    Args:
        config: resolved `Config`.
        given: set of str, the names of settings that were set explicitly.

    Returns:
        Resolved `Config`, and a dict of the run's values that differ from those of `config`.
    """
    found = read_settings(config.run.run_dir)
    if found is None:
        return config, {}
    run, sections, changed = config.run, {}, {}
    if not given & {*LIMITS_OF_A_TRAINING}:
        limits = {name: getattr(found[0].run, name) for name in LIMITS_OF_A_TRAINING}
        run = dataclasses.replace(run, **limits)
    for section in SHAPING_SECTIONS:
        current, previous = getattr(config, section), getattr(found[0], section)
        different = {
            name: value
            for name, value in vars(previous).items()
            if name not in given and value != getattr(current, name)
        }
        sections[section] = dataclasses.replace(current, **different)
        # A value that replaces "auto" is expected to differ.
        changed.update(
            {name: value for name, value in different.items() if getattr(current, name) != "auto"}
        )
    return dataclasses.replace(config, run=run, **sections).resolved(), changed
