"""A dictionary of parameters under a common prefix, in the order in which they were made.

Knows names, sharing and doing one thing to all; the parameters know the rest. Invariant: the key of a parameter is its
name, and one name never stands for two parameters.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, Sequence, ValuesView
from typing import Any

import numpy as np

from ..core import initializer
from ..core.context import Context
from ..core.errors import UnknownName
from . import saving
from .constant import Constant
from .errors import Incompatible
from .parameter import Init, Parameter
from .utils import listed


class ParameterDict:
    """Parameters by their full names. `get(name)` returns or makes the parameter called `prefix + name`.

    `shared` is another dictionary whose parameters are found here too, which is how blocks share weights. MXNet:
    `gluon.ParameterDict`.

    >>> params = ParameterDict("net_")
    >>> params.get("weight", shape=(2, 3)).name
    'net_weight'
    >>> "net_weight" in params
    True
    """

    def __init__(self, prefix: str = "", shared: ParameterDict | None = None) -> None:
        self._prefix = prefix
        self._params: dict[str, Parameter] = {}
        self.shared = shared

    def __repr__(self) -> str:
        heading = self._prefix + " " if self._prefix else ""
        lines = "\n".join("\n".join("  " + line for line in repr(param).split("\n")) for param in self.values())
        return f"{heading}(\n{lines}\n)"

    def __getitem__(self, name: str) -> Parameter:
        if name not in self._params:
            raise UnknownName(f"no parameter {name!r} here; there are {listed(self._params)}")
        return self._params[name]

    def __contains__(self, name: object) -> bool:
        return name in self._params

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    # a dictionary's three views, of the parameters by their full names

    def items(self) -> ItemsView[str, Parameter]:
        return self._params.items()

    def keys(self) -> KeysView[str]:
        return self._params.keys()

    def values(self) -> ValuesView[Parameter]:
        return self._params.values()

    @property
    def prefix(self) -> str:
        """What the names of parameters made here begin with."""
        return self._prefix

    # ---- finding and making ----

    def _find(self, full_name: str) -> Parameter | None:
        """The parameter of that name here or in the shared dictionary (then it is taken over here)."""
        if full_name not in self._params and self.shared is not None and full_name in self.shared:
            self._params[full_name] = self.shared[full_name]
        return self._params.get(full_name)

    def get(self, name: str, **kwargs: Any) -> Parameter:
        """The parameter `prefix + name`; made from `kwargs` (those of Parameter) if there is none.

        An existing parameter must agree with `kwargs`; sizes unknown on one side are filled in from the other.
        Raises AssertionError where they contradict each other.
        """
        full_name = self._prefix + name
        param = self._find(full_name)
        if param is None:
            param = self._params[full_name] = Parameter(full_name, **kwargs)
            return param
        for attribute, wanted in kwargs.items():
            stored = getattr(param, attribute, None)
            if stored is None:
                setattr(param, attribute, wanted)
            elif attribute == "shape":
                param._shape = _merge_shapes(full_name, wanted, stored)
            elif wanted is not None and not _same(attribute, wanted, stored):
                raise Incompatible(_contradiction(full_name, attribute, wanted, stored))
        return param

    def get_constant(self, name: str, value: Any = None) -> Constant:
        """The constant `prefix + name`; made from `value` if there is none.

        Raises KeyError when there is none and no value was given, AssertionError when the value differs from the one
        there.
        """
        full_name = self._prefix + name
        param = self._find(full_name)
        if param is None:
            if value is None:
                raise UnknownName(f"no constant '{full_name}' here; give its value to make one")
            constant = self._params[full_name] = Constant(full_name, value)
            return constant
        if not isinstance(param, Constant):
            raise Incompatible(f"Parameter '{full_name}' is there, and is no Constant")
        if value is not None:
            wanted = value.asnumpy() if hasattr(value, "asnumpy") else np.asarray(value)
            if not np.array_equal(wanted, param.value.asnumpy()):
                raise Incompatible(f"Constant '{full_name}' is there with another value")
        return param

    def update(self, other: ParameterDict) -> None:
        """Takes in all parameters of `other`. Raises AssertionError when one name stands for two parameters."""
        for name, param in other.items():
            if self._params.get(name, param) is not param:
                raise Incompatible(
                    f"two Parameters are called '{name}': give one of their blocks another prefix"
                )
        self._params.update(other.items())

    # ---- the same for all ----

    def initialize(
        self,
        init: Init = None,
        ctx: Context | Sequence[Context] | None = None,
        verbose: bool = False,
        force_reinit: bool = False,
    ) -> None:
        """Initialises all parameters, in order; `init` (Uniform(0.07)) is the default of those without their own."""
        default = initializer.Uniform() if init is None else init
        if verbose:
            default = initializer.create(default)
            default.set_verbosity(verbose=verbose)
        for param in self.values():
            param.initialize(None, ctx, default, force_reinit=force_reinit)

    def zero_grad(self) -> None:
        """Sets all gradients to zero."""
        for param in self.values():
            param.zero_grad()

    def reset_ctx(self, ctx: Context | Sequence[Context]) -> None:
        """Moves all parameters to other contexts."""
        for param in self.values():
            param.reset_ctx(ctx)

    def list_ctx(self) -> list[Context]:
        """All contexts that any of the parameters is on."""
        return list(dict.fromkeys(context for param in self.values() for context in param.list_ctx()))

    def setattr(self, name: str, value: Any) -> None:
        """Sets an attribute of all parameters: `setattr('grad_req', 'null')` freezes them.

        >>> params = ParameterDict("net_")
        >>> weight = params.get("weight", shape=(2, 3))
        >>> params.setattr("lr_mult", 0.5)
        >>> weight.lr_mult
        0.5
        """
        for param in self.values():
            setattr(param, name, value)

    # ---- files ----

    def save(self, filename: saving.FileName, strip_prefix: str = "") -> None:
        """Writes all values to a file, by name, in MXNet's format; copies on several contexts are averaged.

        `strip_prefix` is taken off every name. Raises ValueError where a name does not begin with it, RuntimeError
        where a parameter has no value.
        """
        saving.save_by_name(self, filename, strip_prefix)

    def load(
        self,
        filename: saving.FileName,
        ctx: saving.Contexts = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        restore_prefix: str = "",
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Sets all values from a file that `save`, or MXNet, wrote; `restore_prefix` is put before every name.

        The arguments and errors are those of `Block.load_parameters`, save that what the file has too much is an
        AssertionError.
        """
        rules = saving.Rules(ctx, allow_missing, ignore_extra, cast_dtype, dtype_source)
        saving.load_by_name(self, saving.read(filename), f"file '{filename}'", restore_prefix, rules)

    def load_dict(
        self,
        param_dict: Mapping[str, Any],
        ctx: saving.Contexts = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        restore_prefix: str = "",
        filename: str | None = None,
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Sets all values from a dictionary of arrays; see `load`. `filename` is what errors call it.

        >>> from mxl.core import nd
        >>> params = ParameterDict("net_")
        >>> weight = params.get("weight", shape=(2,))
        >>> params.load_dict({"net_weight": nd.array([1, 2])})
        >>> weight.data().asnumpy()
        array([1., 2.], dtype=float32)
        """
        source = f"file '{filename}'" if filename else "param_dict"
        rules = saving.Rules(ctx, allow_missing, ignore_extra, cast_dtype, dtype_source)
        saving.load_by_name(self, saving.named(param_dict, source), source, restore_prefix, rules)


def _contradiction(name: str, attribute: str, wanted: Any, stored: Any) -> str:
    return (
        f"Parameter '{name}' is there with {attribute}={stored!r}, and was asked for with {attribute}={wanted!r}: they "
        f"must agree"
    )


def _merge_shapes(name: str, wanted: int | Sequence[int], stored: Sequence[int]) -> tuple[int, ...]:
    wanted = (wanted,) if isinstance(wanted, int) else tuple(wanted)
    unknown = (0, -1)
    agree = len(wanted) == len(stored) and all(
        a == b or a in unknown or b in unknown for a, b in zip(wanted, stored, strict=True)
    )
    if not agree:
        raise Incompatible(_contradiction(name, "shape", wanted, stored))
    return tuple(b if a in unknown else a for a, b in zip(wanted, stored, strict=True))


def _same(attribute: str, wanted: Any, stored: Any) -> bool:
    if attribute == "dtype":
        return np.dtype(wanted) == np.dtype(stored)
    return wanted is stored or wanted == stored
