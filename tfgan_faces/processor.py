"""What the processor can do, known without importing TensorFlow."""


def cpu_flags(path="/proc/cpuinfo"):
    """Returns the names of the processor's instruction sets, as Linux lists them.

    Args:
        path: file to read.

    Returns:
        Set of str, such as `"avx2"` or `"avx512_bf16"`; empty on other systems.
    """
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if line.startswith("flags")]
    except OSError:  # not Linux
        return set()
    return set(lines[0].split()) if lines else set()
