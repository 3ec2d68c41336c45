"""Correlation of two feature maps (Dosovitskiy et al. 2015): patches of one with patches of the other, nearby.

The product is linear in each map, so its gradients are sums of the same kind: `left` and `right`, which together with
Correlation are each other's gradients.  The variant that takes differences has slopes of 1 and -1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, ShapeError
from ...op import REQUIRED, op
from ..shape import whole


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where patches lie in the padded maps."""

    kernel: int
    reach: int  # how far the second map's patches are moved at most
    stride: int  # between patches
    step: int  # between displacements
    pad: int
    out: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        """What all patches without displacement cover."""
        return tuple((n - 1) * self.stride + self.kernel for n in self.out)  # type: ignore[return-value]

    @property
    def still(self) -> tuple[Any, ...]:
        """That part of the first map, padded."""
        return self._part(0, 0)

    def _part(self, down: int, along: int) -> tuple[Any, ...]:
        high, wide = self.size
        top, left = self.reach + down, self.reach + along
        return (slice(None), slice(None), slice(top, top + high), slice(left, left + wide))

    def moved(self) -> Iterator[tuple[Any, ...]]:
        """That part of the second map for each displacement, row by row."""
        radius = self.reach // self.step
        for down in range(-radius, radius + 1):
            for along in range(-radius, radius + 1):
                yield self._part(down * self.step, along * self.step)

    def taps(self) -> Iterator[tuple[Any, ...]]:
        """For each place within a patch, that place of all patches."""
        ends = [(n - 1) * self.stride + 1 for n in self.out]
        for i in range(self.kernel):
            for j in range(self.kernel):
                yield (..., slice(i, i + ends[0], self.stride), slice(j, j + ends[1], self.stride))

    def padded(self, x: Any) -> Any:
        """A map with zeros around."""
        p = self.pad
        return np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))) if p else x

    def inner(self, x: Any) -> Any:
        """A padded map without them."""
        p = self.pad
        return np.ascontiguousarray(x[:, :, p : x.shape[2] - p, p : x.shape[3] - p])

    def patches(self, x: Any) -> Any:
        """The sums over each patch.  [N, *size] -> [N, *out]"""
        total: Any = 0
        for tap in self.taps():
            total = total + x[tap]
        return total

    def spread(self, g: Any) -> Any:
        """The transpose of patches.  [N, *out] -> [N, 1, *size]"""
        total = np.zeros((len(g), *self.size), g.dtype)
        for tap in self.taps():
            total[tap] += g
        return total[:, None]


def _geometry(
    shape: Any, kernel_size: Any, max_displacement: Any, stride1: Any, stride2: Any, pad_size: Any
) -> Geometry:
    name = "Correlation"
    kernel, reach, stride, step, pad = (
        whole(name, key, value) for key, value in (
            ("kernel_size", kernel_size), ("max_displacement", max_displacement), ("stride1", stride1),
            ("stride2", stride2), ("pad_size", pad_size))
    )  # fmt: skip
    if kernel < 1 or not kernel % 2:
        raise ArgumentError(f"{name}: kernel_size is {kernel}: it must be odd")
    if stride < 1 or step < 1 or reach < 0 or pad < 0:
        raise ArgumentError(f"{name}: stride1 {stride}, stride2 {step} must be 1 or more, the others not negative")
    border = reach + kernel // 2
    out = tuple(-(-(n + 2 * pad - 2 * border) // stride) for n in shape[2:])
    if min(out) < 1:
        raise ShapeError(
            f"{name}: data1 {list(shape)} with pad_size {pad} has no room for a border of {border}: "
            f"max_displacement + kernel_size // 2"
        )
    return Geometry(kernel, reach, stride, step, pad, out)  # type: ignore[arg-type]


_SETTINGS = ("kernel_size", "max_displacement", "stride1", "stride2", "pad_size")


def _of(params: dict[str, Any]) -> dict[str, Any]:
    return {key: params[key] for key in _SETTINGS}


@op
def Correlation(
    data1, data2, kernel_size=1, max_displacement=1, stride1=1, stride2=1, pad_size=0, is_multiply=True
):
    """The mean product (or distance, without is_multiply) of each patch of data1 with patches of data2 nearby.

    A patch is kernel_size wide, patches are stride1 apart; data2's are moved by up to max_displacement along each axis
    in steps of stride2, D ways in all: a channel of the result for each move.  pad_size zeros lie around both maps.
    data1, data2: [N, C, H, W] -> [N, D * D, H', W']
    """
    name = "Correlation"
    if data1.ndim != 4 or data1.shape != data2.shape:
        raise ShapeError(f"{name}: data1 is {list(data1.shape)}, data2 {list(data2.shape)}: both take one [N, C, H, W]")
    if data1.dtype.kind != "f" or data1.dtype != data2.dtype:
        raise DtypeError(f"{name}: data1 is {data1.dtype}, data2 {data2.dtype}: both take one floating-point dtype")
    at = _geometry(data1.shape, kernel_size, max_displacement, stride1, stride2, pad_size)
    first, second = at.padded(data1)[at.still], at.padded(data2)
    maps = []
    for part in at.moved():
        if is_multiply:
            met = np.einsum("nchw,nchw->nhw", first, second[part])
        else:
            met = np.abs(first - second[part]).sum(axis=1)
        maps.append(at.patches(met))
    return np.stack(maps, 1) / data1.dtype.type(at.kernel**2 * data1.shape[1])


@op(name="_correlation_left")
def correlation_left(g, data2, kernel_size=1, max_displacement=1, stride1=1, stride2=1, pad_size=0):
    """d(sum of g * Correlation) / d(data1).  [N, D * D, H', W'], [N, C, H, W] -> [N, C, H, W]"""
    at = _geometry(data2.shape, kernel_size, max_displacement, stride1, stride2, pad_size)
    second = at.padded(data2)
    total = np.zeros_like(second)
    for i, part in enumerate(at.moved()):
        total[at.still] += at.spread(g[:, i]) * second[part]
    return at.inner(total) / data2.dtype.type(at.kernel**2 * data2.shape[1])


@op(name="_correlation_right")
def correlation_right(g, data1, kernel_size=1, max_displacement=1, stride1=1, stride2=1, pad_size=0):
    """d(sum of g * Correlation) / d(data2).  [N, D * D, H', W'], [N, C, H, W] -> [N, C, H, W]"""
    at = _geometry(data1.shape, kernel_size, max_displacement, stride1, stride2, pad_size)
    first = at.padded(data1)
    total = np.zeros_like(first)
    for i, part in enumerate(at.moved()):
        total[part] += at.spread(g[:, i]) * first[at.still]
    return at.inner(total) / data1.dtype.type(at.kernel**2 * data1.shape[1])


correlation_left.vjp(
    lambda g, _out, _g, data2, **params: Correlation(g, data2, **params),
    lambda g, _out, head, _data2, **params: correlation_right(head, g, **params),
)
correlation_right.vjp(
    lambda g, _out, _g, data1, **params: Correlation(data1, g, **params),
    lambda g, _out, head, _data1, **params: correlation_left(head, g, **params),
)


# -- of differences -------------------------------------------------------------------------------------------------


def _signs(at: Geometry, data1: Any, data2: Any) -> Iterator[tuple[int, tuple[Any, ...], Any]]:
    first, second = at.padded(data1)[at.still], at.padded(data2)
    for i, part in enumerate(at.moved()):
        yield i, part, np.sign(first - second[part]) / data1.dtype.type(at.kernel**2 * data1.shape[1])


@op(name="_distance_back")
def distance_back(
    g, data1, data2, to=REQUIRED, kernel_size=1, max_displacement=1, stride1=1, stride2=1, pad_size=0
):
    """d(sum of g * distance) / d(data1), or, with to=2, d(data2).  [N, D * D, H', W'] -> [N, C, H, W]"""
    at = _geometry(data1.shape, kernel_size, max_displacement, stride1, stride2, pad_size)
    total = np.zeros_like(at.padded(data1))
    for i, part, sign in _signs(at, data1, data2):
        total[at.still if to == 1 else part] += at.spread(g[:, i]) * (sign if to == 1 else -sign)
    return at.inner(total)


@op(name="_distance_along")
def distance_along(
    change, data1, data2, to=REQUIRED, kernel_size=1, max_displacement=1, stride1=1, stride2=1, pad_size=0
):
    """How distances move with a change of data1, or, with to=2, of data2.  [N, C, H, W] -> [N, D * D, H', W']"""
    at = _geometry(data1.shape, kernel_size, max_displacement, stride1, stride2, pad_size)
    moved = at.padded(change)
    maps = [
        at.patches((moved[at.still if to == 1 else part] * (sign if to == 1 else -sign)).sum(axis=1))
        for _, part, sign in _signs(at, data1, data2)
    ]
    return np.stack(maps, 1)


distance_back.vjp(
    lambda g, _out, _g, data1, data2, **params: distance_along(g, data1, data2, **params), None, None
)
distance_along.vjp(
    lambda g, _out, _change, data1, data2, **params: distance_back(g, data1, data2, **params), None, None
)


def _to_first(g, _out, data1, data2, **params):
    if params["is_multiply"]:
        return correlation_left(g, data2, **_of(params))
    return distance_back(g, data1, data2, to=1, **_of(params))


def _to_second(g, _out, data1, data2, **params):
    if params["is_multiply"]:
        return correlation_right(g, data1, **_of(params))
    return distance_back(g, data1, data2, to=2, **_of(params))


Correlation.vjp(_to_first, _to_second)
