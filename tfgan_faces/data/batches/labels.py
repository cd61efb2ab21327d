"""The labels of photos: the names of their folders, or an attribute of drawn faces."""

import dataclasses

import numpy as np

from tfgan_faces.data.batches import examples
from tfgan_faces.data.batches.people import MIN_PEOPLE, SIDES, held_out
from tfgan_faces.data.records.face_attributes import ATTRIBUTES
from tfgan_faces.errors import UserError

FOLDER = "folder"  # a value of --labels


@dataclasses.dataclass(frozen=True, eq=False)
class Labels:
    """The labels of photos.

    Attributes:
        names: list of str, in the order of the indices.
        training, held_out: int32 arrays [count], the index of each photo's label.
    """

    names: list
    training: np.ndarray
    held_out: np.ndarray

    @property
    def shares(self):
        """The share of the training photos that have each label, by its name."""
        counts = np.bincount(self.training, minlength=len(self.names))
        return dict(zip(self.names, (counts / len(self.training)).tolist()))


def read_labels(builder, kind, share):
    """Returns the `Labels` of photos, in the order of the records.

    Args:
        builder: prepared TFDS builder.
        kind: `"folder"`, or the name of an attribute of drawn faces.
        share: float, the share of the photos that is held out.

    Raises:
        UserError: the folders are too few or too many to be labels, or a photo has none, or a
            label has no photo to train on.
    """
    if kind == FOLDER:
        folders, names = examples.people_and_names(builder)
        _check_folders(folders)
        is_held_out = held_out(folders, names, share)
        names, indices = np.unique(folders, return_inverse=True)
        sides = [indices[~is_held_out], indices[is_held_out]]
    else:
        names, index = ATTRIBUTES[kind]
        drawn = examples.attributes(builder, share)
        sides = [index(drawn[side]) for side in SIDES]
    labels = Labels(list(map(str, names)), *(side.astype(np.int32) for side in sides))
    for name, of_photos in labels.shares.items():
        if not of_photos:
            raise UserError(f"--labels={kind}: no photo to train on has the label {name}.")
    return labels


def _check_folders(folders):
    names = {*folders}
    if "" in names:
        raise UserError(
            "--labels=folder: every photo must be in a folder with the name of its label. "
            f"Received: {folders.count('')} photos outside of folders"
        )
    if not 2 <= len(names) < MIN_PEOPLE:
        raise UserError(
            f"--labels=folder needs 2 to {MIN_PEOPLE - 1} folders, one for each label; more "
            f"folders are taken for people. Received: {len(names)}"
        )
