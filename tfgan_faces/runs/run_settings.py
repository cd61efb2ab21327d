"""The settings that a run was begun with, as `config.json` in its folder holds them."""

import dataclasses
import json

from tfgan_faces.config import Config
from tfgan_faces.config.defaults import LIMITS_OF_A_TRAINING, SHAPING_SECTIONS
from tfgan_faces.errors import UserError
from tfgan_faces.storage.paths import as_path

NAME = "config.json"


def read_settings(run_dir):
    """Returns the run's `Config` and the digest of its photos, or None where there is no run.

    Args:
        run_dir: str, see `as_path`.

    Raises:
        UserError: there is a `config.json` that is not one of ours.
    """
    path = as_path(run_dir) / NAME
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(content, dict) or "photos" not in content:
        raise UserError(f"{path} is not a run's: it holds no field photos.")
    photos = content.pop("photos")
    return Config.from_dict(content, path), photos


def going_on(config, given):
    """Returns a config with the settings of the run that it goes on with, but for given ones.

    So a run goes on by its folder alone, as far as it was to go, and a default that has changed
    since it was begun does not stand in its way.

    Args:
        config: resolved `Config`.
        given: set of str, the names of settings that somebody asked for.

    Returns:
        Resolved `Config`, and a dict of what the run has otherwise than `config`.
    """
    found = read_settings(config.run.run_dir)
    if found is None:
        return config, {}
    run, sections, changed = config.run, {}, {}
    if not given & {*LIMITS_OF_A_TRAINING}:
        limits = {name: getattr(found[0].run, name) for name in LIMITS_OF_A_TRAINING}
        run = dataclasses.replace(run, **limits)
    for section in SHAPING_SECTIONS:
        now, then = getattr(config, section), getattr(found[0], section)
        other = {
            name: value
            for name, value in vars(then).items()
            if name not in given and value != getattr(now, name)
        }
        sections[section] = dataclasses.replace(now, **other)
        # What was to be decided by the machine is no surprise.
        changed.update({name: it for name, it in other.items() if getattr(now, name) != "auto"})
    return dataclasses.replace(config, run=run, **sections).resolved(), changed
