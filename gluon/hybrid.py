"""HybridBlock: a block whose computation is written once against `F`, with its parameters handed to it.

Knows when `F` is `mx.nd` and when `mx.sym`: called with arrays, a block computes at once, or, once hybridized, runs the
graph that its first call recorded (recording.py); called with symbols it becomes part of the caller's graph. Results do
not depend on it. Invariant: a parameter reaches `hybrid_forward` as its array on the context of the first array among
the inputs, or as the one symbol that stands for it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from .. import symbol
from ..core import nd
from ..core.context import Context
from ..core.ndarray import NDArray
from ..symbol import Symbol
from ..symbol.run import Watch
from .block import Block
from .errors import BadArgument, BadChild, DeferredInitializationError, Incompatible, NotExportable, NotInferable
from .recording import Recording, flatten, record
from .saving import FileName
from .utils import shape_is_known


def _no_hybrid_forward(self: HybridBlock, F: Any, x: Any, *args: Any, **params: Any) -> Any:
    raise NotImplementedError(f"{type(self).__name__} defines no hybrid_forward(self, F, x, ...)")


HINTS = ("static_alloc", "static_shape", "inline_limit", "forward_bulk_size", "backward_bulk_size")


class HybridBlock(Block):
    """A Block with `hybrid_forward(F, x, *args, **params)`: F has the operators, params this block's parameters.

    F is `mx.nd`, or `mx.sym` while a graph is recorded. Shapes that are not known follow from the first input; a layer
    may define `infer_shape(x, *args)` to set them itself. Children must be HybridBlocks. MXNet: `gluon.HybridBlock`.

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
        self._recording: Recording | None = None
        self._watch: Watch | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, HybridBlock):
            self._forget()

    def _forget(self) -> None:
        """Drops the graph: the next call records anew."""
        self._recording = None

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Makes `block` a child. Raises ValueError for a Block that is not a HybridBlock."""
        if not isinstance(block, HybridBlock):
            raise BadChild(
                f"a child of HybridBlock '{self.name}' must be a HybridBlock, but {block!r} is {type(block)}; in place "
                f"of Sequential use HybridSequential"
            )
        super().register_child(block, name)
        self._forget()

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """From the next call on, records the computation as a graph and runs it as a whole; `active=False` undoes it.

        `hybrid_forward` is called once, with symbols, which have no shapes and no values; results are the same. The
        graph is forgotten unless `clear=False`. Hints of memory planning (static_alloc, static_shape, inline_limit,
        forward_bulk_size, backward_bulk_size) are taken, there is nothing that they could change. Raises ValueError
        for a `backend`, of which there are none, and for other arguments.
        """
        if kwargs.pop("backend", None) is not None or kwargs.pop("backend_opts", None):
            raise BadArgument("hybridize: there are no backends that rewrite graphs; leave backend out")
        self._active = active
        clear = kwargs.pop("clear", True)
        strange = sorted(kwargs.keys() - set(HINTS))
        if strange:
            raise BadArgument(f"hybridize: unknown argument '{strange[0]}'; it takes active, clear, {', '.join(HINTS)}")
        if clear:
            self._forget()
        if active and (self._forward_hooks or self._forward_pre_hooks):
            warnings.warn(
                f'"{self}" is being hybridized while still having forward hook/pre-hook. If "{self}" is a child of '
                f"HybridBlock, the hooks will not take effect.",
                stacklevel=2,
            )
        super().hybridize(active, clear=clear, **kwargs)

    def cast(self, dtype: Any) -> None:
        """Changes the element type of all parameters, and forgets the graph."""
        self._forget()
        super().cast(dtype)

    def infer_shape(self, x: Any, *args: Any) -> None:
        """Sets the shapes of parameters that follow from the inputs', by recording the graph. Raises ValueError."""
        recording = self._recording or record(self, (x, *args))
        arrays = [value for value in flatten((x, *args), "input")[0] if value is not None]
        parameters = self.collect_params()
        recording.infer_shapes(arrays, parameters)
        unknown = [param.name for param in parameters.values() if not shape_is_known(param.shape)]
        if unknown:
            raise NotInferable(
                f"{type(self).__name__} does not tell the shape of {', '.join(unknown)} from its input: no computation "
                f"uses it. Give the whole shape, or define infer_shape(self, x) that sets it"
            )

    def infer_type(self, *args: Any) -> None:
        """Sets the dtypes of parameters that follow from the inputs'."""
        recording = self._recording or record(self, args)
        arrays = [value for value in flatten(args, "input")[0] if value is not None]
        given = {name: array.dtype for name, array in zip(recording.names, arrays, strict=True)}
        arguments, _, states = recording.outputs.infer_type(**given)
        if arguments is None:
            raise NotInferable(f"{type(self).__name__} does not tell the dtypes of its parameters from its input")
        names = (*recording.outputs.list_arguments(), *recording.outputs.list_auxiliary_states())
        parameters = self.collect_params()
        for name, kind in zip(names, (*arguments, *states), strict=True):
            if name in parameters:
                parameters[name].dtype = kind

    def register_op_hook(self, callback: Callable[..., Any], monitor_all: bool = False) -> None:
        """Calls `callback(name, operator, array)` with each output of each node, while a graph runs; with
        `monitor_all`, with the inputs as well. The block must be hybridized. MXNet's `register_op_hook`."""

        self._watch = Watch(callback, monitor_all)
        super().register_op_hook(callback, monitor_all)

    def export(self, path: FileName, epoch: int = 0, remove_amp_cast: bool = True) -> None:
        """Writes the graph to `path-symbol.json` and the parameters to `path-0000.params`, in MXNet's formats.

        `SymbolBlock.imports` and `mx.model.load_checkpoint` read them, MXNet does, too. Raises RuntimeError before the
        hybridized block has been called.
        """
        if self._recording is None:
            raise NotExportable(
                "Please first call block.hybridize() and then run forward with this block at least once before calling "
                "export: the graph is recorded at that call."
            )
        outputs = self._recording.outputs
        outputs.save(f"{path}-symbol.json", remove_amp_cast=remove_amp_cast)
        states = set(outputs.list_auxiliary_states())
        nd.save(
            f"{path}-{epoch:04d}.params",
            {
                f"{'aux' if parameter.name in states else 'arg'}:{parameter.name}": parameter._reduce()
                for parameter in self._recording.parameters
            },
        )

    # ---- calling ----

    def forward(self, x: Any, *args: Any) -> Any:
        """Calls `hybrid_forward`, or runs the graph. Raises ValueError without an array, and for arrays mixed with
        symbols."""
        if isinstance(x, Symbol) or (not isinstance(x, NDArray) and _has_symbols((x, *args))):
            return self._compose(x, *args)
        if self._active:
            return self._run(x, *args)
        context = x.context if isinstance(x, NDArray) else _context_of_inputs(x, *args)
        if not self._reg_params:
            return self.hybrid_forward(nd, x, *args)
        try:
            params = {name: param.data(context) for name, param in self._reg_params.items()}
        except DeferredInitializationError:
            self._finish_deferred(x, *args)
            params = {name: param.data(context) for name, param in self._reg_params.items()}
        return self.hybrid_forward(nd, x, *args, **params)

    def _compose(self, *args: Any) -> Any:
        """This block as a part of the caller's graph."""
        if any(isinstance(value, NDArray) for value in flatten(args, "input")[0]):
            raise BadArgument("In HybridBlock, we do not support mixed NDArrays and Symbols types for the input.")
        params = {name: param.var() for name, param in self._reg_params.items()}
        with self.name_scope():
            return self.hybrid_forward(symbol, *args, **params)

    def _run(self, *args: Any) -> Any:
        """Runs the graph, which the first call records."""
        if not isinstance(args[0], NDArray):
            _context_of_inputs(*args)
        flat, form = flatten(args, "input")
        arrays = [value for value in flat if value is not None]
        if any(isinstance(value, Symbol) for value in arrays):
            raise BadArgument("In HybridBlock, we do not support mixed NDArrays and Symbols types for the input.")
        contexts = {array.context for array in arrays}
        if len(contexts) > 1:
            raise BadArgument(
                f"Find multiple contexts in the input: {sorted(map(str, contexts))}. A hybridized block computes where "
                f"its inputs are, and they must all be in one place"
            )
        if self._recording is None:
            recording = record(self, args)
            parameters = self.collect_params()
            recording.bind(parameters, stacklevel=4)
            if any(param._deferred_init is not None for param in recording.parameters):
                if not all(shape_is_known(param.shape) for param in recording.parameters):
                    recording.infer_shapes(arrays, parameters)
                for param in recording.parameters:
                    param._finish_deferred_init()
            self._recording = recording
        try:
            return self._recording.run(flat, form, arrays[0].context, self._watch)
        except DeferredInitializationError:
            self._recording.infer_shapes(arrays, self.collect_params())
            for param in self._recording.parameters:
                param._finish_deferred_init()
            return self._recording.run(flat, form, arrays[0].context, self._watch)

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


def _has_symbols(values: Any) -> bool:
    if isinstance(values, list | tuple):
        return any(_has_symbols(value) for value in values)
    return isinstance(values, Symbol)


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
