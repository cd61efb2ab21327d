"""One training on one device, on two devices, and in two and three processes on loopback."""

import contextlib
import json
import socket

import numpy as np
import pytest

from tests.programs import Forked
from tests.training import distributed_run
from tfgan_faces.errors import UserError
from tfgan_faces.training.cluster import Cluster

RECIPES = {
    "gan": {"loss": "gan", "balance": "margin"},
    "wgan": {"loss": "wgan", "critic_steps": 2, "critic_bursts": False},
    "penalty": {"loss": "wgan-gp", "critic_steps": 2, "augment": "color,translation,cutout"},
}


def ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    found = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return found


def clusters(count):
    """Returns a TF_CONFIG for each of `count` processes on this machine."""
    workers = [f"127.0.0.1:{port}" for port in ports(count)]
    return [
        json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})
        for index in range(count)
    ]


def run(folder, dtype, steps, recipe, replicas=1, processes=1):
    """Returns the final arrays of each process of a training, a list of dicts."""
    strategy = "multiworker" if processes > 1 else "mirrored" if replicas > 1 else "default"
    settings = {"replicas": replicas, "strategy": strategy, "dtype": dtype, "steps": steps}
    settings["recipe"] = RECIPES[recipe]
    environments = [{"TF_CONFIG": text} for text in clusters(processes)] if processes > 1 else [{}]
    name = f"{recipe}-{dtype}-{replicas}-{processes}"
    outputs = [folder / f"{name}-{index}.npz" for index in range(processes)]
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(
                Forked(distributed_run.main, str(output), settings, environment=environment)
            )
            for output, environment in zip(outputs, environments)
        ]
        for process in running:
            assert process.wait(300) == 0, process.output
    return [dict(np.load(output)) for output in outputs]


def assert_same_weights(one, other, tolerance):
    assert one.keys() == other.keys()
    for name in filter(lambda name: " " in name, one):
        np.testing.assert_allclose(other[name], one[name], rtol=0, atol=tolerance, err_msg=name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("trainings")


@pytest.fixture(scope="module")
def on_one_device(folder):
    """Returns a function of a recipe to the result of 50 steps in float64 on one device."""
    found = {}

    def result(recipe):
        if recipe not in found:
            found[recipe] = run(folder, "float64", 50, recipe)[0]
        return found[recipe]

    return result


@pytest.mark.slow
@pytest.mark.parametrize(
    "recipe", ["gan", *(pytest.param(name, marks=pytest.mark.long) for name in ("wgan", "penalty"))]
)
def test_two_devices_give_the_weights_of_one_device(recipe, folder, on_one_device):
    (two,) = run(folder, "float64", 50, recipe, replicas=2)
    assert_same_weights(on_one_device(recipe), two, 1e-9)


@pytest.mark.parametrize(
    ("recipe", "processes"),
    [
        pytest.param("gan", 2, marks=pytest.mark.long),
        *(
            pytest.param(recipe, count, marks=pytest.mark.soak)
            for recipe, count in (
                ("gan", 3),
                ("wgan", 2),
                ("wgan", 3),
                ("penalty", 2),
                ("penalty", 3),
            )
        ),
    ],
)
def test_processes_give_the_weights_of_one_process(recipe, processes, folder, on_one_device):
    for result in run(folder, "float64", 50, recipe, processes=processes):
        assert_same_weights(on_one_device(recipe), result, 1e-9)


@pytest.mark.long
def test_the_first_losses_agree_in_float32(folder):
    (one,), (two,) = (run(folder, "float32", 3, "gan", replicas=count) for count in (1, 2))
    for name in ("discriminator_loss", "generator_loss"):
        np.testing.assert_allclose(two[name], one[name], atol=1e-4, err_msg=name)


@pytest.mark.parametrize("content", [None, "{", '{"cluster": {"worker": ["a:1"]}}', "[]"])
def test_multiworker_without_a_valid_tf_config_is_refused(content, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if content is not None:
        monkeypatch.setenv("TF_CONFIG", content)
    with pytest.raises(
        UserError, match="needs the environment variable TF_CONFIG.*docs/scaling.md"
    ):
        Cluster("multiworker")


def test_a_single_process_agrees_with_itself():
    cluster = Cluster()
    assert (cluster.index, cluster.count, cluster.is_chief) == (0, 1, True)
    assert cluster.largest([3.0, 1.0]) == [3.0, 1.0]
    cluster.check_same({"a": 1})
    with pytest.raises(ZeroDivisionError), cluster.report_lost_workers():
        raise ZeroDivisionError
