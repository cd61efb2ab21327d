"""Networks for larger images that begin with the weights of networks for smaller ones."""

import itertools


def copy_shared(values, variables, from_the_end=False):
    """Sets the variables that networks for images of different sizes have in common.

    The stages between 4x4 and the smaller size are the same in both. They are the first ones of
    a generator and the last ones of a discriminator. Variables are set up to the first one whose
    shape differs; the others stay as they are.

    Args:
        values: list of arrays, all variables of the network for smaller images.
        variables: list of `tf.Variable`, those of the network to set.
        from_the_end: whether the common ones are the last ones.

    Returns:
        The number of variables that were set.

    Reference:
        [Karras et al., 2018](https://arxiv.org/abs/1710.10196), section 2, without fading in.
    """
    pairs = list(
        zip(reversed(variables), reversed(values)) if from_the_end else zip(variables, values)
    )
    shared = list(itertools.takewhile(lambda pair: pair[0].shape == pair[1].shape, pairs))
    for variable, value in shared:
        variable.assign(value)
    return len(shared)
