import types

from tfgan_faces.commands import inspecting
from tfgan_faces.config import Config


class LateNumber:
    """Stands in for a number that a GPU has yet to compute."""

    def __init__(self, events):
        self.events = events

    def __float__(self):
        self.events.append("done")
        return 0.5


def test_a_plan_times_steps_until_their_work_is_done(monkeypatch):
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
