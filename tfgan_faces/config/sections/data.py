"""The settings of the photos."""

import dataclasses

from tfgan_faces.config.datasets import DATASETS, LABELS, NO_LABELS
from tfgan_faces.config.defaults import HELD_OUT, HELD_OUT_OF_VERY_FEW, VERY_FEW_PHOTOS
from tfgan_faces.config.fields import setting


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """The photos and how they are prepared."""

    dataset: str = setting(
        "drawn",
        "photos to train on: drawn (faces that the program draws), synthetic (drawn faces of "
        "version 0.6 and earlier, with smaller eyes and mouths), folder (your own photos in "
        "--data_dir) or lfw (Labeled Faces in the Wild)",
        choices=tuple(DATASETS),
    )
    data_dir: str | None = setting(
        None,
        "photos for --dataset=folder or lfw: a folder that is searched recursively, a .zip, .tar "
        "or .tgz archive, or Parquet files of Hugging Face's datasets, local or at gs://BUCKET/...",
    )
    crop: float | None = setting(
        None,
        "side of the central square that each photo is cropped to, as a fraction of its shorter "
        "side; with --align=faces, how much is kept around the face, where 1.0 is as much as in an "
        "LFW photo (default: 0.6 for lfw and with --align=faces, otherwise 1.0)",
        above=0.0,
        maximum=1.0,
    )
    align: str = setting(
        "none",
        "which part of each photo to use: none takes its middle; faces finds its faces and turns, "
        "scales and shifts each of them to the position of faces in LFW's photos (needs the extra "
        "align)",
        choices=("none", "faces"),
        since="0.10.0",
        before="none",
    )
    faces: str = setting(
        "largest",
        "with --align=faces, which faces of a photo to use: the largest only, or all of them",
        choices=("largest", "all"),
        since="0.10.0",
        before="largest",
    )
    min_face: int = setting(
        48,
        "with --align=faces, the smallest width of a face in pixels; photos without one are "
        "skipped",
        minimum=10,
        maximum=4096,
        since="0.10.0",
        before=48,
    )
    labels: str = setting(
        NO_LABELS,
        "labels of the photos, from which a conditional pair learns to generate faces of a given "
        "label: none; folder, the names of 2 to 19 folders such as smiling and serious; or an "
        "attribute of drawn faces: " + ", ".join(LABELS[2:]),
        choices=LABELS,
        since="0.10.0",
        before=NO_LABELS,
    )
    held_out: float | None = setting(
        None,
        "share of the people whose photos are held out from training, to evaluate generators "
        f"(default: {HELD_OUT}, or {HELD_OUT_OF_VERY_FEW} with fewer than {VERY_FEW_PHOTOS} "
        "photos)",
        above=0.0,
        maximum=0.5,
        since="0.10.0",
        before=0.1,
    )
    image_size: int = setting(
        32, "height and width of the faces in pixels", minimum=4, maximum=1024
    )
    cache: str = setting(
        "auto",
        "how training reads the photos: memory decodes them once into a file, which the operating "
        "system keeps in memory, and reads them in any order; none streams them from the records "
        "and shuffles them in windows, for more photos than fit into memory; auto selects memory "
        "if the decoded photos fit into half of the machine's memory, otherwise none, and logs "
        "its choice",
        choices=("auto", "memory", "none"),
        since="0.5.0",
        before="memory",
    )
