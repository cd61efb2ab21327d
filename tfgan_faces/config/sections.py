"""The settings, each written once: the command line's flags and `config.json` come from here.

A field of type `X | None` with default None is filled in by `Config.resolved` from the
other settings (a loss brings its learning rates, a data set its crop).
"""

import dataclasses

from tfgan_faces.config.architectures import ARCHITECTURES
from tfgan_faces.config.datasets import DATASETS
from tfgan_faces.config.fields import setting
from tfgan_faces.config.modes import MODES
from tfgan_faces.config.recipes import RECIPES
from tfgan_faces.objectives.balancing import BALANCES
from tfgan_faces.objectives.losses import ALIASES, LOSSES
from tfgan_faces.objectives.optimizers import OPTIMIZERS


def _clip_before(content):
    loss = LOSSES.get(content["training"].get("loss"))
    return "kernels" if loss and loss.needs_bound else "none"


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """Which photos, and what is made of them before training."""

    dataset: str = setting(
        "drawn",
        "photos to learn from: a folder of your own, LFW, or faces that the program draws "
        "(synthetic: as up to version 0.6, with smaller eyes and mouths)",
        choices=tuple(DATASETS),
    )
    data_dir: str | None = setting(
        None,
        "folder tree of photos, or a .zip, .tar or .tgz of one, here or at gs://BUCKET/... "
        "(dataset folder or lfw)",
    )
    crop: float | None = setting(
        None,
        "side of the centred square that is kept, as a fraction of the photo's shorter side "
        "(default: 0.6 for lfw, else 1.0)",
        above=0.0,
        maximum=1.0,
    )
    image_size: int = setting(
        32, "height and width of the faces in pixels", minimum=4, maximum=1024
    )
    cache: str = setting(
        "auto",
        "how training reads the photos: memory, in any order from a file that they are decoded "
        "into once and that the system keeps in memory; none, streamed from the records, shuffled "
        "in windows, for more photos than fit; auto takes memory where they take up to half of "
        "the machine's, and says so",
        choices=("auto", "memory", "none"),
        since="0.5.0",
        before="memory",
    )


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """The two networks."""

    architecture: str = setting(
        "exercise",
        "pair of networks",
        choices=tuple(ARCHITECTURES),
    )
    width: float = setting(
        1.0, "factor on the number of channels of every layer", above=0.0, maximum=32.0
    )
    dropout: float = setting(
        1.0, "factor on all dropout rates (exercise, blog)", minimum=0.0, maximum=1.5, since="0.7.0"
    )
    latent_dim: int | None = setting(
        None,
        "length of the noise vector (default: 128, blog 512, dcgan 100)",
        minimum=1,
        maximum=65536,
    )
    spectral_normalization: bool = setting(
        False,
        "whether every layer of the discriminator is divided by its spectral norm",
        since="0.3.0",
    )
    minibatch_std: bool = setting(
        False,
        "whether the discriminator is told how much the images of a batch differ",
        since="0.3.0",
    )
    critic: str | None = setting(
        None,
        "form of the exercise's discriminator: own has biases, ReLU and dropout; the others are "
        "made for clipping, with leaky ReLU, without biases and dropout, with batch norm, layer "
        "norm or no norm (default: own; with --clip=value batch_norm, with --clip=fan_in no_norm)",
        choices=("own", "batch_norm", "layer_norm", "no_norm"),
        since="0.8.0",
        before="own",
    )


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """The objective of both networks and how it is followed."""

    loss: str = setting(
        "non_saturating",
        "objective; gan, wgan and wgan-gp are aliases of non_saturating, wasserstein and "
        "wasserstein_gp",
        choices=(*LOSSES, *ALIASES),
    )
    balance: str | None = setting(
        None,
        "rule that keeps the networks level (default: margin, or what suits the loss)",
        choices=tuple(BALANCES),
    )
    margin: float = setting(
        0.3, "margin of --balance=margin, in nats of cross-entropy", above=0.0, maximum=0.5
    )
    batch_size: int | None = setting(
        None,
        "number of photos, of fakes, and of the generator's latents in each turn (default: 32; "
        "64 with the relativistic and wasserstein losses)",
        minimum=1,
    )
    optimizer: str | None = setting(
        None, "optimizer of both networks (default: by loss)", choices=tuple(OPTIMIZERS)
    )
    generator_learning_rate: float | None = setting(None, "default: by loss", above=0.0)
    discriminator_learning_rate: float | None = setting(None, "default: by loss", above=0.0)
    beta_1: float | None = setting(
        None,
        "Adam's decay of the mean gradient (default: by loss)",
        minimum=0.0,
        maximum=0.9999,
        since="0.3.0",
        before=0.5,
    )
    beta_2: float | None = setting(
        None,
        "Adam's decay of the mean square (default: by loss)",
        minimum=0.0,
        maximum=0.9999,
        since="0.3.0",
        before=0.999,
    )
    critic_steps: int | None = setting(
        None,
        "critic turns for one of the generator, with the wasserstein losses (default: 1 with wgan, "
        "5 with wgan-gp)",
        minimum=1,
    )
    critic_bursts: bool = setting(
        False,
        "with --loss=wgan, whether the critic takes 100 turns in the first 25 steps and in every "
        "500th, as in the paper's code",
        since="0.3.0",
        before=True,
    )
    clip: str | None = setting(
        None,
        "what keeps the discriminator's weights small: value clips all parameters to one box, as "
        "the WGAN's paper; fan_in to a box for each layer; kernels is value without the norms' "
        "scales and offsets, as up to version 0.7 (default: value with --loss=wgan, else none)",
        choices=("none", "value", "fan_in", "kernels"),
        since="0.8.0",
        before=_clip_before,
    )
    clip_value: float | None = setting(
        None,
        "bound of the clipped parameters; with --clip=fan_in in units of sqrt(6 / fan-in), the "
        "bound of He's initialisation (default: by --clip)",
        above=0.0,
    )
    gradient_penalty: float = setting(
        10.0, "weight of the gradient penalty, with --loss=wgan-gp", above=0.0, since="0.3.0"
    )
    r1: float = setting(
        0.0,
        "gamma of the penalty on the discriminator's gradients at photos (0: none)",
        minimum=0.0,
        since="0.3.0",
    )
    r2: float = setting(0.0, "the same at fakes", minimum=0.0, since="0.3.0")
    penalty_every: int = setting(
        1,
        "discriminator turns from one penalty of gradients to the next, which counts as much more",
        minimum=1,
        since="0.3.0",
    )
    label_smoothing: float | None = setting(
        None,
        "how far below 1 the discriminator's target for photos lies (default: by loss)",
        minimum=0.0,
        maximum=0.5,
    )
    augment: str = setting(
        "translation",
        "comma-separated changes made to all that the discriminator sees: "
        "color, translation, cutout, or none",
    )
    reuse_fakes: bool = setting(
        False,
        "simultaneous updates: both networks learn from the same fakes, judged once (faster)",
    )
    ema_decay: float = setting(
        0.99,
        "decay of the averaged generator, which makes the samples and the export",
        minimum=0.0,
        maximum=0.999999,
    )
    precision: str = setting(
        "auto",
        "number format of the layers; auto takes bfloat16 where the machine has instructions "
        "for it, and says so; float16 comes with loss scaling",
        choices=("auto", "float32", "mixed_bfloat16", "mixed_float16"),
    )
    sync_batch_norm: bool = setting(
        False,
        "whether batch norms take their statistics over all devices' parts of the batch",
        since="0.8.0",
        before=lambda content: content["run"].get("sync_batch_norm", False),
    )
    seed: int = setting(
        0,
        "seed of everything random; in --mode=sample the first face's",
        minimum=0,
        maximum=2**31 - 1,
    )


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """Where a run lives and how far it goes; may change when a run is resumed."""

    run_dir: str | None = setting(
        None,
        "the run's folder, here or at gs://BUCKET/... "
        "(default: runs/<dataset>-<architecture>-<loss>)",
    )
    cache_dir: str = setting(
        "~/.cache/tfgan_faces", "folder of prepared photos, here or at gs://BUCKET/..."
    )
    beam_runner: str | None = setting(
        None,
        "runner of Apache Beam that prepares photos: DirectRunner, FlinkRunner, SparkRunner, "
        "DataflowRunner (default: this machine's threads, without Beam)",
        since="0.5.0",
    )
    beam_options: str | None = setting(
        None,
        "the runner's own flags, separated by commas or spaces: "
        "--flink_master=HOST:8081,--parallelism=4",
        since="0.5.0",
    )
    shards: int | None = setting(
        None,
        "number of files to prepare photos into; the records and their order are the same "
        "(default: 16 MiB of pixels in each)",
        minimum=1,
        maximum=99_999,
        since="0.5.0",
    )
    max_steps: int | None = setting(
        None,
        "generator turns to train for, in total (default: 1400, or no limit with --minutes)",
        minimum=1,
    )
    minutes: float | None = setting(
        None,
        "stop training after this many minutes in total, or at max_steps",
        above=0.0,
        since="0.3.0",
    )
    strategy: str = setting(
        "default",
        "devices that share the training: one, all of this machine (mirrored), or those of all "
        "machines in TF_CONFIG (multiworker)",
        choices=("default", "mirrored", "multiworker"),
        since="0.5.0",
    )
    steps_per_call: int = setting(
        1, "at most this many steps without a look at them from Python", minimum=1
    )
    log_every: int = setting(10, "steps between two rows of metrics.csv", minimum=1)
    sample_every: int = setting(350, "steps between two sample grids", minimum=1)
    checkpoint_every: int = setting(350, "steps between two checkpoints", minimum=1)
    on_collapse: str = setting(
        "ignore",
        "what to do at a warning of collapse: ignore (but log it), stop, or rollback to the last "
        "healthy checkpoint, with another seed and half the learning rates, three times at most",
        choices=("ignore", "stop", "rollback"),
        since="0.5.0",
    )
    evaluate_every: int = setting(
        0,
        "steps between two quick evaluations, whose best checkpoint is kept (0: none)",
        minimum=0,
        since="0.3.0",
    )
    export: bool = setting(True, "whether to export the generator when training ends")
    export_dir: str = setting("export/models/faces", "folder of the numbered exports")
    export_precision: str = setting(
        "float32",
        "number format of the exported layers; mixed_bfloat16 is faster where the serving "
        "machine has instructions for it, and a few grey levels off",
        choices=("float32", "mixed_bfloat16"),
    )
    export_weights: str = setting(
        "float32",
        "number format of the exported file's weights; float16 halves it, at most a few grey "
        "levels off",
        choices=("float32", "float16"),
        since="0.4.0",
    )
    warmup: str = setting(
        "auto",
        "whether the export holds requests that TF Serving replays on loading; auto: where "
        "tensorflow-serving-api is installed",
        choices=("auto", "on", "off"),
        since="0.4.0",
    )
    keep_versions: int = setting(
        5, "number of newest exports that stay in --export_dir", minimum=1, since="0.4.0"
    )


@dataclasses.dataclass(frozen=True)
class CommandConfig:
    """What to do, and the settings of one call."""

    mode: str = setting("train", "what to do", choices=tuple(MODES))
    recipe: str | None = setting(
        None,
        "flags that are known to work together; other flags override them (default: drawn, where "
        "no data set, architecture, loss or image size is named)",
        choices=RECIPES,
    )
    output: str | None = setting(
        None,
        "file or folder to write (default: in the run's folder, or beside it)",
    )
    debug: bool = setting(
        False, "whether an error is told with its traceback, for a report", since="0.8.0"
    )
    checkpoint: str = setting(
        "newest",
        "which of the run's checkpoints to take; best is there after training with "
        "--evaluate_every",
        choices=("newest", "best"),
    )
    count: int | None = setting(
        None,
        "number of faces (default: sample 64, request 16, evaluate 10000)",
        minimum=1,
        maximum=100_000,
    )
    truncation: float = setting(
        1.0,
        "factor on the latents: smaller means more ordinary faces (sample, walk, interpolate, "
        "request, evaluate)",
        minimum=0.0,
        maximum=1.0,
    )
    seeds: str | None = setting(
        None,
        "faces by their seeds: 3,7,9 (walk, interpolate, truncation, request), or means of groups "
        "of seeds, added and taken away: 1,2,3-4,5,6+7,8,9 (arithmetic)",
    )
    latents: str | None = setting(
        None,
        "faces by a .npy file of latents [latent_dim] or [count, latent_dim], as --mode=project "
        "writes one, before those of --seeds (sample, walk, interpolate)",
        since="0.8.0",
    )
    server: str | None = setting(
        None, "server to ask for faces (request): http://HOST:PORT or grpc://HOST:PORT"
    )
    host: str = setting(
        "127.0.0.1", "address to listen on (serve); others than this can let strangers in"
    )
    port: int = setting(8501, "port to listen on (serve); 0: any", minimum=0, maximum=65535)
    devices: int = setting(
        1, "number of devices to calculate a training on (plan)", minimum=1, maximum=2**16
    )
    device_speed: float = setting(
        1.0, "speed of one of them, this machine's being 1 (plan)", above=0.0
    )
    network: float = setting(10.0, "Gbit/s between two of them (plan)", above=0.0)
    photos: int | None = setting(None, "number of photos in an epoch (plan)", minimum=1)
    image: str | None = setting(
        None, "the photo to find a latent for (project); cropped as the run's photos were"
    )
    features: str = setting(
        "face",
        "network whose features are compared (evaluate): the package's own, or InceptionV3",
        choices=("face", "inception"),
    )
    inception_weights: str | None = setting(
        None, "file of InceptionV3's weights (default: fetched from keras.applications)"
    )
