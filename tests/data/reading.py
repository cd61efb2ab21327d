"""Reads all photos of a source in the way that Beam's workers do."""

import pickle
import tempfile

from tfgan_faces.data.sources.photo_sources import open_source


def read_all(path):
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        source = open_source(str(path)).seekable(scratch)
        photos = list(source.photos())
        with pickle.loads(pickle.dumps(source)).reader() as read:  # Beam pickles it, too
            for photo in reversed(photos):  # not in the order of the source
                try:
                    found[photo.name] = read(photo)
                except OSError as error:
                    found[photo.name] = str(error)
    return dict(reversed(found.items()))
