"""Nonsense, from bytes that are nothing to messages right in every field and wrong in their sense; all from seeds."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from random import Random
from typing import Any, get_args, get_origin, get_type_hints

import msgpack

from mxl.kvstore.wire.codec import encode
from mxl.kvstore.wire.messages import MESSAGES, PROTOCOL_VERSION, Key, Message

WORDS = ["", "w", "dist_sync", "float32", "worker:0:0", "none", "default", "sgd", "é" * 40, "\x00"]
NUMBERS = [0, 1, 2, 3, -1, 255, 2**31, -(2**31), 2**40, 2**63 - 1]

ODD: dict[str, list[bytes]] = {
    "an empty message": [b""],
    "many empty frames": [b""] * 7,
    "no msgpack": [b"\xc1" * 10, b"payload"],
    "half a header": [msgpack.packb([PROTOCOL_VERSION, "push", 1, 0, [1, 2, 3]])[:9]],
    "a header of a million zeros": [bytes(1_000_000)],
    "an array that says it is huge": [b"\xdd\xff\xff\xff\xff" * 20],
    "another version": [msgpack.packb([2, "hello", 1, "worker:0:0", 1, 1, "", ""])],
    "an unknown op": [msgpack.packb([PROTOCOL_VERSION, "psh", 1])],
    "a version that is none": [msgpack.packb(["one", "push"])],
    "a push without its payloads": [msgpack.packb([PROTOCOL_VERSION, "push", 1, 0, [], []]), b"", b""],
    "more frames than a message has": [b"x"] * 3000,
}


def nonsense(seed: int) -> list[bytes]:
    """One message's frames."""
    rng = Random(seed)
    match seed % 4:
        case 0:
            return [rng.randbytes(rng.randrange(60)) for _ in range(rng.randrange(1, 5))]
        case 1:
            op = rng.choice(sorted(MESSAGES))
            header = [PROTOCOL_VERSION, op, *(plain(rng, 2) for _ in range(rng.randrange(9)))]
            return [msgpack.packb(header), *(rng.randbytes(4) for _ in range(rng.randrange(3)))]
        case 2:
            frames = [bytes(f) for f in encode(message(rng))]
            header = bytearray(frames[0])
            for _ in range(rng.randrange(1, 4)):
                header[rng.randrange(len(header))] = rng.randrange(256)
            return [bytes(header), *frames[1:]]
        case _:
            return [bytes(f) for f in encode(message(rng))]


def message(rng: Random, *, without: tuple[str, ...] = ()) -> Message:
    """A message of any kind, right in every field."""
    cls = MESSAGES[rng.choice(sorted(set(MESSAGES) - set(without)))]
    values = {f.name: field(rng, kind) for f, kind in _typed(cls) if not f.metadata.get("frames")}
    made = cls(**values)
    counts = {"push": "parts", "values": "parts", "states_are": "dtypes", "write_states": "dtypes"}
    if cls.op in counts:
        payloads = tuple(rng.randbytes(4 * rng.randrange(3)) for _ in values[counts[cls.op]])
    elif cls.op == "init":
        payloads = tuple(rng.randbytes(4 * rng.randrange(3)) for part in values["parts"] if part.has_value)
    elif cls.op == "pull":
        payloads = tuple(rng.randbytes(8 * rng.randrange(3)) for part in values["parts"] if part.rows >= 0)
    elif cls.op == "replicate":
        payloads = tuple(rng.randbytes(8 * rng.randrange(3)) for part in values["parts"] if part.rows >= -1)
    elif cls.op == "copy_shard":
        values["undo"] = rng.randrange(3)
        payloads = tuple(rng.randbytes(8) for _ in range(1 + values["undo"] + len(values["dtypes"])))
    else:
        return made
    return cls(**values, payloads=payloads)


def field(rng: Random, kind: Any, name: str = "") -> Any:
    """A value of this annotation."""
    if kind is int:
        return rng.choice(NUMBERS)
    if kind is bool:
        return rng.random() < 0.5
    if kind is float:
        return rng.choice([0.0, 1.0, -1.0, 1e300])
    if kind is str:
        return rng.choice(WORDS)
    if kind == Key:
        return rng.choice([*NUMBERS, *WORDS])
    if get_origin(kind) is dict:
        return {rng.choice(WORDS): plain(rng, 2) for _ in range(rng.randrange(4))}
    if get_origin(kind) is tuple:
        (inner, *_) = get_args(kind)
        return tuple(field(rng, inner) for _ in range(rng.randrange(4)))
    if is_dataclass(kind):
        values = {f.name: field(rng, its) for f, its in _typed(kind)}
        if "shape" in values:
            values["shape"] = tuple(rng.randrange(4) for _ in range(rng.randrange(3)))
        return kind(**values)  # type: ignore[operator]
    return plain(rng, 2)


def plain(rng: Random, depth: int) -> Any:
    match rng.randrange(7 if depth else 5):
        case 0:
            return None
        case 1:
            return rng.random() < 0.5
        case 2:
            return rng.choice(NUMBERS)
        case 3:
            return rng.choice(WORDS)
        case 4:
            return rng.random()
        case 5:
            return [plain(rng, depth - 1) for _ in range(rng.randrange(4))]
        case _:
            return {rng.choice(WORDS): plain(rng, depth - 1) for _ in range(rng.randrange(4))}


def _typed(cls: type) -> list[tuple[Any, Any]]:
    hints = get_type_hints(cls)
    return [(f, hints[f.name]) for f in fields(cls)]
