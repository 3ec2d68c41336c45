"""Transforms of images: blocks that take an image, or a batch of them, and give another. This file gathers names.

Images come as [H, W, C], uint8; `ToTensor` makes [C, H, W], float32. What is left to chance is drawn from mx.random's
stream where MXNet's operators draw it, from Python's `random` or numpy's where MXNet's functions do.
"""

from __future__ import annotations

from .basic import Cast, Compose, HybridCompose, HybridRandomApply, Normalize, RandomApply, ToTensor
from .colour import (
    RandomBrightness,
    RandomColorJitter,
    RandomContrast,
    RandomGray,
    RandomHue,
    RandomLighting,
    RandomSaturation,
)
from .spatial import (
    CenterCrop,
    CropResize,
    RandomCrop,
    RandomFlipLeftRight,
    RandomFlipTopBottom,
    RandomResizedCrop,
    RandomRotation,
    Resize,
    Rotate,
)

__all__ = [
    "Cast", "CenterCrop", "Compose", "CropResize", "HybridCompose", "HybridRandomApply", "Normalize", "RandomApply",
    "RandomBrightness", "RandomColorJitter", "RandomContrast", "RandomCrop", "RandomFlipLeftRight",
    "RandomFlipTopBottom", "RandomGray", "RandomHue", "RandomLighting", "RandomResizedCrop",
    "RandomRotation", "RandomSaturation", "Resize", "Rotate", "ToTensor",
]  # fmt: skip
