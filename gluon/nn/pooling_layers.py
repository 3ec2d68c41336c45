"""Pooling layers: the maximum or the mean over windows, or over the whole of each channel.

Knows windows only; the operator `Pooling` computes. No layer here has parameters. Channels come before space (NCW,
NCHW, NCDHW) or, with another layout, behind it (NWC, NHWC, NDHWC).
"""

from __future__ import annotations

from typing import Any

from ...core.ops.nn.pooling import LAST
from ...core.ops.nn.windows import LAYOUTS
from ..errors import Incompatible
from ..hybrid import HybridBlock
from .conv_layers import Sizes, as_sizes


class _Pooling(HybridBlock):
    """The pooling that all others are cases of."""

    def __init__(
        self,
        pool_size: tuple[int, ...],
        strides: Sizes | None,
        padding: Sizes,
        ceil_mode: bool,
        global_pool: bool,
        pool_type: str,
        layout: str,
        count_include_pad: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        dimensions = len(pool_size)
        if layout not in (LAYOUTS[dimensions], LAST[dimensions]):
            raise Incompatible(
                f"{type(self).__name__}: layout must be '{LAYOUTS[dimensions]}' or '{LAST[dimensions]}', not {layout!r}"
            )
        self._kwargs = {
            "kernel": pool_size,
            "stride": pool_size if strides is None else as_sizes("strides", strides, dimensions),
            "pad": as_sizes("padding", padding, dimensions),
            "global_pool": global_pool,
            "pool_type": pool_type,
            "pooling_convention": "full" if ceil_mode else "valid",
            "layout": layout,
        }
        if count_include_pad is not None:
            self._kwargs["count_include_pad"] = count_include_pad

    def _alias(self) -> str:
        return "pool"

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.Pooling(x, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        options = self._kwargs
        return (
            f"{type(self).__name__}(size={options['kernel']}, stride={options['stride']}, padding={options['pad']}, "
            f"ceil_mode={options['pooling_convention'] == 'full'}, global_pool={options['global_pool']}, "
            f"pool_type={options['pool_type']}, layout={options['layout']})"
        )


class MaxPool1D(_Pooling):
    """The greatest value of each window.   [N, C, W] -> [N, C, W']. MXNet: `nn.MaxPool1D`."""

    def __init__(
        self,
        pool_size: Sizes = 2,
        strides: Sizes | None = None,
        padding: Sizes = 0,
        layout: str = "NCW",
        ceil_mode: bool = False,
        **kwargs: Any,
    ) -> None:
        size = as_sizes("pool_size", pool_size, 1)
        super().__init__(size, strides, padding, ceil_mode, False, "max", layout, **kwargs)


class MaxPool2D(_Pooling):
    """The greatest value of each window.   [N, C, H, W] -> [N, C, H', W']. MXNet: `nn.MaxPool2D`.

    `strides` is the window's size unless given; `ceil_mode` keeps windows that reach over the edge.

    >>> from mxl.core import nd
    >>> MaxPool2D()(nd.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __init__(
        self,
        pool_size: Sizes = (2, 2),
        strides: Sizes | None = None,
        padding: Sizes = 0,
        layout: str = "NCHW",
        ceil_mode: bool = False,
        **kwargs: Any,
    ) -> None:
        size = as_sizes("pool_size", pool_size, 2)
        super().__init__(size, strides, padding, ceil_mode, False, "max", layout, **kwargs)


class MaxPool3D(_Pooling):
    """The greatest value of each window.   [N, C, D, H, W] -> [N, C, D', H', W']. MXNet: `nn.MaxPool3D`."""

    def __init__(
        self,
        pool_size: Sizes = (2, 2, 2),
        strides: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        layout: str = "NCDHW",
        **kwargs: Any,
    ) -> None:
        size = as_sizes("pool_size", pool_size, 3)
        super().__init__(size, strides, padding, ceil_mode, False, "max", layout, **kwargs)


class AvgPool1D(_Pooling):
    """The mean of each window, its padding counted unless `count_include_pad=False`.   [N, C, W] -> [N, C, W'].

    MXNet: `nn.AvgPool1D`.
    """

    def __init__(
        self,
        pool_size: Sizes = 2,
        strides: Sizes | None = None,
        padding: Sizes = 0,
        layout: str = "NCW",
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        size = as_sizes("pool_size", pool_size, 1)
        super().__init__(size, strides, padding, ceil_mode, False, "avg", layout, count_include_pad, **kwargs)


class AvgPool2D(_Pooling):
    """The mean of each window, its padding counted unless `count_include_pad=False`.   [N, C, H, W] -> [N, C, H', W'].

    MXNet: `nn.AvgPool2D`.
    """

    def __init__(
        self,
        pool_size: Sizes = (2, 2),
        strides: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        layout: str = "NCHW",
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        size = as_sizes("pool_size", pool_size, 2)
        super().__init__(size, strides, padding, ceil_mode, False, "avg", layout, count_include_pad, **kwargs)


class AvgPool3D(_Pooling):
    """The mean of each window, its padding counted unless `count_include_pad=False`.

    [N, C, D, H, W] -> [N, C, D', H', W']. MXNet: `nn.AvgPool3D`.
    """

    def __init__(
        self,
        pool_size: Sizes = (2, 2, 2),
        strides: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        layout: str = "NCDHW",
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        size = as_sizes("pool_size", pool_size, 3)
        super().__init__(size, strides, padding, ceil_mode, False, "avg", layout, count_include_pad, **kwargs)


class GlobalMaxPool1D(_Pooling):
    """The greatest value of each whole channel.   [N, C, W] -> [N, C, 1]. MXNet: `nn.GlobalMaxPool1D`."""

    def __init__(self, layout: str = "NCW", **kwargs: Any) -> None:
        super().__init__((1,), None, 0, True, True, "max", layout, **kwargs)


class GlobalMaxPool2D(_Pooling):
    """The greatest value of each whole channel.   [N, C, H, W] -> [N, C, 1, 1]. MXNet: `nn.GlobalMaxPool2D`."""

    def __init__(self, layout: str = "NCHW", **kwargs: Any) -> None:
        super().__init__((1, 1), None, 0, True, True, "max", layout, **kwargs)


class GlobalMaxPool3D(_Pooling):
    """The greatest value of each whole channel.   [N, C, D, H, W] -> [N, C, 1, 1, 1]. MXNet: `nn.GlobalMaxPool3D`."""

    def __init__(self, layout: str = "NCDHW", **kwargs: Any) -> None:
        super().__init__((1, 1, 1), None, 0, True, True, "max", layout, **kwargs)


class GlobalAvgPool1D(_Pooling):
    """The mean of each whole channel.   [N, C, W] -> [N, C, 1]. MXNet: `nn.GlobalAvgPool1D`."""

    def __init__(self, layout: str = "NCW", **kwargs: Any) -> None:
        super().__init__((1,), None, 0, True, True, "avg", layout, **kwargs)


class GlobalAvgPool2D(_Pooling):
    """The mean of each whole channel.   [N, C, H, W] -> [N, C, 1, 1]. MXNet: `nn.GlobalAvgPool2D`."""

    def __init__(self, layout: str = "NCHW", **kwargs: Any) -> None:
        super().__init__((1, 1), None, 0, True, True, "avg", layout, **kwargs)


class GlobalAvgPool3D(_Pooling):
    """The mean of each whole channel.   [N, C, D, H, W] -> [N, C, 1, 1, 1]. MXNet: `nn.GlobalAvgPool3D`."""

    def __init__(self, layout: str = "NCDHW", **kwargs: Any) -> None:
        super().__init__((1, 1, 1), None, 0, True, True, "avg", layout, **kwargs)
