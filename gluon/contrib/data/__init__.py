"""Samplers that MXNet keeps apart from `gluon.data`. This file only gathers names."""

from __future__ import annotations

from .sampler import IntervalSampler

__all__ = ["IntervalSampler"]
