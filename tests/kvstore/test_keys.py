"""Keys and values of a call: every accepted form ends as one list of groups, every other one in a sentence."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mxl as mx
from mxl.kvstore import keys
from mxl.kvstore.errors import InvalidKey, InvalidValue, KeyInitialised, NotInitialised, PartDtype, PartShape
from mxl.kvstore.keys import check_pulled, check_pushed, grouped, single
from mxl.kvstore.wire.limits import DEFAULT

a, b, c, d = (mx.nd.full((2,), value) for value in range(4))


@pytest.mark.parametrize("key, value, groups", [
    (3, a,                              [(3, [a])]),
    ("w", a,                            [("w", [a])]),
    ("", a,                             [("", [a])]),
    (3, [a, b],                         [(3, [a, b])]),
    (3, (a, b),                         [(3, [a, b])]),
    ([3], [a],                          [(3, [a])]),
    ([3], [[a, b]],                     [(3, [a, b])]),
    ((1, 2), (a, b),                    [(1, [a]), (2, [b])]),
    ([1, 2], [[a, b], [c]],             [(1, [a, b]), (2, [c])]),
    ([1, 2], [a, [b, c]],               [(1, [a]), (2, [b, c])]),
    (["w", "v"], [a, b],                [("w", [a]), ("v", [b])]),
    ([9, 5], [a, b],                    [(9, [a]), (5, [b])]),
    ([1, 1, 2], [a, b, c],              [(1, [a, b]), (2, [c])]),
    ([1, 2, 1], [a, b, c],              [(1, [a, c]), (2, [b])]),
    ([1, 2, 1], [[a, b], [c], [d]],     [(1, [a, b, d]), (2, [c])]),
    ([1, 1], [a, a],                    [(1, [a, a])]),
    (-1, a,                             [(-1, [a])]),
    (2**40, a,                          [(2**40, [a])]),
    (-(2**63), a,                       [(-(2**63), [a])]),
    (np.int32(3), a,                    [(3, [a])]),
    ([np.int64(3), 4], [a, b],          [(3, [a]), (4, [b])]),
    (np.uint64(2**63 - 1), a,           [(2**63 - 1, [a])]),
    (np.str_("w"), a,                   [("w", [a])]),
    ([], [],                            []),
])
def test_forms_of_a_call(key: object, value: object, groups: list[keys.Group]) -> None:
    found = grouped(key, value)
    assert [(key, list(map(id, arrays))) for key, arrays in found] == [(k, list(map(id, v))) for k, v in groups]
    assert all(type(key) in (int, str) for key, _ in found)


@pytest.mark.parametrize("key, value, error, sentence", [
    (True, a,               InvalidKey,   "a key is an int or a str, got True of type bool"),
    (np.bool_(True), a,     InvalidKey,   "a key is an int or a str, got .* of type bool"),
    (3.0, a,                InvalidKey,   r"a key is an int or a str, got 3\.0 of type float"),
    (None, a,               InvalidKey,   "a key is an int or a str, got None of type NoneType"),
    (b"w", a,               InvalidKey,   "a key is an int or a str, got b'w' of type bytes"),
    ([[3]], [a],            InvalidKey,   r"a key is an int or a str, got \[3\] of type list"),
    (2**63, a,              InvalidKey,   "key 9223372036854775808 does not fit 64 bits: expected -92233720368547758"),
    (-(2**63) - 1, a,       InvalidKey,   "key -9223372036854775809 does not fit 64 bits"),
    (np.uint64(2**63), a,   InvalidKey,   "does not fit 64 bits"),
    ([1, 2], [a],           InvalidValue, "push: 2 keys but 1 values: they must be as many"),
    ([1], [a, b],           InvalidValue, "push: 1 keys but 2 values: they must be as many"),
    ([], [a],               InvalidValue, "push: 0 keys but 1 values"),
    ([1, 2], a,             InvalidValue, "push of 2 keys: expected a list of 2 arrays, or of lists .* got .*NDA"),
    ([1, 2], None,          InvalidValue, "push of 2 keys: expected a list of 2 arrays, or of lists .* got None"),
    (3, [],                 InvalidValue, "push: key 3 came with an empty list: expected at least one NDArray"),
    ([1, 2], [a, []],       InvalidValue, "push: key 2 came with an empty list"),
    (3, None,               InvalidValue, "push: key 3 needs an NDArray or a list of them, got None"),
    (3, [a, None],          InvalidValue, "push: key 3 needs an NDArray or a list of them, got None"),
    (3, np.zeros(2),        InvalidValue, r"got numpy.ndarray; mx.nd.array\(x\) makes one"),
    ("w", 1.5,              InvalidValue, r"push: key 'w' needs an NDArray or a list of them, got float; mx.nd"),
    (3, [[a], [b]],         InvalidValue, "push: key 3 needs an NDArray or a list of them, got list"),
    (3, "abc",              InvalidValue, "push: key 3 needs an NDArray or a list of them, got str"),
])
def test_what_is_no_call(key: object, value: object, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        grouped(key, value)


def test_int_and_str_keys_differ() -> None:
    assert keys.one_key(3) != keys.one_key("3")
    assert [keys.one_key(key) for key in (np.int64(3), np.str_("3"))] == [3, "3"]


def test_mixing_is_refused() -> None:
    with pytest.raises(InvalidKey, match="keys 3 and '3' in one call: expected only ints or only strs"):
        grouped([3, "3"], [a, b])
    with pytest.raises(InvalidKey, match="keys 7 and 'w' in one call"):
        grouped(["w", "v", 7], [a, b, c])


@pytest.mark.parametrize("error", [InvalidKey, InvalidValue])
def test_errors_are_what_mxnet_raises_too(error: type[Exception]) -> None:
    assert {mx.MXNetError, TypeError, AssertionError} <= set(error.__mro__)


def test_the_call_is_named() -> None:
    with pytest.raises(InvalidValue, match="pull: key 3 needs an NDArray"):
        grouped(3, None, "pull")


def test_a_first_value_is_one_array_for_each_key() -> None:
    assert single([1, 2], [a, [b]]) == [(1, a), (2, b)]
    for key, value in [(3, [a, b]), ([3, 3], [a, b]), ([3, 4, 3], [a, b, c])]:
        with pytest.raises(KeyInitialised, match="init: key 3 came with 2 arrays; its first value is one array, given"):
            single(key, value)


def test_pushed_arrays_fit_the_key() -> None:
    dtype, shape = np.dtype("float32"), (64, 3, 3, 3)
    check_pushed("conv0_weight", dtype, shape, [mx.nd.zeros(shape)])
    with pytest.raises(PartShape, match=re.escape(
            "key 'conv0_weight' was initialised as float32 [64, 3, 3, 3], pushed as float32 [64, 3, 5, 5]")):
        check_pushed("conv0_weight", dtype, shape, [mx.nd.zeros(shape), mx.nd.zeros((64, 3, 5, 5))])
    with pytest.raises(PartDtype, match=re.escape("key 7 was initialised as float32 [2], pushed as float64 [2]")):
        check_pushed(7, dtype, (2,), [mx.nd.zeros((2,), dtype="float64")])


def test_pulled_arrays_fit_the_key_in_shape() -> None:
    dtype = np.dtype("float32")
    check_pulled(7, dtype, (2,), [mx.nd.zeros((2,)), mx.nd.zeros((2,), dtype="int32")])
    with pytest.raises(PartShape, match=re.escape("key 7 is float32 [2], pulled into float64 [1, 2]: the")):
        check_pulled(7, dtype, (2,), [mx.nd.zeros((1, 2), dtype="float64")])


def test_errors_that_a_store_raises() -> None:
    with pytest.raises(NotInitialised, match=r"^key 7 was not initialised; call kv\.init first$"):
        raise keys.not_initialised(7)
    with pytest.raises(KeyInitialised, match="key 'w' was initialised already: a key gets its first value once"):
        raise keys.initialised("w")


numbers = st.integers(keys.KEY_MIN, keys.KEY_MAX) | st.integers(0, 3)
one_kind = st.one_of(st.lists(numbers), st.lists(st.text(max_size=2)))


@given(one_kind, st.data())
def test_duplicates_are_grouped(names: list[keys.Key], data: st.DataObject) -> None:
    numbers = iter(range(1000))
    values = [[next(numbers) for _ in range(data.draw(st.integers(1, 3)))] for _ in names]
    arrays = [a, b, c, d]
    groups = grouped(names, [[arrays[n % 4] for n in value] for value in values])
    assert [key for key, _ in groups] == list(dict.fromkeys(names))
    for key, found in groups:
        assert [id(x) for x in found] == [id(arrays[n % 4]) for name, value in zip(names, values, strict=True)
                                          if name == key for n in value]


@given(st.integers() | st.integers(2**62, 2**65) | st.text() | st.floats() | st.binary() | st.booleans() | st.none())
def test_any_key_is_taken_or_refused_by_a_sentence(key: object) -> None:
    if type(key) is str or (type(key) is int and keys.KEY_MIN <= key <= keys.KEY_MAX):
        assert keys.one_key(key) == key
    else:
        with pytest.raises(InvalidKey, match="key"):
            keys.one_key(key)


def test_a_text_that_no_message_could_carry_is_no_key() -> None:
    assert DEFAULT.key_bytes == keys.KEY_BYTES
    assert keys.one_key("k" * 1024) == "k" * 1024
    for key, sentence in (("k" * 1025, "a key has at most 1024 bytes of UTF-8, this one has 1025: 'kkk"),
                          ("\u00e9" * 513, "this one has 1026"),
                          ("\ud800", r"a key is text that UTF-8 can write, got '\\ud800'")):
        with pytest.raises(keys.InvalidKey, match=sentence):
            keys.one_key(key)
