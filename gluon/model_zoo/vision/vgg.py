"""VGG: stages of convolutions of 3 x 3, then three dense layers (Simonyan, Zisserman 2014, arXiv 1409.1556)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....core.errors import UnknownName
from ....core.initializer import Xavier
from ... import nn
from ...errors import Incompatible
from ..model_store import with_parameters
from .classifier import Classifier

__all__ = ["VGG", "get_vgg", "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"]

# layers -> convolutions of each stage, channels of each stage
vgg_spec = {
    11: ([1, 1, 2, 2, 2], [64, 128, 256, 512, 512]),
    13: ([2, 2, 2, 2, 2], [64, 128, 256, 512, 512]),
    16: ([2, 2, 3, 3, 3], [64, 128, 256, 512, 512]),
    19: ([2, 2, 4, 4, 4], [64, 128, 256, 512, 512]),
}


def _convolution(channels: int) -> nn.Conv2D:
    init = Xavier(rnd_type="gaussian", factor_type="out", magnitude=2)
    return nn.Conv2D(channels, kernel_size=3, padding=1, weight_initializer=init, bias_initializer="zeros")


def _dense(units: int, activation: str | None = None) -> nn.Dense:
    return nn.Dense(units, activation=activation, weight_initializer="normal", bias_initializer="zeros")


class VGG(Classifier):
    """VGG, for images of 224 x 224.   [N, 3, H, W] -> [N, classes]. MXNet: `vision.VGG`.

    layers: how many convolutions each stage has; filters: how many channels; batch_norm: normalises after each
    convolution. Raises AssertionError where the lengths differ.
    """

    def __init__(
        self, layers: Sequence[int], filters: Sequence[int], classes: int = 1000, batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        if len(layers) != len(filters):
            raise Incompatible(f"VGG: {len(layers)} stages of layers, but {len(filters)} numbers of filters")
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            for convolutions, channels in zip(layers, filters, strict=True):
                for _ in range(convolutions):
                    self.features.add(_convolution(channels))
                    if batch_norm:
                        self.features.add(nn.BatchNorm())
                    self.features.add(nn.Activation("relu"))
                self.features.add(nn.MaxPool2D(strides=2))
            for _ in range(2):
                self.features.add(_dense(4096, "relu"), nn.Dropout(rate=0.5))
            self.output = _dense(classes)


def get_vgg(num_layers: int, pretrained: bool = False, ctx: Any = None, root: str | None = None, **kwargs: Any) -> VGG:
    """VGG of 11, 13, 16 or 19 layers; `batch_norm=True` for the normalised ones. Raises KeyError for other numbers."""
    if num_layers not in vgg_spec:
        raise UnknownName(f"vgg: num_layers is {num_layers!r}; expected one of {', '.join(map(str, vgg_spec))}")
    name = f"vgg{num_layers}{'_bn' if kwargs.get('batch_norm') else ''}"
    return with_parameters(VGG(*vgg_spec[num_layers], **kwargs), name, pretrained, ctx, root)


def vgg11(**kwargs: Any) -> VGG:
    """VGG of 11 layers; see `get_vgg`."""
    return get_vgg(11, **kwargs)


def vgg11_bn(**kwargs: Any) -> VGG:
    """VGG of 11 layers, normalised; see `get_vgg`."""
    return get_vgg(11, **{**kwargs, "batch_norm": True})


def vgg13(**kwargs: Any) -> VGG:
    """VGG of 13 layers; see `get_vgg`."""
    return get_vgg(13, **kwargs)


def vgg13_bn(**kwargs: Any) -> VGG:
    """VGG of 13 layers, normalised; see `get_vgg`."""
    return get_vgg(13, **{**kwargs, "batch_norm": True})


def vgg16(**kwargs: Any) -> VGG:
    """VGG of 16 layers; see `get_vgg`."""
    return get_vgg(16, **kwargs)


def vgg16_bn(**kwargs: Any) -> VGG:
    """VGG of 16 layers, normalised; see `get_vgg`."""
    return get_vgg(16, **{**kwargs, "batch_norm": True})


def vgg19(**kwargs: Any) -> VGG:
    """VGG of 19 layers; see `get_vgg`."""
    return get_vgg(19, **kwargs)


def vgg19_bn(**kwargs: Any) -> VGG:
    """VGG of 19 layers, normalised; see `get_vgg`."""
    return get_vgg(19, **{**kwargs, "batch_norm": True})
