"""Flags that were given and change nothing beside the others."""

from tfgan_faces.config.defaults import DRAWN, MODES_OF_A_RUN, SHAPING_SECTIONS, WASSERSTEIN_LOSSES

_STAY = ("data_dir", "seed")  # where the photos are now; the first face's seed
# Flags of one call, and the modes that look at them.
_MODES = {
    "count": ("sample", "request", "evaluate"),
    "truncation": ("sample", "walk", "interpolate", "request", "evaluate"),
    "seeds": ("walk", "interpolate", "truncation", "request", "arithmetic"),
    "latents": ("sample", "walk", "interpolate"),
    "server": ("request",),
    "host": ("serve",),
    "port": ("serve",),
    "devices": ("plan",),
    "device_speed": ("plan",),
    "network": ("plan",),
    "photos": ("plan",),
    "image": ("project",),
    "features": ("evaluate",),
    "inception_weights": ("evaluate",),
    "checkpoint": ("train", *MODES_OF_A_RUN),
}
# Settings of a training that only matter beside others.
_BESIDE = {
    "margin": lambda data, model, training, run: training.balance == "margin",
    "crop": lambda data, model, training, run: data.dataset not in DRAWN,
    "dropout": lambda data, model, training, run: model.architecture in ("exercise", "blog"),
    "beta_1": lambda data, model, training, run: training.optimizer == "adam",
    "beta_2": lambda data, model, training, run: training.optimizer == "adam",
    "critic_steps": lambda data, model, training, run: training.loss in WASSERSTEIN_LOSSES,
    "critic_bursts": lambda data, model, training, run: training.loss == "wasserstein",
    "clip_value": lambda data, model, training, run: training.clip != "none",
    "gradient_penalty": lambda data, model, training, run: training.loss == "wasserstein_gp",
    "penalty_every": lambda data, model, training, run: (
        training.r1 or training.r2 or training.loss == "wasserstein_gp"
    ),
    "sync_batch_norm": lambda data, model, training, run: run.strategy != "default",
    "beam_options": lambda data, model, training, run: run.beam_runner is not None,
    "export_precision": lambda data, model, training, run: run.export,
    "export_weights": lambda data, model, training, run: run.export,
    "warmup": lambda data, model, training, run: run.export,
    "keep_versions": lambda data, model, training, run: run.export,
}


def idle_flags(given, mode, config):
    """Returns those of the given flags that change nothing, in order.

    Args:
        given: set of str, the flags' names.
        mode: str.
        config: resolved `Config`.
    """
    sections = config.data, config.model, config.training, config.run
    idle = {name for name, modes in _MODES.items() if mode not in modes}
    if mode in MODES_OF_A_RUN:
        idle |= {name for section in SHAPING_SECTIONS for name in vars(getattr(config, section))}
        idle -= {*_STAY}
    elif mode == "train":
        idle |= {name for name, matters in _BESIDE.items() if not matters(*sections)}
    return sorted(idle & given)
