"""Which reader `--cache=auto` takes: the fast one, where the photos fit into memory."""


def choose_cache(photos_bytes, memory_bytes):
    """Returns `"memory"` or `"none"`, and the reason for it.

    Args:
        photos_bytes: int, all photos decoded.
        memory_bytes: int, all that the machine has.
    """
    sizes = (
        f"the decoded photos take {photos_bytes / 2**20:,.0f} MiB, and the machine has "
        f"{memory_bytes / 2**20:,.0f}"
    )
    return ("memory" if photos_bytes <= memory_bytes / 2 else "none"), sizes
