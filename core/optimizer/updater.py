"""Updater: an optimizer with the states of its keys, called as `updater(key, gradient, weight)` by local stores.

Its states go to bytes and back by the format of `states.py`, update counts included, so that training goes on where
it was.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from ..context import cpu
from ..errors import ArgumentError, InvalidSetting
from ..handle import new
from ..ndarray import NDArray
from .base import Optimizer
from .states import dump_states, parse_states
from .update import arrays_of
from .wire import Key, from_wire


class Updater:
    """Updates weights in place with an optimizer; a key's state is made at its first update."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.states: dict[Key, Any] = {}
        self.states_synced: dict[Key, bool] = {}
        self.aggregate_updates = optimizer.aggregate_num > 0
        self._flat: dict[Key, tuple[Any, list[NDArray]]] = {}  # (state, its arrays in the order of the pure step)
        self._loaded: dict[Key, tuple[np.ndarray, ...]] = {}  # from `set_states`, until the weight is seen

    def __call__(self, index: Any, grad: Any, weight: Any) -> None:
        """One update of a key, or of each of a list of keys."""
        if not isinstance(index, (list, tuple)):
            index, grad, weight = [index], [grad], [weight]
        if not len(index) == len(grad) == len(weight):
            raise ArgumentError(
                f"updater: {len(index)} keys, {len(grad)} gradients, {len(weight)} weights: they must be as many"
            )
        if not index:
            return
        self.optimizer._set_current_context(weight[0].ctx.device_id)
        for key, w in zip(index, weight, strict=True):
            if key not in self.states or key in self._loaded:
                self._make_state(key, w)
        groups: list[list[int]] = [[place] for place in range(len(index))]
        if self.aggregate_updates and len(index) > 1:
            groups = self._groups(weight)
        for group in groups:
            if len(group) == 1:
                k, w, g = index[group[0]], weight[group[0]], grad[group[0]]
                self.optimizer.update_multi_precision(k, w, g, self.states[k])
            else:
                keys = [index[place] for place in group]
                self.optimizer.update_multi_precision(
                    keys,
                    [weight[place] for place in group],
                    [grad[place] for place in group],
                    [self.states[key] for key in keys],
                )

    def _groups(self, weights: list[NDArray]) -> list[list[int]]:
        """Places of weights of one dtype, at most `aggregate_num` together."""
        by_dtype: dict[Any, list[int]] = defaultdict(list)
        for place, weight in enumerate(weights):
            by_dtype[np.dtype(weight.dtype)].append(place)
        most = self.optimizer.aggregate_num
        return [places[start : start + most] for places in by_dtype.values() for start in range(0, len(places), most)]

    def _make_state(self, key: Key, weight: NDArray) -> None:
        state = self.optimizer.create_state_multi_precision(key, weight)
        flat = self.optimizer._flat_state(weight, state)
        loaded = self._loaded.pop(key, None)
        if loaded is not None:
            want, got = [_describe(array) for array in flat], [_describe(array) for array in loaded]
            if want != got:
                raise InvalidSetting(
                    f"state of key {key!r}: loaded {got}, optimizer {type(self.optimizer).__name__!r} keeps {want} "
                    f"for this weight"
                )
            for array, value in zip(flat, loaded, strict=True):
                array._for_write(keep=False)[...] = value
        self.states[key] = state
        self.states_synced[key] = True
        self._flat[key] = state, flat

    def sync_state_context(self, state: Any, context: Any) -> Any:
        """The state with all its arrays in a context; what is there already is not copied."""
        if isinstance(state, NDArray):
            return state.as_in_context(context)
        if isinstance(state, (list, tuple)):
            return type(state)([self.sync_state_context(part, context) for part in state])
        return state

    def get_states(self, dump_optimizer: bool = False) -> bytes:
        """All states and update counts as bytes, with the optimizer itself if asked for."""
        counts = self.optimizer._index_update_count
        states: dict[Key, tuple[int, tuple[np.ndarray, ...]]] = {}
        for key, state in self.states.items():
            count = counts.get(key, self.optimizer.begin_num_update)
            if key in self._loaded:
                states[key] = count, self._loaded[key]
            else:
                made, flat = self._flat.get(key, (None, []))
                arrays = flat if made is state else arrays_of(state)  # a state that the script put there itself
                states[key] = count, tuple(array._read() for array in arrays)
        return dump_states(self.optimizer.to_wire() if dump_optimizer else None, states)

    def set_states(self, states: bytes, source: str = "these bytes") -> None:
        """Takes what `get_states` gave; an optimizer in it replaces this one.  Errors call the bytes `source`."""
        wire, loaded = parse_states(states, source)
        if wire is not None:
            self.optimizer = from_wire(wire)
            self.aggregate_updates = self.optimizer.aggregate_num > 0
        self.states, self.states_synced, self._flat, self._loaded = {}, {}, {}, {}
        for key, (count, arrays) in loaded.items():
            self.optimizer._index_update_count[key] = count
            self.optimizer.num_update = max(self.optimizer.num_update, count)
            handles = tuple(new(NDArray, array.copy(), cpu()) for array in arrays)
            self.states[key] = None if not handles else handles[0] if len(handles) == 1 else handles
            self.states_synced[key] = False
            self._loaded[key] = arrays


def get_updater(optimizer: Optimizer) -> Updater:
    """An updater for kvstore._set_updater: `updater(key, gradient, weight)`."""
    return Updater(optimizer)


def _describe(array: Any) -> str:
    return f"{np.dtype(array.dtype).name} {list(array.shape)}"
