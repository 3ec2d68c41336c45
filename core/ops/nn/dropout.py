"""Dropout: zeros at random places in training, the rest scaled up.  The mask comes from MXNet's streams, to the bit."""

from __future__ import annotations

import numpy as np

from ...errors import ArgumentError
from ...op import op
from ...streams import STREAMS
from .saved import beside


@op(saves=True)
def Dropout(data, p=0.5, mode="training", axes=(), cudnn_off=False, _training=False):
    """Each element is 0 with probability p, else divided by 1 - p.  [...] -> [...]

    Without effect outside of training, unless mode='always'.  axes: those along which one draw counts for all elements.
    cudnn_off has no effect.  Srivastava et al. 2014.
    """
    if not 0 <= p <= 1:
        raise ArgumentError(f"Dropout: p is {p}: it must be within [0, 1]")
    if mode not in ("training", "always"):
        raise ArgumentError(f"Dropout: mode is {mode!r}; known: training, always")
    axes = (axes,) if isinstance(axes, int) else tuple(axes)
    if any(not -data.ndim <= axis < data.ndim for axis in axes):
        raise ArgumentError(f"Dropout: axes are {list(axes)}, data has {data.ndim} axes")
    if not p or (mode == "training" and not _training):
        return data, None
    common = {axis % data.ndim for axis in axes}
    shape = tuple(1 if axis in common else n for axis, n in enumerate(data.shape))
    mask = drawn_mask(shape, 1.0 - p, data.dtype)
    return data * mask, mask


def drawn_mask(shape: tuple[int, ...], keep: float, dtype: np.dtype) -> np.ndarray:
    """1 / keep with probability `keep`, else 0."""
    mask = np.zeros(shape, dtype)
    if keep > 0:
        drawn = STREAMS.uniform(0, 1, mask.size, dtype).reshape(shape)
        np.copyto(mask, dtype.type(1) / dtype.type(keep), where=drawn < dtype.type(keep))
    return mask


Dropout.vjp(lambda g, _out, _data, saved: g if saved is None else g * beside(g, saved))
