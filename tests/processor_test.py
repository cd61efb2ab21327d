from tfgan_faces.processor import cpu_flags


def test_flags_are_those_of_the_first_processor(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nflags\t\t: fpu avx2 fma\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    assert cpu_flags(path) >= {"fpu", "avx2", "fma"}


def test_other_systems_list_none(tmp_path):
    assert cpu_flags(tmp_path / "missing") == set()
    (tmp_path / "arm").write_text("processor\t: 0\nFeatures\t: asimd\n")
    assert cpu_flags(tmp_path / "arm") == set()
