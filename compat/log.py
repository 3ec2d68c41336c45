"""MXNet's loggers: Python's, with a line of level, time, process and place before the message.

    I1127 04:19:07 4242 train.py:12] epoch 3
"""

from __future__ import annotations

import logging
import sys
import warnings
from logging import CRITICAL, DEBUG, ERROR, INFO, NOTSET, WARNING

__all__ = ["CRITICAL", "DEBUG", "ERROR", "INFO", "NOTSET", "WARNING", "getLogger", "get_logger"]

_COLOURS = {WARNING: "\x1b[33m", ERROR: "\x1b[31m", CRITICAL: "\x1b[31m"}
_PLAIN = "\x1b[0m"


class _Formatter(logging.Formatter):
    """MXNet's form of a line; coloured on a terminal."""

    def __init__(self, colored: bool) -> None:
        super().__init__(datefmt="%m%d %H:%M:%S")
        self.colored = colored

    def format(self, record: logging.LogRecord) -> str:
        label = "U" if record.levelno == NOTSET else record.levelname[0]
        head = f"{label}%(asctime)s %(process)d %(filename)s:%(lineno)d"
        if self.colored:
            head = f"{_COLOURS.get(record.levelno, chr(27) + '[32m')}{head}{_PLAIN}"
        self._style = logging.PercentStyle(f"{head}] %(message)s")
        self._fmt = self._style._fmt
        return super().format(record)


def get_logger(
    name: str | None = None, filename: str | None = None, filemode: str | None = None, level: int = WARNING
) -> logging.Logger:
    """The logger `name` with a handler of MXNet's form: to `filename` (opened with `filemode`, 'a'), else to stderr.

    A logger has its handler given once: further calls change nothing. Without a name it is Python's root logger, as it
    is.
    """
    logger = logging.getLogger(name)
    if name is None or getattr(logger, "_mxl_handled", False):
        return logger
    logger._mxl_handled = True  # type: ignore[attr-defined]
    handler: logging.Handler
    if filename:
        handler = logging.FileHandler(filename, filemode or "a")
        handler.setFormatter(_Formatter(colored=False))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(_Formatter(colored=sys.stderr is not None and sys.stderr.isatty()))
    logger.addHandler(handler)
    logger.setLevel(level)
    return logger


def getLogger(
    name: str | None = None, filename: str | None = None, filemode: str | None = None, level: int = WARNING
) -> logging.Logger:
    """The older name of `get_logger`."""
    warnings.warn("getLogger is deprecated: use get_logger", DeprecationWarning, stacklevel=2)
    return get_logger(name, filename, filemode, level)
