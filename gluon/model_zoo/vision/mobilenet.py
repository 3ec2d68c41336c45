"""MobileNet: convolutions of each channel alone, then of all channels at a point (Howard and others 2017, arXiv
1704.04861); MobileNetV2: with narrow layers between wide ones, and shortcuts (Sandler and others 2018, 1801.04381)."""

from __future__ import annotations

from typing import Any

from ... import nn
from ...hybrid import HybridBlock
from ..model_store import with_parameters
from .classifier import Classifier

__all__ = [
    "MobileNet", "MobileNetV2", "get_mobilenet", "get_mobilenet_v2", "mobilenet0_5", "mobilenet0_25", "mobilenet0_75",
    "mobilenet1_0", "mobilenet_v2_0_5", "mobilenet_v2_0_25", "mobilenet_v2_0_75", "mobilenet_v2_1_0",
]  # fmt: skip

# channels before and after each pair of convolutions, and the stride: MobileNet
_PAIRS = [(32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), *[(512, 512, 1)] * 5,
          (512, 1024, 2), (1024, 1024, 1)]  # fmt: skip

# channels, how many blocks, stride of the first of them: MobileNetV2
_GROUPS = [(16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)]


class RELU6(HybridBlock):
    """min(max(x, 0), 6). MXNet: `vision.mobilenet.RELU6`."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.clip(x, 0, 6)


def _convolution(
    channels: int, kernel: int = 1, stride: int = 1, pad: int = 0, groups: int = 1, act: HybridBlock | None = None
) -> list[HybridBlock]:
    layers = [nn.Conv2D(channels, kernel, stride, pad, groups=groups, use_bias=False), nn.BatchNorm(scale=True)]
    return layers if act is None else [*layers, act]


class LinearBottleneck(HybridBlock):
    """A layer of MobileNetV2: `t` times as wide, each channel alone, then `channels` without an activation.

    Its input is added where the shapes agree. MXNet: `vision.mobilenet.LinearBottleneck`.
    """

    def __init__(self, in_channels: int, channels: int, t: int, stride: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.use_shortcut = stride == 1 and in_channels == channels
        wide = in_channels * t
        with self.name_scope():
            self.out = nn.HybridSequential()
            self.out.add(
                *_convolution(wide, act=RELU6()),
                *_convolution(wide, 3, stride, 1, groups=wide, act=RELU6()),
                *_convolution(channels),
            )

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        out = self.out(x)
        return out + x if self.use_shortcut else out


class MobileNet(Classifier):
    """MobileNet, for images of 224 x 224.   [N, 3, H, W] -> [N, classes]. MXNet: `vision.MobileNet`.

    multiplier: how many times the paper's channels each layer has.
    """

    def __init__(self, multiplier: float = 1.0, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            with self.features.name_scope():
                self.features.add(*_convolution(int(32 * multiplier), 3, 2, 1, act=nn.Activation("relu")))
                for before, after, stride in _PAIRS:
                    alone = int(before * multiplier)
                    self.features.add(*_convolution(alone, 3, stride, 1, groups=alone, act=nn.Activation("relu")))
                    self.features.add(*_convolution(int(after * multiplier), act=nn.Activation("relu")))
                self.features.add(nn.GlobalAvgPool2D(), nn.Flatten())
            self.output = nn.Dense(classes)


class MobileNetV2(Classifier):
    """MobileNetV2, for images of 224 x 224.   [N, 3, H, W] -> [N, classes]. MXNet: `vision.MobileNetV2`.

    multiplier: how many times the paper's channels each layer has; the last has never fewer than the paper's.
    """

    def __init__(self, multiplier: float = 1.0, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="features_")
            with self.features.name_scope():
                before = int(32 * multiplier)
                self.features.add(*_convolution(before, 3, 2, 1, act=RELU6()))
                for width, blocks, stride in _GROUPS:
                    after = int(width * multiplier)
                    for i in range(blocks):
                        t = 1 if width == 16 else 6
                        self.features.add(LinearBottleneck(before, after, t, stride if i == 0 else 1))
                        before = after
                self.features.add(*_convolution(int(1280 * max(multiplier, 1.0)), act=RELU6()), nn.GlobalAvgPool2D())
            self.output = nn.HybridSequential(prefix="output_")
            with self.output.name_scope():
                self.output.add(nn.Conv2D(classes, 1, use_bias=False, prefix="pred_"), nn.Flatten())


def _version(multiplier: float) -> str:
    """How files call a multiplier: 1.0, 0.75, 0.5, 0.25."""
    text = f"{multiplier:.2f}"
    return text[:-1] if text in ("1.00", "0.50") else text


def get_mobilenet(
    multiplier: float, pretrained: bool = False, ctx: Any = None, root: str | None = None, **kwargs: Any
) -> MobileNet:
    """MobileNet with `multiplier` times the channels."""
    return with_parameters(MobileNet(multiplier, **kwargs), f"mobilenet{_version(multiplier)}", pretrained, ctx, root)


def get_mobilenet_v2(
    multiplier: float, pretrained: bool = False, ctx: Any = None, root: str | None = None, **kwargs: Any
) -> MobileNetV2:
    """MobileNetV2 with `multiplier` times the channels."""
    net = MobileNetV2(multiplier, **kwargs)
    return with_parameters(net, f"mobilenetv2_{_version(multiplier)}", pretrained, ctx, root)


def mobilenet1_0(**kwargs: Any) -> MobileNet:
    """MobileNet with the paper's channels; see `get_mobilenet`."""
    return get_mobilenet(1.0, **kwargs)


def mobilenet0_75(**kwargs: Any) -> MobileNet:
    """MobileNet with 3/4 of the channels; see `get_mobilenet`."""
    return get_mobilenet(0.75, **kwargs)


def mobilenet0_5(**kwargs: Any) -> MobileNet:
    """MobileNet with half the channels; see `get_mobilenet`."""
    return get_mobilenet(0.5, **kwargs)


def mobilenet0_25(**kwargs: Any) -> MobileNet:
    """MobileNet with a quarter of the channels; see `get_mobilenet`."""
    return get_mobilenet(0.25, **kwargs)


def mobilenet_v2_1_0(**kwargs: Any) -> MobileNetV2:
    """MobileNetV2 with the paper's channels; see `get_mobilenet_v2`."""
    return get_mobilenet_v2(1.0, **kwargs)


def mobilenet_v2_0_75(**kwargs: Any) -> MobileNetV2:
    """MobileNetV2 with 3/4 of the channels; see `get_mobilenet_v2`."""
    return get_mobilenet_v2(0.75, **kwargs)


def mobilenet_v2_0_5(**kwargs: Any) -> MobileNetV2:
    """MobileNetV2 with half the channels; see `get_mobilenet_v2`."""
    return get_mobilenet_v2(0.5, **kwargs)


def mobilenet_v2_0_25(**kwargs: Any) -> MobileNetV2:
    """MobileNetV2 with a quarter of the channels; see `get_mobilenet_v2`."""
    return get_mobilenet_v2(0.25, **kwargs)
