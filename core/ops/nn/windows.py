"""Windows: where a kernel's positions fall on the last axes of [N, C, ...], for convolution and pooling; plain numpy.

A `Windows` is pure geometry: sizes, and for each kernel position the slice of the padded input that it meets.
Columns are the input's values at all kernel positions, [C, *kernel, L], where L runs over the output's places and the
batch; one matrix product with them is a convolution.  For small images in large batches the batch runs innermost,
since copies of long rows are much faster than of many short ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError

Ints = tuple[int, ...]

LAYOUTS = {1: "NCW", 2: "NCHW", 3: "NCDHW"}  # number of spatial axes -> what all axes are, channels before space


@dataclass(frozen=True, slots=True)
class Windows:
    """Kernel positions over spatial axes.

    `offsets` has for each kernel position its index, and its slices of the padded input.
    """

    space: Ints  # lengths of the input's spatial axes
    kernel: Ints
    stride: Ints
    dilate: Ints
    low: Ints  # padding before
    high: Ints  # padding behind (more than `low` where the last window hangs over)
    out: Ints
    offsets: tuple[tuple[Ints, tuple[slice, ...]], ...]

    @property
    def padded(self) -> Ints:
        """Lengths of the spatial axes, padding included."""
        return tuple(a + n + b for a, n, b in zip(self.low, self.space, self.high, strict=True))

    @property
    def inner(self) -> tuple[slice, ...]:
        """The input's place within the padded one."""
        return tuple(slice(a, a + n) for a, n in zip(self.low, self.space, strict=True))


def spatial(op: str, name: str, value: Any, axes: int, default: int) -> Ints:
    """A parameter with one int for each spatial axis."""
    if value is None or value == ():
        return (default,) * axes
    ints = (value,) if isinstance(value, int) else tuple(value)
    if len(ints) != axes:
        raise ArgumentError(f"{op}: {name} is {list(ints)}, kernel has {axes} axes: they must have as many")
    if any(int(n) != n or n < (0 if name == "pad" else 1) for n in ints):
        raise ArgumentError(
            f"{op}: {name} is {list(ints)}: its entries must be {'0' if name == 'pad' else '1'} or more"
        )
    return tuple(int(n) for n in ints)


@lru_cache(maxsize=512)
def windows(op: str, space: Ints, kernel: Ints, stride: Ints, dilate: Ints, pad: Ints, ceil: bool = False) -> Windows:
    """The geometry; ceil=True: a last window that hangs over the end counts, too."""
    out: list[int] = []
    high: list[int] = []
    for n, k, s, d, p in zip(space, kernel, stride, dilate, pad, strict=True):
        reach = d * (k - 1) + 1
        if reach > n + 2 * p:
            raise ShapeError(
                f"{op}: kernel {list(kernel)} (dilate {list(dilate)}) exceeds the input {list(space)} with pad "
                f"{list(pad)} on each side"
            )
        room = n + 2 * p - reach
        count = 1 + (-(-room // s) if ceil else room // s)
        out.append(count)
        high.append(p + max(0, (count - 1) * s - room))
    offsets = []
    for index in np.ndindex(*kernel):
        slices = tuple(
            slice(i * d, i * d + (o - 1) * s + 1, s) for i, d, o, s in zip(index, dilate, out, stride, strict=True)
        )
        offsets.append((tuple(index), slices))
    return Windows(space, kernel, stride, dilate, pad, tuple(high), tuple(out), tuple(offsets))


def to_columns(x: np.ndarray, at: Windows, batch_last: bool) -> np.ndarray:
    """[N, C, *space] -> [C * kernel, L], L being (*out, N) if batch_last, else (N, *out)."""
    n, c = x.shape[:2]
    axes = (1, *range(2, x.ndim), 0) if batch_last else (1, 0, *range(2, x.ndim))
    turned = x.transpose(axes)
    before = () if batch_last else (slice(None),)
    if any(at.low) or any(at.high):
        shape = (c, *at.padded, n) if batch_last else (c, n, *at.padded)
        padded = np.zeros(shape, x.dtype)
        padded[(slice(None), *before, *at.inner)] = turned
    else:
        padded = np.ascontiguousarray(turned) if batch_last else turned
    places = (*at.out, n) if batch_last else (n, *at.out)
    columns = np.empty((c, *at.kernel, *places), x.dtype)
    for index, slices in at.offsets:
        columns[(slice(None), *index)] = padded[(slice(None), *before, *slices)]
    return columns.reshape(c * math.prod(at.kernel), -1)


def from_columns(columns: np.ndarray, n: int, c: int, at: Windows, batch_last: bool) -> np.ndarray:
    """The transpose of `to_columns`: each value is added where it came from.  -> [N, C, *space]"""
    places = (*at.out, n) if batch_last else (n, *at.out)
    columns = columns.reshape(c, *at.kernel, *places)
    before = () if batch_last else (slice(None),)
    padded = np.zeros((c, *at.padded, n) if batch_last else (c, n, *at.padded), columns.dtype)
    for index, slices in at.offsets:
        padded[(slice(None), *before, *slices)] += columns[(slice(None), *index)]
    inner = padded[(slice(None), *before, *at.inner)]
    back = (inner.ndim - 1, 0, *range(1, inner.ndim - 1)) if batch_last else (1, 0, *range(2, inner.ndim))
    return np.ascontiguousarray(inner.transpose(back))
