"""The estimator, and layers that MXNet keeps apart from `gluon.nn`. This file only gathers names."""

from __future__ import annotations

from . import estimator, nn

__all__ = ["estimator", "nn"]
