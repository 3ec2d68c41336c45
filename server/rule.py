"""Rule: what an update goes by: an optimizer with the hyper-parameters of one numbered set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core.optimizer import Optimizer


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """`values` are the optimizer's hyper-parameters, as plain data: equal values are one rule, whoever sent them."""

    optimizer: Optimizer
    generation: int
    values: dict[str, Any]
