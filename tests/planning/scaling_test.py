import pytest

from tfgan_faces.planning.scaling import Scaling, fitted

# 0.1 s plus 10 ms per image; sums of 3 MB and 1 MB at 100 MB/s, 1 ms per message.
SCALING = Scaling(0.1, 0.01, (3_000_000, 1_000_000), 1e8, 1e-3)


def test_one_device_sends_nothing():
    assert SCALING.bytes_sent(1) == 0
    assert SCALING.seconds(1, 64) == pytest.approx(0.1 + 0.64)
    assert SCALING.efficiency(1, 64) == 1.0


def test_a_ring_of_four_matches_a_manual_calculation():
    assert SCALING.bytes_sent(4) == 6_000_000  # 2 * 3 / 4 of 4 MB
    # 16 images, 60 ms of transfer, and two reductions of 6 messages
    assert SCALING.seconds(4, 64) == pytest.approx(0.1 + 0.16 + 0.06 + 0.012)
    assert SCALING.efficiency(4, 64) == pytest.approx(0.74 / (4 * 0.332))


def test_scaling_stops_at_an_efficiency_of_one_half():
    assert SCALING.efficiency(4, 64) > 0.5 > SCALING.efficiency(8, 64)
    assert SCALING.most_devices(64) == 4
    perfect = Scaling(0.0, 1.0, (), 1.0, 0.0)
    assert perfect.most_devices(64) == 64
    assert perfect.most_devices(6) == 2  # 6 is not divisible by 4


def test_fit_of_a_line_to_two_measured_steps():
    assert fitted({32: 0.42, 64: 0.74}) == pytest.approx((0.1, 0.01))
    assert fitted({32: 0.5, 64: 0.4}) == (0.5, 0.0)  # noise does not cause negative times
