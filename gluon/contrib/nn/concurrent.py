"""Blocks side by side: each is called with the same input, and their outputs are joined along an axis.

Knows the joining only. Invariant: outputs are joined in the order in which the blocks were added.
"""

from __future__ import annotations

from typing import Any

from ....core import nd
from ...hybrid import HybridBlock
from ...nn.containers import HybridSequential, Sequential


class Concurrent(Sequential):
    """Blocks called with one input, their outputs joined along `axis`. MXNet: `gluon.contrib.nn.Concurrent`.

    >>> from mxl.gluon import nn
    >>> net = Concurrent(axis=1)
    >>> net.add(nn.Flatten(), nn.Flatten())
    >>> net(nd.ones((2, 3))).shape
    (2, 6)
    """

    def __init__(self, axis: int = -1, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self.axis = axis

    def forward(self, x: Any) -> Any:
        return nd.concat(*[block(x) for block in self._children.values()], dim=self.axis)


class HybridConcurrent(HybridSequential):
    """HybridBlocks called with one input, their outputs joined along `axis`.

    MXNet: `gluon.contrib.nn.HybridConcurrent`.

    >>> from mxl.gluon import nn
    >>> net = HybridConcurrent(axis=1)
    >>> net.add(Identity(), nn.Dense(4, in_units=3))
    >>> net.initialize()
    >>> net(nd.ones((2, 3))).shape
    (2, 7)
    """

    def __init__(self, axis: int = -1, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self.axis = axis

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.concat(*[block(x) for block in self._children.values()], dim=self.axis)


class Identity(HybridBlock):
    """Gives its input: the way around the others in a HybridConcurrent. MXNet: `gluon.contrib.nn.Identity`."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return x
