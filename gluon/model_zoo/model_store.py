"""Files of trained parameters: where they are looked for, and how a network is given them.

Knows names and folders. Nothing is downloaded: a file that MXNet has downloaded, `resnet18_v1-a0666292.params`, or one
that the user has named, `resnet18_v1.params`, is read from the folder. Invariant: what is missing is named with its
place.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from typing import TypeVar

from ...core.context import Context
from ...core.files import FileMissing
from ...core.home import folder
from ..block import Block
from ..errors import BadArgument, DataFileMissing

__all__ = ["get_model_file", "purge"]

NAMES = (
    "alexnet", "densenet121", "densenet161", "densenet169", "densenet201", "inceptionv3",
    "mobilenet0.25", "mobilenet0.5", "mobilenet0.75", "mobilenet1.0",
    "mobilenetv2_0.25", "mobilenetv2_0.5", "mobilenetv2_0.75", "mobilenetv2_1.0",
    "resnet18_v1", "resnet34_v1", "resnet50_v1", "resnet101_v1", "resnet152_v1",
    "resnet18_v2", "resnet34_v2", "resnet50_v2", "resnet101_v2", "resnet152_v2",
    "squeezenet1.0", "squeezenet1.1",
    "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
)  # fmt: skip

Net = TypeVar("Net", bound=Block)


def get_model_file(name: str, root: str | None = None) -> str:
    """The path of a network's file of parameters in a folder: `name.params`, or MXNet's `name-hash.params`.

    root: the folder, $MXNET_HOME/models or else ~/.mxnet/models. Raises ValueError for a name that MXNet has no
    parameters of, and where several files could be meant; FileNotFoundError where there is none, since nothing is
    downloaded. MXNet: `model_store.get_model_file`.
    """
    if name not in NAMES:
        raise BadArgument(f"pretrained parameters of {name!r} are not known; known are {', '.join(NAMES)}")
    where = folder(root, "models")
    plain = os.path.join(where, f"{name}.params")
    if os.path.isfile(plain):
        return plain
    hashed = sorted(glob.glob(os.path.join(glob.escape(where), f"{name}-{'[0-9a-f]' * 8}.params")))
    if len(hashed) > 1:
        raise BadArgument(
            f"several files could be the parameters of {name!r}: {', '.join(hashed)}; copy the right one to {plain}"
        )
    if not hashed:
        raise DataFileMissing(
            f"there is no {name}.params, nor {name}-<8 hex digits>.params, in {where}: put the file there, or say "
            f"root=; nothing is downloaded"
        )
    return hashed[0]


def purge(root: str | None = None) -> None:
    """Removes all files of parameters (*.params) in the folder `root`. Raises FileNotFoundError without the folder."""
    where = folder(root, "models")
    if not os.path.isdir(where):
        raise FileMissing(f"purge: there is no folder {where}")
    for path in glob.glob(os.path.join(glob.escape(where), "*.params")):
        os.remove(path)


def with_parameters(
    net: Net, name: str, pretrained: bool, ctx: Context | Sequence[Context] | None, root: str | None
) -> Net:
    """The network, with the parameters of its file where `pretrained`."""
    if pretrained:
        net.load_parameters(get_model_file(name, root), ctx=ctx)
    return net
