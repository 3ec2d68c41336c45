"""Deformable convolutions: each output looks where a second convolution says, beside its own place.

Knows the two convolutions of a layer and how their parameters are called; the sampling is an operator's
(core/ops/spatial).  Images are NCHW, as the operators take them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....core.ndarray import NDArray
from ...errors import Incompatible
from ...hybrid import HybridBlock
from ...nn.activations import Activation
from ...parameter import Init, Parameter

__all__ = ["DeformableConvolution", "ModulatedDeformableConvolution"]

Sizes = int | Sequence[int]


class DeformableConvolution(HybridBlock):
    """A convolution of images whose kernel's points move, each by an offset that is learnt.

    [N, C, H, W] -> [N, channels, H', W']. The offsets come from a convolution of the same shape, with
    `offset_weight_initializer` zero at first: an ordinary convolution to begin with. Raises AssertionError for another
    layout or operator. MXNet: `gluon.contrib.cnn.DeformableConvolution`; Dai et al. 2017.
    """

    offset_weight: Parameter
    offset_bias: Parameter | None
    deformable_conv_weight: Parameter
    deformable_conv_bias: Parameter | None
    _kind = "deformable_conv"
    _operator = "DeformableConvolution"
    _values = 2  # for each point of the kernel: two offsets

    def __init__(
        self,
        channels: int,
        kernel_size: Sizes = (1, 1),
        strides: Sizes = (1, 1),
        padding: Sizes = (0, 0),
        dilation: Sizes = (1, 1),
        groups: int = 1,
        num_deformable_group: int = 1,
        layout: str = "NCHW",
        use_bias: bool = True,
        in_channels: int = 0,
        activation: str | None = None,
        weight_initializer: Init = None,
        bias_initializer: Init = "zeros",
        offset_weight_initializer: Init = "zeros",
        offset_bias_initializer: Init = "zeros",
        offset_use_bias: bool = True,
        op_name: str | None = None,
        adj: Any = None,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        if layout != "NCHW":
            raise Incompatible(f"{type(self).__name__}: layout is {layout!r}: the operators take 'NCHW'")
        if op_name not in (None, self._operator) or adj is not None:
            raise Incompatible(f"{type(self).__name__}: op_name and adj are MXNet's own; leave them out")
        kernel = _two(kernel_size)
        points = num_deformable_group * kernel[0] * kernel[1]
        self._channels = channels
        self._groups = groups
        self.offset_split_index = 2 * points
        shared = {
            "kernel": kernel, "stride": _two(strides), "dilate": _two(dilation), "pad": _two(padding),
            "num_group": groups, "layout": layout,
        }  # fmt: skip
        self._offsets = {**shared, "num_filter": self._values * points, "no_bias": not offset_use_bias}
        self._kwargs = {
            **shared, "num_filter": channels, "no_bias": not use_bias, "num_deformable_group": num_deformable_group,
        }  # fmt: skip
        self._make_parameters(
            in_channels, (weight_initializer, bias_initializer), (offset_weight_initializer, offset_bias_initializer)
        )
        with self.name_scope():
            self.act = Activation(activation, prefix=f"{activation}_") if activation else None

    def _make_parameters(self, in_channels: int, inits: tuple[Init, Init], offset_inits: tuple[Init, Init]) -> None:
        """Both convolutions' parameters, those of the offsets first; MXNet leaves the weight's channels open."""
        self._make("offset", self._offsets, in_channels // self._groups, offset_inits)
        self._make("deformable_conv", self._kwargs, 0, inits)

    def _make(self, kind: str, options: dict[str, Any], inside: int, inits: tuple[Init, Init]) -> None:
        count, get = options["num_filter"], self.params.get
        weight = get(f"{kind}_weight", shape=(count, inside, *options["kernel"]), init=inits[0],
                     allow_deferred_init=True)  # fmt: skip
        setattr(self, f"{kind}_weight", weight)
        bias = None if options["no_bias"] else get(f"{kind}_bias", shape=(count,), init=inits[1],
                                                   allow_deferred_init=True)  # fmt: skip
        setattr(self, f"{kind}_bias", bias)

    def _alias(self) -> str:
        return self._kind

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        inside = x.shape[1] // self._groups
        kernel = self._kwargs["kernel"]
        self.offset_weight.shape = (self._offsets["num_filter"], inside, *kernel)
        self.deformable_conv_weight.shape = (self._channels, inside, *kernel)

    def hybrid_forward(
        self, F: Any, x: Any, offset_weight: Any, deformable_conv_weight: Any, offset_bias: Any = None,
        deformable_conv_bias: Any = None,
    ) -> Any:  # fmt: skip
        offset = F.Convolution(x, offset_weight, offset_bias, **self._offsets)
        out = self._sampled(F, x, offset, deformable_conv_weight, deformable_conv_bias)
        return out if self.act is None else self.act(out)

    def _sampled(self, F: Any, x: Any, offset: Any, weight: Any, bias: Any) -> Any:
        return F.contrib.DeformableConvolution(x, offset, weight, bias, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        options = self._kwargs
        to, come, *_ = self.deformable_conv_weight.shape or (self._channels, 0)
        parts = [f"{come or None} -> {to}", f"kernel_size={options['kernel']}", f"stride={options['stride']}"]
        if options["pad"] != (0, 0):
            parts.append(f"padding={options['pad']}")
        if options["dilate"] != (1, 1):
            parts.append(f"dilation={options['dilate']}")
        if self._groups != 1:
            parts.append(f"groups={self._groups}")
        if self.deformable_conv_bias is None:
            parts.append("bias=False")
        if self.act is not None:
            parts.append(str(self.act))
        return f"{type(self).__name__}({', '.join(parts)})"


class ModulatedDeformableConvolution(DeformableConvolution):
    """As DeformableConvolution; each point of the kernel has a weight, too, of 0 to 2, that is learnt.

    MXNet: `gluon.contrib.cnn.ModulatedDeformableConvolution`; Zhu et al. 2019.
    """

    _kind = "modulated_deformable_conv"
    _operator = "ModulatedDeformableConvolution"
    _values = 3

    def _make_parameters(self, in_channels: int, inits: tuple[Init, Init], offset_inits: tuple[Init, Init]) -> None:
        self._make("deformable_conv", self._kwargs, 0, inits)
        self._make("offset", self._offsets, in_channels // self._groups, offset_inits)

    def _sampled(self, F: Any, x: Any, offset: Any, weight: Any, bias: Any) -> Any:
        places = F.slice_axis(offset, axis=1, begin=0, end=self.offset_split_index)
        mask = F.sigmoid(F.slice_axis(offset, axis=1, begin=self.offset_split_index, end=None)) * 2
        return F.contrib.ModulatedDeformableConvolution(x, places, mask, weight, bias, name="fwd", **self._kwargs)


def _two(sizes: Sizes) -> tuple[int, ...]:
    return (sizes,) * 2 if isinstance(sizes, int) else tuple(sizes)
