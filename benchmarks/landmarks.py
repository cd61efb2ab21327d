"""Measures where the eyes, nose and mouth are in LFW's photos.

    python -m benchmarks.landmarks LFW_ARCHIVE

Prints the mean places of the five landmarks that YuNet finds, as fractions of the photo's side,
and their spread. `tfgan_faces.faces.alignment` contains the means.
"""

import argparse
import io

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.measuring import describe_machine
from tfgan_faces.data.sources.photo_sources import open_source
from tfgan_faces.faces.detector import FaceDetector


def main():
    """Prints the means and standard deviations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", help="the LFW archive (lfw-deepfunneled.tgz)")
    options = parser.parse_args()
    print(", ".join(f"{key}: {value}" for key, value in describe_machine().items()))
    detector, places, photos = FaceDetector(), [], 0
    for photo, read in tqdm(open_source(options.archive).members()):
        if photo.refusal:
            continue
        image = np.asarray(Image.open(io.BytesIO(read())).convert("RGB"))
        photos += 1
        landmarks = detector(image)[:, 4:14].reshape(-1, 5, 2)
        if len(landmarks):
            # The person of the photo is the one in its middle.
            middle = np.array(image.shape[1::-1]) / 2
            distances = np.linalg.norm(landmarks.mean(1) - middle, axis=1)
            places.append(landmarks[distances.argmin()] / image.shape[1::-1])
    print(f"{len(places):,} faces in {photos:,} photos")
    print("means:", np.mean(places, 0).round(4).tolist())
    print("standard deviations:", np.std(places, 0).round(4).tolist())


if __name__ == "__main__":
    main()
