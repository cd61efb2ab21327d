import numpy as np

from tfgan_faces.generation import projection
from tfgan_faces.generation.projection import find_latent, project
from tfgan_faces.generation.sampling import faces_of_seeds
from tfgan_faces.models import build_generator


def test_a_generated_face_is_found_again():
    generator = build_generator("modern", 16, 4, width=0.25)
    # the scale of its images is small before training
    rgb = generator.get_layer("rgb")
    rgb.kernel.assign(20 * rgb.kernel)
    target, other = faces_of_seeds(generator, [5, 6])
    found = project(generator, target).astype(int)
    assert np.abs(found - target).mean() < 0.3 * np.abs(other.astype(int) - target).mean()


def test_the_search_does_not_stop_at_a_clip(monkeypatch):
    """The gradient is zero beyond a clip, but unclipped images still have a distance."""
    generator = build_generator("modern", 16, 4, width=0.25)
    rgb = generator.get_layer("rgb")
    rgb.bias.assign(rgb.bias.numpy() - 3.0)  # all faces are black
    assert faces_of_seeds(generator, [5]).max() == 0
    compared = []

    def losses(images, target, latents):
        compared.append(images)
        return real(images, target, latents)

    real = projection._losses
    monkeypatch.setattr(projection, "_losses", losses)
    monkeypatch.setattr(projection, "_STEPS", 1)
    assert find_latent(generator, np.zeros((16, 16, 3), np.uint8)).shape == (4,)
    assert compared[0].numpy().max() < -1.0
