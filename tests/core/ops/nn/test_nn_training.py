"""Operators that differ between training and prediction, that draw, or that cut their work into parts."""

import numpy as np
import pytest

import mxl as mx
from mxl.core.ops.nn import convolution
from mxl.core.ops.nn.special import erf_of

nd, autograd = mx.nd, mx.autograd


def test_dropout_draws_mxnets_mask():
    mx.random.seed(1)
    with autograd.record():
        dropped = nd.Dropout(nd.ones((3, 4)), p=0.5)
    assert dropped.asnumpy().tolist() == [[0, 2, 2, 0], [2, 0, 0, 0], [0, 2, 2, 2]]
    assert nd.random.uniform().asscalar() == np.float32(0.44139475)


@pytest.mark.parametrize("size", [63, 65, 70000])
def test_dropout_mask_is_the_uniform_draw(size):
    mx.random.seed(3)
    with autograd.train_mode():
        dropped = nd.Dropout(nd.ones(size), p=0.3).asnumpy()
    mx.random.seed(3)
    kept = nd.random.uniform(shape=size).asnumpy() < np.float32(0.7)
    np.testing.assert_array_equal(dropped, np.where(kept, np.float32(1) / np.float32(0.7), np.float32(0)))


def test_dropout_of_float64_draws_two_words_a_value():
    mx.random.seed(1)
    with autograd.train_mode():
        assert nd.Dropout(nd.ones(6, dtype="float64"), p=0.5).asnumpy().tolist() == [2, 0, 0, 0, 2, 2]


def test_dropout_does_nothing_outside_of_training_unless_always():
    mx.random.seed(1)
    assert nd.Dropout(nd.ones(3), p=0.5).asnumpy().tolist() == [1, 1, 1]
    assert nd.Dropout(nd.ones(3), p=0.5, mode="always").asnumpy().tolist() == [0, 2, 2]


def test_dropout_axes_share_a_draw():
    mx.random.seed(1)
    with autograd.train_mode():
        rows = nd.Dropout(nd.ones((20, 5)), p=0.5, axes=(1,)).asnumpy()
    assert (rows == rows[:, :1]).all()
    assert 0 < rows.mean() < 2


def test_dropout_of_everything_is_zero():
    with autograd.train_mode():
        assert nd.Dropout(nd.ones(3), p=1).asnumpy().tolist() == [0, 0, 0]


def test_dropout_gradient_is_its_mask():
    x = nd.ones((4, 5))
    x.attach_grad()
    with autograd.record():
        y = nd.Dropout(x, p=0.5)
    y.backward()
    np.testing.assert_array_equal(x.grad.asnumpy(), y.asnumpy())


def test_rrelu_slope_is_drawn_in_training_and_fixed_in_prediction():
    x = -nd.ones(1000)
    x.attach_grad()
    with autograd.record():
        y = nd.LeakyReLU(x, act_type="rrelu", lower_bound=0.1, upper_bound=0.3)
    y.backward()
    slopes = -y.asnumpy()
    assert 0.1 <= slopes.min() < 0.11
    assert 0.29 < slopes.max() <= 0.3
    np.testing.assert_array_equal(x.grad.asnumpy(), slopes)
    np.testing.assert_allclose(
        nd.LeakyReLU(x, act_type="rrelu", lower_bound=0.1, upper_bound=0.3).asnumpy(), -0.2, rtol=1e-6
    )


def batch_norm_arrays():
    return nd.ones(2), nd.zeros(2), nd.array([0.5, -0.5]), nd.array([2.0, 3.0])


def test_batch_norm_moves_statistics_in_training_only():
    x = nd.array(np.arange(12).reshape(6, 2))
    gamma, beta, mean, var = batch_norm_arrays()
    nd.BatchNorm(x, gamma, beta, mean, var)
    assert mean.asnumpy().tolist() == [0.5, -0.5]
    with autograd.record():
        nd.BatchNorm(x, gamma, beta, mean, var, use_global_stats=True)
    assert mean.asnumpy().tolist() == [0.5, -0.5]
    with autograd.record():
        nd.BatchNorm(x, gamma, beta, mean, var, momentum=0.75)
    np.testing.assert_allclose(mean.asnumpy(), [0.75 * 0.5 + 0.25 * 5, 0.75 * -0.5 + 0.25 * 6], rtol=1e-6)
    np.testing.assert_allclose(var.asnumpy(), [0.75 * 2 + 0.25 * 35 / 3, 0.75 * 3 + 0.25 * 35 / 3], rtol=1e-6)


def test_batch_norm_gives_its_statistics():
    x = nd.array(np.arange(12).reshape(6, 2))
    gamma, beta, mean, var = batch_norm_arrays()
    x.attach_grad()
    with autograd.record():
        out, average, scale = nd.BatchNorm(x, gamma, beta, mean, var, output_mean_var=True)
    assert out.shape == (6, 2)
    np.testing.assert_allclose(average.asnumpy(), [5, 6])
    np.testing.assert_allclose(scale.asnumpy(), 1 / np.sqrt(35 / 3 + 1e-3), rtol=1e-6)
    out.backward()
    np.testing.assert_allclose(x.grad.asnumpy(), 0, atol=1e-6)  # each channel's output sums to 0 whatever x is


def test_batch_norm_of_float16_keeps_float32_statistics():
    x = nd.array(np.arange(12).reshape(6, 2)).astype("float16")
    with autograd.record():
        out = nd.BatchNorm(x, *batch_norm_arrays())
    assert out.dtype == np.float16
    np.testing.assert_allclose(out.asnumpy()[:, 0].mean(), 0, atol=1e-3)


def test_fixed_gamma_has_no_gradient():
    gamma, beta, mean, var = batch_norm_arrays()
    gamma.attach_grad()
    with autograd.record():
        out = nd.BatchNorm(nd.array([[1.0, 2], [3, 5]]), gamma, beta, mean, var)
    out.backward()
    assert gamma.grad.asnumpy().tolist() == [0, 0]


def test_max_pooling_gives_the_first_of_equals_the_gradient():
    x = nd.ones((1, 1, 2, 2))
    x.attach_grad()
    with autograd.record():
        y = nd.Pooling(x, kernel=(2, 2))
    y.backward()
    assert x.grad.asnumpy().ravel().tolist() == [1, 0, 0, 0]


def test_max_pooling_of_integers():
    x = nd.array([[[[-3, -5], [-4, -7]]]], dtype="int32")
    assert nd.Pooling(x, kernel=(2, 2), pad=(1, 1)).asnumpy().ravel().tolist() == [-3, -3, -5, -3, -3, -5, -4, -4, -7]


def test_layer_norm_gives_its_statistics():
    out, mean, deviation = nd.LayerNorm(nd.array([[1.0, 3]]), nd.ones(2), nd.zeros(2), output_mean_var=True)
    assert (out.shape, mean.shape, deviation.shape) == ((1, 2), (1, 1), (1, 1))
    assert mean.asscalar() == 2


@pytest.mark.parametrize("most", [1, 60, 200, 1 << 24])
def test_convolution_in_parts_is_the_whole(monkeypatch, most):
    rng = np.random.RandomState(0)
    x, w, b = (nd.array(rng.uniform(-1, 1, shape)) for shape in [(5, 3, 4, 4), (2, 3, 3, 3), (2,)])
    results = []
    for bound in (1 << 24, most):
        monkeypatch.setattr(convolution, "COLUMNS_MOST", bound)
        for array in (x, w, b):
            array.attach_grad()
        with autograd.record():
            y = nd.Convolution(x, w, b, kernel=(3, 3), pad=(1, 1), num_filter=2)
        y.backward(y * y)
        results.append([y.asnumpy(), x.grad.asnumpy(), w.grad.asnumpy(), b.grad.asnumpy()])
    for whole, part in zip(*results, strict=True):
        np.testing.assert_allclose(part, whole, rtol=1e-5, atol=1e-6)


def test_erf_is_exact():
    import math

    x = np.concatenate([np.linspace(-7, 7, 2001), [0.0, -0.0, 1e-12, np.inf, -np.inf]])
    want = np.array([math.erf(v) for v in x])
    np.testing.assert_allclose(erf_of(x), want, rtol=1e-13, atol=1e-300)
    assert np.isnan(erf_of(np.array([np.nan]))).all()
