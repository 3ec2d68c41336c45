"""DenseNet-BC: each layer is fed with the outputs of all before it (Huang and others 2016, arXiv 1608.06993)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....core.errors import UnknownName
from ... import nn
from ...contrib.nn import HybridConcurrent, Identity
from ..model_store import with_parameters
from .classifier import Classifier

__all__ = ["DenseNet", "densenet121", "densenet161", "densenet169", "densenet201"]

# layers -> channels of the first convolution, channels that a layer adds, layers of each stage
densenet_spec = {
    121: (64, 32, [6, 12, 24, 16]),
    161: (96, 48, [6, 12, 36, 24]),
    169: (64, 32, [6, 12, 32, 32]),
    201: (64, 32, [6, 12, 48, 32]),
}


def _layer(growth_rate: int, bn_size: int, dropout: float) -> HybridConcurrent:
    """Its input, and `growth_rate` channels more."""
    new = nn.HybridSequential(prefix="")
    new.add(
        nn.BatchNorm(),
        nn.Activation("relu"),
        nn.Conv2D(bn_size * growth_rate, kernel_size=1, use_bias=False),
        nn.BatchNorm(),
        nn.Activation("relu"),
        nn.Conv2D(growth_rate, kernel_size=3, padding=1, use_bias=False),
    )
    if dropout:
        new.add(nn.Dropout(dropout))
    layer = HybridConcurrent(axis=1, prefix="")
    layer.add(Identity(), new)
    return layer


def _stage(number: int, layers: int, growth_rate: int, bn_size: int, dropout: float) -> nn.HybridSequential:
    stage = nn.HybridSequential(prefix=f"stage{number}_")
    with stage.name_scope():
        for _ in range(layers):
            stage.add(_layer(growth_rate, bn_size, dropout))
    return stage


def _transition(channels: int) -> nn.HybridSequential:
    """Between two stages: fewer channels, half the size."""
    transition = nn.HybridSequential(prefix="")
    transition.add(
        nn.BatchNorm(),
        nn.Activation("relu"),
        nn.Conv2D(channels, kernel_size=1, use_bias=False),
        nn.AvgPool2D(pool_size=2, strides=2),
    )
    return transition


class DenseNet(Classifier):
    """DenseNet-BC, for images of 224 x 224.   [N, 3, 224, 224] -> [N, classes]. MXNet: `vision.DenseNet`.

    num_init_features: channels of the first convolution; growth_rate: channels that each layer adds; block_config: how
    many layers each stage has; bn_size: how many times `growth_rate` channels a layer is narrowed to.
    """

    def __init__(
        self, num_init_features: int, growth_rate: int, block_config: Sequence[int], bn_size: int = 4,
        dropout: float = 0, classes: int = 1000, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(
                nn.Conv2D(num_init_features, kernel_size=7, strides=2, padding=3, use_bias=False),
                nn.BatchNorm(),
                nn.Activation("relu"),
                nn.MaxPool2D(pool_size=3, strides=2, padding=1),
            )
            channels = num_init_features
            for number, layers in enumerate(block_config, 1):
                self.features.add(_stage(number, layers, growth_rate, bn_size, dropout))
                channels += layers * growth_rate
                if number < len(block_config):
                    channels //= 2
                    self.features.add(_transition(channels))
            self.features.add(nn.BatchNorm(), nn.Activation("relu"), nn.AvgPool2D(pool_size=7), nn.Flatten())
            self.output = nn.Dense(classes)


def get_densenet(
    num_layers: int, pretrained: bool = False, ctx: Any = None, root: str | None = None, **kwargs: Any
) -> DenseNet:
    """DenseNet-BC of 121, 161, 169 or 201 layers. Raises KeyError for another number."""
    if num_layers not in densenet_spec:
        known = ", ".join(map(str, densenet_spec))
        raise UnknownName(f"densenet: num_layers is {num_layers!r}; expected one of {known}")
    net = DenseNet(*densenet_spec[num_layers], **kwargs)
    return with_parameters(net, f"densenet{num_layers}", pretrained, ctx, root)


def densenet121(**kwargs: Any) -> DenseNet:
    """DenseNet-BC of 121 layers; see `get_densenet`."""
    return get_densenet(121, **kwargs)


def densenet161(**kwargs: Any) -> DenseNet:
    """DenseNet-BC of 161 layers; see `get_densenet`."""
    return get_densenet(161, **kwargs)


def densenet169(**kwargs: Any) -> DenseNet:
    """DenseNet-BC of 169 layers; see `get_densenet`."""
    return get_densenet(169, **kwargs)


def densenet201(**kwargs: Any) -> DenseNet:
    """DenseNet-BC of 201 layers; see `get_densenet`."""
    return get_densenet(201, **kwargs)
