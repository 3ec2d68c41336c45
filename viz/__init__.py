"""Pictures of networks and of runs. This file only gathers names; who draws is loaded when a picture is asked for."""

from __future__ import annotations

from .curve import plot_learning_curve
from .network import plot_network
from .run import Run
from .summary import print_summary
from .training import plot_training

__all__ = ["Run", "plot_learning_curve", "plot_network", "plot_training", "print_summary"]
