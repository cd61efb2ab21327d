import numpy as np
import pytest

from tfgan_faces.data.batches.open_photos import read_photos
from tfgan_faces.data.records.face_drawing import draw_faces
from tfgan_faces.data.records.synthetic_faces import STYLES, SyntheticFaces, face_attributes


@pytest.mark.parametrize("dataset", STYLES)
def test_records_are_the_drawn_faces_with_their_attributes(tmp_path, dataset):
    builder = SyntheticFaces.of(16, tmp_path, 20, dataset)
    builder.download_and_prepare()
    records = list(builder.as_dataset(split="train").as_numpy_iterator())
    assert len(records) == 20
    style = STYLES[dataset]
    drawn = {draw_faces([face_attributes(i)], 16, style).tobytes(): i for i in range(20)}
    for record in records:
        attributes = face_attributes(drawn[record["image"].tobytes()])
        assert record["attributes"].keys() == attributes.keys()
        for name, value in attributes.items():
            assert record["attributes"][name] == np.float32(value)
    counts = [len(read_photos(builder, side)) for side in ("training", "held_out")]
    assert sum(counts) == 20


def test_attributes_are_a_function_of_the_index():
    assert face_attributes(5) == face_attributes(5)
    assert face_attributes(5) != face_attributes(6)


def test_synthetic_faces_are_the_same_as_in_version_0_6():
    """Runs of that version can be resumed: 16 blocks have the mean levels of version 0.6.0."""
    faces = draw_faces([face_attributes(i) for i in range(64)], 32, STYLES["synthetic"])
    levels = faces.reshape(64, 4, 8, 4, 8, 3).mean((0, 2, 4, 5))
    np.testing.assert_allclose(
        levels,
        [
            [124.51, 103.2, 102.63, 127.49],
            [107.44, 118.32, 117.43, 108.11],
            [96.25, 120.38, 120.94, 98.56],
            [81.0, 100.81, 101.74, 83.42],
        ],
        atol=0.02,
    )
