"""Default values, and names of settings that belong together."""

CLIP_VALUES = {"none": 0.01, "value": 0.01, "fan_in": 0.5, "kernels": 0.01}
LIMITS_OF_A_TRAINING = ("minutes", "max_steps")
DEFAULT_STEPS, NO_LIMIT = 1400, 2**31 - 1
# Sections of a run's settings that determine its numbers.
SHAPING_SECTIONS = ("data", "model", "training")
