"""The time of a step on many devices, calculated from the time on one and from the network."""

import dataclasses

_MIN_EFFICIENCY = 0.5  # below this share of their speed, more devices are not worth their price


@dataclasses.dataclass(frozen=True)
class Scaling:
    """The time of a step on one device, and the network between devices.

    Each device first computes its part of the batch. Then a ring all-reduce sums the gradients
    over all devices. The two may overlap, which is ignored, so real steps are a little shorter.

    Attributes:
        fixed_seconds, image_seconds: numbers; a step with n images takes a device
            fixed_seconds + n * image_seconds.
        reduced_bytes: tuple of ints, the sizes of the sums in a step: the discriminator's
            gradients once for each of its turns, and the generator's gradients.
        bytes_per_second, latency: numbers, bandwidth and latency in seconds of one message
            between two devices.

    Reference:
        [Patarasuk and Yuan, 2009](https://doi.org/10.1016/j.jpdc.2008.09.002), section 3: each
        device sends 2 (n - 1) / n times the size of the sum, in 2 (n - 1) messages.
    """

    fixed_seconds: float
    image_seconds: float
    reduced_bytes: tuple
    bytes_per_second: float
    latency: float

    def bytes_sent(self, devices):
        """Returns the bytes that each device sends in a step."""
        return 2 * (devices - 1) / devices * sum(self.reduced_bytes)

    def seconds(self, devices, batch_size):
        """Returns the seconds of a step in which several devices share a batch."""
        messages = 2 * (devices - 1) * len(self.reduced_bytes)
        network = self.bytes_sent(devices) / self.bytes_per_second + messages * self.latency
        return self.fixed_seconds + batch_size / devices * self.image_seconds + network

    def efficiency(self, devices, batch_size):
        """Returns the share of the devices' combined speed that is used."""
        return self.seconds(1, batch_size) / (devices * self.seconds(devices, batch_size))

    def most_devices(self, batch_size):
        """Returns the largest useful number of devices.

        It is a power of two that divides the batch, with an efficiency of at least 0.5.
        """
        devices = 1
        while (
            batch_size % (2 * devices) == 0
            and self.efficiency(2 * devices, batch_size) >= _MIN_EFFICIENCY
        ):
            devices *= 2
        return devices


def fitted(times):
    """Returns (fixed_seconds, image_seconds) from measured steps.

    Args:
        times: dict of two batch sizes to the seconds of a step.
    """
    (small, short), (large, long) = sorted(times.items())
    image_seconds = max(0.0, (long - short) / (large - small))
    return max(0.0, short - small * image_seconds), image_seconds
