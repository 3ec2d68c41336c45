"""`install_as_mxnet`: from then on `import mxnet` is `import mxl`, and every dotted path beneath it leads into mxl.

Two finders in `sys.meta_path` do it. The first answers every `mxnet.*`, with the module object that mxl has itself, or
with a sentence; it never loads a file under a second name, whose classes would be strangers. The second stands last and
is asked only for a submodule that mxl has not: Python asks so for `from mxnet import module`. Modules that MXNet's
scripts know are *dressed*: a name that they lack is told by MXNet's name for it, and an import beneath them is a
question to the finders, also where mxl has one file for what is a package in MXNet.

Invariant: while installed, each `sys.modules['mxnet.x']` is a module whose own name begins with `mxl`;
`uninstall_as_mxnet` leaves nothing of this behind.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .errors import MXNetImported
from .paths import FILES, MXNET, PACKAGE, missing, mxnet_name, neighbour

_lock = threading.Lock()
_undress: dict[str, Callable[[], None]] = {}  # of each dressed module: how it was before


def install_as_mxnet() -> None:
    """Let `mxnet` be a name of mxl in this process: `import mxnet as mx` then gives mxl itself.

    Call it before the first `import mxnet`; calling it again changes nothing. A name that mxl lacks raises
    AttributeError or ModuleNotFoundError with a sentence. Raises MXNetImported where the real mxnet is imported
    already.

    >>> mx.install_as_mxnet()
    >>> import mxnet
    >>> from mxnet.gluon import nn
    >>> mxnet is mx and nn is mx.gluon.nn
    True
    >>> mx.compat.uninstall_as_mxnet()
    """
    face = sys.modules[PACKAGE]
    with _lock:
        found = sys.modules.get(MXNET)
        if found is face:
            return
        if found is not None:
            where = getattr(found, "__file__", None) or "an unknown place"
            raise MXNetImported(f"mxnet is imported already, from {where}; call mxl.install_as_mxnet() before the "
                                "first import of mxnet")
        sys.modules[MXNET] = face
        sys.meta_path.insert(0, _MXNET_FINDER)
        sys.meta_path.append(_MISSING_FINDER)
    _dress_all()


def uninstall_as_mxnet() -> None:
    """Undo `install_as_mxnet`: `mxnet` is again whatever is installed under that name, or nothing."""
    with _lock:
        if sys.modules.get(MXNET) is not sys.modules[PACKAGE]:
            return
        for finder in (_MXNET_FINDER, _MISSING_FINDER):
            if finder in sys.meta_path:
                sys.meta_path.remove(finder)
        for path in FILES.keys() & sys.modules.keys():  # importing one has made it an attribute of its parent
            parent, _, name = path.rpartition(".")
            delattr(sys.modules[parent], name)
        for name in [name for name in sys.modules if name == MXNET or name.startswith(f"{MXNET}.")]:
            del sys.modules[name]
        while _undress:
            _undress.popitem()[1]()


# ----- imports -----


class _Same(Loader):
    """Loads nothing: puts the module that is there in place of the empty one that Python has made."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = self.module


class _MXNetFinder(MetaPathFinder):
    """Answers every `mxnet.*`; stands first, since mxl's own folder would answer `mxnet.gluon` with a copy."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{MXNET}."):
            return None
        module = _resolve(fullname)
        if module is None:
            raise ModuleNotFoundError(missing(fullname), name=fullname)
        return ModuleSpec(fullname, _Same(module), is_package=hasattr(module, "__path__"))


class _MissingFinder(MetaPathFinder):
    """Asked for a submodule of mxl, after all others had none: says so, where MXNet's scripts may have meant it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        parent, _, name = fullname.rpartition(".")
        called = mxnet_name(parent)
        if called is None:
            return None
        path_there = f"{called}.{name}"
        raise ModuleNotFoundError(missing(path_there), name=path_there)


_MXNET_FINDER = _MXNetFinder()
_MISSING_FINDER = _MissingFinder()


def _resolve(path: str) -> ModuleType | None:
    """The module of mxl that a dotted path of MXNet's means; None where there is none."""
    if path in FILES:
        module = import_module(FILES[path])
    else:
        parent, _, name = path.rpartition(".")
        module = _below(sys.modules[parent], name)
    if module is not None:
        _dress_all()
    return module


def _below(parent: ModuleType, name: str) -> ModuleType | None:
    found: Any = getattr(parent, name, None)
    public = {*vars(parent).get("__all__", ()), *vars(parent).get("_NAMES", ())}
    if isinstance(found, ModuleType) and (name in public or mxnet_name(found.__name__) is not None):
        return found
    full_name = f"{parent.__name__}.{name}"
    if mxnet_name(full_name) is None:  # a part of mxl that MXNet has no name for
        return None
    try:
        return import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name not in (full_name, f"{mxnet_name(parent.__name__)}.{name}"):
            raise  # it is there, and what it needs is not
        return None


# ----- names -----


def _dress_all() -> None:
    """Dress what is loaded by now: a module may have come with another."""
    with _lock:
        for name in list(sys.modules):
            called = mxnet_name(name) if name not in _undress else None
            if called is not None:
                _dress(sys.modules[name], called)


def _dress(module: ModuleType, called: str) -> None:
    own: Callable[[str], Any] | None = module.__dict__.get("__getattr__")
    is_package = "__path__" in module.__dict__
    elsewhere = None if is_package else neighbour(module.__name__)

    def __getattr__(name: str) -> Any:
        if own is not None:
            try:
                value = own(name)
            except AttributeError as error:
                if _depth(error) > 2:  # not "there is none": something broke while it was loaded
                    raise
            else:
                _dress_all()
                return value
        if elsewhere is not None and not name.startswith("_"):
            try:
                return getattr(sys.modules[elsewhere], name)
            except AttributeError:
                pass
        raise AttributeError(missing(f"{called}.{name}"), name=name, obj=module)

    module.__dict__["__getattr__"] = __getattr__
    if not is_package:
        module.__dict__["__path__"] = []  # with it, an import beneath this module is a question to the finders

    def undress() -> None:
        if not is_package:
            del module.__dict__["__path__"]
        if own is None:
            del module.__dict__["__getattr__"]
        else:
            module.__dict__["__getattr__"] = own

    _undress[module.__name__] = undress


def _depth(error: BaseException) -> int:
    """Frames between here and where it was raised."""
    depth, trace = 0, error.__traceback__
    while trace is not None:
        depth, trace = depth + 1, trace.tb_next
    return depth
