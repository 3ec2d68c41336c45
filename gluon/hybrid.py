"""HybridBlock: a block whose computation is written once against `F`, with its parameters handed to it.

Knows how parameters reach `hybrid_forward`, and that unknown shapes are asked of `infer_shape` at the first forward.
`hybridize()` is accepted and remembered; the computation runs operator by operator either way, with the same results.
Invariant: a parameter reaches `hybrid_forward` as its array on the context of the first array among the inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import nd
from ..core.context import Context
from ..core.ndarray import NDArray
from .block import Block
from .errors import BadArgument, BadChild, DeferredInitializationError, Incompatible, NotInferable
from .utils import shape_is_known


def _no_hybrid_forward(self: HybridBlock, F: Any, x: Any, *args: Any, **params: Any) -> Any:
    raise NotImplementedError(f"{type(self).__name__} defines no hybrid_forward(self, F, x, ...)")


class HybridBlock(Block):
    """A Block with `hybrid_forward(F, x, *args, **params)`: F has the operators, params this block's parameters.

    F is `mx.nd`. A layer with parameters of unknown shape also defines `infer_shape(x, *args)`, which sets them from
    the first input. Children must be HybridBlocks. MXNet: `gluon.HybridBlock`.

    >>> class Scale(HybridBlock):
    ...     def __init__(self, **kwargs):
    ...         super().__init__(**kwargs)
    ...         self.factor = self.params.get("factor", shape=(1,), init="ones")
    ...     def hybrid_forward(self, F, x, factor):
    ...         return F.broadcast_mul(x, factor)
    >>> scale = Scale()
    >>> scale.initialize()
    >>> scale(nd.ones((2, 2))).shape
    (2, 2)
    """

    def __init__(self, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self._active = False
        self._flags: dict[str, Any] = {}

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Makes `block` a child. Raises ValueError for a Block that is not a HybridBlock."""
        if not isinstance(block, HybridBlock):
            raise BadChild(
                f"a child of HybridBlock '{self.name}' must be a HybridBlock, but {block!r} is {type(block)}; in place "
                f"of Sequential use HybridSequential"
            )
        super().register_child(block, name)

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Says that the computation may be recorded and replayed as a whole; results do not depend on it.

        `kwargs` (static_alloc, static_shape, …) are hints and are remembered. Every call runs operator by operator.
        """
        self._active = active
        self._flags = kwargs
        super().hybridize(active, **kwargs)

    def infer_shape(self, x: Any, *args: Any) -> None:
        """Sets the shapes of this layer's own parameters that depend on the inputs; layers with such define it."""
        unknown = [param.name for param in self._params.values() if not shape_is_known(param.shape)]
        raise BadArgument(
            f"{type(self).__name__} does not tell the shape of {', '.join(unknown) or 'its parameters'} from its "
            f"input: give the whole shape, or define infer_shape(self, x) that sets it"
        )

    def forward(self, x: Any, *args: Any) -> Any:
        """Calls `hybrid_forward` with the operators and this block's parameters. Raises ValueError without an array."""
        context = x.context if isinstance(x, NDArray) else _context_of_inputs(x, *args)
        if not self._reg_params:
            return self.hybrid_forward(nd, x, *args)
        try:
            params = {name: param.data(context) for name, param in self._reg_params.items()}
        except DeferredInitializationError:
            self._finish_deferred(x, *args)
            params = {name: param.data(context) for name, param in self._reg_params.items()}
        return self.hybrid_forward(nd, x, *args, **params)

    def _finish_deferred(self, *inputs: Any) -> None:
        if not all(shape_is_known(param.shape) for param in self._params.values()):
            try:
                self.infer_shape(*inputs)
            except (Incompatible, IndexError) as error:  # an axis that the input does not have
                shapes = ", ".join(str(list(x.shape)) for x in inputs if isinstance(x, NDArray))
                raise NotInferable(
                    f"{self.name}: its shapes do not follow from an input of {shapes}: {error}"
                ) from error
        for param in self._params.values():
            param._finish_deferred_init()

    # What this block computes, with the operators of `F`: every subclass defines it, with arguments of its own.
    hybrid_forward: Callable[..., Any] = _no_hybrid_forward


def _context_of_inputs(*inputs: Any) -> Context:
    """The context of the first array among the inputs, which may be nested in lists and tuples."""
    stack = list(reversed(inputs))
    while stack:
        item = stack.pop()
        if isinstance(item, NDArray):
            return item.context
        if isinstance(item, list | tuple):
            stack.extend(reversed(item))
    raise BadArgument(
        f"a HybridBlock computes where the first NDArray among its inputs is, and there is none: got "
        f"{', '.join(type(item).__name__ for item in inputs)}"
    )
