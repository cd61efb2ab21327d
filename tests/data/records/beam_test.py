import sys

import pytest

from tfgan_faces.data.records.beam import runner_and_options
from tfgan_faces.errors import UserError


def told(options):
    """What the runner is told of options that differ from the defaults."""
    return runner_and_options("DirectRunner", options)[1].get_all_options(drop_default=True)


def test_no_runner_is_no_beam():
    assert runner_and_options(None, None) == (None, None)


@pytest.mark.parametrize(
    "options",
    [
        "--direct_num_workers=2,--experiments=a,b",
        "  --direct_num_workers=2   --experiments=a,b ",
        "--direct_num_workers=2, --experiments=a,b,",
    ],
)
def test_options_reach_the_runner_and_commas_in_their_values_stay(options):
    assert told(options) == {"direct_num_workers": 2, "experiments": ["a", "b"]}


def test_options_of_other_runners_reach_them():
    options = runner_and_options("FlinkRunner", "--flink_master=host:8081 --parallelism=4")[1]
    told = options.get_all_options(drop_default=True)
    assert told == {"flink_master": "host:8081", "parallelism": 4}


@pytest.mark.parametrize("options", ["direct_num_workers=2", "--a b", "-a=1", "--=1"])
def test_what_is_no_flag_is_refused(options):
    with pytest.raises(UserError, match="--beam_options must be flags .*Received: "):
        runner_and_options("DirectRunner", options)


def test_options_without_a_runner_are_refused():
    with pytest.raises(UserError, match="--beam_options needs --beam_runner. Received: '--a=1'"):
        runner_and_options(None, "--a=1")


@pytest.mark.parametrize("runner", ["NoRunner", "no.such.Runner", "os.path.NoRunner"])
def test_unknown_runner_is_refused(runner):
    with pytest.raises(UserError, match=f"--beam_runner must be .* Received: {runner} "):
        runner_and_options(runner, None)


def test_missing_beam_is_told_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    monkeypatch.setitem(sys.modules, "apache_beam.runners.runner", None)
    with pytest.raises(UserError, match=r"--beam_runner needs Apache Beam.*'\.\[beam\]'"):
        runner_and_options("DirectRunner", None)
