"""The settings of the networks."""

import dataclasses

from tfgan_faces.config.architectures import ARCHITECTURES
from tfgan_faces.config.fields import setting


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """The generator and the discriminator."""

    architecture: str = setting(
        "exercise",
        "architecture of the generator and the discriminator",
        choices=tuple(ARCHITECTURES),
    )
    width: float = setting(
        1.0, "factor applied to the number of channels of every layer", above=0.0, maximum=32.0
    )
    dropout: float = setting(
        1.0,
        "factor applied to all dropout rates of --architecture=exercise or blog",
        minimum=0.0,
        maximum=1.5,
        since="0.7.0",
    )
    latent_dim: int | None = setting(
        None,
        "length of the noise vector (default: 512 for blog, 100 for dcgan, otherwise 128)",
        minimum=1,
        maximum=65536,
    )
    spectral_normalization: bool = setting(
        False,
        "divide the weights of every discriminator layer by their spectral norm",
        since="0.3.0",
    )
    minibatch_std: bool = setting(
        False,
        "give the discriminator a measure of how much the images of a batch differ (minibatch "
        "standard deviation)",
        since="0.3.0",
    )
    critic: str | None = setting(
        None,
        "variant of the discriminator of --architecture=exercise: own has biases, ReLU and "
        "dropout; batch_norm, layer_norm and no_norm have the named normalisation and leaky ReLU "
        "but no biases or dropout, and are designed for clipping (default: batch_norm with "
        "--clip=value, no_norm with --clip=fan_in or --loss=wgan-gp, otherwise own)",
        choices=("own", "batch_norm", "layer_norm", "no_norm"),
        since="0.8.0",
        before="own",
    )
