"""Pictures of networks and of runs. This file only gathers names; who draws is loaded when a picture is asked for."""

from __future__ import annotations

from .curve import plot_learning_curve
from .network import plot_network
from .summary import print_summary

__all__ = ["plot_learning_curve", "plot_network", "print_summary"]
