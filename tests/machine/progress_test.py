from tfgan_faces.machine.progress import progress_bar


def test_a_log_file_does_not_get_a_line_for_every_step(capsys):
    assert list(progress_bar(range(1000), desc="Training")) == list(range(1000))
    written = capsys.readouterr().err
    assert "1000/1000" in written
    assert written.count("\r") <= 3
