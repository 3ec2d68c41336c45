"""Initializers: `mx.init`: the first values of parameters; `initializer_base.py` says what they share.

Random ones draw from MXNet's streams, so seeds give MXNet's values.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import random
from .errors import ArgumentError, BadCall, InvalidSetting
from .initializer_base import REGISTRY, InitDesc, Initializer, alias, create, register
from .ndarray import NDArray
from .serialization import load

__all__ = [
    "REGISTRY",
    "Bilinear",
    "Constant",
    "InitDesc",
    "Initializer",
    "LSTMBias",
    "Load",
    "MSRAPrelu",
    "Mixed",
    "Normal",
    "One",
    "Orthogonal",
    "Uniform",
    "Xavier",
    "Zero",
    "alias",
    "create",
    "register",
]


class Load:
    """Takes values from a dict of arrays, or from a file of one; what is not there goes to `default_init`.

    Names may begin with 'arg:' or 'aux:'.
    """

    def __init__(
        self, param: Mapping[str, NDArray] | str, default_init: Initializer | None = None, verbose: bool = False
    ) -> None:
        given: Any = load(param) if isinstance(param, str) else param
        if not isinstance(given, Mapping):
            raise ArgumentError(f"Load: param must be a dict of name to NDArray, got {type(given).__name__}")
        self.param = {name[4:] if name.startswith(("arg:", "aux:")) else name: value for name, value in given.items()}
        self.default_init = default_init
        self.verbose = verbose

    def __call__(self, name: str, arr: NDArray) -> None:
        """Fills arr with the value of that name, whose shape must be arr's."""
        source = "the loaded values"
        if name in self.param:
            value = self.param[name]
            if value.shape != arr.shape:
                raise BadCall(
                    f"parameter {name} is {list(arr.shape)}, the loaded value {list(value.shape)}: they must be equal"
                )
            arr[:] = value
        elif self.default_init is not None:
            self.default_init(name, arr)
            source = "default_init"
        else:
            raise BadCall(f"parameter {name} is not among the loaded values, and no default_init was given")
        if self.verbose:
            logging.getLogger("mxl").info("initialised %s by %s", name, source)


class Mixed:
    """The initializer of the first regular expression that matches the beginning of the parameter's name."""

    def __init__(self, patterns: Sequence[str], initializers: Sequence[Initializer]) -> None:
        if len(patterns) != len(initializers):
            raise BadCall(
                f"Mixed: {len(patterns)} patterns, {len(initializers)} initializers: they must be as many"
            )
        self.map = [(re.compile(pattern), init) for pattern, init in zip(patterns, initializers, strict=True)]

    def __call__(self, name: str, arr: NDArray) -> None:
        """Fills arr by the initializer whose pattern matches the name first."""
        for pattern, init in self.map:
            if pattern.match(name):
                init(name, arr)
                return
        raise InvalidSetting(
            f"parameter {name} matches none of the patterns; add a pattern '.*' at the end, with a default initializer"
        )


@alias("zeros")
@register
class Zero(Initializer):
    """0 everywhere."""

    def __init__(self) -> None:
        super().__init__()

    def _init_weight(self, name: str, arr: NDArray) -> None:
        arr[:] = 0.0


@alias("ones")
@register
class One(Initializer):
    """1 everywhere."""

    def __init__(self) -> None:
        super().__init__()

    def _init_weight(self, name: str, arr: NDArray) -> None:
        arr[:] = 1.0


@register
class Constant(Initializer):
    """One value, or an array that fits, everywhere."""

    def __init__(self, value: Any) -> None:
        super().__init__(value=value)
        self.value = value

    def _init_weight(self, name: str, arr: NDArray) -> None:
        arr[:] = np.array(self.value) if isinstance(self.value, (list, tuple)) else self.value


@register
class Uniform(Initializer):
    """Uniform over [-scale, scale)."""

    def __init__(self, scale: float = 0.07) -> None:
        super().__init__(scale=scale)
        self.scale = scale

    def _init_weight(self, name: str, arr: NDArray) -> None:
        random.uniform(-self.scale, self.scale, out=arr)


@register
class Normal(Initializer):
    """Normal with mean 0 and standard deviation `sigma`."""

    def __init__(self, sigma: float = 0.01) -> None:
        super().__init__(sigma=sigma)
        self.sigma = sigma

    def _init_weight(self, name: str, arr: NDArray) -> None:
        random.normal(0, self.sigma, out=arr)


@register
class Orthogonal(Initializer):
    """A matrix [first axis, all others] with orthogonal rows (or columns), times `scale`   (Saxe et al. 2013)."""

    def __init__(self, scale: float = 1.414, rand_type: str = "uniform") -> None:
        super().__init__(scale=scale, rand_type=rand_type)
        self.scale = scale
        self.rand_type = rand_type

    def _init_weight(self, name: str, arr: NDArray) -> None:
        rows, columns = arr.shape[0], math.prod(arr.shape[1:])
        if self.rand_type == "uniform":
            start = random.uniform(-1.0, 1.0, (rows, columns)).asnumpy()
        elif self.rand_type == "normal":
            start = random.normal(0.0, 1.0, (rows, columns)).asnumpy()
        else:
            raise InvalidSetting(f"Orthogonal: rand_type is {self.rand_type!r}: 'uniform' and 'normal' are known")
        left, _, right = np.linalg.svd(start, full_matrices=False)
        basis = left if left.shape == start.shape else right
        arr[:] = (self.scale * basis).reshape(arr.shape)


@register
class Xavier(Initializer):
    """A spread of sqrt(magnitude / factor), factor being the layer's inputs ('in'), outputs ('out') or their mean
    ('avg'); rnd_type 'uniform' or 'gaussian'   (Glorot and Bengio 2010)."""

    def __init__(self, rnd_type: str = "uniform", factor_type: str = "avg", magnitude: float = 3) -> None:
        super().__init__(rnd_type=rnd_type, factor_type=factor_type, magnitude=magnitude)
        self.rnd_type = rnd_type
        self.factor_type = factor_type
        self.magnitude = float(magnitude)

    def _init_weight(self, name: str, arr: NDArray) -> None:
        shape = arr.shape
        if len(shape) < 2:
            raise InvalidSetting(
                f"Xavier: parameter {name} is {list(shape)}: it needs two axes or more, inputs and outputs; give this "
                f"parameter another initializer"
            )
        area = math.prod(shape[2:])
        inputs, outputs = shape[1] * area, shape[0] * area
        factors = {"avg": (inputs + outputs) / 2.0, "in": inputs, "out": outputs}
        if self.factor_type not in factors:
            raise InvalidSetting(f"Xavier: factor_type is {self.factor_type!r}: 'avg', 'in' and 'out' are known")
        scale = math.sqrt(self.magnitude / factors[self.factor_type])
        if self.rnd_type == "uniform":
            random.uniform(-scale, scale, out=arr)
        elif self.rnd_type == "gaussian":
            random.normal(0, scale, out=arr)
        else:
            raise InvalidSetting(f"Xavier: rnd_type is {self.rnd_type!r}: 'uniform' and 'gaussian' are known")


@register
class MSRAPrelu(Xavier):
    """Gaussian with magnitude 2 / (1 + slope**2), for layers followed by a PReLU of that slope   (He et al. 2015)."""

    def __init__(self, factor_type: str = "avg", slope: float = 0.25) -> None:
        super().__init__("gaussian", factor_type, 2.0 / (1 + slope**2))
        self._kwargs = {"factor_type": factor_type, "slope": slope}


@register
class Bilinear(Initializer):
    """The kernel of bilinear upsampling, for [.., .., height, width]."""

    def __init__(self) -> None:
        super().__init__()

    def _init_weight(self, name: str, arr: NDArray) -> None:
        height, width = arr.shape[2:4]
        f = math.ceil(width / 2.0)
        c = (2 * f - 1 - f % 2) / (2.0 * f)
        x, y = np.arange(width), np.arange(height)
        kernel = (1 - np.abs(y / f - c))[:, None] * (1 - np.abs(x / f - c))[None, :]
        arr[:] = np.broadcast_to(kernel, arr.shape)


@register
class LSTMBias(Initializer):
    """0, but `forget_bias` for the forget gate: the second quarter of [4 * hidden]   (Jozefowicz et al. 2015)."""

    def __init__(self, forget_bias: float = 1.0) -> None:
        super().__init__(forget_bias=forget_bias)
        self.forget_bias = forget_bias

    def _init_weight(self, name: str, arr: NDArray) -> None:
        arr[:] = 0.0
        hidden = arr.shape[0] // 4
        arr[hidden : 2 * hidden] = self.forget_bias
