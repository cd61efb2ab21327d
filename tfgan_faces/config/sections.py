"""Declarations of all settings, from which the flags and `config.json` are generated.

`Config.resolved` replaces the default None of a field of type `X | None` by a value that
depends on other settings. For example, the learning rates depend on the loss, and the crop
on the data set.
"""

import dataclasses

from tfgan_faces.config.architectures import ARCHITECTURES
from tfgan_faces.config.datasets import DATASETS, LABELS, NO_LABELS
from tfgan_faces.config.defaults import AUGMENT, CLIP_VALUES, FEW_PHOTOS
from tfgan_faces.config.fields import setting
from tfgan_faces.config.formats import FORMATS, SAVED_MODEL
from tfgan_faces.config.modes import MODES
from tfgan_faces.config.pretrained import PRETRAINED
from tfgan_faces.config.recipes import RECIPES
from tfgan_faces.objectives.balancing import BALANCES
from tfgan_faces.objectives.losses import ALIASES, LOSSES
from tfgan_faces.objectives.optimizers import OPTIMIZERS
from tfgan_faces.objectives.rates import CONSTANT, RATES


def _clip_before(content):
    loss = LOSSES.get(content["training"].get("loss"))
    return "kernels" if loss and loss.needs_bound else "none"


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """The photos and how they are prepared."""

    dataset: str = setting(
        "drawn",
        "photos to train on: drawn (faces that the program draws), synthetic (drawn faces of "
        "version 0.6 and earlier, with smaller eyes and mouths), folder (your own photos in "
        "--data_dir) or lfw (Labeled Faces in the Wild)",
        choices=tuple(DATASETS),
    )
    data_dir: str | None = setting(
        None,
        "photos for --dataset=folder or lfw: a folder that is searched recursively, a .zip, .tar "
        "or .tgz archive, or Parquet files of Hugging Face's datasets, local or at gs://BUCKET/...",
    )
    crop: float | None = setting(
        None,
        "side of the central square that each photo is cropped to, as a fraction of its shorter "
        "side; with --align=faces, of the side of an LFW photo of that face (default: 0.6 for lfw "
        "and with --align=faces, otherwise 1.0)",
        above=0.0,
        maximum=1.0,
    )
    align: str = setting(
        "none",
        "which part of each photo to use: none takes its middle; faces finds its faces and turns, "
        "scales and shifts each of them to the place of LFW's faces (needs the extra align)",
        choices=("none", "faces"),
        since="0.10.0",
        before="none",
    )
    faces: str = setting(
        "largest",
        "with --align=faces, which faces of a photo to use: the largest only, or all of them",
        choices=("largest", "all"),
        since="0.10.0",
        before="largest",
    )
    min_face: int = setting(
        48,
        "with --align=faces, the smallest width of a face in pixels; photos without one are "
        "skipped",
        minimum=10,
        maximum=4096,
        since="0.10.0",
        before=48,
    )
    labels: str = setting(
        NO_LABELS,
        "labels of the photos, from which a conditional pair learns to generate faces of a given "
        "label: none; folder, the names of 2 to 19 folders such as smiling and serious; or an "
        "attribute of drawn faces: " + ", ".join(LABELS[2:]),
        choices=LABELS,
        since="0.10.0",
        before=NO_LABELS,
    )
    image_size: int = setting(
        32, "height and width of the faces in pixels", minimum=4, maximum=1024
    )
    cache: str = setting(
        "auto",
        "how training reads the photos: memory decodes them once into a file, which the operating "
        "system keeps in memory, and reads them in any order; none streams them from the records "
        "and shuffles them in windows, for more photos than fit into memory; auto selects memory "
        "if the decoded photos fit into half of the machine's memory, otherwise none, and logs "
        "its choice",
        choices=("auto", "memory", "none"),
        since="0.5.0",
        before="memory",
    )


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
        "needed to keep the discriminator from remembering the photos (default: auto with fewer "
        f"than {FEW_PHOTOS:,} photos to train on, except for critics, otherwise {AUGMENT})",
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
        "augmentation) are used unless flags override them, with a quarter of the learning rates",
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


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """The folders, duration and outputs of a run, which may change when it is resumed."""

    run_dir: str | None = setting(
        None,
        "folder of the run, local or at gs://BUCKET/... "
        "(default: runs/<dataset>-<architecture>-<loss>)",
    )
    cache_dir: str = setting(
        "~/.cache/tfgan_faces", "folder of prepared photos, local or at gs://BUCKET/..."
    )
    beam_runner: str | None = setting(
        None,
        "Apache Beam runner that prepares the photos: DirectRunner, FlinkRunner, SparkRunner or "
        "DataflowRunner (default: threads on this machine, without Beam)",
        since="0.5.0",
    )
    beam_options: str | None = setting(
        None,
        "flags of the Beam runner, separated by commas or spaces, such as "
        "--flink_master=HOST:8081,--parallelism=4",
        since="0.5.0",
    )
    shards: int | None = setting(
        None,
        "number of files that the prepared photos are written to; the records and their order do "
        "not depend on it (default: about 16 MiB of pixels per file)",
        minimum=1,
        maximum=99_999,
        since="0.5.0",
    )
    max_steps: int | None = setting(
        None,
        "total number of steps (generator updates) to train for (default: 1400, or unlimited with "
        "--minutes)",
        minimum=1,
    )
    minutes: float | None = setting(
        None,
        "total number of minutes to train for; if --max_steps is also given, training stops at "
        "the first limit that is reached",
        above=0.0,
        since="0.3.0",
    )
    strategy: str = setting(
        "default",
        "devices to train on: default uses one device, mirrored uses all devices of this machine, "
        "multiworker uses the devices of all machines in TF_CONFIG",
        choices=("default", "mirrored", "multiworker"),
        since="0.5.0",
    )
    steps_per_call: int = setting(
        1,
        "maximum number of steps that run without returning to Python; always 1 with "
        "--rates=falling",
        minimum=1,
    )
    log_every: int = setting(10, "number of steps between rows of metrics.csv", minimum=1)
    sample_every: int = setting(350, "number of steps between sample grids", minimum=1)
    checkpoint_every: int = setting(350, "number of steps between checkpoints", minimum=1)
    on_collapse: str = setting(
        "ignore",
        "what to do on a warning of collapse: ignore only logs it; stop ends the training; "
        "rollback resumes from the last healthy checkpoint with another seed and half the "
        "learning rates, at most three times",
        choices=("ignore", "stop", "rollback"),
        since="0.5.0",
    )
    evaluate_every: int = setting(
        0,
        "number of steps between quick evaluations, which keep the best checkpoint; 0 disables "
        "them",
        minimum=0,
        since="0.3.0",
    )
    export: bool = setting(True, "export the generator when training ends")
    export_dir: str = setting("export/models/faces", "folder of the numbered exported versions")
    export_precision: str = setting(
        "float32",
        "number format of the exported layers; mixed_bfloat16 is faster if the serving machine "
        "supports it natively, and changes pixels by a few grey levels",
        choices=("float32", "mixed_bfloat16"),
    )
    export_weights: str = setting(
        "float32",
        "number format of the weights in the exported file; float16 halves its size and changes "
        "pixels by at most a few grey levels",
        choices=("float32", "float16"),
        since="0.4.0",
    )
    warmup: str = setting(
        "auto",
        "whether the export includes warm-up requests, which TF Serving replays when it loads the "
        "model; auto includes them if tensorflow-serving-api is installed",
        choices=("auto", "on", "off"),
        since="0.4.0",
    )
    mark: bool = setting(
        True,
        "mark every generated picture as generated, in its metadata, with the name of the model, "
        "the version and the seed",
        since="0.10.0",
        before=True,
    )
    keep_versions: int = setting(
        5, "number of newest versions to keep in --export_dir", minimum=1, since="0.4.0"
    )


@dataclasses.dataclass(frozen=True)
class CommandConfig:
    """The mode and the settings of a single call."""

    mode: str = setting("train", "what to do", choices=tuple(MODES))
    recipe: str | None = setting(
        None,
        "set of flags that work well together; other flags override them (default: drawn, if none "
        "of --dataset, --architecture, --loss and --image_size is given)",
        choices=RECIPES,
    )
    output: str | None = setting(
        None,
        "file or folder to write (default: in or next to the folder of the run)",
    )
    debug: bool = setting(
        False, "print the traceback of an error, to include in a bug report", since="0.8.0"
    )
    pretrained: str | None = setting(
        None,
        "use trained networks that are included, instead of a run of your own; they are unpacked "
        "into --run_dir (default: runs/NAME)",
        choices=PRETRAINED,
        since="0.10.0",
    )
    label: str | None = setting(
        None,
        "label of the faces, for a run with --labels; an export then has only this label (default: "
        "each seed has a label of its own, every label as often as among the photos)",
        since="0.10.0",
    )
    checkpoint: str = setting(
        "newest",
        "checkpoint of the run to use; best is available after training with --evaluate_every",
        choices=("newest", "best"),
    )
    format: str = setting(
        SAVED_MODEL,
        "for export: savedmodel for TF Serving, in --export_dir; or one of the others in --output "
        "(default: a folder of that name in the folder of the run); page is the explorer page in "
        "a single file that needs no server, hub a folder for a model hub",
        choices=tuple(FORMATS),
        since="0.10.0",
    )
    count: int | None = setting(
        None,
        "number of faces (default: 64 for sample, 16 for request, 10000 for evaluate)",
        minimum=1,
        maximum=100_000,
    )
    truncation: float = setting(
        1.0,
        "for sample, walk, interpolate, request and evaluate: factor applied to the latents; "
        "smaller values give more typical faces",
        minimum=0.0,
        maximum=1.0,
    )
    seeds: str | None = setting(
        None,
        "for walk, interpolate, truncation and request: seeds of the faces, such as 3,7,9; for "
        "arithmetic: groups of seeds whose mean latents are added and subtracted, such as "
        "1,2,3-4,5,6+7,8,9",
    )
    latents: str | None = setting(
        None,
        "for sample, walk and interpolate: .npy file with latents of the faces, of shape "
        "[latent_dim] or [count, latent_dim], such as the output of --mode=project; walk and "
        "interpolate append the faces of --seeds",
        since="0.8.0",
    )
    server: str | None = setting(
        None, "for request: server to request faces from, as http://HOST:PORT or grpc://HOST:PORT"
    )
    host: str = setting(
        "127.0.0.1",
        "for serve: address to listen on; other addresses than the default may expose the server "
        "to other machines",
    )
    port: int = setting(
        8501, "for serve: port to listen on; 0 selects any free port", minimum=0, maximum=65535
    )
    devices: int = setting(
        1, "for plan: number of devices that share the training", minimum=1, maximum=2**16
    )
    device_speed: float = setting(
        1.0, "for plan: speed of each device relative to this machine", above=0.0
    )
    network: float = setting(
        10.0, "for plan: network bandwidth between two devices in Gbit/s", above=0.0
    )
    photos: int | None = setting(None, "for plan: number of photos in an epoch", minimum=1)
    image: str | None = setting(
        None, "for project: photo to find a latent for, which is cropped like the photos of the run"
    )
    features: str = setting(
        "face",
        "for evaluate: network that computes the compared features; face and face-2, which also "
        "notices torn faces, are included in this package, inception is InceptionV3",
        choices=("face", "face-2", "inception"),
    )
    inception_weights: str | None = setting(
        None,
        "for evaluate: file with the weights of InceptionV3 (default: downloaded by "
        "keras.applications)",
    )
    detector: bool = setting(
        False,
        "for evaluate: also measure in how many faces the detector YuNet finds a face (needs the "
        "extra align)",
        since="0.10.0",
    )
