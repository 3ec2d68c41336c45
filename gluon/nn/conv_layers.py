"""Convolutions in one, two and three dimensions.

Knows weights' shapes; the operator `Convolution` computes. Invariant: the weight is [O, C / groups, *kernel], with
channels before space (NCW, NCHW, NCDHW).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.ndarray import NDArray
from ..errors import Incompatible
from ..hybrid import HybridBlock
from ..parameter import Init
from .activations import Activation

Sizes = int | Sequence[int]


def as_sizes(what: str, given: Sizes, dimensions: int) -> tuple[int, ...]:
    """One number for each dimension. Raises AssertionError when their number is wrong."""
    if isinstance(given, int):
        return (given,) * dimensions
    sizes = tuple(given)
    if len(sizes) != dimensions:
        raise Incompatible(f"{what} must be a number or a list of {dimensions} ints, got {given!r}")
    return sizes


class ConvBase(HybridBlock):
    """What the convolutions and the transposed convolutions (conv_transpose_layers.py) of all dimensions share."""

    _operator = "Convolution"

    def __init__(
        self,
        channels: int,
        kernel_size: tuple[int, ...],
        strides: Sizes,
        padding: Sizes,
        dilation: Sizes,
        groups: int,
        layout: str,
        in_channels: int,
        activation: str | None,
        use_bias: bool,
        weight_initializer: Init,
        bias_initializer: Init,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        dimensions = len(kernel_size)
        self._channels = channels
        self._in_channels = in_channels
        self._groups = groups
        self._kwargs = {
            "kernel": kernel_size,
            "stride": as_sizes("strides", strides, dimensions),
            "pad": as_sizes("padding", padding, dimensions),
            "dilate": as_sizes("dilation", dilation, dimensions),
            "num_filter": channels,
            "num_group": groups,
            "no_bias": not use_bias,
            "layout": layout,
        }
        with self.name_scope():
            self.weight = self.params.get(
                "weight",
                shape=self._weight_shape(in_channels),
                init=weight_initializer,
                allow_deferred_init=True,
            )
            self.bias = (
                self.params.get("bias", shape=(channels,), init=bias_initializer, allow_deferred_init=True)
                if use_bias
                else None
            )
            self.act = None if activation is None else Activation(activation, prefix=activation + "_")

    def _alias(self) -> str:
        return "conv"

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        kernel = self._kwargs["kernel"]
        if len(x.shape) != len(kernel) + 2:
            raise Incompatible(
                f"{self.name}: expected an input of {len(kernel) + 2} axes ({self._kwargs['layout']}), got shape "
                f"{x.shape}"
            )
        self.weight.shape = self._weight_shape(x.shape[1])

    def _weight_shape(self, in_channels: int) -> tuple[int, ...]:
        """[O, C / groups, *kernel]; 0 where C is not known yet."""
        return (self._channels, in_channels // self._groups, *self._kwargs["kernel"])

    def hybrid_forward(self, F: Any, x: Any, weight: Any, bias: Any = None) -> Any:
        out = getattr(F, self._operator)(x, weight, bias, name="fwd", **self._kwargs)
        return out if self.act is None else self.act(out)

    def __repr__(self) -> str:
        options = self._kwargs
        to, come, *_ = self.weight.shape or (self._channels, 0)
        dimensions = len(options["kernel"])
        parts = [
            f"{come or None} -> {to}",
            f"kernel_size={options['kernel']}",
            f"stride={options['stride']}",
        ]
        if options["pad"] != (0,) * dimensions:
            parts.append(f"padding={options['pad']}")
        if options["dilate"] != (1,) * dimensions:
            parts.append(f"dilation={options['dilate']}")
        if self._groups != 1:
            parts.append(f"groups={self._groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.act is not None:
            parts.append(str(self.act))
        return f"{type(self).__name__}({', '.join(parts)})"


def require_layout(name: str, layout: str, known: str) -> None:
    if layout != known:
        raise Incompatible(f"{name}: only layout '{known}' is supported, got {layout!r}")


class Conv1D(ConvBase):
    """A convolution over sequences.   [N, C, W] -> [N, channels, W']. MXNet: `nn.Conv1D`."""

    def __init__(
        self,
        channels: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        layout: str = "NCW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Init = None,
        bias_initializer: Init = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        require_layout("Conv1D", layout, "NCW")
        super().__init__(
            channels, as_sizes("kernel_size", kernel_size, 1), strides, padding, dilation, groups, layout, in_channels,
            activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip


class Conv2D(ConvBase):
    """A convolution over images.   [N, C, H, W] -> [N, channels, H', W']

    `in_channels=0` leaves C to the first forward. H' = (H + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1.
    MXNet: `nn.Conv2D`.

    >>> from mxl.core import nd
    >>> layer = Conv2D(6, kernel_size=3, activation="relu")
    >>> layer.initialize()
    >>> layer(nd.ones((2, 1, 8, 8))).shape
    (2, 6, 6, 6)
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Sizes,
        strides: Sizes = (1, 1),
        padding: Sizes = (0, 0),
        dilation: Sizes = (1, 1),
        groups: int = 1,
        layout: str = "NCHW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Init = None,
        bias_initializer: Init = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        require_layout("Conv2D", layout, "NCHW")
        super().__init__(
            channels, as_sizes("kernel_size", kernel_size, 2), strides, padding, dilation, groups, layout, in_channels,
            activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip


class Conv3D(ConvBase):
    """A convolution over volumes.   [N, C, D, H, W] -> [N, channels, D', H', W']. MXNet: `nn.Conv3D`."""

    def __init__(
        self,
        channels: int,
        kernel_size: Sizes,
        strides: Sizes = (1, 1, 1),
        padding: Sizes = (0, 0, 0),
        dilation: Sizes = (1, 1, 1),
        groups: int = 1,
        layout: str = "NCDHW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Init = None,
        bias_initializer: Init = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        require_layout("Conv3D", layout, "NCDHW")
        super().__init__(
            channels, as_sizes("kernel_size", kernel_size, 3), strides, padding, dilation, groups, layout, in_channels,
            activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip


class ReflectionPad2D(HybridBlock):
    """Pads images with their own mirror image.   [N, C, H, W] -> [N, C, H + 2 * padding, W + 2 * padding]

    `padding` may be all eight numbers, before and after each axis. MXNet: `nn.ReflectionPad2D`.
    """

    def __init__(self, padding: int | Sequence[int] = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._padding = (0, 0, 0, 0, *(padding,) * 4) if isinstance(padding, int) else as_sizes("padding", padding, 8)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.pad(x, mode="reflect", pad_width=self._padding)
