"""Transposed convolutions in one, two and three dimensions: a convolution's step backwards, from few places to many.

Knows weights' shapes; the operator `Deconvolution` computes. Invariant: the weight is [C, O / groups, *kernel], that of
the convolution that leads back.
"""

from __future__ import annotations

from typing import Any

from ..errors import Incompatible
from ..parameter import Init
from .conv_layers import ConvBase, Sizes, as_sizes, require_layout


class _Transpose(ConvBase):
    """What the transposed convolutions of all dimensions share."""

    _operator = "Deconvolution"

    def __init__(
        self,
        channels: int,
        kernel_size: tuple[int, ...],
        strides: Sizes,
        padding: Sizes,
        output_padding: Sizes,
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
        super().__init__(
            channels, kernel_size, strides, padding, dilation, groups, layout, in_channels, activation, use_bias,
            weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip
        self.outpad = as_sizes("output_padding", output_padding, len(kernel_size))
        self._kwargs["adj"] = self.outpad

    def _weight_shape(self, in_channels: int) -> tuple[int, ...]:
        if self._channels % self._groups:
            raise Incompatible(f"{self.name}: {self._channels} channels do not divide into {self._groups} groups")
        return (in_channels, self._channels // self._groups, *self._kwargs["kernel"])


class Conv1DTranspose(_Transpose):
    """A transposed convolution over sequences.   [N, C, W] -> [N, channels, W']. MXNet: `nn.Conv1DTranspose`."""

    def __init__(
        self,
        channels: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
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
        require_layout("Conv1DTranspose", layout, "NCW")
        super().__init__(
            channels, as_sizes("kernel_size", kernel_size, 1), strides, padding, output_padding, dilation, groups,
            layout, in_channels, activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip


class Conv2DTranspose(_Transpose):
    """A transposed convolution over images.   [N, C, H, W] -> [N, channels, H', W']

    H' = strides * (H - 1) + dilation * (kernel - 1) + 1 - 2 * padding + output_padding, which is below strides.
    MXNet: `nn.Conv2DTranspose`.

    >>> from mxl.core import nd
    >>> layer = Conv2DTranspose(3, kernel_size=4, strides=2, padding=1)
    >>> layer.initialize()
    >>> layer(nd.ones((2, 1, 8, 8))).shape
    (2, 3, 16, 16)
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Sizes,
        strides: Sizes = (1, 1),
        padding: Sizes = (0, 0),
        output_padding: Sizes = (0, 0),
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
        require_layout("Conv2DTranspose", layout, "NCHW")
        super().__init__(
            channels, as_sizes("kernel_size", kernel_size, 2), strides, padding, output_padding, dilation, groups,
            layout, in_channels, activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip


class Conv3DTranspose(_Transpose):
    """A transposed convolution over volumes.   [N, C, D, H, W] -> [N, channels, D', H', W']

    MXNet: `nn.Conv3DTranspose`.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: Sizes,
        strides: Sizes = (1, 1, 1),
        padding: Sizes = (0, 0, 0),
        output_padding: Sizes = (0, 0, 0),
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
        require_layout("Conv3DTranspose", layout, "NCDHW")
        super().__init__(
            channels, as_sizes("kernel_size", kernel_size, 3), strides, padding, output_padding, dilation, groups,
            layout, in_channels, activation, use_bias, weight_initializer, bias_initializer, **kwargs,
        )  # fmt: skip
