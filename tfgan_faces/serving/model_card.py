"""The model card of an export, for people and for programs, stored in its `assets`."""

import json
import os

from tfgan_faces.config.datasets import DATASETS
from tfgan_faces.config.defaults import LIMITS_OF_A_TRAINING, NO_LIMIT
from tfgan_faces.config.pretrained import PRETRAINED, settings_folder
from tfgan_faces.config.recipes import CHOICES_OF_A_TRAINING
from tfgan_faces.errors import UserError
from tfgan_faces.objectives.rates import CONSTANT
from tfgan_faces.runs.run_settings import read_settings

MODEL_CARD = os.path.join("assets", "model_card.json")
_TEXT = os.path.join("assets", "MODEL_CARD.md")
_OTHER_RUN = "RUN"  # instead of a path on one machine
_UNKNOWN_SOURCE = (
    "It started from the networks of another run, whose photos are not known here. The rights to "
    "these photos apply, too."
)
_LIMITS = (
    "The faces are generated. Any likeness to a person is a coincidence, unless the measurement "
    "of near copies shows otherwise. They reproduce the proportions and biases of the photos: "
    "groups that are rare among the photos are rare among the faces. Do not use them for "
    "identification, or present them as photos of people."
)


def model_card(config, step, version, measurements=(), rollbacks=()):
    """Returns the model card of a run's generator.

    Args:
        config: the run's `Config`.
        step: int, the training step of its weights.
        version: str, the version of this package.
        measurements: list of dicts, the entries of this step in the run's `evaluation.json`.
        rollbacks: list of dicts, see `RunDirectory.rollbacks`.

    Returns:
        JSON-serialisable dict.
    """
    settings = config.to_dict()
    del settings["run"], settings["version"]
    settings["data"].pop("data_dir")  # a path on one machine
    if config.training.init_from not in (None, *PRETRAINED):
        settings["training"]["init_from"] = _OTHER_RUN
    return {
        "name": config.model_name,
        "tfgan_faces": version,
        "step": step,
        "settings": settings,
        "rollbacks": list(rollbacks),
        "quality": list(measurements),
        "rights": " ".join(_rights(config)),
        "limits": _LIMITS,
        "reproduce": _command(config, step, bool(rollbacks)),
    }


def has_model_card(folder):
    """Whether a folder is an export of this package: all exports since version 0.3 have a card."""
    try:
        with open(os.path.join(folder, MODEL_CARD), encoding="utf-8") as file:
            card = json.load(file)
    except (OSError, ValueError):
        return False
    return isinstance(card, dict) and "weights" in card


def write_model_card(folder, card):
    """Writes `assets/model_card.json` and `assets/MODEL_CARD.md` into a SavedModel's folder."""
    os.makedirs(os.path.join(folder, "assets"), exist_ok=True)
    for name, text in ((MODEL_CARD, json.dumps(card, indent=2)), (_TEXT, as_markdown(card))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text + "\n")


def _rights(config, later=frozenset()):
    """Returns sentences about the photos of a run, and of the networks that it started from.

    Args:
        config: `Config` of the run.
        later: set of str, the folders of the runs that started from it. A folder of one of these
            contains another run today than the one that it started from.
    """
    dataset, origin = DATASETS[config.data.dataset], config.training.init_from
    if origin is None:
        return [dataset.rights]
    source = None if origin in later else _settings_in(origin)
    own = [] if dataset.is_drawn else [dataset.rights]
    if source is None:
        return [*own, _UNKNOWN_SOURCE]
    earlier = _rights(source.config, later | {origin})
    if DATASETS[source.config.data.dataset].is_drawn and source.config.training.init_from is None:
        return own or earlier
    if earlier == own and not dataset.needs_folder:  # the same photos
        return own
    return [*own, "It started from other networks. About these:", *earlier]


def _settings_in(origin):
    """Returns the `RunSettings` of what a run started from, or None if they are unknown today."""
    try:
        return read_settings(settings_folder(origin))
    except UserError:  # the folder has changed since
        return None


def _command(config, step, rolled_back):
    """Returns the command line that trains the same generator again."""
    values = {**_settings(config), **_limits(config, step)}
    if "data_dir" in values:
        values["data_dir"] = "PHOTOS"
    if values.get("init_from", PRETRAINED[0]) not in PRETRAINED:
        values["init_from"] = _OTHER_RUN
    if rolled_back:
        values["on_collapse"] = "rollback"
    return " ".join(["python main.py", *(_flag(name, value) for name, value in values.items())])


def _settings(config):
    """Returns the settings that the command line must give to be parsed as this config.

    The others have default values. A command line without the choices of a training would get a
    recipe's values, and `init_from` those of the networks that it starts from.
    """
    filled = (config.model, config.training) if config.training.init_from else ()
    return {
        name: value
        for section in (config.data, config.model, config.training)
        for name, value in vars(section).items()
        if value is not None
        if name in CHOICES_OF_A_TRAINING
        or section in filled
        or value != getattr(type(section)(), name)
    }


def _limits(config, step):
    """Returns the limits of a training up to a step.

    The rates of a step may depend on how much of the training is left. Then they are the run's own.
    """
    if config.training.rates == CONSTANT:
        return {"max_steps": step}
    limits = {name: getattr(config.run, name) for name in LIMITS_OF_A_TRAINING}
    limits = {name: value for name, value in limits.items() if value not in (None, NO_LIMIT)}
    return limits or {"max_steps": step}  # included networks do not record the limits of their run


def _flag(name, value):
    if isinstance(value, bool):
        return f"--{'' if value else 'no'}{name}"
    return f"--{name}={value}"


def as_markdown(card):
    """Returns a model card as Markdown, for people."""
    lines = [f"# {card.get('name', 'A face generator')}"]
    titles = {"rights": "Rights", "limits": "Limits"}
    for field, title in titles.items():
        if field in card:
            lines += ["", f"## {title}", "", card[field]]
    if "quality" in card:
        lines += ["", "## Measured quality", "", *_quality(card["quality"])]
    if "reproduce" in card:
        lines += ["", "## How to reproduce it", "", "```bash", card["reproduce"], "```"]
        if "step" in card:
            lines += ["", f"This generator is that of step {card['step']:,}."]
    shown = ("name", "quality", "reproduce", *titles)
    details = {name: value for name, value in card.items() if name not in shown}
    lines += ["", "## Details", "", "```json", json.dumps(details, indent=2), "```"]
    return "\n".join(lines)


def _quality(measurements):
    if not measurements:
        return [
            "Not measured. To measure it, run `python main.py --mode=evaluate` before exporting."
        ]
    rows = [
        f"| {m['name']} | {m['against'].replace('_', '-')} people | {m['value']:.3g} | "
        f"{m['fakes']:,} fakes, {m['photos']:,} photos | {m['features']}; {m['resizing']} |"
        for m in measurements
    ]
    return [
        "| measure | compared with | value | images | features, resizing |",
        "|---|---|---|---|---|",
        *rows,
    ]
