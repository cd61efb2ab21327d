"""Every setting, written once: the command line's flags and `config.json` come from here.

A field of type `X | None` with default None is filled in by `Config.resolved` from the
other settings (a loss brings its learning rates, a data set its crop).
"""

import dataclasses
import os

from tfgan_faces.errors import UserError
from tfgan_faces.settings import setting, validate

VERSION = "0.2.0"
LOSS_ALIASES = {"gan": "non_saturating", "wgan": "wasserstein"}
_ADVERSARIAL = {
    "balance": "margin",
    "optimizer": "rmsprop",
    "generator_learning_rate": 3e-4,
    "discriminator_learning_rate": 3e-4,
    "label_smoothing": 0.1,
    "batch_size": 32,
}
LOSS_DEFAULTS = {
    "non_saturating": _ADVERSARIAL,
    "minimax": _ADVERSARIAL,
    # Its logits lie around 1/2, where cross-entropies say nothing: it balances by accuracy.
    "least_squares": {**_ADVERSARIAL, "balance": "accuracy", "label_smoothing": 0.0},
    "hinge": {**_ADVERSARIAL, "label_smoothing": 0.0},
    "wasserstein": {
        "balance": "none",
        "optimizer": "rmsprop",
        "generator_learning_rate": 5e-5,
        "discriminator_learning_rate": 5e-5,
        "label_smoothing": 0.0,
        "batch_size": 64,
    },
}
LATENT_DIMS = {"exercise": 128, "blog": 512, "dcgan": 100}
CROPS = {"lfw": 0.6}  # 50 of LFW's 250 pixels cut from every side


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """Which photos, and what is made of them before training."""

    dataset: str = setting(
        "synthetic",
        "photos to learn from: drawn faces that need no files, a folder of your own, or LFW",
        choices=("synthetic", "folder", "lfw"),
    )
    data_dir: str | None = setting(
        None, "folder tree of photos, or a .zip, .tar or .tgz of one (dataset folder or lfw)"
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


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """The two networks."""

    architecture: str = setting(
        "exercise", "pair of networks", choices=("exercise", "blog", "dcgan")
    )
    width: float = setting(
        1.0, "factor on the number of channels of every layer", above=0.0, maximum=32.0
    )
    latent_dim: int | None = setting(
        None,
        "length of the noise vector (default: exercise 128, blog 512, dcgan 100)",
        minimum=1,
        maximum=65536,
    )


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """The objective of both networks and how it is followed."""

    loss: str = setting(
        "non_saturating",
        "objective; gan and wgan are aliases of non_saturating and wasserstein",
        choices=(*LOSS_DEFAULTS, *LOSS_ALIASES),
    )
    balance: str | None = setting(
        None,
        "rule that keeps the networks level (default: margin; none with the wasserstein loss)",
        choices=("margin", "l2", "accuracy", "none"),
    )
    margin: float = setting(
        0.3, "margin of --balance=margin, in nats of cross-entropy", above=0.0, maximum=0.5
    )
    batch_size: int | None = setting(
        None,
        "number of photos, of fakes, and of the generator's latents in each turn (default: 32; "
        "64 with the wasserstein loss)",
        minimum=1,
    )
    optimizer: str | None = setting(
        None, "optimizer of both networks (default: by loss)", choices=("adam", "rmsprop")
    )
    generator_learning_rate: float | None = setting(None, "default: by loss", above=0.0)
    discriminator_learning_rate: float | None = setting(None, "default: by loss", above=0.0)
    critic_steps: int = setting(
        5, "critic turns for one of the generator, with the wasserstein loss", minimum=1
    )
    clip_value: float = setting(
        0.01, "bound of the critic's weights, with the wasserstein loss", above=0.0
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
        None, "the run's folder (default: runs/<dataset>-<architecture>-<loss>)"
    )
    cache_dir: str = setting("~/.cache/tfgan_faces", "folder of prepared photos")
    max_steps: int = setting(1400, "generator turns to train for, in total", minimum=1)
    steps_per_call: int = setting(
        1, "at most this many steps without a look at them from Python", minimum=1
    )
    log_every: int = setting(10, "steps between two rows of metrics.csv", minimum=1)
    sample_every: int = setting(350, "steps between two sample grids", minimum=1)
    checkpoint_every: int = setting(350, "steps between two checkpoints", minimum=1)
    export: bool = setting(True, "whether to export the generator when training ends")
    export_dir: str = setting("export/models/faces", "folder of the numbered exports")
    export_precision: str = setting(
        "float32",
        "number format of the exported layers; mixed_bfloat16 is faster where the serving "
        "machine has instructions for it, and a few grey levels off",
        choices=("float32", "mixed_bfloat16"),
    )


@dataclasses.dataclass(frozen=True)
class CommandConfig:
    """What to do, and the settings of one call."""

    mode: str = setting(
        "train", "what to do", choices=("train", "prepare", "sample", "walk", "export", "profile")
    )
    output: str | None = setting(
        None,
        "folder (sample, profile) or file (walk) to write (default: the run's or beside it)",
    )
    count: int = setting(64, "number of faces (sample)", minimum=1, maximum=100_000)
    truncation: float = setting(
        1.0,
        "factor on the latents: smaller means more ordinary faces (sample, walk)",
        minimum=0.0,
        maximum=1.0,
    )


@dataclasses.dataclass(frozen=True)
class Config:
    """A run's settings in sections; all but `run` must agree when a run is resumed."""

    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    run: RunConfig = RunConfig()

    def resolved(self):
        """Returns a validated copy in which no setting is left to be decided.

        Raises:
            UserError: a setting is out of its range, or two do not go together.
        """
        validate(self.data, self.model, self.training, self.run)
        loss = LOSS_ALIASES.get(self.training.loss, self.training.loss)
        training = dataclasses.replace(_filled(self.training, LOSS_DEFAULTS[loss]), loss=loss)
        model = _filled(self.model, {"latent_dim": LATENT_DIMS[self.model.architecture]})
        data = _filled(self.data, {"crop": CROPS.get(self.data.dataset, 1.0)})
        if data.data_dir is not None:
            data = dataclasses.replace(data, data_dir=_absolute(data.data_dir))
        name = f"{data.dataset}-{self.model.architecture}-{loss}"
        run = _filled(self.run, {"run_dir": os.path.join("runs", name)})
        paths = ("run_dir", "cache_dir", "export_dir")
        expanded = {path: os.path.expanduser(getattr(run, path)) for path in paths}
        _check_combinations(data, training)
        return Config(data, model, training, dataclasses.replace(run, **expanded))

    def differences(self, other):
        """Returns `(path, own value, other's value)` of settings that differ, `run` aside."""
        return [
            (f"{section}.{name}", value, theirs[name])
            for section in ("data", "model", "training")
            for own, theirs in [(_values(self, section), _values(other, section))]
            for name, value in own.items()
            if value != theirs[name]
        ]

    def to_dict(self):
        """Returns the settings as a JSON-able dict, with the version that wrote them."""
        return {"version": VERSION, **dataclasses.asdict(self)}

    @classmethod
    def from_dict(cls, content, source="config.json"):
        """Reads `to_dict`'s result; `source` names it in errors.

        Raises:
            UserError: a field is unknown or missing, or a value out of its range.
        """
        sections = {field.name: field.type for field in dataclasses.fields(cls)}
        written = f"{source} was written by version {content.get('version')}, this is {VERSION}"
        for name in sorted(content.keys() ^ {"version", *sections}):
            raise UserError(f"{source}: {name} is missing or unknown ({written}).")
        parsed = {
            name: _parse_section(section, content[name], f"{source}: {name}", written)
            for name, section in sections.items()
        }
        validate(*parsed.values())
        return cls(**parsed)


def augmentations(text):
    """Returns the names in `--augment`'s comma-separated list, () for none."""
    names = () if text == "none" else tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in ("color", "translation", "cutout"):
            raise UserError(
                "--augment must be none or a list of color, translation, cutout. "
                f"Received: {text!r}"
            )
    return names


def _check_combinations(data, training):
    augmentations(training.augment)
    if training.loss == "wasserstein" and training.balance != "none":
        raise UserError(
            "--balance must be none with --loss=wasserstein: the critic is meant to be ahead, "
            f"and its scores have no margin or accuracy. Received: {training.balance}"
        )
    if training.loss == "least_squares" and training.balance in ("margin", "l2"):
        raise UserError(
            "--balance must be accuracy or none with --loss=least_squares: the other rules look at "
            f"cross-entropies, which its logits do not have. Received: {training.balance}"
        )
    if training.loss == "wasserstein" and training.optimizer != "rmsprop":
        raise UserError(
            "--optimizer must be rmsprop with --loss=wasserstein: momentum makes a clipped critic "
            f"unstable. Received: {training.optimizer}"
        )
    if training.label_smoothing and training.loss not in ("non_saturating", "minimax"):
        raise UserError(
            "--label_smoothing must be 0 with a loss that has no labels, as "
            f"{training.loss}. Received: {training.label_smoothing}"
        )
    if data.dataset == "folder" and data.data_dir is None:
        raise UserError("--dataset=folder needs --data_dir=PATH, the folder or archive of photos.")
    if data.dataset == "synthetic" and data.data_dir is not None:
        raise UserError(
            "--data_dir has no use with --dataset=synthetic; "
            "for photos of your own add --dataset=folder."
        )


def _filled(section, defaults):
    missing = {key: value for key, value in defaults.items() if getattr(section, key) is None}
    return dataclasses.replace(section, **missing)


def _values(config, section):
    return dataclasses.asdict(getattr(config, section))


def _absolute(path):
    return os.path.abspath(os.path.expanduser(path))


def _parse_section(section, content, where, written):
    if not isinstance(content, dict):
        raise UserError(f"{where} must be an object. Received: {content!r}")
    fields = {field.name for field in dataclasses.fields(section)}
    for name in sorted(content.keys() - fields):
        raise UserError(f"{where}.{name} is not a known setting; {written}.")
    for name in sorted(fields - content.keys()):
        raise UserError(f"{where}.{name} is missing; {written}.")
    return section(**content)
