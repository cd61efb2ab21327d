"""A picture of the faces that were cut out of photos, and of the photos that were refused."""

import io

from matplotlib.figure import Figure

from tfgan_faces.visuals.image_grid import image_grid

_COLUMNS = 12


def contact_sheet_png(faces, refused, title, refused_title):
    """Draws faces, and below them photos without one.

    Args:
        faces: uint8 array [count, height, width, 3], at least one.
        refused: uint8 array [count, height, width, 3]; it may be empty.
        title, refused_title: str, texts above both parts.

    Returns:
        The PNG's bytes.
    """
    parts = [(faces, title), *([(refused, refused_title)] if len(refused) else [])]
    heights = [-(-len(images) // _COLUMNS) for images, _ in parts]
    figure = Figure(figsize=(10, 0.9 * sum(heights) + 0.6 * len(parts)), layout="constrained")
    panels = figure.subplots(len(parts), 1, squeeze=False, height_ratios=heights)[:, 0]
    for panel, (images, text) in zip(panels, parts):
        panel.imshow(image_grid(images, _COLUMNS), interpolation="nearest")
        panel.set_title(text, loc="left", fontsize=10)
        panel.set_axis_off()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
