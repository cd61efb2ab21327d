import numpy as np
import tensorflow as tf

from tfgan_faces.data.records.record_writer import StableRecordWriter


def serialized(**features):
    """Returns a serialised example; concatenated ones are an example with all their features."""
    return tf.train.Example(
        features=tf.train.Features(
            feature={
                name: tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
                for name, value in features.items()
            }
        )
    ).SerializeToString()


def test_features_are_written_in_the_order_of_names(tmp_path):
    names = [f"name{number}" for number in range(8)]
    parts = {name: serialized(**{name: b"value"}) for name in names}
    orders = [np.random.default_rng(seed).permutation(names) for seed in range(5)]
    path = str(tmp_path / "records")
    StableRecordWriter().write(path, [(0, b"".join(map(parts.get, order))) for order in orders])
    records = [record.numpy() for record in tf.data.TFRecordDataset(path)]
    assert len(records) == 5
    assert len(set(records)) == 1
    positions = [records[0].index(name.encode()) for name in names]
    assert positions == sorted(positions)
    assert tf.train.Example.FromString(records[0]).features.feature.keys() == set(names)
