"""LocalKVStore: the kinds `local` and `device`, one process; arrays of several devices are summed and updated here.

Knows: the values by key, and the updater.  Never: other processes.  Values are the store's own copies, on cpu(0);
sums are taken in the order of the call, ((g0 + g1) + g2) + ..., so that every kind and every run has the same bits,
and equal those of `dist_sync` where each worker has one of the arrays.  Calls may come from several threads; each is
whole.

Beside MXNet's own store, these traps are mended: a pushed array may be altered afterwards (MXNet keeps it as the
value); an updater that writes into its gradient does not alter the pushed array; an updater's exception is raised by
`push`, not swallowed; it is given str keys as str, not bytes; shapes and dtypes stay those of `init`; a list call
that fails changes nothing; keys are 64 bits wide, and ints and strs may live in one store.
"""

# pyright: reportPrivateUsage=false
# _read, _for_write and _meta are how a store meets an array's buffer (core/handle.py).

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import allocator, autograd
from ..core.context import cpu
from ..core.errors import ArgumentError, InvalidSetting
from ..core.handle import Buffer, new
from ..core.ndarray import NDArray
from ..core.optimizer import Optimizer, Updater
from ..core.optimizer.blocks import cut
from ..core.optimizer.states import write_states
from ..core.sparse.arithmetic import total
from ..core.sparse.make import rows_at
from . import keys
from .base import KVStore
from .errors import InvalidValue, NoOptimizer, Unsupported
from .keys import Group, Key
from .rows import asked

Update = Callable[[Key, NDArray, NDArray], Any]


class LocalKVStore(KVStore):
    """Keys and values in this process: `mx.kv.create('local')`, or `'device'`, which can compress gradients too."""

    def __init__(self, kind: str = "local") -> None:
        self._kind = kind
        self._values: dict[Key, NDArray] = {}
        self._updater: Any = None
        self._threshold: float | None = None                # of 2bit compression
        self._residuals: dict[tuple[Key, int], Buffer] = {} # what compression has not sent yet, by key and place
        self._spare: Buffer = np.empty(0, np.uint8)         # where gradients of several devices are summed
        self._lock = threading.RLock()                      # re-entrant: an updater may pull

    @property
    def type(self) -> str:
        """The kind, as `create` was asked for it, in lower case."""
        return self._kind

    @property
    def rank(self) -> int:
        """0: there is one process."""
        return 0

    @property
    def num_workers(self) -> int:
        """1: there is one process."""
        return 1

    def __repr__(self) -> str:
        return f"<mxl.kvstore.LocalKVStore {self._kind!r}: {len(self._values)} keys>"

    # -- values ------------------------------------------------------------------------------------------------------

    def _init(self, pairs: list[tuple[Key, NDArray]]) -> None:
        with self._lock:
            for key, _ in pairs:
                if key in self._values:
                    raise keys.initialised(key)
            self._values.update([(key, _kept(array)) for key, array in pairs])

    def _push(self, groups: list[Group], priority: int) -> None:
        with self._lock:
            for key, arrays in groups:
                buffer = self._value(key)._meta()
                keys.check_pushed(key, buffer.dtype, buffer.shape, arrays)
            for key, arrays in groups:
                value = self._values[key]
                if value.sparse or any(array.sparse for array in arrays):
                    self._take_sparse(value, key, arrays)
                    continue
                buffers = [array._read() for array in arrays]
                if self._threshold is not None:
                    buffers = [self._quantised(key, place, buffer) for place, buffer in enumerate(buffers)]
                self._take(value, key, buffers)

    def _take(self, value: NDArray, key: Key, buffers: list[Buffer]) -> None:
        if self._updater is None:
            add_up(buffers, out=value._for_write(keep=False))
            return
        if not _reads_only(self._updater):
            merged = np.empty_like(buffers[0])              # the updater's own, to write into or to keep
            add_up(buffers, out=merged)
        elif len(buffers) == 1:
            merged = buffers[0]
        else:
            merged = self._borrow(buffers[0])
            add_up(buffers, out=merged)
        with autograd.pause():                              # an update is no part of a recorded graph
            self._updater(key, new(NDArray, merged, cpu()), value)

    def _take_sparse(self, value: NDArray, key: Key, arrays: list[NDArray]) -> None:
        """As `_take`, where the value or a gradient is sparse: a sum of row_sparse arrays is one, all else is dense."""
        if self._threshold is not None:
            raise Unsupported(f"push: key {key!r} is sparse; 2bit compression is for dense values and gradients")
        if all(array.stype == "row_sparse" for array in arrays):
            merged: NDArray = total(arrays)
        else:
            buffers = [array._read() for array in arrays]
            merged = new(NDArray, np.empty_like(buffers[0]), cpu())
            add_up(buffers, out=merged._read())
        with autograd.pause():
            if self._updater is None:
                merged.copyto(value)
            else:
                self._updater(key, merged, value)

    def _pull_rows(self, wanted: list[tuple[Key, NDArray, NDArray]], priority: int) -> None:
        with self._lock:
            for key, out, ids in wanted:
                value: Any = self._value(key)
                keys.check_pulled(key, value.dtype, value.shape, [out])
                if value.stype != "row_sparse":
                    raise InvalidValue(f"row_sparse_pull: key {key!r} is dense, and pull fills arrays with it; rows "
                                       f"are pulled of keys that were initialised with a row_sparse array")
                names = asked(ids, value.shape[0], key)
                chosen = rows_at(value, names)
                target: Any = out
                target._set_rows(names, chosen.astype(out.dtype, copy=False))

    def _borrow(self, like: Buffer) -> Buffer:
        if self._spare.nbytes < like.nbytes:
            self._spare = np.empty(like.nbytes, np.uint8)
        return self._spare[:like.nbytes].view(like.dtype).reshape(like.shape)

    def _pull(self, groups: list[Group], priority: int) -> None:
        with self._lock:
            for key, outs in groups:
                buffer = self._value(key)._meta()
                keys.check_pulled(key, buffer.dtype, buffer.shape, outs)
            for key, outs in groups:
                stored = self._values[key]
                if stored.sparse:                           # as they are: a stored row may be zero
                    for out in outs:
                        if out.stype == stored.stype:
                            stored.copyto(out)
                    outs = [out for out in outs if out.stype != stored.stype]
                value = stored._read() if outs else np.empty(0)
                for out in outs:
                    if out.sparse:
                        out[:] = new(NDArray, value, cpu())
                        continue
                    np.copyto(out._for_write(keep=False), value, casting="unsafe")

    def _value(self, key: Key) -> NDArray:
        value = self._values.get(key)
        if value is None:
            raise keys.not_initialised(key)
        return value

    # -- updates -----------------------------------------------------------------------------------------------------

    @property
    def optimizer(self) -> Optimizer | None:
        """The optimizer that pushes are updates by; None without one, or with an updater of one's own."""
        return getattr(self._updater, "optimizer", None)

    def set_optimizer(self, optimizer: Optimizer) -> None:
        """From now on a push updates the key's value by this optimizer, taking the sum as its gradient.

        The store keeps the object itself, so a later `optimizer.set_learning_rate` counts.  An optimizer before it is
        dropped with its states.  Raises ArgumentError for anything but an Optimizer.
        """
        if not isinstance(optimizer, Optimizer):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(f"set_optimizer expects an mx.optimizer.Optimizer, got {optimizer!r:.60}; "
                                f"mx.optimizer.create('sgd', learning_rate=0.1) makes one")
        self._set_updater(Updater(optimizer))

    def _set_updater(self, updater: Update | None) -> None:
        """From now on a push calls `updater(key, sum, value)`, which writes into `value`; None: the sum replaces it."""
        if updater is not None and not callable(updater):
            raise ArgumentError(f"_set_updater expects a function of (key, gradient, value), got {updater!r:.60}")
        with self._lock:
            self._updater = updater

    def save_optimizer_states(self, fname: str | os.PathLike[str], dump_optimizer: bool = False) -> None:
        """Write the optimizer's states and counts, and with `dump_optimizer` the optimizer, into a file.

        Dist stores read the file too.  Raises NoOptimizer, OSError.
        """
        with self._lock:
            states = self._optimizer_updater("save_optimizer_states").get_states(dump_optimizer)
        write_states(fname, states)

    def load_optimizer_states(self, fname: str | os.PathLike[str]) -> None:
        """Take states, and the optimizer if it is there, from a file that any kind of store wrote.

        Raises NoOptimizer, OSError, StatesFileError for a file that is truncated or of another kind.
        """
        with self._lock:
            updater = self._optimizer_updater("load_optimizer_states")
            with open(fname, "rb") as file:
                updater.set_states(file.read(), os.fspath(fname))

    def _optimizer_updater(self, call: str) -> Updater:
        if not isinstance(self._updater, Updater):
            has = "no optimizer" if self._updater is None else "an updater of its own, which keeps its states itself"
            raise NoOptimizer(f"{call}: kvstore {self._kind!r} has {has}; call set_optimizer first")
        return self._updater

    def _compress(self, params: dict[str, Any]) -> None:
        """Kind 'device': each device's array turns into -threshold, 0 and threshold, the rest is kept for its next."""
        if self._kind != "device":
            raise Unsupported(f"kvstore {self._kind!r} is one process and sends no gradients, so there is nothing to "
                              f"compress; leave compression_params out")
        unknown = sorted(params.keys() - {"type", "threshold"})
        if params["type"] != "2bit" or unknown:
            what = f"a setting {unknown[0]!r}" if unknown else f"type {params['type']!r}"
            raise Unsupported(f"set_gradient_compression: got {what}; known are type '2bit' and its threshold")
        threshold: Any = params.get("threshold", 0.5)
        if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not threshold > 0:
            raise InvalidSetting(f"set_gradient_compression: threshold must be above 0, got {threshold!r:.60}")
        with self._lock:
            self._threshold = float(threshold)

    def _quantised(self, key: Key, place: int, gradient: Buffer) -> Buffer:
        """Of gradient and what was kept before: -threshold, 0 or threshold; what remains is kept."""
        residual = self._residuals.get((key, place))
        if residual is None:
            residual = self._residuals[key, place] = np.zeros_like(gradient)
        residual += gradient
        threshold = gradient.dtype.type(self._threshold)
        sent = np.where(residual >= threshold, threshold, np.where(residual <= -threshold, -threshold, 0))
        sent = sent.astype(gradient.dtype, copy=False)
        residual -= sent
        return sent


def _kept(array: NDArray) -> NDArray:
    """A copy of a first value, in its storage."""
    return array.copyto(cpu()) if array.sparse else new(NDArray, allocator.copy(array._read()), cpu())


def add_up(arrays: list[Buffer], out: Buffer) -> None:
    """out = ((a0 + a1) + a2) + ..., block by block, without a temporary; all of one shape and dtype, C-contiguous."""
    if len(arrays) == 1:
        np.copyto(out, arrays[0])
        return
    for block, first, second, *rest in cut(out, *arrays):
        np.add(first, second, out=block)
        for more in rest:
            np.add(block, more, out=block)


def _reads_only(updater: Any) -> bool:
    """Whether the updater is an optimizer's pure step, which neither writes into a gradient nor keeps it."""
    if not isinstance(updater, Updater):
        return False
    klass = type(updater.optimizer)
    return (updater.optimizer.has_step and klass.update is Optimizer.update
            and klass.update_multi_precision is Optimizer.update_multi_precision)
