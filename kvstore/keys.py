"""Keys and values of a store call, brought into one form: a list of (key, its arrays); each wrong form has its error.

Knows: what a key may be, how lists of keys meet lists of values, which arrays fit an initialised key.  Never: what a
store does with them; nothing here reads or writes an array's content, so a pending array is not waited for.

A key is an int (64 bits, signed; numpy's ints too) or a str; 3 and '3' are different keys.  The forms of a call:

    push(3, g)             push(3, [g_cpu0, g_cpu1])
    push([1, 2], [g, h])   push([1, 2], [[g_cpu0, g_cpu1], [h_cpu0, h_cpu1]])

Invariant: in what `grouped` returns each key stands once, in the order of first appearance, with all its arrays in
the order of the call, whether or not its repeats lay side by side.
"""

from __future__ import annotations

import operator
from typing import Any, TypeGuard

import numpy as np

from ..core.ndarray import NDArray
from .errors import InvalidKey, InvalidValue, KeyInitialised, NotInitialised, PartDtype, PartShape

Key = int | str
Group = tuple[Key, list[NDArray]]

KEY_MIN, KEY_MAX = -(2**63), 2**63 - 1
KEY_BYTES = 1024  # what a message takes (wire/limits.py)


def is_list(value: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether a key or a value is several of them."""
    return isinstance(value, (list, tuple))


# ----- keys -----


def one_key(key: Any) -> Key:
    """The key as a plain int or str, or InvalidKey."""
    if isinstance(key, str):
        return _text_key(str(key))
    if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
        number: int = operator.index(key)  # pyright: ignore[reportUnknownArgumentType]
        if not KEY_MIN <= number <= KEY_MAX:
            raise InvalidKey(f"key {number} does not fit 64 bits: expected {KEY_MIN} to {KEY_MAX}, or a str")
        return number
    raise InvalidKey(f"a key is an int or a str, got {key!r:.60} of type {type(key).__name__}")


def _text_key(key: str) -> str:
    """The key, if it can travel."""
    if len(key) * 4 <= KEY_BYTES and key.isascii():
        return key
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise InvalidKey(f"a key is text that UTF-8 can write, got {key!r:.60}") from None
    if size > KEY_BYTES:
        raise InvalidKey(f"a key has at most {KEY_BYTES} bytes of UTF-8, this one has {size}: {key!r:.60}")
    return key


def many_keys(keys: list[Any] | tuple[Any, ...]) -> list[Key]:
    """The keys of one call; ints and strs are not mixed."""
    plain = [one_key(key) for key in keys]
    kinds = {type(key) for key in plain}
    if len(kinds) > 1:
        number = next(key for key in plain if isinstance(key, int))
        text = next(key for key in plain if isinstance(key, str))
        raise InvalidKey(f"keys {number!r} and {text!r} in one call: expected only ints or only strs")
    return plain


# ----- keys with values -----


def grouped(key: Any, value: Any, call: str = "push") -> list[Group]:
    """[(key, its arrays)] of one call, each key once; `call` is named in the errors.

    key: one key, or a list of them; value: for one key an array or a list of arrays (one for each device), for a
    list of keys a list as long of either.
    """
    if not is_list(key):
        one = one_key(key)
        return [(one, _arrays(one, value, call))]
    keys = many_keys(key)
    if not is_list(value):
        raise InvalidValue(f"{call} of {len(keys)} keys: expected a list of {len(keys)} arrays, or of lists of arrays, "
                           f"got {_name(value)}")
    if len(keys) != len(value):
        raise InvalidValue(f"{call}: {len(keys)} keys but {len(value)} values: they must be as many")
    groups: dict[Key, list[NDArray]] = {}
    for one, its_value in zip(keys, value, strict=True):
        groups.setdefault(one, []).extend(_arrays(one, its_value, call))
    return list(groups.items())


def single(key: Any, value: Any, call: str = "init") -> list[tuple[Key, NDArray]]:
    """[(key, its one array)] of a call that gives keys their first value: each key once, each with one array."""
    pairs: list[tuple[Key, NDArray]] = []
    for one, arrays in grouped(key, value, call):
        if len(arrays) != 1:
            raise KeyInitialised(f"{call}: key {one!r} came with {len(arrays)} arrays; "
                                 f"its first value is one array, given once")
        pairs.append((one, arrays[0]))
    return pairs


def _arrays(key: Key, value: Any, call: str) -> list[NDArray]:
    arrays: list[Any] = list(value) if is_list(value) else [value]
    if not arrays:
        raise InvalidValue(f"{call}: key {key!r} came with an empty list: expected at least one NDArray")
    for array in arrays:
        if not isinstance(array, NDArray):
            hint = "; mx.nd.array(x) makes one" if isinstance(array, (np.ndarray, np.generic, int, float)) else ""
            raise InvalidValue(f"{call}: key {key!r} needs an NDArray or a list of them, got {_name(array)}{hint}")
    return arrays


def _name(value: Any) -> str:
    if value is None:
        return "None"
    module, name = type(value).__module__, type(value).__qualname__
    return name if module == "builtins" else f"{module}.{name}"


# ----- do the arrays fit the key -----


def described(dtype: Any, shape: tuple[int, ...]) -> str:
    """`float32 [64, 3, 3, 3]`, as errors print it."""
    return f"{np.dtype(dtype).name} {list(shape)}"


def check_pushed(key: Key, dtype: Any, shape: tuple[int, ...], arrays: list[NDArray]) -> None:
    """Raise where one of the arrays is not of the dtype and shape that the key was initialised with."""
    for array in arrays:
        if array.shape != shape or array._meta().dtype != dtype:  # pyright: ignore[reportPrivateUsage]
            error = PartShape if array.shape != shape else PartDtype
            raise error(f"key {key!r} was initialised as {described(dtype, shape)}, pushed as "
                        f"{described(array.dtype, array.shape)}")


def check_pulled(key: Key, dtype: Any, shape: tuple[int, ...], outs: list[NDArray]) -> None:
    """Raise where one of the outs has another shape than the key; another dtype is fine: the values are converted."""
    for out in outs:
        if out.shape != shape:
            raise PartShape(f"key {key!r} is {described(dtype, shape)}, pulled into "
                             f"{described(out.dtype, out.shape)}: the shapes must be equal")


def not_initialised(key: Key) -> NotInitialised:
    """The error for a key without a value; the caller raises it."""
    return NotInitialised(f"key {key!r} was not initialised; call kv.init first")


def initialised(key: Key) -> KeyInitialised:
    """The error for a second first value; the caller raises it."""
    return KeyInitialised(f"key {key!r} was initialised already: a key gets its first value once, by init or "
                          f"broadcast; push changes it")
