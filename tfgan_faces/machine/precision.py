"""The number format that `--precision=auto` selects: one that the devices support natively."""


def choose_precision(devices):
    """Returns a Keras dtype policy's name and the reason for it, without measuring anything.

    Args:
        devices: list of `Cpu` or `Gpu`, those that compute.
    """
    if all(device.computes_in_bfloat16 for device in devices):
        return "mixed_bfloat16", "bfloat16 is supported natively"
    return "float32", "bfloat16 is not supported natively"
