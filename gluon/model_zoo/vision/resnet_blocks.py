"""The blocks of residual networks: a few convolutions whose output is added to their input.

Version 1 normalises after each convolution (He and others 2015, arXiv 1512.03385), version 2 before it (2016,
1603.05027). The input is brought to the output's shape by `downsample`, where they differ.
"""

from __future__ import annotations

from typing import Any

from ... import nn
from ...hybrid import HybridBlock


def conv3x3(channels: int, stride: int, in_channels: int) -> nn.Conv2D:
    """A convolution of 3 x 3 that keeps the size, but for the stride."""
    return nn.Conv2D(channels, kernel_size=3, strides=stride, padding=1, use_bias=False, in_channels=in_channels)


def _conv1x1(channels: int, stride: int, in_channels: int = 0) -> nn.Conv2D:
    return nn.Conv2D(channels, kernel_size=1, strides=stride, use_bias=False, in_channels=in_channels)


class _BlockV1(HybridBlock):
    """relu(body(x) + x), or its downsampled x."""

    body: nn.HybridSequential
    downsample: nn.HybridSequential | None

    def _fit_input(self, downsample: bool, channels: int, stride: int, in_channels: int) -> None:
        if downsample:
            self.downsample = nn.HybridSequential(prefix="")
            self.downsample.add(_conv1x1(channels, stride, in_channels), nn.BatchNorm())
        else:
            self.downsample = None

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        around = x if self.downsample is None else self.downsample(x)
        return F.Activation(around + self.body(x), act_type="relu")


class BasicBlockV1(_BlockV1):
    """Two convolutions of 3 x 3, of ResNets of 18 and 34 layers, version 1. MXNet: `vision.BasicBlockV1`."""

    def __init__(
        self, channels: int, stride: int, downsample: bool = False, in_channels: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.body = nn.HybridSequential(prefix="")
        self.body.add(
            conv3x3(channels, stride, in_channels),
            nn.BatchNorm(),
            nn.Activation("relu"),
            conv3x3(channels, 1, channels),
            nn.BatchNorm(),
        )
        self._fit_input(downsample, channels, stride, in_channels)


class BottleneckV1(_BlockV1):
    """A convolution of 3 x 3 of a quarter of the channels, of ResNets from 50 layers. MXNet: `vision.BottleneckV1`."""

    def __init__(
        self, channels: int, stride: int, downsample: bool = False, in_channels: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        narrow = channels // 4
        self.body = nn.HybridSequential(prefix="")
        self.body.add(
            nn.Conv2D(narrow, kernel_size=1, strides=stride),  # these two have a bias, as MXNet's files do
            nn.BatchNorm(),
            nn.Activation("relu"),
            conv3x3(narrow, 1, narrow),
            nn.BatchNorm(),
            nn.Activation("relu"),
            nn.Conv2D(channels, kernel_size=1, strides=1),
            nn.BatchNorm(),
        )
        self._fit_input(downsample, channels, stride, in_channels)


class BasicBlockV2(HybridBlock):
    """Two convolutions of 3 x 3, of ResNets of 18 and 34 layers, version 2. MXNet: `vision.BasicBlockV2`."""

    def __init__(
        self, channels: int, stride: int, downsample: bool = False, in_channels: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.bn1 = nn.BatchNorm()
        self.conv1 = conv3x3(channels, stride, in_channels)
        self.bn2 = nn.BatchNorm()
        self.conv2 = conv3x3(channels, 1, channels)
        self.downsample = _conv1x1(channels, stride, in_channels) if downsample else None

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        active = F.Activation(self.bn1(x), act_type="relu")
        around = x if self.downsample is None else self.downsample(active)
        active = F.Activation(self.bn2(self.conv1(active)), act_type="relu")
        return self.conv2(active) + around


class BottleneckV2(HybridBlock):
    """A convolution of 3 x 3 of a quarter of the channels, of ResNets from 50 layers. MXNet: `vision.BottleneckV2`."""

    def __init__(
        self, channels: int, stride: int, downsample: bool = False, in_channels: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        narrow = channels // 4
        self.bn1 = nn.BatchNorm()
        self.conv1 = _conv1x1(narrow, 1)
        self.bn2 = nn.BatchNorm()
        self.conv2 = conv3x3(narrow, stride, narrow)
        self.bn3 = nn.BatchNorm()
        self.conv3 = _conv1x1(channels, 1)
        self.downsample = _conv1x1(channels, stride, in_channels) if downsample else None

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        active = F.Activation(self.bn1(x), act_type="relu")
        around = x if self.downsample is None else self.downsample(active)
        active = F.Activation(self.bn2(self.conv1(active)), act_type="relu")
        active = F.Activation(self.bn3(self.conv2(active)), act_type="relu")
        return self.conv3(active) + around
