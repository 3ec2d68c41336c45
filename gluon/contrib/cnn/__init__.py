"""Convolutions that MXNet keeps apart from `gluon.nn`. This file only gathers names."""

from __future__ import annotations

from .conv_layers import DeformableConvolution, ModulatedDeformableConvolution

__all__ = ["DeformableConvolution", "ModulatedDeformableConvolution"]
