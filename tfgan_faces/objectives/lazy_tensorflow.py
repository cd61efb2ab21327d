"""TensorFlow, imported on first use.

The settings read names and defaults from the table of losses, and must be cheap to import.
"""


class _TensorFlow:
    def __getattr__(self, name):
        import tensorflow

        return getattr(tensorflow, name)


tf = _TensorFlow()
