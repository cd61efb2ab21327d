"""Default values and groups of settings."""

CLIP_VALUES = {"none": 0.01, "value": 0.01, "fan_in": 0.5, "kernels": 0.01}
AUGMENT = "translation"  # unless there are few photos
FEW_PHOTOS = 2000  # with fewer, a discriminator soon remembers them
# The share of the people that is held out. Of a tenth of very few photos, nothing can be measured.
HELD_OUT, HELD_OUT_OF_VERY_FEW, VERY_FEW_PHOTOS = 0.1, 0.2, 200
# Of the learning rates of a run, for a training that starts from its networks. Higher rates spoil
# them first, see docs/own-photos.md.
FINE_TUNING = 0.25
LIMITS_OF_A_TRAINING = ("minutes", "max_steps")
DEFAULT_STEPS, NO_LIMIT = 1400, 2**31 - 1
# Sections of the settings that determine the numeric results of a run.
SHAPING_SECTIONS = ("data", "model", "training")
