import types

from tfgan_faces.commands import inspecting
from tfgan_faces.config import Config


class LateNumber:
    """A number that a GPU is still computing."""

    def __init__(self, events):
        self.events = events

    def __float__(self):
        self.events.append("done")
        return 0.5


def test_the_time_of_a_step_includes_all_of_its_work(monkeypatch):
    events = []
    trainer = types.SimpleNamespace(
        schedule=types.SimpleNamespace(bursts=True),
        train_step=lambda batches: {"generator_loss": LateNumber(events)},
    )
    times = iter([10.0, 16.0])

    def clock():
        events.append("clock")
        return next(times)

    monkeypatch.setattr(inspecting.time, "perf_counter", clock)
    assert inspecting._seconds_per_step(trainer, Config().resolved(), 4) == 2.0
    assert events == ["done", "clock", "done", "done", "done", "clock"]
