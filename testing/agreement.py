"""Optimizers and networks against each other: part of `mx.test_utils`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import autograd
from ..core.errors import InvalidSetting
from ..core.initializer import Initializer
from ..core.ndarray import NDArray
from ..core.random import uniform
from .comparisons import assert_almost_equal, compare_ndarray_tuple
from .sparse_samples import rand_ndarray

__all__ = ["check_gluon_hybridize_consistency", "compare_optimizer"]

Array = np.ndarray[Any, Any]


def compare_optimizer(
    opt1: Any, opt2: Any, shape: Any, dtype: Any, w_stype: str = "default", g_stype: str = "default",
    rtol: float = 1e-4, atol: float = 1e-5, compare_states: bool = True, ntensors: int = 1,
) -> None:  # fmt: skip
    """Raise AssertionError unless one step of both optimizers gives the same weight and states.

    opt1 steps dense arrays, opt2 arrays of w_stype and g_stype.  A list of shapes: opt2 steps ntensors weights in one
    call, opt1 one after another.
    """
    if isinstance(shape, list):
        firsts = [(uniform(shape=each, dtype=dtype), uniform(shape=each, dtype=dtype)) for each in shape]
        seconds = [(weight.copy(), grad.copy()) for weight, grad in firsts]
        if len(firsts) != ntensors:
            raise InvalidSetting(f"compare_optimizer: {len(shape)} shapes came for ntensors={ntensors}")
        states = [opt2.create_state_multi_precision(0, weight) for weight, _ in seconds]
        weights, grads = zip(*seconds, strict=True)
        opt2.update_multi_precision(list(range(ntensors)), weights, grads, states)
        for index, (weight, grad) in enumerate(firsts):
            state = opt1.create_state_multi_precision(index, weight)
            opt1.update_multi_precision(index, weight, grad, state)
            if compare_states:
                compare_ndarray_tuple(state, states[index], rtol, atol)
            compare_ndarray_tuple(weight, weights[index], rtol, atol)
        return
    weight1, weight2 = _twins(shape, w_stype, dtype, density=1)
    grad1, grad2 = _twins(shape, g_stype, dtype)
    state1, state2 = (opt.create_state_multi_precision(0, weight) for opt, weight in ((opt1, weight1), (opt2, weight2)))
    if compare_states:
        compare_ndarray_tuple(state1, state2)
    opt1.update_multi_precision(0, weight1, grad1, state1)
    opt2.update_multi_precision(0, weight2, grad2, state2)
    if compare_states:
        compare_ndarray_tuple(state1, state2, rtol=rtol, atol=atol)
    assert_almost_equal(weight1, weight2, rtol=rtol, atol=atol)


def _twins(shape: tuple[int, ...], stype: str, dtype: Any, density: float | None = None) -> tuple[NDArray, NDArray]:
    """(a dense array, the same in storage stype)."""
    if stype == "default":
        made = uniform(shape=shape, dtype=dtype)
        return made.copy(), made
    made = rand_ndarray(shape, stype, density=density, dtype=dtype)
    return made.tostype("default"), made


class _Given(Initializer):
    """Parameters by their names."""

    def __init__(self, values: dict[str, Array]) -> None:
        super().__init__()
        self._values = values

    def _init_weight(self, name: str, arr: NDArray) -> None:
        arr[:] = self._values[str(name)]

    _init_bias = _init_gamma = _init_beta = _init_default = _init_weight
    _init_one = _init_zero = _init_weight


def check_gluon_hybridize_consistency(
    net_builder: Callable[..., Any], data_l: Sequence[NDArray], numpy_func: Callable[..., Any] | None = None,
    test_grad: bool = True, rtol: float = 1e-4, atol: float = 1e-4,
) -> None:  # fmt: skip
    """Raise AssertionError unless a network gives the same numbers hybridized or not, recorded or not.

    net_builder(prefix='net_') makes it; numpy_func, of the data as numpy arrays, is what it computes.
    """
    values: dict[str, Array] | None = None
    outs: list[Array] = []
    grads: list[list[Array]] = []
    for hybridize in (False, True):
        for recorded in (False, True) if test_grad else (False,):
            net = net_builder(prefix="net_")
            net.initialize(None if values is None else _Given(values))
            if hybridize:
                net.hybridize()
            data = [each.copy() for each in data_l]
            if recorded:
                for each in data:
                    each.attach_grad()
                with autograd.record():
                    out = net(*data)
                out.backward(out)
                grads.append([each.grad.asnumpy() for each in data if each.grad is not None])
            else:
                out = net(*data)
            outs.append(out.asnumpy())
            if values is None:
                values = {name: param.data().asnumpy() for name, param in net.collect_params().items()}
    for out in outs[1:]:
        assert_almost_equal(out, outs[0], rtol=rtol, atol=atol)
    for some in grads[1:]:
        for one, first in zip(some, grads[0], strict=True):
            assert_almost_equal(one, first, rtol=rtol, atol=atol)
    if numpy_func is not None:
        assert_almost_equal(outs[0], numpy_func(*[each.asnumpy() for each in data_l]), rtol=rtol, atol=atol)
