"""The settings of the training algorithm."""

import dataclasses

from tfgan_faces.config.architectures import GROWING
from tfgan_faces.config.defaults import AUGMENT, CLIP_VALUES, FEW_PHOTOS
from tfgan_faces.config.fields import setting
from tfgan_faces.config.pretrained import PRETRAINED
from tfgan_faces.objectives.balancing import BALANCES
from tfgan_faces.objectives.losses import ALIASES, LOSSES
from tfgan_faces.objectives.optimizers import OPTIMIZERS
from tfgan_faces.objectives.rates import CONSTANT, RATES


def _clip_before(content):
    loss = LOSSES.get(content["training"].get("loss"))
    return "kernels" if loss and loss.needs_bound else "none"


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """The loss, the optimizers and other settings of the training algorithm."""

    loss: str = setting(
        "non_saturating",
        "loss function; gan, wgan and wgan-gp are aliases of non_saturating, wasserstein and "
        "wasserstein_gp",
        choices=(*LOSSES, *ALIASES),
    )
    balance: str | None = setting(
        None,
        "rule that keeps either network from getting too far ahead: margin skips updates of the "
        "network that is ahead, judged by the discriminator's cross-entropies; accuracy skips "
        "updates to keep the discriminator's accuracy between 60 % and 80 %; l2 adds weight decay "
        "to a discriminator that is ahead; none always updates both (default: depends on the loss)",
        choices=tuple(BALANCES),
    )
    margin: float = setting(
        0.3, "margin of --balance=margin, in nats of cross-entropy", above=0.0, maximum=0.5
    )
    batch_size: int | None = setting(
        None,
        "number of photos and of fakes in each discriminator update, and of latents in each "
        "generator update (default: 64 for relativistic, otherwise 32)",
        minimum=1,
    )
    optimizer: str | None = setting(
        None, "optimizer of both networks (default: depends on the loss)", choices=tuple(OPTIMIZERS)
    )
    generator_learning_rate: float | None = setting(
        None, "learning rate of the generator (default: depends on the loss)", above=0.0
    )
    discriminator_learning_rate: float | None = setting(
        None, "learning rate of the discriminator (default: depends on the loss)", above=0.0
    )
    rates: str = setting(
        CONSTANT,
        "how both learning rates change: constant; or falling, which keeps them for the first half "
        "of the training, by --minutes or --max_steps, and then lowers them to 0 evenly",
        choices=tuple(RATES),
        since="0.10.0",
    )
    beta_1: float | None = setting(
        None,
        "decay rate of Adam's mean gradient (default: depends on the loss)",
        minimum=0.0,
        maximum=0.9999,
        since="0.3.0",
        before=0.5,
    )
    beta_2: float | None = setting(
        None,
        "decay rate of Adam's mean squared gradient (default: depends on the loss)",
        minimum=0.0,
        maximum=0.9999,
        since="0.3.0",
        before=0.999,
    )
    critic_steps: int | None = setting(
        None,
        "number of critic updates per generator update, with --loss=wgan or wgan-gp (default: 1)",
        minimum=1,
    )
    critic_bursts: bool = setting(
        False,
        "with --loss=wgan, update the critic 100 times in each of the first 25 steps and in every "
        "500th step, like the code of the WGAN paper",
        since="0.3.0",
        before=True,
    )
    clip: str | None = setting(
        None,
        "rule for clipping the discriminator's parameters: value clips all parameters to one "
        "range, as in the WGAN paper; fan_in uses a range for each layer; kernels is value without "
        "the scales and offsets of normalisation layers, as in version 0.7 and earlier (default: "
        "value with --loss=wgan, otherwise none)",
        choices=tuple(CLIP_VALUES),
        since="0.8.0",
        before=_clip_before,
    )
    clip_value: float | None = setting(
        None,
        "largest absolute value of the clipped parameters; with --clip=fan_in in units of sqrt(6 "
        "/ fan-in), the bound of He initialisation (default: 0.5 with --clip=fan_in, otherwise "
        "0.01)",
        above=0.0,
    )
    gradient_penalty: float = setting(
        10.0, "weight of the gradient penalty of --loss=wgan-gp", above=0.0, since="0.3.0"
    )
    r1: float = setting(
        0.0,
        "gamma of the R1 penalty on the discriminator's gradients at photos; 0 disables it",
        minimum=0.0,
        since="0.3.0",
    )
    r2: float = setting(
        0.0,
        "gamma of the R2 penalty on the discriminator's gradients at fakes; 0 disables it",
        minimum=0.0,
        since="0.3.0",
    )
    penalty_every: int = setting(
        1,
        "apply gradient penalties only in every n-th discriminator update, with n times the weight",
        minimum=1,
        since="0.3.0",
    )
    label_smoothing: float | None = setting(
        None,
        "amount by which the discriminator's target for photos is below 1 (default: depends on "
        "the loss)",
        minimum=0.0,
        maximum=0.5,
    )
    augment: str | None = setting(
        None,
        "augmentations of everything the discriminator sees: a comma-separated list of color, "
        "translation and cutout; none; or auto, which applies all three to as many images as "
        "needed to keep the discriminator from remembering the photos, but not with a critic's "
        "loss or relativistic (default: auto, where possible, with fewer than "
        f"{FEW_PHOTOS:,} photos to train on, otherwise {AUGMENT})",
    )
    batch_parts: int = setting(
        1,
        "number of equal parts that each device divides its share of a batch into; they are "
        "computed side by side, each by its share of the cores, and batch norms measure each part "
        "separately (faster on a CPU with as many cores as parts, or a multiple)",
        minimum=1,
        since="0.10.0",
    )
    reuse_fakes: bool = setting(
        False,
        "update both networks simultaneously: both learn from the same fakes, which are generated "
        "and evaluated only once (faster)",
    )
    ema_decay: float = setting(
        0.99,
        "decay rate of the moving average of the generator's weights; samples and exports use the "
        "averaged generator",
        minimum=0.0,
        maximum=0.999999,
    )
    precision: str = setting(
        "auto",
        "number format of the layers; auto selects mixed_bfloat16 if the machine supports bfloat16 "
        "natively, otherwise float32, and logs its choice; mixed_float16 uses loss scaling",
        choices=("auto", "float32", "mixed_bfloat16", "mixed_float16"),
    )
    init_from: str | None = setting(
        None,
        "what this training starts from, instead of random weights: the folder of a run, or the "
        f"name of trained networks that are included ({', '.join(PRETRAINED)}); the "
        "settings of its networks and of its training (but not of its photos and their "
        "augmentation) are used unless flags override them, with a quarter of the learning rates "
        "if that run started from random weights; with a larger --image_size, networks of "
        f"--architecture={' or '.join(GROWING)} "
        "begin with the same faces, enlarged",
        since="0.10.0",
        before=None,
    )
    freeze_d: int = setting(
        0,
        "with --init_from, number of the discriminator's turns during which the first half of its "
        "weights stays as it is",
        minimum=0,
        since="0.10.0",
        before=0,
    )
    sync_batch_norm: bool = setting(
        False,
        "compute the statistics of batch norms over the whole batch, not separately on each device",
        since="0.8.0",
        before=lambda content: content["run"].get("sync_batch_norm", False),
    )
    seed: int = setting(
        0,
        "seed of all random numbers; with --mode=sample, the seed of the first face",
        minimum=0,
        maximum=2**31 - 1,
    )
