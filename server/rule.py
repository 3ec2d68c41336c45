"""Rule: what an update goes by: an optimizer with the hyper-parameters of one numbered set.

Knows too that an optimizer's code may be the user's, which may raise anything: `users_code` makes it a KVStoreError,
so that no user's exception is taken for a fault of the server.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..core.errors import MXLError
from ..core.optimizer import Optimizer
from ..kvstore.errors import KVStoreError


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """`values` are the optimizer's hyper-parameters, as plain data: equal values are one rule, whoever sent them."""

    optimizer: Optimizer
    generation: int
    values: dict[str, Any]


@contextmanager
def users_code(what: str = "") -> Generator[None]:
    """Whatever is raised in here is a KVStoreError, which says `what` was being done."""
    try:
        yield
    except (KVStoreError, MemoryError):
        raise
    except Exception as error:
        text = str(error) if isinstance(error, MXLError) else repr(error)
        raise KVStoreError(f"{what}: {text}" if what else text) from error
