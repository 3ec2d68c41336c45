"""Pixel shuffling: groups of channels become neighbouring pixels, which makes an image larger (Shi and others 2016).

Knows the order only: the channel's number, read in factors, is (C, f1, f2, ...).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import Incompatible
from ...hybrid import HybridBlock


class _PixelShuffle(HybridBlock):
    """[N, f1 * f2 * ... * C, L1, L2, ...] -> [N, C, L1 * f1, L2 * f2, ...]"""

    _dimensions: int

    def __init__(self, factor: int | Sequence[int]) -> None:
        super().__init__()
        if not isinstance(factor, list | tuple):
            factor = (int(factor),) * self._dimensions  # pyright: ignore  # what int() takes
        self._factors = tuple(int(one) for one in factor)
        if len(self._factors) != self._dimensions:
            raise Incompatible(
                f"{type(self).__name__}: factor has {len(self._factors)} numbers, for {self._dimensions} dimensions"
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        factors, n = self._factors, self._dimensions
        x = F.reshape(x, (0, -4, -1, _product(factors), *(0,) * n))
        for i in range(n - 1):  # one factor after the other from the product
            x = F.reshape(x, (*(0,) * (2 + i), -4, factors[i], _product(factors[i + 1 :]), *(0,) * n))
        pairs = [axis for i in range(n) for axis in (2 + n + i, 2 + i)]
        x = F.transpose(x, (0, 1, *pairs))
        return F.reshape(x, (0, 0, *(-3,) * n))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._factors})"


def _product(numbers: Sequence[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result


class PixelShuffle1D(_PixelShuffle):
    """[N, f * C, W] -> [N, C, W * f]. MXNet: `gluon.contrib.nn.PixelShuffle1D`.

    >>> from mxl.core import nd
    >>> PixelShuffle1D(2)(nd.zeros((1, 8, 3))).shape
    (1, 4, 6)
    """

    _dimensions = 1

    def __init__(self, factor: int) -> None:
        super().__init__((int(factor),))

    def __repr__(self) -> str:
        return f"PixelShuffle1D({self._factors[0]})"


class PixelShuffle2D(_PixelShuffle):
    """[N, f1 * f2 * C, H, W] -> [N, C, H * f1, W * f2]; factor: a number, or (f1, f2).

    Raises AssertionError for another number of factors. MXNet: `gluon.contrib.nn.PixelShuffle2D`.
    """

    _dimensions = 2


class PixelShuffle3D(_PixelShuffle):
    """[N, f1 * f2 * f3 * C, D, H, W] -> [N, C, D * f1, H * f2, W * f3]; factor: a number, or (f1, f2, f3).

    Raises AssertionError for another number of factors. MXNet: `gluon.contrib.nn.PixelShuffle3D`.
    """

    _dimensions = 3
