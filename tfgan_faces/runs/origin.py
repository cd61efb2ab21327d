"""The run whose networks a training starts from."""

import contextlib
import tempfile

import keras
import tensorflow as tf

from tfgan_faces.config.architectures import ARCHITECTURES, GROWING
from tfgan_faces.config.pretrained import PRETRAINED
from tfgan_faces.errors import UserError
from tfgan_faces.models import growing
from tfgan_faces.models.configured import discriminator_of, generator_of
from tfgan_faces.runs.pretrained import unpack_pretrained
from tfgan_faces.runs.run_directory import RunDirectory

_GROWTH = (
    f" Only networks of --architecture={' or '.join(GROWING)} can begin larger ones: from 32x32 "
    "on, without --spectral_normalization and --clip."
)
_WITHOUT_WEIGHTS = ("dropout",)  # settings of networks that do not change their weights


@contextlib.contextmanager
def source_run(init_from):
    """Yields the `RunDirectory` that a training starts from.

    Args:
        init_from: str, a name in `PRETRAINED`, which is unpacked into a temporary folder, or the
            folder of a run.
    """
    if init_from in PRETRAINED:
        with tempfile.TemporaryDirectory() as folder:
            yield unpack_pretrained(init_from, folder)
    else:
        yield RunDirectory(init_from)


def check_start(config):
    """Raises UserError unless a new training can start from the networks of its `init_from`.

    Args:
        config: resolved `Config` with `training.init_from`.
    """
    with source_run(config.training.init_from) as source:
        check_networks(source, config)


def check_networks(source, config):
    """Raises UserError unless a new training can start from a run's networks.

    Args:
        source: `RunDirectory`.
        config: resolved `Config` of the new training.
    """
    own = source.config()
    grows = _grows(own, config)
    pairs = [] if grows else [("image_size", config.data.image_size, own.data.image_size)]
    pairs += [
        (name, value, getattr(own.model, name))
        for name, value in vars(config.model).items()
        if name not in _WITHOUT_WEIGHTS
    ]
    different = [f"--{name} is {new}, the run's is {old}" for name, new, old in pairs if new != old]
    name = config.training.init_from or source.path  # included networks have no path
    if different:
        hint = _GROWTH if config.data.image_size > own.data.image_size else ""
        raise UserError(
            f"--init_from: {name} has other networks ({'; '.join(different)}); leave out these "
            f"flags to use the run's.{hint}"
        )
    if grows and config.training.freeze_d:
        raise UserError(
            "--freeze_d must be 0 if the images are larger than those of --init_from, because then "
            "the discriminator's first layers must learn. "
            f"Received: --freeze_d={config.training.freeze_d} --image_size={config.data.image_size}"
        )
    if not source.steps():
        raise UserError(f"--init_from: the run in {name} has no checkpoint yet.")


def check_labels(source, labels):
    """Raises UserError unless a new training with these labels can start from a run.

    Args:
        source: `RunDirectory`.
        labels: see `RunDirectory.begin`.
    """
    own, others = list(source.labels() or ()), list(labels or ())
    if own != others:
        raise UserError(
            "--labels: a run given by --init_from must have the same labels. "
            f"Received: {', '.join(own) or 'none'} there, {', '.join(others) or 'none'} here"
        )


def read_networks(source, state, config):
    """Sets the networks of a new training to those of a run's newest checkpoint.

    If the new ones are for larger images, they begin as `growing` explains.

    Args:
        source: `RunDirectory`.
        state: dict of name to list of `tf.Variable`, see `Trainer.state`.
        config: see `check_networks`, which must have accepted it.

    Returns:
        The checkpoint's step.

    Raises:
        UserError: all checkpoints are damaged, or the networks have other weights.
    """
    own, origin = source.config(), config.training.init_from or source.path
    step, networks = source.network_values()
    if networks is None:
        raise UserError(f"--init_from: the run in {origin} has no intact checkpoint.")
    try:
        for name, values in networks.items():
            if _grows(own, config):
                values = _grown(values, state[name], name, source, config)
            _assign(state[name], values)
    except ValueError as error:  # such as custom networks, or those of another version
        raise UserError(
            f"--init_from: the weights of {origin} do not fit these networks "
            f"({str(error).splitlines()[0]})."
        ) from error
    return step


def _grows(old, new):
    """Whether the networks of the new config can begin as those of the old one, enlarged."""
    smallest = ARCHITECTURES[new.model.architecture].grows_from
    # Both would change the enlarged kernels.
    is_plain = not new.model.spectral_normalization and new.training.clip == "none"
    return bool(smallest) and is_plain and smallest <= old.data.image_size < new.data.image_size


def _grown(values, variables, name, source, config):
    """Returns the values of a network that begins as one for smaller images.

    Args:
        values: list of arrays, the smaller network.
        variables: list of `tf.Variable`, the new network. It keeps some of its random weights.
        name: str, the part of the state that contains the network.
        source, config: see `read_networks`.
    """
    build, grow = generator_of, growing.grow_generator
    if name == "discriminator":
        build, grow = discriminator_of, growing.grow_discriminator
    # Networks of sizes in between are built here. In all workers, and for the generator and its
    # average, their random weights must be the same.
    keras.utils.set_random_seed(config.training.seed)
    size, labels = source.config().data.image_size, source.labels()
    network = build(config.replaced(data={"image_size": size}), labels)
    _assign(network.variables, values)
    while size < config.data.image_size:
        size *= 2
        larger = build(config.replaced(data={"image_size": size}), labels)
        if size == config.data.image_size:
            _assign(larger.variables, variables)
        grow(network, larger)
        network = larger
    return [variable.numpy() for variable in network.variables]


def _assign(variables, values):
    """Assigns the weights, but not the seeds of dropout, which only some dropout rates need."""
    for variable, value in zip(_floats(variables), _floats(values), strict=True):
        variable.assign(value)


def _floats(arrays):
    return [array for array in arrays if tf.as_dtype(array.dtype).is_floating]
