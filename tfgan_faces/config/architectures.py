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
        grows_from: int, the smallest image size whose trained networks can begin those of larger
            images, see `models/growing.py`; or None.
    """

    latent_dim: int = 128
    has_dropout: bool = False
    has_critics: bool = False
    mixes_images: bool = False
    grows_from: int | None = None


ARCHITECTURES = {
    "exercise": Architecture(has_dropout=True, has_critics=True),
    "blog": Architecture(latent_dim=512, has_dropout=True),
    "dcgan": Architecture(latent_dim=100, mixes_images=True),
    "modern": Architecture(),
    "light": Architecture(),
    "slim": Architecture(grows_from=32),
}
GROWING = tuple(name for name, facts in ARCHITECTURES.items() if facts.grows_from)
# The default critic for each clipping rule.
CRITICS = {"value": "batch_norm", "fan_in": "no_norm"}
