"""Facts about the modes that `tfgan_faces.commands` implements.

To add a mode, add a row here and a function NAME_mode in the module of `commands/` in that row.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mode:
    """What the command line needs to know about a mode.

    Attributes:
        module: str, the module of `commands/` that contains its function.
        flags: tuple of str, the flags in `CommandConfig` that it reads.
        takes_run: whether it uses the settings of the run in `--run_dir`.
        begins: whether it uses the settings of a training that begins.
        trains: whether it computes steps of a training.
    """

    module: str
    flags: tuple = ()
    takes_run: bool = False
    begins: bool = False
    trains: bool = False


_WHICH = ("checkpoint", "pretrained")  # flags that say which generator to use
_LABELLED = (*_WHICH, "label")
MODES = {
    "train": Mode("training", ("checkpoint",), begins=True, trains=True),
    "prepare": Mode("inspecting", begins=True),
    "plan": Mode(
        "inspecting",
        ("devices", "device_speed", "network", "photos"),
        begins=True,
        trains=True,
    ),
    "sample": Mode("faces", (*_LABELLED, "count", "truncation", "latents"), takes_run=True),
    "walk": Mode("faces", (*_LABELLED, "seeds", "truncation", "latents"), takes_run=True),
    "interpolate": Mode("faces", (*_LABELLED, "seeds", "truncation", "latents"), takes_run=True),
    "arithmetic": Mode("faces", (*_LABELLED, "seeds"), takes_run=True),
    "truncation": Mode("faces", (*_LABELLED, "seeds"), takes_run=True),
    "project": Mode("faces", (*_LABELLED, "image"), takes_run=True),
    "evaluate": Mode(
        "evaluating",
        (*_WHICH, "count", "truncation", "features", "inception_weights", "detector"),
        takes_run=True,
    ),
    "export": Mode("exporting", (*_LABELLED, "format"), takes_run=True),
    "serve": Mode("serving", ("pretrained", "host", "port")),
    "request": Mode("serving", ("count", "truncation", "label", "seeds", "server")),
    "profile": Mode("inspecting", begins=True, trains=True),
}
# Flags of `CommandConfig` that apply to all modes.
COMMON_FLAGS = ("mode", "recipe", "output", "debug")
