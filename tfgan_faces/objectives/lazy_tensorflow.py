"""TensorFlow, imported when it is first used.

The settings read the table of losses for its names and defaults, and importing them is cheap.
"""


class _TensorFlow:
    def __getattr__(self, name):
        import tensorflow

        return getattr(tensorflow, name)


tf = _TensorFlow()
