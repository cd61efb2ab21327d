"""Facts about the data sets that `tfgan_faces.data.records.preparation` builds."""

import dataclasses

_LFW = (
    "Trained on Labeled Faces in the Wild (Huang et al., 2007): photos of real people from news "
    "sites, collected for research on face recognition. The photos belong to their owners. The "
    "data set has no licence to redistribute them, and the files of this model contain none."
)
_OWN = "Trained on the user's own photos. Their licences determine what this model may be used for."
_DRAWN = "Trained on drawn faces only; no photo of a person was used."


@dataclasses.dataclass(frozen=True)
class Dataset:
    """What the settings and the model card need to know about a data set.

    Attributes:
        rights: str, the origin of the photos and the rights to them.
        labels: tuple of str, what `--labels` may name: the folders of photos, or attributes of
            drawn faces.
        crop: float, the default of `--crop`.
        is_drawn: whether the program draws the faces itself.
        needs_folder: whether `--data_dir` must be given.
    """

    rights: str
    labels: tuple
    crop: float = 1.0
    is_drawn: bool = False
    needs_folder: bool = False


_LFW_CROP = 0.6  # cuts 50 of LFW's 250 pixels from every side
ALIGNED_CROP = _LFW_CROP  # aligned faces are where LFW's faces are
_FOLDER = ("folder",)
_ATTRIBUTES = ("skin", "hair_colour", "hair_length", "glasses", "beard", "mouth")
DATASETS = {
    "drawn": Dataset(_DRAWN, _ATTRIBUTES, is_drawn=True),
    "synthetic": Dataset(_DRAWN, _ATTRIBUTES, is_drawn=True),
    "folder": Dataset(_OWN, _FOLDER, needs_folder=True),
    "lfw": Dataset(_LFW, _FOLDER, crop=_LFW_CROP),
}
NO_LABELS = "none"
LABELS = (NO_LABELS, *_FOLDER, *_ATTRIBUTES)
