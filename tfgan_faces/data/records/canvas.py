"""What faces are drawn on and with: a batch of images, and signed distances to shapes."""

import numpy as np


class Columns:
    """Face attributes by name, as float32 arrays [batch, 1, 1] that broadcast against images."""

    def __init__(self, arrays):
        self.arrays = arrays

    def __getattr__(self, name):
        return self.arrays[name].astype(np.float32)[:, None, None]

    def color(self, palette, name):
        """Returns colours [batch, 1, 1, 3]: the palette's entries at the named attribute."""
        return palette[self.arrays[name]][:, None, None, :]


class Canvas:
    """An image batch being painted, its pixel coordinates, and its `Style.features`."""

    def __init__(self, x, y, softness, features):
        self.x, self.y, self.softness = x, y, softness
        self.features = np.float32(features)
        self.pixels = None

    def cover(self, distance, softness=None):
        """Returns the coverage for signed distances, from 0 (outside) to 1 (inside)."""
        return np.clip(0.5 - distance / (softness or self.softness), 0.0, 1.0)

    def paint(self, alpha, color):
        """Blends `color` over the pixels with the opacity `alpha` [batch, height, width]."""
        self.pixels += alpha[..., None] * (color - self.pixels)


def ellipse(x, y, width, height):
    """Returns the approximate signed distance to an ellipse with these semi-axes around 0."""
    return (np.sqrt((x / width) ** 2 + (y / height) ** 2) - 1.0) * np.minimum(width, height)


def hue_color(hue, light, saturation=0.3):
    """Returns colours [batch, 1, 1, 3] of hues in 0..1."""
    phase = (hue[..., None] + np.array([0.0, 1 / 3, 2 / 3], np.float32)) * (2 * np.pi)
    return light[..., None] * (1.0 + saturation * np.cos(phase))
