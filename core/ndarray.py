"""NDArray: MXNet's array, a handle (handle.py) with Python's operators, indexing, conversion and autograd's methods.

Operators by name are in the table (op.py, ops/) and, as methods, in fluent.py; which indexings share memory is
decided in indexing.py; printing in printing.py.  This file joins them and adds what is no operator.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import allocator, indexing, op, ops, tape
from .assigning import Assigning
from .context import Context, place
from .dtype import DEFAULT, resolve
from .errors import ArgumentError, BadCall, GraphError, ShapeError
from .fluent import Fluent
from .handle import Buffer, Handle, new
from .operators import binary, in_place, reflected
from .ops import arithmetic as a
from .ops import comparison as c
from .ops.shape import shape_of_codes
from .printing import array_text

__all__ = ["NDArray", "array"]


class NDArray(Handle, Fluent, Assigning):
    """An array of numbers on a context.  Made by `mx.nd.array`, `zeros`, operators, …, never by its constructor."""

    __slots__ = ()
    __array_priority__ = 1000.0  # numpy's scalars and arrays leave their operators to NDArray's
    __array_ufunc__ = None

    # -- what it is ------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        data = self._data
        return self._meta().shape if data is None else data.shape

    @property
    def dtype(self) -> type[np.generic]:
        """numpy's scalar type of the elements, such as numpy.float32."""
        return self._meta().dtype.type

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return self._meta().ndim

    @property
    def size(self) -> int:
        """How many elements there are."""
        return self._meta().size

    @property
    def context(self) -> Context:
        """Where the array is, such as cpu(0)."""
        return self._ctx

    @property
    def ctx(self) -> Context:
        """Where the array is, such as cpu(0)."""
        return self._ctx

    @property
    def stype(self) -> str:
        """The storage: 'default' for a dense array."""
        return "default"

    @property
    def T(self) -> NDArray:
        """The array with its axes reversed, as a copy."""
        return self.transpose()

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return array_text(self._read(), self.__class__.__name__, self._ctx)

    def __hash__(self) -> int:
        return id(self) >> 4

    def __bool__(self) -> bool:
        data = self._read()
        if data.size == 0:
            return False
        if data.size == 1:
            return bool(data.item())
        raise ShapeError(f"an NDArray of shape {list(data.shape)} is neither true nor false: only one element can be")

    def __float__(self) -> float:
        return float(self.asscalar())

    def __int__(self) -> int:
        return int(self.asscalar())

    def __iter__(self) -> Iterator[NDArray]:
        for i in range(len(self)):
            yield self[i]

    def __copy__(self) -> NDArray:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return array, (self.asnumpy(), self._ctx, self.dtype)

    def __deepcopy__(self, memo: Any) -> NDArray:
        return self.copy()

    # -- to numpy and back -----------------------------------------------------------------------------------------

    def asnumpy(self) -> Buffer:
        """A copy as a numpy array; waits for a pending value."""
        return self._read().copy()

    def asscalar(self) -> Any:
        """The only element, as a numpy scalar."""
        data = self._read()
        if data.size != 1:
            raise ShapeError(f"asscalar: the array is {list(data.shape)}: only one element is a scalar; use asnumpy()")
        return data.reshape(-1)[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Buffer:
        if copy is False:
            raise ValueError("an NDArray gives numpy a copy of its elements; copy=False is not possible")
        return np.array(self._read(), dtype=dtype)

    def to_dlpack_for_read(self) -> Any:
        """A DLPack capsule of this memory, to be read by another library; see dlpack.py."""
        from .dlpack import to_dlpack_for_read

        return to_dlpack_for_read(self)

    def to_dlpack_for_write(self) -> Any:
        """A DLPack capsule of this memory, to be written by another library; see dlpack.py."""
        from .dlpack import to_dlpack_for_write

        return to_dlpack_for_write(self)

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self._for_write().__dlpack__(**kwargs)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._meta().__dlpack_device__()

    def wait_to_read(self) -> None:
        """Wait for this array's pending value, if it has one."""
        self._read()

    wait_to_write = wait_to_read

    # -- copies ----------------------------------------------------------------------------------------------------

    def copy(self) -> NDArray:
        """The same elements in new memory, on the same context."""
        return _identity(self)

    def copyto(self, other: NDArray | Context) -> NDArray:
        """Copy into another array of the same shape, or to a context as a new array."""
        if isinstance(other, Context):
            return copy_to_context(self, other)
        if not isinstance(other, NDArray):
            raise ArgumentError(f"copyto: expected an NDArray or a context, got {type(other).__name__}")
        if other is self:
            warnings.warn("copyto: the target is this array itself; nothing is copied", RuntimeWarning, stacklevel=2)
            return self
        if other.sparse:
            other[:] = self
            return other
        data = self._read()
        if data.shape != other.shape:
            raise ShapeError(f"copyto: this array is {list(data.shape)}, the target is {list(other.shape)}")
        if tape.local.recording:
            if tape.live(other._node) is not None:
                raise GraphError(tape.IN_PLACE)
            value = _identity(self) if data.dtype == other._meta().dtype else _cast(self, dtype=other.dtype)
            np.copyto(other._for_write(keep=False), value._read())
            other._node = value._node
            return other
        with np.errstate(all="ignore"):
            np.copyto(other._for_write(keep=False), data, casting="unsafe")
        return other

    def as_in_context(self, context: Context) -> NDArray:
        """This array if it is on `context` already, else a copy there."""
        if context == self._ctx:
            return self
        if not isinstance(context, Context):
            raise ArgumentError(f"as_in_context: expected a context, such as mx.cpu(0), got {context!r}")
        return copy_to_context(self, context)

    as_in_ctx = as_in_context

    def astype(self, dtype: Any, copy: bool = True) -> NDArray:
        """The elements as `dtype`; copy=False gives this array itself where it has that dtype."""
        wanted = resolve(dtype)
        if not copy and wanted == self._meta().dtype:
            return self
        return _cast(self, dtype=wanted)

    def as_nd_ndarray(self) -> NDArray:
        """This array: it is one of MXNet's classic arrays already."""
        return self

    def tostype(self, stype: str) -> NDArray:
        """The array in another storage: 'default', 'row_sparse' or 'csr' (of a matrix)."""
        if stype == "default":
            return self
        from .sparse.arrays import from_dense

        made = from_dense(self._read(), stype, self._ctx)
        if tape.local.recording:
            made._node = self._node
        return made

    # -- views -----------------------------------------------------------------------------------------------------

    def reshape(self, *shape: Any, **kwargs: Any) -> NDArray:
        """The same memory in another shape.  Codes: 0 keep, -1 infer, -2 all the rest, -3 merge two, -4 split one."""
        spec: Any = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        if not shape:
            spec = kwargs.pop("shape", None)
            if not spec:
                raise BadCall("reshape: no shape came; give one, such as x.reshape((2, -1))")
            spec = (spec,) if isinstance(spec, int) else spec
        reverse = kwargs.pop("reverse", False)
        if kwargs:
            raise ArgumentError(f"reshape: unknown argument '{next(iter(kwargs))}'; it takes shape, reverse")
        data = self._read()
        target = shape_of_codes(data.shape, spec, reverse)
        return self._view(data.reshape(target), _reshape, {"shape": target, "reverse": False})

    def expand_dims(self, axis: int, inplace: bool = False) -> NDArray:
        """A new axis of length 1; inplace: on the same memory."""
        if not inplace:
            return _TABLE["expand_dims"](self, axis=axis)
        shape = self.shape
        if not -len(shape) - 1 <= axis <= len(shape):
            raise ShapeError(f"expand_dims: axis {axis} is outside of {list(shape)}")
        at = axis % (len(shape) + 1)
        return self.reshape((*shape[:at], 1, *shape[at:]))

    def squeeze(self, axis: int | tuple[int, ...] | None = None, inplace: bool = False) -> NDArray:
        """Without axes of length 1, all or those named; inplace: on the same memory."""
        if not inplace:
            return _TABLE["squeeze"](self, axis=axis)
        return self.reshape(_TABLE["squeeze"].fn(self._read(), axis=axis).shape)

    def flatten(self, inplace: bool = False) -> NDArray:
        """All axes but the first as one; inplace: on the same memory."""
        if not inplace:
            return _TABLE["flatten"](self)
        return self.reshape((self.shape[0], math.prod(self.shape[1:])))

    def broadcast_to(self, shape: tuple[int, ...]) -> NDArray:
        """Repeated up to `shape`, which may have further axes in front."""
        if len(shape) < self.ndim or any(
            have not in (1, want) for have, want in zip(self.shape[::-1], shape[::-1], strict=False)
        ):
            raise ShapeError(f"operands could not be broadcast together: {list(self.shape)} and {list(shape)}")
        if len(shape) == self.ndim:
            return _TABLE["broadcast_to"](self, shape=shape)
        return _TABLE["broadcast_to"](self.reshape((1,) * (len(shape) - self.ndim) + self.shape), shape=shape)

    def split_v2(self, indices_or_sections: Any, axis: int = 0, squeeze_axis: bool = False) -> Any:
        """The array cut into equal sections, or before each of the indices."""
        from .functions import split_v2

        return split_v2(self, indices_or_sections, axis, squeeze_axis)

    def _view(self, part: Buffer, recorder: Any, params: dict[str, Any]) -> NDArray:
        """A handle on a contiguous part of this buffer, recorded as `recorder` where that is due."""
        view = new(self.__class__, part, self._ctx)
        self._share(view)
        if tape.local.recording and self._node is not None:
            recorder.record((self,), (self._read(),), params, view, None, self._ctx)
        return view

    def detach(self) -> NDArray:
        """The same memory outside of the computational graph."""
        twin = new(self.__class__, self._read(), self._ctx)
        self._share(twin)
        return twin

    def __getitem__(self, key: Any) -> Any:
        return indexing.get(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if tape.local.recording:
            if tape.live(self._node) is not None:
                raise GraphError(tape.IN_PLACE)
            if isinstance(value, Handle) and tape.live(value._node) is not None:
                self._record_assignment(key, value)
                return
            self._node = None
        indexing.put(self, key, value)

    def _record_assignment(self, key: Any, value: Handle) -> None:
        """y[:] = x while recording: y is from then on a copy of x, which is in the graph."""
        if not (isinstance(key, slice) and key == slice(None)):
            raise GraphError(tape.IN_PLACE_OF_TRACKED)
        copied = _cast(value, dtype=self._meta().dtype)
        if copied.shape != self.shape:
            copied = copied.broadcast_to(self.shape)
        indexing.put(self, key, copied)
        self._node = copied._node

    # -- autograd --------------------------------------------------------------------------------------------------

    @property
    def grad(self) -> NDArray | None:
        """The gradient's buffer, where `attach_grad` made one."""
        node = self._node
        grad: Any = node.grad if type(node) is tape.Leaf else None
        return grad

    @property
    def _fresh_grad(self) -> bool:
        """Whether a backward wrote the gradient since this was last set to False; scripts of MXNet ask it."""
        node = self._node
        return type(node) is tape.Leaf and node.fresh

    @_fresh_grad.setter
    def _fresh_grad(self, fresh: bool) -> None:
        if type(self._node) is not tape.Leaf:
            raise GraphError("_fresh_grad: the array has no gradient; call attach_grad() first")
        self._node.fresh = bool(fresh)

    def attach_grad(self, grad_req: str = "write", stype: str | None = None) -> None:
        """Give this array a gradient, zeros at first: backward will 'write' it, 'add' to it, or leave it ('null').

        An array that was computed in a graph is cut from it.  Raises UnknownName (a KeyError) for another word.
        """
        meta = self._meta()
        if (self.stype if stype is None else stype) == "default":
            grad = new(NDArray, allocator.zeros(meta.shape, meta.dtype), self._ctx)
        else:
            from .sparse.make import zeros

            grad = zeros(stype or self.stype, meta.shape, self._ctx, meta.dtype)
        self._node = tape.Leaf(grad, grad_req)

    def backward(self, out_grad: NDArray | None = None, retain_graph: bool = False, train_mode: bool = True) -> None:
        """Compute the gradients of this array with respect to all variables that it was computed from."""
        from .autograd import backward

        backward([self], [out_grad], retain_graph, train_mode)

    # -- Python's operators ----------------------------------------------------------------------------------------

    __add__ = __radd__ = binary(a.broadcast_add, a._plus_scalar)
    __sub__ = binary(a.broadcast_sub, a._minus_scalar)
    __mul__ = __rmul__ = binary(a.broadcast_mul, a._mul_scalar)
    __truediv__ = binary(a.broadcast_div, a._div_scalar)
    __mod__ = binary(a.broadcast_mod, a._mod_scalar)
    __pow__ = binary(a.broadcast_power, a._power_scalar)
    __rsub__ = reflected(a._rminus_scalar)
    __rtruediv__ = reflected(a._rdiv_scalar)
    __rmod__ = reflected(a._rmod_scalar)
    __rpow__ = reflected(a._rpower_scalar)
    __eq__ = binary(c.broadcast_equal, c._equal_scalar)  # type: ignore[assignment]
    __ne__ = binary(c.broadcast_not_equal, c._not_equal_scalar)  # type: ignore[assignment]
    __gt__ = binary(c.broadcast_greater, c._greater_scalar)
    __ge__ = binary(c.broadcast_greater_equal, c._greater_equal_scalar)
    __lt__ = binary(c.broadcast_lesser, c._lesser_scalar)
    __le__ = binary(c.broadcast_lesser_equal, c._lesser_equal_scalar)
    __iadd__ = in_place(a.broadcast_add, a._plus_scalar)
    __isub__ = in_place(a.broadcast_sub, a._minus_scalar)
    __imul__ = in_place(a.broadcast_mul, a._mul_scalar)
    __itruediv__ = in_place(a.broadcast_div, a._div_scalar)
    __imod__ = in_place(a.broadcast_mod, a._mod_scalar)

    def __neg__(self) -> NDArray:
        return _negative(self)

    def __abs__(self) -> NDArray:
        return _absolute(self)


op.set_array_class(NDArray)
assert ops  # the families fill the table
_TABLE = op.TABLE
_identity: Callable[..., NDArray] = _TABLE["identity"]
_cast: Callable[..., NDArray] = _TABLE["cast"]
_negative: Callable[..., NDArray] = _TABLE["negative"]
_absolute: Callable[..., NDArray] = _TABLE["abs"]
_reshape = _TABLE["reshape"]


def wrap(data: Buffer, ctx: Context | None = None) -> NDArray:
    """An NDArray on `data` itself, which must be C-contiguous and of a known dtype.  Not for users."""
    return new(NDArray, data, place(ctx))


def copy_to_context(source: NDArray, context: Context) -> NDArray:
    """A copy on `context`; the gradient comes back."""
    context.require()
    result = _identity(source)
    result._ctx = context
    return result


def array(source_array: Any, ctx: Context | None = None, dtype: Any = None) -> NDArray:
    """An NDArray with the elements of an array, a list or a number.

    float32 by default, whatever numpy's dtype is, as in MXNet; an NDArray's own dtype where it is one.
    """
    if isinstance(source_array, NDArray):
        source: Any = source_array._read()
        wanted = source.dtype if dtype is None else resolve(dtype)
    else:
        wanted = DEFAULT if dtype is None else resolve(dtype)
        source = source_array
        if not isinstance(source, np.ndarray):
            try:
                source = np.array([x._read() for x in source]) if _holds_arrays(source) else np.array(source)
                if source.dtype.kind not in "biuf":
                    raise TypeError  # caught below
            except (ValueError, TypeError):
                raise ArgumentError(
                    f"array: expected numbers, in an array or in lists of one length, got {source_array!r:.60} of type "
                    f"{type(source_array).__name__}"
                ) from None
    where = place(ctx)
    buffer = allocator.empty(source.shape, wanted)
    with np.errstate(all="ignore"):
        np.copyto(buffer, source, casting="unsafe")
    return new(NDArray, buffer, where)


def _holds_arrays(source: Any) -> bool:
    return isinstance(source, (list, tuple)) and bool(source) and all(isinstance(x, NDArray) for x in source)
