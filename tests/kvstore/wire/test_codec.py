"""Messages to frames and back: every class round-trips, every failure has its sentence."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mxl.core.errors import MXLError
from mxl.kvstore.wire import messages as wire
from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.errors import WireError
from mxl.kvstore.wire.fields import plan_of
from mxl.kvstore.wire.limits import DEFAULT, Limits
from mxl.kvstore.wire.messages import MESSAGES, PROTOCOL_VERSION, Message


def received(message: Message) -> list[memoryview]:
    """What a transport hands over."""
    return [memoryview(bytes(frame)).toreadonly() for frame in encode(message)]


@pytest.mark.parametrize("op", sorted(MESSAGES))
@settings(max_examples=max(10, settings().max_examples // 5))  # there are many classes
@given(data=st.data())
def test_every_message_comes_back_as_it_was_sent(messages, op: str, data: st.DataObject) -> None:
    message = data.draw(messages(op))
    assert decode(received(message)) == message


def test_every_way_to_send_a_field_is_known() -> None:
    for cls in MESSAGES.values():
        assert plan_of(cls).names[0] == "membership"


# ----- what a user of the codec relies on -----

PART = wire.PushPart(7, 0, "dense0_weight", 0, 41, "none", "float32", (3, 4), -1, 1.0, 0.0, 0, 1, True, 0)
INIT = wire.InitPart(7, 0, "w", 0, "default", "float32", (3, 4), 0, 12, True)


def push(*parts: wire.PushPart, payloads: int | None = None) -> wire.Push:
    count = len(parts) if payloads is None else payloads
    return wire.Push(3, 0, parts, (), tuple([b"x" * 48] * count))


def test_a_payload_is_never_copied() -> None:
    gradient = np.arange(12, dtype=np.float32).reshape(3, 4)
    header, payload = encode(replace(push(PART), payloads=(memoryview(gradient),)))
    assert np.shares_memory(np.frombuffer(payload, np.float32), gradient)
    message = decode([header, payload])
    assert isinstance(message, wire.Push)
    assert np.shares_memory(np.frombuffer(message.payloads[0], np.float32), gradient)
    assert len(header) < 200


def test_an_empty_payload_is_a_payload() -> None:
    message = replace(push(PART), payloads=(memoryview(np.zeros((0, 4), np.float32)),))
    decoded = decode(encode(message))
    assert isinstance(decoded, wire.Push)
    assert [len(p) for p in decoded.payloads] == [0]


def test_a_whole_number_is_a_float_where_a_float_is_expected() -> None:
    decoded = decode(received(push(replace(PART, scale=2))))
    assert isinstance(decoded, wire.Push)
    assert type(decoded.parts[0].scale) is float


def test_plain_data_may_hold_what_a_loss_may_be() -> None:
    decoded = decode(received(wire.Heartbeat(1, {"loss": float("nan"), "rate": float("inf")})))
    assert isinstance(decoded, wire.Heartbeat)
    assert np.isnan(decoded.counters["loss"])


def test_a_message_costs_microseconds() -> None:
    """One push of 100 parts stays far below what sending it costs; the bound is loose, for slow machines."""
    message = push(*[replace(PART, request=n) for n in range(100)])
    frames = received(message)
    best = {encode: 1.0, decode: 1.0}
    for call, argument in ((encode, message), (decode, frames)):
        for _ in range(20):
            begin = time.perf_counter()
            call(argument)
            best[call] = min(best[call], time.perf_counter() - begin)
    assert best[encode] < 0.002
    assert best[decode] < 0.005


# ----- each failure has its sentence -----

V = PROTOCOL_VERSION
PULL = (7, 0, "w", 0, 41, 0)


def header(*raw: Any) -> bytes:
    return msgpack.packb(raw)


def pull(*part: Any) -> list[bytes]:
    return [header(V, "pull", 3, 0, [part])]


def with_shape(*shape: Any) -> list[bytes]:
    row = list(plan_of(wire.PushPart).row(PART))
    row[7] = shape
    return [header(V, "push", 3, 0, [row], []), b""]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


BAD = [
    ([], "a message begins with a header frame, came none"),
    ([b""], "a header is one msgpack list, came 0 bytes that are none"),
    ([b"\xc1"], "a header is one msgpack list, came 1 bytes that are none"),
    ([header(V, "fetch", 0) + b"x"], "came 10 bytes that are none .*extra data"),
    ([header(V, "fetch", 0)[:-1]], "came 8 bytes that are none .*incomplete input"),
    ([b"\x93\x01\xa5fe\xffch\x00"], "that are none .*can't decode"),
    ([b"\x90"], r"a header is \[version, op, membership, fields...\], came \(\)"),
    ([msgpack.packb(5)], "a header is .*, came 5"),
    ([msgpack.packb({"op": "push"})], "a header is .*, came {'op': 'push'}"),
    ([bytes(DEFAULT.header_bytes + 1)], "a header may have 524288 bytes, came 524289"),
    ([header("1", "fetch", 0)], "a header begins with the protocol's version, came '1'"),
    ([header(True, "fetch", 0)], "a header begins with the protocol's version, came True"),
    ([header(V + 1, "psh", 0)], "peer speaks protocol 2, this node speaks 1; run the same version of mxl on both"),
    ([header(V)], "unknown op None; known: hello"),
    ([header(V, "psh", 0)], "unknown op 'psh'; known: .*push, pull"),
    ([header(V, ["push"], 0)], r"unknown op \('push',\)"),
    ([header(V, "beat", 0)], r"beat: 2 fields are expected \(membership, suspects\), came 1"),
    ([header(V, "fetch", 0, 1)], r"fetch: 1 fields are expected \(membership\), came 2"),
    ([header(V, "fetch", "x")], "fetch: field 'membership' must be an int, came 'x'"),
    ([header(V, "fetch", 1.0)], "field 'membership' must be an int, came 1.0"),
    ([header(V, "fetch", True)], "field 'membership' must be an int, came True"),
    ([header(V, "fetch", None)], "field 'membership' must be an int, came None"),
    ([header(V, "fetch", 2**63)], "field 'membership' must fit in 64 bits with a sign, came 9223372036854775808"),
    ([header(V, "fetch", 0), b"payload"], "fetch: no payload is expected, came 1"),
    ([header(V, "failed", 0, 5)], "failed: field 'text' must be a str, came 5"),
    ([header(V, "failed", 0, b"x")], "that are none .*max_bin_len"),
    ([header(V, "failed", 0, "x" * (DEFAULT.text_bytes + 1))], "that are none .*max_str_len"),
    ([header(V, "fetch", msgpack.ExtType(5, b"x"))], "that are none .*max_ext_len"),
    ([header(V, "fetch", [0] * (DEFAULT.parts + 1))], "that are none .*max_array_len"),
    ([header(V, "table", 0, {1: 2})], "that are none .*strict_map_key"),
    ([header(V, "beat", 0, "x")], "field 'suspects' must be a list, came 'x'"),
    ([header(V, "beat", 0, ["a", 3])], r"field 'suspects'\[1\] must be a str, came 3"),
    ([header(V, "taken", 0, [1, "x"])], r"taken: field 'requests'\[1\] must be an int, came 'x'"),
    ([header(V, "taken", 0, [2**64 - 1])], r"field 'requests'\[0\] must fit in 64 bits"),
    ([header(V, "table", 0, 5)], "table: field 'table' must be a dict, came 5"),
    ([header(V, "table", 0, {"a": 2**64 - 1})], r"field 'table'\['a'\] must fit in 64 bits"),
    ([header(V, "table", 0, nested(DEFAULT.plain_depth + 1))], "field 'table' may be 16 deep, came deeper"),
    ([header(V, "table", 0, {str(n): [0] * 2000 for n in range(40)})],
     "field 'table' may hold 65536 values, came more"),
    ([header(V, "pull", 0, 0, [5])], r"pull: field 'parts'\[0\] must be a list of fields, came 5"),
    (pull(7, 0, "w", 0, "x", -1, 0), r"pull: field 'parts'\[0\]: field 'clock' must be an int, came 'x'"),
    (pull(7, 0, "w", 0, 1, -1), r"field 'parts'\[0\]: 7 fields are expected \(request, .*, priority\), came 6"),
    (pull(7, 0, None, 0, 1, -1, 0), r"field 'key' must be an int or a str, came None"),
    (pull(7, 0, "k" * 1025, 0, 1, -1, 0), r"field 'key' may have 1024 bytes, came 1025 characters: 'kkk"),
    (pull(7, 0, "ключ" * 256, 0, 1, -1, 0), "field 'key' may have 1024 bytes, came 1024 characters"),
    (pull(7, 0, 2**63, 0, 1, -1, 0), "field 'key' must fit in 64 bits"),
    (with_shape(1, "x"), r"field 'shape'\[1\] must be an int, came 'x'"),
    (with_shape(2, -1), r"field 'shape' must have no negative dimension, came \(2, -1\)"),
    (with_shape(*[1] * 33), "field 'shape' may have 32 dimensions, came 33"),
    (with_shape(2**21, 2**20), "field 'shape' may have 1099511627776 elements, came"),
    (with_shape(0, 2**40, 2**40), "field 'shape' may have 1099511627776 elements, came"),
    ([header(V, "push", 0, 0, [[*plan_of(wire.PushPart).row(replace(PART, scale=float("nan")))]], []), b""],
     "field 'scale' must be finite, came nan"),
    ([header(V, "push", 0, 0, [[*plan_of(wire.PushPart).row(replace(PART, scale="1"))]], []), b""],  # type: ignore[arg-type]
     "field 'scale' must be a float, came '1'"),
    ([header(V, "push", 0, 0, [[*plan_of(wire.PushPart).row(replace(PART, wants_value=1))]], []), b""],
     "field 'wants_value' must be a bool, came 1"),
    (received(push(PART))[:1], "push: 1 payloads are expected, one for each part; came 0"),
    ([*received(push(PART)), b""], "push: 1 payloads are expected, one for each part; came 2"),
    (received(wire.Values(0, 0, (wire.ValuePart(1, 2),), (b"",)))[:1], "values: 1 payloads are expected"),
    (received(wire.Init(0, 0, (INIT, replace(INIT, has_value=False)), (b"",)))[:1],
     "init: 1 payloads are expected, one for each part that has a value; came 0"),
    (received(wire.StatesAre(0, 0, 1, 2, ("float32",), (b"",)))[:1],
     "states_are: 1 payloads are expected, one for each state array; came 0"),
    (received(wire.WriteStates(0, 0, 1, 0, "w", 0, 2, ("float32",), (b"",)))[:1],
     "write_states: 1 payloads are expected"),
]  # fmt: skip


@pytest.mark.parametrize("frames, sentence", BAD, ids=range(len(BAD)))
def test_bytes_that_are_no_message_have_their_sentence(frames: list[bytes], sentence: str) -> None:
    with pytest.raises(WireError, match=sentence) as caught:
        decode(frames)
    assert isinstance(caught.value, MXLError)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("message, sentence", [
    (wire.Heartbeat(0, {"loss": np.float32(1.5)}),
     r"heartbeat: field 'counters'\['loss'\] must be plain data .*, came np.float32"),
    (wire.Heartbeat(0, {"a": {"b": object()}}), r"heartbeat: field 'counters'\['a'\]\['b'\] must be plain data"),
    (wire.SetOptimizer(0, 1, 0, 0, ("sgd", {"lr_scheduler": object()})),
     "optimizer: field 'optimizer'.* must be plain data"),
    (wire.Fetch(2**64), "fetch: field 'membership' must fit in 64 bits with a sign, came 18446744073709551616"),
    (push(PART, payloads=2), "push: 1 payloads are expected, one for each part; came 2"),
    (wire.Init(0, 0, (INIT,), ()), "init: 1 payloads are expected, one for each part that has a value; came 0"),
    (push(*[PART] * 2049), "push: field 'parts' may have 2048 items, came 2049; send them in several messages"),
    (wire.Taken(0, tuple(range(200_000))),
     "taken: the header may have 524288 bytes, came .*; send its parts in several messages"),
    (replace(push(PART), payloads=(memoryview(np.zeros((4, 4)).T),)),
     r"push: a payload must be contiguous, came a view with strides"),
])
def test_what_cannot_be_sent_has_its_sentence(message: Message, sentence: str) -> None:
    with pytest.raises(WireError, match=sentence):
        encode(message)


def test_limits_are_the_receivers_to_choose() -> None:
    frames = received(wire.Beat(0, ("a", "b", "c")))
    assert decode(frames) == wire.Beat(0, ("a", "b", "c"))
    with pytest.raises(WireError, match="max_array_len"):
        decode(frames, Limits(parts=2))
    with pytest.raises(WireError, match="may have 5 bytes, came"):
        decode(frames, Limits(header_bytes=5))
    with pytest.raises(WireError, match="may have 3 bytes, came 4 characters"):
        decode([header(V, "pull", 0, 0, [(1, 0, "abcd", 0, 0, -1, 0)])], Limits(key_bytes=3))
