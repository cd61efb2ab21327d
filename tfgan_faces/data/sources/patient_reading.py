"""Reads photos with retries, for disks and networks that fail temporarily."""

import errno
import time

from tfgan_faces.errors import UserError

_PAUSES = (0.1, 1.0, 5.0)  # seconds
# Errors that concern a single photo and that a retry does not fix.
_PERMANENT_ERRORS = {
    errno.EACCES,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ENXIO,
    errno.EPERM,
}


def read_patiently(read, photo):
    """Returns a photo's bytes, and retries after temporary system errors.

    Args:
        read: function of a `Photo`, see `FolderSource.reader`.
        photo: `Photo`.

    Raises:
        OSError: the photo cannot be read, for example because it is a dangling link.
        UserError: all attempts failed with system errors, so the photo itself may be valid.
    """
    for pause in _PAUSES:
        try:
            return read(photo)
        except OSError as error:
            if not _is_temporary(error):
                raise
        time.sleep(pause)
    try:
        return read(photo)
    except OSError as error:
        if not _is_temporary(error):
            raise
        raise UserError(
            f"--data_dir: {photo.name} could not be read in {len(_PAUSES) + 1} attempts "
            f"({error.strerror}). Nothing was prepared. Try again when the disk or network is "
            "available."
        ) from error


def _is_temporary(error):
    """Returns whether a retry may succeed. Errors in a photo's content have no errno."""
    return error.errno is not None and error.errno not in _PERMANENT_ERRORS
