"""What the networks of the zoo have in common: features, then an output for each class."""

from __future__ import annotations

from typing import Any

from ...hybrid import HybridBlock


class Classifier(HybridBlock):
    """A network of two parts: `features`, of which `output` makes a number for each class."""

    features: Any
    output: Any

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return self.output(self.features(x))
