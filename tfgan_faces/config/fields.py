"""Fields of settings that know their range, and the check that holds them to it."""

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
    """Returns a dataclass field with its flag's help text, its limits and its history.

    Args:
        default: the value, or None where others decide it.
        help: str.
        choices, minimum, above, maximum: what the value may be.
        since: str, the first version that has the setting.
        before: what runs of earlier versions did: a value, by default the default, or a
            function of the dict that they wrote to `config.json`.
    """
    limits = {"choices": choices, "minimum": minimum, "above": above, "maximum": maximum}
    history = {"since": since, "before": default if before is _DEFAULT else before}
    return dataclasses.field(default=default, metadata={"help": help, **limits, **history})


def values_before(section, content, version):
    """Returns the values that a run had of settings which its version did not know.

    Args:
        section: dataclass of `setting` fields.
        content: dict, what the run's `config.json` holds.
        version: str, the version that wrote it.
    """
    newer = {
        field.name: field.metadata["before"]
        for field in dataclasses.fields(section)
        if is_older(version, field.metadata["since"])
    }
    return {name: value(content) if callable(value) else value for name, value in newer.items()}


def is_older(version, other):
    """Whether a version, as "0.6.0", came before another; one that is no version did."""
    return _numbers(version) < _numbers(other)


def _numbers(version):
    try:
        return [int(number) for number in version.split(".")]
    except (AttributeError, ValueError):
        return []


def validate(*sections):
    """Raises UserError for the first setting that is of a wrong type or out of its range."""
    for section in sections:
        for field in dataclasses.fields(section):
            _validate_field(field, getattr(section, field.name))


def plain_type(field):
    """Returns a field's type without `| None`."""
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
    wrong = None
    if limits["choices"] is not None and value not in limits["choices"]:
        wrong = "one of " + ", ".join(limits["choices"])
    elif limits["minimum"] is not None and value < limits["minimum"]:
        wrong = f"at least {limits['minimum']}"
    elif limits["above"] is not None and value <= limits["above"]:
        wrong = f"greater than {limits['above']}"
    elif limits["maximum"] is not None and value > limits["maximum"]:
        wrong = f"at most {limits['maximum']}"
    if wrong:
        raise UserError(f"--{field.name} must be {wrong}. Received: {value}")
