"""DistKVStore: the kinds `dist_sync`, `dist_async` and their kin: MXNet's calls, carried out by a cluster's servers.

Knows: NDArrays and how they become flat buffers (a push copies, a pull fills in the I/O thread), the optimizer's
numbers at each push, and when an error is raised.  Never: shards, servers, messages: those are the machine's
(`state.py`), behind the runtime.
A pull returns at once; each array waits for its own value when it is read.  What
can be known here (key, shape, dtype, no optimizer with async) raises in the call, before anything is sent; what fails
later is raised once, by the next call or by reading the array, and then the store is closed.
"""

# pyright: reportPrivateUsage=false
# _read, _for_write and _set_pending are how a store meets an array's buffer (core/handle.py).

from __future__ import annotations

import math
import os
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np

from ..core import pending
from ..core.errors import ArgumentError
from ..core.ndarray import NDArray
from ..core.optimizer import Optimizer, from_wire
from ..core.optimizer.states import load_states, save_states
from ..kvstore import keys
from ..kvstore.base import KVStore
from ..kvstore.errors import InvalidValue, KVStoreError, NoOptimizer, StoreClosed, Unsupported
from ..kvstore.keys import Group, Key
from ..kvstore.rows import asked, width_of
from . import runtime as runtimes
from . import sparse
from .calls import Array, Call, GetStates, InitKey, Optimize, PullKey, PushKey, PutStates
from .known import Known, require_whole, shaped
from .progress import plain
from .sparse import TABLE

UNBOUNDED = -1
Waiting = tuple[NDArray, list[Future[Any]]]  # an array, and the calls that fill it or its views


class DistKVStore(KVStore):
    """Keys and values on the servers: `mx.kv.create('dist_sync')`.

    Servers sum over workers: with `Trainer.step(batch_size)` and n workers a step is as one of n * batch_size samples
    divided by batch_size, as in MXNet; pass the global batch size, or `Trainer(grad_average=True)`.
    """

    def __init__(self, kind: str, staleness: float | None = None) -> None:
        self._kind = kind
        self._staleness = _staleness(kind, staleness)
        self._runtime = runtimes.current()
        self._number = self._runtime.open_store(kind, self._staleness)
        self._known: dict[Key, Known] = {}
        self._optimizer: Optimizer | None = None
        self._generation = self._optimizers = 0
        self._hyper: tuple[int, dict[str, Any]] = (0, {})
        self._samples = 0.0
        self._under_way: deque[Future[Any]] = deque()
        self._failure: BaseException | None = None
        waitall = _weak(self)
        pending.register(waitall)
        weakref.finalize(self, pending.unregister, waitall)

    @property
    def type(self) -> str:
        """The kind, as `create` was asked for it, in lower case."""
        return self._kind

    @property
    def rank(self) -> int:
        """This worker's number: 0 .. num_workers - 1."""
        return self._runtime.rank

    @property
    def num_workers(self) -> int:
        """Workers in the job, those that have left included."""
        return self._runtime.num_workers

    def __repr__(self) -> str:
        return (
            f"<mxl.worker.DistKVStore {self._kind!r}: {len(self._known)} keys, "
            f"rank {self.rank} of {self.num_workers}>"
        )

    # -- values ------------------------------------------------------------------------------------------------------

    def _init(self, pairs: list[tuple[Key, NDArray]]) -> None:
        self._check()
        for key, _ in pairs:
            if key in self._known:
                raise keys.initialised(key)
        calls: list[Call] = []
        for key, array in pairs:
            scope = "element" if self._optimizer is None else self._optimizer.scope
            if array.stype == TABLE:
                rows = sparse.rows_of(array)
                scope = "row" if scope == "element" else scope
                value, ids = rows.rows.reshape(-1), rows.ids
            else:
                value, ids = array._read().reshape(-1).copy(), None
            self._known[key] = Known(value.dtype, array.shape, scope, array.stype)
            calls.append(InitKey(self._number, key, value, array.shape, scope, ids))
        self._submit(calls)
        self._wait([call.accepted for call in calls])

    def _push(self, groups: list[Group], priority: int) -> None:
        calls = self._push_calls(groups, priority)
        self._submit(calls)
        self._wait([call.accepted for call in calls])

    def _pull(self, groups: list[Group], priority: int) -> None:
        self._check_pull(groups)
        dense = [(key, [out for out in outs if out.stype != TABLE]) for key, outs in groups]
        calls, arrays = self._pull_calls([(key, outs) for key, outs in dense if outs], priority)
        self._submit(calls)
        self._pend(arrays)
        self._fill_rows([(key, out, None) for key, outs in groups for out in outs if out.stype == TABLE], priority)

    def _pull_rows(self, wanted: list[tuple[Key, NDArray, NDArray]], priority: int) -> None:
        """[(key, out, row ids)]: fill row_sparse arrays with these rows, and wait for them."""
        self._check_pull([(key, [out]) for key, out, _ in wanted])
        for key, _, _ in wanted:
            if self._known[key].stype != TABLE:
                raise InvalidValue(f"row_sparse_pull: key {key!r} is dense, and pull fills arrays with it; rows are "
                                   f"pulled of keys that were initialised with a row_sparse array")
        chosen = [(key, out, asked(ids, self._known[key].shape[0], key)) for key, out, ids in wanted]
        self._fill_rows(chosen, priority)

    def _fill_rows(self, wanted: Sequence[tuple[Key, Any, Array | None]], priority: int) -> None:
        """Row_sparse arrays, with rows of a table, or (None) with all that the value has."""
        calls: list[Call] = []
        for key, _, ids in wanted:
            dtype, shape = self._meta(key)
            size = math.prod(shape) if ids is None else len(ids) * width_of(shape)
            calls.append(PullKey(self._number, key, np.empty(size, dtype), priority, (), ids))
        self._submit(calls)
        self._wait([call.answered for call in calls])
        for (key, out, ids), call in zip(wanted, calls, strict=True):
            assert isinstance(call, PullKey)
            rows = call.target.reshape(-1, *self._known[key].shape[1:])
            if ids is None:
                ids = np.arange(len(rows))
                if self._known[key].stype != TABLE:  # as of a dense array that is cast: the rows that are not zero
                    ids = np.flatnonzero(rows.reshape(len(rows), -1).any(axis=1))
                    rows = rows[ids]
            out._set_rows(ids, rows.astype(out.dtype, copy=False))

    def _pushpull(self, groups: list[Group], outs: list[Group], priority: int) -> None:
        # As MXNet has it, row_sparse arrays are not filled: their rows are pulled.
        dense = [(key, [out for out in arrays if out.stype != TABLE]) for key, arrays in outs]
        outs = [(key, arrays) for key, arrays in dense if arrays]
        self._check_pull(outs)
        pushes = self._push_calls(groups, priority)
        pulls, arrays = self._pull_calls(outs, priority)
        self._submit([*pushes, *pulls])  # together: each pull rides on its push
        self._pend(arrays)
        self._wait([call.accepted for call in pushes])

    def _push_calls(self, groups: list[Group], priority: int) -> list[Call]:
        self._check()
        for key, arrays in groups:
            keys.check_pushed(key, *self._meta(key), arrays)
        if self._optimizer is None and self._staleness != 0:
            raise NoOptimizer(
                f"kvstore {self._kind!r} applies each push as it comes, which needs an optimizer: call "
                f"kv.set_optimizer first, or use dist_sync"
            )
        scale = 1.0 if self._optimizer is None else float(self._optimizer.rescale_grad)
        number, values = self._numbers()
        calls: list[Call] = []
        for key, arrays in groups:
            gradient, ids = sparse.summed(arrays)
            call = PushKey(
                self._number,
                key,
                gradient,
                scale,
                self._samples,
                self._generation,
                number,
                values,
                priority,
                ids,
            )
            calls.append(call)
            self._under_way.append(call.answered)
        return calls

    def _numbers(self) -> tuple[int, dict[str, Any]]:
        """The numbered set of hyper-parameters in force; a change since the last push makes a new one."""
        if self._optimizer is None:
            return 0, {}
        number, before = self._hyper
        values = self._optimizer.hyper()
        if values != before:
            self._hyper = number + 1, values
        return self._hyper

    def _check_pull(self, groups: list[Group]) -> None:
        self._check()
        for key, outs in groups:
            keys.check_pulled(key, *self._meta(key), outs)

    def _pull_calls(self, groups: list[Group], priority: int) -> tuple[list[Call], list[Waiting]]:
        """The calls, and the arrays that wait for them: one of each family of arrays that share memory."""
        self._check_pull(groups)
        # All buffers before any call: an array that is still pending, of an earlier pull, is waited for here.
        buffers = [[out._for_write(keep=False).reshape(-1) for out in outs] for _, outs in groups]
        calls: list[Call] = []
        arrays: dict[int, Waiting] = {}
        for (key, outs), flats in zip(groups, buffers, strict=True):
            dtype, _ = self._meta(key)
            same = next((i for i, b in enumerate(flats) if b.dtype == dtype), None)
            target = np.empty(flats[0].size, dtype) if same is None else flats.pop(same)
            call = PullKey(self._number, key, target, priority, tuple(flats))
            calls.append(call)
            self._under_way.append(call.answered)
            for out in outs:
                arrays.setdefault(id(out._family or out), (out, []))[1].append(call.answered)
        return calls, list(arrays.values())

    def _pend(self, arrays: list[Waiting]) -> None:
        """From now on reading these waits for their calls, which have been submitted."""
        for array, futures in arrays:
            array._set_pending(_Pulled(self, futures))

    def _meta(self, key: Key) -> tuple[np.dtype[Any], tuple[int, ...]]:
        known = self._known.get(key)
        if known is None:
            raise keys.not_initialised(key)
        return known.dtype, known.shape

    # -- updates -----------------------------------------------------------------------------------------------------

    def set_optimizer(self, optimizer: Optimizer) -> None:
        """From now on the servers update the values by this optimizer.  Every rank calls it; the lowest rank's counts.

        The object stays the script's: a later change of its learning rate, weight decay, momentum or multipliers goes
        with the next push, and must be made at the same step on every rank; `rescale_grad` may differ.  An optimizer
        before it is dropped with its states.  One that is not elementwise (LAMB, LARS need whole keys) is set before
        `init`, so that large keys are not cut.  Raises ArgumentError for anything but an Optimizer, Unsupported
        where a key was cut already.
        """
        if not isinstance(optimizer, Optimizer):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(
                f"set_optimizer expects an mx.optimizer.Optimizer, got {optimizer!r:.60}; "
                f"mx.optimizer.create('sgd', learning_rate=0.1) makes one"
            )
        self._check()
        if optimizer.scope != "element":
            require_whole(optimizer, self._known, self._runtime.settings)
        self._optimizers += 1  # counted also if the wait is interrupted: a number never names two optimizers
        call = Optimize(self._number, self._optimizers, tuple(optimizer.to_wire()))
        self._submit([call])
        self._wait([call.answered])
        self._optimizer = optimizer
        self._generation = call.generation
        self._hyper = (0, {})

    @property
    def optimizer(self) -> Optimizer | None:
        """The optimizer whose numbers go with each push; None before `set_optimizer`."""
        return self._optimizer

    def set_batch(self, samples: float) -> None:
        """Have servers divide each sum by the samples of all ranks: `samples` is this rank's share of the next pushes.

        0, the default, leaves the sum as it is.
        """
        if not isinstance(samples, (int, float)) or not samples >= 0 or samples == math.inf:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(f"set_batch expects this rank's number of samples, 0 or more, got {samples!r:.60}")
        self._samples = float(samples)

    def save_optimizer_states(self, fname: str | os.PathLike[str], dump_optimizer: bool = False) -> None:
        """Write the states of all keys, as the servers have them after this rank's last push, into one file.

        Any one rank may call it.  Stores of every kind read the file.  Raises NoOptimizer, OSError.
        """
        optimizer = self._needs_optimizer("save_optimizer_states")
        self._wait_for_all()
        calls = [GetStates(self._number, key) for key in self._known]
        self._submit(calls)
        states: dict[Key, tuple[int, tuple[Array, ...]]] = {}
        for call, (updates, arrays) in zip(calls, self._wait([c.answered for c in calls]), strict=True):
            dtype, shape = self._meta(call.key)
            states[call.key] = optimizer.begin_num_update + updates, shaped(optimizer, dtype, shape, arrays)
        save_states(fname, optimizer.to_wire() if dump_optimizer else None, states)

    def load_optimizer_states(self, fname: str | os.PathLike[str]) -> None:
        """Take states, and the optimizer if it is there, from any store's file.  Every rank calls it.

        Raises NoOptimizer, OSError, StatesFileError for a file that is truncated or of another kind.
        """
        optimizer = self._needs_optimizer("load_optimizer_states")
        data, states = load_states(fname)
        if data is not None:
            loaded = from_wire(data)
            loaded.rescale_grad = optimizer.rescale_grad
            self.set_optimizer(loaded)
            optimizer = loaded
        self._wait_for_all()
        self.barrier()  # nobody's earlier push comes after them
        if self.rank == min(self._runtime.machine.membership.table.present_workers(), default=self.rank):
            calls = [
                PutStates(self._number, key, updates - optimizer.begin_num_update, [a.reshape(-1) for a in arrays])
                for key, (updates, arrays) in states.items()
                if key in self._known
            ]
            self._submit(calls)
            self._wait([call.answered for call in calls])
        self.barrier()

    def _needs_optimizer(self, call: str) -> Optimizer:
        self._check()
        if self._optimizer is None:
            raise NoOptimizer(f"{call}: kvstore {self._kind!r} has no optimizer; call set_optimizer first")
        return self._optimizer

    # -- the others --------------------------------------------------------------------------------------------------

    def barrier(self) -> None:
        """Wait until every worker that has not left the job has come to this call."""
        self._check()
        self._runtime.barrier(self._number)

    def report(self, **counters: Any) -> None:
        """Tell how training goes, for the launcher's live line and the cluster's numbers: `loss=0.3`, or your own.

        `step_samples=N` counts one step over N samples.  A Trainer counts its steps and their batch sizes by itself;
        a script whose batch sizes are not its own share (`step(global_batch)`) tells its share, which then counts.
        Raises ArgumentError for what is neither a number nor a short text.
        """
        told = {name: plain(name, value) for name, value in counters.items()}
        progress = self._runtime.progress
        if (samples := told.pop("trainer_step", None)) is not None:
            progress.trainer_step(int(samples))
        if (samples := told.pop("step_samples", None)) is not None:
            progress.step(int(samples))
        progress.report(**told)

    def counters(self) -> dict[str, Any]:
        return self._runtime.progress.counters()

    def _compress(self, params: dict[str, Any]) -> None:
        raise Unsupported(
            f"kvstore {self._kind!r} has no gradient compression of type {params['type']!r}; "
            f"leave compression_params out"
        )

    # -- waiting and failing -----------------------------------------------------------------------------------------

    def _submit(self, calls: Any) -> None:
        if calls:
            self._runtime.submit(calls)

    def _wait(self, futures: list[Future[Any]]) -> list[Any]:
        try:
            return self._runtime.wait(futures)
        except KVStoreError as error:
            told = self._told(error)
            raise told from told.__cause__

    def _check(self) -> None:
        """Raise what has failed since the last call: once as it was, then as a closed store."""
        if self._failure is not None:
            raise StoreClosed(f"this store is closed after an error: {self._failure}")
        while self._under_way and self._under_way[0].done():
            self._under_way.popleft()
        self._raise_unseen()

    def _raise_unseen(self) -> None:
        """Raise the error of a push that has failed, if nobody has heard of it."""
        error = self._runtime.failure_of(self._number)
        if error is not None and self._failure is None:
            self._fail(error)
            raise error

    def _told(self, error: KVStoreError) -> Exception:
        """What the script is told: the first failure as it was, where this one only says that the store is closed."""
        first = self._runtime.failure_of(self._number)
        told = first if self._failure is None and first is not None and isinstance(error, StoreClosed) else error
        self._fail(told)
        return told

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
        self._under_way.clear()
        self._runtime.seen(self._number)

    def _pulled(self, futures: list[Future[Any]]) -> None:
        try:
            self._runtime.wait(futures)
        except KVStoreError as error:
            told = self._told(error)
            raise told from told.__cause__
        self._raise_unseen()  # the value is there, but perhaps without what this rank has pushed

    def _wait_for_all(self) -> None:
        """`nd.waitall()`: every push and pull is answered."""
        if self._failure is None and runtimes.is_of_this_thread(self._runtime):
            futures = list(self._under_way)
            self._under_way.clear()
            self._wait(futures)


class _Pulled:
    """The pending value of an array that is being pulled, by one call or, in parts that share memory, by several."""

    __slots__ = ("_futures", "_store")

    def __init__(self, store: DistKVStore, futures: list[Future[Any]]) -> None:
        self._store = store
        self._futures = futures

    def wait(self) -> None:
        self._store._pulled(self._futures)

    def done(self) -> bool:
        return all(future.done() for future in self._futures)


def _weak(store: DistKVStore) -> Callable[[], None]:
    """`nd.waitall()` for this store, which does not keep it alive."""
    method = weakref.WeakMethod(store._wait_for_all)

    def waitall() -> None:
        wait = method()
        if wait is not None:
            wait()

    return waitall


def _staleness(kind: str, staleness: float | None) -> int:
    """0 for synchronous kinds, UNBOUNDED or N for asynchronous ones; `staleness=0` is synchronous whatever the name."""
    if "_async" not in kind:
        return 0
    return UNBOUNDED if staleness is None or staleness == math.inf else int(staleness)
