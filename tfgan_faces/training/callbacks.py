"""Keras callbacks on a training of two networks."""

import keras


class KerasCallbacks:
    """Calls Keras callbacks with the measures of a training.

    Each reading of the measures is an epoch, whose number is the step. So the loggers that people
    have, such as `keras.callbacks.CSVLogger` and `TensorBoard`, draw curves over steps. The
    callbacks' model is the averaged generator: `ModelCheckpoint` saves it, and a callback that
    sets `self.model.stop_training` ends the training. The generator has no optimizer, so
    callbacks that change a learning rate do not apply.

    Use it as a context, for `on_train_begin` and `on_train_end`.

    Args:
        callbacks: list of `keras.callbacks.Callback`.
        model: the averaged generator.
    """

    def __init__(self, callbacks, model):
        self._model, self._logs = model, {}
        # What a compiled Keras model has, and callbacks look for.
        model.stop_training, model.optimizer = False, None
        self._callbacks = keras.callbacks.CallbackList(list(callbacks), model=model)

    @property
    def stop_requested(self):
        """Whether a callback has asked for the training's end."""
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
