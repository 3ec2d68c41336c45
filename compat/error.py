"""`mx.error`: MXNet's error, and the register of error classes by name."""

from __future__ import annotations

from .base import MXNetError, register_error

__all__ = ["InternalError", "MXNetError", "register", "register_error"]

register = register_error


@register_error
class InternalError(MXNetError):
    """Something that should not have happened inside of the library; its message asks for a report."""

    def __init__(self, msg: str) -> None:
        hint = "\nMXNet hint: this is an error of the library itself; please report it, with what led to it."
        super().__init__(msg if "MXNet hint:" in msg else msg + hint)
