"""Fields of settings that know their range, and the check that holds them to it."""

import dataclasses
import math
import typing

from tfgan_faces.errors import UserError


def setting(default, help, choices=None, minimum=None, above=None, maximum=None):  # noqa: A002
    """Returns a dataclass field with its flag's help text and limits."""
    limits = {"choices": choices, "minimum": minimum, "above": above, "maximum": maximum}
    return dataclasses.field(default=default, metadata={"help": help, **limits})


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
