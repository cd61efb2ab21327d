import numpy as np
import pytest


@pytest.fixture
def photos(rng):
    return rng.integers(0, 256, (32, 4, 4, 3), np.uint8)


@pytest.fixture
def larger_photos(rng):
    """Photos of the smallest size that the architectures support."""
    return rng.integers(0, 256, (32, 32, 32, 3), np.uint8)
