import numpy as np

from tfgan_faces.models import build_generator
from tfgan_faces.projection import project
from tfgan_faces.sampling import faces_of_seeds


def test_a_generated_face_is_found_again():
    generator = build_generator("modern", 16, 4, width=0.25)
    # its own scale is small before training
    rgb = generator.get_layer("rgb")
    rgb.kernel.assign(20 * rgb.kernel)
    target, other = faces_of_seeds(generator, [5, 6])
    found = project(generator, target).astype(int)
    assert np.abs(found - target).mean() < 0.3 * np.abs(other.astype(int) - target).mean()
