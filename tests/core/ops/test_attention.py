"""Interleaved products of attention: gradients of both orders, a whole attention by hand, and what is refused."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

GRADIENTS = [
    ("_heads_of", [(3, 2, 12)], {"heads": 2, "parts": 3, "part": 1}),
    ("_from_heads", [(4, 3, 2)], {"heads": 2, "parts": 3, "part": 1}),
    ("_contrib_interleaved_matmul_selfatt_qk", [(3, 2, 12)], {"heads": 2}),
    ("_contrib_interleaved_matmul_selfatt_valatt", [(3, 2, 12), (4, 3, 3)], {"heads": 2}),
    ("_contrib_interleaved_matmul_encdec_qk", [(3, 2, 4), (5, 2, 8)], {"heads": 2}),
    ("_contrib_interleaved_matmul_encdec_valatt", [(5, 2, 8), (4, 3, 5)], {"heads": 2}),
]


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_a_whole_attention():
    """Each head by itself, by numpy."""
    x = np.random.default_rng(2).normal(size=(3, 2, 2 * 3 * 4)).astype(np.float32)
    data = nd.array(x)
    weights = nd.softmax(nd.contrib.interleaved_matmul_selfatt_qk(data, heads=2), axis=-1)
    out = nd.contrib.interleaved_matmul_selfatt_valatt(data, weights, heads=2).asnumpy()
    for b in range(2):
        for h in range(2):
            q, k, v = (x[:, b, h * 12 + i * 4 : h * 12 + (i + 1) * 4] for i in range(3))
            scores = np.exp(q @ k.T / 2)
            expected = scores / scores.sum(axis=1, keepdims=True) @ v
            np.testing.assert_allclose(out[:, b, h * 4 : (h + 1) * 4], expected, rtol=1e-4)


X, KV = nd.ones((3, 2, 12)), nd.ones((5, 2, 8))
SELF_QK, SELF_VALUES = nd.contrib.interleaved_matmul_selfatt_qk, nd.contrib.interleaved_matmul_selfatt_valatt
CROSS_QK, CROSS_VALUES = nd.contrib.interleaved_matmul_encdec_qk, nd.contrib.interleaved_matmul_encdec_valatt
ERRORS = [
    (lambda: SELF_QK(X), ArgumentError, "required argument 'heads' is missing"),
    (lambda: SELF_QK(X, heads=0), ArgumentError, "heads is 0: queries_keys_values's last axis, 12, must be heads"),
    (lambda: SELF_QK(X[0], heads=2), ShapeError, r"is \[2, 12\]: it takes \[sequence, batch, heads \* 3 \* D\]"),
    (lambda: SELF_QK(X.astype("int32"), heads=2), DtypeError, "is int32: it takes floating point"),
    (lambda: SELF_VALUES(X, nd.ones((4, 3, 2)), heads=2), ShapeError, r"here \[4, queries, 3\]"),
    (lambda: CROSS_QK(nd.ones((3, 2, 6)), KV, heads=2), ShapeError, r"they must be \[Q, batch, heads \* D\] and"),
    (lambda: CROSS_VALUES(KV, nd.ones((2, 3, 5)), heads=2), ShapeError, r"here \[4, queries, 5\]"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
