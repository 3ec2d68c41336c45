"""Function: a user's own operator with a user's own gradient.  MXNet's `autograd.Function`.

    class StraightThrough(autograd.Function):
        "Rounds x; the gradient passes as if it had not, where |x| <= 1."

        def forward(self, x):
            self.save_for_backward(x)
            return x.round()

        def backward(self, g):
            (x,) = self.saved_tensors
            return g * (x.abs() <= 1)

    y = StraightThrough()(x)

Neither method is recorded, so a gradient of the gradient cannot be taken; an instance is called once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import tape
from .errors import ArgumentError, BadCall, GraphError, ShapeError
from .handle import new
from .ndarray import NDArray
from .rules import Like
from .tape import Node, Part, local, next_order


class Function:
    """The base of a user's own differentiable function: define `forward` and `backward`."""

    def __init__(self) -> None:
        self._used = False
        self.saved_tensors: tuple[NDArray, ...] = ()

    def save_for_backward(self, *args: NDArray) -> None:
        """Keep arrays for `backward`, which finds them in `saved_tensors`."""
        self.saved_tensors = args

    def forward(self, *inputs: NDArray) -> NDArray | Sequence[NDArray]:
        """The value: an NDArray, or several.  To be defined by the subclass."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward")

    def backward(self, *output_grads: NDArray) -> NDArray | Sequence[NDArray]:
        """The gradients of the inputs from those of the outputs.  To be defined by the subclass."""
        raise NotImplementedError(f"{type(self).__name__} defines no backward")

    def __call__(self, *inputs: NDArray) -> Any:
        """Compute `forward`, and record it where the script is recording."""
        if getattr(self, "_used", False):  # a subclass's __init__ need not call this one's
            raise BadCall(f"{type(self).__name__}: this instance was called before; make a new one for each call")
        self._used = True
        recording, local.recording = local.recording, False
        try:
            outputs = self.forward(*inputs)
        finally:
            local.recording = recording
        several = isinstance(outputs, (list, tuple))
        results = [self._own(out, inputs) for out in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]
        parents = tuple([tape.live(x._node) for x in inputs])
        if recording and any(parent is not None for parent in parents):
            node = Node()
            node.op = _Recorder(self)
            node.params = {}
            node.parents = parents
            node.arrays = ()
            node.shapes = tuple([x.shape for x in inputs])
            node.out = tuple([Like(r._meta()) for r in results])
            node.saved = None
            node.ctx = results[0]._ctx
            node.order = next_order()
            for i, result in enumerate(results):
                result._node = Part(node, i)
        return tuple(results) if several else results[0]

    def _own(self, out: Any, inputs: Sequence[NDArray]) -> NDArray:
        if not isinstance(out, NDArray):
            raise ArgumentError(f"{type(self).__name__}.forward must return NDArrays, not {type(out).__name__}")
        if out._node is not None or any(out is x for x in inputs):
            return new(NDArray, out._read().copy(), out._ctx)
        return out


class _Recorder:
    """The tape's operator for one call of a Function."""

    __slots__ = ("function", "name")

    def __init__(self, function: Function) -> None:
        self.function = function
        self.name = type(function).__name__

    def custom(self, node: Node, g: list[Any], create_graph: bool) -> Sequence[Any]:
        """The gradients of the inputs, by the user's backward."""
        if create_graph:
            raise GraphError(
                f"the gradient of Function '{self.name}' cannot be differentiated again (create_graph=True): write it "
                f"from operators instead"
            )
        grads = [
            new(NDArray, np.zeros(o.shape, o.dtype) if part is None else np.array(part, order="C"), node.ctx)
            for part, o in zip(g, node.out, strict=True)
        ]
        results = self.function.backward(*grads)
        listed: list[Any] = list(results) if isinstance(results, (list, tuple)) else [results]
        parents, shapes = node.parents, node.shapes
        assert parents is not None
        assert shapes is not None
        if len(listed) != len(parents):
            raise GraphError(
                f"{self.name}.backward must return one gradient for each of the {len(parents)} inputs; "
                f"{len(listed)} came"
            )
        for i, (d, shape) in enumerate(zip(listed, shapes, strict=True)):
            if not isinstance(d, NDArray):
                raise ArgumentError(f"{self.name}.backward must return NDArrays, not {type(d).__name__}")
            if d.shape != shape:
                raise ShapeError(
                    f"{self.name}.backward: input {i} is {list(shape)}, its gradient came as {list(d.shape)}"
                )
        return [None if parent is None else d._read() for d, parent in zip(listed, parents, strict=True)]
