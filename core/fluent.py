"""Operators as methods: `x.sum(axis=0)` is `mx.nd.sum(x, axis=0)`.

Each method hands everything to the operator of its name, found in the table when it is called.  No logic lives here.
"""

from __future__ import annotations

from typing import Any

from .op import TABLE

__all__ = ["Fluent"]


def _method(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return TABLE[name](self, *args, **kwargs)

    method.__name__ = name
    method.__qualname__ = f"NDArray.{name}"
    method.__doc__ = f"`mx.nd.{name}` of this array."
    return method


class Fluent:
    """The methods of NDArray that are operators."""

    __slots__ = ()

    abs = _method("abs")
    sign = _method("sign")
    round = _method("round")
    rint = _method("rint")
    fix = _method("fix")
    floor = _method("floor")
    ceil = _method("ceil")
    trunc = _method("trunc")
    square = _method("square")
    sqrt = _method("sqrt")
    rsqrt = _method("rsqrt")
    cbrt = _method("cbrt")
    rcbrt = _method("rcbrt")
    reciprocal = _method("reciprocal")
    exp = _method("exp")
    expm1 = _method("expm1")
    log = _method("log")
    log10 = _method("log10")
    log2 = _method("log2")
    log1p = _method("log1p")
    sin = _method("sin")
    cos = _method("cos")
    tan = _method("tan")
    arcsin = _method("arcsin")
    arccos = _method("arccos")
    arctan = _method("arctan")
    sinh = _method("sinh")
    cosh = _method("cosh")
    tanh = _method("tanh")
    arcsinh = _method("arcsinh")
    arccosh = _method("arccosh")
    arctanh = _method("arctanh")
    degrees = _method("degrees")
    radians = _method("radians")
    relu = _method("relu")
    sigmoid = _method("sigmoid")
    softmax = _method("softmax")
    log_softmax = _method("log_softmax")
    softmin = _method("softmin")
    zeros_like = _method("zeros_like")
    ones_like = _method("ones_like")
    clip = _method("clip")
    sum = _method("sum")
    nansum = _method("nansum")
    mean = _method("mean")
    prod = _method("prod")
    nanprod = _method("nanprod")
    max = _method("max")
    min = _method("min")
    norm = _method("norm")
    argmax = _method("argmax")
    argmin = _method("argmin")
    argmax_channel = _method("argmax_channel")
    topk = _method("topk")
    sort = _method("sort")
    argsort = _method("argsort")
    reshape_like = _method("reshape_like")
    transpose = _method("transpose")
    swapaxes = _method("swapaxes")
    broadcast_axes = _method("broadcast_axes")
    broadcast_like = _method("broadcast_like")
    depth_to_space = _method("depth_to_space")
    diag = _method("diag")
    space_to_depth = _method("space_to_depth")
    shape_array = _method("shape_array")
    size_array = _method("size_array")
    slice = _method("slice")
    slice_axis = _method("slice_axis")
    slice_like = _method("slice_like")
    split = _method("split")
    tile = _method("tile")
    repeat = _method("repeat")
    flip = _method("flip")
    pad = _method("pad")
    take = _method("take")
    pick = _method("pick")
    one_hot = _method("one_hot")
