"""Messages to frames and back: `[msgpack [version, op, membership, fields...]] [payload] [payload] ...`.

Knows: the header's form, the protocol's version, how many payloads a message has.  Never: what a message means, and
never copies a payload.  Invariant: `decode(encode(m)) == m`, and `decode` of any bytes gives a message or a WireError.

Lists come back as tuples.  Payloads come back as what the transport gave: flat, read-only views.  Limits are checked
before memory is taken: the header's length first, then msgpack's bounds while it reads, then the fields (`limits.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgpack  # pyright: ignore[reportMissingTypeStubs]

from .errors import WireError
from .fields import Plan, came, check_plain, plan_of
from .limits import DEFAULT, Limits
from .messages import (
    MESSAGES,
    PROTOCOL_VERSION,
    CopyShard,
    Frame,
    Init,
    Message,
    Pull,
    Push,
    Replicate,
    StatesAre,
    Values,
    WriteStates,
)

_EMPTY = memoryview(b"")
_Packer: Any = msgpack.Packer  # pyright: ignore[reportUnknownMemberType]
_unpackb: Any = msgpack.unpackb  # pyright: ignore[reportUnknownMemberType]


class _PerThread(threading.local):
    """msgpack's packer keeps its buffer between messages, and serves one thread at a time."""

    def __init__(self) -> None:
        self.pack: Callable[[Any], bytes] = _Packer(autoreset=True).pack


_thread = _PerThread()


# ----- out -----


def encode(message: Message, limits: Limits = DEFAULT) -> list[Frame]:
    """The frames of a message; payloads are passed through without a copy, as flat views of bytes.

    WireError: it holds what cannot be sent, is beyond the limits, or has not as many payloads as its parts need.
    """
    cls = type(message)
    plan = plan_of(cls)
    for name in plan.parts:
        count = len(getattr(message, name))
        if count > limits.parts:
            raise WireError(f"{cls.op}: field {name!r} may have {limits.parts} items, came {count}; "
                            "send them in several messages")
    try:
        header = _thread.pack((PROTOCOL_VERSION, cls.op, *plan.row(message)))
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"{cls.op}: {_unsendable(message, plan, limits) or error}") from None
    if len(header) > limits.header_bytes:
        raise WireError(f"{cls.op}: the header may have {limits.header_bytes} bytes, came {len(header)}; "
                        "send its parts in several messages")
    frames: list[Frame] = [header]
    if plan.frames:
        payloads: tuple[Frame, ...] = getattr(message, plan.frames)
        _check_count(message, len(payloads))
        frames.extend([payload if type(payload) is bytes else _flat(cls.op, payload) for payload in payloads])
    return frames


def _flat(op: str, payload: Frame) -> memoryview:
    """A payload as a flat view of its bytes."""
    view = memoryview(payload)
    if view.ndim == 1 and view.itemsize == 1 and view.c_contiguous:
        return view
    if not view.c_contiguous:
        raise WireError(f"{op}: a payload must be contiguous, came a view with strides {view.strides}; copy it first")
    return view.cast("B") if view.nbytes else _EMPTY


def _unsendable(message: Message, plan: Plan, limits: Limits) -> str:
    """The sentence about the first field that msgpack could not take, looked for once it has failed."""
    for name in plan.names:
        try:
            check_plain(_as_plain(getattr(message, name)), limits, f"field {name!r}")
        except WireError as error:
            return str(error)
    return ""


def _as_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple([_as_plain(item) for item in value])  # pyright: ignore[reportUnknownVariableType]
    return plan_of(type(value)).row(value) if hasattr(value, "__dataclass_fields__") else value  # pyright: ignore[reportUnknownArgumentType]


# ----- in -----


def decode(frames: Sequence[Frame], limits: Limits = DEFAULT) -> Message:
    """The message that these frames are.  WireError, with the reason in a sentence, if they are none."""
    if not frames:
        raise WireError("a message begins with a header frame, came none")
    raw = read_header(frames[0], limits)
    if raw[0] != PROTOCOL_VERSION or type(raw[0]) is not int:
        if type(raw[0]) is int:
            raise WireError(f"peer speaks protocol {raw[0]}, this node speaks {PROTOCOL_VERSION}; "
                            "run the same version of mxl on both")
        raise WireError(f"a header begins with the protocol's version, came {came(raw[0])}")
    op = raw[1] if len(raw) > 1 else None
    cls = MESSAGES.get(op) if type(op) is str else None
    if cls is None:
        raise WireError(f"unknown op {came(op)}; known: {', '.join(MESSAGES)}")
    plan = plan_of(cls)
    if plan.frames:
        message = plan.take(raw[2:], limits, f"{op}: ", tuple(frames[1:]))
        _check_count(message, len(frames) - 1)
        return message
    if len(frames) > 1:
        raise WireError(f"{op}: no payload is expected, came {len(frames) - 1}")
    return plan.take(raw[2:], limits, f"{op}: ")


def read_header(header: Frame, limits: Limits = DEFAULT) -> tuple[Any, ...]:
    """The header's list, as msgpack has it: what `decode` and the story of a failure begin with."""
    if len(header) > limits.header_bytes:
        raise WireError(f"a header may have {limits.header_bytes} bytes, came {len(header)}")
    try:
        raw: Any = _unpackb(
            header, use_list=False, raw=False, strict_map_key=True, max_str_len=limits.text_bytes, max_bin_len=0,
            max_ext_len=0, max_array_len=limits.parts, max_map_len=limits.parts)
    except (ValueError, msgpack.UnpackException) as error:
        raise WireError(f"a header is one msgpack list, came {len(header)} bytes that are none "
                        f"({str(error) or type(error).__name__})") from None
    if type(raw) is not tuple or not raw:
        raise WireError(f"a header is [version, op, membership, fields...], came {came(raw)}")  # pyright: ignore[reportUnknownArgumentType]
    return raw  # pyright: ignore[reportUnknownVariableType]


# ----- payloads -----


def _parts_with_value(message: Init) -> int:
    return sum(part.has_value for part in message.parts)


def _parts_with_rows(message: Pull) -> int:
    return sum(part.rows >= 0 for part in message.parts)


def _parts_with_sum(message: Any) -> int:
    return sum(part.rows >= -1 for part in message.parts)


_NEEDED: dict[type[Message], tuple[Callable[[Any], int], str]] = {
    Push: (lambda m: len(m.parts), "one for each part"),
    Values: (lambda m: len(m.parts), "one for each part"),
    Init: (_parts_with_value, "one for each part that has a value"),
    Pull: (_parts_with_rows, "one for each part that asks for rows"),
    Replicate: (_parts_with_sum, "one for each part that has a sum"),
    CopyShard: (lambda m: 1 + m.undo + len(m.dtypes), "the value, what undoes its last update, and each state array"),
    StatesAre: (lambda m: len(m.dtypes), "one for each state array"),
    WriteStates: (lambda m: len(m.dtypes), "one for each state array"),
}


def _check_count(message: Message, count: int) -> None:
    needed, why = _NEEDED[type(message)]
    expected = needed(message)
    if expected != count:
        raise WireError(f"{message.op}: {expected} payloads are expected, {why}; came {count}")
