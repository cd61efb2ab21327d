"""Names that settings choose from, and the values that one choice brings for another."""

LOSS_ALIASES = {"gan": "non_saturating", "wgan": "wasserstein", "wgan-gp": "wasserstein_gp"}
WASSERSTEIN_LOSSES = ("wasserstein", "wasserstein_gp")
CLIP_VALUES = {"none": 0.01, "value": 0.01, "fan_in": 0.5, "kernels": 0.01}
# The exercise's critic that each rule of clipping goes with.
CRITICS = {"value": "batch_norm", "fan_in": "no_norm"}
_ADVERSARIAL = {
    "balance": "margin",
    "clip": "none",
    "critic_steps": 5,
    "optimizer": "rmsprop",
    "generator_learning_rate": 3e-4,
    "discriminator_learning_rate": 3e-4,
    "beta_1": 0.5,
    "beta_2": 0.999,
    "label_smoothing": 0.1,
    "batch_size": 32,
}
_PAIRED = {**_ADVERSARIAL, "balance": "none", "optimizer": "adam", "label_smoothing": 0.0}
LOSS_DEFAULTS = {
    "non_saturating": _ADVERSARIAL,
    "minimax": _ADVERSARIAL,
    # Its logits lie around 1/2, where cross-entropies say nothing: it balances by accuracy.
    "least_squares": {**_ADVERSARIAL, "balance": "accuracy", "label_smoothing": 0.0},
    "hinge": {**_ADVERSARIAL, "label_smoothing": 0.0},
    # Its logits have no zero of their own: only differences count.
    "relativistic": {**_PAIRED, "beta_1": 0.0, "beta_2": 0.99, "batch_size": 64},
    "wasserstein": {
        **_PAIRED,
        "optimizer": "rmsprop",
        "clip": "value",
        "critic_steps": 1,
        "generator_learning_rate": 2e-4,
        "discriminator_learning_rate": 2e-4,
    },
    "wasserstein_gp": {
        **_PAIRED,
        "generator_learning_rate": 1e-4,
        "discriminator_learning_rate": 1e-4,
        "beta_1": 0.0,
        "beta_2": 0.9,
        "batch_size": 64,
    },
}
LATENT_DIMS = {"exercise": 128, "blog": 512, "dcgan": 100, "modern": 128, "light": 128}
RECIPES = ("drawn", "exercise-gan", "exercise-wgan", "blog", "dcgan", "wgan-gp", "modern", "light")
# The recipe of a command line that names none of these: faces within five minutes, without photos.
FIRST_RECIPE = "drawn"
CHOICES_OF_A_TRAINING = ("dataset", "architecture", "loss", "image_size")
LIMITS_OF_A_TRAINING = ("minutes", "max_steps")
DRAWN = ("drawn", "synthetic")  # data sets that the program draws itself
DEFAULT_STEPS, NO_LIMIT = 1400, 2**31 - 1
MODES_OF_A_RUN = (  # those that take the settings of a run
    "sample",
    "walk",
    "interpolate",
    "arithmetic",
    "truncation",
    "project",
    "evaluate",
    "export",
)
MODES = ("train", "prepare", "plan", *MODES_OF_A_RUN, "serve", "request", "profile")
# Sections of a run's settings that shape its numbers.
SHAPING_SECTIONS = ("data", "model", "training")
CROPS = {"lfw": 0.6}  # 50 of LFW's 250 pixels cut from every side
