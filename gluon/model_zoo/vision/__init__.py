"""Networks for images, by name.   [N, 3, H, W] -> [N, classes]. This file gathers names, and finds them.

Their parameters have the names, shapes and places in files that MXNet's have, so that files of either work in both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import BadArgument
from ...hybrid import HybridBlock
from .alexnet import AlexNet, alexnet
from .densenet import DenseNet, densenet121, densenet161, densenet169, densenet201
from .inception import Inception3, inception_v3
from .mobilenet import (
    MobileNet,
    MobileNetV2,
    get_mobilenet,
    get_mobilenet_v2,
    mobilenet0_5,
    mobilenet0_25,
    mobilenet0_75,
    mobilenet1_0,
    mobilenet_v2_0_5,
    mobilenet_v2_0_25,
    mobilenet_v2_0_75,
    mobilenet_v2_1_0,
)
from .resnet import (
    BasicBlockV1,
    BasicBlockV2,
    BottleneckV1,
    BottleneckV2,
    ResNetV1,
    ResNetV2,
    get_resnet,
    resnet18_v1,
    resnet18_v2,
    resnet34_v1,
    resnet34_v2,
    resnet50_v1,
    resnet50_v2,
    resnet101_v1,
    resnet101_v2,
    resnet152_v1,
    resnet152_v2,
)
from .squeezenet import SqueezeNet, squeezenet1_0, squeezenet1_1
from .vgg import VGG, get_vgg, vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn

__all__ = [
    "VGG", "AlexNet", "BasicBlockV1", "BasicBlockV2", "BottleneckV1", "BottleneckV2", "DenseNet", "Inception3",
    "MobileNet", "MobileNetV2", "ResNetV1", "ResNetV2", "SqueezeNet",
    "alexnet", "densenet121", "densenet161", "densenet169", "densenet201",
    "get_mobilenet", "get_mobilenet_v2", "get_model", "get_resnet", "get_vgg", "inception_v3",
    "mobilenet0_5", "mobilenet0_25", "mobilenet0_75", "mobilenet1_0",
    "mobilenet_v2_0_5", "mobilenet_v2_0_25", "mobilenet_v2_0_75", "mobilenet_v2_1_0",
    "resnet18_v1", "resnet18_v2", "resnet34_v1", "resnet34_v2", "resnet50_v1", "resnet50_v2",
    "resnet101_v1", "resnet101_v2", "resnet152_v1", "resnet152_v2",
    "squeezenet1_0", "squeezenet1_1",
    "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
]  # fmt: skip

_MODELS: dict[str, Callable[..., HybridBlock]] = {
    "alexnet": alexnet,
    "densenet121": densenet121, "densenet161": densenet161, "densenet169": densenet169, "densenet201": densenet201,
    "inceptionv3": inception_v3,
    "mobilenet0.25": mobilenet0_25, "mobilenet0.5": mobilenet0_5, "mobilenet0.75": mobilenet0_75,
    "mobilenet1.0": mobilenet1_0,
    "mobilenetv2_0.25": mobilenet_v2_0_25, "mobilenetv2_0.5": mobilenet_v2_0_5, "mobilenetv2_0.75": mobilenet_v2_0_75,
    "mobilenetv2_1.0": mobilenet_v2_1_0,
    "resnet18_v1": resnet18_v1, "resnet34_v1": resnet34_v1, "resnet50_v1": resnet50_v1,
    "resnet101_v1": resnet101_v1, "resnet152_v1": resnet152_v1,
    "resnet18_v2": resnet18_v2, "resnet34_v2": resnet34_v2, "resnet50_v2": resnet50_v2,
    "resnet101_v2": resnet101_v2, "resnet152_v2": resnet152_v2,
    "squeezenet1.0": squeezenet1_0, "squeezenet1.1": squeezenet1_1,
    "vgg11": vgg11, "vgg11_bn": vgg11_bn, "vgg13": vgg13, "vgg13_bn": vgg13_bn,
    "vgg16": vgg16, "vgg16_bn": vgg16_bn, "vgg19": vgg19, "vgg19_bn": vgg19_bn,
}  # fmt: skip


def get_model(name: str, **kwargs: Any) -> HybridBlock:
    """The network of that name, in large letters or small; not initialised, unless `pretrained`.

    Takes what the network's own function takes: `classes`, `pretrained`, `ctx`, `root`, `prefix`. With `pretrained` the
    parameters are read from a file in the folder `root` ($MXNET_HOME/models, or ~/.mxnet/models): `name.params`, or
    `name-hash.params`, which MXNet has put there. Nothing is downloaded: FileNotFoundError where there is none. Raises
    ValueError for an unknown name. MXNet: `vision.get_model`.

    >>> net = get_model("mobilenet0.25", classes=10)
    >>> net.output
    Dense(None -> 10, linear)
    """
    model = _MODELS.get(name.lower())
    if model is None:
        raise BadArgument(f"there is no network {name!r}; there are {', '.join(_MODELS)}")
    return model(**kwargs)
