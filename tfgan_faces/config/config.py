"""The settings of a run: default values, checks, comparison, and conversion to and from JSON."""

import dataclasses
import os

from tfgan_faces.config.architectures import ARCHITECTURES, CRITICS
from tfgan_faces.config.combinations import check_combinations
from tfgan_faces.config.datasets import ALIGNED_CROP, DATASETS
from tfgan_faces.config.defaults import CLIP_VALUES, DEFAULT_STEPS, NO_LIMIT, SHAPING_SECTIONS
from tfgan_faces.config.fields import validate, values_before
from tfgan_faces.config.pretrained import PRETRAINED
from tfgan_faces.config.sections import DataConfig, ModelConfig, RunConfig, TrainingConfig
from tfgan_faces.errors import UserError
from tfgan_faces.objectives.losses import ALIASES, LOSSES
from tfgan_faces.storage.paths import absolute, check_mounted, check_reachable, expanded
from tfgan_faces.version import VERSION

# Resolved when the photos are prepared. Until then they match every run.
_UNRESOLVED = {("cache", "auto"), ("held_out", None), ("augment", None)}
# What may have been moved: photos, which a run identifies by their digest, and a run that it
# started from.
_LOCATIONS = {"data_dir", "init_from"}
# Settings that earlier versions stored in this section. `before` of the new setting reads them.
_MOVED = {"run": {"sync_batch_norm"}}


@dataclasses.dataclass(frozen=True)
class Config:
    """The settings of a run. A resumed run may change only settings in `run`."""

    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    run: RunConfig = RunConfig()

    def checked(self):
        """Returns a validated copy with expanded paths, and without aliases of names.

        Raises:
            UserError: a setting is out of range, or a path cannot be used.
        """
        validate(self.data, self.model, self.training, self.run)
        data, training, run = self.data, self.training, self.run
        training = dataclasses.replace(
            _with_plain_lists(training), loss=ALIASES.get(training.loss, training.loss)
        )
        if data.data_dir is not None:
            check_reachable("--data_dir", data.data_dir)
            data = dataclasses.replace(data, data_dir=absolute(data.data_dir))
        if training.init_from is not None and training.init_from not in PRETRAINED:
            check_reachable("--init_from", training.init_from)
            training = dataclasses.replace(training, init_from=absolute(training.init_from))
        folders = {
            name: getattr(run, name)
            for name in ("run_dir", "cache_dir", "export_dir")
            if getattr(run, name) is not None
        }
        for name, folder in folders.items():
            check_reachable(f"--{name}", folder)
        check_mounted("--export_dir", run.export_dir)  # versions are published by renaming
        folders = {name: expanded(folder) for name, folder in folders.items()}
        return Config(data, self.model, training, dataclasses.replace(run, **folders))

    def resolved(self):
        """Returns a validated copy with all default values filled in.

        Raises:
            UserError: a setting is out of range, or two settings cannot be combined.
        """
        given = self.checked()
        loss = LOSSES[given.training.loss]
        training = _filled(given.training, loss.defaults)
        training = _filled(training, {"clip_value": CLIP_VALUES[training.clip]})
        architecture = ARCHITECTURES[given.model.architecture]
        own = not architecture.has_critics or given.model.spectral_normalization
        critic = "own" if own else CRITICS.get(training.clip, loss.critic)
        model = _filled(given.model, {"latent_dim": architecture.latent_dim, "critic": critic})
        dataset = DATASETS[given.data.dataset]
        align = "none" if dataset.is_drawn else given.data.align
        crop = dataset.crop if align == "none" else ALIGNED_CROP
        data = dataclasses.replace(_filled(given.data, {"crop": crop}), align=align)
        name = f"{data.dataset}-{model.architecture}-{training.loss}"
        steps = DEFAULT_STEPS if given.run.minutes is None else NO_LIMIT
        run = _filled(given.run, {"run_dir": os.path.join("runs", name), "max_steps": steps})
        check_combinations(data, model, training)
        return Config(data, model, training, run)

    def replaced(self, **sections):
        """Returns a copy with other values of some settings.

        Args:
            **sections: for each section, a dict of setting to value.

        Example:

        >>> Config().replaced(data={"image_size": 64}, training={"seed": 1}).data.image_size
        64
        """
        values = {
            name: dataclasses.replace(getattr(self, name), **changed)
            for name, changed in sections.items()
        }
        return dataclasses.replace(self, **values)

    @property
    def model_name(self):
        """A name for the generator of a run with these settings, for people."""
        return f"Faces trained on {self.data.dataset}, {self.model.architecture} architecture"

    def differences(self, other):
        """Returns `(path, own value, other's value)` for each difference outside of `run`."""
        return [
            (f"{section}.{name}", value, other_values[name])
            for section in SHAPING_SECTIONS
            for own, other_values in [(_values(self, section), _values(other, section))]
            for name, value in own.items()
            if value != other_values[name]
            and name not in _LOCATIONS
            and (name, value) not in _UNRESOLVED
        ]

    def settled_like(self, other):
        """Returns a copy with another config's values of what only the photos can resolve."""
        settled = {}
        for section in SHAPING_SECTIONS:
            own, theirs = vars(getattr(self, section)), vars(getattr(other, section))
            open_names = [name for name, value in own.items() if (name, value) in _UNRESOLVED]
            settled[section] = {name: theirs[name] for name in open_names}
        return self.replaced(**settled)

    def to_dict(self):
        """Returns the settings and the package version as a dict that can be written as JSON."""
        return {"version": VERSION, **dataclasses.asdict(self)}

    @classmethod
    def from_dict(cls, content, source="config.json"):
        """Returns the `Config` of a dict from `to_dict`.

        Args:
            content: dict.
            source: str or path, the name of the content in error messages.

        Raises:
            UserError: a field is unknown or missing, or a value is out of range.
        """
        sections = {field.name: field.type for field in dataclasses.fields(cls)}
        written = f"{source} was written by version {content.get('version')}, this is {VERSION}"
        for name in sorted(content.keys() ^ {"version", *sections}):
            raise UserError(f"{source}: {name} is missing or unknown ({written}).")
        for name in sections:
            if not isinstance(content[name], dict):
                raise UserError(f"{source}: {name} must be an object. Received: {content[name]!r}")
        parsed = {
            name: _parse_section(section, name, content, source, written)
            for name, section in sections.items()
        }
        validate(*parsed.values())
        return cls(**{**parsed, "training": _with_plain_lists(parsed["training"])})


def _with_plain_lists(training):
    """Returns a `TrainingConfig` whose list of augmentations contains no spaces."""
    if training.augment is None:
        return training
    return dataclasses.replace(training, augment=training.augment.replace(" ", ""))


def _filled(section, defaults):
    missing = {key: value for key, value in defaults.items() if getattr(section, key) is None}
    return dataclasses.replace(section, **missing)


def _values(config, section):
    return dataclasses.asdict(getattr(config, section))


def _parse_section(section, name, content, source, written):
    """Returns a section; newer settings get the behaviour of the version that wrote it."""
    where, version = f"{source}: {name}", content.get("version")
    own = {key: value for key, value in content[name].items() if key not in _MOVED.get(name, ())}
    own = {**values_before(section, content, version), **own}
    fields = {field.name for field in dataclasses.fields(section)}
    for unknown in sorted(own.keys() - fields):
        raise UserError(f"{where}.{unknown} is not a known setting; {written}.")
    for missing in sorted(fields - own.keys()):
        raise UserError(f"{where}.{missing} is missing; {written}.")
    return section(**own)
