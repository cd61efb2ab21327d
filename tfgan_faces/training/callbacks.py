"""Keras callbacks for the training of two networks."""

import logging

import keras

_logger = logging.getLogger(__name__)


class KerasCallbacks:
    """Calls Keras callbacks with the measures of a training.

    Each reading of the measures is an epoch, and its number is the step. So loggers such as
    `keras.callbacks.CSVLogger` and `TensorBoard` draw curves over steps. The callbacks' model is
    the averaged generator: `ModelCheckpoint` saves it, and a callback that sets
    `self.model.stop_training` ends the training. This model has no optimizer, so callbacks that
    change a learning rate raise an error. Its batch norms have the statistics of inference only
    after `BatchStatistics(model).update()`, which takes about as long as some steps: put a callback
    that calls it before those that save the model or make images with it, such as
    `keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: statistics.update())`.

    As a context manager, it calls `on_train_begin` and `on_train_end`.

    Args:
        callbacks: list of `keras.callbacks.Callback`.
        model: the averaged generator.
    """

    def __init__(self, callbacks, model):
        self._logs = {}
        self._callbacks = keras.callbacks.CallbackList(list(callbacks))
        self.attach(model)

    @property
    def stop_requested(self):
        """Whether a callback has requested the end of the training."""
        return self._model.stop_training

    def __enter__(self):
        self._callbacks.on_train_begin()
        return self

    def __exit__(self, kind, *error):
        try:
            self._callbacks.on_train_end(self._logs)
        except Exception:
            if kind is None:
                raise
            # The error that ended the training matters more: a collapse leads to a rollback.
            _logger.exception("A callback failed at the end of the training")

    def attach(self, model):
        """Replaces the model: after a rollback, the training has new networks."""
        # Callbacks expect these attributes of a compiled Keras model.
        model.stop_training, model.optimizer = False, None
        self._model = model
        self._callbacks.set_model(model)

    def __call__(self, step, measures):
        self._logs = {name: float(value) for name, value in measures.items()}
        self._callbacks.on_epoch_begin(step)
        self._callbacks.on_epoch_end(step, self._logs)
