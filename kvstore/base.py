"""What a store is: `KVStoreBase`, the few methods that a Trainer needs, and `KVStore`, MXNet's whole set beside them.

Knows: names, arguments and checks of every call, the same for all kinds, so that a wrong call fails alike in one
process and in a cluster.  Never: where values live, how they are summed.  A kind of mxl's own is a subclass of
`KVStore` that fills in `_init`, `_push` and `_pull`, which receive checked, grouped keys; a plug-in is any class under
`KVStoreBase.register`.
"""

from __future__ import annotations

import operator
import os
import warnings
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ..core.errors import ArgumentError, BadCall
from ..core.profiler.hooks import watch
from . import keys
from .errors import InvalidValue, NotDefined, UnknownCapability, Unsupported
from .keys import Group, Key

if TYPE_CHECKING:
    from ..core.ndarray import NDArray

Klass = TypeVar("Klass", bound=type[Any])


class KVStoreBase:
    """What a Trainer needs of a store; the base of stores that are plugged in from outside.

    A class under `@KVStoreBase.register` is made by `mx.kv.create('its name')`, in any letter case.  It defines
    `broadcast`, `pushpull` and `is_capable`, and, if it is capable of 'optimizer', `set_optimizer` and the optimizer
    states too.  What it leaves out raises `NotDefined`, a NotImplementedError, when called.
    """

    OPTIMIZER: ClassVar[str] = "optimizer"
    kv_registry: ClassVar[dict[str, type[Any]]] = {}

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """Give each key its first value, rank 0's, and copy it into every array of `out`, on every worker."""
        raise self._not_defined("broadcast")

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """Sum `value` over devices and workers and copy the result into `out`, or back into `value` without `out`."""
        raise self._not_defined("pushpull")

    def set_optimizer(self, optimizer: Any) -> None:
        """Let the store update the values it keeps, with each sum of gradients that is pushed."""
        raise self._not_defined("set_optimizer")

    @staticmethod
    def is_capable(capability: str) -> bool:
        """Whether stores of this class have a capability; the one that exists is 'optimizer': to apply updates."""
        raise NotDefined("this store class does not define is_capable")

    def save_optimizer_states(self, fname: str | os.PathLike[str], dump_optimizer: bool = False) -> None:
        """Write the optimizer's states, and with `dump_optimizer` the optimizer, into a file."""
        raise self._not_defined("save_optimizer_states")

    def load_optimizer_states(self, fname: str | os.PathLike[str]) -> None:
        """Take the optimizer's states from a file that `save_optimizer_states` wrote."""
        raise self._not_defined("load_optimizer_states")

    @property
    def type(self) -> str:
        """The kind, as `create` was asked for it, in lower case."""
        raise self._not_defined("type")

    @property
    def rank(self) -> int:
        """Which worker this is: 0 .. num_workers - 1."""
        raise self._not_defined("rank")

    @property
    def num_workers(self) -> int:
        """How many workers the store has."""
        raise self._not_defined("num_workers")

    @staticmethod
    def register(klass: Klass) -> Klass:
        """Class decorator: `create` knows this class by its name, in any letter case.

        A second class of one name takes its place, with a UserWarning.  Raises ArgumentError for anything but a class.

        >>> import mxl as mx
        >>> @mx.kv.KVStoreBase.register
        ... class Echo(mx.kv.KVStoreBase):
        ...     type = "echo"
        >>> mx.kv.create("echo").type
        'echo'
        """
        if not isinstance(klass, type):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(f"KVStoreBase.register decorates a class, got {klass!r:.60}")
        name = klass.__name__.lower()
        before = KVStoreBase.kv_registry.get(name)
        if before is not None and (before.__module__, before.__qualname__) != (klass.__module__, klass.__qualname__):
            warnings.warn(f"kvstore {name!r}: {klass.__module__}.{klass.__qualname__} takes the place of "
                          f"{before.__module__}.{before.__qualname__}", UserWarning, stacklevel=2)
        KVStoreBase.kv_registry[name] = klass
        return klass

    def _not_defined(self, name: str) -> NotDefined:
        return NotDefined(f"store class {type(self).__name__} does not define {name}")


class KVStore(KVStoreBase, ABC):
    """Keys and their values, kept for a training script: gradients go in by `push`, weights come out by `pull`.

    Calls take one key, or a list of keys with a list as long of values; the value of a key is an array, or a list of
    arrays (one for each device), which `push` sums and `pull` fills.  Shapes and dtypes are those of `init`.

    >>> import mxl as mx
    >>> kv = mx.kv.create("local")
    >>> kv.init("w", mx.nd.ones((2,)))
    >>> kv.push("w", [mx.nd.ones((2,)), mx.nd.ones((2,)) * 3])
    >>> out = mx.nd.zeros((2,))
    >>> kv.pull("w", out=out)
    >>> out.asnumpy().tolist()
    [4.0, 4.0]
    """

    # -- values ------------------------------------------------------------------------------------------------------

    def init(self, key: Any, value: Any) -> None:
        """Give each key its first value, once; a key cannot be pushed or pulled before.

        The value is copied.  In a cluster every worker calls it, and rank 0's value counts.  Raises KeyInitialised
        for a key that has its value, InvalidKey and InvalidValue for what is none.
        """
        self._init(keys.single(key, value))

    def push(self, key: Any, value: Any, priority: int = 0) -> None:
        """Send arrays into the store: those of one key are summed first.

        Without an optimizer (or updater) the sum takes the value's place; with one it is the gradient of an update.
        A higher `priority` is sent earlier; calls on one key keep their order.  The arrays are not altered, and may
        be altered as soon as the call returns.  Raises NotInitialised, PartShape, PartDtype, InvalidKey, InvalidValue.
        """
        self._push(keys.grouped(key, value, "push"), _number(priority))

    def pull(self, key: Any, out: Any = None, priority: int = 0, ignore_sparse: bool = True) -> None:
        """Copy the value of each key into its `out`, an array or a list of arrays, converting where dtypes differ.

        The call returns at once; reading an array waits for its value, and raises what went wrong on the way.
        With `ignore_sparse` row_sparse arrays of `out` are left alone, as in MXNet; else they take all rows.  Raises
        NotInitialised, PartShape, InvalidKey, InvalidValue.
        """
        if out is None:
            raise InvalidValue(f"pull: key {key!r:.60} needs out=, the array, or list of arrays, to be filled")
        groups = keys.grouped(key, out, "pull")
        if ignore_sparse:
            groups = [(one, [array for array in arrays if not array.sparse]) for one, arrays in groups]
        self._pull(groups, _number(priority))

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """`push`, then `pull` into `out`, or without it into the pushed arrays themselves."""
        groups = keys.grouped(key, value, "pushpull")
        outs = groups if out is None else keys.grouped(key, out, "pushpull")
        self._pushpull(groups, outs, _number(priority))

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """`init`, then `pull` into every array of `out`: all workers begin with rank 0's value."""
        pairs = keys.single(key, value, "broadcast")
        if out is None:
            raise InvalidValue(f"broadcast: key {key!r:.60} needs out=, the array, or list of arrays, to be filled")
        outs, number = keys.grouped(key, out, "broadcast"), _number(priority)
        self._init(pairs)           # not before all else is checked
        self._pull(outs, number)

    def row_sparse_pull(self, key: Any, out: Any = None, priority: int = 0, row_ids: Any = None) -> None:
        """Fill row_sparse arrays with those rows of row_sparse keys that `row_ids` names, in any order, twice too.

        row_ids: an NDArray of row numbers, or one for each array of `out`, in its form.  Waits.  Raises InvalidValue
        for dense arrays (`pull` fills those), dense keys, and rows that a key does not have.
        """
        if out is None or row_ids is None:
            raise InvalidValue(f"row_sparse_pull: key {key!r:.60} needs out=, row_sparse arrays, and row_ids=")
        wanted: list[tuple[Key, NDArray, NDArray]] = []
        ids: list[Any] = [row_ids] if hasattr(row_ids, "asnumpy") else [*row_ids]
        nested, ids = ids, []
        for each in nested:                 # a list for each of several keys, as out= has them
            ids += each if isinstance(each, list) else [each]
        for one, arrays in keys.grouped(key, out, "row_sparse_pull"):
            for array in arrays:
                if array.stype != "row_sparse":
                    raise InvalidValue(f"row_sparse_pull: key {one!r} needs row_sparse arrays as out=, got one of "
                                       f"storage type {array.stype!r}; pull fills dense ones")
                wanted.append((one, array, ids[0] if len(ids) == 1 else ids[min(len(wanted), len(ids) - 1)]))
        if len(ids) not in (1, len(wanted)):
            raise InvalidValue(f"row_sparse_pull: {len(wanted)} arrays and {len(ids)} row_ids came: give one of each")
        for each in ids:
            if not hasattr(each, "asnumpy"):
                raise InvalidValue(f"row_sparse_pull: row_ids are NDArrays of row numbers, not {type(each).__name__}")
        self._pull_rows(wanted, _number(priority))

    # -- updates -----------------------------------------------------------------------------------------------------

    def set_gradient_compression(self, compression_params: dict[str, Any]) -> None:
        """Send gradients in a smaller form, lossy, with the error carried over to the next push.

        Raises ArgumentError for anything but a dict with a 'type', and Unsupported from a kind that cannot compress.
        """
        given: Any = compression_params
        if not isinstance(given, dict) or not isinstance(compression_params.get("type"), str):
            raise BadCall(f"set_gradient_compression expects a dict like {{'type': '2bit', 'threshold': 0.5}}, "
                          f"got {compression_params!r:.60}")
        self._compress(compression_params)

    @staticmethod
    def is_capable(capability: str) -> bool:
        """Whether stores of this class have a capability: 'optimizer' is the one that exists, and they have it."""
        return check_capability(capability) == KVStoreBase.OPTIMIZER

    # -- the others --------------------------------------------------------------------------------------------------

    def barrier(self) -> None:
        """Wait until every worker has come to this call."""

    def _barrier(self) -> None:
        """MXNet's name of `barrier`."""
        self.barrier()

    def report(self, **counters: Any) -> None:
        """Tell how training goes, for the live line of mxl-launch and the cluster's numbers: `loss=0.3`, or your own.

        `step_samples=N` counts one step over N samples.  In one process there is nobody to tell, and nothing happens.
        """

    def counters(self) -> dict[str, Any]:
        """What this worker has counted: over servers `step`, `samples`, `wait_s`, `bytes_in`, `bytes_out` and what
        `report` told; of the whole process, not of one store.  In one process nothing moves, and it is empty.
        """
        return {}

    # -- what a kind fills in ----------------------------------------------------------------------------------------

    @abstractmethod
    def _init(self, pairs: list[tuple[Key, NDArray]]) -> None:
        """First values, each key once in the list; whether it has one already is for the kind to check."""

    @abstractmethod
    def _push(self, groups: list[Group], priority: int) -> None:
        """Arrays to be summed key by key; whether they fit their keys is for the kind to check."""

    @abstractmethod
    def _pull(self, groups: list[Group], priority: int) -> None:
        """Arrays to be filled."""

    def _pull_rows(self, wanted: list[tuple[Key, NDArray, NDArray]], priority: int) -> None:
        """[(key, out, row ids)]: row_sparse arrays to be filled with these rows."""
        raise Unsupported(f"{type(self).__name__} keeps no row_sparse values; pull fills dense arrays")

    def _pushpull(self, groups: list[Group], outs: list[Group], priority: int) -> None:
        self._push(groups, priority)
        self._pull(outs, priority)

    def _compress(self, params: dict[str, Any]) -> None:
        raise Unsupported(f"kvstore {self.type!r} does not compress gradients; leave compression_params out")


watch(KVStore, "init", "push", "pull", "pushpull", "broadcast", "row_sparse_pull", "barrier")


def check_capability(capability: str) -> str:
    """The capability in lower case, or UnknownCapability."""
    if not isinstance(capability, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"is_capable expects a str, got {capability!r:.60}")
    if capability.lower() != KVStoreBase.OPTIMIZER:
        raise UnknownCapability(f"unknown capability {capability!r}; known: {KVStoreBase.OPTIMIZER!r}")
    return capability.lower()


def _number(priority: Any) -> int:
    try:
        return operator.index(priority)
    except TypeError:
        raise ArgumentError(f"priority is an int, got {priority!r:.60}") from None

