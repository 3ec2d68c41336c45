"""The profiler's place before what it measures: put there by `install`, taken away by `remove`, whole.

Operators are measured at `Op.apply`, through which calls and graphs come, and at NDArray's `a + b`; gradients at the
tape's step from an operator to its inputs; a user's own operators where core/custom.py calls them; and other classes'
methods where `watch` names them.
Only the outermost operator counts: what a gradient's rule or a composed operator calls inside belongs to it.  While the
profiler does not run none of this is in the way.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .recorder import CUSTOM, OPERATOR, STORE, Recorder, now

_watched: list[tuple[type[Any], str]] = []  # methods that are measured as calls of stores
_undo: list[tuple[Any, str, Any]] = []      # where hooks stand, and what stood there before
_recorder: list[Recorder] = []              # the one that hooks report to, while they stand


class _Inside(threading.local):
    """Whether this thread is inside of something that is measured."""

    operator = False
    custom = ""  # the operator of the user's own whose Python runs


_inside = _Inside()


def watch(owner: type[Any], *methods: str) -> None:
    """Have calls of these methods measured, whenever `profile_api` asks for it."""
    _watched.extend((owner, method) for method in methods)
    if _recorder and _recorder[0].measures_stores:
        for method in methods:
            _put(owner, method, _store_call(getattr(owner, method), method, _recorder[0]))


def install(recorder: Recorder) -> None:
    """Stand before everything that the recorder's settings ask for."""
    remove()
    _recorder.append(recorder)
    if recorder.measures_operators:
        for owner, name, hook in _operator_hooks(recorder):
            _put(owner, name, hook)
    if recorder.measures_stores:
        for owner, method in _watched:
            _put(owner, method, _store_call(getattr(owner, method), method, recorder))


def remove() -> None:
    """Leave everything as it was."""
    while _undo:
        owner, name, before = _undo.pop()
        setattr(owner, name, before)
    _recorder.clear()


def _put(owner: Any, name: str, hook: Any) -> None:
    _undo.append((owner, name, vars(owner)[name]))
    setattr(owner, name, hook)


def _operator_hooks(recorder: Recorder) -> Iterator[tuple[Any, str, Any]]:
    from .. import custom, tape
    from ..ndarray import NDArray
    from ..op import Op

    yield Op, "apply", _measured(Op.apply, lambda args: args[0].name, recorder)
    for name, method in list(vars(NDArray).items()):
        names = getattr(method, "operators", None)
        if names is not None:
            yield NDArray, name, _measured(method, functools.partial(_of_two, names), recorder)
    for name in ("_pull_back", "_pull_back_recorded"):
        yield tape, name, _measured(getattr(tape, name), _backward_name, recorder)
    yield custom, "_run", _custom_call(custom._run, recorder)


def _backward_name(args: tuple[Any, ...]) -> str:
    """'' for an operator of the user's own: `_custom_call` measures it."""
    op = args[0].op
    return "" if getattr(op, "is_custom", False) else f"_backward_{op.name}"


def _of_two(names: tuple[str, str], args: tuple[Any, ...]) -> str:
    """The operator for two arrays, or for an array and a number."""
    from ..handle import Handle

    return names[0] if isinstance(args[1], Handle) else names[1]


def _measured(call: Callable[..., Any], name_of: Callable[[tuple[Any, ...]], str], recorder: Recorder) -> Any:
    @functools.wraps(call)
    def measured(*args: Any, **kwargs: Any) -> Any:
        if _inside.operator:
            return call(*args, **kwargs)
        _inside.operator = True
        begin = now()
        try:
            return call(*args, **kwargs)
        finally:
            end = now()
            _inside.operator = False
            name = name_of(args)
            if name and _inside.custom:
                recorder.range(CUSTOM, f"{_inside.custom}::{name}", begin, end)
            elif name:
                recorder.range(OPERATOR, name, begin, end)
            recorder.memory()

    return measured


def _custom_call(run: Callable[..., None], recorder: Recorder) -> Any:
    """A user's forward or backward: its Python as a whole, and the operators inside of it under its name."""

    @functools.wraps(run)
    def measured(name: str, method: Callable[..., None], **arguments: Any) -> None:
        before = _inside.operator, _inside.custom
        _inside.operator, _inside.custom = False, name
        begin = now()
        try:
            run(name, method, **arguments)
        finally:
            recorder.range(CUSTOM, f"{name}::pure_python", begin, now())
            _inside.operator, _inside.custom = before

    return measured


def _store_call(call: Callable[..., Any], name: str, recorder: Recorder) -> Any:
    @functools.wraps(call)
    def measured(*args: Any, **kwargs: Any) -> Any:
        begin = now()
        try:
            return call(*args, **kwargs)
        finally:
            recorder.range(STORE, name, begin, now())

    return measured
