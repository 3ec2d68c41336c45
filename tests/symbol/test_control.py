"""Control flow in hybridized blocks: the values, gradients and shapes that the same calls on arrays have."""

from __future__ import annotations

import pytest

import mxl as mx
from mxl import gluon


class Block(gluon.HybridBlock):
    def __init__(self, function) -> None:
        super().__init__(prefix="block_")
        self.function = function
        with self.name_scope():
            self.w = self.params.get("w", shape=(2,), init=mx.init.Constant(0.5))

    def hybrid_forward(self, F, *inputs, w):
        return self.function(F, w, *inputs)


def both(function, *inputs):
    """Outputs and gradients of a block, run as it is and hybridized."""
    found = []
    for hybrid in (False, True):
        block = Block(function)
        block.initialize()
        block.hybridize(hybrid)
        x = inputs[0].copy()
        x.attach_grad()
        with mx.autograd.record():
            outputs = block(x, *inputs[1:])
            outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
            total = sum((output * (i + 1)).sum() for i, output in enumerate(outputs))
        total.backward()
        found.append([*(output.asnumpy().tolist() for output in outputs), x.grad.asnumpy().tolist(),
                      block.w.grad().asnumpy().tolist()])  # fmt: skip
    return found


def test_foreach_with_a_parameter_and_an_outer_value() -> None:
    def scan(F, w, x):
        outer = F.exp(w)
        outs, last = F.contrib.foreach(lambda item, state: (item * w + state * outer, item + state * w), x, w * 0)
        return [outs, last]

    plain, graph = both(scan, mx.nd.array([[1, 2], [3, 4], [5, 6.0]]))
    assert graph == plain
    assert plain[0][2] != plain[0][0]


def test_foreach_over_lists() -> None:
    def scan(F, w, x, y):
        outs, states = F.contrib.foreach(
            lambda items, states: ([items[0] + items[1], items[0] * w], [states[0] + items[1], states[1] * 2]),
            [x, y], [w, w + 1],
        )  # fmt: skip
        return [*outs, *states]

    plain, graph = both(scan, mx.nd.ones((3, 2)), mx.nd.ones((3, 2)) * 2)
    assert graph == plain


@pytest.mark.parametrize("steps", [0, 2, 3])
def test_while_loop(steps: int) -> None:
    def loop(F, w, x, limit):
        count = F.zeros_like(F.slice_axis(limit, axis=0, begin=0, end=1))
        outs, ends = F.contrib.while_loop(
            lambda i, total: i < limit, lambda i, total: (total * w, [i + 1, total + w]), [count, x], max_iterations=4
        )
        return [ends[1]] if isinstance(outs, list) else [ends[1], outs]

    plain, graph = both(loop, mx.nd.array([1.0, 2]), mx.nd.array([steps]))
    if steps:
        assert graph == plain
    else:  # a graph has its outputs, zeros here, whether a step runs or not
        assert [graph[0], *graph[2:]] == plain


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_cond_computes_one_of_both(sign: float) -> None:
    def choose(F, w, x):
        return F.contrib.cond(F.sum(x) > 0, lambda: x * w, lambda: F.exp(x) + w)

    plain, graph = both(choose, mx.nd.array([1.0, 2]) * sign)
    assert graph == plain


def test_shapes_follow_and_files_are_refused() -> None:
    x = mx.sym.var("x")
    outs, state = mx.sym.contrib.foreach(lambda item, s: (item + s, s * 2), x, mx.sym.var("s"))
    both = mx.sym.Group([outs, state])
    assert both.infer_shape(x=(4, 3), s=(3,))[1] == [(4, 3), (3,)]
    assert sorted(both.list_arguments()) == ["s", "x"]
    with pytest.raises(mx.MXNetError, match="is foreach: a graph with control flow is not written"):
        both.tojson()


@pytest.mark.parametrize(
    "make, sentence",
    [
        (lambda x: mx.sym.contrib.foreach(lambda i, s: (i, s), [], x), "data is an empty list"),
        (lambda x: mx.sym.contrib.foreach(lambda i, s: (i, s), mx.nd.ones((1,)), x), "data must be a Symbol"),
        (lambda x: mx.sym.contrib.while_loop(lambda i: i, lambda i: (i, i), [x]), "max_iterations is missing"),
        (lambda x: mx.sym.contrib.while_loop(lambda i: i, lambda i: (i, [i, i]), [x], 3), "gave 2 loop_vars, it was"),
        (lambda x: mx.sym.contrib.while_loop(lambda: 1, lambda: 1, [], 3), "loop_vars is empty"),
        (lambda x: mx.sym.contrib.cond(x, lambda: x, lambda: [x, x]), "then_func gave 1 outputs, else_func 2"),
    ],
)
def test_a_wrong_call_says_so(make, sentence: str) -> None:
    with pytest.raises(mx.MXNetError, match=sentence):
        make(mx.sym.var("x"))
