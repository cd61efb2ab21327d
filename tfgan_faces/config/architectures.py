"""Facts about the architectures that `tfgan_faces.models` builds.

To add an architecture, add a row here and a file of the same name in `models/`.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Architecture:
    """What the settings need to know about a pair of networks.

    Attributes:
        latent_dim: int, the default length of the noise vector.
        has_dropout: whether `--dropout` applies.
        has_critics: whether the module has a `build_critic` for `--critic`.
        mixes_images: whether the discriminator has batch norm, which mixes the images of a batch.
        grows: whether networks for larger images only have further stages, see `models/growing.py`.
    """

    latent_dim: int = 128
    has_dropout: bool = False
    has_critics: bool = False
    mixes_images: bool = False
    grows: bool = False


ARCHITECTURES = {
    "exercise": Architecture(has_dropout=True, has_critics=True),
    "blog": Architecture(latent_dim=512, has_dropout=True),
    "dcgan": Architecture(latent_dim=100, mixes_images=True),
    "modern": Architecture(grows=True),
    "light": Architecture(grows=True),
    "slim": Architecture(grows=True),
}
# The default critic for each clipping rule.
CRITICS = {"value": "batch_norm", "fan_in": "no_norm"}
