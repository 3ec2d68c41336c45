"""Control flow over arrays: `mx.nd.contrib.foreach`, `while_loop` and `cond`.

They run Python functions, step by step, on NDArrays; what these do is recorded like any other call, so gradients of
every order go through.  Arrays may come in nested lists; results keep the nesting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .errors import BadCall, InvalidSetting, NotAnArray, OutOfBounds, ShapeError
from .ndarray import NDArray
from .op import TABLE

__all__ = ["cond", "foreach", "while_loop"]

Nested = Any  # an NDArray, or a list of Nested


def foreach(
    body: Callable[..., Any], data: Nested, init_states: Nested, name: str = "foreach"
) -> tuple[Nested, Nested]:
    """`out, states = body(slice, states)` for each slice of data along axis 0; the outs stacked, and the last states.

    data: an NDArray [N, ...] or a (nested) list of them; init_states: likewise, of any shapes.  `name` has no effect.

    >>> import mxl as mx
    >>> totals, last = mx.nd.contrib.foreach(lambda x, s: (x + s, x + s), mx.nd.array([1, 2, 3]), mx.nd.zeros((1,)))
    >>> print(totals.asnumpy().ravel())
    [1. 3. 6.]
    """
    arrays = _flat(data, "foreach: data")
    _flat(init_states, "foreach: init_states")
    if not arrays:
        raise BadCall("foreach: data is an empty list; give at least one NDArray")
    steps = len(arrays[0])
    if any(len(x) != steps for x in arrays):
        raise OutOfBounds(f"foreach: the arrays of data have {[len(x) for x in arrays]} steps: all must have as many")
    if not steps:
        raise ShapeError(f"foreach: data is {list(arrays[0].shape)}: it has no step to run")
    states = init_states
    collected: list[list[NDArray]] = []
    outs: Nested = []
    for i in range(steps):
        outs, states = body(_rebuilt(data, iter([x[i] for x in arrays])), states)
        collected.append(_flat(outs, "foreach: the output of body"))
        _as_many("foreach: body's outputs", collected)
    return _rebuilt(outs, iter(_stacked(collected, steps))), states


def while_loop(
    cond: Callable[..., Any], func: Callable[..., Any], loop_vars: Nested, max_iterations: Any = None,
    name: str = "while_loop",
) -> tuple[Nested, Nested]:  # fmt: skip
    """`out, loop_vars = func(*loop_vars)` while `cond(*loop_vars)`, at most max_iterations times.

    Gives the outs stacked, with zeros behind the last step up to max_iterations, and the last loop_vars; an empty list
    for the outs when no step ran.  `name` has no effect.
    """
    if max_iterations is None:
        raise InvalidSetting("while_loop: max_iterations is missing; give the most steps that the loop may take")
    try:
        most = int(max_iterations)
    except (TypeError, ValueError):
        raise InvalidSetting(f"while_loop: max_iterations must be a number, not {max_iterations!r}") from None
    alone = isinstance(loop_vars, NDArray)
    values = _flat(loop_vars, "while_loop: loop_vars")
    if not values:
        raise InvalidSetting("while_loop: loop_vars is empty; give at least one NDArray")
    now = loop_vars
    collected: list[list[NDArray]] = []
    outs: Nested = []
    while len(collected) < most:
        given = [now] if alone else list(now)
        if not _truth("while_loop: cond", cond(*given)):
            break
        outs, following = func(*given)
        outs = [] if outs is None else outs
        collected.append(_flat(outs, "while_loop: the output of func"))
        _as_many("while_loop: func's outputs", collected)
        found = _flat([] if following is None else following, "while_loop: the loop_vars of func")
        if len(found) != len(values):
            raise InvalidSetting(f"while_loop: func gave {len(found)} loop_vars, it was given {len(values)}")
        now = _rebuilt(loop_vars, iter(found))
    if not collected:
        return [], now
    return _rebuilt(outs, iter(_stacked(collected, most))), now


def cond(pred: Any, then_func: Callable[[], Nested], else_func: Callable[[], Nested], name: str = "cond") -> Nested:
    """`then_func()` if pred, an array of one element or a bool, is not 0, else `else_func()`.  `name` has no effect."""
    return then_func() if _truth("cond: pred", pred) else else_func()


def _truth(what: str, value: Any) -> bool:
    if isinstance(value, NDArray) and value.size != 1:
        raise ShapeError(f"{what} is {list(value.shape)}: it must have one element")
    return bool(value.asscalar() if isinstance(value, NDArray) else value)


def _flat(nested: Nested, what: str) -> list[NDArray]:
    if isinstance(nested, NDArray):
        return [nested]
    if not isinstance(nested, (list, tuple)):
        raise NotAnArray(f"{what} must be an NDArray or a (nested) list of them, not {type(nested).__name__}")
    return [x for part in nested for x in _flat(part, what)]


def _rebuilt(like: Nested, arrays: Any) -> Nested:
    """The arrays, nested as `like` is."""
    return next(arrays) if isinstance(like, NDArray) else [_rebuilt(part, arrays) for part in like]


def _as_many(what: str, collected: Sequence[list[NDArray]]) -> None:
    if len(collected[-1]) != len(collected[0]):
        raise InvalidSetting(f"{what} were {len(collected[0])} arrays at first, now {len(collected[-1])}")


def _stacked(collected: Sequence[list[NDArray]], steps: int) -> list[NDArray]:
    """Each output's steps in one array, [steps, ...], zeros behind the last."""
    stacked = []
    for column in zip(*collected, strict=True):
        rest = [TABLE["zeros_like"](column[0])] * (steps - len(column))
        stacked.append(TABLE["stack"](*column, *rest, axis=0))
    return stacked
