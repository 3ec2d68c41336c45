"""Boxes: their two forms, how far they overlap, and offsets from anchors.

A box is four numbers: 'corner' (left, top, right, bottom) or 'center' (x, y, width, height).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, ShapeError
from ...op import op
from ..matrices import real

FORMS = ("corner", "center")


def form(name: str, key: str, value: Any) -> str:
    """One of the two forms of a box."""
    if value not in FORMS:
        raise ArgumentError(f"{name}: {key} is {value!r}; known: 'corner', 'center'")
    return value


def boxes(name: str, key: str, x: Any, axes: int | None = None) -> None:
    """Refuse what is no floating-point [..., 4], or has other than so many axes."""
    if x.dtype.kind != "f":
        raise DtypeError(f"{name}: {key} is {x.dtype}: it takes floating point; use astype")
    if x.ndim < 2 or x.shape[-1] != 4 or axes not in (None, x.ndim):
        raise ShapeError(f"{name}: {key} is {list(x.shape)}: it takes boxes, {'[B, N, 4]' if axes else '[..., N, 4]'}")


def corners(box: Any, kind: str) -> tuple[Any, Any, Any, Any]:
    """left, top, right, bottom of boxes of either form.  [..., 4] -> four [...]"""
    a, b, c, d = (box[..., i] for i in range(4))
    return (a, b, c, d) if kind == "corner" else (a - c / 2, b - d / 2, a + c / 2, b + d / 2)


def centres(box: Any, kind: str) -> tuple[Any, Any, Any, Any]:
    """x, y, width, height of boxes of either form.  [..., 4] -> four [...]"""
    a, b, c, d = (box[..., i] for i in range(4))
    return (a, b, c, d) if kind == "center" else ((a + c) / 2, (b + d) / 2, c - a, d - b)


def area(box: Any, kind: str) -> Any:
    """The boxes' areas; 0 where a side is negative.  [..., 4] -> [...]"""
    _, _, width, height = centres(box, kind)
    return np.where((width < 0) | (height < 0), 0, width * height).astype(box.dtype)


def overlap(a: Any, b: Any, kind: str) -> Any:
    """Intersection over union of boxes that broadcast; 0 where the union is none.  [..., 4], [..., 4] -> [...]"""
    left, top, right, bottom = corners(a, kind)
    left_b, top_b, right_b, bottom_b = corners(b, kind)
    width = np.maximum(np.minimum(right, right_b) - np.maximum(left, left_b), 0)
    height = np.maximum(np.minimum(bottom, bottom_b) - np.maximum(top, top_b), 0)
    both = width * height
    union = area(a, kind) + area(b, kind) - both
    return np.where(union > 0, both / np.where(union > 0, union, 1), 0).astype(a.dtype)


@op(name="_contrib_box_iou")
def box_iou(lhs, rhs, format="corner"):
    """The overlap (intersection over union) of each box with each other one; without gradient.

    lhs: [..., 4], rhs: [..., 4] -> [*lhs's axes but the last, *rhs's axes but the last]
    """
    form("box_iou", "format", format)
    boxes("box_iou", "lhs", lhs)
    boxes("box_iou", "rhs", rhs)
    spread = lhs.reshape(*lhs.shape[:-1], *(1,) * (rhs.ndim - 1), 4)
    return overlap(spread, rhs, format)


box_iou.vjp(None, None)


@op(name="_contrib_box_encode")
def box_encode(samples, matches, anchors, refs, means, stds):
    """What a network should say of each anchor for its match: offsets of the centre over the anchor's size, logarithms
    of the sizes' ratios, less `means`, over `stds`; and a mask that is 1 where a sample counts (> 0.5).

    samples: [B, N] (1, 0, -1), matches: [B, N] numbers of refs, anchors: [B, N, 4], refs: [B, M, 4] (corners),
    means, stds: [4] -> [B, N, 4], [B, N, 4]
    """
    name = "box_encode"
    boxes(name, "anchors", anchors, 3)
    boxes(name, "refs", refs, 3)
    if not samples.shape == matches.shape == anchors.shape[:2] or refs.shape[0] != anchors.shape[0]:
        raise ShapeError(
            f"{name}: samples is {list(samples.shape)}, matches {list(matches.shape)}, anchors {list(anchors.shape)}, "
            f"refs {list(refs.shape)}: they must be [B, N], [B, N], [B, N, 4], [B, M, 4]"
        )
    if means.shape != (4,) or stds.shape != (4,):
        raise ShapeError(f"{name}: means is {list(means.shape)}, stds {list(stds.shape)}: both must be [4]")
    chosen = np.take_along_axis(refs, matches.astype(np.int64)[..., None], 1)
    x, y, width, height = centres(chosen, "corner")
    x_a, y_a, width_a, height_a = centres(anchors, "corner")
    offsets = ((x - x_a) / width_a, (y - y_a) / height_a, np.log(width / width_a), np.log(height / height_a))
    counts = (samples > 0.5)[..., None]
    targets = (np.stack(offsets, -1) - means) / stds
    return np.where(counts, targets, 0).astype(anchors.dtype), np.broadcast_to(counts, targets.shape).astype(
        anchors.dtype
    )


box_encode.vjp(*(None,) * 6)


@op(name="_contrib_box_decode")
def box_decode(data, anchors, std0=1.0, std1=1.0, std2=1.0, std3=1.0, clip=-1.0, format="center"):
    """The boxes (corners) that predicted offsets from anchors stand for; without gradient.

    std0 .. std3 multiply the offsets; clip > 0 bounds the logarithms of the sizes' ratios from above.
    data: [B, N, 4], anchors: [1, N, 4] in `format` -> [B, N, 4]
    """
    name = "box_decode"
    form(name, "format", format)
    boxes(name, "data", data, 3)
    boxes(name, "anchors", anchors, 3)
    if anchors.shape[0] != 1 or anchors.shape[1] != data.shape[1]:
        raise ShapeError(
            f"{name}: data is {list(data.shape)}, anchors {list(anchors.shape)}: they must be [B, N, 4], [1, N, 4]"
        )
    stds = [real(name, f"std{i}", std) for i, std in enumerate((std0, std1, std2, std3))]
    bound = real(name, "clip", clip)
    dx, dy, dw, dh = (data[..., i] * data.dtype.type(std) for i, std in enumerate(stds))
    if bound > 0:
        dw, dh = np.minimum(dw, bound), np.minimum(dh, bound)
    x, y, width, height = centres(anchors, format)
    x, y = dx * width + x, dy * height + y
    half_width, half_height = np.exp(dw) * width / 2, np.exp(dh) * height / 2
    found = np.stack([x - half_width, y - half_height, x + half_width, y + half_height], -1)
    return found.astype(data.dtype)


box_decode.vjp(None, None)
