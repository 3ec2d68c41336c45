"""Objects as plain data: `["sgd", {"momentum": 0.9}]`, a registered name and the constructor's arguments.

What crosses the wire or goes into a file is made and read here, so nothing received is ever unpickled: a name that is
not registered, an argument that the constructor does not have, or a value that is no plain data ends in a sentence.
The rule for a class: its constructor keeps each argument as an attribute of the same name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, Generic, TypeVar

from .errors import ArgumentError, InvalidSetting, RefusedSetting

T = TypeVar("T")
Klass = TypeVar("Klass", bound=type[Any])  # decorators give back the very class, so that checkers see its arguments


TO_SERVERS = "a class of your own reaches the servers with mxl-launch --import my_module"  # a Registry's remedy

PLAIN = (bool, int, float, str, type(None))


@cache
def arguments_of(klass: type, base: type) -> dict[str, Any]:
    """The constructor's arguments of klass and their defaults (`inspect.Parameter.empty` without one), `base`'s own
    left out when klass passes them on by **kwargs."""
    found: dict[str, Any] = {}
    for owner in klass.__mro__:
        if owner is base:
            break
        if "__init__" not in vars(owner):
            continue
        parameters = list(inspect.signature(vars(owner)["__init__"]).parameters.values())[1:]
        named = {p.name: p.default for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        found = {**named, **found}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return found


def plain(value: Any, what: str) -> Any:
    """value as msgpack and JSON know it: numpy scalars become Python's, tuples lists."""
    if isinstance(value, PLAIN):
        return value
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return value.item()
    if isinstance(value, (list, tuple)):
        return [plain(item, what) for item in value]
    raise ArgumentError(
        f"{what} is of type {type(value).__name__}: only numbers, strings, booleans, None and lists of them can be "
        f"sent to a server"
    )


def settings_of(
    thing: Any, what: str, name: str, base: type = object, skip: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The constructor's arguments of `thing`, read from its attributes; those in `skip` are left out."""
    settings: dict[str, Any] = {}
    for argument in arguments_of(type(thing), base):
        if argument in skip:
            continue
        try:
            value = getattr(thing, argument)
        except AttributeError:
            raise ArgumentError(
                f"{what} {name!r}: its constructor's argument {argument!r} is not kept as an attribute of that name, "
                f"so it cannot be sent; add self.{argument} = {argument}"
            ) from None
        settings[argument] = plain(value, f"{what} {name!r}: {argument}")
    return settings


def kind_of(default: Any) -> str | None:
    """What an argument with this default takes, in words; None where anything plain goes."""
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    return kinds.get(type(default))


def fits(value: Any, kind: str) -> bool:
    """Whether a plain value is of the kind; nan is no number."""
    if kind == "a number":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value
    return isinstance(value, bool if kind == "a boolean" else str)


class Registry(Generic[T]):
    """Names -> classes of one family (optimizers, initializers), and the checks on plain data that names one.

    `what` is the family's name in messages; `remedy` is what they say to somebody whose own class is not found.
    """

    def __init__(self, what: str, base: type[T], remedy: str) -> None:
        self.what = what
        self.base = base
        self.remedy = remedy
        self.classes: dict[str, type[T]] = {}

    def add(self, klass: Klass, name: str | None = None) -> Klass:
        """Knows klass by a name, its own in lower case unless given."""
        given: Any = klass
        if not (isinstance(given, type) and issubclass(given, self.base)):
            raise ArgumentError(f"register expects a subclass of {self.base.__name__}, got {klass!r}")
        self.classes[name or given.__name__.lower()] = given
        return klass

    def alias(self, *names: str) -> Callable[[Klass], Klass]:
        """A class decorator: further names, in lower case."""

        def add(klass: Klass) -> Klass:
            for name in names:
                self.add(klass, name.lower())
            return klass

        return add

    def name_of(self, klass: type) -> str:
        """The name that a class goes by, or ArgumentError."""
        for name, known in self.classes.items():
            if known is klass:
                return name
        raise ArgumentError(
            f"{self.what} {klass.__name__} is not registered; decorate the class with @register, so that servers know "
            f"it by name"
        )

    def named(self, name: str) -> type[T]:
        """The class that a script calls by name, in any letter case, or RefusedSetting."""
        return self._find(name.lower(), RefusedSetting)

    def _find(self, name: str, error: type[InvalidSetting]) -> type[T]:
        try:
            return self.classes[name]
        except KeyError:
            known = ", ".join(sorted(self.classes))
            raise error(f"{self.what} {name!r:.80} is not registered here; known: {known}; {self.remedy}") from None

    def open(self, data: Any) -> tuple[type[T], dict[str, Any]]:
        """The class and a copy of the arguments in `[name, {argument: value}]`; their form is checked, no value is."""
        if not isinstance(data, (list, tuple)) or len(data) != 2:
            raise InvalidSetting(f"{self.what}: expected [name, arguments], got {data!r:.80}")
        name, settings = data
        if not isinstance(name, str):
            raise InvalidSetting(f"{self.what}: its name must be a string, got {type(name).__name__}")
        if not isinstance(settings, dict) or not all(isinstance(key, str) for key in settings):
            raise InvalidSetting(f"{self.what} {name!r}: its arguments must be a dict with names, got {settings!r:.80}")
        return self._find(name, InvalidSetting), dict(settings)  # a peer's mistake: no assertion of this process

    def build(self, klass: type[T], settings: dict[str, Any], also: tuple[str, ...] = ()) -> T:
        """klass(**settings), `also` being arguments of the base class; raises InvalidSetting for wrong names, types."""
        name = self.name_of(klass)
        known = {**arguments_of(klass, object), **arguments_of(klass, self.base)}
        for argument, value in settings.items():
            if argument not in known and argument not in also:
                raise InvalidSetting(
                    f"{self.what} {name!r} has no argument {argument!r}; it has: {', '.join(sorted({*known, *also}))}"
                )
            wanted = kind_of(known.get(argument, inspect.Parameter.empty))
            if wanted is not None and not fits(value, wanted):
                raise InvalidSetting(f"{self.what} {name!r}: {argument} must be {wanted}, got {value!r:.80}")
        try:
            return klass(**settings)
        except (TypeError, ValueError, AssertionError) as error:
            raise InvalidSetting(f"{self.what} {name!r} refused its arguments: {error}") from error
