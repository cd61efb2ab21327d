"""The devices that compute (the CPU or the GPUs), their memory and their instructions."""

import collections
import dataclasses
import platform

import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.client import pywrap_tf_session
from tensorflow.python.eager import context

from tfgan_faces.machine.memory import machine_memory
from tfgan_faces.machine.processor import first_processor, instruction_sets

# Each entry includes the instructions of those below it.
_CPU_INSTRUCTIONS = {
    "amx_bf16": "AMX",
    "avx512_bf16": "AVX-512 with bfloat16",
    "avx512f": "AVX-512",
    "avx2": "AVX2",
}
_AMPERE = (8, 0)  # the first compute capability with bfloat16


@dataclasses.dataclass(frozen=True)
class Cpu:
    """The CPU of this machine.

    Args:
        name: str, the processor's model name.
        memory: int, bytes of the machine, or of its container.
        flags: frozenset of str, its instruction sets as named by Linux.
        architecture: str, such as `"x86_64"`.
    """

    name: str
    memory: int
    flags: frozenset = frozenset()
    architecture: str = ""

    owner_of_memory = "machine"

    @property
    def instructions(self):
        """The widest vector instructions, or the architecture if none are known."""
        found = (name for flag, name in _CPU_INSTRUCTIONS.items() if flag in self.flags)
        return next(found, self.architecture)

    @property
    def computes_in_bfloat16(self):
        """Whether bfloat16 is multiplied natively; if not, it is emulated, slower than float32."""
        return bool(self.flags & {"amx_bf16", "avx512_bf16"})

    def __str__(self):
        return _description(self)


@dataclasses.dataclass(frozen=True)
class Gpu:
    """One GPU.

    Args:
        name: str, the model's name.
        memory: int, bytes of it that TensorFlow may use, or None if unknown.
        capability: pair of ints, CUDA's compute capability, or None if unknown.
    """

    name: str
    memory: int | None = None
    capability: tuple | None = None

    owner_of_memory = "GPU"

    @property
    def instructions(self):
        """The compute capability in words."""
        if self.capability is None:
            return "unknown compute capability"
        return "compute capability " + ".".join(map(str, self.capability))

    @property
    def computes_in_bfloat16(self):
        """Whether the GPU is known to multiply bfloat16 natively."""
        return self.capability is not None and tuple(self.capability) >= _AMPERE

    def __str__(self):
        return _description(self)


def computing_devices(count=1):
    """Returns the devices that TensorFlow uses: a list of up to `count` GPUs, or of the CPU.

    This initializes TensorFlow, so a `Cluster` must be created before the call.
    """
    visible = tf.config.get_visible_devices("GPU")[:count]
    details = list(map(tf.config.experimental.get_device_details, visible))
    return gpus_of(details, memory_limits("GPU")) if details else [cpu()]


def describe(devices):
    """Returns the devices as text, equal ones once: `2 x NVIDIA A10 (21.7 GiB of memory, ...)`."""
    counted = collections.Counter(map(str, devices))
    return ", ".join(f"{count} x {name}" if count > 1 else name for name, count in counted.items())


def gpus_of(details, memories):
    """Returns a list of `Gpu`.

    Args:
        details: list of dicts as returned by `tf.config.experimental.get_device_details`.
        memories: list of ints, one for each GPU.
    """
    return [
        Gpu(found.get("device_name", "GPU"), memory, found.get("compute_capability"))
        for found, memory in zip(details, memories)
    ]


def cpu(root="/"):
    """Returns the `Cpu` of this machine.

    Args:
        root: folder that contains `proc` and `sys`.
    """
    name = first_processor(root).get("model name")
    name = name or platform.processor() or platform.machine() or "CPU"
    return Cpu(name, machine_memory(root), instruction_sets(root), platform.machine())


def memory_limits(kind):
    """Returns the bytes that TensorFlow may use of each device of a kind, a list of ints.

    Args:
        kind: `"GPU"` or `"CPU"`.
    """
    # No public function returns this. `device_lib.list_local_devices` creates new devices, limited
    # to the memory that the running ones have left over, so this queries the running ones.
    running = context.context()
    running.ensure_initialized()
    devices = pywrap_tfe.TFE_ContextListDevices(running._handle)
    try:
        return [
            pywrap_tf_session.TF_DeviceListMemoryBytes(devices, index)
            for index in range(pywrap_tf_session.TF_DeviceListCount(devices))
            if pywrap_tf_session.TF_DeviceListType(devices, index) == kind
        ]
    finally:
        pywrap_tfe.TF_DeleteDeviceList(devices)


def _description(device):
    memory = "unknown" if device.memory is None else f"{device.memory / 2**30:.1f} GiB of"
    return f"{device.name} ({memory} memory, {device.instructions})"
