"""The memory of the machine, or of its container if that has a lower limit."""

import os
from pathlib import Path, PurePosixPath

# Controller: folder and file of its limit.
_LIMITS = {"": ("", "memory.max"), "memory": ("memory", "memory.limit_in_bytes")}


def machine_memory(root="/"):
    """Returns the maximum memory of this process in bytes.

    Args:
        root: folder that contains `proc` and `sys`.

    Reference:
        cgroups(7): a process is in one group of version 2, whose list of controllers is empty,
        and in one group for each controller of version 1. The limits of parent groups apply, too.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([memory, *_limits(Path(root))])


def _limits(root):
    for line in _read(root / "proc" / "self" / "cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        for controller in controllers.split(","):
            if controller in _LIMITS:
                folder, name = _LIMITS[controller]
                # In a container, its own group may be mounted as the root.
                for ancestor in (PurePosixPath(group), *PurePosixPath(group).parents):
                    place = root / "sys" / "fs" / "cgroup" / folder / ancestor.relative_to("/")
                    limit = _read(place / name).strip()
                    if limit.isdecimal():  # or "max"
                        yield int(limit)


def _read(path):
    try:
        return path.read_text()
    except OSError:
        return ""
