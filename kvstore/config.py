"""Where settings come from: argument > MXL_* > DMLC_*/MXNET_* > TOML file > default.

Knows: how each source is read and how a text becomes a value.  Never: which settings there are (`settings.py`).
This is the only place of mxl that reads configuration from the environment, and it does so when `load` is called,
never at import.  An empty variable counts as not set.

The TOML file is the one that MXL_CONFIG names, else `mxl.toml` in the working folder if there is one; its keys are the
names of the fields:

    heartbeat_s = 0.5
    bind = ["ipc", "tcp"]
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields
from difflib import get_close_matches
from typing import Any, NamedTuple, cast

from .settings import SettingError, Settings, check, split, variable, written

__all__ = ["SettingError", "Settings", "from_env", "load", "missing", "unknown_variables"]

CONFIG_VARIABLE = "MXL_CONFIG"
CONFIG_FILE = "mxl.toml"
OTHER_VARIABLES = (CONFIG_VARIABLE, "MXL_FUZZ")  # MXL_* that are no field


class Found(NamedTuple):
    """A value as it was written, and how its place is called in a sentence."""

    raw: Any
    where: str


def load(environ: Mapping[str, str] | None = None, **arguments: Any) -> Settings:
    """The settings of this process; an argument goes before all else, one that is None counts as not given.

    Raises SettingError, naming the variable, argument or line of the file, for a value that cannot be used.
    """
    environ = os.environ if environ is None else environ
    known = {f.name: f for f in fields(Settings)}
    for name in arguments:
        if name not in known:
            raise SettingError(f"there is no setting {name!r}{_meant(name, known)}")
    return _settle([
        {name: Found(value, f"argument {name}") for name, value in arguments.items() if value is not None},
        *_environment(environ), _file(environ),
    ])


def from_env(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment alone gives: the other half of `Settings.to_env`."""
    return _settle(_environment(environ))


def missing(settings: Settings, kind: str = "dist_sync") -> str:
    """What these settings lack for a store of this kind, as a sentence; empty if nothing."""
    if not settings.scheduler:
        lacking = "MXL_SCHEDULER"
    elif not settings.num_workers:
        lacking = "MXL_NUM_WORKERS"
    elif not settings.num_servers:
        lacking = "MXL_NUM_SERVERS"
    else:
        return ""
    return f"kvstore {kind!r} needs {lacking}; start this script with mxl-launch, or use kvstore='local'"


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each MXL_* variable that means nothing to mxl: most likely a name written wrongly."""
    known = {*OTHER_VARIABLES, *(variable(f) for f in fields(Settings))}
    return [f"there is no setting {name}{_meant(name, known)}"
            for name in sorted(environ) if name.startswith("MXL_") and name not in known]


def _settle(sources: list[dict[str, Found]]) -> Settings:
    """The first source that has a field decides it."""
    values: dict[str, Any] = {}
    where: dict[str, str] = {}
    for f in fields(Settings):
        found = next((source[f.name] for source in sources if f.name in source), None)
        values[f.name] = f.default if found is None else _parsed(f, found)
        if found is not None:
            where[f.name] = found.where
    check(values, where)
    return Settings(**values)


# ----- the sources -----


def _environment(environ: Mapping[str, str]) -> list[dict[str, Found]]:
    """MXL_* and, behind them, the variables of MXNet and its launcher."""
    own = {f.name: Found(environ[variable(f)], variable(f)) for f in fields(Settings) if environ.get(variable(f))}
    older: dict[str, Found] = {}
    for f in fields(Settings):
        found = _OLDER.get(f.name, _first)(environ, f)
        if found is not None:
            older[f.name] = found
    return [own, older]


def _first(environ: Mapping[str, str], f: Field[Any]) -> Found | None:
    return next((Found(environ[name], name) for name in f.metadata["older"] if environ.get(name)), None)


def _root(environ: Mapping[str, str], f: Field[Any]) -> Found | None:
    """DMLC_PS_ROOT_URI and DMLC_PS_ROOT_PORT are one endpoint."""
    host, port = (environ.get(name, "") for name in f.metadata["older"])
    if not host and not port:
        return None
    names = ("DMLC_PS_ROOT_URI", "DMLC_PS_ROOT_PORT")
    if not host or not port:
        has, lacks = names if host else reversed(names)
        raise SettingError(f"{has} is set but {lacks} is not; the scheduler's address needs both")
    return Found(f"tcp://{host}:{port}", "DMLC_PS_ROOT_URI:DMLC_PS_ROOT_PORT")


def _ranked(environ: Mapping[str, str], f: Field[Any]) -> Found | None:
    """DMLC_WORKER_ID for a worker, DMLC_SERVER_ID for a server; DMLC_RANK for either."""
    role = environ.get("MXL_ROLE") or environ.get("DMLC_ROLE") or ""
    for name in (f"DMLC_{role.upper()}_ID", "DMLC_RANK"):
        if name in f.metadata["older"] and environ.get(name):
            return Found(environ[name], name)
    return None


def _elements(environ: Mapping[str, str], f: Field[Any]) -> Found | None:
    """Elements of float32 in bytes."""
    found = _first(environ, f)
    return None if found is None else Found(4 * _count(found, "a whole number of elements, 1 or more"), found.where)


_OLDER: dict[str, Callable[[Mapping[str, str], Field[Any]], Found | None]] = {
    "scheduler": _root, "rank": _ranked, "bigarray_bound_bytes": _elements,
}


def _file(environ: Mapping[str, str]) -> dict[str, Found]:
    path = environ.get(CONFIG_VARIABLE)
    if not path:
        if not os.path.isfile(CONFIG_FILE):
            return {}
        path = CONFIG_FILE
    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingError(
            f"the settings file {path} cannot be read: {said}; mend it, or change {CONFIG_VARIABLE}") from error
    known = {f.name: f for f in fields(Settings) if f.metadata["in_file"]}
    for name in table:
        if name not in known:
            raise SettingError(f"the settings file {path} has {name!r}, which cannot be set there{_meant(name, known)}")
    return {name: Found(value, f"{name} in {path}") for name, value in table.items()}


# ----- from what was written to a value -----


def _parsed(f: Field[Any], found: Found) -> Any:
    return PARSERS[f.metadata["kind"]](found)


def _wrong(found: Found, expected: str) -> SettingError:
    return SettingError(f"{found.where} is {_shown(found.raw)}; expected {expected}")


def _shown(raw: Any) -> str:
    return repr(written(raw)) if isinstance(raw, bool | int | float | tuple) or raw is None else repr(raw)


def _text(found: Found) -> str:
    if not isinstance(found.raw, str):
        raise _wrong(found, "a text")
    return found.raw.strip()


def _count(found: Found, expected: str = "a whole number") -> int:
    raw = found.raw
    if isinstance(raw, str):
        try:
            raw = int(raw)
        except ValueError:
            raise _wrong(found, expected) from None
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise _wrong(found, expected)
    return raw


def _number(found: Found, expected: str = "a number") -> float:
    raw = found.raw
    if isinstance(raw, str):
        try:
            raw = float(raw)
        except ValueError:
            raise _wrong(found, expected) from None
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        raise _wrong(found, expected)
    return float(raw)


def _seconds(found: Found) -> float:
    return _number(found, "seconds, more than 0")


def _limit(found: Found) -> float | None:
    if isinstance(found.raw, str) and found.raw.strip().lower() in ("none", "inf", "never"):
        return None
    return _number(found, "seconds, more than 0, or none")


def _flag(found: Found, expected: str = "true or false") -> bool:
    word = written(found.raw).strip().lower() if isinstance(found.raw, str | bool | int) else ""
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise _wrong(found, expected)


def _choice(found: Found) -> bool | None:
    if isinstance(found.raw, str) and found.raw.strip().lower() == "none":
        return None
    return _flag(found, "true, false or none")


def _list(found: Found) -> tuple[str, ...]:
    raw: Any = found.raw
    if isinstance(raw, str):
        return tuple(split(raw))
    if isinstance(raw, list | tuple):
        parts = cast("Sequence[Any]", raw)
        if all(isinstance(each, str) for each in parts):
            return tuple(parts)
    raise _wrong(found, "texts, separated by commas")


PARSERS: dict[str, Callable[[Found], Any]] = {
    "text": _text, "count": _count, "number": _number, "positive": _seconds, "limit": _limit, "flag": _flag,
    "choice": _choice, "list": _list,
}


def _meant(name: str, known: Mapping[str, Any] | set[str]) -> str:
    close = get_close_matches(name, [k for k in known if k not in OTHER_VARIABLES], n=1, cutoff=0.8)
    return f"; did you mean {close[0]}?" if close else ""
