"""Containers: blocks that call their children one after the other.

Knows order only. Invariant: child i is the i-th that was added, and is called with the output of child i - 1.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Self, overload

from ..block import Block, describe_children
from ..hybrid import HybridBlock


class _Chain(Block):
    """What both containers have in common."""

    def add(self, *blocks: Any) -> None:
        """Appends blocks. Raises ValueError for what cannot be a child."""
        for block in blocks:
            self.register_child(block)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(\n{describe_children(list(self._children.items()))}\n)"

    @overload
    def __getitem__(self, key: int) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> Self: ...
    def __getitem__(self, key: int | slice) -> Any:
        """The child at an index; for a slice, a container of those children, sharing their parameters."""
        children = list(self._children.values())
        if not isinstance(key, slice):
            return children[key]
        part = type(self)(prefix=self._prefix)
        with part.name_scope():
            part.add(*children[key])
        return part

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._children.values()))

    def __len__(self) -> int:
        return len(self._children)


class Sequential(_Chain):
    """Blocks called one after the other. MXNet: `nn.Sequential`.

    >>> from mxl.gluon import nn
    >>> net = Sequential()
    >>> net.add(nn.Dense(10, activation="relu"), nn.Dense(2))
    >>> len(net)
    2
    """

    def forward(self, x: Any) -> Any:
        for block in self._children.values():
            x = block(x)
        return x

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Passes the wish on to the children; says so where a HybridSequential would do better."""
        if self._children and all(isinstance(child, HybridBlock) for child in self._children.values()):
            warnings.warn(
                f"Sequential '{self.prefix}' has HybridBlocks only: as a HybridSequential it is hybridized as a whole",
                stacklevel=2,
            )
        super().hybridize(active, **kwargs)


class HybridSequential(_Chain, HybridBlock):
    """HybridBlocks called one after the other. MXNet: `nn.HybridSequential`.

    >>> from mxl.gluon import nn
    >>> net = HybridSequential()
    >>> net.add(nn.Dense(10, activation="relu"), nn.Dense(2))
    >>> net[0]
    Dense(None -> 10, Activation(relu))
    """

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        for block in self._children.values():
            x = block(x)
        return x
