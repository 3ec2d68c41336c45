"""Spatial transformers (Jaderberg et al. 2015): a grid of places, an image read there, and the two in one.

Places are -1 .. 1 from the first pixel's centre to the last one's, along x and y.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, ShapeError
from ...op import REQUIRED, op
from ..joining import stack
from ..shape import reshape, whole
from ..slicing import slice_axis
from .sampling import sample, slopes, spread

Size = tuple[int, int]


def _size(name: str, target_shape: Any) -> Size:
    size = (target_shape,) if isinstance(target_shape, int) else tuple(target_shape)
    if len(size) != 2 or any(whole(name, "target_shape", n) < 1 for n in size):
        raise ArgumentError(f"{name}: target_shape is {target_shape!r}: it takes (height, width), both 1 or more")
    return size[0], size[1]


def _homogeneous(size: Size, kind: Any) -> Any:
    """The places of a grid, -1 .. 1, as columns (x, y, 1).  -> [3, H * W]"""
    height, width = size
    y, x = np.meshgrid(-1 + np.arange(height) * (2 / (height - 1) if height > 1 else np.inf),
                       -1 + np.arange(width) * (2 / (width - 1) if width > 1 else np.inf), indexing="ij")  # fmt: skip
    return np.stack([x.ravel(), y.ravel(), np.ones(height * width)]).astype(kind)


def _floats(name: str, **arrays: Any) -> None:
    first = next(iter(arrays.values()))
    for key, x in arrays.items():
        if x.dtype.kind != "f" or x.dtype != first.dtype:
            raise DtypeError(f"{name}: {key} is {x.dtype}: all arrays take one floating-point dtype; use astype")


def _affine_grid(name: str, data: Any, size: Size) -> Any:
    if data.ndim != 2 or data.shape[1] != 6:
        raise ShapeError(f"{name}: the affine matrices are {list(data.shape)}: they must be [N, 6]")
    return (data.reshape(-1, 3) @ _homogeneous(size, data.dtype)).reshape(len(data), 2, *size)


@op(name="_affine_back")
def affine_back(g):
    """What a gradient of affine grids is for their matrices.  [N, 2, H, W] -> [N, 6]"""
    n, _, height, width = g.shape
    return (g.reshape(n * 2, -1) @ _homogeneous((height, width), g.dtype).T).reshape(n, 6)


@op
def GridGenerator(data, transform_type=REQUIRED, target_shape=(0, 0)):
    """The places (x, y) that each pixel of a new image is to be read at, -1 .. 1 over the old one.

    'affine': data are matrices [N, 6] of (x, y, 1), and target_shape is the new image's size; 'warp': data is how far
    each pixel moves, [N, 2, H, W] in pixels.  -> [N, 2, H, W]
    """
    name = "GridGenerator"
    _floats(name, data=data)
    if transform_type == "affine":
        return _affine_grid(name, data, _size(name, target_shape))
    if transform_type != "warp":
        raise ArgumentError(f"{name}: transform_type is {transform_type!r}; known: 'affine', 'warp'")
    if data.ndim != 4 or data.shape[1] != 2:
        raise ShapeError(f"{name}: data is {list(data.shape)}: it takes [N, 2, H, W]")
    y, x = np.indices(data.shape[2:], dtype=data.dtype)
    return (data + np.stack([x, y])) / _half(data.shape, data.dtype) - 1


def _half(shape: tuple[int, ...], kind: Any) -> Any:
    """Half of the distances from the first pixel to the last one, along x and y.  -> [1, 2, 1, 1]"""
    return np.array([(shape[3] - 1) / 2, (shape[2] - 1) / 2], kind).reshape(1, 2, 1, 1)


def _grid_gradient(g, _out, data_like, transform_type):
    return affine_back(g) if transform_type == "affine" else _over_half(g)


@op(name="_over_half")
def _over_half(g):
    """g over half of the distances from the first pixel to the last one.  [N, 2, H, W] -> [N, 2, H, W]"""
    return g / _half(g.shape, g.dtype)


_over_half.vjp(lambda g, _out, _data: _over_half(g))
GridGenerator.vjp(_grid_gradient)
affine_back.vjp(
    lambda g, _out, g_like: GridGenerator(g, transform_type="affine", target_shape=g_like.shape[2:]),
)


def _in_pixels(grid: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """x and y of a grid's places in pixels, by operators.  [N, 2, H, W] -> [N, P], [N, P]"""
    flat = reshape(grid, shape=(grid.shape[0], 2, -1))
    x, y = (reshape(slice_axis(flat, axis=1, begin=i, end=i + 1), shape=(grid.shape[0], -1)) for i in (0, 1))
    return (x + 1) * ((shape[3] - 1) / 2), (y + 1) * ((shape[2] - 1) / 2)


def _read(data: Any, grid: Any) -> Any:
    x, y = _in_pixels(grid, data.shape)
    return reshape(sample(data, x, y), shape=(*data.shape[:2], *grid.shape[2:]))


def _to_data(g: Any, data: Any, grid: Any) -> Any:
    x, y = _in_pixels(grid, data.shape)
    return spread(reshape(g, shape=(*g.shape[:2], -1)), x, y, size=data.shape[2:])


def _to_grid(g: Any, data: Any, grid: Any) -> Any:
    x, y = _in_pixels(grid, data.shape)
    along = slopes(reshape(g, shape=(*g.shape[:2], -1)), data, x, y)
    scaled = [along[i] * ((data.shape[3 - i] - 1) / 2) for i in (0, 1)]
    return reshape(stack(*scaled, axis=1), shape=grid.shape)


def _image(name: str, data: Any) -> None:
    if data.ndim != 4:
        raise ShapeError(f"{name}: data is {list(data.shape)}: it takes [N, C, H, W]")


@op
def BilinearSampler(data, grid, cudnn_off=None):
    """Images read at the places of a grid, by bilinear interpolation; beyond the edge all is 0.

    cudnn_off has no effect.  data: [N, C, H, W], grid: [N, 2, height, width] of x, y in -1 .. 1 ->
    [N, C, height, width]
    """
    name = "BilinearSampler"
    _floats(name, data=data, grid=grid)
    _image(name, data)
    if grid.ndim != 4 or grid.shape[:2] != (data.shape[0], 2):
        raise ShapeError(
            f"{name}: data is {list(data.shape)}, grid {list(grid.shape)}: grid must be [{data.shape[0]}, 2, H, W]"
        )
    return _read(data, grid)


BilinearSampler.vjp(
    lambda g, _out, data, grid: _to_data(g, data, grid), lambda g, _out, data, grid: _to_grid(g, data, grid)
)


@op
def SpatialTransformer(
    data, loc, target_shape=(0, 0), transform_type=REQUIRED, sampler_type=REQUIRED, cudnn_off=None
):
    """Images under affine transformations: GridGenerator, then BilinearSampler.

    cudnn_off has no effect.  data: [N, C, H, W], loc: [N, 6] -> [N, C, *target_shape]
    """
    name = "SpatialTransformer"
    if transform_type != "affine" or sampler_type != "bilinear":
        raise ArgumentError(
            f"{name}: transform_type is {transform_type!r}, sampler_type {sampler_type!r}; known: 'affine', 'bilinear'"
        )
    _floats(name, data=data, loc=loc)
    _image(name, data)
    if len(loc) != len(data):
        raise ShapeError(f"{name}: data is {list(data.shape)}, loc {list(loc.shape)}: loc must be [{len(data)}, 6]")
    return _read(data, _affine_grid(name, loc, _size(name, target_shape)))


def _grid_of(loc: Any, target_shape: Any) -> Any:
    return GridGenerator(loc, transform_type="affine", target_shape=target_shape)


SpatialTransformer.vjp(
    lambda g, _out, data, loc, target_shape: _to_data(g, data, _grid_of(loc, target_shape)),
    lambda g, _out, data, loc, target_shape: affine_back(_to_grid(g, data, _grid_of(loc, target_shape))),
)
