"""Trainer: applies an optimizer to a model's parameters after each backward, directly or through a store.

Knows which parameters there are, in which order, and whether the store or the optimizer in this process updates them.
Never sums gradients itself (a store does) and never computes an update (the optimizer does). Invariant: parameter i is
key i of the store, is updated by at most one of the two, and on all its contexts holds the same value after a step.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .. import kvstore as stores
from ..core import nd
from ..core import optimizer as optimizers
from ..core.context import Context
from ..core.ndarray import NDArray
from ..core.optimizer.states import write_states
from .errors import BadArgument, Incompatible, NotInitialized, StaleGradient
from .parameter import Parameter
from .trainer_store import choose, has_sparse_gradient, kind_of


class Trainer:
    """Updates parameters: after each backward `trainer.step(batch_size)` applies the gradients divided by batch_size.

    `params` is what `net.collect_params()` returns, or a list of Parameters, initialised. `optimizer` is a name with
    `optimizer_params`, or an Optimizer. `kvstore` is a kind, a store, or None; a kind without 'dist' makes no store
    where all is on one context. `update_on_kvstore` says whether the store applies the optimizer (by default, wherever
    it can) or only sums gradients. The sum over workers is divided by this worker's batch_size alone; with
    `grad_average=True` a dist store divides it by the sum of all workers' batch sizes. MXNet: `gluon.Trainer`.

    Where a parameter is row_sparse there is always a store, which holds its values and applies the optimizer: forwards
    work on `param.row_sparse_data(row_id)`. Sparse gradients of dense parameters are only summed by a store of one
    process, unless `update_on_kvstore` says otherwise.

    A dist store is made here, and rank 0's values of the parameters replace all others' before the first forward; those
    of unknown shape follow at the first step.

    >>> from mxl.core import autograd, nd
    >>> from mxl.gluon import nn
    >>> net = nn.Dense(1, in_units=2)
    >>> net.initialize("ones")
    >>> trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5})
    >>> with autograd.record():
    ...     loss = net(nd.array([[1, 2]]))
    >>> loss.backward()
    >>> trainer.step(1)
    >>> net.weight.data().asnumpy().tolist()
    [[0.5, 0.0]]
    """

    def __init__(
        self,
        params: Mapping[str, Parameter] | Sequence[Parameter] | Any,
        optimizer: str | optimizers.Optimizer,
        optimizer_params: dict[str, Any] | None = None,
        kvstore: Any = "device",
        compression_params: dict[str, Any] | None = None,
        update_on_kvstore: bool | None = None,
        grad_average: bool = False,
    ) -> None:
        self._params = _parameter_list(params)
        self._contexts = _common_contexts(self._params)
        self._optimizer = _make_optimizer(optimizer, optimizer_params, dict(enumerate(self._params)))
        self._scale: float = self._optimizer.rescale_grad
        self._grad_average = grad_average
        self._compression_params = compression_params
        self._wished_store = kvstore
        self._wished_update_on_kvstore = update_on_kvstore
        self._updaters = [optimizers.get_updater(self._optimizer) for _ in self._contexts]
        self._kvstore: Any = None
        self._update_on_kvstore: bool | None = None
        self._kv_initialized = False  # the store is chosen, and has the optimizer where it applies it
        self._params_to_init: list[Parameter] = list(self._params)
        for param in self._params:
            param._set_trainer(self)
        if "dist" in kind_of(kvstore):
            self._choose_store()
            if self._update_on_kvstore and self._optimizer.scope != "element":
                self._init_kvstore()  # before the values: servers then leave whole what its step needs whole
            self._init_known_params()

    # ---- what it is ----

    @property
    def optimizer(self) -> optimizers.Optimizer:
        """The optimizer; its settings may be changed between steps."""
        return self._optimizer

    @property
    def learning_rate(self) -> float:
        """The current learning rate."""
        return self._optimizer.learning_rate

    def set_learning_rate(self, lr: float) -> None:
        """Sets the learning rate from the next step on, in stores too. Raises UserWarning where a schedule decides."""
        self._optimizer.set_learning_rate(lr)

    @property
    def kvstore(self) -> Any:
        """The store in use, or None; chosen at the first step unless it is a dist one."""
        return self._kvstore

    # ---- steps ----

    def step(self, batch_size: float, ignore_stale_grad: bool = False) -> None:
        """One update of all parameters from the gradients of the last backward, divided by `batch_size`.

        Raises UserWarning when a gradient was not computed since the last step, unless `ignore_stale_grad`, which
        leaves such parameters alone (a store that applies the optimizer is given all gradients as they are). Pulled
        weights may still be on their way when it returns: reading them waits.
        """
        self._ready()
        if not ignore_stale_grad:
            self._require_fresh_gradients()
        self._set_scale(batch_size, averaged_by_store=self._averaged_by_store)
        if self._averaged_by_store:
            self._kvstore.set_batch(samples=batch_size)
        self._exchange()
        if not self._updates_in_store:
            self._update_here(ignore_stale_grad)
        if isinstance(self._kvstore, stores.KVStore):
            self._kvstore.report(trainer_step=batch_size)

    def allreduce_grads(self) -> None:
        """Sums gradients over contexts and workers, without an update; `update` follows, after clipping for example.

        Raises AssertionError when the store applies the optimizer.
        """
        self._ready()
        self._refuse_if_updated_in_store("allreduce_grads()")
        if self._averaged_by_store:
            raise BadArgument(
                "allreduce_grads() with grad_average=True does not know the batch size: use step(batch_size)"
            )
        self._exchange()

    def update(self, batch_size: float, ignore_stale_grad: bool = False) -> None:
        """Updates all parameters from their gradients as they are; after `allreduce_grads`. See `step`.

        Raises AssertionError when the store applies the optimizer.
        """
        self._ready()
        self._refuse_if_updated_in_store("update()")
        if not ignore_stale_grad:
            self._require_fresh_gradients()
        self._set_scale(batch_size, averaged_by_store=False)
        self._update_here(ignore_stale_grad)

    def _ready(self) -> None:
        if not self._kv_initialized:
            self._init_kvstore()
        if self._params_to_init:
            self._init_known_params()

    def _set_scale(self, batch_size: float, averaged_by_store: bool) -> None:
        self._optimizer.rescale_grad = self._scale if averaged_by_store else self._scale / batch_size

    @property
    def _averaged_by_store(self) -> bool:
        return self._grad_average and self._kvstore is not None and "dist" in kind_of(self._kvstore)

    @property
    def _updates_in_store(self) -> bool:
        return self._kvstore is not None and bool(self._update_on_kvstore)

    def _refuse_if_updated_in_store(self, call: str) -> None:
        if self._updates_in_store:
            raise Incompatible(
                f"{call}: the store applies the optimizer, so there are no summed gradients here; make the Trainer "
                f"with update_on_kvstore=False"
            )

    def _require_fresh_gradients(self) -> None:
        for param in self._params:
            if param.grad_req == "null":
                continue
            for array in param._arrays():
                if not gradient_is_fresh(array):
                    raise StaleGradient(
                        f"Parameter '{param.name}' on {array.context} has a stale gradient: no backward wrote it since "
                        f"the last step. Where a batch does not reach all parameters on purpose, pass "
                        f"ignore_stale_grad=True, which leaves such parameters alone"
                    )

    def _exchange(self) -> None:
        """Through the store: gradients out, and weights or summed gradients back, the first layers' first."""
        if self._kvstore is None:
            return
        for index, param in enumerate(self._params):
            if param.grad_req == "null":
                continue
            if has_sparse_gradient(param) or param._stype != "default":
                self._exchange_rows(index, param)
            elif self._update_on_kvstore:
                self._kvstore.pushpull(index, param.list_grad(), out=param.list_data(), priority=-index)
            else:
                self._kvstore.pushpull(index, param.list_grad(), priority=-index)

    def _exchange_rows(self, index: int, param: Parameter) -> None:
        """Gradients of rows go out; a row_sparse weight stays in the store, until its rows are asked for."""
        self._kvstore.push(index, param.list_grad(), priority=-index)
        if param._stype == "default":
            outs = param.list_data() if self._update_on_kvstore else param.list_grad()
            self._kvstore.pull(index, outs, priority=-index, ignore_sparse=False)

    def _row_sparse_pull(self, param: Parameter, out: Any, row_id: NDArray, full_idx: bool = False) -> None:
        """Fills row_sparse arrays with rows that the store has of a parameter; full_idx: row_id names all rows."""
        self._ready()
        index = next(i for i, one in enumerate(self._params) if one is param)
        if full_idx and "dist" not in kind_of(self._kvstore):
            self._kvstore.pull(index, out, priority=-index, ignore_sparse=False)
        else:
            self._kvstore.row_sparse_pull(index, out=out, row_ids=row_id, priority=-index)

    def _update_here(self, ignore_stale_grad: bool) -> None:
        for place, updater in enumerate(self._updaters):
            indices: list[int] = []
            gradients: list[NDArray] = []
            weights: list[NDArray] = []
            for index, param in enumerate(self._params):
                if param.grad_req == "null":
                    continue
                weight = param.list_data()[place]
                if ignore_stale_grad and not gradient_is_fresh(weight):
                    continue
                mark_gradient_used(weight)
                indices.append(index)
                gradients.append(param.list_grad()[place])
                weights.append(weight)
            updater(indices, gradients, weights)

    # ---- the store ----

    def _choose_store(self) -> None:
        self._kvstore, self._update_on_kvstore = choose(
            self._wished_store, self._wished_update_on_kvstore, self._params, len(self._contexts)
        )
        if self._kvstore is not None and self._compression_params:
            self._kvstore.set_gradient_compression(self._compression_params)

    def _init_kvstore(self) -> None:
        if self._kvstore is None:
            self._choose_store()
        if self._kvstore is not None and self._update_on_kvstore:
            self._kvstore.set_optimizer(self._optimizer)
        self._kv_initialized = True

    def _init_known_params(self) -> None:
        """Gives the store the parameters whose values are known by now; what the store answers replaces them."""
        known = [(i, p) for i, p in enumerate(self._params) if p in self._params_to_init and p._deferred_init is None]
        self._params_to_init = [p for p in self._params_to_init if p._deferred_init is not None]
        if self._kvstore is None or not known:
            return
        rows = [(index, self._first_rows(param)) for index, param in known if not self._holds_dense(param)]
        known = [(index, param) for index, param in known if self._holds_dense(param)]
        for index, value in rows:  # before anything is pulled: a cluster places keys by all their sizes
            self._kvstore.init(index, value)
        if not known:
            return
        keys = [index for index, _ in known]
        outs = [param.list_data() for _, param in known]
        # Copies: an answer may arrive in the arrays while the value is still on its way out.
        values = [arrays[0].copy() for arrays in outs]
        if isinstance(self._kvstore, stores.KVStore):  # in one call, for the same reason
            self._kvstore.broadcast(keys, values, outs)
        else:
            for key, value, arrays in zip(keys, values, outs, strict=True):
                self._kvstore.broadcast(key, value, arrays)

    def _holds_dense(self, param: Parameter) -> bool:
        """Whether the store's value of a parameter is dense: all but tables, and sums of gradients of rows."""
        return param._stype == "default" and (bool(self._update_on_kvstore) or not has_sparse_gradient(param))

    def _first_rows(self, param: Parameter) -> NDArray:
        """What the store begins with for a table, or, where it only sums gradients, for their sum."""
        first, *others = param._arrays()
        if param._stype != "default":
            return first
        for array in others:  # as a broadcast would
            array[:] = first
        return nd.zeros(param.shape, dtype=param.dtype, stype="row_sparse")

    def _value_was_set(self, param: Parameter) -> None:
        """A parameter was given a value by hand: a store that holds the weights must hear of it."""
        if not self._updates_in_store or param in self._params_to_init:
            return
        if not isinstance(self._wished_store, str) or "dist" in kind_of(self._kvstore):
            raise NotInitialized(
                f"Parameter '{param.name}': set_data() has no effect on the store of kind '{kind_of(self._kvstore)}', "
                "which holds the weights already: set values before the Trainer is made, or use update_on_kvstore=False"
            )
        self._kvstore = None
        self._kv_initialized = False
        self._params_to_init = list(self._params)

    # ---- states ----

    def save_states(self, fname: str | os.PathLike[str]) -> None:
        """Writes the optimizer and its states (momenta, update counts, …) into a file, whole or not at all."""
        self._ready()
        if self._updates_in_store:
            self._kvstore.save_optimizer_states(fname, dump_optimizer=self._optimizer.has_step)
        else:
            write_states(fname, self._updaters[0].get_states(dump_optimizer=self._optimizer.has_step))

    def load_states(self, fname: str | os.PathLike[str]) -> None:
        """Takes the optimizer and its states from a file of `save_states`. Raises ValueError for other files."""
        self._ready()
        if self._updates_in_store:
            self._kvstore.load_optimizer_states(fname)
            self._optimizer = getattr(self._kvstore, "optimizer", None) or self._optimizer
        else:
            with open(fname, "rb") as file:
                states = file.read()
            for updater in self._updaters:
                updater.set_states(states, os.fspath(fname))
                updater.optimizer = self._updaters[0].optimizer
            self._optimizer = self._updaters[0].optimizer
            counts = dict(self._optimizer._index_update_count)
            for context in self._contexts:  # each context counts its own updates
                self._optimizer._all_index_update_counts[context.device_id] = dict(counts)
        self._optimizer.param_dict = dict(enumerate(self._params))


def gradient_is_fresh(array: NDArray) -> bool:
    """Whether a backward wrote this variable's gradient since `mark_gradient_used`."""
    leaf = array._node
    return leaf is not None and leaf.fresh


def mark_gradient_used(array: NDArray) -> None:
    """From now on this variable's gradient is stale, until a backward writes it."""
    if array._node is not None:
        array._node.fresh = False


def _parameter_list(params: Any) -> list[Parameter]:
    """The parameters in the order of their keys: by name where they come as a dictionary, else as given."""
    if hasattr(params, "values") and hasattr(params, "keys"):
        params = [params[name] for name in sorted(params.keys())]
    if not isinstance(params, list | tuple):
        raise BadArgument(f"Trainer: params is {type(params)}; expected net.collect_params(), or a list of Parameters")
    for param in params:
        if not isinstance(param, Parameter):
            raise BadArgument(f"Trainer: params has a {type(param)} in it; expected Parameters only")
    if not params:
        raise BadArgument("Trainer: there are no parameters to train; pass net.collect_params() of a net with layers")
    return list(params)


def _common_contexts(params: Sequence[Parameter]) -> list[Context]:
    contexts = params[0].list_ctx()
    for param in params:
        if param.list_ctx() != contexts:
            raise Incompatible(
                f"Trainer: Parameter '{param.name}' is on {param.list_ctx()}, those before it are on {contexts}: all "
                f"must be on the same contexts"
            )
    return contexts


def _make_optimizer(
    optimizer: Any, arguments: dict[str, Any] | None, params: dict[Any, Parameter]
) -> optimizers.Optimizer:
    if isinstance(optimizer, optimizers.Optimizer):
        if arguments:
            raise Incompatible("Trainer: optimizer_params go with an optimizer's name; an Optimizer has its own")
        optimizer.param_dict = params
        return optimizer
    return optimizers.create(optimizer, param_dict=params, **(arguments or {}))
