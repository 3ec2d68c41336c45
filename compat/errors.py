"""The error of taking MXNet's name.  Names that mxl lacks are told by Python's own AttributeError and ImportError."""

from __future__ import annotations

from ..core.errors import MXLError


class MXNetImported(MXLError, ImportError):
    """The real mxnet is imported already, so its name cannot stand for mxl in this process."""
