"""Simple and slow NumPy versions of the layers, for channels_last arrays."""

import itertools

import numpy as np


def windows(size, pool, stride, padding):
    """Returns the rows (or columns) of the image that each window covers along one axis."""
    if padding == "valid":
        count, before = (size - pool) // stride + 1, 0
    else:
        count = -(-size // stride)
        before = max((count - 1) * stride + pool - size, 0) // 2
    starts = [i * stride - before for i in range(count)]
    return [range(max(start, 0), min(start + pool, size)) for start in starts]


def max_pooling(images, pool, strides, padding):
    batch, height, width, channels = images.shape
    rows = windows(height, pool[0], strides[0], padding)
    columns = windows(width, pool[1], strides[1], padding)
    pooled = np.empty((batch, len(rows), len(columns), channels), images.dtype)
    argmax = np.empty(pooled.shape, np.int64)
    for b, r, c, k in itertools.product(*map(range, pooled.shape)):
        places = list(itertools.product(rows[r], columns[c]))
        values = [images[b, y, x, k] for y, x in places]
        y, x = places[int(np.argmax(values))]  # the first of equal values
        pooled[b, r, c, k] = images[b, y, x, k]
        argmax[b, r, c, k] = (y * width + x) * channels + k
    return pooled, argmax


def max_unpooling(values, argmax, size):
    batch, channels = values.shape[0], values.shape[3]
    unpooled = np.zeros((batch, size[0] * size[1] * channels), values.dtype)
    for b in range(batch):
        unpooled[b, argmax[b].ravel()] = values[b].ravel()
    return unpooled.reshape(batch, *size, channels)


def corner_unpooling(values, pool, strides, padding, size):
    rows = [max(r[0], 0) for r in windows(size[0], pool[0], strides[0], padding)]
    columns = [max(c[0], 0) for c in windows(size[1], pool[1], strides[1], padding)]
    unpooled = np.zeros((values.shape[0], *size, values.shape[3]), values.dtype)
    for (i, y), (j, x) in itertools.product(enumerate(rows), enumerate(columns)):
        unpooled[:, y, x] = values[:, i, j]
    return unpooled


def convolution(images, kernel, bias, padding):
    """Returns the correlation with stride 1. The padding is "full" or "same"."""
    k_rows, k_columns = kernel.shape[:2]
    margins = [
        (k - 1, k - 1) if padding == "full" else ((k - 1) // 2, k - 1 - (k - 1) // 2)
        for k in (k_rows, k_columns)
    ]
    padded = np.pad(images, [(0, 0), *margins, (0, 0)])
    height, width = padded.shape[1] - k_rows + 1, padded.shape[2] - k_columns + 1
    result = np.zeros((images.shape[0], height, width, kernel.shape[3]), images.dtype)
    for y, x in itertools.product(range(height), range(width)):
        patch = padded[:, y : y + k_rows, x : x + k_columns]
        result[:, y, x] = np.tensordot(patch, kernel, 3)
    return result + bias
