"""The job's folder: short, private to its user, and gone when the job is.

Knows: where it can lie.  Never: removes it (`janitor.py` does, however the launcher ends).
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping

from ..kvstore.host import UNIX_PATH_MAX
from .errors import LaunchError

LONGEST_SOCKET_NAME = 32  # bytes: what may follow the folder's path


def places(environ: Mapping[str, str]) -> list[str]:
    """Where a job's folder may lie, best first."""
    return [place for place in (environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp") if place]


def choose(candidates: Iterable[str]) -> str:
    """A path for a new folder, not made yet; raises LaunchError if no candidate will do."""
    name = f"mxl-{secrets.token_hex(4)}"
    tried: list[str] = []
    for place in candidates:
        path = os.path.join(os.path.abspath(place), name)
        if len(path.encode()) + 1 + LONGEST_SOCKET_NAME > UNIX_PATH_MAX:
            tried.append(f"{place} is too long for unix sockets")
        elif not os.access(place, os.W_OK | os.X_OK):
            tried.append(f"{place} cannot be written to")
        else:
            return path
    raise LaunchError(f"there is no place for the job's folder: {'; '.join(tried)}; set XDG_RUNTIME_DIR or TMPDIR to a "
                      "short path of your own")


def make(path: str) -> None:
    """Make the folder, open to its user only."""
    os.mkdir(path, 0o700)  # fails if it is there: nobody else can have put it in our way
