"""Products, triangles and diagonals of matrices: gradients of both orders, and what is said of what does not fit."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

TRIANGULAR = np.random.default_rng(2).uniform(-0.5, 0.5, (2, 3, 3)) + 2 * np.eye(3)
A, S, D = nd.ones((2, 3)), nd.ones((3, 3)), nd.ones((3, 2), dtype="float64")

GRADIENTS = [
    ("linalg_gemm2", [(2, 3), (3, 4)], {"alpha": 1.5}),
    ("linalg_gemm2", [(2, 3, 2), (2, 3, 4)], {"transpose_a": True}),
    ("linalg_gemm2", [(2, 3), (4, 3)], {"transpose_b": True}),
    ("linalg_gemm2", [(3, 2), (4, 3)], {"transpose_a": True, "transpose_b": True}),
    ("linalg_gemm2", [(4, 2, 3), (3, 2, 5)], {"axis": 0}),
    ("linalg_gemm", [(2, 3), (3, 4), (2, 4)], {"alpha": 1.5, "beta": -0.5}),
    ("linalg_gemm", [(3, 2), (4, 3), (2, 4)], {"transpose_a": True, "transpose_b": True}),
    ("linalg_syrk", [(2, 3)], {"alpha": 1.5}),
    ("linalg_syrk", [(2, 2, 3)], {"transpose": True}),
    ("_triangle", [(3, 3)], {"lower": False, "half": True}),
    *[
        (name, [TRIANGULAR, (2, 2, 3) if rightside else (2, 3, 2)],
         {"transpose": transpose, "rightside": rightside, "lower": lower, "alpha": 1.5})
        for name in ("linalg_trmm", "linalg_trsm") for transpose in (False, True) for rightside in (False, True)
        for lower in (True, False)
    ],
    ("linalg_extractdiag", [(2, 3, 3)], {"offset": 1}),
    ("linalg_makediag", [(2, 3)], {"offset": -1}),
    ("linalg_extracttrian", [(2, 4, 4)], {"offset": 1}),
    ("linalg_maketrian", [(2, 6)], {"lower": False}),
]  # fmt: skip


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


ERRORS = [
    (lambda: nd.linalg.gemm2(A, A), ShapeError, r"A is \[2, 3\], B is \[2, 3\], .* the columns of A must be as many"),
    (lambda: nd.linalg.gemm2(A, nd.ones((3,))), ShapeError, r"linalg_gemm2: B is \[3\]: it takes matrices"),
    (lambda: nd.linalg.gemm2(A, D), DtypeError, "A is float32, B is float64: both must have one dtype"),
    (lambda: nd.linalg.gemm2(A, nd.ones((1, 3, 2))), ShapeError, "they need as many axes"),
    (lambda: nd.linalg.gemm2(A, A, axis=-1), ShapeError, "axis -1 cannot hold the rows of"),
    (lambda: nd.linalg.gemm2(A, A, False, True, "x"), ArgumentError, "alpha must be a number, not 'x'"),
    (lambda: nd.linalg.gemm(A, A, A, transpose_b=True), ShapeError, r"the product is \[2, 2\], C is \[2, 3\]"),
    (lambda: nd.linalg.syrk(A.astype("int32")), DtypeError, "linalg_syrk: A is int32: it takes float32 and float64"),
    (lambda: nd.linalg.trmm(S, A), ShapeError, r"linalg_trmm: A is \[3, 3\], B is \[2, 3\], rightside=False: B.shape"),
    (lambda: nd.linalg.trsm(A, A), ShapeError, r"linalg_trsm: A is \[2, 3\]: its matrices must be square"),
    (lambda: nd.linalg.extractdiag(S, 3), ShapeError, "offset 3 is outside of a matrix of 3 rows: it takes -2 .. 2"),
    (lambda: nd.linalg.makediag(nd.array(3.0).astype("int64")), DtypeError, "linalg_makediag: A is int64"),
    (lambda: nd.linalg.maketrian(nd.ones((4,))), ShapeError, "the last axis must be 1, 3, 6, 10"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()


def test_a_name_that_linalg_lacks_is_told():
    with pytest.raises(AttributeError, match=r"mx\.nd\.linalg has no operator 'svd'; it has det, extractdiag"):
        nd.linalg.svd  # noqa: B018


def test_linalg_lists_its_operators():
    assert {"gemm", "gemm2", "potrf", "syevd", "slogdet"} <= set(dir(nd.linalg))
    assert nd.linalg.potrf is nd.linalg_potrf
