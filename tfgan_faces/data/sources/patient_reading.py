"""Reads photos from disks and networks that fail for a moment."""

import errno
import time

from tfgan_faces.errors import UserError

_PAUSES = (0.1, 1.0, 5.0)  # seconds
# What another try does not change, and is told of the one photo.
_OF_THE_PHOTO = {
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
    """Returns a photo's bytes, after some tries where the system fails to read them.

    Args:
        read: function of a `Photo`, see `FolderSource.reader`.
        photo: `Photo`.

    Raises:
        OSError: the photo cannot be read, as a link to nowhere.
        UserError: the system could not read it in several tries; the photo may be a good one.
    """
    for pause in _PAUSES:
        try:
            return read(photo)
        except OSError as error:
            if not _may_pass(error):
                raise
        time.sleep(pause)
    try:
        return read(photo)
    except OSError as error:
        if not _may_pass(error):
            raise
        raise UserError(
            f"--data_dir: {photo.name} could not be read in {len(_PAUSES) + 1} tries "
            f"({error.strerror}). Nothing was prepared; try again when the disk or network answers."
        ) from error


def _may_pass(error):
    """Whether it is the system's: errors in what was read have no number."""
    return error.errno is not None and error.errno not in _OF_THE_PHOTO
