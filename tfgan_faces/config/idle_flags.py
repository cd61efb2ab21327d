"""Detection of flags that have no effect."""

from tfgan_faces.config.architectures import ARCHITECTURES
from tfgan_faces.config.datasets import DATASETS
from tfgan_faces.config.defaults import SHAPING_SECTIONS
from tfgan_faces.config.formats import SAVED_MODEL
from tfgan_faces.config.modes import COMMON_FLAGS, MODES
from tfgan_faces.config.sections import CommandConfig, DataConfig
from tfgan_faces.objectives.losses import LOSSES
from tfgan_faces.objectives.optimizers import OPTIMIZERS
from tfgan_faces.objectives.rates import CONSTANT

# Settings of a run that a single call may change: the location of the photos, and the seed of the
# first face.
_CHANGEABLE = {"data_dir", "seed"}
# Settings of the numbered versions for TF Serving, which other formats do not have.
_OF_VERSIONS = {"export_dir", "keep_versions", "warmup"}
_OF_EXPORTS = {*_OF_VERSIONS, "export_precision", "export_weights"}
_OF_RUNS = {"run_dir", "cache_dir", "mark"}  # settings of a run that modes without a training read
_PREPARING = {"beam_runner", "beam_options", "shards"}
# Settings of photos that preparing them does not read: they decide how photos are used.
_OF_USE = {"cache", "held_out", "labels"}
# Settings of photos that a plan does not read, because it has random images instead.
_OF_PHOTOS = {*vars(DataConfig())} - {"image_size", "dataset", "data_dir"}
# The settings of a training and of a run that modes without a run read.
_READ = {
    "prepare": {*vars(DataConfig()), "init_from", "cache_dir", *_PREPARING} - _OF_USE,
    "serve": {"export_dir"},
    "request": {"seed", "mark"},
}
# Settings of a training's loop, which modes that compute a few of its steps do not read.
_OF_THE_LOOP = {
    *("strategy", "steps_per_call", "log_every", "sample_every", "checkpoint_every"),
    *("on_collapse", "evaluate_every", "export", "mark", *_OF_EXPORTS),
}
# Settings of a training that have an effect only with certain values of other settings.
_CONDITIONS = {
    "margin": lambda data, model, training, run: training.balance == "margin",
    "align": lambda data, model, training, run: not DATASETS[data.dataset].is_drawn,
    "faces": lambda data, model, training, run: data.align != "none",
    "min_face": lambda data, model, training, run: data.align != "none",
    "crop": lambda data, model, training, run: not DATASETS[data.dataset].is_drawn,
    "dropout": lambda data, model, training, run: ARCHITECTURES[model.architecture].has_dropout,
    "beta_1": lambda data, model, training, run: OPTIMIZERS[training.optimizer].has_betas,
    "beta_2": lambda data, model, training, run: OPTIMIZERS[training.optimizer].has_betas,
    "critic_steps": lambda data, model, training, run: LOSSES[training.loss].is_critic,
    "critic_bursts": lambda data, model, training, run: LOSSES[training.loss].has_bursts,
    "clip_value": lambda data, model, training, run: training.clip != "none",
    "gradient_penalty": lambda data, model, training, run: LOSSES[training.loss].is_penalized,
    "penalty_every": lambda data, model, training, run: (
        training.r1 or training.r2 or LOSSES[training.loss].is_penalized
    ),
    "freeze_d": lambda data, model, training, run: training.init_from is not None,
    "sync_batch_norm": lambda data, model, training, run: run.strategy != "default",
    "beam_options": lambda data, model, training, run: run.beam_runner is not None,
    "export_dir": lambda data, model, training, run: run.export,
    "steps_per_call": lambda data, model, training, run: training.rates == CONSTANT,
    "export_precision": lambda data, model, training, run: run.export,
    "export_weights": lambda data, model, training, run: run.export,
    "warmup": lambda data, model, training, run: run.export,
    "keep_versions": lambda data, model, training, run: run.export,
}


def idle_flags(given, command, config):
    """Returns the given flags that have no effect, in alphabetical order.

    Args:
        given: set of str, names of flags.
        command: `CommandConfig`.
        config: resolved `Config`.
    """
    mode = command.mode
    sections = config.data, config.model, config.training, config.run
    shaping = {name for section in SHAPING_SECTIONS for name in vars(getattr(config, section))}
    idle = {*vars(CommandConfig())} - {*COMMON_FLAGS, *MODES[mode].flags}
    if MODES[mode].takes_run:
        preparing = _PREPARING if mode == "evaluate" else set()
        exporting = _OF_EXPORTS if mode == "export" else set()
        idle |= {*shaping, *vars(config.run)} - _CHANGEABLE - _OF_RUNS - preparing - exporting
    if mode in _READ:
        with_run = {*_OF_RUNS, *_OF_EXPORTS} if command.pretrained else set()
        idle |= {*shaping, *vars(config.run)} - _READ[mode] - with_run
    if mode in ("plan", "profile"):
        idle |= _OF_THE_LOOP
    if mode == "plan":
        idle |= {*_OF_PHOTOS, *_PREPARING, "run_dir", "cache_dir"}
        idle |= {"device_speed", "network"} if command.devices == 1 else set()
    takes_seeds = "seeds" in MODES[mode].flags
    if (takes_seeds and command.seeds) or (mode == "sample" and command.latents):
        idle |= {"count", "seed"}  # as many faces as there are latents or seeds
    if command.features != "inception":
        idle |= {"inception_weights"}
    if mode == "export":
        idle |= {"output"} if command.format == SAVED_MODEL else _OF_VERSIONS
    if mode == "train":
        idle |= {name for name, applies in _CONDITIONS.items() if not applies(*sections)}
    return sorted(idle & given)
