"""The folder in which MXNet keeps data sets and trained parameters: $MXNET_HOME, or ~/.mxnet.

Knows paths only: it makes no folder. The variable is read when a path is asked for.
"""

from __future__ import annotations

import os


def data_dir() -> str:
    """The folder for data sets and parameters: MXNET_HOME, or `data_dir_default()`."""
    return os.environ.get("MXNET_HOME", data_dir_default())


def data_dir_default() -> str:
    """.mxnet in the home folder."""
    return os.path.join(os.path.expanduser("~"), ".mxnet")


def folder(root: str | None, *parts: str) -> str:
    """`root`, its ~ resolved; without one, the folder `parts` of `data_dir()`."""
    return os.path.join(data_dir(), *parts) if root is None else os.path.expanduser(root)
