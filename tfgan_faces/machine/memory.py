"""How much memory there is: the machine's, or less where a container's limit is lower."""

import os
from pathlib import Path, PurePosixPath

_LIMITS = {"": ("", "memory.max"), "memory": ("memory", "memory.limit_in_bytes")}


def machine_memory(root="/"):
    """Returns the bytes of memory that this process can have.

    Args:
        root: folder of `proc` and `sys`.

    Reference:
        cgroups(7): a process is in one group of version 2, whose controllers have no name,
        and one of each controller of version 1; the limits of the groups above hold, too.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([memory, *_limits(Path(root))])


def _limits(root):
    for line in _read(root / "proc" / "self" / "cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        for controller in controllers.split(","):
            if controller in _LIMITS:
                folder, name = _LIMITS[controller]
                # In a container its own group may be mounted as the topmost one.
                for above in (PurePosixPath(group), *PurePosixPath(group).parents):
                    place = root / "sys" / "fs" / "cgroup" / folder / above.relative_to("/")
                    limit = _read(place / name).strip()
                    if limit.isdecimal():  # or "max"
                        yield int(limit)


def _read(path):
    try:
        return path.read_text()
    except OSError:
        return ""
