"""Dataclass fields of settings, with their limits and their history, and their validation."""

import dataclasses
import math
import typing

from tfgan_faces.errors import UserError

_FIRST_VERSION, _DEFAULT = "0.1.0", object()


def setting(
    default,
    help,  # noqa: A002
    choices=None,
    minimum=None,
    above=None,
    maximum=None,
    since=_FIRST_VERSION,
    before=_DEFAULT,
):
    """Returns a dataclass field with the help text of its flag, its limits and its history.

    Args:
        default: the default value, or None if it depends on other settings.
        help: str, the help text.
        choices: tuple of the allowed values, or None.
        minimum, maximum: the inclusive limits of the value, or None.
        above: the exclusive lower limit of the value, or None.
        since: str, the first version that has the setting.
        before: what runs of earlier versions did: a value, or a function that computes it
            from the content of their `config.json`. By default, it is the default value.
    """
    limits = {"choices": choices, "minimum": minimum, "above": above, "maximum": maximum}
    history = {"since": since, "before": default if before is _DEFAULT else before}
    return dataclasses.field(default=default, metadata={"help": help, **limits, **history})


def values_before(section, content, version):
    """Returns the values of the settings that the version of a run did not have.

    Args:
        section: dataclass of `setting` fields.
        content: dict, the content of the run's `config.json`.
        version: str, the version that wrote it.
    """
    newer = {
        field.name: field.metadata["before"]
        for field in dataclasses.fields(section)
        if is_older(version, field.metadata["since"])
    }
    return {name: value(content) if callable(value) else value for name, value in newer.items()}


def is_older(version, other):
    """Returns whether a version is older than another; an invalid version is the oldest.

    Args:
        version, other: str, such as "0.6.0".
    """
    return _numbers(version) < _numbers(other)


def _numbers(version):
    try:
        return [int(number) for number in version.split(".")]
    except (AttributeError, ValueError):
        return []


def validate(*sections):
    """Raises UserError for the first setting that has the wrong type or is out of range."""
    for section in sections:
        for field in dataclasses.fields(section):
            _validate_field(field, getattr(section, field.name))


def plain_type(field):
    """Returns the type of a field without `| None`."""
    return next(
        (kind for kind in typing.get_args(field.type) if kind is not type(None)), field.type
    )


def _validate_field(field, value):
    kind, limits = plain_type(field), field.metadata
    if value is None and field.default is None:
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))) and not (
        kind is float and number
    ):
        raise UserError(f"--{field.name} must be of type {kind.__name__}. Received: {value!r}")
    if value == "":
        raise UserError(f"--{field.name} must not be empty.")
    if number and not math.isfinite(value):
        raise UserError(f"--{field.name} must be finite. Received: {value}")
    requirement = None
    if limits["choices"] is not None and value not in limits["choices"]:
        requirement = "one of " + ", ".join(limits["choices"])
    elif limits["minimum"] is not None and value < limits["minimum"]:
        requirement = f"at least {limits['minimum']}"
    elif limits["above"] is not None and value <= limits["above"]:
        requirement = f"greater than {limits['above']}"
    elif limits["maximum"] is not None and value > limits["maximum"]:
        requirement = f"at most {limits['maximum']}"
    if requirement:
        raise UserError(f"--{field.name} must be {requirement}. Received: {value}")
