"""Measures how good a generator is: distances, features, memorisation and a report."""

from tfgan_faces.evaluation.distances import (
    frechet_distance,
    kernel_distance,
    moments,
    precision_recall,
)
from tfgan_faces.evaluation.sliced_wasserstein import sliced_wasserstein_distance
from tfgan_faces.evaluation.structural_similarity import ms_ssim_diversity

__all__ = [
    "frechet_distance",
    "kernel_distance",
    "moments",
    "ms_ssim_diversity",
    "precision_recall",
    "sliced_wasserstein_distance",
]
