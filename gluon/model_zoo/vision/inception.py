"""Inception v3: stages of several convolutions side by side (Szegedy and others 2015, arXiv 1512.00567).

A stage is a table: a row for each branch, and in it an entry (channels, kernel, stride, padding) for each convolution.
"""

from __future__ import annotations

from typing import Any

from ... import nn
from ...contrib.nn import HybridConcurrent
from ...hybrid import HybridBlock
from ..model_store import with_parameters
from .classifier import Classifier

__all__ = ["Inception3", "inception_v3"]

Sizes = int | tuple[int, int]
Convolution = tuple[int, Sizes, int, Sizes]


def _convolution(channels: int, kernel: Sizes, stride: int = 1, padding: Sizes = 0) -> nn.HybridSequential:
    layers = nn.HybridSequential(prefix="")
    layers.add(
        nn.Conv2D(channels, kernel, stride, padding, use_bias=False), nn.BatchNorm(epsilon=0.001), nn.Activation("relu")
    )
    return layers


def _branch(*convolutions: Convolution, pool: HybridBlock | None = None) -> nn.HybridSequential:
    branch = nn.HybridSequential(prefix="")
    if pool is not None:
        branch.add(pool)
    branch.add(*[_convolution(*one) for one in convolutions])
    return branch


def _mean() -> HybridBlock:
    return nn.AvgPool2D(pool_size=3, strides=1, padding=1)


def _halving() -> HybridBlock:
    return nn.MaxPool2D(pool_size=3, strides=2)


def _stage_a(pool_features: int, prefix: str) -> HybridConcurrent:
    stage = HybridConcurrent(axis=1, prefix=prefix)
    with stage.name_scope():
        stage.add(_branch((64, 1, 1, 0)))
        stage.add(_branch((48, 1, 1, 0), (64, 5, 1, 2)))
        stage.add(_branch((64, 1, 1, 0), (96, 3, 1, 1), (96, 3, 1, 1)))
        stage.add(_branch((pool_features, 1, 1, 0), pool=_mean()))
    return stage


def _stage_b(prefix: str) -> HybridConcurrent:
    stage = HybridConcurrent(axis=1, prefix=prefix)
    with stage.name_scope():
        stage.add(_branch((384, 3, 2, 0)))
        stage.add(_branch((64, 1, 1, 0), (96, 3, 1, 1), (96, 3, 2, 0)))
        stage.add(_branch(pool=_halving()))
    return stage


def _stage_c(narrow: int, prefix: str) -> HybridConcurrent:
    along: Convolution = (narrow, (1, 7), 1, (0, 3))
    down: Convolution = (narrow, (7, 1), 1, (3, 0))
    stage = HybridConcurrent(axis=1, prefix=prefix)
    with stage.name_scope():
        stage.add(_branch((192, 1, 1, 0)))
        stage.add(_branch((narrow, 1, 1, 0), along, (192, (7, 1), 1, (3, 0))))
        stage.add(_branch((narrow, 1, 1, 0), down, along, down, (192, (1, 7), 1, (0, 3))))
        stage.add(_branch((192, 1, 1, 0), pool=_mean()))
    return stage


def _stage_d(prefix: str) -> HybridConcurrent:
    stage = HybridConcurrent(axis=1, prefix=prefix)
    with stage.name_scope():
        stage.add(_branch((192, 1, 1, 0), (320, 3, 2, 0)))
        stage.add(_branch((192, 1, 1, 0), (192, (1, 7), 1, (0, 3)), (192, (7, 1), 1, (3, 0)), (192, 3, 2, 0)))
        stage.add(_branch(pool=_halving()))
    return stage


def _forked(*convolutions: Convolution) -> nn.HybridSequential:
    """Convolutions, then one along and one down beside each other."""
    branch = nn.HybridSequential(prefix="")
    branch.add(_branch(*convolutions))
    fork = HybridConcurrent(axis=1, prefix="")
    fork.add(_branch((384, (1, 3), 1, (0, 1))), _branch((384, (3, 1), 1, (1, 0))))
    branch.add(fork)
    return branch


def _stage_e(prefix: str) -> HybridConcurrent:
    stage = HybridConcurrent(axis=1, prefix=prefix)
    with stage.name_scope():
        stage.add(_branch((320, 1, 1, 0)))
        stage.add(_forked((384, 1, 1, 0)))
        stage.add(_forked((448, 1, 1, 0), (384, 3, 1, 1)))
        stage.add(_branch((192, 1, 1, 0), pool=_mean()))
    return stage


def make_aux(classes: int) -> nn.HybridSequential:
    """The second classifier that the paper trains from a middle stage.   [N, C, 17, 17] -> [N, classes]"""
    aux = nn.HybridSequential(prefix="")
    aux.add(
        nn.AvgPool2D(pool_size=5, strides=3),
        _convolution(128, 1),
        _convolution(768, 5),
        nn.Flatten(),
        nn.Dense(classes),
    )
    return aux


class Inception3(Classifier):
    """Inception v3, for images of 299 x 299.   [N, 3, 299, 299] -> [N, classes]. MXNet: `vision.Inception3`."""

    def __init__(self, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(
                _convolution(32, 3, 2),
                _convolution(32, 3),
                _convolution(64, 3, 1, 1),
                nn.MaxPool2D(pool_size=3, strides=2),
                _convolution(80, 1),
                _convolution(192, 3),
                nn.MaxPool2D(pool_size=3, strides=2),
                _stage_a(32, "A1_"),
                _stage_a(64, "A2_"),
                _stage_a(64, "A3_"),
                _stage_b("B_"),
                _stage_c(128, "C1_"),
                _stage_c(160, "C2_"),
                _stage_c(160, "C3_"),
                _stage_c(192, "C4_"),
                _stage_d("D_"),
                _stage_e("E1_"),
                _stage_e("E2_"),
                nn.AvgPool2D(pool_size=8),
                nn.Dropout(0.5),
            )
            self.output = nn.Dense(classes)


def inception_v3(pretrained: bool = False, ctx: Any = None, root: str | None = None, **kwargs: Any) -> Inception3:
    """Inception v3; `pretrained` reads `inceptionv3.params`, or MXNet's file, in `root`."""
    return with_parameters(Inception3(**kwargs), "inceptionv3", pretrained, ctx, root)
