"""Residual networks, versions 1 and 2: stages of blocks, each stage at half the size of the one before.

Knows how blocks (resnet_blocks.py) make a network, and the sizes that have names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import nn
from ...errors import Incompatible
from ...hybrid import HybridBlock
from ..model_store import with_parameters
from .classifier import Classifier
from .resnet_blocks import BasicBlockV1, BasicBlockV2, BottleneckV1, BottleneckV2, conv3x3

__all__ = [
    "BasicBlockV1", "BasicBlockV2", "BottleneckV1", "BottleneckV2", "ResNetV1", "ResNetV2", "get_resnet",
    "resnet18_v1", "resnet18_v2", "resnet34_v1", "resnet34_v2", "resnet50_v1", "resnet50_v2",
    "resnet101_v1", "resnet101_v2", "resnet152_v1", "resnet152_v2",
]  # fmt: skip


class _ResNet(Classifier):
    """What both versions share: the first layers, and the stages."""

    def _check(self, layers: Sequence[int], channels: Sequence[int]) -> None:
        if len(layers) != len(channels) - 1:
            raise Incompatible(
                f"{type(self).__name__}: {len(layers)} stages of layers want {len(layers) + 1} numbers of channels, "
                f"got {len(channels)}"
            )

    def _add_first(self, channels: int, thumbnail: bool) -> None:
        if thumbnail:
            self.features.add(conv3x3(channels, 1, 0))
        else:
            self.features.add(
                nn.Conv2D(channels, 7, 2, 3, use_bias=False),
                nn.BatchNorm(),
                nn.Activation("relu"),
                nn.MaxPool2D(3, 2, 1),
            )

    def _add_stages(self, block: type[HybridBlock], layers: Sequence[int], channels: Sequence[int]) -> None:
        for number, blocks in enumerate(layers, 1):
            before, after = channels[number - 1], channels[number]
            stage = nn.HybridSequential(prefix=f"stage{number}_")
            with stage.name_scope():
                stride = 1 if number == 1 else 2
                stage.add(block(after, stride, after != before, in_channels=before, prefix=""))  # pyright: ignore
                for _ in range(blocks - 1):
                    stage.add(block(after, 1, False, in_channels=after, prefix=""))  # pyright: ignore
            self.features.add(stage)


class ResNetV1(_ResNet):
    """A residual network, version 1.   [N, 3, H, W] -> [N, classes]. MXNet: `vision.ResNetV1`.

    block: BasicBlockV1 or BottleneckV1; layers: how many blocks each stage has; channels: of the first convolution and
    of each stage; thumbnail: the first convolution keeps the size, for images of 32 x 32. Raises AssertionError where
    the lengths do not fit.

    >>> from mxl.core import nd
    >>> net = ResNetV1(BasicBlockV1, [1], [2, 4], classes=10, thumbnail=True)
    >>> net.initialize()
    >>> net(nd.ones((1, 3, 8, 8))).shape
    (1, 10)
    """

    def __init__(
        self, block: type[HybridBlock], layers: Sequence[int], channels: Sequence[int], classes: int = 1000,
        thumbnail: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._check(layers, channels)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self._add_first(channels[0], thumbnail)
            self._add_stages(block, layers, channels)
            self.features.add(nn.GlobalAvgPool2D())
            self.output = nn.Dense(classes, in_units=channels[-1])


class ResNetV2(_ResNet):
    """A residual network, version 2.   [N, 3, H, W] -> [N, classes]. MXNet: `vision.ResNetV2`.

    block: BasicBlockV2 or BottleneckV2; else as `ResNetV1`.
    """

    def __init__(
        self, block: type[HybridBlock], layers: Sequence[int], channels: Sequence[int], classes: int = 1000,
        thumbnail: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._check(layers, channels)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(nn.BatchNorm(scale=False, center=False))
            self._add_first(channels[0], thumbnail)
            self._add_stages(block, layers, channels)
            self.features.add(nn.BatchNorm(), nn.Activation("relu"), nn.GlobalAvgPool2D(), nn.Flatten())
            self.output = nn.Dense(classes, in_units=channels[-1])


# layers -> kind of block, blocks of each stage, channels
resnet_spec = {
    18: ("basic_block", [2, 2, 2, 2], [64, 64, 128, 256, 512]),
    34: ("basic_block", [3, 4, 6, 3], [64, 64, 128, 256, 512]),
    50: ("bottle_neck", [3, 4, 6, 3], [64, 256, 512, 1024, 2048]),
    101: ("bottle_neck", [3, 4, 23, 3], [64, 256, 512, 1024, 2048]),
    152: ("bottle_neck", [3, 8, 36, 3], [64, 256, 512, 1024, 2048]),
}
resnet_net_versions: list[type[ResNetV1] | type[ResNetV2]] = [ResNetV1, ResNetV2]
resnet_block_versions: list[dict[str, type[HybridBlock]]] = [
    {"basic_block": BasicBlockV1, "bottle_neck": BottleneckV1},
    {"basic_block": BasicBlockV2, "bottle_neck": BottleneckV2},
]


def get_resnet(
    version: int, num_layers: int, pretrained: bool = False, ctx: Any = None, root: str | None = None, **kwargs: Any
) -> ResNetV1 | ResNetV2:
    """The ResNet of `num_layers` (18, 34, 50, 101, 152) and `version` (1, 2). Raises AssertionError for others."""
    if num_layers not in resnet_spec:
        raise Incompatible(f"resnet: num_layers is {num_layers!r}; expected one of {', '.join(map(str, resnet_spec))}")
    if version not in (1, 2):
        raise Incompatible(f"resnet: version is {version!r}; expected 1 or 2")
    kind, layers, channels = resnet_spec[num_layers]
    net = resnet_net_versions[version - 1](resnet_block_versions[version - 1][kind], layers, channels, **kwargs)
    return with_parameters(net, f"resnet{num_layers}_v{version}", pretrained, ctx, root)


def resnet18_v1(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 18 layers, version 1; see `get_resnet`."""
    return get_resnet(1, 18, **kwargs)


def resnet34_v1(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 34 layers, version 1; see `get_resnet`."""
    return get_resnet(1, 34, **kwargs)


def resnet50_v1(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 50 layers, version 1; see `get_resnet`."""
    return get_resnet(1, 50, **kwargs)


def resnet101_v1(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 101 layers, version 1; see `get_resnet`."""
    return get_resnet(1, 101, **kwargs)


def resnet152_v1(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 152 layers, version 1; see `get_resnet`."""
    return get_resnet(1, 152, **kwargs)


def resnet18_v2(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 18 layers, version 2; see `get_resnet`."""
    return get_resnet(2, 18, **kwargs)


def resnet34_v2(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 34 layers, version 2; see `get_resnet`."""
    return get_resnet(2, 34, **kwargs)


def resnet50_v2(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 50 layers, version 2; see `get_resnet`."""
    return get_resnet(2, 50, **kwargs)


def resnet101_v2(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 101 layers, version 2; see `get_resnet`."""
    return get_resnet(2, 101, **kwargs)


def resnet152_v2(**kwargs: Any) -> ResNetV1 | ResNetV2:
    """ResNet of 152 layers, version 2; see `get_resnet`."""
    return get_resnet(2, 152, **kwargs)
