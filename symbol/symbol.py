"""Symbol: one or several outputs of a graph, and what is asked of them: names, parts, attributes, shapes, values.

Knows how symbols are put together from others; `compose.py` makes nodes from calls of operators, `infer.py` finds
shapes, `run.py` computes, `json_format.py` writes.  A symbol never changes, but for the annotations of its node.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from os import PathLike, fspath
from typing import Any

import numpy as np

from ..core.context import Context, current_context
from ..core.errors import ArgumentError, InvalidSetting
from ..core.fluent import Fluent
from ..core.ndarray import NDArray
from . import json_format, notes
from .compose import call, number_or_symbol
from .errors import Incomplete, NotForSymbol
from .graph import Entry, Node, in_order, replaced
from .infer import Shapes, infer, summary_of_missing
from .run import Plan

__all__ = ["Group", "Symbol"]


class Symbol:
    """Outputs of a graph.  MXNet: `mx.sym.Symbol`.

    >>> import mxl as mx
    >>> data = mx.sym.var("data")
    >>> net = mx.sym.Activation(mx.sym.FullyConnected(data, num_hidden=3, name="fc"), act_type="relu", name="act")
    >>> net, net.list_arguments(), net.list_outputs()
    (<Symbol act>, ['data', 'fc_weight', 'fc_bias'], ['act_output'])
    >>> net.infer_shape(data=(2, 4))
    ([(2, 4), (3, 4), (3,)], [(2, 3)], [])
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = tuple(entries)

    def __repr__(self) -> str:
        if self.name is None:
            return f"<{type(self).__name__} group [{', '.join(node.name for node, _ in self._entries)}]>"
        return f"<{type(self).__name__} {self.name}>"

    # ---- parts ----

    @property
    def name(self) -> str | None:
        """The node's name; None for a group."""
        nodes = {id(node): node for node, _ in self._entries}
        return next(iter(nodes.values())).name if len(nodes) == 1 else None

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Symbol]:
        return (Symbol([entry]) for entry in self._entries)

    def __getitem__(self, index: int | slice | str) -> Symbol:
        """Output `index`, by its place or its name (`fc_output`).  Raises IndexError, ValueError."""
        if isinstance(index, str):
            found = [i for i, name in enumerate(self.list_outputs()) if name == index]
            if not found:
                raise Incomplete(f"there is no output {index!r}; the outputs are {', '.join(self.list_outputs())}")
            if len(found) > 1:
                raise Incomplete(f"{len(found)} outputs are called {index!r}: take one by its place")
            index = found[0]
        if isinstance(index, slice):
            return Group(list(self)[index])
        if not -len(self) <= index < len(self):
            raise IndexError(f"output {index} of a symbol with {len(self)} outputs")
        return Symbol([self._entries[index]])

    def _nodes(self) -> list[Node]:
        return in_order(node for node, _ in self._entries)

    def get_internals(self) -> Symbol:
        """All outputs of all nodes, in the order of computation."""
        return Symbol([entry for node in self._nodes() for entry in node.entries()])

    def get_children(self) -> Symbol | None:
        """The inputs of this symbol's node; None for a variable."""
        entries = [entry for node in {id(node): node for node, _ in self._entries}.values() for entry in node.inputs]
        return Symbol(entries) if entries else None

    # ---- names ----

    def _auxiliary(self) -> set[int]:
        """The ids of variables that an operator updates."""
        return {
            id(node.inputs[i][0]) for node in self._nodes() if node.op is not None for i in node.op.updates
            if i < len(node.inputs)
        }  # fmt: skip

    def list_inputs(self) -> list[str]:
        """The names of all variables."""
        return [node.name for node in self._nodes() if node.op is None]

    def list_arguments(self) -> list[str]:
        """The names of the variables that no operator updates."""
        updated = self._auxiliary()
        return [node.name for node in self._nodes() if node.op is None and id(node) not in updated]

    def list_auxiliary_states(self) -> list[str]:
        """The names of the variables that an operator updates, such as running statistics."""
        updated = self._auxiliary()
        return [node.name for node in self._nodes() if node.op is None and id(node) in updated]

    def list_outputs(self) -> list[str]:
        """The names of the outputs."""
        return [node.output_names()[i] for node, i in self._entries]

    # ---- attributes ----

    def attr(self, key: str) -> str | None:
        """An attribute of the node, as a string, or None; 'name' and 'op_name' are its own and its operator's."""
        node = self._entries[0][0]
        if any(other is not node for other, _ in self._entries):
            return None
        own = {"name": node.name, "op_name": "null" if node.op is None else node.op.name}
        return {**own, **self.list_attr()}.get(key)

    def list_attr(self, recursive: bool = False) -> dict[str, str]:
        """The attributes of the node: annotations, and the operator's parameters.  Raises NotImplementedError for
        `recursive`, whose place is attr_dict()."""
        if recursive:
            raise NotForSymbol("list_attr(recursive=True): use attr_dict(), which has the attributes of every node")
        return notes.shown(json_format.attributes(self._entries[0][0]))

    def attr_dict(self) -> dict[str, dict[str, str]]:
        """The attributes of each node that has any, by its name."""
        found = {node.name: notes.shown(json_format.attributes(node)) for node in self._nodes()}
        return {name: attributes for name, attributes in found.items() if attributes}

    def _set_attr(self, **kwargs: str) -> None:
        for key, value in kwargs.items():
            if not isinstance(value, str):
                raise InvalidSetting(f"attribute {key} is {value!r}: expected a string")
            for node, _ in self._entries:
                node.attrs.update(notes.kept({key: value}))

    # ---- composing ----

    def __call__(self, *args: Symbol, name: str | None = None, **kwargs: Symbol) -> Symbol:
        """This graph with other symbols in place of its variables, by their order or by their names."""
        variables = {node.name: node for node in self._nodes() if node.op is None}
        given = {**dict(zip(self.list_arguments(), args, strict=False)), **kwargs}
        if args and kwargs:
            raise ArgumentError("a symbol is composed by position or by names, not by both")
        by: dict[int, Entry] = {}
        for key, value in given.items():
            if not isinstance(value, Symbol):
                raise ArgumentError(f"compose: {key} must be a Symbol, not {type(value).__name__}")
            if key not in variables:
                raise Incomplete(f"compose: there is no variable {key!r}; there are {', '.join(variables)}")
            by[id(variables[key])] = value._entries[0]
        made = Symbol(replaced(self._entries, by))
        if name is not None and len(made) == 1:
            made._entries[0][0].name = name
        return made

    def __copy__(self) -> Symbol:
        return Symbol(replaced(self._entries, {}))

    def __deepcopy__(self, _memo: Any) -> Symbol:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_json, (self.tojson(remove_amp_cast=False),)

    # ---- shapes and types ----

    def infer_shape(self, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        """(shapes of the arguments, of the outputs, of the auxiliary states) from the shapes of some arguments.

        Given by position or by name; a 0 stands for a length that is not known. Warns, and gives (None, None, None),
        where they do not follow. Raises ShapeError where they contradict each other.
        """
        found = self._inferred(args, kwargs)
        missing = summary_of_missing(found, self._nodes())
        if missing:
            warnings.warn(f"Cannot decide shape for the following arguments (0s in shape means unknown dimensions). "
                          f"Consider providing them as input: {missing}", stacklevel=2)  # fmt: skip
            return None, None, None
        return self._in_lists(found, partly=False)

    def infer_shape_partial(self, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        """As infer_shape; what does not follow is `()`, or has a 0."""
        return self._in_lists(self._inferred(args, kwargs), partly=True)

    def _inferred(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Shapes:
        if args and kwargs:
            raise ArgumentError("infer_shape: shapes come by position or by names, not by both")
        names = self.list_arguments()
        given = {name: shape for name, shape in zip(names, args, strict=False) if shape is not None} if args else kwargs
        for name, shape in self._known("infer_shape", given).items():
            if shape is not None and not (isinstance(shape, (tuple, list)) and all(map(_is_length, shape))):
                raise ArgumentError(f"infer_shape: the shape of {name!r} is {shape!r}: expected a tuple of lengths")
        return infer(self._entries, {name: tuple(shape) for name, shape in given.items() if shape is not None})

    def _in_lists(self, found: Shapes, partly: bool) -> tuple[Any, Any, Any]:
        variables = {node.name: found.of(node, 0) for node in self._nodes() if node.op is None}

        def shown(shape: Any) -> Any:
            return () if shape is None and partly else shape

        return (
            [shown(variables[name]) for name in self.list_arguments()],
            [shown(found.of(node, i)) for node, i in self._entries],
            [shown(variables[name]) for name in self.list_auxiliary_states()],
        )

    def infer_type(self, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        """(dtypes of the arguments, of the outputs, of the auxiliary states) from those of some arguments.

        (None, None, None) where nothing tells. Raises DtypeError where they contradict each other, ArgumentError for
        a name that is no argument's.
        """
        found = self.infer_type_partial(*args, **kwargs)
        return (None, None, None) if any(None in kinds for kinds in found) else found

    def infer_type_partial(self, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        """As infer_type; a dtype that nothing tells is None."""
        from .types import infer_types

        names = self.list_arguments()
        given = self._known("infer_type", dict(zip(names, args, strict=False)) if args else kwargs)
        types = infer_types(self._entries, {name: np.dtype(kind) for name, kind in given.items() if kind is not None})

        def kind_of(node: Node, output: int) -> Any:
            kinds = types[id(node)]
            kind = kinds[min(output, len(kinds) - 1)]
            return None if kind is None else kind.type

        variables = {node.name: kind_of(node, 0) for node in self._nodes() if node.op is None}
        return (
            [variables[name] for name in names],
            [kind_of(node, output) for node, output in self._entries],
            [variables[name] for name in self.list_auxiliary_states()],
        )

    def _known(self, what: str, given: dict[str, Any]) -> dict[str, Any]:
        """`given`, whose names are those of variables."""
        names = self.list_inputs()
        strange = [name for name in given if name not in names]
        if strange:
            raise ArgumentError(f"{what}: there is no argument {strange[0]!r}; there are {', '.join(names)}")
        return given

    # ---- values ----

    def eval(self, ctx: Context | None = None, **kwargs: NDArray) -> list[NDArray]:
        """The outputs for these values of all variables, computed on `ctx`.  Raises ValueError where one is missing."""
        plan = Plan(self._entries)
        missing = [name for name in plan.names if name not in kwargs]
        if missing:
            raise Incomplete(f"eval: no value came for {', '.join(missing)}; give an NDArray for each variable")
        return plan([kwargs[name] for name in plan.names], ctx or current_context())

    # ---- files ----

    def tojson(self, remove_amp_cast: bool = True) -> str:
        """The graph as JSON, as MXNet writes it.  `remove_amp_cast`: without the casts of automatic mixed precision."""
        return json_format.dumps(self._entries, remove_amp_cast)

    def save(self, fname: str | PathLike[str], remove_amp_cast: bool = True) -> None:
        """Writes the graph to a file, as JSON."""
        with open(fspath(fname), "w", encoding="utf-8") as file:
            file.write(self.tojson(remove_amp_cast))

    def debug_str(self) -> str:
        """A line for each node and its inputs, for people."""
        lines = [f"\toutput[{i}]={node.name}({at})" for i, (node, at) in enumerate(self._entries)]
        lines.insert(0, "Symbol Outputs:")
        for node in self._nodes():
            if node.op is None:
                lines.append(f"Variable:{node.name}")
                continue
            lines += ["--------------------", f"Op:{node.op.name}, Name={node.name}", "Inputs:"]
            lines += [f"\targ[{i}]={below.name}({at})" for i, (below, at) in enumerate(node.inputs)]
            if node.params:
                lines += ["Attrs:", *(f"\t{key}={value}" for key, value in json_format.attributes(node).items())]
        return "\n".join(lines) + "\n"

    # ---- arithmetic: of equal shapes, as the shapes are not known ----

    def __bool__(self) -> bool:
        raise NotForSymbol(
            "a Symbol is not true or false: its values are not known while a graph is recorded. Use F.where, or "
            "F.contrib.cond, or do not hybridize this block"
        )

    __hash__ = object.__hash__

    def __add__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_plus", "_plus_scalar", "_plusscalar")

    __radd__ = __add__

    def __sub__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_minus", "_minus_scalar", "_minusscalar")

    def __rsub__(self, other: Any) -> Symbol:
        return call("_rminus_scalar", (self,), {"scalar": other}, hint="_rminusscalar")

    def __mul__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_mul", "_mul_scalar", "_mulscalar")

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_div", "_div_scalar", "_divscalar")

    def __rtruediv__(self, other: Any) -> Symbol:
        return call("_rdiv_scalar", (self,), {"scalar": other}, hint="_rdivscalar")

    def __mod__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_mod", "_mod_scalar", "_modscalar")

    def __rmod__(self, other: Any) -> Symbol:
        return call("_rmod_scalar", (self,), {"scalar": other}, hint="_rmodscalar")

    def __pow__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_power", "_power_scalar", "_powerscalar")

    def __rpow__(self, other: Any) -> Symbol:
        return call("_rpower_scalar", (self,), {"scalar": other})

    def __neg__(self) -> Symbol:
        return self * -1.0

    def __abs__(self) -> Symbol:
        return call("abs", (self,), {})

    def __eq__(self, other: Any) -> Symbol:  # type: ignore[override]
        return number_or_symbol(self, other, "_equal", "_equal_scalar", "_equal_scalar")

    def __ne__(self, other: Any) -> Symbol:  # type: ignore[override]
        return number_or_symbol(self, other, "_not_equal", "_not_equal_scalar", "_not_equal_scalar")

    def __gt__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_greater", "_greater_scalar", "_greater_scalar")

    def __ge__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_greater_equal", "_greater_equal_scalar", "_greater_equal_scalar")

    def __lt__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_lesser", "_lesser_scalar", "_lesser_scalar")

    def __le__(self, other: Any) -> Symbol:
        return number_or_symbol(self, other, "_lesser_equal", "_lesser_equal_scalar", "_lesser_equal_scalar")

    # ---- methods that are operators ----

    def reshape(self, *shape: Any, **kwargs: Any) -> Symbol:
        """`mx.sym.reshape` of this symbol; the lengths may come one by one."""
        if len(shape) == 1 and isinstance(shape[0], (list, tuple)):
            shape = tuple(shape[0])
        return call("reshape", (self,), {**({"shape": shape} if shape else {}), **kwargs})

    def astype(self, dtype: Any, copy: bool = True) -> Symbol:
        """The elements in another dtype.  Raises ArgumentError for copy=False: a graph always makes a new array."""
        if not copy:
            raise ArgumentError("astype(copy=False): a symbol's cast always gives a new array")
        return call("cast", (self,), {"dtype": dtype})


def _fluent(name: str) -> Any:
    def method(self: Symbol, *args: Any, **kwargs: Any) -> Symbol:
        return call(name, (self, *args), kwargs)

    method.__name__ = name
    method.__qualname__ = f"Symbol.{name}"
    method.__doc__ = f"`mx.sym.{name}` of this symbol."
    return method


for _name in (*(name for name in vars(Fluent) if not name.startswith("_")), "expand_dims", "flatten", "squeeze",
              "broadcast_to"):  # fmt: skip
    if not hasattr(Symbol, _name):
        setattr(Symbol, _name, _fluent(_name))


def _not_here(name: str) -> Any:
    def method(self: Symbol, *_args: Any, **_kwargs: Any) -> Any:
        raise NotForSymbol(method)

    method.__name__ = name
    method.__qualname__ = f"Symbol.{name}"
    method.__doc__ = "Raises NotImplementedForSymbol: it needs an array's values."
    return method


for _name in ("as_in_context", "asnumpy", "asscalar", "backward", "copy", "detach", "wait_to_read"):
    setattr(Symbol, _name, _not_here(_name))


def _is_length(value: Any) -> bool:
    return isinstance(value, (int, np.integer))


def _from_json(text: str) -> Symbol:
    return Symbol(json_format.loads(text))


def Group(symbols: Sequence[Symbol]) -> Symbol:
    """The outputs of several symbols in one.  Raises ArgumentError for what is no list of symbols."""
    if not symbols or any(not isinstance(symbol, Symbol) for symbol in symbols):
        raise ArgumentError("Group: expected a list of one or more Symbols")
    return Symbol([entry for symbol in symbols for entry in symbol._entries])
