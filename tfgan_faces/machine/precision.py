"""Which number format `--precision=auto` takes: what the devices compute in natively."""


def choose_precision(devices):
    """Returns a Keras dtype policy's name and the reason for it, without measuring anything.

    Args:
        devices: list of `Cpu` or `Gpu`, those that compute.
    """
    if all(device.computes_in_bfloat16 for device in devices):
        return "mixed_bfloat16", "there are instructions for bfloat16"
    return "float32", "there are no instructions for bfloat16"
