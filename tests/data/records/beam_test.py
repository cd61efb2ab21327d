import sys

import pytest

from tfgan_faces.data.records.beam import runner_and_options
from tfgan_faces.errors import UserError


def non_default_options(options):
    """Returns the parsed options of DirectRunner that differ from the defaults."""
    return runner_and_options("DirectRunner", options)[1].get_all_options(drop_default=True)


def test_beam_is_not_used_without_a_runner():
    assert runner_and_options(None, None) == (None, None)


@pytest.mark.parametrize(
    "options",
    [
        "--direct_num_workers=2,--experiments=a,b",
        "  --direct_num_workers=2   --experiments=a,b ",
        "--direct_num_workers=2, --experiments=a,b,",
    ],
)
def test_options_reach_the_runner_and_values_keep_their_commas(options):
    assert non_default_options(options) == {"direct_num_workers": 2, "experiments": ["a", "b"]}


def test_options_reach_other_runners():
    options = runner_and_options("FlinkRunner", "--flink_master=host:8081 --parallelism=4")[1]
    non_default = options.get_all_options(drop_default=True)
    assert non_default == {"flink_master": "host:8081", "parallelism": 4}


@pytest.mark.parametrize("options", ["direct_num_workers=2", "--a b", "-a=1", "--=1"])
def test_options_that_are_not_flags_are_refused(options):
    with pytest.raises(UserError, match="--beam_options must be flags .*Received: "):
        runner_and_options("DirectRunner", options)


def test_options_without_a_runner_are_refused():
    with pytest.raises(UserError, match="--beam_options requires --beam_runner. Received: '--a=1'"):
        runner_and_options(None, "--a=1")


@pytest.mark.parametrize("runner", ["NoRunner", "no.such.Runner", "os.path.NoRunner"])
def test_an_unknown_runner_is_refused(runner):
    with pytest.raises(UserError, match=f"--beam_runner must be .* Received: {runner} "):
        runner_and_options(runner, None)


def test_without_beam_the_error_explains_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    monkeypatch.setitem(sys.modules, "apache_beam.runners.runner", None)
    with pytest.raises(UserError, match=r"--beam_runner requires Apache Beam.*'\.\[beam\]'"):
        runner_and_options("DirectRunner", None)
