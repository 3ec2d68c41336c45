"""Weight and bias of a layer: whether they fit the call, for convolutions and dense layers alike."""

from __future__ import annotations

import numpy as np

from ...errors import ArgumentError, DtypeError, ShapeError


def check_weights(
    name: str, data: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, no_bias: bool, outputs: int
) -> None:
    """Raise unless bias is there as no_bias says and has one number for each output, and all have data's dtype."""
    if no_bias and bias is not None:
        raise ArgumentError(f"{name}: a bias was given, and no_bias=True: leave one out")
    if not no_bias:
        if bias is None:
            raise ArgumentError(f"{name}: array argument 'bias' is missing; pass no_bias=True to do without")
        if bias.shape != (outputs,):
            raise ShapeError(f"{name}: bias is {list(bias.shape)}; it must be [{outputs}], one for each output")
    for which, array in (("weight", weight), ("bias", bias)):
        if array is not None and array.dtype != data.dtype:
            raise DtypeError(f"{name}: data is {data.dtype}, {which} is {array.dtype}: they must be equal")
