"""Operators that read images at places between pixels, and in regions, one family a file."""

from . import deformable, sampling, transformer

__all__ = ["deformable", "sampling", "transformer"]
