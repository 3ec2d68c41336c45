"""The operator families, one a file; importing this package fills the table of `core/op.py`.

A new operator is one entry in its family's file, and one line in the table of tests/core/ops.
"""

from . import (
    arithmetic,
    attention,
    broadcast,
    colours,
    comparison,
    contrib,
    coordinates,
    densities,
    detection,
    factors,
    gammas,
    image,
    image_chance,
    joining,
    linear,
    matrices,
    nn,
    ordering,
    rearranging,
    reduce,
    selection,
    sequence,
    shape,
    slicing,
    spatial,
    spectrum,
    trigonometry,
    unary,
)

__all__ = [
    "arithmetic", "attention", "broadcast", "colours", "comparison", "contrib", "coordinates", "densities", "detection",
    "factors", "gammas", "image", "image_chance", "joining", "linear", "matrices", "nn", "ordering", "rearranging",
    "reduce", "selection", "sequence", "shape", "slicing", "spatial", "spectrum", "trigonometry", "unary",
]  # fmt: skip
