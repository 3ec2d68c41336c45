"""Optimizers' steps as operators, `mx.nd.sgd_update` and its like: for scripts that write their own training loop.

Each is one step of the optimizer of that name.  The states are changed in place; the new weight is the result, so give
`out=weight` to train.  There is no bias correction but in ftml_update: that is the caller's, in lr.  clip_gradient and
clip_weights of 0 or less are none.  lazy_update is for row_sparse gradients; dense ones are the same either way.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError, DtypeError, ShapeError
from ..op import REQUIRED, op
from .adam import Adam
from .base import Optimizer
from .blocks import complement
from .contrib import GroupAdaGrad
from .ftml import FTML
from .ftrl import Ftrl
from .nag import NAG
from .rmsprop import RMSProp
from .sgd import SGD
from .signum import Signum


def single(value: Any) -> Any:
    """A setting rounded to float32, as which MXNet's operators take them."""
    return float(np.float32(value)) if isinstance(value, (int, float)) else value


UNCORRECTED: Any = math.inf  # the step at which a bias correction has worn off


def _step(
    name: str, optimizer: Optimizer, weight: Any, grad: Any, states: tuple[Any, ...], lr: float, wd: float,
    rescale_grad: float, clip_gradient: float, t: Any = 1,
) -> Any:  # fmt: skip
    """The weight after one step."""
    for key, value in (("lr", lr), ("wd", wd), ("rescale_grad", rescale_grad), ("clip_gradient", clip_gradient)):
        if not isinstance(value, (int, float)):
            raise ArgumentError(f"{name}: {key} must be a number, not {value!r}")
    for other in (grad, *states):
        if other.shape != weight.shape:
            raise ShapeError(f"{name}: weight is {list(weight.shape)}, beside it came {list(other.shape)}: all must be "
                             f"equal")  # fmt: skip
        if other.dtype != weight.dtype:
            raise DtypeError(f"{name}: weight is {weight.dtype}, beside it came {other.dtype}: all must have one dtype")
    lr, wd, rescale_grad, clip_gradient = (single(x) for x in (lr, wd, rescale_grad, clip_gradient))
    optimizer.clip_gradient = clip_gradient if clip_gradient > 0 else None
    out = np.empty_like(weight)
    scaled = grad if rescale_grad == 1 else grad * weight.dtype.type(rescale_grad)
    optimizer.step(weight, scaled, states, out, lr=lr, wd=wd, t=t)
    return out


def _master_step(
    name: str, optimizer: Optimizer, weight: Any, grad: Any, states: tuple[Any, ...], weight32: Any, *rates: float
) -> Any:
    """The weight after one step of its float32 copy, which is changed in place."""
    _require_master(name, weight, weight32)
    weight32[...] = _step(name, optimizer, weight32, grad.astype(np.float32), states, *rates)
    return weight32.astype(weight.dtype)


def _require_master(name: str, weight: Any, weight32: Any) -> None:
    if weight32.dtype != np.float32:
        raise DtypeError(f"{name}: weight32 is {weight32.dtype}: it must be float32")
    if weight32.shape != weight.shape:
        raise ShapeError(f"{name}: weight is {list(weight.shape)}, weight32 {list(weight32.shape)}: they must be equal")


@op
def sgd_update(weight, grad, lr=REQUIRED, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0, lazy_update=True):
    """weight - lr * (grad + wd * weight).  [...], [...] -> [...]"""
    return _step("sgd_update", SGD(), weight, grad, (), lr, wd, rescale_grad, clip_gradient)


@op(updates=("mom",))
def sgd_mom_update(
    weight, grad, mom, lr=REQUIRED, momentum=0.0, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0, lazy_update=True
):
    """mom <- momentum * mom - lr * (grad + wd * weight);  weight + mom.  [...], [...], [...] -> [...]"""
    optimizer = SGD(momentum=single(momentum))
    return _step("sgd_mom_update", optimizer, weight, grad, (mom,), lr, wd, rescale_grad, clip_gradient)


@op(updates=("weight32",))
def mp_sgd_update(weight, grad, weight32, lr=REQUIRED, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0, lazy_update=True):
    """sgd_update of weight32, the float32 copy of weight.  [...], [...], [...] -> [...]"""
    return _master_step("mp_sgd_update", SGD(), weight, grad, (), weight32, lr, wd, rescale_grad, clip_gradient)


@op(updates=("mom", "weight32"))
def mp_sgd_mom_update(
    weight, grad, mom, weight32, lr=REQUIRED, momentum=0.0, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0,
    lazy_update=True,
):  # fmt: skip
    """sgd_mom_update of weight32, the float32 copy of weight.  [...], [...], [...], [...] -> [...]"""
    rates = (lr, wd, rescale_grad, clip_gradient)
    return _master_step("mp_sgd_mom_update", SGD(momentum=single(momentum)), weight, grad, (mom,), weight32, *rates)


@op(updates=("mom",))
def nag_mom_update(weight, grad, mom, lr=REQUIRED, momentum=0.0, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0):
    """A step of Nesterov's momentum, as of the optimizer NAG: the decay in mom is of the new weight, as MXNet's is with
    out=weight.  [...], [...], [...] -> [...]
    """
    optimizer = NAG(momentum=single(momentum))
    return _step("nag_mom_update", optimizer, weight, grad, (mom,), lr, wd, rescale_grad, clip_gradient)


@op(updates=("mom", "weight32"))
def mp_nag_mom_update(
    weight, grad, mom, weight32, lr=REQUIRED, momentum=0.0, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0
):
    """nag_mom_update of weight32, the float32 copy of weight.  [...], [...], [...], [...] -> [...]"""
    rates = (lr, wd, rescale_grad, clip_gradient)
    return _master_step("mp_nag_mom_update", NAG(momentum=single(momentum)), weight, grad, (mom,), weight32, *rates)


@op(updates=("mean", "var"))
def adam_update(
    weight, grad, mean, var, lr=REQUIRED, beta1=0.9, beta2=0.999, epsilon=1e-8, wd=0.0, rescale_grad=1.0,
    clip_gradient=-1.0, lazy_update=True,
):  # fmt: skip
    """A step of Adam without its bias correction.  [...], [...], [...], [...] -> [...]"""
    optimizer = Adam(beta1=single(beta1), beta2=single(beta2), epsilon=single(epsilon))
    return _step("adam_update", optimizer, weight, grad, (mean, var), lr, wd, rescale_grad, clip_gradient, UNCORRECTED)


@op(updates=("d", "v", "z"))
def ftml_update(
    weight, grad, d, v, z, lr=REQUIRED, beta1=0.6, beta2=0.999, epsilon=1e-8, t=REQUIRED, wd=0.0, rescale_grad=1.0,
    clip_grad=-1.0,
):  # fmt: skip
    """Step number t of FTML.  [...] five times -> [...]"""
    optimizer = FTML(beta1=single(beta1), beta2=single(beta2), epsilon=epsilon)
    return _step("ftml_update", optimizer, weight, grad, (d, v, z), lr, wd, rescale_grad, clip_grad, t)


@op(updates=("z", "n"))
def ftrl_update(weight, grad, z, n, lr=REQUIRED, lamda1=0.01, beta=1.0, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0):
    """A step of Ftrl.  [...], [...], [...], [...] -> [...]"""
    optimizer = Ftrl(lamda1=single(lamda1), beta=single(beta))
    return _step("ftrl_update", optimizer, weight, grad, (z, n), lr, wd, rescale_grad, clip_gradient)


@op(updates=("n",))
def rmsprop_update(
    weight, grad, n, lr=REQUIRED, gamma1=0.95, epsilon=1e-8, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0,
    clip_weights=-1.0,
):  # fmt: skip
    """A step of RMSProp.  [...], [...], [...] -> [...]"""
    optimizer = RMSProp(
        gamma1=single(gamma1), epsilon=single(epsilon), clip_weights=single(clip_weights) if clip_weights > 0 else None
    )
    return _step("rmsprop_update", optimizer, weight, grad, (n,), lr, wd, rescale_grad, clip_gradient)


@op(updates=("n", "g", "delta"))
def rmspropalex_update(
    weight, grad, n, g, delta, lr=REQUIRED, gamma1=0.95, gamma2=0.9, epsilon=1e-8, wd=0.0, rescale_grad=1.0,
    clip_gradient=-1.0, clip_weights=-1.0,
):  # fmt: skip
    """A step of RMSProp with centered=True.  [...] five times -> [...]"""
    optimizer = RMSProp(gamma1=single(gamma1), gamma2=single(gamma2), epsilon=single(epsilon), centered=True,
                        clip_weights=single(clip_weights) if clip_weights > 0 else None)  # fmt: skip
    return _step("rmspropalex_update", optimizer, weight, grad, (n, g, delta), lr, wd, rescale_grad, clip_gradient)


@op
def signsgd_update(weight, grad, lr=REQUIRED, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0):
    """(1 - lr * wd) * weight - lr * sign(grad).  [...], [...] -> [...]"""
    optimizer = Signum(momentum=0.0)
    return _step("signsgd_update", optimizer, weight, grad, (), lr, wd, rescale_grad, clip_gradient)


@op(updates=("mom",))
def signum_update(
    weight, grad, mom, lr=REQUIRED, momentum=0.0, wd=0.0, rescale_grad=1.0, clip_gradient=-1.0, wd_lh=0.0
):
    """A step of Signum.  [...], [...], [...] -> [...]"""
    optimizer = Signum(momentum=single(momentum), wd_lh=single(wd_lh))
    return _step("signum_update", optimizer, weight, grad, (mom,), lr, wd, rescale_grad, clip_gradient)


@op(updates=("mean", "var"))
def lamb_update_phase1(
    weight, grad, mean, var, beta1=0.9, beta2=0.999, epsilon=1e-6, t=REQUIRED, bias_correction=True, wd=REQUIRED,
    rescale_grad=1.0, clip_gradient=-1.0,
):  # fmt: skip
    """Where LAMB moves a weight at step t, before its length is set.  [...], [...], [...], [...] -> [...]"""
    for name, other in (("grad", grad), ("mean", mean), ("var", var)):
        if other.shape != weight.shape:
            raise ShapeError(f"lamb_update_phase1: weight is {list(weight.shape)}, {name} {list(other.shape)}: all "
                             f"must be equal")  # fmt: skip
    kind = weight.dtype.type
    grad = grad * kind(rescale_grad)
    if clip_gradient >= 0:
        grad = np.clip(grad, -kind(clip_gradient), kind(clip_gradient))
    mean *= kind(beta1)
    mean += complement(beta1, weight) * grad
    var *= kind(beta2)
    var += complement(beta2, weight) * grad * grad
    m, v = mean, var
    if bias_correction:
        m, v = m / kind(1 - single(beta1) ** t), v / kind(1 - single(beta2) ** t)
    return m / (np.sqrt(v) + kind(epsilon)) + kind(wd) * weight


@op
def lamb_update_phase2(weight, g, r1, r2, lr=REQUIRED, lower_bound=-1.0, upper_bound=-1.0):
    """weight - lr * r1 / r2 * g; r1: the weight's length, r2: that of g, each [1].  [...], [...], [1], [1] -> [...]"""
    if weight.shape != g.shape:
        raise ShapeError(f"lamb_update_phase2: weight is {list(weight.shape)}, g {list(g.shape)}: they must be equal")
    if r1.size != 1 or r2.size != 1:
        raise ShapeError(f"lamb_update_phase2: r1 is {list(r1.shape)}, r2 {list(r2.shape)}: each must be one number")
    length, other = float(r1.reshape(-1)[0]), float(r2.reshape(-1)[0])
    if lower_bound >= 0:
        length = max(length, lower_bound)
    if upper_bound >= 0:
        length = min(length, upper_bound)
    ratio = length / other if length and other else 1.0
    return weight - weight.dtype.type(lr * ratio) * g


@op(updates=("mean", "var"))
def mp_lamb_update_phase1(
    weight, grad, mean, var, weight32, beta1=0.9, beta2=0.999, epsilon=1e-6, t=REQUIRED, bias_correction=True,
    wd=REQUIRED, rescale_grad=1.0, clip_gradient=-1.0,
):  # fmt: skip
    """lamb_update_phase1 of weight32, the float32 copy of weight, as float32.  [...] five times -> [...]"""
    _require_master("mp_lamb_update_phase1", weight, weight32)
    return lamb_update_phase1.fn(weight32, grad.astype(np.float32), mean, var, beta1, beta2, epsilon, t,
                                 bias_correction, wd, rescale_grad, clip_gradient)  # fmt: skip


@op(updates=("weight32",))
def mp_lamb_update_phase2(weight, g, r1, r2, weight32, lr=REQUIRED, lower_bound=-1.0, upper_bound=-1.0):
    """lamb_update_phase2 of weight32, the float32 copy of weight.  [...], [...], [1], [1], [...] -> [...]"""
    _require_master("mp_lamb_update_phase2", weight, weight32)
    weight32[...] = lamb_update_phase2.fn(weight32, g, r1, r2, lr, lower_bound, upper_bound)
    return weight32.astype(weight.dtype)


@op(name="_contrib_group_adagrad_update", updates=("history",))
def group_adagrad_update(weight, grad, history, lr=REQUIRED, rescale_grad=1.0, clip_gradient=-1.0, epsilon=1e-5):
    """A step of GroupAdaGrad, with one history for each row.  [R, C], [R, C], [R, 1] -> [R, C]"""
    if weight.ndim != 2 or grad.shape != weight.shape or history.shape != (len(weight), 1):
        raise ShapeError(
            f"group_adagrad_update: weight is {list(weight.shape)}, grad {list(grad.shape)}, history "
            f"{list(history.shape)}: rows and columns, the same, and one number for each row are wanted"
        )
    optimizer = GroupAdaGrad(eps=single(epsilon), clip_gradient=single(clip_gradient) if clip_gradient > 0 else None)
    out = np.empty_like(weight)
    scaled = grad if rescale_grad == 1 else grad * weight.dtype.type(rescale_grad)
    optimizer.step(weight, scaled, (history,), out, lr=single(lr), wd=0.0, t=1)
    return out


@op
def multi_lars(lrs, weights_sum_sq, grads_sum_sq, wds, eta=REQUIRED, eps=REQUIRED, rescale_grad=1.0):
    """The rate of each layer as LARS sets it, from the squares of the lengths.  [N] four times -> [N]"""
    length, slope = np.sqrt(weights_sum_sq), np.sqrt(grads_sum_sq) * lrs.dtype.type(rescale_grad)
    with np.errstate(all="ignore"):
        ratio = lrs.dtype.type(eta) * length / (slope + wds * length + lrs.dtype.type(eps))
    return np.where((length > 0) & (slope > 0), lrs * ratio, lrs)


OPERATORS = (
    sgd_update, sgd_mom_update, mp_sgd_update, mp_sgd_mom_update, nag_mom_update, mp_nag_mom_update, adam_update,
    ftml_update, ftrl_update, rmsprop_update, rmspropalex_update, signsgd_update, signum_update,
    lamb_update_phase1, lamb_update_phase2, mp_lamb_update_phase1, mp_lamb_update_phase2, group_adagrad_update,
    multi_lars,
)  # fmt: skip
for _operator in OPERATORS:
    _operator.vjp(*(None,) * len(_operator.array_names))
