from tensorflow.tsl.profiler.protobuf import xplane_pb2

from tfgan_faces.planning import profiling


def test_times_are_summed_for_each_kind_of_operation(tmp_path):
    space = xplane_pb2.XSpace()
    plane = space.planes.add()
    line = plane.lines.add()
    events = [
        ("block1/conv:Conv2D", 6e9),
        ("block2/conv:Conv2D", 3e9),
        ("dense:MatMul", 3e9),
        ("Thread::Run", 50e9),
        ("train_step", 12e9),
    ]
    for number, (name, picoseconds) in enumerate(events):
        plane.event_metadata[number].name = name
        line.events.add(metadata_id=number, duration_ps=int(picoseconds))
    path = tmp_path / "t.xplane.pb"
    path.write_bytes(space.SerializeToString())
    times = profiling.operation_times(str(path))
    assert times == [("Conv2D", 9.0, 2), ("MatMul", 3.0, 1)]
    table = profiling.table(times, count=1)
    assert table.splitlines()[1].split() == ["Conv2D", "3.0", "1", "75.0%"]
