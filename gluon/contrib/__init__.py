"""Layers that MXNet keeps apart from `gluon.nn`. This file only gathers names."""

from __future__ import annotations

from . import nn

__all__ = ["nn"]
