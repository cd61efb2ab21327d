"""The settings of a single call."""

import dataclasses

from tfgan_faces.config.fields import setting, validate
from tfgan_faces.config.formats import FORMATS, SAVED_MODEL
from tfgan_faces.config.modes import MODES
from tfgan_faces.config.pretrained import PRETRAINED
from tfgan_faces.config.recipes import RECIPES
from tfgan_faces.storage.paths import expanded

_PATHS = ("output", "latents", "image", "inception_weights")


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
        None,
        "for project: photo to find a latent for, which is cropped or aligned like the photos of "
        "the run",
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

    def checked(self):
        """Returns a validated copy with expanded paths.

        Raises:
            UserError: a setting is out of range.
        """
        validate(self)
        given = {name: getattr(self, name) for name in _PATHS if getattr(self, name) is not None}
        return dataclasses.replace(self, **{name: expanded(path) for name, path in given.items()})
