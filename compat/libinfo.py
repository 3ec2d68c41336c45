"""`mx.libinfo`: the version; MXNet's paths of a compiled library, of which mxl has none."""

from __future__ import annotations

from ..core.errors import MXLError
from ..core.version import __version__

__all__ = ["__version__", "find_conf_path", "find_include_path", "find_lib_path"]


def find_lib_path(prefix: str = "libmxnet") -> list[str]:
    """Where the compiled library is. Raises MXLError (a RuntimeError): there is none."""
    raise MXLError(f"find_lib_path: mxl is Python alone; there is no {prefix}.so to find")


def find_include_path() -> str:
    """Where headers of C are. Raises MXLError (a RuntimeError): there are none."""
    raise MXLError("find_include_path: mxl is Python alone; there are no headers to find")


def find_conf_path(prefix: str = "tvmop") -> list[str]:
    """Where settings of compiled operators are. Raises MXLError (a RuntimeError): there are none."""
    raise MXLError(f"find_conf_path: mxl is Python alone; there is no {prefix}.conf to find")
