import dataclasses

import pytest

from tfgan_faces.config.fields import is_older, plain_type, setting, validate, values_before
from tfgan_faces.errors import UserError


@dataclasses.dataclass(frozen=True)
class Section:
    rate: float | None = setting(None, "a rate", above=0.0, maximum=1.0)
    count: int = setting(3, "a count", minimum=2)
    kind: str = setting("a", "a kind", choices=("a", "b"))


@pytest.mark.parametrize("values", [{}, {"rate": 1}, {"rate": 0.5, "count": 2, "kind": "b"}])
def test_values_within_their_limits_are_accepted(values):
    validate(Section(**values))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rate": 0.0}, "--rate must be greater than 0.0. Received: 0.0"),
        ({"rate": 1.5}, "--rate must be at most 1.0. Received: 1.5"),
        ({"rate": float("inf")}, "--rate must be finite"),
        ({"count": 1}, "--count must be at least 2. Received: 1"),
        ({"count": True}, "--count must be of type int. Received: True"),
        ({"count": None}, "--count must be of type int. Received: None"),
        ({"count": 2.5}, "--count must be of type int. Received: 2.5"),
        ({"kind": "c"}, "--kind must be one of a, b. Received: c"),
        ({"kind": ""}, "--kind must not be empty"),
    ],
)
def test_the_error_for_an_invalid_value_names_the_setting(values, message):
    with pytest.raises(UserError, match=message):
        validate(Section(**values))


def test_plain_type_omits_none():
    assert [plain_type(field) for field in dataclasses.fields(Section)] == [float, int, str]


@pytest.mark.parametrize(
    ("version", "other", "older"),
    [
        ("0.6.0", "0.7.0", True),
        ("0.7.0", "0.7.0", False),
        ("0.10.0", "0.9.0", False),
        ("0.9.9", "1.0", True),
        (None, "0.1.0", True),
        ("soon", "0.1.0", True),
    ],
)
def test_versions_are_compared_by_their_numbers(version, other, older):
    assert is_older(version, other) == older


def test_the_value_of_an_older_run_may_depend_on_its_content():
    @dataclasses.dataclass
    class Newer:
        old: int = setting(1, "in all versions")
        same: int = setting(2, "since the second", since="0.2.0")
        other: int = setting(3, "since the third", since="0.3.0", before=lambda old: old["old"] + 1)

    assert values_before(Newer, {"old": 5}, "0.2.0") == {"other": 6}
    assert values_before(Newer, {"old": 5}, "0.1.0") == {"same": 2, "other": 6}
    assert values_before(Newer, {"old": 5}, "0.3.0") == {}
