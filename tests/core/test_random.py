"""mx.random: shapes, dtypes, contexts, out=, and what it says to bad calls."""

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import ArgumentError, ContextError, DtypeError, InvalidSetting, ShapeError

random = mx.nd.random


@pytest.fixture(autouse=True)
def _seed():
    mx.random.seed(0)


def test_default_seed_prints_mxnets_digits():
    assert repr(random.uniform(shape=(3,))) == "\n[0.5488135  0.5928446  0.71518934]\n<NDArray 3 @cpu(0)>"


def test_defaults():
    for draw, dtype in (
        (random.uniform, "float32"),
        (random.normal, "float32"),
        (lambda **k: random.randint(0, 5, **k), "int32"),
    ):
        array = draw()
        assert (array.shape, array.dtype, str(array.ctx)) == ((1,), np.dtype(dtype).type, "cpu(0)")
        assert draw(shape=4).shape == (4,)
        assert draw(shape=[2, 1]).shape == (2, 1)
        assert str(draw(ctx=mx.cpu(1)).ctx) == "cpu(1)"


def test_all_cpu_contexts_share_the_streams():
    here, there = random.uniform(shape=5).asnumpy(), random.uniform(shape=5, ctx=mx.cpu(1)).asnumpy()
    mx.random.seed(0, ctx=mx.cpu(1))
    np.testing.assert_array_equal(random.uniform(shape=5, ctx=mx.cpu(1)).asnumpy(), here)
    np.testing.assert_array_equal(random.uniform(shape=5).asnumpy(), there)


def test_seeding_a_gpu_changes_nothing_here():
    first = random.uniform().asscalar()
    mx.random.seed(0)
    mx.random.seed(9, ctx=mx.gpu())
    assert random.uniform().asscalar() == first


def test_out_takes_shape_and_dtype_from_the_array():
    out = mx.nd.zeros((2, 3), dtype="float64")
    assert random.uniform(2, 3, out=out) is out
    assert 2 <= out.asnumpy().min() < out.asnumpy().max() < 3
    view = mx.nd.zeros((4, 3))
    random.normal(out=view[1:3])
    assert (view.asnumpy() != 0).tolist() == [[False] * 3, [True] * 3, [True] * 3, [False] * 3]


def test_randn_is_normal():
    drawn = random.randn(2, 3, loc=1, scale=2, dtype="float64").asnumpy()
    mx.random.seed(0)
    np.testing.assert_array_equal(drawn, random.normal(1, 2, (2, 3), "float64").asnumpy())


def test_randint_covers_its_range():
    values = random.randint(-2, 3, shape=1000).asnumpy()
    assert sorted(set(values.tolist())) == [-2, -1, 0, 1, 2]


@pytest.mark.parametrize(
    "call, kind, text",
    [
        (lambda: mx.random.seed("a"), ValueError, "seed_state must be an int, got 'a'"),
        (lambda: mx.random.seed(1.0), ValueError, "seed_state must be an int, got 1.0"),
        (lambda: random.uniform(2, 1), InvalidSetting, "low is 2.0, high is 1.0"),
        (lambda: random.uniform("a", 1), ValueError, "low must be a number or an NDArray, got str"),
        (
            lambda: random.uniform(mx.nd.zeros(2), 1),
            AssertionError,
            "its parameters must all be NDArrays or all numbers; 1.0 came beside an NDArray",
        ),
        (lambda: random.normal(0, 0), InvalidSetting, "scale is 0.0: it has to be positive"),
        (lambda: random.randint(5, 5), InvalidSetting, "low is 5, high is 5: low must be less than high"),
        (lambda: random.randint(0.0, 5), ArgumentError, "low must be an int, got 0.0"),
        (lambda: random.randint(0, True), ArgumentError, "high must be an int, got True"),
        (lambda: random.uniform(shape=()), ShapeError, "at least one axis"),
        (lambda: random.uniform(shape=(2, 0)), ShapeError, "lengths of 1 or more"),
        (lambda: random.uniform(shape=2.5), ArgumentError, "shape must be an int or a tuple of ints, got 2.5"),
        (lambda: random.uniform(dtype="int32"), DtypeError, "dtype is int32; known: float32, float64, float16"),
        (lambda: random.randint(0, 3, dtype="float32"), DtypeError, "dtype is float32; known: int32, int64"),
        (lambda: random.randint(0, 3, out=mx.nd.zeros(2)), DtypeError, "dtype is float32; known: int32, int64"),
        (lambda: random.uniform(shape=3, out=mx.nd.zeros(2)), ShapeError, r"out is \[2\], shape says \[3\]"),
        (lambda: random.uniform(dtype="float64", out=mx.nd.zeros(2)), DtypeError, "out is float32, dtype says float64"),
        (lambda: random.uniform(out=3), ArgumentError, "out must be an NDArray, got int"),
        (lambda: random.uniform(ctx=mx.gpu()), ContextError, "CPUs only"),
    ],
)
def test_bad_call(call, kind, text):
    with pytest.raises(kind, match=text):
        call()
