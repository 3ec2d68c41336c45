"""Fourier transforms of the last axis, and count sketches: what MXNet has for GPUs only."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, DtypeError, ShapeError
from ..op import REQUIRED, op
from .arithmetic import broadcast_mul
from .selection import take
from .shape import reshape, whole


def _floats(name: str, data: Any) -> None:
    if data.dtype.kind != "f":
        raise DtypeError(f"{name}: data is {data.dtype}: it takes floating point; use astype")
    if not data.ndim:
        raise ShapeError(f"{name}: data has no axis: it takes [..., D]")


@op(name="_contrib_fft")
def fft(data, compute_size=128):
    """The Fourier transform along the last axis, real and imaginary parts in turn.  [..., D] -> [..., 2 * D]

    compute_size has no effect.
    """
    _floats("fft", data)
    found = np.fft.fft(data, axis=-1)
    return np.stack([found.real, found.imag], -1).reshape(*data.shape[:-1], -1).astype(data.dtype)


@op(name="_contrib_ifft")
def ifft(data, compute_size=128):
    """The real parts of the inverse transform along the last axis, D times too large: divide by D for fft's inverse.

    compute_size has no effect.  [..., 2 * D], real and imaginary parts in turn -> [..., D]
    """
    _floats("ifft", data)
    if data.shape[-1] % 2:
        raise ShapeError(f"ifft: data is {list(data.shape)}: its last axis holds pairs, real and imaginary parts")
    pairs = data.reshape(*data.shape[:-1], -1, 2)
    found = np.fft.ifft(pairs[..., 0] + 1j * pairs[..., 1], axis=-1).real * pairs.shape[-2]
    return found.astype(data.dtype)


fft.vjp(lambda g, _out, _data: ifft(g))  # the matrices are each other's transposes
ifft.vjp(lambda g, _out, _data: fft(g))


@op(name="_contrib_count_sketch")
def count_sketch(data, h, s, out_dim=REQUIRED, processing_batch_size=32):
    """Each number of data times its sign, added at its place in a shorter row (Pham and Pagh 2013).

    h: places 0 .. out_dim - 1, s: signs, each [1, D]; without gradient.  processing_batch_size has no effect.
    data: [..., D] -> [..., out_dim]
    """
    _floats("count_sketch", data)
    size = whole("count_sketch", "out_dim", out_dim)
    places = h.reshape(-1).astype(np.int64)
    if h.size != data.shape[-1] or s.size != data.shape[-1]:
        raise ShapeError(
            f"count_sketch: data is {list(data.shape)}, h {list(h.shape)}, s {list(s.shape)}: h and s must be "
            f"[1, {data.shape[-1]}]"
        )
    if size < 1 or (places.size and not 0 <= places.min() <= places.max() < size):
        raise ArgumentError(f"count_sketch: h must be places 0 .. out_dim - 1, out_dim is {size}")
    total = np.zeros((size, data.size // data.shape[-1]), data.dtype)
    np.add.at(total, places, (data * s.reshape(-1).astype(data.dtype)).reshape(-1, data.shape[-1]).T)
    return total.T.reshape(*data.shape[:-1], size)


count_sketch.vjp(
    lambda g, _out, _data, h, s: broadcast_mul(take(g, reshape(h, shape=(-1,)), axis=-1), _row(s, g)), None, None
)


def _row(s: Any, g: Any) -> Any:
    return reshape(s, shape=(*(1,) * (len(g.shape) - 1), -1))
