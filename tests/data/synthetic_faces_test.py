import numpy as np

from tfgan_faces.data.face_drawing import draw_faces
from tfgan_faces.data.pipeline import read_photos
from tfgan_faces.data.synthetic_faces import SyntheticFaces, face_attributes


def test_records_are_the_drawn_faces_with_their_attributes(tmp_path):
    builder = SyntheticFaces.of(16, tmp_path, count=20)
    builder.download_and_prepare()
    records = list(builder.as_dataset(split="train").as_numpy_iterator())
    assert len(records) == 20
    drawn = {draw_faces([face_attributes(i)], 16).tobytes(): i for i in range(20)}
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
