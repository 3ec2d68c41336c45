"""Operators: one table, one way to declare an operator and its gradient, one dispatch.

    @op(aliases=("square_",))
    def square(data):
        '''data * data, elementwise.  [...] -> [...]'''
        return data * data

    square.vjp(lambda g, _out, data: 2 * g * data)

The function is plain numpy.  Positional parameters without default are its *array arguments*, as is `*name`;
`arrays=(...)` names further ones that may be absent (a bias=None).  Parameters with defaults are the operator's
*parameters*.  Users give both by position or by name, plus `out=` and `name=` (accepted for MXNet's sake, without
effect).

    required parameters    a parameter whose default is `REQUIRED`
    several outputs        return a tuple; then g and out of the rules are tuples, too
    saves=True             the function returns (out, saved); `saved` is anything its rules want kept (im2col buffers, a
                           dropout mask, a batch's mean); a rule that names a parameter `saved` is given it
    updates=("mean",)      array arguments that the function changes in place (running statistics); they are constants
    _training              a parameter of this name is filled in with autograd.is_training()
    _ctx                   a parameter of this name is filled in with the context of the result

Rules: `f.vjp(rule, ...)`, one for each array argument: `rule(g, out, *arrays, [named parameters])`.  A rule is given
those parameters of the operator that it names (or all, with `**params`).  An argument whose name begins with an
underscore is not used: it arrives as None, and what no rule uses is not kept on the tape; one that ends in `_like`
(data_like) arrives as a stand-in with shape, ndim, size and dtype only, so that its elements need not be kept.  A
rule is written with operators only, never `np.`: on plain arrays it runs without a tape, on NDArrays it is itself
recorded.  `None` in place of a rule: constant. `f.vjp(all=rule)`: one rule giving a tuple with all gradients (None
for constants); where it names `wants`, it is told which are asked for.  With `*arrays` this is the only form.
Broadcasting is undone by the tape.  An operator without `vjp` raises NoGradient when a gradient is asked to go
through it.

Called on plain numpy arrays only, an operator returns plain arrays and records nothing.  Floating-point warnings of
numpy are silenced: inf and nan are results, as in MXNet.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from .context import Context, current_context
from .errors import ArgumentError, DtypeError, GraphError, MXLError, NotAnArray, ShapeError
from .handle import Buffer, Handle, new
from .rules import UNUSED, WHOLE, Like, kept, uses
from .tape import IN_PLACE, IN_PLACE_OF_TRACKED, Node, Part, live, local, next_order

TABLE: dict[str, Op] = {}
SPARSE: dict[str, Callable[[Sequence[Any], dict[str, Any]], Any]] = {}  # by name: an operator's form for sparse arrays


def set_array_class(cls: type[Any]) -> None:
    """Called once, by ndarray.py: the class of results."""
    _array_class[:] = [cls]


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Final[Any] = _Required()
_FILLED = ("_training", "_ctx")
_array_class: list[type[Any]] = []  # [NDArray], once ndarray.py is loaded


def quietly(fn: Callable[..., Any]) -> Callable[..., Any]:
    """`fn` with numpy's floating-point warnings off."""
    return np.errstate(all="ignore")(fn)


class Op:
    """An operator: a numpy function, its gradient rules, and the dispatch over arrays, contexts, tape and `out=`."""

    table = TABLE

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, aliases: Sequence[str] = (), arrays: Sequence[str] = (),
        saves: bool = False, updates: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.fn = fn
        self.quiet = quietly(fn)
        self.name = self.__name__ = name or fn.__name__
        self.__doc__ = fn.__doc__
        self.aliases = tuple(aliases)
        self.saves = saves
        self.custom: Any = None
        self.variadic = False
        names: list[str] = []
        self.optional: set[str] = set()
        self.defaults: dict[str, Any] = {}
        fills: list[str] = []
        for parameter in inspect.signature(fn).parameters.values():
            if parameter.name in _FILLED:
                fills.append(parameter.name)
            elif parameter.kind is parameter.VAR_POSITIONAL:
                self.variadic = True
                names.append(parameter.name)
            elif parameter.name in arrays:
                names.append(parameter.name)
                if parameter.default is not parameter.empty:
                    self.optional.add(parameter.name)
            elif parameter.default is parameter.empty:
                names.append(parameter.name)
            else:
                self.defaults[parameter.name] = parameter.default
        self.required = tuple(key for key, value in self.defaults.items() if value is REQUIRED)
        self.array_names = tuple(names)
        self.fills = tuple(fills)
        self.updates = tuple(i for i, n in enumerate(names) if n in updates)
        self.rules: tuple[Any, ...] | None = None
        self.wanted: tuple[tuple[str, ...], ...] = ()
        self.all_rule: Callable[..., Any] | None = None
        self.all_wants: tuple[str, ...] = ()
        self.all_wants_wants = False
        self.keeps: tuple[int, ...] = ()
        self.keeps_out = UNUSED

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join((*self.array_names, *self.defaults))})>"

    # -- declaring gradients ---------------------------------------------------------------------------------------

    def vjp(self, *rules: Callable[..., Any] | None, all: Callable[..., Any] | None = None) -> Op:
        """Declare the gradient: one rule for each array argument, or all= for one rule giving all of them."""
        n = len(self.array_names)
        if all is not None:
            used, wanted = self._uses(all)
            self.all_wants_wants = "wants" in wanted
            self.all_wants = tuple(name for name in wanted if name != "wants")
            self.all_rule = all
            self.keeps_out = used[0]
            self.keeps = used[1:] if not self.variadic else (used[-1],)
            self.rules = None
            return self
        if self.variadic or len(rules) != n:
            raise ArgumentError(
                f"{self.name}.vjp: {len(rules)} rules came for {n} array arguments ({', '.join(self.array_names)}); "
                f"give one for each, None for a constant" + (", or vjp(all=rule) for *arrays" if self.variadic else "")
            )
        keeps = [UNUSED] * n
        self.keeps_out = UNUSED
        wanted_all: list[tuple[str, ...]] = []
        for rule in rules:
            if rule is None:
                wanted_all.append(())
                continue
            used, wanted = self._uses(rule)
            self.keeps_out = max(self.keeps_out, used[0])
            keeps = [max(pair) for pair in zip(keeps, used[1:], strict=True)]
            wanted_all.append(wanted)
        self.rules = rules
        self.wanted = tuple(wanted_all)
        self.keeps = tuple(keeps)
        return self

    def _uses(self, rule: Callable[..., Any]) -> tuple[tuple[int, ...], tuple[str, ...]]:
        known = {*self.defaults, *_FILLED, "saved", "wants"}
        everything = (*self.defaults, *self.fills, *(["saved"] if self.saves else []))
        return uses(rule, self.name, self.array_names, known, everything)

    @staticmethod
    def rule_arguments(node: Node, wanted: tuple[str, ...]) -> dict[str, Any]:
        """The keyword arguments of a rule."""
        return {name: node.saved if name == "saved" else node.params[name] for name in wanted}

    @staticmethod
    def array_class() -> type[Any]:
        """NDArray."""
        return _array_class[0]

    # -- calling ---------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, out: Any = None, name: str | None = None, **kwargs: Any) -> Any:
        """Apply the operator.  See the function's own docstring."""
        if kwargs or len(args) != len(self.array_names) or self.variadic or self.fills:
            arrays, params = self._bind(args, kwargs)
        else:
            arrays, params = args, self.defaults
            if self.required:
                self._check_required(params)
        return self.apply(arrays, params, out)

    def apply(self, arrays: Sequence[Any], params: dict[str, Any], out: Any = None) -> Any:
        """The call, once sorted: all array arguments in their order (None for an absent one), all parameters."""
        datas: list[Any] = []
        ctx: Any = None
        tracked = False
        strangers = sparse = False
        for array in arrays:
            if isinstance(array, Handle):
                data = array._data
                if data is None:
                    if array.sparse:
                        sparse = True
                        break
                    data = array._settle()
                if ctx is None:
                    ctx = array._ctx
                node = array._node
                if node is not None and node.parents is not None:
                    tracked = True
                datas.append(data)
            else:
                strangers = True
                datas.append(array)
        if sparse:
            return self._with_sparse(arrays, params, out)
        if ctx is None:
            if arrays and out is None:
                return self._plain(datas, params)
            ctx = current_context().require()
        if strangers:
            self._check_arguments(arrays, datas)
        if self.fills:
            params = self._fill(params, ctx)
        for i in self.updates:
            if isinstance(arrays[i], Handle):
                datas[i] = arrays[i]._for_write()
        recording = local.recording
        if out is not None and recording:
            self._check_out(out, datas if tracked else ())
        result = self._compute(datas, params)
        saved = None
        if self.saves:
            result, saved = result
        if out is not None:
            results = self._store(result, out)
        elif type(result) is tuple:
            cls = _array_class[0]
            results = [new(cls, _own(part, datas), ctx) for part in result]
        else:
            results = new(_array_class[0], _own(result, datas), ctx)
        if recording and tracked:
            self.record(arrays, datas, params, results, saved, ctx)
        return results

    def _with_sparse(self, arrays: Sequence[Any], params: dict[str, Any], out: Any) -> Any:
        """The call with sparse arrays among its arguments: its sparse form, or else itself on their dense forms."""
        form = SPARSE.get(self.name)
        result = NotImplemented if form is None else form(arrays, params)
        if result is NotImplemented:
            dense = [_densified(array) if isinstance(array, Handle) and array.sparse else array for array in arrays]
            return self(*dense, out=out, **params)
        if out is None:
            return result
        result.copyto(out)
        return out

    def _compute(self, datas: list[Any], params: dict[str, Any]) -> Any:
        try:
            return self.quiet(*datas, **params)
        except MXLError:
            raise
        except (ValueError, TypeError, IndexError) as error:
            shapes = ", ".join(
                f"{name} is {list(d.shape)} {d.dtype}" for name, d in zip(self._names(datas), datas, strict=True)
                if isinstance(d, np.ndarray)
            )  # fmt: skip
            kind = DtypeError if isinstance(error, TypeError) else ShapeError
            raise kind(f"{self.name}: {shapes or 'no arrays'}: {error}") from error

    def _names(self, datas: Sequence[Any]) -> list[str]:
        if self.variadic:
            return [f"{self.array_names[-1]}[{i}]" for i in range(len(datas))]
        return list(self.array_names)

    def _plain(self, datas: list[Any], params: dict[str, Any]) -> Any:
        """On plain arrays: the function itself."""
        for data in datas:
            if data is not None and not isinstance(data, (np.ndarray, np.generic)):
                self._check_arguments(datas, datas)
        if self.fills:
            params = self._fill(params, current_context())
        result = self._compute(datas, params)
        return result[0] if self.saves else result

    def _check_arguments(self, arrays: Sequence[Any], datas: Sequence[Any]) -> None:
        for name, array in zip(self._names(datas), arrays, strict=True):
            if isinstance(array, (Handle, np.ndarray, np.generic)) or (array is None and name in self.optional):
                continue
            raise NotAnArray(
                f"{self.name}: argument '{name}' must be an NDArray, not {type(array).__name__} ({array!r:.40})"
            )

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Sort what the caller gave into array arguments and parameters."""
        names = self.array_names
        params = dict(self.defaults)
        if self.variadic:
            kwargs.pop("num_args", None)
            if len(args) == 1 and isinstance(args[0], (list, tuple)):
                args = tuple(args[0])
            arrays: list[Any] = list(args)
        else:
            n = len(names)
            arrays = list(args[:n])
            if len(args) > n:
                extra = args[n:]
                if len(extra) > len(params):
                    raise ArgumentError(
                        f"{self.name}: takes {n} arrays ({', '.join(names)}) and {len(params)} parameters "
                        f"({', '.join(params)}); {len(args)} positional arguments came"
                    )
                for key, value in zip(list(params), extra, strict=False):
                    if key in kwargs:
                        raise ArgumentError(f"{self.name}: '{key}' came twice, by position and by name")
                    params[key] = value.item() if isinstance(value, np.generic) else value
            for name in names[len(arrays) :]:
                if name in kwargs:
                    arrays.append(kwargs.pop(name))
                elif name in self.optional:
                    arrays.append(None)
                else:
                    raise ArgumentError(f"{self.name}: array argument '{name}' is missing; it takes {', '.join(names)}")
        for key, value in kwargs.items():
            if key not in params:
                if key in names:
                    raise ArgumentError(f"{self.name}: '{key}' came twice, by position and by name")
                raise ArgumentError(
                    f"{self.name}: unknown argument '{key}'; it takes {', '.join((*names, *self.defaults)) or 'none'}"
                )
            params[key] = value.item() if isinstance(value, np.generic) else value
        self._check_required(params)
        return tuple(arrays), params

    def _check_required(self, params: dict[str, Any]) -> None:
        for key in self.required:
            if params[key] is REQUIRED:
                raise ArgumentError(f"{self.name}: required argument '{key}' is missing")

    def _fill(self, params: dict[str, Any], ctx: Context) -> dict[str, Any]:
        filled = dict(params)
        for name in self.fills:
            filled[name] = local.training if name == "_training" else ctx
        return filled

    # -- out= ------------------------------------------------------------------------------------------------------

    def _check_out(self, out: Any, datas: Sequence[Any]) -> None:
        """Refuse to overwrite, while recording, what the graph needs."""
        for target in out if isinstance(out, (list, tuple)) else (out,):
            if isinstance(target, Handle):
                if live(target._node) is not None:
                    raise GraphError(IN_PLACE)
                buffer = target._meta()
                if any(isinstance(d, np.ndarray) and np.may_share_memory(d, buffer) for d in datas):
                    raise GraphError(IN_PLACE_OF_TRACKED)

    def _store(self, result: Any, out: Any) -> Any:
        """Write the result into the arrays of `out=`."""
        results = result if type(result) is tuple else (result,)
        targets = list(out) if isinstance(out, (list, tuple)) else [out]
        if len(targets) != len(results):
            raise ArgumentError(f"{self.name}: it has {len(results)} outputs, out= has {len(targets)} arrays")
        for value, target in zip(results, targets, strict=True):
            if not isinstance(target, Handle):
                raise ArgumentError(f"{self.name}: out= must be an NDArray, not {type(target).__name__}")
            meta = target._meta()
            if value.shape != meta.shape:
                raise ShapeError(f"{self.name}: the result is {list(value.shape)}, out= is {list(meta.shape)}")
            if value.dtype != meta.dtype:
                raise DtypeError(f"{self.name}: the result is {value.dtype}, out= is {meta.dtype}; use astype first")
            np.copyto(target._for_write(keep=False), value)
            if local.recording:
                target._node = None  # what it was computed from before is gone
        return out

    # -- the tape --------------------------------------------------------------------------------------------------

    def record(
        self,
        arrays: Sequence[Any],
        datas: Sequence[Any],
        params: dict[str, Any],
        results: Any,
        saved: Any,
        ctx: Context,
    ) -> None:
        """Put the call on the tape, and its results (an array, or a list of them) at their places there."""
        parents = tuple([live(a._node) if isinstance(a, Handle) else None for a in arrays])
        if not any(parents):
            return
        node = Node()
        node.order = next_order()
        node.op = self
        node.params = params
        node.parents = parents
        node.saved = saved
        node.ctx = ctx
        keeps = self.keeps * len(datas) if self.variadic else self.keeps
        node.arrays = tuple([kept(d, use) for d, use in zip(datas, keeps, strict=False)])
        node.shapes = tuple([() if d is None else d.shape for d in datas])
        if isinstance(results, (list, tuple)):
            node.out = tuple([r._data if self.keeps_out == WHOLE else Like(r._data) for r in results])
            for i, result in enumerate(results):
                result._node = Part(node, i)
        else:
            node.out = kept(results._data, self.keeps_out)
            results._node = node


def _densified(array: Handle) -> Any:
    """The dense form of a sparse array, at its place on the tape."""
    return new(_array_class[0], array._read(), array._ctx, array._node)


def _own(result: Any, datas: Sequence[Any]) -> Buffer:
    """The result as a C-contiguous array that shares no memory with the inputs."""
    if type(result) is not np.ndarray:
        return np.array(result)
    if result.base is None:
        if result.flags.c_contiguous and not any(result is d for d in datas):
            return result
    elif (
        result.flags.c_contiguous
        and result.flags.writeable
        and not any(isinstance(d, np.ndarray) and np.may_share_memory(result, d) for d in datas)
    ):
        return result
    return result.copy()


def op(
    fn: Callable[..., Any] | None = None, *, name: str | None = None, aliases: Sequence[str] = (),
    arrays: Sequence[str] = (), saves: bool = False, updates: Sequence[str] = (),
) -> Any:  # fmt: skip
    """Declare an operator; `@op` or `@op(name=..., aliases=..., ...)`.  See the top of this file."""

    def declare(fn: Callable[..., Any]) -> Op:
        made = Op(fn, name, aliases, arrays, saves, updates)
        for known in (made.name, *made.aliases):
            if known in TABLE:
                raise ArgumentError(f"op '{known}' is declared twice; choose another name")
            TABLE[known] = made
        return made

    return declare if fn is None else declare(fn)


def mismatch(name: str, x: Buffer, y: Buffer) -> MXLError:
    """The error for two arrays that an elementwise operator cannot take together."""
    if x.dtype != y.dtype:
        return DtypeError(f"{name}: lhs is {x.dtype}, rhs is {y.dtype}: both must have one dtype; use astype")
    return ShapeError(
        f"{name}: operands could not be broadcast together: lhs is {list(x.shape)}, rhs is {list(y.shape)}: each axis "
        f"must be equal, or 1 in one of them"
    )
