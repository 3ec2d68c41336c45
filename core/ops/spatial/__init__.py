"""Operators that read images at places between pixels, and in regions, one family a file."""

from . import (
    correlation,
    deformable,
    deformable_pooling,
    psroi_pooling,
    roi_align,
    roi_pooling,
    sampling,
    transformer,
)

__all__ = [
    "correlation", "deformable", "deformable_pooling", "psroi_pooling", "roi_align", "roi_pooling", "sampling",
    "transformer",
]  # fmt: skip
