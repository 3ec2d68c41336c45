"""The printed form of arrays, as MXNet prints them: numpy's text between a blank line and `<NDArray 2x3 @cpu(0)>`."""

from __future__ import annotations

from .context import Context
from .handle import Buffer


def array_text(data: Buffer, kind: str, ctx: Context) -> str:
    """What `repr` and `print` show of an array."""
    return f"\n{data!s}\n<{kind} {'x'.join(map(str, data.shape))} @{ctx}>"
