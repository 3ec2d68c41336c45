"""The launcher's error."""

from __future__ import annotations

from ..core.errors import MXLError


class LaunchError(MXLError):
    """A job that cannot be started as it was asked for."""
