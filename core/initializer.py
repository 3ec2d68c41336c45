"""Initializers: `mx.init`: the first values of parameters.

An initializer is called with a description and an array: `init(InitDesc('dense0_weight'), array)`.  It fills weights
by its own rule and, by the name's ending, what is no weight: bias and beta with 0, gamma with 1, ...; a description
with its own `__init__` attribute (Gluon's bias_initializer and the like) is filled by that one's rule whatever its
name.  Random ones draw from MXNet's streams, so seeds give MXNet's values.  Initializers as text: `dumps()` gives
`["xavier", {"magnitude": 3}]`.
"""

from __future__ import annotations

import json
import logging
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import random
from .errors import ArgumentError, ShapeError
from .ndarray import NDArray
from .wiring import InvalidSetting, Klass, Registry, plain


class InitDesc(str):
    """A parameter's name, with attributes (`attrs`) and the initializer in force for the whole model
    (`global_init`)."""

    attrs: dict[str, str]
    global_init: Initializer | None

    def __new__(
        cls, name: str, attrs: dict[str, str] | None = None, global_init: Initializer | None = None
    ) -> InitDesc:
        self = super().__new__(cls, name)
        self.attrs = attrs or {}
        self.global_init = global_init
        return self


class Initializer:
    """Base of all initializers; a subclass defines `_init_weight(name, array)`, which fills `array` in place.

    Its arguments are passed on as `super().__init__(**arguments)`, so that `dumps()` knows them.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = kwargs
        self._verbose = False
        self._print_func: Callable[[NDArray], str] = _spread

    def set_verbosity(self, verbose: bool = False, print_func: Callable[[NDArray], str] | None = None) -> Initializer:
        """With verbose=True each filled array is logged, with what print_func says of it (norm / sqrt(size))."""
        self._verbose = verbose
        self._print_func = print_func or _spread
        return self

    def dumps(self) -> str:
        """This initializer as text, from which `create` makes an equal one."""
        return json.dumps([type(self).__name__.lower(), _as_json(self._kwargs)])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Initializer):
            return NotImplemented
        return type(self) is type(other) and _as_json(self._kwargs) == _as_json(other._kwargs)

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, desc: InitDesc | str, arr: NDArray) -> None:
        """Fills arr by the rules at the top of this file."""
        if not isinstance(desc, str):
            raise ArgumentError(
                f"an initializer is called with (InitDesc, NDArray); its first argument is a {type(desc).__name__}"
            )
        if not isinstance(desc, InitDesc):
            warnings.warn(
                "calling an initializer with a plain string is deprecated: use init(mx.init.InitDesc(name), array)",
                DeprecationWarning,
                stacklevel=2,
            )
            self._fill_by_old_name(desc, arr)
            return
        if desc.global_init is None:
            desc.global_init = self
        own = desc.attrs.get("__init__", "")
        if own:
            create(own)._init_weight(desc, arr)
            self._log(desc, own, arr)
            return
        for endings, kind, fill in _BY_ENDING:
            if desc.endswith(endings):
                fill(self, desc, arr)
                self._log(desc, kind, arr)
                return
        self._init_default(desc, arr)

    def _log(self, desc: str, kind: str, arr: NDArray) -> None:
        if self._verbose:
            logging.getLogger("mxl").info("initialised %s as %s: %s", desc, kind, self._print_func(arr))

    def _fill_by_old_name(self, name: str, arr: NDArray) -> None:
        """Names of MXNet's first releases: prefixes count too, and running statistics are known."""
        if name.startswith("upsampling"):
            Bilinear()._init_weight(name, arr)
        elif name.startswith("stn_loc") and name.endswith("weight"):
            self._init_zero(name, arr)
        elif name.startswith("stn_loc") and name.endswith("bias"):
            self._init_loc_bias(name, arr)
        elif name.endswith(("moving_mean", "moving_inv_var", "moving_avg")):
            self._init_zero(name, arr)
        elif name.endswith("moving_var"):
            self._init_one(name, arr)
        else:
            for endings, _, fill in _BY_ENDING:
                if name.endswith(endings):
                    fill(self, name, arr)
                    return
            self._init_default(name, arr)

    def _init_weight(self, name: str, arr: NDArray) -> None:
        raise NotImplementedError(f"{type(self).__name__} must override _init_weight(name, array)")

    def _init_bias(self, name: str, arr: NDArray) -> None:
        arr[:] = 0.0

    def _init_beta(self, name: str, arr: NDArray) -> None:
        arr[:] = 0.0

    def _init_gamma(self, name: str, arr: NDArray) -> None:
        arr[:] = 1.0

    def _init_zero(self, name: str, arr: NDArray) -> None:
        arr[:] = 0.0

    def _init_one(self, name: str, arr: NDArray) -> None:
        arr[:] = 1.0

    def _init_loc_bias(self, name: str, arr: NDArray) -> None:
        if arr.shape != (6,):
            raise ShapeError(f"{name} is {list(arr.shape)}: the bias of a localisation network is [6], an affine map")
        arr[:] = np.array([1.0, 0, 0, 0, 1.0, 0])

    def _init_default(self, name: str, arr: NDArray) -> None:
        raise InvalidSetting(
            f"Unknown initialization pattern for {name}. Default initialization is limited to names ending in "
            '"weight", "bias", "gamma" (1.0) and "beta" (0.0); give this parameter an initializer of its own '
            "(init=mx.init.Zero())"
        )


_BY_ENDING: tuple[tuple[str | tuple[str, ...], str, Callable[[Any, str, NDArray], None]], ...] = (
    ("weight", "weight", lambda init, name, arr: init._init_weight(name, arr)),
    ("bias", "bias", lambda init, name, arr: init._init_bias(name, arr)),
    ("gamma", "gamma", lambda init, name, arr: init._init_gamma(name, arr)),
    ("beta", "beta", lambda init, name, arr: init._init_beta(name, arr)),
    ("min", "min", lambda init, name, arr: init._init_zero(name, arr)),
    ("max", "max", lambda init, name, arr: init._init_one(name, arr)),
)

REGISTRY: Registry[Initializer] = Registry("initializer", Initializer)


def register(klass: Klass) -> Klass:
    """Class decorator: `create` and the layers' `..._initializer` arguments know the class by its name in lower
    case."""
    return REGISTRY.add(klass)


def alias(*names: str) -> Callable[[Klass], Klass]:
    """Class decorator: further names for `create`."""

    def add(klass: Klass) -> Klass:
        for name in names:
            REGISTRY.add(klass, name.lower())
        return klass

    return add


def create(initializer: Any, *args: Any, **kwargs: Any) -> Any:
    """The initializer of a name ('xavier', 'zeros', any case), of the text that `dumps` gives, or the given one
    itself."""
    if isinstance(initializer, (Initializer, Load, Mixed)):
        return initializer
    if not isinstance(initializer, str):
        raise ArgumentError(f"initializer: expected a name or an Initializer, got {type(initializer).__name__}")
    if initializer.startswith("["):
        try:
            data = json.loads(initializer)
        except ValueError as error:
            raise InvalidSetting(f"initializer {initializer!r:.80} is no JSON: {error}") from error
        klass, settings = REGISTRY.open(data)
        return REGISTRY.build(klass, settings)
    known = initializer.lower()
    if known not in REGISTRY.classes:
        raise InvalidSetting(
            f"initializer {initializer!r} is not registered; known: {', '.join(sorted(REGISTRY.classes))}; a class of "
            f"your own needs @mx.init.register"
        )
    return REGISTRY.classes[known](*args, **kwargs)


class Load:
    """Takes values from a dict of arrays (names with or without 'arg:' and 'aux:'); others go to `default_init`."""

    def __init__(
        self, param: Mapping[str, NDArray], default_init: Initializer | None = None, verbose: bool = False
    ) -> None:
        if not isinstance(param, Mapping):
            raise ArgumentError(f"Load: param must be a dict of name to NDArray, got {type(param).__name__}")
        self.param = {name[4:] if name.startswith(("arg:", "aux:")) else name: value for name, value in param.items()}
        self.default_init = default_init
        self.verbose = verbose

    def __call__(self, name: str, arr: NDArray) -> None:
        source = "the loaded values"
        if name in self.param:
            value = self.param[name]
            if value.shape != arr.shape:
                raise ShapeError(
                    f"parameter {name} is {list(arr.shape)}, the loaded value {list(value.shape)}: they must be equal"
                )
            arr[:] = value
        elif self.default_init is not None:
            self.default_init(name, arr)
            source = "default_init"
        else:
            raise InvalidSetting(f"parameter {name} is not among the loaded values, and no default_init was given")
        if self.verbose:
            logging.getLogger("mxl").info("initialised %s by %s", name, source)


class Mixed:
    """The initializer of the first regular expression that is found in the parameter's name."""

    def __init__(self, patterns: Sequence[str], initializers: Sequence[Initializer]) -> None:
        if len(patterns) != len(initializers):
            raise InvalidSetting(
                f"Mixed: {len(patterns)} patterns, {len(initializers)} initializers: they must be as many"
            )
        self.map = [(re.compile(pattern), init) for pattern, init in zip(patterns, initializers, strict=True)]

    def __call__(self, name: str, arr: NDArray) -> None:
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
                f"Xavier initializer cannot be applied to vector {name}. It requires at least 2D; the shape is "
                f"{list(shape)}"
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


def _spread(arr: NDArray) -> str:
    values = arr.asnumpy()
    return str(float(np.linalg.norm(values)) / math.sqrt(values.size))


def _as_json(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments as JSON has them: arrays become lists."""
    return {
        name: value.asnumpy().tolist()
        if isinstance(value, NDArray)
        else value.tolist()
        if isinstance(value, np.ndarray)
        else plain(value, f"initializer argument {name!r}")
        for name, value in kwargs.items()
    }
