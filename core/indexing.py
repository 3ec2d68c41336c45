"""Indexing and assignment: what `x[key]` gives, which results share memory, and how `x[key] = value` writes.

As in MXNet: a result of basic indexing (numbers, slices, `...`, None) that is one contiguous part of its array is a
view and writes through; other results are copies.  An index array holds numbers, also where it holds booleans or
floats. A result without axes has shape [1].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import ArgumentError, IndexingError, OutOfBounds, ShapeError
from .handle import Buffer, Handle
from .ops.slicing import BASIC, index, is_basic

if TYPE_CHECKING:
    from .ndarray import NDArray


def _one(key: Any) -> Any:
    if isinstance(key, (bool, np.bool_)):
        return int(key)
    if isinstance(key, BASIC):
        return key
    if isinstance(key, Handle):
        data = key._read()
        if data.dtype == np.bool_:
            raise IndexingError(
                "boolean arrays do not index NDArrays; use mx.nd.contrib.boolean_mask, or a 0/1 mask with mx.nd.where"
            )
        return data.astype(np.int64)
    if isinstance(key, (list, range, np.ndarray)):
        listed = (
            np.array([k._read() if isinstance(k, Handle) else k for k in key])
            if isinstance(key, list)
            else np.asarray(key)
        )
        if listed.dtype.kind in "iufb" or listed.size == 0:
            return listed.astype(np.int64)
    raise IndexingError(
        f"an NDArray is indexed by numbers, slices, lists and arrays of numbers, not by {key!r:.60} of {type(key)}"
    )


def normalise(key: Any, shape: tuple[int, ...]) -> Any:
    """The key in numpy's terms: every index array as int64, checked against the axes."""
    keys = key if isinstance(key, tuple) else (key,)
    out = tuple(_one(k) for k in keys)
    used = sum(k is not None and k is not Ellipsis for k in out)
    if used > len(shape):
        raise OutOfBounds(f"too many indices ({used}) for array with {len(shape)} dimensions")
    if sum(k is Ellipsis for k in out) > 1:
        raise OutOfBounds("an index can only have a single ellipsis ('...')")
    axis = 0
    for i, k in enumerate(out):
        if k is None:
            continue
        if k is Ellipsis:
            axis += len(shape) - used
            continue
        size = shape[axis]
        if isinstance(k, (int, np.integer)):
            if not -size <= k < size:
                raise OutOfBounds(f"index {k} is out of bounds for axis {axis} with size {size}")
        elif isinstance(k, np.ndarray) and k.size:
            if k.min() < -size or k.max() >= size:
                worst = k.min() if k.min() < -size else k.max()
                raise OutOfBounds(f"index {worst} is out of bounds for axis {axis} with size {size}")
        elif isinstance(k, slice) and k.step == 0:
            raise IndexingError(f"index {i} is a slice with step 0: its step must be another number")
        axis += 1
    return out if isinstance(key, tuple) else out[0]


def get(array: NDArray, key: Any) -> Any:
    """array[key]."""
    data = array._read()
    if type(key) is slice and key.start is None and key.stop is None and key.step is None:
        return array
    key = normalise(key, data.shape)
    if is_basic(key):
        part = data[key]
        if part.ndim == 0:
            part = _without_axes(data, key)
        if part.size and part.flags.c_contiguous:
            return array._view(part, index, {"key": key})
    return index(array, key=key)


def _without_axes(data: Buffer, key: Any) -> Buffer:
    """The single element at `key`, as a view of shape [1]."""
    keys = tuple(k for k in (key if isinstance(key, tuple) else (key,)) if k is not Ellipsis)
    last = int(keys[-1]) % data.shape[-1]
    return data[(*keys[:-1], slice(last, last + 1))]


def put(array: NDArray, key: Any, value: Any) -> None:
    """array[key] = value: a number, a numpy array, a list, or an NDArray that broadcasts to the part."""
    if not (type(key) is slice and key == slice(None)):
        key = normalise(key, array._meta().shape)
    if isinstance(value, Handle):
        value = value._read()
    elif not isinstance(value, (int, float, np.generic, np.ndarray)):
        try:
            value = np.array(value, dtype=array._meta().dtype)
        except (TypeError, ValueError):
            raise ArgumentError(
                f"an NDArray is assigned numbers, or arrays and lists of them, not {value!r:.60}"
            ) from None
    whole = isinstance(key, slice) and key == slice(None)
    target = array._for_write(keep=not whole)
    with np.errstate(all="ignore"):
        if isinstance(value, np.ndarray) and value.dtype != target.dtype:
            value = value.astype(target.dtype)
        elif isinstance(value, (int, float, np.generic)) and target.dtype.kind != "f":
            value = np.asarray(value).astype(target.dtype)
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.reshape(())  # one element goes anywhere, also to a single place
        try:
            target[key] = value
        except ValueError:
            raise ShapeError(
                f"cannot assign an array of shape {list(np.shape(value))} to a part of shape {list(target[key].shape)}"
            ) from None
