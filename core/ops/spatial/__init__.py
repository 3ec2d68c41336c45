"""Operators that read images at places between pixels, and in regions, one family a file."""

from . import deformable, roi_align, roi_pooling, sampling, transformer

__all__ = ["deformable", "roi_align", "roi_pooling", "sampling", "transformer"]
