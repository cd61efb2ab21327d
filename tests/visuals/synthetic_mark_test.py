import io

import numpy as np
import pytest
from PIL import Image

from tests.serving.marked_png_test import SEED, description
from tfgan_faces.visuals.image_grid import write_gif, write_png
from tfgan_faces.visuals.synthetic_mark import SOURCE_TYPE, SyntheticMark

MARK = SyntheticMark("Faces", "1.2.3")


def test_a_png_on_disk_has_the_same_mark_as_a_served_one(tmp_path):
    pixels = np.full((4, 4, 3), 7, np.uint8)
    write_png(tmp_path / "face.png", pixels, MARK, seed=12)
    assert description((tmp_path / "face.png").read_bytes())[SEED] == "00000000000000000012"
    write_png(tmp_path / "grid.png", pixels, MARK)
    assert SEED not in description((tmp_path / "grid.png").read_bytes())
    write_png(tmp_path / "plain.png", pixels)
    assert "xmp" not in Image.open(tmp_path / "plain.png").info
    for name in ("face", "grid", "plain"):
        np.testing.assert_array_equal(Image.open(tmp_path / f"{name}.png"), pixels)


def test_pillow_finds_the_packet_of_a_gif_and_all_its_frames(tmp_path):
    frames = [np.full((6, 6, 3), value, np.uint8) for value in (0, 128, 255)]
    write_gif(tmp_path / "walk.gif", frames, 0.1, MARK)
    with Image.open(tmp_path / "walk.gif") as gif:
        assert gif.n_frames == 3
        for index, frame in enumerate(frames):
            gif.seek(index)
            np.testing.assert_allclose(np.asarray(gif.convert("RGB")), frame, atol=2)
    assert SOURCE_TYPE.encode() in (tmp_path / "walk.gif").read_bytes()
    # Every sub-block of the file leads to the next one, through the packet to the trailer.
    assert block_kinds((tmp_path / "walk.gif").read_bytes())[-2:] == ["XMP DataXMP", "end"]


def block_kinds(gif):
    """Returns the names of a GIF's blocks, read as a program does that knows no XMP."""
    flags, position, kinds = gif[10], 13, []
    position += 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
    while gif[position] != 0x3B:
        if gif[position] == 0x2C:
            local = gif[position + 9]
            position += 10 + (3 * 2 ** ((local & 7) + 1) if local & 0x80 else 0) + 1
            kinds.append("image")
        else:
            assert gif[position] == 0x21
            kind = gif[position + 1]
            size = gif[position + 2]
            name = gif[position + 3 : position + 3 + size].decode("latin1")
            kinds.append(name if kind == 0xFF else "extension")
            position += 2
        while gif[position]:
            position += gif[position] + 1
        position += 1
    assert position == len(gif) - 1
    return [*kinds, "end"]


def test_only_a_whole_gif_is_marked():
    with pytest.raises(ValueError, match="whole GIF"):
        MARK.in_gif(io.BytesIO(b"GIF89a").getvalue())
