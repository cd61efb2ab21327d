"""Checks of settings that cannot be combined."""

from tfgan_faces.config.architectures import ARCHITECTURES
from tfgan_faces.config.datasets import ALIGNED_CROP, DATASETS, NO_LABELS
from tfgan_faces.config.pretrained import PRETRAINED
from tfgan_faces.errors import UserError
from tfgan_faces.objectives.balancing import BALANCES
from tfgan_faces.objectives.losses import LOSSES
from tfgan_faces.objectives.optimizers import OPTIMIZERS

ADAPTIVE = "auto"  # a value of --augment
_LEAST_LATENT_DIM = 8  # with fewer, labels would not be as frequent as among the photos


def augmentations(text):
    """Returns the names in the comma-separated list of `--augment`, or () for "none"."""
    names = () if text == "none" else tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in ("color", "translation", "cutout"):
            raise UserError(
                "--augment must be none, auto or a list of color, translation, cutout. "
                f"Received: {text!r}"
            )
    return names


def check_combinations(data, model, training):
    """Raises UserError with the reason if settings cannot be combined."""
    _check_augment(training)
    _check_balance(training)
    _check_discriminator(model, training)
    if training.label_smoothing and not LOSSES[training.loss].is_smoothable:
        raise UserError(
            f"--label_smoothing must be 0 with --loss={training.loss}, which has no labels. "
            f"Received: {training.label_smoothing}"
        )
    if data.labels != NO_LABELS and model.latent_dim < _LEAST_LATENT_DIM:
        raise UserError(
            f"--latent_dim must be at least {_LEAST_LATENT_DIM} with --labels, which are chosen by "
            f"comparing its numbers. Received: {model.latent_dim}"
        )
    if training.sync_batch_norm and training.batch_parts > 1:
        raise UserError(
            "--batch_parts must be 1 with --sync_batch_norm, which measures the whole batch at "
            f"once. Received: {training.batch_parts}"
        )
    dataset = DATASETS[data.dataset]
    if data.labels not in (NO_LABELS, *dataset.labels):
        raise UserError(
            f"--labels must be {', '.join([NO_LABELS, *dataset.labels])} with "
            f"--dataset={data.dataset}. Received: {data.labels}"
        )
    if dataset.needs_folder and data.data_dir is None:
        raise UserError(
            f"--dataset={data.dataset} needs --data_dir=PATH, a folder or an archive of photos."
        )
    if dataset.is_drawn and data.data_dir is not None:
        raise UserError(
            f"--data_dir does not apply to --dataset={data.dataset}, whose faces are drawn; "
            "to train on your own photos, add --dataset=folder."
        )


def cautions(data, training):
    """Returns warnings about settings that are allowed but not recommended: a list of str.

    Args:
        data: resolved `DataConfig`.
        training: resolved `TrainingConfig`.
    """
    found = []
    if training.clip != "none" and OPTIMIZERS[training.optimizer].has_betas:
        found.append(
            f"--optimizer={training.optimizer} with --clip: the authors of the WGAN found that "
            "momentum sometimes makes the training of a clipped critic unstable. They recommend "
            "RMSProp (arXiv 1701.07875, section 4.3)."
        )
    is_unaligned = data.align == "none" and not DATASETS[data.dataset].is_drawn
    if training.init_from in PRETRAINED and is_unaligned and data.crop != ALIGNED_CROP:
        found.append(
            f"--init_from={training.init_from} with --align=none: these networks know faces as "
            "--align=faces cuts them out. Faces of other sizes or positions take long to learn."
        )
    return found


def _check_augment(training):
    if training.augment == ADAPTIVE and not LOSSES[training.loss].shows_overfitting:
        raise UserError(
            f"--augment must not be auto with --loss={training.loss}: the scores of its "
            "discriminator have no fixed threshold between photos and fakes, so they do not show "
            "whether it remembers the photos. Use none or a list of color, translation, cutout."
        )
    if training.augment not in (None, ADAPTIVE):
        augmentations(training.augment)


def _check_balance(training):
    loss = LOSSES[training.loss]
    allowed = [name for name, rule in BALANCES.items() if rule.reads in (None, *loss.balanced_by)]
    if training.balance not in allowed:
        raise UserError(
            f"--balance must be {' or '.join(allowed)} with --loss={training.loss}: "
            f"{loss.why_balanced}. Received: {training.balance}"
        )


def _check_discriminator(model, training):
    _check_critic(model, training)
    mixed = None
    if ARCHITECTURES[model.architecture].mixes_images:
        mixed = f"--architecture must not be {model.architecture}"
    elif model.critic == "batch_norm":
        mixed = "--critic must not be batch_norm"
    _check_penalties(training, mixed)
    if model.spectral_normalization and mixed:
        raise UserError(
            f"{mixed} with --spectral_normalization: a batch norm cancels any scaling of the "
            "convolution before it."
        )
    if model.spectral_normalization and training.clip != "none":
        raise UserError(
            "--clip must be none with --spectral_normalization: clipping has no effect when every "
            f"layer is divided by its norm. Received: {training.clip}"
        )


def _check_penalties(training, mixed):
    """Checks penalties of gradients; `mixed` names a setting that mixes a batch's images."""
    penalties = {
        f"--loss={training.loss}": LOSSES[training.loss].is_penalized,
        f"--r1={training.r1:g}": training.r1,
        f"--r2={training.r2:g}": training.r2,
    }
    penalty = next((name for name, is_on in penalties.items() if is_on), None)
    if penalty and mixed:
        raise UserError(
            f"{mixed} with {penalty}: the discriminator's batch norm mixes the images of a batch, "
            "so the gradient of a single image is not defined."
        )
    if penalty and training.clip != "none":
        raise UserError(
            f"{penalty} cannot be combined with --clip={training.clip}, which already bounds the "
            "discriminator's gradients; use --clip=none."
        )


def _check_critic(model, training):
    if model.critic != "own" and not ARCHITECTURES[model.architecture].has_critics:
        raise UserError(
            f"--critic must be own with --architecture={model.architecture}: only "
            f"--architecture=exercise has other critics. Received: {model.critic}"
        )
    bounded = training.clip != "none" or model.spectral_normalization or training.r1 or training.r2
    if LOSSES[training.loss].needs_bound and not bounded:
        raise UserError(
            f"--clip must not be none with --loss={training.loss}: nothing else limits the "
            "critic's scores; use --clip=value, --spectral_normalization or --loss=wgan-gp."
        )
