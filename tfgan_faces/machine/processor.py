"""Properties of the processor, read without importing TensorFlow."""

import os
from pathlib import Path


def core_count():
    """Returns the number of cores that this process may use, which can be fewer than there are."""
    has_affinity = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1


def first_processor(root="/"):
    """Returns the properties that Linux reports for the first processor.

    Args:
        root: folder that contains `proc`.

    Returns:
        Dict of str, such as `"model name"` and `"flags"`; empty on other systems.
    """
    try:
        content = (Path(root) / "proc" / "cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in content.strip().split("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def instruction_sets(root="/"):
    """Returns the processor's instruction sets, a frozenset of str such as `"avx2"`.

    Args:
        root: folder that contains `proc`. Without it, as on systems other than Linux, the result
            is empty.
    """
    return frozenset(first_processor(root).get("flags", "").split())
