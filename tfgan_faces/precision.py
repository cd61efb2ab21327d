"""Which number format `--precision=auto` takes: what the machine computes in natively."""

import tensorflow as tf

from tfgan_faces.processor import cpu_flags

# Instructions that multiply bfloat16 numbers; others emulate them, slower than float32.
_CPU_FLAGS = ("amx_bf16", "avx512_bf16")
_GPU_CAPABILITY = (8, 0)  # Ampere


def choose_precision(gpus, cpu_flags):
    """Returns a Keras dtype policy's name and the reason for it, without measuring anything.

    Args:
        gpus: list of compute capabilities, pairs of ints; None for an unknown one.
        cpu_flags: set of str, the instruction sets of the CPU.
    """
    if gpus:
        if all(capability and tuple(capability) >= _GPU_CAPABILITY for capability in gpus):
            return "mixed_bfloat16", "every GPU computes in bfloat16"
        return "float32", "not every GPU computes in bfloat16"
    for flag in _CPU_FLAGS:
        if flag in cpu_flags:
            return "mixed_bfloat16", f"the CPU has bfloat16 instructions ({flag})"
    return "float32", "the CPU has no bfloat16 instructions"


def machine():
    """Returns this machine's `(gpus, cpu_flags)` for `choose_precision`."""
    details = map(tf.config.experimental.get_device_details, tf.config.list_physical_devices("GPU"))
    return [gpu.get("compute_capability") for gpu in details], cpu_flags()
