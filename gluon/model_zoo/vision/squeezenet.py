"""SqueezeNet: narrow convolutions feed wide ones (Iandola and others 2016, arXiv 1602.07360)."""

from __future__ import annotations

from typing import Any

from ... import nn
from ...contrib.nn import HybridConcurrent
from ...errors import Incompatible
from ...hybrid import HybridBlock
from ..model_store import with_parameters
from .classifier import Classifier

__all__ = ["SqueezeNet", "squeezenet1_0", "squeezenet1_1"]

# version -> the first convolution, then the widths of `fire`s, 0 being a pooling
_LAYERS = {
    "1.0": ((96, 7), [0, 16, 16, 32, 0, 32, 48, 48, 64, 0, 64]),
    "1.1": ((64, 3), [0, 16, 16, 0, 32, 32, 0, 48, 48, 64, 64]),
}


def _convolution(channels: int, kernel_size: int, padding: int = 0) -> nn.HybridSequential:
    layers = nn.HybridSequential(prefix="")
    layers.add(nn.Conv2D(channels, kernel_size, padding=padding), nn.Activation("relu"))
    return layers


def _fire(narrow: int) -> nn.HybridSequential:
    """`narrow` channels, then four times as many by 1 x 1 and as many by 3 x 3, side by side."""
    fire = nn.HybridSequential(prefix="")
    fire.add(_convolution(narrow, 1))
    wide = HybridConcurrent(axis=1, prefix="")
    wide.add(_convolution(4 * narrow, 1), _convolution(4 * narrow, 3, 1))
    fire.add(wide)
    return fire


def _pool() -> HybridBlock:
    return nn.MaxPool2D(pool_size=3, strides=2, ceil_mode=True)


class SqueezeNet(Classifier):
    """SqueezeNet of version '1.0' or '1.1', for images of 224 x 224.   [N, 3, 224, 224] -> [N, classes].

    Raises AssertionError for another version. MXNet: `vision.SqueezeNet`.
    """

    def __init__(self, version: str, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if version not in _LAYERS:
            raise Incompatible(f"SqueezeNet: version is {version!r}; expected '1.0' or '1.1'")
        (channels, kernel), widths = _LAYERS[version]
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(nn.Conv2D(channels, kernel_size=kernel, strides=2), nn.Activation("relu"))
            self.features.add(*[_fire(width) if width else _pool() for width in widths])
            self.features.add(nn.Dropout(0.5))
            self.output = nn.HybridSequential(prefix="")
            self.output.add(
                nn.Conv2D(classes, kernel_size=1), nn.Activation("relu"), nn.AvgPool2D(13), nn.Flatten()
            )


def get_squeezenet(
    version: str, pretrained: bool = False, ctx: Any = None, root: str | None = None, **kwargs: Any
) -> SqueezeNet:
    """SqueezeNet of version '1.0' or '1.1'."""
    return with_parameters(SqueezeNet(version, **kwargs), f"squeezenet{version}", pretrained, ctx, root)


def squeezenet1_0(**kwargs: Any) -> SqueezeNet:
    """SqueezeNet 1.0, the paper's; see `get_squeezenet`."""
    return get_squeezenet("1.0", **kwargs)


def squeezenet1_1(**kwargs: Any) -> SqueezeNet:
    """SqueezeNet 1.1, its authors' faster one; see `get_squeezenet`."""
    return get_squeezenet("1.1", **kwargs)
