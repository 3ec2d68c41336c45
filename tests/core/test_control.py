"""Loops and branches over arrays: gradients go through them, and what is said of what does not fit."""

import pytest

from mxl.core import nd
from mxl.core.errors import BadCall, InvalidSetting, NotAnArray, OutOfBounds, ShapeError
from mxl.testing.gradient import check_gradient

contrib = nd.contrib
D, S = nd.ones((3, 2)), nd.ones((2,))


def test_gradients_of_foreach():
    def run(d, s):
        outs, last = contrib.foreach(lambda x, state: (nd.sin(x) * state, state * x + state), d, s)
        return outs, last

    check_gradient(run, (3, 2), (2,))
    check_gradient(run, (3, 2), (2,), order=2, rtol=1e-4, atol=1e-6)


def test_gradients_of_while_loop():
    def run(s):
        outs, (_, last) = contrib.while_loop(
            lambda i, v: i < 3, lambda i, v: (v, [i + 1, v * v]), [nd.zeros((1,)), s], max_iterations=5
        )
        return outs, last

    check_gradient(run, (2,))
    check_gradient(run, (2,), order=2, rtol=1e-4, atol=1e-6)


def test_steps_that_did_not_run_are_zero():
    outs, _ = contrib.while_loop(lambda i: i < 2, lambda i: (i + 5, i + 1), nd.zeros((1,)), max_iterations=4)
    assert outs.asnumpy().ravel().tolist() == [5, 6, 0, 0]


def test_only_the_branch_that_is_chosen_runs():
    assert contrib.cond(nd.array([0.0]), lambda: 1 / 0, lambda: S) is S


ERRORS = [
    (lambda: contrib.foreach(lambda d, s: (d, s), [], S), BadCall, "foreach: data is an empty list"),
    (lambda: contrib.foreach(lambda d, s: (d, s), [D, S], S), OutOfBounds, r"have \[3, 2\] steps: all must have as"),
    (lambda: contrib.foreach(lambda d, s: (3, s), D, S), NotAnArray, "the output of body must be an NDArray or a"),
    (lambda: contrib.foreach(lambda d, s: ([d] * int(s.asscalar()), s + 1), D, nd.ones((1,))), InvalidSetting,
     "body's outputs were 1 arrays at first, now 2"),
    (lambda: contrib.while_loop(lambda i: True, lambda i: (i, i), S), InvalidSetting, "max_iterations is missing"),
    (lambda: contrib.while_loop(lambda i: True, lambda i: (i, i), S, "x"), InvalidSetting, "must be a number, not 'x'"),
    (lambda: contrib.while_loop(lambda: True, lambda: (S, []), [], 2), InvalidSetting, "loop_vars is empty"),
    (lambda: contrib.while_loop(lambda i: i, lambda i: (i, i), S, 2), ShapeError, r"cond is \[2\]: it must have"),
    (lambda: contrib.while_loop(lambda i: 1, lambda i: (i, [i, i]), S, 2), InvalidSetting, "func gave 2 loop_vars"),
    (lambda: contrib.cond(S, lambda: S, lambda: D), ShapeError, r"cond: pred is \[2\]: it must have one element"),
    (lambda: contrib.isnan(3), NotAnArray, "isnan: data must be an NDArray, not int"),
    (lambda: contrib.rand_zipfian(3, 2, 9), NotAnArray, "true_classes must be an NDArray, not int"),
    (lambda: contrib.rand_zipfian(S, 2, 0), BadCall, "range_max is 0: it must be 1 or more"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()


def test_a_name_that_contrib_lacks_is_told():
    with pytest.raises(AttributeError, match=r"mx\.nd\.contrib has no function or operator 'nosuch'; it has"):
        contrib.nosuch  # noqa: B018
