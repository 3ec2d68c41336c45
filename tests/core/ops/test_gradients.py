"""Every operator's gradient against central differences: one line an operator, more where parameters change it."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

POSITIVE = {"low": 0.3, "high": 2.0}
INNER = {"low": -0.8, "high": 0.8}
ABOVE_ONE = {"low": 1.2, "high": 3.0}
DISTINCT = np.random.default_rng(5).permutation(12).reshape(3, 4) / 5.0


def constant(*positions):
    return {"constants": positions}


GRADIENTS = [
    # arithmetic
    ("broadcast_add", [(3, 4), (4,)], {}),
    ("broadcast_sub", [(3, 1), (1, 4)], {}),
    ("broadcast_mul", [(3, 4), (4,)], {}),
    ("broadcast_mul", [(3, 1), (1, 4)], {}),
    ("broadcast_div", [(3, 4), (3, 1)], POSITIVE),
    ("broadcast_mod", [(3, 4), (4,)], {**POSITIVE, "seed": 3}),
    ("broadcast_power", [(3, 4), (4,)], POSITIVE),
    ("broadcast_maximum", [(3, 4), (4,)], {}),
    ("broadcast_minimum", [(3, 4), (4,)], {}),
    ("broadcast_hypot", [(3, 4), (4,)], POSITIVE),
    ("elemwise_add", [(3, 4), (3, 4)], {}),
    ("elemwise_sub", [(3, 4), (3, 4)], {}),
    ("elemwise_mul", [(3, 4), (3, 4)], {}),
    ("elemwise_div", [(3, 4), (3, 4)], POSITIVE),
    ("add_n", [(3, 4), (3, 4), (3, 4)], {}),
    ("_plus_scalar", [(3, 4)], {"scalar": 1.5}),
    ("_minus_scalar", [(3, 4)], {"scalar": 1.5}),
    ("_rminus_scalar", [(3, 4)], {"scalar": 1.5}),
    ("_mul_scalar", [(3, 4)], {"scalar": 1.5}),
    ("_div_scalar", [(3, 4)], {"scalar": 1.5}),
    ("_rdiv_scalar", [(3, 4)], {"scalar": 1.5, **POSITIVE}),
    ("_mod_scalar", [(3, 4)], {"scalar": 0.7, "seed": 1}),
    ("_rmod_scalar", [(3, 4)], {"scalar": 5.0, **POSITIVE}),
    ("_power_scalar", [(3, 4)], {"scalar": 2.5, **POSITIVE}),
    ("_power_scalar", [(3, 4)], {"scalar": 3}),
    ("_rpower_scalar", [(3, 4)], {"scalar": 2.5}),
    ("_maximum_scalar", [(3, 4)], {"scalar": 0.1}),
    ("_minimum_scalar", [(3, 4)], {"scalar": 0.1}),
    ("_hypot_scalar", [(3, 4)], {"scalar": 1.5}),
    # one array
    ("negative", [(3, 4)], {}),
    ("abs", [(3, 4)], {}),
    ("square", [(3, 4)], {}),
    ("sqrt", [(3, 4)], POSITIVE),
    ("rsqrt", [(3, 4)], POSITIVE),
    ("cbrt", [(3, 4)], POSITIVE),
    ("rcbrt", [(3, 4)], POSITIVE),
    ("reciprocal", [(3, 4)], POSITIVE),
    ("exp", [(3, 4)], {}),
    ("expm1", [(3, 4)], {}),
    ("log", [(3, 4)], POSITIVE),
    ("log10", [(3, 4)], POSITIVE),
    ("log2", [(3, 4)], POSITIVE),
    ("log1p", [(3, 4)], POSITIVE),
    ("sin", [(3, 4)], {}),
    ("cos", [(3, 4)], {}),
    ("tan", [(3, 4)], INNER),
    ("arcsin", [(3, 4)], INNER),
    ("arccos", [(3, 4)], INNER),
    ("arctan", [(3, 4)], {}),
    ("sinh", [(3, 4)], {}),
    ("cosh", [(3, 4)], {}),
    ("tanh", [(3, 4)], {}),
    ("arcsinh", [(3, 4)], {}),
    ("arccosh", [(3, 4)], ABOVE_ONE),
    ("arctanh", [(3, 4)], INNER),
    ("degrees", [(3, 4)], {}),
    ("radians", [(3, 4)], {}),
    ("identity", [(3, 4)], {}),
    ("clip", [(3, 4)], {"a_min": -0.4, "a_max": 0.5}),
    ("cast", [(3, 4)], {"dtype": "float64"}),
    # reductions
    ("sum", [(3, 4)], {}),
    ("sum", [(2, 3, 4)], {"axis": (0, 2)}),
    ("sum", [(2, 3, 4)], {"axis": 1, "exclude": True, "keepdims": True}),
    ("mean", [(3, 4)], {"axis": -1}),
    ("mean", [(2, 3, 4)], {"axis": 0, "exclude": True}),
    ("prod", [(3, 4)], {"axis": 1, **POSITIVE}),
    ("nansum", [(3, 4)], {"axis": 1}),
    ("nanprod", [(3, 4)], {"axis": 1, **POSITIVE}),
    ("max", [DISTINCT], {"axis": 1}),
    ("min", [DISTINCT], {"axis": 0, "keepdims": True}),
    ("norm", [(3, 4)], {"axis": 1}),
    ("norm", [(3, 4)], {"ord": 1}),
    ("moments", [(3, 4)], {"axes": (0,)}),
    # products
    ("dot", [(3, 4), (4, 2)], {}),
    ("dot", [(4, 3), (4, 2)], {"transpose_a": True}),
    ("dot", [(3, 4), (2, 4)], {"transpose_b": True}),
    ("dot", [(4, 3), (2, 4)], {"transpose_a": True, "transpose_b": True}),
    ("dot", [(2, 3, 4), (4, 5, 2)], {}),
    ("dot", [(2, 3, 4), (5, 6, 2)], {"transpose_a": True, "transpose_b": True}),
    ("dot", [(4,), (4,)], {}),
    ("dot", [(3, 4), (4,)], {}),
    ("batch_dot", [(2, 3, 4), (2, 4, 5)], {}),
    ("batch_dot", [(2, 4, 3), (2, 4, 5)], {"transpose_a": True}),
    ("batch_dot", [(2, 3, 4), (2, 5, 4)], {"transpose_b": True}),
    ("batch_dot", [(2, 4, 3), (2, 5, 4)], {"transpose_a": True, "transpose_b": True}),
    # shapes
    ("reshape", [(3, 4)], {"shape": (2, -1)}),
    ("reshape_like", [(3, 4), (4, 3)], constant(1)),
    ("flatten", [(2, 3, 4)], {}),
    ("transpose", [(2, 3, 4)], {}),
    ("transpose", [(2, 3, 4)], {"axes": (2, 0, 1)}),
    ("expand_dims", [(3, 4)], {"axis": 1}),
    ("squeeze", [(3, 1, 4)], {}),
    ("swapaxes", [(2, 3, 4)], {"dim1": 0, "dim2": 2}),
    ("diag", [(4,)], {"k": 1}),
    ("diag", [(3, 4)], {"k": -1}),
    ("diag", [(2, 3, 4)], {"k": 1, "axis1": 2, "axis2": 0}),
    ("_diag_gradient", [(3,)], {"shape": (3, 4), "k": 1}),
    ("broadcast_to", [(3, 1)], {"shape": (0, 4)}),
    ("broadcast_axis", [(3, 1, 1)], {"axis": (1, 2), "size": (2, 4)}),
    ("broadcast_like", [(3, 1), (3, 4)], constant(1)),
    ("_unbroadcast", [(2, 3, 4)], {"shape": (3, 1)}),
    # parts
    ("_index", [(3, 4)], {"key": (slice(0, 2), slice(None, None, -2))}),
    ("_index", [(3, 4)], {"key": (np.array([0, 2, 0]), np.array([1, 1, 1]))}),
    ("_index_add", [(2, 4)], {"key": slice(0, 2), "shape": (3, 4)}),
    ("_index_add", [(3, 4)], {"key": np.array([0, 2, 0]), "shape": (3, 4)}),
    ("slice", [(3, 4)], {"begin": (0, 3), "end": (2, 0), "step": (1, -2)}),
    ("slice_axis", [(3, 4)], {"axis": -1, "begin": 1, "end": None}),
    ("slice_like", [(3, 4), (2, 2)], constant(1)),
    ("slice_like", [(3, 4), (2, 2)], {"axes": (1,), **constant(1)}),
    # joining
    ("concat", [(3, 2), (3, 1)], {}),
    ("concat", [(2, 3), (1, 3), (2, 3)], {"dim": 0}),
    ("stack", [(3, 2), (3, 2)], {"axis": 1}),
    ("stack", [(3, 2), (3, 2)], {"axis": -1}),
    ("split", [(3, 4)], {"num_outputs": 2}),
    ("split", [(3, 4)], {"num_outputs": 3, "axis": 0, "squeeze_axis": True}),
    ("_split_v2", [(5, 2)], {"indices": (1, 3), "axis": 0}),
    ("tile", [(3, 2)], {"reps": (2, 2, 3)}),
    ("tile", [(2, 3, 2)], {"reps": 2}),
    ("repeat", [(3, 2)], {"repeats": 3}),
    ("repeat", [(3, 2)], {"repeats": 2, "axis": -1}),
    ("flip", [(3, 4)], {"axis": (0, 1)}),
    ("pad", [(1, 2, 3, 3)], {"mode": "constant", "pad_width": (0, 0, 0, 0, 1, 2, 0, 1), "constant_value": 2.0}),
    ("pad", [(1, 2, 3, 3)], {"mode": "edge", "pad_width": (0, 0, 0, 0, 1, 2, 0, 1)}),
    ("pad", [(1, 2, 3, 3)], {"mode": "reflect", "pad_width": (0, 0, 0, 0, 1, 2, 2, 1)}),
    ("_add_along", [(3, 4)], {"positions": (0, 1, 1, 2), "axis": 1, "size": 3}),
    # choosing
    ("take", [(4, 2), np.array([0, 3, 0])], constant(1)),
    ("take", [(2, 4), np.array([[0, 9], [-1, 0]])], {"axis": 1, "mode": "wrap", **constant(1)}),
    ("_take_gradient", [(3, 2), np.array([0, 3, 0])], {"shape": (4, 2), **constant(1)}),
    ("pick", [(3, 4), np.array([0, 3, 9])], constant(1)),
    ("pick", [(3, 4), np.array([[0, 2, 1, 1]])], {"axis": 0, "keepdims": True, **constant(1)}),
    ("pick", [(3, 4), np.array([0, 7, 7])], {"axis": None, **constant(1)}),
    ("_pick_gradient", [(3,), np.array([0, 3, 9])], {"shape": (3, 4), **constant(1)}),
    ("batch_take", [(3, 4), np.array([0, 3, 1])], constant(1)),
    ("_gather_axis", [(3, 4), np.array([[0, 3], [1, 0], [2, 1]])], constant(1)),
    ("_scatter_axis", [(3, 2), np.array([[0, 3], [1, 0], [2, 1]])], {"size": 4, **constant(1)}),
    ("gather_nd", [(3, 4), np.array([[0, 0, 2], [1, 1, 3]])], constant(1)),
    ("scatter_nd", [(3,), np.array([[0, 1, 2], [1, 1, 3]])], {"shape": (3, 4), **constant(1)}),
    ("_scatter_nd_add", [(3,), np.array([[0, 0, 2], [1, 1, 3]])], {"shape": (3, 4), **constant(1)}),
    ("where", [np.eye(3, 4), (3, 4), (3, 4)], constant(0)),
    ("where", [np.array([1, 0, 1]), (3, 4), (3, 4)], constant(0)),
    ("_masked", [(3, 4), np.eye(3, 4)], constant(1)),
    # order
    ("sort", [DISTINCT], {"axis": 1}),
    ("sort", [DISTINCT], {"axis": None, "is_ascend": False}),
    ("topk", [DISTINCT], {"k": 2, "ret_typ": "value"}),
    ("topk", [DISTINCT], {"k": 2, "axis": 0, "ret_typ": "value", "is_ascend": True}),
    ("topk", [DISTINCT], {"k": 3, "axis": None, "ret_typ": "both"}),
]  # fmt: skip


def name_of(row):
    shapes = ",".join("x".join(map(str, a if isinstance(a, tuple) else a.shape)) for a in row[1])
    return f"{row[0]}-{shapes}"


@pytest.mark.parametrize("row", GRADIENTS, ids=name_of)
def test_gradient(row):
    name, arguments, options = row
    check_gradient(TABLE[name], *arguments, **options)


@pytest.mark.parametrize("row", GRADIENTS, ids=name_of)
def test_gradient_of_the_gradient(row):
    name, arguments, options = row
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_the_gradient_of_dropout_is_its_mask():
    from mxl.core import random

    def dropped(x):
        random.seed(3)
        return nd.Dropout(x, p=0.4, mode="always")

    check_gradient(dropped, (5, 6), order=2)


def test_make_loss_starts_anew():
    from mxl.core import autograd

    x = nd.array([1.0, 2.0])
    x.attach_grad()
    with autograd.record():
        y = nd.make_loss(x) * 3
    y.backward()
    assert x.grad.asnumpy().tolist() == [1.0, 1.0]
