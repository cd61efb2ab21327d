"""Batches of photos with PyTorch's DataLoader, as users typically load a folder."""

import glob
import os

import numpy as np
import torch
from PIL import Image

from benchmarks.input_sides import JPEG_SIZE, SIZE


class PhotoFolder(torch.utils.data.Dataset):
    """Decodes, crops and resizes a photo on each access."""

    def __init__(self, folder):
        self.paths = sorted(glob.glob(os.path.join(folder, "*.jpg")))

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        margin = round(JPEG_SIZE * 0.2)
        box = (margin, margin, JPEG_SIZE - margin, JPEG_SIZE - margin)
        photo = Image.open(self.paths[index]).convert("RGB").crop(box)
        pixels = np.array(photo.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
        return torch.from_numpy(pixels).permute(2, 0, 1)


def batches(folder, size, workers):
    """Returns a function that iterates once over all photos."""
    loader = torch.utils.data.DataLoader(
        PhotoFolder(folder),
        batch_size=size,
        shuffle=True,
        num_workers=workers,
        drop_last=True,
        multiprocessing_context="fork",
    )

    def unit():
        for _ in loader:
            pass

    return unit
