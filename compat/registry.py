"""`mx.registry`: classes by name, for a family of one's own: a base class, a word for it, and three functions.

    register = mx.registry.get_register_func(Reader, "reader")
    create = mx.registry.get_create_func(Reader, "reader")

    @register
    class Csv(Reader): ...

    create("csv", "table.csv")

The families of mxl itself, initializers, metrics and optimizers, are found by their base classes too.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

from ..core import initializer_base, optimizer
from ..core.errors import BadCall, RefusedSetting
from ..core.metric import base as metric_base

__all__ = ["get_alias_func", "get_create_func", "get_register_func", "get_registry"]

_families: dict[type, dict[str, Any]] = {}


def _family(base_class: type) -> dict[str, Any]:
    """The classes of a family by name in lower case: the table itself."""
    own = {registry.base: registry for registry in (initializer_base.REGISTRY, metric_base.REGISTRY,
                                                    optimizer.REGISTRY)}  # fmt: skip
    if base_class in own:
        return own[base_class].classes
    return _families.setdefault(base_class, {})


def get_registry(base_class: type) -> dict[str, Any]:
    """The classes that are registered under base_class, by name in lower case; a copy."""
    return dict(_family(base_class))


def get_register_func(base_class: type, nickname: str) -> Callable[..., Any]:
    """A decorator `register(klass, name=None)` for subclasses of base_class.

    It raises AssertionError for another class, and warns where a name is taken.
    """
    family = _family(base_class)

    def register(klass: Any, name: str | None = None) -> Any:
        if not (isinstance(klass, type) and issubclass(klass, base_class)):
            raise BadCall(f"{nickname}: a subclass of {base_class.__name__} is registered, not {klass!r:.60}")
        key = (klass.__name__ if name is None else name).lower()
        before = family.get(key)
        if before is not None:
            warnings.warn(f"{nickname} {key!r}: {klass.__module__}.{klass.__name__} takes the place of "
                          f"{before.__module__}.{before.__name__}", UserWarning, stacklevel=2)  # fmt: skip
        family[key] = klass
        return klass

    register.__doc__ = f"Know a class of {nickname}s by its name, or by `name`."
    return register


def get_alias_func(base_class: type, nickname: str) -> Callable[..., Any]:
    """A decorator `alias(*names)`: further names of a class."""
    register = get_register_func(base_class, nickname)

    def alias(*aliases: str) -> Callable[[Any], Any]:
        def name_it(klass: Any) -> Any:
            for name in aliases:
                register(klass, name)
            return klass

        return name_it

    return alias


def get_create_func(base_class: type, nickname: str) -> Callable[..., Any]:
    """A function `create(name, *args, **kwargs)`: an object of a registered class.

    The name may be an object already, or JSON: '["name", {"argument": 1}]', or '{"nickname": "name", "argument": 1}'.
    It raises AssertionError for a name that is not registered.
    """
    family = _family(base_class)

    def create(*args: Any, **kwargs: Any) -> Any:
        name, args = (args[0], args[1:]) if args else (kwargs.pop(nickname), ())
        if isinstance(name, base_class):
            if args or kwargs:
                raise BadCall(f"{nickname}: it is made already, and takes no more arguments")
            return name
        if isinstance(name, dict):
            return create(**name)
        if not isinstance(name, str):
            raise BadCall(f"{nickname}: expected a name or {base_class.__name__}, got {type(name).__name__}")
        if name.startswith(("[", "{")):
            if args or kwargs:
                raise BadCall(f"{nickname}: JSON has all its arguments, and takes no more")
            described = json.loads(name)
            return create(**described) if isinstance(described, dict) else create(described[0], **described[1])
        if name.lower() not in family:
            raise RefusedSetting(f"{nickname} {name!r} is not registered; known: {', '.join(sorted(family)) or 'none'}")
        return family[name.lower()](*args, **kwargs)

    create.__doc__ = f"A {nickname} by its name; see `mx.registry.get_create_func`."
    return create
