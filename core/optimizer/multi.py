"""Steps of SGD on several weights in one call: `mx.nd.multi_sgd_update` and its like.

Arrays come woven, weight by weight: weight0, grad0, [mom0], [weight32 of 0], weight1, ...; `lrs` and `wds` have a
number for each weight, as tuples, or, for the preloaded ones, as two arrays behind the others.  The states are changed
in place; the new weights are the result, so give `out=` the list of weights to train.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, NotAnArray
from ..ndarray import NDArray
from ..op import REQUIRED
from . import operators

__all__ = [
    "multi_mp_sgd_mom_update", "multi_mp_sgd_update", "multi_sgd_mom_update", "multi_sgd_update",
    "preloaded_multi_mp_sgd_mom_update", "preloaded_multi_mp_sgd_update", "preloaded_multi_sgd_mom_update",
    "preloaded_multi_sgd_update",
]  # fmt: skip

Out = NDArray | Sequence[NDArray] | None


def _of_several(name: str, step: Any, preloaded: bool = False) -> Any:
    """The call that takes a step of each weight."""
    arrays = ", ".join(step.array_names)
    names = ("momentum", "rescale_grad", "clip_gradient")
    settings = {key: step.defaults[key] for key in names if key in step.defaults}

    def call(*data: NDArray, num_weights: int = 1, out: Out = None, name: str | None = None, **given: Any) -> Any:
        rates = {} if preloaded else {"lrs": REQUIRED, "wds": REQUIRED}
        for key in given:
            if key not in settings and key not in rates:
                known = ", ".join((*rates, *settings, "num_weights", "out"))
                raise ArgumentError(f"{call.__name__}: unknown argument '{key}'; it takes {known}")
        if preloaded:
            data, rates["lrs"], rates["wds"] = _rates(call.__name__, data)
        rates |= {key: given.pop(key) for key in list(given) if key in rates}
        return _each(call.__name__, step, data, rates, num_weights, out, settings | given)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = (
        f"{step.name} of each weight.  data: {arrays} for each"
        + ("; then the learning rates and weight decays, [num_weights] each.\n\n    settings: "
           if preloaded else ".\n\n    settings: lrs and wds, a number for each weight, ")
        + ", ".join(settings) + f".  Returns an array, or a list for several weights.  MXNet: `nd.{name}`.\n    "
    )  # fmt: skip
    return call


multi_sgd_update = _of_several("multi_sgd_update", operators.sgd_update)
multi_sgd_mom_update = _of_several("multi_sgd_mom_update", operators.sgd_mom_update)
multi_mp_sgd_update = _of_several("multi_mp_sgd_update", operators.mp_sgd_update)
multi_mp_sgd_mom_update = _of_several("multi_mp_sgd_mom_update", operators.mp_sgd_mom_update)
preloaded_multi_sgd_update = _of_several("preloaded_multi_sgd_update", operators.sgd_update, True)
preloaded_multi_sgd_mom_update = _of_several("preloaded_multi_sgd_mom_update", operators.sgd_mom_update, True)
preloaded_multi_mp_sgd_update = _of_several("preloaded_multi_mp_sgd_update", operators.mp_sgd_update, True)
preloaded_multi_mp_sgd_mom_update = _of_several("preloaded_multi_mp_sgd_mom_update", operators.mp_sgd_mom_update, True)


def _rates(name: str, data: Sequence[Any]) -> tuple[Any, Any, Any]:
    if len(data) < 2 or not all(isinstance(rates, NDArray) for rates in data[-2:]):
        raise ArgumentError(f"{name}: {len(data)} arrays came: the last two are the learning rates and weight decays")
    return data[:-2], data[-2].asnumpy().tolist(), data[-1].asnumpy().tolist()


def _each(
    name: str, step: Any, data: Sequence[Any], rates: dict[str, Any], num_weights: int, out: Out,
    settings: dict[str, Any],
) -> Any:  # fmt: skip
    width = len(step.array_names)
    if not data or len(data) != width * num_weights:
        raise ArgumentError(f"{name}: {len(data)} arrays came for num_weights={num_weights}: it takes {width} for each "
                            f"({', '.join(step.array_names)})")  # fmt: skip
    for key, numbers in rates.items():
        if numbers is REQUIRED:
            raise ArgumentError(f"{name}: required argument '{key}' is missing")
        if len(numbers) != num_weights:
            raise ArgumentError(f"{name}: {key} has {len(numbers)} numbers for {num_weights} weights")
    groups = [data[start : start + width] for start in range(0, len(data), width)]
    outs = targets(name, out, [group[0] for group in groups])
    made = [step(*group, lr=lr, wd=wd, out=target, **settings)
            for group, lr, wd, target in zip(groups, rates["lrs"], rates["wds"], outs, strict=True)]  # fmt: skip
    return made if len(made) > 1 else made[0]


def targets(name: str, out: Out, weights: Sequence[Any]) -> list[Any]:
    """An out= for each weight, None where there is none.  Raises NotAnArray and ArgumentError."""
    for place, weight in enumerate(weights):
        if not isinstance(weight, NDArray):
            raise NotAnArray(f"{name}: weight {place} must be an NDArray, not {type(weight).__name__}")
    if out is None:
        return [None] * len(weights)
    outs = [out] if isinstance(out, NDArray) else list(out)
    if len(outs) != len(weights):
        raise ArgumentError(f"{name}: out= has {len(outs)} arrays for {len(weights)} weights")
    return outs
