"""Position-sensitive pooling whose bins move (Dai et al. 2017): the mean of samples, read from the bin's own channel.

`read_planes` reads single numbers between the pixels of named planes (one channel of one image), `write_planes` is its
transpose; as in sampling.py, each one's derivatives are the two again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ShapeError
from ...op import REQUIRED, op
from ..arithmetic import broadcast_add, broadcast_mul, elemwise_mul
from ..matrices import real
from ..nn.saved import Kept, beside
from ..selection import take, take_gradient
from ..shape import reshape, whole
from ..unary import clip
from .regions import check_regions, rounded, share
from .sampling import add_rows


def _corners(x: Any, y: Any, size: tuple[int, int], dx: int, dy: int) -> Any:
    """(flat pixel of its plane, weight) of the four pixels around each place, which lies within the plane.

    At a pixel's very centre there is no slope, as in MXNet.
    """
    columns, rows = (_along(place, n, slope) for place, n, slope in ((x, size[1], dx), (y, size[0], dy)))
    return [(row * size[1] + column, high * wide) for row, high in rows for column, wide in columns]


def _along(place: Any, length: int, slope: int) -> Any:
    low = np.clip(np.floor(place), 0, length - 1).astype(np.int64)
    share = (place - low).astype(place.dtype)
    after = np.minimum(low + 1, length - 1)
    steep = (share > 0).astype(place.dtype)
    return ((low, -steep), (after, steep)) if slope else ((low, 1 - share), (after, share))


@op(name="_read_planes")
def read_planes(data, x, y, planes=REQUIRED, dx=0, dy=0):
    """Numbers at places of planes.  [N, C, H, W], [M], [M] -> [M]"""
    size = data.shape[2:]
    flat, first = data.reshape(-1), planes.array * (size[0] * size[1])
    return sum(flat[first + pixel] * weight for pixel, weight in _corners(x, y, size, dx, dy))


@op(name="_write_planes")
def write_planes(g, x, y, planes=REQUIRED, shape=REQUIRED, dx=0, dy=0):
    """Images whose pixels are the sums of what places around them weigh.  [M], [M], [M] -> `shape`"""
    size = tuple(shape[2:])
    total = np.zeros((int(np.prod(shape)), 1), g.dtype)
    first = planes.array * (size[0] * size[1])
    for pixel, weight in _corners(x, y, size, dx, dy):
        add_rows(total, first + pixel, (g * weight)[:, None])
    return total.reshape(shape)


def _slope(g: Any, data: Any, x: Any, y: Any, planes: Any, dx: int, dy: int) -> Any:
    if dx > 1 or dy > 1:
        return g * 0
    return g * read_planes(data, x, y, planes=planes, dx=dx, dy=dy)


read_planes.vjp(
    lambda g, _out, data_like, x, y, planes, dx, dy: write_planes(
        g, x, y, planes=planes, shape=data_like.shape, dx=dx, dy=dy
    ),
    lambda g, _out, data, x, y, planes, dx, dy: _slope(g, data, x, y, planes, dx + 1, dy),
    lambda g, _out, data, x, y, planes, dx, dy: _slope(g, data, x, y, planes, dx, dy + 1),
)
write_planes.vjp(
    lambda g, _out, _g, x, y, planes, dx, dy: read_planes(g, x, y, planes=planes, dx=dx, dy=dy),
    lambda g, _out, head, x, y, planes, dx, dy: _slope(head, g, x, y, planes, dx + 1, dy),
    lambda g, _out, head, x, y, planes, dx, dy: _slope(head, g, x, y, planes, dx, dy + 1),
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Of each bin of each output of each region, M in all, with S samples along each axis."""

    shape: tuple[int, ...]  # of the result
    image: tuple[int, int]
    planes: Any  # [M * S * S]
    there: Any  # [M], 0 where the region is of no image
    across: Any  # [M, S * S]: where samples are before bins move
    down: Any
    moves: tuple[Any, Any]  # [M]: the flat places in trans of the moves to the right and down
    reach: tuple[Any, Any]  # [M, 1]: how far a move of 1 is

    def places(self, trans: Any) -> tuple[Any, Any]:
        """x and y of all samples, by operators.  -> [M, S * S] twice"""
        flat = reshape(trans, shape=(-1,))
        return tuple(  # type: ignore[return-value]
            broadcast_add(beside(flat, start), broadcast_mul(
                reshape(take(flat, beside(flat, move)), shape=(-1, 1)), beside(flat, reach)))
            for start, move, reach in zip((self.across, self.down), self.moves, self.reach, strict=True)
        )  # fmt: skip

    def weights(self, x: Any, y: Any) -> Any:
        """One over how many samples of its bin lie within the image; 0 beyond it.  [M, S * S]"""
        within = (x >= -0.5) & (x <= self.image[1] - 0.5) & (y >= -0.5) & (y <= self.image[0] - 0.5)
        return within * self.there[:, None] / np.maximum(within.sum(axis=1, keepdims=True), 1)


def _plan(
    rois, shape, trans, spatial_scale, output_dim, group_size, pooled_size, part_size, sample_per_part, trans_std
):
    name, kind = "DeformablePSROIPooling", rois.dtype.type
    outputs, group, bins, samples = (
        whole(name, key, value) for key, value in (
            ("output_dim", output_dim), ("group_size", group_size), ("pooled_size", pooled_size),
            ("sample_per_part", sample_per_part))
    )  # fmt: skip
    parts = whole(name, "part_size", part_size) or bins
    if min(outputs, group, bins, samples, parts) < 1 or outputs * group * group > shape[1]:
        raise ShapeError(
            f"{name}: output_dim {outputs} and group_size {group} need {outputs * group * group} channels, data "
            f"{list(shape)} has {shape[1]}; pooled_size is {bins}, sample_per_part {samples}"
        )
    count = len(rois)
    if len(trans) != 4 or trans[1] % 2 or trans[0] < count or trans[2:] != (parts, parts) or outputs % (trans[1] // 2):
        raise ShapeError(f"{name}: trans is {list(trans)}: it must be [{count}, 2 * classes, {parts}, {parts}], where "
                         f"classes divide output_dim {outputs}")  # fmt: skip
    scale, half = kind(share(name, spatial_scale)), kind(0.5)
    left, top = rounded(rois[:, 1]) * scale - half, rounded(rois[:, 2]) * scale - half
    right, bottom = (rounded(rois[:, 3]) + 1) * scale - half, (rounded(rois[:, 4]) + 1) * scale - half
    wide, high = np.maximum(right - left, kind(0.1)), np.maximum(bottom - top, kind(0.1))
    roi, output, row, column = (a.ravel() for a in np.indices((count, outputs, bins, bins)))
    steps = np.arange(samples, dtype=rois.dtype) / kind(bins * samples)
    own = (output * group + np.clip(row * group // bins, 0, group - 1)) * group + np.clip(
        column * group // bins, 0, group - 1
    )
    planes = np.maximum(rois[roi, 0], 0).astype(np.int64) * shape[1] + own
    across = left[roi, None] + wide[roi, None] * (column[:, None] / kind(bins) + np.tile(steps, samples))
    down = top[roi, None] + high[roi, None] * (row[:, None] / kind(bins) + np.repeat(steps, samples))
    kept = output // (outputs // (trans[1] // 2)) * 2
    part = row * parts // bins * parts + column * parts // bins
    moves = tuple((roi * trans[1] + kept + i) * (parts * parts) + part for i in (0, 1))
    std = kind(real(name, "trans_std", trans_std))
    return _Plan(
        (count, outputs, bins, bins), tuple(shape[2:]), Kept(np.repeat(planes, samples * samples)), rois[roi, 0] >= 0,
        across.astype(rois.dtype), down.astype(rois.dtype), moves,
        ((wide[roi] * std)[:, None], (high[roi] * std)[:, None]),
    )  # fmt: skip


def _still(trans: Any, rois: Any, pooled_size: Any, part_size: Any, no_trans: Any) -> Any:
    """trans, or zeros where bins do not move."""
    if not no_trans and trans is not None:
        return trans
    parts = int(part_size) or int(pooled_size)
    return np.zeros((len(rois), 2, parts, parts), rois.dtype)


@op(name="_contrib_DeformablePSROIPooling", arrays=("trans",), saves=True)
def DeformablePSROIPooling(
    data, rois, trans=None, spatial_scale=REQUIRED, output_dim=REQUIRED, group_size=REQUIRED, pooled_size=REQUIRED,
    part_size=0, sample_per_part=1, trans_std=0.0, no_trans=False,
):  # fmt: skip
    """PSROIPooling of bins that move by trans, as shares of the region times trans_std; a bin is the mean of samples.

    A bin has sample_per_part samples along each axis; those beyond the image do not count.  trans has a move (right,
    down) for each of part_size x part_size parts of a region (0: pooled_size), for each of some classes, which the
    outputs are dealt to; no_trans: bins do not move, and there need be none.

    data: [N, output_dim * group_size**2, H, W], rois: [R, 5] of image, left, top, right, bottom,
    trans: [R, 2 * classes, part_size, part_size] -> [R, output_dim, pooled_size, pooled_size]
    """
    check_regions("DeformablePSROIPooling", data, rois)
    moves = _still(trans, rois, pooled_size, part_size, no_trans)
    plan = _plan(rois, data.shape, moves.shape, spatial_scale, output_dim, group_size, pooled_size, part_size,
                 sample_per_part, trans_std)  # fmt: skip
    x, y = plan.places(moves)
    weights = plan.weights(x, y).astype(data.dtype)
    within = _within(plan, x, y)
    values = read_planes(data, *within, planes=plan.planes)
    return (values.reshape(weights.shape) * weights).sum(axis=1).reshape(plan.shape), (plan, weights, within)


def _within(plan: _Plan, x: Any, y: Any) -> tuple[Any, Any]:
    """Places drawn to the outermost pixels' centres, by operators.  [M, S * S] -> [M * S * S] twice"""
    return tuple(  # type: ignore[return-value]
        reshape(clip(place, a_min=0, a_max=length - 1), shape=(-1,))
        for place, length in ((x, plan.image[1]), (y, plan.image[0]))
    )


def _gradients(g, _out, data, _rois, trans, no_trans, saved):
    plan, weights, within = saved
    if no_trans:
        trans = None
    x, y = (beside(g, place) for place in within) if trans is None else _within(plan, *plan.places(trans))
    heads = reshape(broadcast_mul(reshape(g, shape=(-1, 1)), beside(g, weights)), shape=(-1,))
    to_data = write_planes(heads, x, y, planes=plan.planes, shape=data.shape)
    if trans is None:
        return to_data, None, None
    total: Any = 0
    for i, slope in enumerate(({"dx": 1}, {"dy": 1})):
        along = elemwise_mul(heads, read_planes(data, x, y, planes=plan.planes, **slope))
        each = broadcast_mul(reshape(along, shape=weights.shape).sum(axis=1, keepdims=True), beside(g, plan.reach[i]))
        total = total + take_gradient(reshape(each, shape=(-1,)), beside(g, plan.moves[i]), shape=(trans.size,))
    return to_data, None, reshape(total, shape=trans.shape)


DeformablePSROIPooling.vjp(all=_gradients)
