"""`mx.nd.contrib`'s steps of optimizers: AdamW and LAMB, of one weight or of lists, with float32 copies or without.

The states are changed in place; the new weights are the result, so give `out=` the weights to train.  AdamW's
rescale_grad is a number or an array of one; where it is 0 or not finite, as after an overflow of a scaled loss, nothing
changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..creation import array
from ..errors import ArgumentError, ShapeError
from ..handle import Handle
from ..ndarray import NDArray
from ..op import op
from .blocks import complement
from .multi import targets
from .operators import group_adagrad_update, lamb_update_phase1, lamb_update_phase2, single

__all__ = [
    "adamw_update", "group_adagrad_update", "mp_adamw_update", "multi_adamw_update", "multi_lamb_update",
    "multi_mp_adamw_update", "multi_mp_lamb_update",
]  # fmt: skip

Arrays = Sequence[NDArray]


@op(updates=("mean", "var"))
def _adamw_update(
    weight, grad, mean, var, rescale_grad, lr=0.0, eta=1.0, beta1=0.9, beta2=0.999, epsilon=1e-8, wd=0.0,
    clip_gradient=-1.0,
):  # fmt: skip
    """weight - eta (lr m / (sqrt(v) + epsilon) + wd weight); rescale_grad: [1].  [...] four times, [1] -> [...]"""
    for name, other in (("grad", grad), ("mean", mean), ("var", var)):
        if other.shape != weight.shape:
            raise ShapeError(f"adamw_update: weight is {list(weight.shape)}, {name} {list(other.shape)}: all must be "
                             f"equal")  # fmt: skip
    scale = float(rescale_grad.reshape(-1)[0])
    if not math.isfinite(scale) or scale == 0:
        return weight.copy()
    kind = weight.dtype.type
    grad = grad * kind(scale)
    if clip_gradient >= 0:
        grad = np.clip(grad, -kind(clip_gradient), kind(clip_gradient))
    mean *= kind(beta1)
    mean += complement(single(beta1), weight) * grad
    var *= kind(beta2)
    var += complement(single(beta2), weight) * grad * grad
    return weight - kind(eta) * (kind(lr) * mean / (np.sqrt(var) + kind(epsilon)) + kind(wd) * weight)


_adamw_update.vjp(None, None, None, None, None)


def adamw_update(
    weight: NDArray, grad: NDArray, mean: NDArray, var: NDArray, rescale_grad: Any, lr: float, eta: float,
    beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, wd: float = 0, clip_gradient: float = -1,
    out: NDArray | None = None, name: str | None = None,
) -> NDArray:  # fmt: skip
    """weight - eta (lr m / (sqrt(v) + epsilon) + wd weight), where m and v are Adam's.  [...] four times -> [...]"""
    return _adamw_update(
        weight, grad, mean, var, _scale(rescale_grad, weight), lr=lr, eta=eta, beta1=beta1, beta2=beta2,
        epsilon=epsilon, wd=wd, clip_gradient=clip_gradient, out=out,
    )  # fmt: skip


def mp_adamw_update(
    weight: NDArray, grad: NDArray, mean: NDArray, var: NDArray, weight32: NDArray, rescale_grad: Any, lr: float,
    eta: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, wd: float = 0,
    clip_gradient: float = -1, out: NDArray | None = None, name: str | None = None,
) -> NDArray:  # fmt: skip
    """adamw_update of weight32, the float32 copy of weight, in place; the weight is copied from it."""
    adamw_update(weight32, grad.astype(np.float32), mean, var, rescale_grad, lr, eta, beta1, beta2, epsilon, wd,
                 clip_gradient, out=weight32)  # fmt: skip
    return _rounded(weight, weight32, out)


def multi_adamw_update(
    weights: Arrays, grads: Arrays, mean: Arrays, var: Arrays, rescale_grad: Any, lrs: Any, wds: Any, etas: Any,
    out: Any = None, name: str | None = None, size: int = 0, **settings: Any,
) -> Any:  # fmt: skip
    """adamw_update of each weight of a list; settings: beta1, beta2, epsilon, clip_gradient."""
    _known("multi_adamw_update", settings, "beta1", "beta2", "epsilon", "clip_gradient")
    outs = _counted("multi_adamw_update", size, out, weights, grads, mean, var, lrs, wds, etas)
    return [
        adamw_update(w, g, m, v, rescale_grad, lr, eta, wd=wd, out=target, **settings)
        for w, g, m, v, lr, wd, eta, target in zip(weights, grads, mean, var, lrs, wds, etas, outs, strict=True)
    ]


def multi_mp_adamw_update(
    weights: Arrays, grads: Arrays, mean: Arrays, var: Arrays, weights32: Arrays, rescale_grad: Any, lrs: Any,
    wds: Any, etas: Any, out: Any = None, name: str | None = None, size: int = 0, **settings: Any,
) -> Any:  # fmt: skip
    """mp_adamw_update of each weight of a list; settings as there."""
    _known("multi_mp_adamw_update", settings, "beta1", "beta2", "epsilon", "clip_gradient")
    outs = _counted("multi_mp_adamw_update", size, out, weights, grads, mean, var, weights32, lrs, wds, etas)
    halves = [gradient.astype(np.float32) for gradient in grads]
    multi_adamw_update(weights32, halves, mean, var, rescale_grad, lrs, wds, etas, out=weights32, **settings)
    return [_rounded(w, w32, target) for w, w32, target in zip(weights, weights32, outs, strict=True)]


def multi_lamb_update(
    weights: Arrays, grads: Arrays, mean: Arrays, var: Arrays, step_count: Any, lrs: Any, wds: Any, out: Any = None,
    num_tensors: int = 0, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-6, rescale_grad: float = 1.0,
    lower_bound: float = -1.0, upper_bound: float = -1.0, clip_gradient: float = -1.0, bias_correction: bool = True,
) -> Any:  # fmt: skip
    """Both phases of LAMB for each weight of a list, at its step of step_count."""
    outs = _counted("multi_lamb_update", num_tensors, out, weights, grads, mean, var, step_count, lrs, wds)
    result = []
    for w, g, m, v, t, lr, wd, target in zip(weights, grads, mean, var, step_count, lrs, wds, outs, strict=True):
        move = lamb_update_phase1(
            w, g, m, v, beta1=beta1, beta2=beta2, epsilon=epsilon, t=t, bias_correction=bias_correction, wd=wd,
            rescale_grad=rescale_grad, clip_gradient=clip_gradient,
        )  # fmt: skip
        result.append(lamb_update_phase2(w, move, _length(w), _length(move), lr=lr, lower_bound=lower_bound,
                                         upper_bound=upper_bound, out=target))  # fmt: skip
    return result


def multi_mp_lamb_update(
    weights: Arrays, grads: Arrays, mean: Arrays, var: Arrays, weights32: Arrays, step_count: Any, lrs: Any, wds: Any,
    out: Any = None, num_tensors: int = 0, **settings: Any,
) -> Any:  # fmt: skip
    """multi_lamb_update of weights32, the float32 copies of weights, in place; the weights are copied from them."""
    outs = _counted("multi_mp_lamb_update", num_tensors, out, weights, grads, mean, var, weights32, step_count, lrs,
                    wds)  # fmt: skip
    halves = [gradient.astype(np.float32) for gradient in grads]
    multi_lamb_update(weights32, halves, mean, var, step_count, lrs, wds, out=weights32, **settings)
    return [_rounded(w, w32, target) for w, w32, target in zip(weights, weights32, outs, strict=True)]


def _length(x: NDArray) -> NDArray:
    values = x._read()
    return array([np.sqrt(np.sum(values * values, dtype=values.dtype))], ctx=x.ctx, dtype=x.dtype)


def _scale(rescale_grad: Any, weight: Any) -> Any:
    if isinstance(rescale_grad, Handle):
        return rescale_grad
    return array([rescale_grad], ctx=weight.ctx, dtype="float32")


def _rounded(weight: NDArray, weight32: NDArray, out: NDArray | None) -> NDArray:
    half = weight32.astype(weight.dtype)
    if out is None:
        return half
    out[:] = half
    return out


def _known(name: str, settings: dict[str, Any], *names: str) -> None:
    for key in settings:
        if key not in names:
            raise ArgumentError(f"{name}: unknown argument '{key}'; its settings are {', '.join(names)}")


def _counted(name: str, number: int, out: Any, weights: Any, *others: Any) -> list[Any]:
    """The out= of each weight.  Raises ArgumentError where lists are not as long as each other."""
    if len({len(weights), number or len(weights), *map(len, others)}) != 1:
        raise ArgumentError(f"{name}: {len(weights)} weights came with lists of {[len(other) for other in others]}, "
                            f"for {number or len(weights)} of them: all must be as many")  # fmt: skip
    return targets(name, out, weights)
