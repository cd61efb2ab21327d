"""A run's settings in sections: filled in, checked, compared, written and read."""

import dataclasses
import os

from tfgan_faces.config.architectures import ARCHITECTURES, CRITICS
from tfgan_faces.config.combinations import check_combinations
from tfgan_faces.config.datasets import DATASETS
from tfgan_faces.config.defaults import CLIP_VALUES, DEFAULT_STEPS, NO_LIMIT, SHAPING_SECTIONS
from tfgan_faces.config.fields import validate, values_before
from tfgan_faces.config.sections import DataConfig, ModelConfig, RunConfig, TrainingConfig
from tfgan_faces.errors import UserError
from tfgan_faces.objectives.losses import ALIASES, LOSSES
from tfgan_faces.storage.paths import absolute, check_mounted, check_reachable, expanded
from tfgan_faces.version import VERSION

# Decided when the photos are prepared; until then it goes with any run.
_UNDECIDED = ("cache", "auto")
# A run knows its photos by their digest: they may lie elsewhere by now.
_PLACES = {"data_dir"}
# What has another place than in earlier versions, which the settings' `before` take it from.
_MOVED = {"run": {"sync_batch_norm"}}


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
        loss = ALIASES.get(self.training.loss, self.training.loss)
        training = dataclasses.replace(_filled(self.training, LOSSES[loss].defaults), loss=loss)
        training = _filled(training, {"clip_value": CLIP_VALUES[training.clip]})
        architecture = ARCHITECTURES[self.model.architecture]
        own = not architecture.has_critics or self.model.spectral_normalization
        critic = "own" if own else CRITICS.get(training.clip, "own")
        defaults = {"latent_dim": architecture.latent_dim, "critic": critic}
        model = _filled(self.model, defaults)
        data = _filled(self.data, {"crop": DATASETS[self.data.dataset].crop})
        if data.data_dir is not None:
            check_reachable("--data_dir", data.data_dir)
            data = dataclasses.replace(data, data_dir=absolute(data.data_dir))
        name = f"{data.dataset}-{self.model.architecture}-{loss}"
        steps = DEFAULT_STEPS if self.run.minutes is None else NO_LIMIT
        run = _filled(self.run, {"run_dir": os.path.join("runs", name), "max_steps": steps})
        for path in ("run_dir", "cache_dir"):
            check_reachable(f"--{path}", getattr(run, path))
        check_mounted("--export_dir", run.export_dir)  # a version is published by renaming it
        paths = ("run_dir", "cache_dir", "export_dir")
        run = dataclasses.replace(run, **{path: expanded(getattr(run, path)) for path in paths})
        check_combinations(data, model, training)
        return Config(data, model, training, run)

    def differences(self, other):
        """Returns `(path, own value, other's value)` of settings that differ, `run` aside."""
        return [
            (f"{section}.{name}", value, theirs[name])
            for section in SHAPING_SECTIONS
            for own, theirs in [(_values(self, section), _values(other, section))]
            for name, value in own.items()
            if value != theirs[name] and name not in _PLACES and (name, value) != _UNDECIDED
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
        for name in sections:
            if not isinstance(content[name], dict):
                raise UserError(f"{source}: {name} must be an object. Received: {content[name]!r}")
        parsed = {
            name: _parse_section(section, name, content, source, written)
            for name, section in sections.items()
        }
        validate(*parsed.values())
        return cls(**parsed)


def _filled(section, defaults):
    missing = {key: value for key, value in defaults.items() if getattr(section, key) is None}
    return dataclasses.replace(section, **missing)


def _values(config, section):
    return dataclasses.asdict(getattr(config, section))


def _parse_section(section, name, content, source, written):
    """Returns a section, with what runs of the version that wrote it did."""
    where, version = f"{source}: {name}", content.get("version")
    own = {key: value for key, value in content[name].items() if key not in _MOVED.get(name, ())}
    own = {**values_before(section, content, version), **own}
    fields = {field.name for field in dataclasses.fields(section)}
    for unknown in sorted(own.keys() - fields):
        raise UserError(f"{where}.{unknown} is not a known setting; {written}.")
    for missing in sorted(fields - own.keys()):
        raise UserError(f"{where}.{missing} is missing; {written}.")
    return section(**own)
