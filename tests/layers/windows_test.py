import pytest
import tensorflow as tf

from tests.layers import oracles
from tfgan_faces.layers.windows import Windows


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("pool", "stride", "size"), [(2, 2, 7), (3, 2, 8), (3, 1, 5), (2, 3, 9)])
def test_geometry_equals_the_oracles_for_ints_and_tensors(pool, stride, size, padding):
    windows = Windows(pool, stride, padding)
    expected = oracles.windows(size, pool, stride, padding)
    assert windows.count((size, None)) == (len(expected), None)
    assert int(windows.count((tf.constant(size), 9))[0]) == len(expected)
    counts = windows.count((size, size))
    (top, _), _ = windows.margins((size, size), counts)
    assert max(-top, 0) == expected[0].start


def test_covered_size_pools_back_to_the_same_count():
    for padding in ("valid", "same"):
        windows = Windows((3, 2), (2, 2), padding)
        assert windows.count(windows.covered((4, 5))) == (4, 5)
