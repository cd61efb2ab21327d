"""Facts about the architectures, which `tfgan_faces.models` builds.

A new architecture is a row here and a file of that name in `models/`.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Architecture:
    """What the settings need to know of a pair of networks.

    Attributes:
        latent_dim: int, the default length of the noise vector.
        has_dropout: whether `--dropout` applies.
        has_critics: whether its module has a `build_critic` for `--critic`.
        mixes_images: whether the discriminator has batch norm, which mixes the images of a batch.
    """

    latent_dim: int = 128
    has_dropout: bool = False
    has_critics: bool = False
    mixes_images: bool = False


ARCHITECTURES = {
    "exercise": Architecture(has_dropout=True, has_critics=True),
    "blog": Architecture(latent_dim=512, has_dropout=True),
    "dcgan": Architecture(latent_dim=100, mixes_images=True),
    "modern": Architecture(),
    "light": Architecture(),
}
# The critic that each rule of clipping goes with.
CRITICS = {"value": "batch_norm", "fan_in": "no_norm"}
