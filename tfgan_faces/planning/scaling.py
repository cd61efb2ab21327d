"""What a step takes on many devices, calculated from what it takes on one and from the network."""

import dataclasses

_ENOUGH = 0.5  # of the devices' speed; with less, more devices are not worth their price


@dataclasses.dataclass(frozen=True)
class Scaling:
    """A step of one device, and the network between devices.

    A device first computes its part of the batch, then the gradients are summed over all
    devices by a ring all-reduce; that both may overlap is left out, so that real steps are a
    little shorter.

    Attributes:
        fixed_seconds, image_seconds: numbers; a step with n images takes a device
            fixed_seconds + n * image_seconds.
        reduced_bytes: tuple of ints, the sizes of what is summed in a step: the gradients of the
            discriminator once for each of its turns, and those of the generator.
        bytes_per_second, latency: numbers, of one message between two devices, latency in
            seconds.

    Reference:
        [Patarasuk and Yuan, 2009](https://doi.org/10.1016/j.jpdc.2008.09.002), section 3: each
        device sends 2 (n - 1) / n times what is summed, in 2 (n - 1) messages.
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
        """Returns the seconds of a step with a batch that is divided among some devices."""
        messages = 2 * (devices - 1) * len(self.reduced_bytes)
        network = self.bytes_sent(devices) / self.bytes_per_second + messages * self.latency
        return self.fixed_seconds + batch_size / devices * self.image_seconds + network

    def efficiency(self, devices, batch_size):
        """Returns the share of so many devices' speed that is made use of."""
        return self.seconds(1, batch_size) / (devices * self.seconds(devices, batch_size))

    def most_devices(self, batch_size):
        """Returns with how many devices, a power of two, at least half of their speed is used."""
        devices = 1
        while (
            batch_size % (2 * devices) == 0 and self.efficiency(2 * devices, batch_size) >= _ENOUGH
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
