"""Networks that are known by name. This file only gathers names."""

from __future__ import annotations

from . import model_store, vision

__all__ = ["model_store", "vision"]
