"""A strategy for each message class, built from its annotations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import strategies as st

from mxl.kvstore.wire import messages as wire
from mxl.kvstore.wire.fields import plan_of
from mxl.kvstore.wire.messages import MESSAGES, Message

INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | INTS | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=8)
SHAPES = st.lists(st.integers(0, 2**10), max_size=4).map(tuple)
BY_HINT: dict[Any, st.SearchStrategy[Any]] = {
    int: INTS,
    bool: st.booleans(),
    str: TEXTS,
    float: FLOATS,
    int | str: INTS | TEXTS,
    dict[str, Any]: st.dictionaries(TEXTS, PLAIN, max_size=4),
    tuple[Any, ...]: st.lists(PLAIN, max_size=4).map(tuple),
}


def of_hint(name: str, hint: Any) -> st.SearchStrategy[Any]:
    if name == "shape":
        return SHAPES
    if hint in BY_HINT:
        return BY_HINT[hint]
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return st.lists(of_class(item) if is_dataclass(item) else of_hint("", item), max_size=5).map(tuple)
    raise AssertionError(f"no strategy for {name}: {hint}")


def of_class(cls: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls)
    sent = [f.name for f in fields(cls) if not f.metadata.get("frames")]
    known = {"undo": st.integers(0, 3)}  # it counts frames
    return st.builds(cls, **{name: known[name] if name in known else of_hint(name, hints[name]) for name in sent})


def payloads_needed(message: Message) -> int:
    match message:
        case wire.Push() | wire.Values():
            return len(message.parts)
        case wire.Init():
            return sum(part.has_value for part in message.parts)
        case wire.Pull():
            return sum(part.rows >= 0 for part in message.parts)
        case wire.Replicate():
            return sum(part.rows >= -1 for part in message.parts)
        case wire.CopyShard():
            return max(0, 1 + message.undo + len(message.dtypes))
        case wire.StatesAre() | wire.WriteStates():
            return len(message.dtypes)
    return 0


@st.composite
def of_op(draw: st.DrawFn, op: str) -> Message:
    message = draw(of_class(MESSAGES[op]))
    if plan_of(type(message)).frames:
        n = payloads_needed(message)
        message = replace(message, payloads=tuple(draw(st.lists(st.binary(max_size=20), min_size=n, max_size=n))))
    return message


@pytest.fixture(scope="session")
def messages() -> Callable[[str], st.SearchStrategy[Message]]:
    """`messages(op)`: any message of that op."""
    return of_op
