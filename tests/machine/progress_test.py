from tfgan_faces.machine.progress import progress_bar


def test_a_log_file_gets_no_line_for_every_step(capsys):
    assert list(progress_bar(range(1000), desc="Training")) == list(range(1000))
    told = capsys.readouterr().err
    assert "1000/1000" in told
    assert told.count("\r") <= 3
