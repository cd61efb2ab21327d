"""The settings of a run that may change when it is resumed."""

import dataclasses

from tfgan_faces.config.fields import setting


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
        "learning rates, at most three times; the minutes since that checkpoint do not count "
        "towards --minutes",
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
