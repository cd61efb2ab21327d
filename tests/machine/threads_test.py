import itertools

import pytest

from tfgan_faces.machine.threads import in_threads


def test_keeps_the_order_and_limits_pending_items():
    taken = []

    def items():
        for number in itertools.count():
            taken.append(number)
            yield f"n{number}", number

    results = in_threads(lambda number: number**2, items())
    got = [(key, outcome()) for key, outcome in itertools.islice(results, 50)]
    assert got == [(f"n{number}", number**2) for number in range(50)]
    assert len(taken) < 2000


def test_an_error_is_raised_only_for_its_own_item():
    results = dict(in_threads(lambda number: 1 / number, [("a", 1), ("b", 0), ("c", 2)]))
    assert (results["a"](), results["c"]()) == (1.0, 0.5)
    with pytest.raises(ZeroDivisionError):
        results["b"]()
