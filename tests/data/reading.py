"""All photos of a source, read as Beam's workers do."""

import pickle
import tempfile

from tfgan_faces.data.sources.photo_sources import open_source


def read_all(path):
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        source = open_source(str(path)).seekable(scratch)
        photos = list(source.photos())
        with pickle.loads(pickle.dumps(source)).reader() as read:  # as Beam's workers get it
            for photo in reversed(photos):  # in any order
                try:
                    found[photo.name] = read(photo)
                except OSError as error:
                    found[photo.name] = str(error)
    return dict(reversed(found.items()))
