"""Keras callbacks for the training of two networks."""

import keras


class KerasCallbacks:
    """Calls Keras callbacks with the measures of a training.

    Each reading of the measures is an epoch, and its number is the step. So loggers such as
    `keras.callbacks.CSVLogger` and `TensorBoard` draw curves over steps. The callbacks' model is
    the averaged generator: `ModelCheckpoint` saves it, and a callback that sets
    `self.model.stop_training` ends the training. This model has no optimizer, so callbacks that
    change a learning rate do not apply.

    As a context manager, it calls `on_train_begin` and `on_train_end`.

    Args:
        callbacks: list of `keras.callbacks.Callback`.
        model: the averaged generator.
    """

    def __init__(self, callbacks, model):
        self._model, self._logs = model, {}
        # Callbacks expect these attributes of a compiled Keras model.
        model.stop_training, model.optimizer = False, None
        self._callbacks = keras.callbacks.CallbackList(list(callbacks), model=model)

    @property
    def stop_requested(self):
        """Whether a callback has requested the end of the training."""
        return self._model.stop_training

    def __enter__(self):
        self._callbacks.on_train_begin()
        return self

    def __exit__(self, *error):
        self._callbacks.on_train_end(self._logs)

    def __call__(self, step, measures):
        self._logs = {name: float(value) for name, value in measures.items()}
        self._callbacks.on_epoch_begin(step)
        self._callbacks.on_epoch_end(step, self._logs)
