"""AlexNet: five convolutions and three fully connected layers (Krizhevsky 2014, arXiv 1404.5997)."""

from __future__ import annotations

from typing import Any

from ... import nn
from ..model_store import with_parameters
from .classifier import Classifier

__all__ = ["AlexNet", "alexnet"]


class AlexNet(Classifier):
    """AlexNet, for images of 224 x 224.   [N, 3, 224, 224] -> [N, classes]. MXNet: `vision.AlexNet`."""

    def __init__(self, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            with self.features.name_scope():
                self.features.add(
                    nn.Conv2D(64, kernel_size=11, strides=4, padding=2, activation="relu"),
                    nn.MaxPool2D(pool_size=3, strides=2),
                    nn.Conv2D(192, kernel_size=5, padding=2, activation="relu"),
                    nn.MaxPool2D(pool_size=3, strides=2),
                    nn.Conv2D(384, kernel_size=3, padding=1, activation="relu"),
                    nn.Conv2D(256, kernel_size=3, padding=1, activation="relu"),
                    nn.Conv2D(256, kernel_size=3, padding=1, activation="relu"),
                    nn.MaxPool2D(pool_size=3, strides=2),
                    nn.Flatten(),
                    nn.Dense(4096, activation="relu"),
                    nn.Dropout(0.5),
                    nn.Dense(4096, activation="relu"),
                    nn.Dropout(0.5),
                )
            self.output = nn.Dense(classes)


def alexnet(pretrained: bool = False, ctx: Any = None, root: str | None = None, **kwargs: Any) -> AlexNet:
    """AlexNet; `pretrained` reads `alexnet.params`, or MXNet's file, in `root`."""
    return with_parameters(AlexNet(**kwargs), "alexnet", pretrained, ctx, root)
