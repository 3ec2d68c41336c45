"""A parameter: the named value that training changes, one copy of it for each context, and its gradients.

Knows initialisation (at once, or deferred until the shape is known), contexts, dtype and gradient requests. Never
touches a store or an optimizer. Invariants: all copies have the parameter's shape and dtype; there are gradients
exactly where there is data and `grad_req` is not 'null'; a deferred initialisation ends in `_finish_deferred_init` and
draws its random numbers there.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core import autograd, initializer, nd
from ..core.context import Context, cpu, current_context
from ..core.ndarray import NDArray
from ..symbol import Symbol, var
from .errors import BadArgument, DeferredInitializationError, Incompatible, NotInitialized
from .parameter_rows import StoredRows
from .utils import shape_is_known

Init = Any  # an Initializer, the name of one, or None
Shape = tuple[int, ...]

GRAD_REQS = ("write", "add", "null")
STORAGES = ("default", "row_sparse", "csr")


class _Deferred(NamedTuple):
    """An initialisation that waits for the shape."""

    init: Init
    contexts: list[Context]
    default_init: Init
    data: NDArray | None


class Parameter(StoredRows):
    """A value of a model that training changes, such as a layer's weight.

    `shape` may hold 0 or -1 for sizes that the first forward will tell; that needs `allow_deferred_init=True`.
    `grad_req` is 'write', 'add' or 'null'; `lr_mult` and `wd_mult` multiply the optimizer's learning rate and weight
    decay. `stype='row_sparse'` makes a table whose values a Trainer's store holds: `row_sparse_data(row_id)` fetches
    rows of it. `grad_stype='row_sparse'` makes a gradient that holds the rows of the batch. MXNet: `gluon.Parameter`.

    >>> weight = Parameter("weight", shape=(2, 3))
    >>> weight.initialize(init="ones")
    >>> weight.data().shape
    (2, 3)
    """

    def __init__(
        self,
        name: str,
        grad_req: str = "write",
        shape: int | Sequence[int] | None = None,
        dtype: Any = np.float32,
        lr_mult: float = 1.0,
        wd_mult: float = 1.0,
        init: Init = None,
        allow_deferred_init: bool = False,
        differentiable: bool = True,
        stype: str = "default",
        grad_stype: str = "default",
    ) -> None:
        for which, storage in (("stype", stype), ("grad_stype", grad_stype)):
            if storage not in STORAGES:
                raise Incompatible(f"Parameter '{name}': {which} is {storage!r}; known: {', '.join(STORAGES)}")
        self.name = name
        self.lr_mult = lr_mult
        self.wd_mult = wd_mult
        self.init = init
        self._shape: Shape | None = (shape,) if isinstance(shape, int) else None if shape is None else tuple(shape)
        self._dtype = dtype
        self._stype = stype
        self._grad_stype = grad_stype
        self._differentiable = differentiable
        self._allow_deferred_init = allow_deferred_init
        self._data: list[NDArray] | None = None
        self._grad: list[NDArray] | None = None
        self._deferred_init: _Deferred | None = None
        self._trainer: Any = None  # that updates this parameter, and is told when its value is set by hand
        self._var: Symbol | None = None
        self._grad_req = "null"
        self.grad_req = grad_req

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.name} (shape={self.shape}, dtype={self.dtype})"

    # ---- what it is ----

    @property
    def shape(self) -> Shape | None:
        """The shape; 0 or -1 where a size is not known yet. It may be set once to fill in unknown sizes."""
        return self._shape

    @shape.setter
    def shape(self, new_shape: Sequence[int]) -> None:
        new = tuple(int(size) for size in new_shape)
        if self._shape is None:
            self._shape = new
            return
        agrees = len(new) == len(self._shape) and all(
            old in (-1, 0, size) for size, old in zip(new, self._shape, strict=True)
        )
        if not agrees:
            raise Incompatible(
                f"Parameter '{self.name}' has shape {self._shape}: the shape {new} is incompatible with it (only sizes "
                "of 0 or -1 can be filled in)"
            )
        self._shape = new

    @property
    def dtype(self) -> Any:
        """The element type; setting it casts value and gradient."""
        return self._dtype

    @dtype.setter
    def dtype(self, dtype: Any) -> None:
        self.cast(dtype)

    @property
    def grad_req(self) -> str:
        """'write' (each backward overwrites the gradient), 'add' (it adds to it) or 'null' (there is none)."""
        return self._grad_req

    @grad_req.setter
    def grad_req(self, req: str) -> None:
        if req not in GRAD_REQS:
            raise Incompatible(
                f"Parameter '{self.name}': grad_req is {req!r}; known: {', '.join(GRAD_REQS)}"
            )
        if not self._differentiable:
            req = "null"
        if req == self._grad_req:
            return
        self._grad_req = req
        if self._data is None:
            return
        if req == "null":
            self._grad = None
            self._data = [array.detach() for array in self._data]
        else:
            self._attach_gradients()

    # ---- initialisation ----

    def initialize(
        self,
        init: Init = None,
        ctx: Context | Sequence[Context] | None = None,
        default_init: Init = None,
        force_reinit: bool = False,
    ) -> None:
        """Gives the parameter a value on each context of `ctx`.

        Now or, where its shape is unknown, at the first forward. `init` wins over the parameter's own `init`, which
        wins over `default_init` (Uniform(0.07)). An initialised parameter is left alone with a warning unless
        `force_reinit`. Raises ValueError when the shape is unknown and deferring is not allowed.
        """
        if self._data is not None and not force_reinit:
            warnings.warn(
                f"Parameter '{self.name}' has its value already and keeps it; force_reinit=True gives it a new one",
                stacklevel=2,
            )
            return
        self._data = self._grad = None
        contexts = _context_list(ctx)
        if default_init is None:
            default_init = initializer.Uniform()
        if init is None:
            init = default_init if self.init is None else self.init
        if not shape_is_known(self._shape):
            if not self._allow_deferred_init:
                raise BadArgument(
                    f"Parameter '{self.name}' cannot be initialised, its shape is {self._shape}: give the whole shape, "
                    f"or make it with allow_deferred_init=True"
                )
            self._deferred_init = _Deferred(init, contexts, default_init, None)
            return
        self._deferred_init = _Deferred(init, contexts, default_init, None)
        self._finish_deferred_init()

    def _finish_deferred_init(self) -> None:
        """Carries out a deferred initialisation, if there is one; the shape must be known by now."""
        if self._deferred_init is None:
            return
        init, contexts, default_init, data = self._deferred_init
        if not shape_is_known(self._shape):
            raise Incompatible(
                f"Parameter '{self.name}' cannot be initialised, its shape is {self._shape} still: tell its layer the "
                f"sizes of the input (in_units, in_channels, …)"
            )
        self._deferred_init = None
        with autograd.pause():
            if data is None:
                data = nd.zeros(self._shape, ctx=cpu(), dtype=self._dtype)
                description = initializer.InitDesc(self.name, {"__init__": init})
                initializer.create(default_init)(description, data)
            self._place(data, contexts)

    def _place(self, data: NDArray, contexts: Sequence[Context]) -> None:
        """Makes one copy of `data` for each context, and its gradients."""
        self._data = [_copy(data, context, self._dtype, self._stype) for context in contexts]
        if self._grad_req != "null":
            self._attach_gradients()

    def _attach_gradients(self) -> None:
        assert self._data is not None
        self._grad = [
            nd.zeros(array.shape, ctx=array.context, dtype=array.dtype, stype=self._grad_stype) for array in self._data
        ]
        autograd.mark_variables(self._data, self._grad, [self._grad_req] * len(self._data))

    def reset_ctx(self, ctx: Context | Sequence[Context] | None) -> None:
        """Moves the parameter to other contexts; copies are averaged first. Raises ValueError before initialize()."""
        contexts = _context_list(ctx)
        if self._data is not None:
            with autograd.pause():
                self._place(self._reduce(), contexts)
        elif self._deferred_init is not None:
            self._deferred_init = self._deferred_init._replace(contexts=contexts)
        else:
            raise BadArgument(
                f"Parameter '{self.name}' has no value that could move to other contexts: call initialize(ctx=...)"
            )

    def _reduce(self) -> NDArray:
        """The mean over contexts, on cpu(0); of a row_sparse parameter all rows, as its Trainer's store has them."""
        if self._stype != "default":
            value = self._arrays()[0].copyto(cpu())
            if self._trainer is not None and self._stype == "row_sparse":
                assert self._shape is not None  # there is a value
                rows = nd.arange(self._shape[0], dtype="int64", ctx=cpu())
                self._trainer._row_sparse_pull(self, value, rows, full_idx=True)
            return value
        copies = [array.copyto(cpu()) for array in self.list_data()]
        total = copies[0]
        for other in copies[1:]:
            total += other
        return total / len(copies) if len(copies) > 1 else total

    # ---- values and gradients ----

    def data(self, ctx: Context | None = None) -> NDArray:
        """This parameter's array on `ctx` (by default the only one, or that of the current context).

        Raises DeferredInitializationError before the first forward where the shape was unknown, RuntimeError when
        there is no value, none on that context, or the parameter is row_sparse.
        """
        if self._stype != "default":
            raise self._is_sparse("data()")
        arrays = self._data
        if arrays is not None and len(arrays) == 1 and (ctx is None or ctx == arrays[0].context):
            return arrays[0]
        return self._on_context(arrays, ctx)

    def list_data(self) -> list[NDArray]:
        """The arrays on all contexts, in the order that initialize() was given. Raises RuntimeError as `data` does."""
        if self._stype != "default":
            raise self._is_sparse("list_data()")
        return list(self._arrays())

    def grad(self, ctx: Context | None = None) -> NDArray:
        """The gradient on `ctx`. Raises RuntimeError when grad_req is 'null' or there is no value."""
        self._require_gradient()
        return self._on_context(self._grad, ctx)

    def list_grad(self) -> list[NDArray]:
        """The gradients on all contexts."""
        self._require_gradient()
        self._require(self._grad)
        assert self._grad is not None
        return list(self._grad)

    def list_ctx(self) -> list[Context]:
        """The contexts that this parameter is, or will be, initialised on."""
        if self._data is not None:
            return [array.context for array in self._data]
        if self._deferred_init is not None:
            return list(self._deferred_init.contexts)
        raise NotInitialized(f"Parameter '{self.name}' has not been initialised: call initialize() first")

    def set_data(self, data: NDArray) -> None:
        """Sets the value on every context; sizes that were unknown are filled in from `data`.

        Raises AssertionError when the shape contradicts the parameter's, or before initialize().
        """
        self.shape = data.shape
        if self._data is None:
            if self._deferred_init is None:
                raise Incompatible(
                    f"Parameter '{self.name}' has not been initialised: call initialize() before set_data()"
                )
            self._deferred_init = self._deferred_init._replace(data=data)
            return
        if self._trainer is not None:
            self._trainer._value_was_set(self)
        for array in self._data:
            array[:] = data

    def _take_over(self, data: NDArray, contexts: Sequence[Context] | None) -> None:
        """Sets a saved value, whose shape fits, initialised or not; `contexts` counts where none were said before."""
        if self._data is not None:
            self.set_data(data)
            return
        if self._deferred_init is not None:
            contexts = self._deferred_init.contexts
        self._deferred_init = None
        self._shape = data.shape
        with autograd.pause():
            self._place(data, contexts or [cpu()])

    def var(self) -> Symbol:
        """The symbol that stands for this parameter in graphs, the same one each time."""
        attrs = {"__lr_mult__": str(self.lr_mult), "__wd_mult__": str(self.wd_mult)}
        made = var(self.name, attrs, self._shape, dtype=self._dtype, init=self.init, stype=self._stype)
        if self._var is None:
            self._var = made
        else:
            self._var._entries[0][0].attrs.update(made._entries[0][0].attrs)
        return self._var

    def zero_grad(self) -> None:
        """Sets the gradients to zero on all contexts; nothing where there are none."""
        for gradient in self._grad or ():
            gradient[:] = 0

    def cast(self, dtype: Any) -> None:
        """Changes the element type of value and gradient."""
        self._dtype = dtype
        if self._data is None:
            return
        with autograd.pause():
            self._data = [_copy(array, array.context, dtype, self._stype) for array in self._data]
            if self._grad is not None:
                self._grad = [_copy(grad, grad.context, dtype, self._grad_stype) for grad in self._grad]
                autograd.mark_variables(self._data, self._grad, [self._grad_req] * len(self._data))

    # ---- finding the array of a context ----

    def _arrays(self) -> list[NDArray]:
        """The arrays on all contexts, whatever their storage."""
        self._require(self._data)
        assert self._data is not None
        return self._data

    def _on_context(self, arrays: list[NDArray] | None, ctx: Context | None) -> NDArray:
        self._require(arrays)
        assert arrays is not None
        if ctx is None:
            if len(arrays) == 1:
                return arrays[0]
            ctx = current_context()
        for array in arrays:
            if array.context == ctx:
                return array
        raise NotInitialized(
            f"Parameter '{self.name}' has no value on {ctx}: it was initialised on "
            f"{[array.context for array in arrays]}"
        )

    def _require_gradient(self) -> None:
        if self._data is not None and self._grad is None:
            raise NotInitialized(f"Parameter '{self.name}' has no gradient: its grad_req is 'null'")

    def _require(self, arrays: list[NDArray] | None) -> None:
        """Says why there are no arrays."""
        if arrays is not None:
            return
        if self._deferred_init is not None:
            raise DeferredInitializationError(
                f"Parameter '{self.name}' has no value yet: the first forward tells its shape, and initialises it. Run "
                f"one batch through the network before, or tell its layer the sizes of the input (in_units, …)"
            )
        raise NotInitialized(
            f"Parameter '{self.name}' has not been initialised: call initialize() of the whole network, or of its "
            f"collect_params(); a block's params are its own alone, without its children's"
        )


def _copy(array: NDArray, context: Context, dtype: Any, stype: str) -> NDArray:
    """A copy in that storage; a dense one in memory of core's allocator, where a store may want parameters to be."""
    if stype != "default":
        return array.tostype(stype).astype(dtype).copyto(context)
    copy = nd.empty(array.shape, ctx=context, dtype=dtype)
    copy[:] = array
    return copy


def _context_list(ctx: Context | Sequence[Context] | None) -> list[Context]:
    if ctx is None:
        return [current_context()]
    return [ctx] if isinstance(ctx, Context) else list(ctx)
