"""`mx.operator`: operators of the user's own with a forward and a backward on NDArrays, called by `mx.nd.Custom`.

    class Sigmoid(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], mx.nd.sigmoid(in_data[0]))

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            y = out_data[0]
            self.assign(in_grad[0], req[0], out_grad[0] * y * (1 - y))

    @mx.operator.register("my_sigmoid")
    class SigmoidProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Sigmoid()

    y = mx.nd.Custom(x, op_type="my_sigmoid")

A CustomOpProp says names, shapes and dtypes; a CustomOp, made anew for each call, computes. Neither of its methods is
recorded: a gradient of its gradient cannot be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import tape
from .errors import ArgumentError, BadCall, GraphError, ShapeError
from .handle import new
from .ndarray import NDArray
from .tape import Node, Part, local, next_order

__all__ = [
    "Custom", "CustomOp", "CustomOpProp", "OperatorArguments", "get_all_registered_operators",
    "get_operator_arguments", "register",
]  # fmt: skip

Shapes = Sequence[Sequence[int]]
_REGISTRY: dict[str, type[CustomOpProp]] = {}


class CustomOp:
    """What computes: define `forward` and `backward`, which write their results by `assign`."""

    def __init__(self) -> None:
        pass

    def forward(
        self, is_train: bool, req: list[str], in_data: list[NDArray], out_data: list[NDArray], aux: list[NDArray]
    ) -> None:
        """Write the outputs; `req` says how for each: 'write', 'add' or 'null'."""

    def backward(
        self, req: list[str], out_grad: list[NDArray], in_data: list[NDArray], out_data: list[NDArray],
        in_grad: list[NDArray], aux: list[NDArray],
    ) -> None:  # fmt: skip
        """Write the inputs' gradients; what it does not write is zero."""

    def assign(self, dst: NDArray, req: str, src: Any) -> None:
        """Write `src` into `dst`: over it ('write', 'inplace'), added to it ('add'), or not at all ('null')."""
        if req in ("write", "inplace"):
            dst[:] = src
        elif req == "add":
            dst[:] += src


class CustomOpProp:
    """What says names, shapes and dtypes of an operator, and makes it; its constructor gets `Custom`'s other keywords
    as strings.

    need_top_grad: whether `backward` reads the gradients of the outputs; False for losses, which are heads of a graph.
    """

    def __init__(self, need_top_grad: bool = True) -> None:
        self.need_top_grad_ = need_top_grad

    def infer_shape(self, in_shape: list[list[int]]) -> Any:
        """(shapes of the inputs, of the outputs, of the auxiliary states); by default one output like the first."""
        return in_shape, (in_shape[0],) * len(self.list_outputs()), ()

    def infer_type(self, in_type: list[Any]) -> Any:
        """(dtypes of the inputs, of the outputs, of the auxiliary states); by default all are the first's."""
        return in_type, [in_type[0]] * len(self.list_outputs()), [in_type[0]] * len(self.list_auxiliary_states())

    def infer_storage_type(self, in_stype: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
        """(storages of the inputs, of the outputs, of the auxiliary states): dense, or ArgumentError."""
        _require_dense("infer_storage_type", in_stype)
        return list(in_stype), ["default"] * len(self.list_outputs()), ["default"] * len(self.list_auxiliary_states())

    def infer_storage_type_backward(
        self, ograd_stype: Sequence[str], in_stype: Sequence[str], out_stype: Sequence[str],
        igrad_stype: Sequence[str], aux_stype: Sequence[str],
    ) -> tuple[list[str], list[str], list[str], list[str], list[str]]:  # fmt: skip
        """The storages of all arrays of a backward: dense, or ArgumentError."""
        given = (ograd_stype, in_stype, out_stype, igrad_stype, aux_stype)
        for stypes in given:
            _require_dense("infer_storage_type_backward", stypes)
        return list(ograd_stype), list(in_stype), list(out_stype), list(igrad_stype), list(aux_stype)

    def list_outputs(self) -> list[str]:
        """The outputs' names."""
        return ["output"]

    def list_arguments(self) -> list[str]:
        """The inputs' names."""
        return ["data"]

    def list_auxiliary_states(self) -> list[str]:
        """The names of inputs that have no gradient, and that `forward` may write."""
        return []

    def declare_backward_dependency(
        self, out_grad: Sequence[int], in_data: Sequence[int], out_data: Sequence[int]
    ) -> list[int]:
        """Which arrays `backward` reads; here all are kept for it, so this is for MXNet's scripts to ask."""
        return [*(out_grad if self.need_top_grad_ else ()), *in_data, *out_data]

    def create_operator(self, ctx: Any, in_shapes: Shapes, in_dtypes: Sequence[Any]) -> CustomOp:
        """The operator for one call."""
        return CustomOp()


def _require_dense(who: str, stypes: Sequence[str]) -> None:
    for stype in stypes:
        if stype != "default":
            raise BadCall(f"{who}: storage {stype!r} came; a custom operator works on dense arrays ('default')")


def register(reg_name: str) -> Callable[[type[CustomOpProp]], type[CustomOpProp]]:
    """A decorator that makes a CustomOpProp known as `mx.nd.Custom(..., op_type=reg_name)`; a later one replaces."""

    def keep(prop_cls: type[CustomOpProp]) -> type[CustomOpProp]:
        if not (isinstance(prop_cls, type) and issubclass(prop_cls, CustomOpProp)):
            raise BadCall(f"register: {prop_cls!r} is no subclass of CustomOpProp; decorate one that is")
        _REGISTRY[reg_name] = prop_cls
        return prop_cls

    return keep


def get_all_registered_operators() -> list[str]:
    """The names of all operators of the table, and of the user's own."""
    from .op import TABLE

    return sorted({*(name for name in TABLE if not name.startswith("_")), *_REGISTRY, "Custom"})


class OperatorArguments(NamedTuple):
    """What an operator takes: how many arguments, their names, and their kinds in words."""

    narg: int
    names: list[str]
    types: list[str]


def get_operator_arguments(op_name: str) -> OperatorArguments:
    """What an operator takes. Raises ArgumentError for an unknown one."""
    from .op import REQUIRED, TABLE

    found = TABLE.get(op_name)
    if found is None:
        raise ArgumentError(f"get_operator_arguments: there is no operator {op_name!r}")
    names = [*found.array_names, *found.defaults]
    kinds = ["NDArray-or-Symbol"] * len(found.array_names)
    kinds += ["required" if value is REQUIRED else _in_words(value) for value in found.defaults.values()]
    return OperatorArguments(len(names), names, kinds)


def _in_words(default: Any) -> str:
    """The kind of a parameter, as its default shows it."""
    if isinstance(default, bool):
        return f"boolean, optional, default={int(default)}"
    kinds = {int: "int", float: "float", tuple: "Shape(tuple)", str: "string"}
    kind = kinds.get(type(default), "any")
    return f"{kind}, optional, default={list(default) if isinstance(default, tuple) else repr(default)}"


def _registered(op_type: Any) -> type[CustomOpProp]:
    known = _REGISTRY.get(op_type)
    if known is None:
        raise ArgumentError(
            f"Custom: no operator {op_type!r} is registered; known: {', '.join(sorted(_REGISTRY)) or 'none'}. "
            f"Decorate its CustomOpProp with @mx.operator.register({op_type!r})"
        )
    return known


def prop_of(params: Mapping[str, Any]) -> CustomOpProp:
    """The CustomOpProp of a call with these keywords, op_type among them.  Raises ArgumentError for an unknown one."""
    known = _registered(params.get("op_type"))
    texts: dict[str, Any] = {
        name: str(value) for name, value in params.items()
        if name not in ("op_type", "name", "out") and isinstance(value, (str, int, float, bool, tuple, list))
    }  # fmt: skip
    return known(**texts)


def argument_names(params: Mapping[str, Any]) -> list[str]:
    """The inputs of a call with these keywords, the auxiliary states last."""
    prop = prop_of(params)
    return [*prop.list_arguments(), *prop.list_auxiliary_states()]


def Custom(*data: NDArray, op_type: str, **kwargs: Any) -> Any:
    """Call a registered operator. Inputs by position or by their names; further keywords go to its CustomOpProp.

    Returns an NDArray, or a list of several. Raises ArgumentError for an unknown op_type, a missing input, or a prop
    whose shapes do not match its names.
    """
    known = _registered(op_type)
    out = kwargs.pop("out", None)
    kwargs.pop("name", None)
    named = {name: value for name, value in kwargs.items() if isinstance(value, NDArray)}
    texts: dict[str, Any] = {name: str(value) for name, value in kwargs.items() if name not in named}
    prop = known(**texts)
    names, aux_names = list(prop.list_arguments()), list(prop.list_auxiliary_states())
    arrays = _in_order(op_type, data, named, [*names, *aux_names])
    inputs, aux = arrays[: len(names)], arrays[len(names) :]
    ctx = inputs[0]._ctx if inputs else arrays[0]._ctx
    shapes = [list(x.shape) for x in inputs]
    out_shapes, out_types = _inferred(op_type, prop, shapes, [x.dtype for x in inputs])
    operator = prop.create_operator(ctx, shapes, [x.dtype for x in inputs])
    outputs = [
        new(NDArray, np.zeros(tuple(shape), kind), ctx) for shape, kind in zip(out_shapes, out_types, strict=True)
    ]
    is_train, recording = local.training, local.recording
    local.recording = False
    try:
        _run(op_type, operator.forward, is_train=is_train, req=["write"] * len(outputs), in_data=inputs,
             out_data=outputs, aux=aux)  # fmt: skip
    finally:
        local.recording = recording
    if recording:
        _record(op_type, operator, inputs, outputs, aux)
    if out is not None:
        targets = list(out) if isinstance(out, (list, tuple)) else [out]
        for target, value in zip(targets, outputs, strict=True):
            target[:] = value
        return out
    return outputs if len(outputs) > 1 else outputs[0]


def _run(name: str, method: Callable[..., None], **arguments: Any) -> None:
    """The one place from which a user's forward and backward are called, for the profiler to stand before."""
    method(**arguments)


def _in_order(op_type: str, data: Sequence[NDArray], named: dict[str, NDArray], names: list[str]) -> list[NDArray]:
    """The inputs by their names' order."""
    arrays = list(data)
    for name in names[len(arrays) :]:
        if name not in named:
            raise ArgumentError(f"Custom: {op_type!r} takes {', '.join(names)}; {name} is missing")
        arrays.append(named.pop(name))
    if named or len(arrays) > len(names):
        extra = ", ".join(named) or f"{len(arrays)} by position"
        raise ArgumentError(f"Custom: {op_type!r} takes {', '.join(names)}; too many came: {extra}")
    for name, array in zip(names, arrays, strict=True):
        if not isinstance(array, NDArray):
            raise ArgumentError(f"Custom: {op_type!r}: {name} must be an NDArray, not {type(array).__name__}")
    return arrays


def _inferred(op_type: str, prop: CustomOpProp, shapes: list[list[int]], kinds: list[Any]) -> tuple[Shapes, list[Any]]:
    """Shapes and dtypes of the outputs, as the prop says."""
    found = prop.infer_shape([list(shape) for shape in shapes])
    if not isinstance(found, (list, tuple)) or len(found) not in (2, 3):
        raise BadCall(f"Custom: {op_type!r}: infer_shape must return (inputs, outputs) or (inputs, outputs, auxiliary)")
    for name, mine, theirs in zip(prop.list_arguments(), shapes, found[0], strict=False):
        if list(mine) != list(theirs):
            raise ShapeError(f"Custom: {op_type!r}: {name} is {list(mine)}; infer_shape expects {list(theirs)}")
    types = prop.infer_type(list(kinds))
    names = prop.list_outputs()
    if len(found[1]) != len(names) or len(types[1]) != len(names):
        raise BadCall(
            f"Custom: {op_type!r} has the outputs {', '.join(names)}; infer_shape gave {len(found[1])} shapes, "
            f"infer_type {len(types[1])} dtypes"
        )
    return found[1], list(types[1])


def _record(
    op_type: str, operator: CustomOp, inputs: list[NDArray], outputs: list[NDArray], aux: list[NDArray]
) -> None:
    """Put the call on the tape, where any input is on it."""
    parents = tuple([tape.live(x._node) for x in inputs])
    if not any(parent is not None for parent in parents):
        return
    node = Node()
    node.op = _Recorder(op_type, operator, [x.detach() for x in inputs], [y.detach() for y in outputs], aux)
    node.params = {}
    node.parents = parents
    node.arrays = ()
    node.shapes = tuple([x.shape for x in inputs])
    node.out = tuple([y._read() for y in outputs])
    node.saved = None
    node.ctx = outputs[0]._ctx
    node.order = next_order()
    for i, output in enumerate(outputs):
        output._node = Part(node, i)


class _Recorder:
    """The tape's operator for one call of a CustomOp."""

    __slots__ = ("aux", "inputs", "name", "operator", "outputs")
    is_custom = True

    def __init__(
        self, name: str, operator: CustomOp, inputs: list[NDArray], outputs: list[NDArray], aux: list[NDArray]
    ) -> None:
        self.name = name
        self.operator = operator
        self.inputs = inputs
        self.outputs = outputs
        self.aux = aux

    def custom(self, node: Node, g: list[Any], create_graph: bool) -> Sequence[Any]:
        """The gradients of the inputs, by the user's backward."""
        if create_graph:
            raise GraphError(
                f"the gradient of the custom operator {self.name!r} cannot be differentiated again "
                f"(create_graph=True): write it from operators instead"
            )
        assert node.parents is not None  # the walk comes to living nodes only
        heads = [
            new(NDArray, np.zeros(y.shape, y.dtype) if part is None else np.array(part, order="C"), node.ctx)
            for part, y in zip(g, self.outputs, strict=True)
        ]
        grads = [new(NDArray, np.zeros(x.shape, x.dtype), node.ctx) for x in self.inputs]
        req = ["null" if parent is None else "write" for parent in node.parents]
        _run(f"_backward_{self.name}", self.operator.backward, req=req, out_grad=heads, in_data=self.inputs,
             out_data=self.outputs, in_grad=grads, aux=self.aux)  # fmt: skip
        return [None if parent is None else grad._read() for parent, grad in zip(node.parents, grads, strict=True)]
