"""What all initializers share: the rules by name, text form, registry.  `initializer.py` has the initializers.

An initializer is called with a description and an array: `init(InitDesc('dense0_weight'), array)`.  It fills weights
by its own rule and, by the name's ending, what is no weight: bias and beta with 0, gamma with 1, ...; a description
with its own `__init__` attribute (Gluon's bias_initializer and the like) is filled by that one's rule whatever its
name.  Initializers as text: `dumps()` gives `["xavier", {"magnitude": 3}]`.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import ArgumentError, BadCall, InvalidSetting, ShapeError
from .ndarray import NDArray
from .random import randint
from .wiring import Klass, Registry, plain


class InitDesc(str):
    """A parameter's name, with attributes (`attrs`) and the whole model's initializer (`global_init`)."""

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
            create("bilinear")._init_weight(name, arr)
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

    def _init_quantized_weight(self, name: str, arr: NDArray) -> None:
        """One draw for all of it, as in MXNet."""
        arr[:] = randint(-127, 127, dtype="int32").asnumpy()

    def _init_quantized_bias(self, name: str, arr: NDArray) -> None:
        arr[:] = 0.0

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
            f"parameter {name}: only names that end in weight, bias, gamma or beta tell how they begin; give this one "
            f"an initializer of its own (init=mx.init.Zero())"
        )


_BY_ENDING: tuple[tuple[str | tuple[str, ...], str, Callable[[Any, str, NDArray], None]], ...] = (
    ("weight", "weight", lambda init, name, arr: init._init_weight(name, arr)),
    ("bias", "bias", lambda init, name, arr: init._init_bias(name, arr)),
    ("gamma", "gamma", lambda init, name, arr: init._init_gamma(name, arr)),
    ("beta", "beta", lambda init, name, arr: init._init_beta(name, arr)),
    ("min", "min", lambda init, name, arr: init._init_zero(name, arr)),
    ("max", "max", lambda init, name, arr: init._init_one(name, arr)),
    ("weight_quantize", "weight_quantize", lambda init, name, arr: init._init_quantized_weight(name, arr)),
    ("bias_quantize", "bias_quantize", lambda init, name, arr: init._init_quantized_bias(name, arr)),
)

REGISTRY: Registry[Initializer] = Registry("initializer", Initializer, "a class of your own needs @mx.init.register")


def register(klass: Klass) -> Klass:
    """Class decorator: `create`, and so layers' `..._initializer`, know the class by its name in lower case."""
    return REGISTRY.add(klass)


def alias(*names: str) -> Callable[[Klass], Klass]:
    """Class decorator: further names for `create`."""
    return REGISTRY.alias(*names)


def create(initializer: Any, *args: Any, **kwargs: Any) -> Any:
    """The initializer of a name ('xavier', 'zeros', any case), or of the text of `dumps`; one that is given, itself."""
    if not isinstance(initializer, str) and callable(initializer):
        return initializer
    if not isinstance(initializer, str):
        raise BadCall(f"initializer: expected a name or an Initializer, got {type(initializer).__name__}")
    if initializer.startswith("["):
        try:
            data = json.loads(initializer)
        except ValueError as error:
            raise InvalidSetting(f"initializer {initializer!r:.80} is no JSON: {error}") from error
        klass, settings = REGISTRY.open(data)
        return REGISTRY.build(klass, settings)
    return REGISTRY.named(initializer)(*args, **kwargs)


def _spread(arr: NDArray) -> str:
    values = arr.asnumpy()
    return str(float(np.linalg.norm(values)) / values.size**0.5)


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
