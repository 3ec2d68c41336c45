"""What a hybridized block keeps: the graph of its computation, and how arguments and parameters meet in it.

Knows how nested arguments are laid flat and how results are nested again, that a block's graph is recorded by calling
its `hybrid_forward` with symbols once, and that each later call runs the graph on the arrays that came.  Never chooses
whether a block is run so: hybrid.py does.  Invariant: the graph holds no arrays, so that one graph serves every context
and every thread, before and after parameters change.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .. import symbol as sym
from ..core.context import Context
from ..core.errors import MXLError
from ..core.ndarray import NDArray
from ..symbol import Symbol
from ..symbol.infer import infer, summary_of_missing
from ..symbol.run import Plan, Watch
from .errors import BadArgument, Incompatible, NotInferable
from .parameter import Parameter

if TYPE_CHECKING:
    from .hybrid import HybridBlock

__all__ = ["Recording", "flatten", "nest", "record"]

Format = Any  # 0 for an array, -1 for None, a list of Formats


def flatten(values: Any, what: str) -> tuple[list[Any], Format]:
    """Arrays (or symbols, or None) that may be nested in lists and tuples, in one list, and how they were nested."""
    if isinstance(values, (NDArray, Symbol)):
        if isinstance(values, Symbol) and len(values) > 1:
            return list(values), len(values)
        return [values], 0
    if values is None:
        return [None], -1
    if not isinstance(values, (list, tuple)):
        raise Incompatible(
            f"a HybridBlock's {what} must be (nested) lists of NDArrays or Symbols, but {values!r} is "
            f"{type(values).__name__}"
        )
    flat: list[Any] = []
    formats: list[Format] = []
    for value in values:
        items, one = flatten(value, what)
        flat += items
        formats.append(one)
    return flat, formats


def nest(flat: Iterator[Any], form: Format) -> Any:
    """The reverse of `flatten`."""
    if form == -1:
        next(flat)
        return None
    if form == 0:
        return next(flat)
    if isinstance(form, int):
        return [next(flat) for _ in range(form)]
    return [nest(flat, one) for one in form]


class Recording:
    """A block's graph.  `inputs` are the symbols that stand for its arguments, `outputs` what it computes from them.

    `in_format` and `out_format` say how arguments came and results are nested.
    """

    def __init__(
        self, inputs: Sequence[Symbol], outputs: Symbol, in_format: Format, out_format: Format
    ) -> None:
        self.inputs = list(inputs)
        self.names = [str(symbol.name) for symbol in inputs]
        self.outputs = outputs
        self.in_format = in_format
        self.out_format = out_format
        self._plan = Plan(outputs._entries)
        self._values: list[int | Parameter] | None = None

    @property
    def parameters(self) -> list[Parameter]:
        """The parameters that it uses, once they are bound."""
        return [value for value in self._values or () if isinstance(value, Parameter)]

    def bind(self, parameters: Any, stacklevel: int = 2) -> None:
        """Finds the parameters by the names of its variables; warns of arguments and parameters without use."""
        places = {name: i for i, name in enumerate(self.names)}
        values: list[int | Parameter] = []
        for name in self._plan.names:
            if name in places:
                values.append(places[name])
            elif name in parameters:
                values.append(parameters[name])
            else:
                raise Incompatible(f"the graph uses '{name}': it is neither an argument nor a parameter of the block")
        used = set(self._plan.names)
        unused = [f"{i}-th" for name, i in places.items() if name not in used]
        if unused:
            warnings.warn(
                f"The {', '.join(unused)} input to HybridBlock is not used by any computation. Is this intended?",
                stacklevel=stacklevel + 1,
            )
        idle = [name for name in parameters if name not in used]
        if idle:
            warnings.warn(
                f"Parameter {', '.join(idle)} is not used by any computation. Is this intended?",
                stacklevel=stacklevel + 1,
            )
        self._values = values

    def infer_shapes(self, arguments: Sequence[Any], parameters: Any) -> None:
        """Sets what is not known of parameters' shapes from the shapes of arrays.  Raises NotInferable."""
        given = {name: array.shape for name, array in zip(self.names, arguments, strict=True)}
        types = {name: array.dtype for name, array in zip(self.names, arguments, strict=True)}
        nodes = self.outputs._nodes()
        try:
            found = infer(self.outputs._entries, given, types)
            missing = summary_of_missing(found, [node for node in nodes if node.op is None])
        except MXLError as error:
            raise NotInferable(f"Deferred initialization failed because shape cannot be inferred. {error}") from error
        if missing:
            raise NotInferable(
                f"Deferred initialization failed because shape cannot be inferred. Not known: {missing}"
            )
        for node in nodes:
            if node.op is None and node.name in parameters:
                parameters[node.name].shape = found.of(node, 0)

    def run(self, arguments: Sequence[Any], form: Format, ctx: Context, watch: Watch | None = None) -> Any:
        """The results for these arguments, laid flat.  Raises ValueError where they are nested in another way."""
        if form != self.in_format and not _same_but_none(form, self.in_format):
            raise BadArgument(
                f"The argument structure of HybridBlock does not match the cached version. Stored format = "
                f"{self.in_format}, input format = {form}"
            )
        assert self._values is not None
        arrays = [argument for argument in arguments if argument is not None]
        values = [arrays[value] if isinstance(value, int) else value.data(ctx) for value in self._values]
        return nest(iter(self._plan(values, ctx, watch)), self.out_format)


def _same_but_none(a: Format, b: Format) -> bool:
    """Whether they differ only in arguments at the end that are None."""
    if not isinstance(a, list) or not isinstance(b, list):
        return False
    short, long = sorted((a, b), key=len)
    return long[: len(short)] == short and all(form == -1 for form in long[len(short) :])


def record(block: HybridBlock, args: Sequence[Any]) -> Recording:
    """Calls `block.hybrid_forward` with symbols in place of arguments like these and of the block's parameters."""
    flat, in_format = flatten(args, "input")
    count = sum(value is not None for value in flat)
    if not count:
        raise BadArgument(f"All args are None and we do not support such a case. Received args={args}")
    inputs = [sym.var(f"data{i}" if count > 1 else "data") for i in range(count)]
    left = iter(inputs)
    arguments = nest(iter([None if value is None else next(left) for value in flat]), in_format)
    parameters = {name: parameter.var() for name, parameter in block._reg_params.items()}
    with block.name_scope():
        result = block.hybrid_forward(sym, *arguments, **parameters)
    outputs, out_format = flatten(result, "output")
    if any(value is None for value in outputs):
        raise Incompatible(f"{block.name}: a hybridized block's results must be arrays; among them is None")
    return Recording(inputs, sym.Group(outputs), in_format, out_format)
