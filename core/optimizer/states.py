"""Optimizer states in a file: one format for local and dist stores, whatever the number of servers.

A safetensors file with the state arrays; its metadata holds, as JSON, each key with its update count and number of
arrays, and the optimizer as `to_wire` gives it, where it was asked for.  Nothing is ever unpickled; a file that is
truncated or of another kind ends in a sentence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import MXLError
from ..files import replacing

Key = int | str
States = dict[Key, tuple[int, tuple[np.ndarray, ...]]]

FORMAT = "mxl-optimizer-states"
VERSION = 1


class StatesFileError(MXLError, ValueError):
    """Bytes that are no optimizer states of mxl, or not whole."""


def dump_states(optimizer: list[Any] | None, states: Mapping[Key, tuple[int, tuple[np.ndarray, ...]]]) -> bytes:
    """Bytes with {key: (update count, state arrays)} and, unless None, an optimizer's `to_wire()`."""
    from safetensors.numpy import save

    keys: list[list[Any]] = []
    arrays: dict[str, np.ndarray] = {}
    for row, (key, (count, parts)) in enumerate(states.items()):
        keys.append([key, count, len(parts)])
        for number, part in enumerate(parts):
            arrays[f"{row}/{number}"] = np.ascontiguousarray(part)
    # One entry, since several come in any order: equal states are equal bytes.
    return save(arrays, {FORMAT: json.dumps({"version": VERSION, "optimizer": optimizer, "keys": keys})})


def parse_states(data: bytes, source: str = "these bytes") -> tuple[list[Any] | None, States]:
    """What `dump_states` was given."""
    about = _about(data, source)
    if about.get("version") != VERSION:
        raise StatesFileError(
            f"{source}: optimizer states of version {about.get('version')!r}; this mxl reads {VERSION!r}"
        )
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(bytes(data))
        optimizer = about["optimizer"]
        states: States = {}
        for row, (key, count, parts) in enumerate(about["keys"]):
            if not isinstance(key, (int, str)) or not isinstance(count, int):
                raise TypeError(f"key {key!r} with count {count!r}")
            states[key] = count, tuple(arrays[f"{row}/{number}"] for number in range(parts))
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise StatesFileError(f"{source}: truncated or damaged optimizer states ({error})") from error
    return optimizer, states


def _about(data: bytes, source: str) -> dict[str, Any]:
    """What the metadata say; a safetensors file is 8 bytes of length, then a JSON header, then the arrays."""
    size = int.from_bytes(data[:8], "little") if len(data) >= 8 else -1
    if size < 2 or not data[8:9] == b"{":
        raise StatesFileError(
            f"{source}: no optimizer states of mxl ({len(data)} bytes that are no safetensors file); states saved "
            f"by MXNet itself are pickles, which mxl does not read"
        )
    if size > len(data) - 8:
        raise StatesFileError(
            f"{source}: truncated or damaged optimizer states ({len(data)} bytes, the header alone has {size})"
        )
    try:
        metadata = json.loads(data[8 : 8 + size]).get("__metadata__")
    except (ValueError, AttributeError) as error:
        raise StatesFileError(f"{source}: truncated or damaged optimizer states (header: {error})") from error
    if not isinstance(metadata, dict) or FORMAT not in metadata:
        raise StatesFileError(
            f"{source}: no optimizer states of mxl (a safetensors file without {FORMAT!r} in its metadata)"
        )
    try:
        about = json.loads(metadata[FORMAT])
    except (ValueError, TypeError) as error:
        raise StatesFileError(f"{source}: truncated or damaged optimizer states (metadata: {error})") from error
    return about if isinstance(about, dict) else {}


def save_states(
    fname: str | os.PathLike[str], optimizer: list[Any] | None, states: Mapping[Key, tuple[int, tuple[np.ndarray, ...]]]
) -> None:
    """Writes `dump_states` into a file, which is replaced whole or not at all."""
    write_states(fname, dump_states(optimizer, states))


def write_states(fname: str | os.PathLike[str], data: bytes) -> None:
    """Writes what `dump_states` gave: aside first, then renamed, so an older file is replaced whole or not at all."""
    with replacing(fname) as file:
        file.write(data)


def load_states(fname: str | os.PathLike[str]) -> tuple[list[Any] | None, States]:
    """(the optimizer's `to_wire()` or None, {key: (update count, state arrays)}) of a file."""
    with open(fname, "rb") as file:
        data = file.read()
    return parse_states(data, os.fspath(fname))
