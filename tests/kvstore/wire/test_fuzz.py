"""Whatever bytes come: a message or a WireError, and never much memory.  `make fuzz` runs these for long."""

from __future__ import annotations

import struct
import tracemalloc

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.errors import WireError
from mxl.kvstore.wire.limits import DEFAULT
from mxl.kvstore.wire.messages import MESSAGES, PROTOCOL_VERSION

MEMORY_MAX = 64 << 20  # what limits.py promises


def decode_or_refuse(frames: list[bytes]) -> None:
    """If it is a message, sending it gives a message again."""
    try:
        message = decode(frames)
    except WireError:
        return
    assert type(decode(encode(message))) is type(message)


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_random_bytes(frames: list[bytes]) -> None:
    decode_or_refuse(frames)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: (st.lists(inner, max_size=6)
                   | st.dictionaries(st.text(max_size=4) | st.integers(0, 9), inner, max_size=4)),
    max_leaves=20)


@given(st.sampled_from(sorted(MESSAGES)), st.lists(ANYTHING, max_size=8), st.lists(st.binary(max_size=8), max_size=3))
def test_known_ops_with_any_fields(op: str, values: list[object], payloads: list[bytes]) -> None:
    decode_or_refuse([msgpack.packb([PROTOCOL_VERSION, op, *values]), *payloads])


@given(st.data())
def test_valid_messages_with_bytes_changed_cut_or_doubled(messages, data: st.DataObject) -> None:
    frames = [bytes(f) for f in encode(data.draw(messages(data.draw(st.sampled_from(sorted(MESSAGES))))))]
    header = bytearray(frames[0])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(header) - 1, 0)))
        match data.draw(st.sampled_from(["change", "cut", "insert", "repeat", "frames"])):
            case "change" if header:
                header[at] = data.draw(st.integers(0, 255))
            case "cut":
                del header[at:at + data.draw(st.integers(1, 20))]
            case "insert":
                header[at:at] = data.draw(st.binary(max_size=6))
            case "repeat":
                header[at:at] = header[at:at + 12]
            case _:
                frames = frames[:data.draw(st.integers(1, 3))] + data.draw(st.lists(st.binary(max_size=3), max_size=2))
    decode_or_refuse([bytes(header), *frames[1:]])


START = struct.pack("!BB", 0x93, PROTOCOL_VERSION) + msgpack.packb("table")
BOMBS = {
    "an array that says it is long": b"\x93\x01\xdd\xff\xff\xff\xff",
    "long arrays in long arrays": START + (b"\xdc" + struct.pack("!H", DEFAULT.parts)) * 100_000,
    "short arrays in short arrays": b"\x9f" * DEFAULT.header_bytes,
    "maps in maps": b"\x81\xa1a" * 100_000,
    "a map that says it is long": b"\x93\x01\xdf\xff\xff\xff\xff",
    "a text that says it is long": b"\x93\x01\xdb\xff\xff\xff\xff",
    "bytes that say they are long": b"\x93\x01\xc6\xff\xff\xff\xff",
    "many empty maps": msgpack.packb([1, "table", *[[{}] * 2000] * 250]),
    "many maps of one": msgpack.packb([1, "table", *[[{"a": {}}] * 2000] * 60]),
    "many tiny lists": msgpack.packb([1, "have", 0, 0, 0, [[0]] * 2000, *[[[0]] * 2000] * 120]),
    "many long texts": msgpack.packb([1, "beat", 0, ["x" * 60_000] * 8]),
    "a long header": bytes(DEFAULT.header_bytes * 4),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_header_never_takes_much_memory(name: str) -> None:
    tracemalloc.start()
    try:
        decode_or_refuse([BOMBS[name]])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_MAX
