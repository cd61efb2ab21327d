"""Random attributes of drawn faces, and the colours that they choose from."""

import numpy as np

SKINS = np.array(
    [
        [0.96, 0.80, 0.69],
        [0.89, 0.69, 0.54],
        [0.76, 0.55, 0.40],
        [0.60, 0.41, 0.29],
        [0.44, 0.30, 0.22],
    ],
    np.float32,
)
HAIRS = np.array(
    [
        [0.09, 0.07, 0.06],
        [0.26, 0.16, 0.10],
        [0.45, 0.27, 0.14],
        [0.78, 0.60, 0.34],
        [0.62, 0.60, 0.58],
    ],
    np.float32,
)
IRISES = np.array([[0.25, 0.15, 0.08], [0.25, 0.42, 0.62], [0.30, 0.45, 0.25]], np.float32)

# What can be seen of them: name -> (names of the values, function from the drawn attributes to the
# value's index).
ATTRIBUTES = {
    "skin": (("lightest", "light", "tan", "brown", "dark"), lambda drawn: drawn["skin"]),
    "hair_colour": (("black", "brown", "chestnut", "blond", "grey"), lambda drawn: drawn["hair"]),
    "hair_length": (
        ("bald", "short", "medium", "long"),
        lambda drawn: np.searchsorted([0.1, 0.5, 0.9], drawn["hair_length"]),
    ),
    "glasses": (("no", "yes"), lambda drawn: drawn["glasses"]),
    "beard": (("no", "yes"), lambda drawn: np.int64(drawn["beard"] > 0)),
    "mouth": (("closed", "open"), lambda drawn: np.int64(drawn["mouth_open"] > 0)),
}


def draw_attributes(rng):
    """Returns random attributes of a face, a dict of name to float or int.

    Args:
        rng: `numpy.random.Generator`.
    """
    bald = rng.random() < 0.08
    return {
        "skin": int(rng.integers(len(SKINS))),
        "skin_shade": rng.uniform(-0.05, 0.05),
        "hair": int(rng.choice(len(HAIRS), p=[0.27, 0.27, 0.2, 0.16, 0.1])),
        "hair_length": 0.0 if bald else float(rng.choice([0.25, 0.6, 1.0], p=[0.5, 0.2, 0.3])),
        "hairline": rng.uniform(0.42, 0.66),
        "parting": rng.uniform(-0.6, 0.6),
        "head_width": rng.uniform(0.50, 0.60),
        "head_height": rng.uniform(0.68, 0.78),
        "jaw": rng.uniform(0.0, 0.30),
        "yaw": float(np.clip(rng.normal(0.0, 0.35), -1.0, 1.0)),
        "roll": float(np.clip(rng.normal(0.0, 0.07), -0.2, 0.2)),
        "eye_distance": rng.uniform(0.21, 0.26),
        "eye_size": rng.uniform(0.85, 1.15),
        "iris": int(rng.choice(len(IRISES), p=[0.6, 0.25, 0.15])),
        "brow_height": rng.uniform(0.12, 0.18),
        "brow_slope": rng.uniform(-0.12, 0.12),
        "brow_thickness": rng.uniform(0.020, 0.042),
        "nose_length": rng.uniform(0.24, 0.33),
        "nose_width": rng.uniform(0.07, 0.12),
        "mouth_width": rng.uniform(0.17, 0.26),
        "smile": rng.uniform(-0.3, 1.0),
        "mouth_open": float(rng.random() < 0.35) * rng.uniform(0.4, 1.0),
        "lip_red": rng.uniform(0.0, 1.0),
        "glasses": int(rng.random() < 0.2),
        "beard": float(rng.random() < 0.2) * rng.uniform(0.5, 0.95),
        "light": rng.uniform(-1.0, 1.0),
        "light_strength": rng.uniform(0.2, 0.45),
        "background_hue": rng.uniform(0.0, 1.0),
        "background_light": rng.uniform(0.15, 0.75),
        "clothes_hue": rng.uniform(0.0, 1.0),
        "clothes_light": rng.uniform(0.1, 0.8),
    }
