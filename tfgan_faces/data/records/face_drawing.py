"""Draws batches of faces from their attributes, with smooth edges and shading.

Shapes are signed distances (negative inside) over coordinates x, y in about -1..1 (y points
down). They are painted on top of each other, from the background to the glasses.
"""

import dataclasses

import numpy as np

from tfgan_faces.data.records.canvas import Canvas, Columns, ellipse, hue_color
from tfgan_faces.data.records.face_attributes import HAIRS, IRISES, SKINS

_SUPERSAMPLING = 2


@dataclasses.dataclass(frozen=True)
class Style:
    """How attributes are drawn.

    Attributes:
        zoom: half the side of the visible square; half the height of the head is about 0.75.
        middle: distance of the centre of the square below the origin of the coordinates.
        features: scale factor of the eyes, brows, mouth and glasses.
        turn: scale factor of the angles of the head.
    """

    zoom: float = 0.86
    middle: float = 0.0
    features: float = 1.0
    turn: float = 1.0


SMALL_FEATURES = Style()
# Details that are two pixels wide at 32x32 take a generator many more minutes to learn.
LARGE_FEATURES = Style(zoom=0.76, middle=0.04, features=1.2, turn=0.5)


def draw_faces(attributes, image_size, style=SMALL_FEATURES):
    """Draws a batch of faces.

    Args:
        attributes: list of dicts as returned by `draw_attributes`.
        image_size: int, height and width in pixels.
        style: `Style`.

    Returns:
        uint8 array [batch, image_size, image_size, 3].
    """
    side = image_size * _SUPERSAMPLING
    columns = {key: np.array([a[key] for a in attributes]) for key in attributes[0]}
    factors = {"yaw": style.turn, "roll": style.turn, "eye_distance": style.features}
    face = Columns(columns | {key: columns[key] * factor for key, factor in factors.items()})
    line = np.float32(style.zoom) * ((np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1)
    across, down = line[None, None, :], line[None, :, None] + np.float32(style.middle)
    canvas = Canvas(across, down, softness=2.4 / image_size, features=style.features)
    _paint_background(canvas, face)
    _turn(canvas, face)
    _paint_body(canvas, face)
    _paint_head(canvas, face)
    _paint_eyes(canvas, face)
    _paint_nose(canvas, face)
    _paint_mouth(canvas, face)
    _paint_hair(canvas, face)
    _paint_glasses(canvas, face)
    pixels = np.clip(canvas.pixels, 0.0, 1.0)
    shape = (len(attributes), image_size, _SUPERSAMPLING, image_size, _SUPERSAMPLING, 3)
    return np.round(pixels.reshape(shape).mean((2, 4)) * 255).astype(np.uint8)


def _paint_background(canvas, face):
    base = hue_color(face.background_hue, face.background_light)
    slope = 0.12 * (face.light * canvas.x - canvas.y)
    canvas.pixels = np.broadcast_to(base + slope[..., None], (*slope.shape, 3)).copy()


def _turn(canvas, face):
    """Rotates the coordinates of everything drawn afterwards, to tilt the head."""
    cos, sin = np.cos(face.roll), np.sin(face.roll)
    x, y = canvas.x, canvas.y - 0.02
    canvas.x, canvas.y = cos * x + sin * y, cos * y - sin * x


def _outline(canvas, face, grow=0.0):
    """Returns the signed distance to the head; a larger `jaw` widens its lower part."""
    wider = 1.0 + face.jaw * np.clip(canvas.y, 0.0, 0.5) - 0.25 * np.clip(canvas.y - 0.1, 0.0, 1.0)
    return ellipse(canvas.x, canvas.y, face.head_width * wider + grow, face.head_height + grow)


def _shade(canvas, face):
    """Returns the Lambert shading, about 0.55..1.05, of an ellipsoid in place of the head."""
    u, v = canvas.x / face.head_width, canvas.y / face.head_height
    depth = np.sqrt(np.clip(1.0 - 0.8 * (u * u + v * v), 0.02, 1.0))
    lit = 0.55 * face.light * u - 0.35 * v + 0.75 * depth
    return 1.0 - face.light_strength * (1.0 - np.clip(lit, 0.0, 1.1))


def _skin(face):
    return face.color(SKINS, "skin") + face.skin_shade[..., None]


def _paint_body(canvas, face):
    hair = face.color(HAIRS, "hair")
    long_hair = ellipse(
        canvas.x,
        canvas.y - 0.35 * face.hair_length,
        face.head_width + 0.16,
        0.62 + 0.4 * face.hair_length,
    )
    shown = canvas.cover(long_hair) * (face.hair_length > 0.5)
    canvas.paint(shown, hair * 0.75)
    neck = np.maximum(np.abs(canvas.x) - 0.6 * face.head_width, 0.3 - canvas.y)
    canvas.paint(canvas.cover(neck), _skin(face) * 0.72)
    shoulders = ellipse(canvas.x, canvas.y - 1.25, 0.95, 0.42)
    folds = (0.85 + 0.25 * face.light * canvas.x)[..., None]
    canvas.paint(canvas.cover(shoulders), hue_color(face.clothes_hue, face.clothes_light) * folds)


def _paint_head(canvas, face):
    skin = _skin(face)
    for side in (-1.0, 1.0):
        ear = ellipse(canvas.x - side * (face.head_width + 0.01), canvas.y + 0.02, 0.06, 0.13)
        visible = np.clip(1.0 - side * face.yaw * 2.0, 0.0, 1.0)
        canvas.paint(canvas.cover(ear) * visible, skin * 0.82)
    inside = canvas.cover(_outline(canvas, face))
    canvas.paint(inside, skin * _shade(canvas, face)[..., None])
    for side in (-1.0, 1.0):
        cheek = ellipse(_across(canvas, face, side * 0.30), canvas.y - 0.17, 0.16, 0.12)
        canvas.paint(
            0.16 * inside * canvas.cover(cheek, 0.2), skin * np.float32([1.05, 0.62, 0.58])
        )


def _across(canvas, face, position):
    """Returns the horizontal distance to a feature at `position` of a head turned by `yaw`."""
    return canvas.x - (position * (1.0 - 0.12 * np.abs(face.yaw)) + 0.14 * face.yaw)


def _paint_eyes(canvas, face):
    iris, brow = face.color(IRISES, "iris"), face.color(HAIRS, "hair") * 0.7
    y = (canvas.y + 0.08) / canvas.features
    for side in (-1.0, 1.0):
        x = _across(canvas, face, side * face.eye_distance) / face.eye_size / canvas.features
        canvas.paint(0.35 * canvas.cover(ellipse(x, y, 0.15, 0.10), 0.12), _skin(face) * 0.55)
        white = canvas.cover(ellipse(x, y, 0.105, 0.052))
        canvas.paint(white, np.float32([0.93, 0.92, 0.90]))
        gaze = x - 0.03 * face.yaw
        canvas.paint(white * canvas.cover(ellipse(gaze, y, 0.052, 0.052)), iris)
        canvas.paint(white * canvas.cover(ellipse(gaze, y, 0.026, 0.026)), np.float32([0.03] * 3))
        lid = np.abs(ellipse(x, y - 0.012, 0.115, 0.065)) - 0.012
        canvas.paint(canvas.cover(lid) * (y < 0.0), np.float32([0.12, 0.08, 0.07]))
        bow = y + face.brow_height - 0.6 * x * x + side * face.brow_slope * x
        thickness = face.brow_thickness * np.clip(1.3 - 4.0 * np.abs(x), 0.3, 1.0)
        stroke = np.maximum(np.abs(bow + 0.02) - thickness, np.abs(x) - 0.15)
        canvas.paint(0.9 * canvas.cover(stroke), brow)


def _paint_nose(canvas, face):
    skin = _skin(face)
    tip = face.nose_length - 0.06
    x = _across(canvas, face, 0.10 * face.yaw)
    along = np.clip((canvas.y + 0.05) / (tip + 0.05), 0.0, 1.0)
    inside = (canvas.y > -0.08) & (canvas.y < tip + 0.06)
    width = face.nose_width * (0.35 + 0.65 * along)
    side = np.where(face.light > 0, np.float32(-1.0), np.float32(1.0))
    shadow = (
        np.clip(1.0 - np.abs(x - side * width) / 0.05, 0.0, 1.0) * inside * (0.25 + 0.3 * along)
    )
    canvas.paint(shadow, skin * 0.55)
    ridge = np.clip(1.0 - np.abs(x) / 0.04, 0.0, 1.0) * inside * 0.25
    canvas.paint(ridge, np.clip(skin * 1.2, 0.0, 1.0))
    below = ellipse(x, canvas.y - tip - 0.035, face.nose_width, 0.03)
    canvas.paint(0.45 * canvas.cover(below, 0.06), skin * 0.45)
    for offset in (-0.5, 0.5):
        nostril = ellipse(x - offset * face.nose_width, canvas.y - tip - 0.02, 0.028, 0.017)
        canvas.paint(0.8 * canvas.cover(nostril), skin * 0.25)


def _paint_mouth(canvas, face):
    skin = _skin(face)
    _paint_beard(canvas, face)
    x = _across(canvas, face, 0.04 * face.yaw) / canvas.features
    curve = (canvas.y - 0.40) / canvas.features + face.smile * (0.9 * x * x - 0.02)
    taper = np.sqrt(np.clip(1.0 - (x / face.mouth_width) ** 2, 0.0, 1.0))
    gap = 0.045 * face.mouth_open * taper
    lips = np.maximum(np.abs(curve) - gap - 0.038 * taper, np.abs(x) - face.mouth_width)
    red = np.float32([0.70, 0.28, 0.28])
    canvas.paint(
        canvas.cover(lips), skin * 0.72 + face.lip_red[..., None] * 0.6 * (red - skin * 0.72)
    )
    inner = np.maximum(np.abs(curve) - gap, np.abs(x) - 0.92 * face.mouth_width)
    canvas.paint(canvas.cover(inner) * (face.mouth_open > 0), np.float32([0.25, 0.08, 0.08]))
    teeth = np.maximum(inner, curve - 0.4 * gap)
    shown = (face.mouth_open > 0) * np.clip(face.smile * 2.0, 0.0, 1.0)
    canvas.paint(canvas.cover(teeth) * shown, np.float32([0.94, 0.92, 0.88]))
    parting = np.maximum(np.abs(curve) - 0.009, np.abs(x) - 0.95 * face.mouth_width)
    canvas.paint(canvas.cover(parting) * (face.mouth_open == 0), skin * 0.35)


def _paint_beard(canvas, face):
    inside = canvas.cover(_outline(canvas, face, grow=0.01))
    chin = canvas.cover(0.28 + 0.5 * np.abs(canvas.x) * -0.6 - canvas.y, 0.15)
    canvas.paint(face.beard * inside * chin, face.color(HAIRS, "hair") * 0.85)


def _paint_hair(canvas, face):
    hair = face.color(HAIRS, "hair")
    cap = _outline(canvas, face, grow=0.07 + 0.05 * face.hair_length)
    swing = face.parting * canvas.x + 0.8 * (canvas.x - 0.3 * face.parting) ** 2
    hairline = canvas.y + face.hairline * face.head_height * 1.25 - swing
    alpha = canvas.cover(np.maximum(cap, hairline)) * (face.hair_length > 0)
    strands = 0.10 * np.sin(26.0 * canvas.x + 9.0 * canvas.y * face.parting)
    gloss = 0.85 + 0.35 * np.clip(face.light * canvas.x - canvas.y, -0.5, 1.0) + strands
    canvas.paint(alpha, hair * gloss[..., None])


def _paint_glasses(canvas, face):
    frame = np.float32([0.08, 0.07, 0.07])
    scale = canvas.features
    y = (canvas.y + 0.07) / scale
    rings = [
        np.abs(ellipse(_across(canvas, face, middle) / scale, y, 0.18, 0.135)) - 0.016
        for middle in (-face.eye_distance * 1.05, face.eye_distance * 1.05)
    ]
    x = np.abs(_across(canvas, face, 0.0)) / scale
    bridge = np.maximum(np.abs(y + 0.02) - 0.014, x - 0.07)
    arms = np.maximum(
        np.maximum(np.abs(y + 0.03) - 0.014, face.eye_distance / scale + 0.17 - x),
        np.abs(canvas.x) - face.head_width,
    )
    for shape in (*rings, bridge, arms):
        canvas.paint(canvas.cover(shape) * face.glasses, frame)
