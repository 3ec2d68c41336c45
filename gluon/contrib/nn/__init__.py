"""Layers that MXNet keeps apart from `gluon.nn`. This file only gathers names."""

from __future__ import annotations

from .concurrent import Concurrent, HybridConcurrent, Identity
from .layers import SparseEmbedding, SyncBatchNorm
from .pixel_shuffle import PixelShuffle1D, PixelShuffle2D, PixelShuffle3D

__all__ = [
    "Concurrent", "HybridConcurrent", "Identity", "PixelShuffle1D", "PixelShuffle2D", "PixelShuffle3D",
    "SparseEmbedding", "SyncBatchNorm",
]  # fmt: skip
