"""Control flow in a graph: `mx.sym.contrib.foreach`, `while_loop` and `cond`, each one node with a graph inside.

Knows how a Python function of symbols becomes a graph of its own: what was there before it was called is handed in,
what it made is inside.  Runs are those of `mx.nd.contrib` (core/control.py), which calls the inner graph step by step.
A graph with such a node is not written to files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core import control
from ..core.context import Context
from ..core.errors import BadCall, InvalidSetting, NotAnArray
from ..core.name import NameManager
from .graph import Entry, Node, in_order, next_order
from .operators import Operator
from .run import Plan
from .symbol import Symbol
from .variables import var

__all__ = ["cond", "foreach", "while_loop"]

Nested = Any  # a Symbol, or a list of Nested


def foreach(
    body: Callable[..., Any], data: Nested, init_states: Nested, name: str = "foreach"
) -> tuple[Nested, Nested]:
    """`out, states = body(slice, states)` for each slice of data along axis 0: the outs stacked, the last states."""
    name = NameManager.current.get(None, name)
    items, states = _flat(data, "foreach: data"), _flat(init_states, "foreach: init_states")
    if not items:
        raise BadCall("foreach: data is an empty list; give at least one Symbol")
    fresh = [var(f"{name}_data{i}") for i in range(len(items))], [var(f"{name}_state{i}") for i in range(len(states))]
    start = next_order()
    outs, new_states = body(_nested(data, iter(fresh[0])), _nested(init_states, iter(fresh[1])))
    found, found_states = _flat(outs, "foreach: the output of body"), _flat(new_states, "foreach: the states of body")
    inner = _Inner([*found, *found_states], [*fresh[0], *fresh[1]], start)

    def run(arrays: Sequence[Any], _params: Any, ctx: Context) -> list[Any]:
        count = len(items)
        given, first = list(arrays[:count]), list(arrays[count : count + len(states)])
        captured = list(arrays[count + len(states) :])

        def step(slices: list[Any], before: list[Any]) -> tuple[list[Any], list[Any]]:
            values = inner.run([*slices, *before, *captured], ctx)
            return values[: len(found)], values[len(found) :]

        stacked, last = control.foreach(step, given, first)
        return [*stacked, *last]

    made = _node("_foreach", name, run, [*items, *states], inner, len(found) + len(found_states))
    return _nested(outs, iter(made)), _nested(init_states, iter(made[len(found) :]))


def while_loop(
    cond: Callable[..., Any], func: Callable[..., Any], loop_vars: Nested, max_iterations: Any = None,
    name: str = "while_loop",
) -> tuple[Nested, Nested]:  # fmt: skip
    """`out, loop_vars = func(*loop_vars)` while `cond(*loop_vars)`, at most max_iterations times; the outs stacked.

    Where no step runs, the outs are zeros of one step: their shape must be known to a graph.
    """
    if max_iterations is None:
        raise InvalidSetting("while_loop: max_iterations is missing; give the most steps that the loop may take")
    name = NameManager.current.get(None, name)
    variables = _flat(loop_vars, "while_loop: loop_vars")
    if not variables:
        raise InvalidSetting("while_loop: loop_vars is empty; give at least one Symbol")
    fresh = [var(f"{name}_var{i}") for i in range(len(variables))]
    given = _nested(loop_vars, iter(fresh))
    arguments = [given] if isinstance(loop_vars, Symbol) else list(given)
    start = next_order()
    question = _Inner(_flat(cond(*arguments), "while_loop: cond"), fresh, start)
    start = next_order()
    outs, following = func(*arguments)
    found = _flat([] if outs is None else outs, "while_loop: the output of func")
    new = _flat(following, "while_loop: the loop_vars of func")
    if len(new) != len(variables):
        raise InvalidSetting(f"while_loop: func gave {len(new)} loop_vars, it was given {len(variables)}")
    inner = _Inner([*found, *new], fresh, start)
    count = len(variables)

    def run(arrays: Sequence[Any], _params: Any, ctx: Context) -> list[Any]:
        first = list(arrays[:count])
        asked = list(arrays[count : count + len(question.captured)])
        captured = list(arrays[count + len(question.captured) :])

        def step(*values: Any) -> tuple[list[Any], list[Any]]:
            results = inner.run([*values, *captured], ctx)
            return results[: len(found)], results[len(found) :]

        stacked, last = control.while_loop(
            lambda *values: question.run([*values, *asked], ctx)[0], step, first, max_iterations
        )
        if not stacked and found:
            shapes = step(*first)[0]
            stacked = [each.expand_dims(axis=0).repeat(repeats=int(max_iterations), axis=0) * 0 for each in shapes]
        return [*stacked, *last]

    made = _node("_while_loop", name, run, variables, inner, len(found) + count, question)
    return _nested([] if outs is None else outs, iter(made)), _nested(loop_vars, iter(made[len(found) :]))


def cond(pred: Symbol, then_func: Callable[[], Nested], else_func: Callable[[], Nested], name: str = "cond") -> Nested:
    """`then_func()` if pred, a symbol of one element, is not 0, else `else_func()`: one of both is computed."""
    name = NameManager.current.get(None, name)
    start = next_order()
    outs = then_func()
    then = _Inner(_flat(outs, "cond: the output of then_func"), [], start)
    start = next_order()
    other = _flat(else_func(), "cond: the output of else_func")
    otherwise = _Inner(other, [], start)
    if len(other) != then.count:
        raise InvalidSetting(f"cond: then_func gave {then.count} outputs, else_func {len(other)}")

    def run(arrays: Sequence[Any], _params: Any, ctx: Context) -> list[Any]:
        at = 1 + len(then.captured)
        found = control.cond(
            arrays[0], lambda: then.run(list(arrays[1:at]), ctx), lambda: otherwise.run(list(arrays[at:]), ctx)
        )
        return list(found)

    made = _node("_cond", name, run, [pred], then, then.count, otherwise)
    return _nested(outs, iter(made))


class _Inner:
    """The graph that a function made of symbols: its inputs are `fresh`, and what it took from outside."""

    def __init__(self, outputs: Sequence[Symbol], fresh: Sequence[Symbol], start: int) -> None:
        self.count = len(outputs)
        self.captured: list[Entry] = []
        stand_ins: dict[tuple[int, int], Node] = {(id(one._entries[0][0]), 0): one._entries[0][0] for one in fresh}
        heads = [symbol._entries[0] for symbol in outputs]
        made: dict[int, Node] = {}

        def now(entry: Entry) -> Entry:
            node, output = entry
            if id(node) in made:
                return made[id(node)], output
            key = (id(node), output)
            if key not in stand_ins:
                stand_ins[key] = Node(None, f"outer{len(self.captured)}")
                self.captured.append(entry)
            return stand_ins[key], 0

        for node in in_order(node for node, _ in heads):
            if node.op is not None and node.order > start:
                made[id(node)] = node.with_inputs([now(entry) for entry in node.inputs])
        self._plan = Plan([now(head) for head in heads])
        inputs = [one._entries[0][0] for one in fresh] + [stand_ins[id(node), out] for node, out in self.captured]
        place = {id(node): i for i, node in enumerate(inputs)}
        self._order = [place[id(node)] for node in self._plan.variables]

    def run(self, values: Sequence[Any], ctx: Context) -> list[Any]:
        """The outputs for these values of the inputs, the captured ones last."""
        return self._plan([values[i] for i in self._order], ctx)


def _node(
    kind: str, name: str, run: Callable[..., list[Any]], symbols: Sequence[Symbol], inner: _Inner, count: int,
    second: _Inner | None = None,
) -> list[Symbol]:  # fmt: skip
    first, more = (inner, second) if kind == "_cond" else (second or inner, inner if second else None)
    entries = [symbol._entries[0] for symbol in symbols] + first.captured + (more.captured if more else [])
    names = [f"arg{i}" for i in range(len(entries))]
    op = Operator(kind, run, ("args",), {}, variadic=True, results=count)
    return list(Symbol(Node(op, name, {}, {}, entries, names).entries()))


def _flat(nested: Nested, what: str) -> list[Symbol]:
    if isinstance(nested, Symbol):
        return list(nested)
    if not isinstance(nested, (list, tuple)):
        raise NotAnArray(f"{what} must be a Symbol or a (nested) list of them, not {type(nested).__name__}")
    return [symbol for part in nested for symbol in _flat(part, what)]


def _nested(like: Nested, symbols: Any) -> Nested:
    """The symbols, nested as `like` is."""
    if isinstance(like, Symbol):
        return next(symbols)
    return [_nested(part, symbols) for part in like]
