"""Detects losses and gradients that are NaN or infinite, so that they cause no update."""

import tensorflow as tf

PATIENCE = 10  # consecutive turns


class FiniteGuard(tf.Module):
    """Notices when the loss or gradients of one network are not finite in many turns in a row.

    Args:
        network: str, the network's name in messages.
        variables: list of the network's trainable variables.
    """

    def __init__(self, network, variables):
        super().__init__()
        self._names = [
            f"loss of the {network}",
            *(f"gradient of {variable.path} of the {network}" for variable in variables),
        ]
        self._in_a_row, self._turn = (
            tf.Variable(0, dtype=tf.int64, trainable=False) for _ in range(2)
        )
        self._bad = tf.Variable(tf.zeros(len(self._names), tf.bool), trainable=False)

    def record(self, bad, turn, trained):
        """Records a turn. Runs in the graph.

        A turn in which the network is not trained has no gradients. If its loss is finite, the
        turn neither extends nor ends a sequence of bad turns.

        Args:
            bad: bool tensor, true where `not_finite`, summed over replicas, is above 0.
            turn: int64 scalar tensor.
            trained: bool scalar tensor, whether the network is trained in this turn.

        Returns:
            Bool scalar tensor: whether everything was finite.
        """
        found = tf.reduce_any(bad)
        finite = tf.where(trained, tf.zeros_like(self._in_a_row), self._in_a_row)
        self._in_a_row.assign(tf.where(found, self._in_a_row + 1, finite))
        self._bad.assign(tf.where(found, bad, self._bad))
        self._turn.assign(tf.where(found, turn, self._turn))
        return ~found

    def first_nonfinite(self):
        """Returns the name of the first value that was not finite, and the turn.

        Both are of the last bad turn. Returns None until `PATIENCE` consecutive turns were bad.
        """
        if self._in_a_row.numpy() < PATIENCE:
            return None
        first = self._bad.numpy().argmax()
        return self._names[first], int(self._turn.numpy())


def not_finite(loss, gradients):
    """Returns 1 for each value that is not finite, else 0: float32 [1 + len(gradients)].

    Args:
        loss: float scalar tensor.
        gradients: list of float tensors.
    """
    finite = [tf.reduce_all(tf.math.is_finite(values)) for values in (loss, *gradients)]
    return 1.0 - tf.cast(tf.stack(finite), tf.float32)
