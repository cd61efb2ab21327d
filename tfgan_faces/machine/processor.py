"""What the processor is and can do, known without importing TensorFlow."""

from pathlib import Path


def first_processor(root="/"):
    """Returns what Linux says of one processor.

    Args:
        root: folder of `proc`.

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
        root: folder of `proc`; without one, as on other systems than Linux, there are none.
    """
    return frozenset(first_processor(root).get("flags", "").split())
