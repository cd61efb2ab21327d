import pytest

from tfgan_faces.objectives.rates import RATES


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("constant", [1.0, 1.0, 1.0, 1.0, 1.0]),
        ("falling", [1.0, 1.0, 1.0, 0.5, 0.0]),
    ],
)
def test_factors_at_each_quarter_of_the_training(name, factors):
    assert [RATES[name](share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)] == factors
