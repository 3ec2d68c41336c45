"""The events of a training loop, and who is told of them: a handler is told of those whose classes it derives from.

Knows six events and in which order handlers hear of one: by `priority`, the lowest first, and those without one at 0;
equals in the order in which they were given.  Never trains anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from ...errors import BadArgument

__all__ = ["BatchBegin", "BatchEnd", "EpochBegin", "EpochEnd", "EventHandler", "TrainBegin", "TrainEnd", "as_handlers",
           "in_order", "of_event"]  # fmt: skip

Handler = TypeVar("Handler")


class EventHandler:
    """The base of what is told of events."""


class TrainBegin(EventHandler):
    """Is told when `fit` begins."""

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """`fit` begins."""


class TrainEnd(EventHandler):
    """Is told when `fit` ends."""

    def train_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """`fit` ends."""


class EpochBegin(EventHandler):
    """Is told when a pass over the data begins, of `evaluate` too."""

    def epoch_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """An epoch begins."""


class EpochEnd(EventHandler):
    """Is told when a pass over the data ends, of `evaluate` too."""

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> Any:
        """An epoch ends; what is true stops the training."""
        return False


class BatchBegin(EventHandler):
    """Is told before a batch is computed."""

    def batch_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """A batch begins: `batch`."""


class BatchEnd(EventHandler):
    """Is told when a batch has been computed."""

    def batch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> Any:
        """A batch ends: `batch`, `pred`, `label`, `loss`; what is true ends the epoch."""
        return False


def as_handlers(given: Any) -> list[EventHandler]:
    """A handler, or a list of them, or None, as a new list.  Raises ValueError for anything else."""
    if isinstance(given, EventHandler):
        return [given]
    handlers = list(given or [])
    if not all(isinstance(handler, EventHandler) for handler in handlers):
        raise BadArgument(f"handlers must be an EventHandler or a list of EventHandler, got: {given}")
    return handlers


def in_order(handlers: Sequence[EventHandler]) -> list[EventHandler]:
    """The handlers, those first that are told first."""
    return sorted(handlers, key=lambda handler: getattr(handler, "priority", 0))


def of_event(handlers: Sequence[EventHandler], event: type[Handler]) -> list[Handler]:
    """Those that are told of an event."""
    return [handler for handler in handlers if isinstance(handler, event)]
