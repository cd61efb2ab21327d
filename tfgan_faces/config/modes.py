"""Facts about the modes, which `tfgan_faces.commands` carries out.

A new mode is a row here and a function NAME_mode in the module of `commands/` that the row names.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mode:
    """What the command line needs to know of a mode.

    Attributes:
        module: str, the module of `commands/` that has its function.
        flags: tuple of str, the flags of one call (`CommandConfig`) that it reads.
        takes_run: whether it takes the settings of the run in `--run_dir`.
    """

    module: str
    flags: tuple = ()
    takes_run: bool = False


MODES = {
    "train": Mode("training", ("checkpoint",)),
    "prepare": Mode("inspecting"),
    "plan": Mode("inspecting", ("devices", "device_speed", "network", "photos")),
    "sample": Mode("faces", ("checkpoint", "count", "truncation", "latents"), takes_run=True),
    "walk": Mode("faces", ("checkpoint", "seeds", "truncation", "latents"), takes_run=True),
    "interpolate": Mode("faces", ("checkpoint", "seeds", "truncation", "latents"), takes_run=True),
    "arithmetic": Mode("faces", ("checkpoint", "seeds"), takes_run=True),
    "truncation": Mode("faces", ("checkpoint", "seeds"), takes_run=True),
    "project": Mode("faces", ("checkpoint", "image"), takes_run=True),
    "evaluate": Mode(
        "evaluating",
        ("checkpoint", "count", "truncation", "features", "inception_weights"),
        takes_run=True,
    ),
    "export": Mode("exporting", ("checkpoint",), takes_run=True),
    "serve": Mode("serving", ("host", "port")),
    "request": Mode("serving", ("count", "truncation", "seeds", "server")),
    "profile": Mode("inspecting"),
}
# Flags of `CommandConfig` that any mode may have.
COMMON_FLAGS = ("mode", "recipe", "output", "debug")
