"""The three steps of a single-shot detector (Liu et al. 2016): anchors, their targets in training, what was found.

Anchors are boxes by their corners, in shares of the image.  A label is [class, left, top, right, bottom, ...], one a
row; an image's labels end at the first class of -1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, InvalidSetting, ShapeError
from ...op import op
from ..matrices import real
from ..shape import whole
from .boxes import centres, overlap
from .suppression import survivors


def _numbers(name: str, key: str, values: Any, count: int | None = None) -> list[float]:
    numbers = [real(name, key, v) for v in (values if isinstance(values, (list, tuple)) else (values,))]
    if not numbers or count not in (None, len(numbers)):
        raise ArgumentError(f"{name}: {key} is {values!r}: it takes {count or 'one or more'} numbers")
    return numbers


@op(name="_contrib_MultiBoxPrior")
def MultiBoxPrior(data, sizes=(1.0,), ratios=(1.0,), clip=False, steps=(-1.0, -1.0), offsets=(0.5, 0.5)):
    """Anchors around the centre of each pixel: all sizes in the first aspect ratio, then the first size in the others.

    sizes are shares of the image's height; steps: the distance of pixels along y and x, 1 / H and 1 / W by default;
    offsets: where in a pixel its centre is, along y and x; clip: anchors end at the image's edge.
    data: [N, C, H, W], of which only H and W matter -> [1, H * W * (sizes + ratios - 1), 4]
    """
    name = "MultiBoxPrior"
    if data.ndim < 4:
        raise ShapeError(f"{name}: data is {list(data.shape)}: it takes [N, C, H, W]")
    height, width = data.shape[2:4]
    kind = data.dtype if data.dtype.kind == "f" else np.dtype(np.float32)  # ties of overlaps hang on the last digits
    size = np.array(_numbers(name, "sizes", sizes), kind)
    ratio = np.sqrt(np.array(_numbers(name, "ratios", ratios), kind))
    steps, offsets = np.array(_numbers(name, "steps", steps, 2), kind), _numbers(name, "offsets", offsets, 2)
    step_y, step_x = steps if (steps > 0).all() else np.array([1 / height, 1 / width], kind)
    wide = np.concatenate([size * ratio[0], size[0] * ratio[1:]]) * height / width / 2
    high = np.concatenate([size / ratio[0], size[0] / ratio[1:]]) / 2
    y = ((np.arange(height) + offsets[0]).astype(kind) * step_y)[:, None, None]
    x = ((np.arange(width) + offsets[1]).astype(kind) * step_x)[None, :, None]
    sides = np.broadcast_arrays(x - wide, y - high, x + wide, y + high)
    anchors = np.stack(sides, -1).reshape(1, -1, 4)
    return (np.clip(anchors, 0, 1) if clip else anchors).astype(data.dtype)


MultiBoxPrior.vjp(None)


def _check(name: str, anchor: Any, **arrays: Any) -> None:
    for key, x in {"anchor": anchor, **arrays}.items():
        if x.dtype.kind != "f" or x.dtype != anchor.dtype:
            raise DtypeError(f"{name}: {key} is {x.dtype}, anchor {anchor.dtype}: all take one floating-point dtype")
    if anchor.ndim != 3 or anchor.shape[0] != 1 or anchor.shape[2] != 4:
        raise ShapeError(f"{name}: anchor is {list(anchor.shape)}: it takes [1, A, 4]")


@op(name="_contrib_MultiBoxTarget")
def MultiBoxTarget(
    anchor, label, cls_pred, overlap_threshold=0.5, ignore_label=-1.0, negative_mining_ratio=-1.0,
    negative_mining_thresh=0.5, minimum_negative_samples=0, variances=(0.1, 0.1, 0.2, 0.2),
):  # fmt: skip
    """What a detector should say of each anchor: offsets to its object, a mask of them, and its class.

    Each object gets the anchor that overlaps it most; every other anchor gets the object it overlaps most, if by more
    than overlap_threshold.  Classes are 0 for background, c + 1 for an object of class c.  With negative_mining_ratio
    > 0 only so many background anchors for each one with an object count: those of an overlap below
    negative_mining_thresh which cls_pred holds least for background; all others are ignore_label, as are all anchors
    of an image without objects.  minimum_negative_samples has no effect, as in MXNet.

    anchor: [1, A, 4], label: [B, M, 5 or more], cls_pred: [B, classes + 1, A] -> [B, A * 4], [B, A * 4], [B, A]
    """
    name = "MultiBoxTarget"
    _check(name, anchor, label=label, cls_pred=cls_pred)
    if label.ndim != 3 or label.shape[2] < 5:
        raise ShapeError(f"{name}: label is {list(label.shape)}: it takes [B, objects, 5 or more]")
    if cls_pred.ndim != 3 or cls_pred.shape[0] != label.shape[0] or cls_pred.shape[2] != anchor.shape[1]:
        raise ShapeError(
            f"{name}: anchor is {list(anchor.shape)}, label {list(label.shape)}, cls_pred {list(cls_pred.shape)}: "
            f"cls_pred must be [{label.shape[0]}, classes + 1, {anchor.shape[1]}]"
        )
    threshold, ratio, low = (
        real(name, key, value)
        for key, value in (("overlap_threshold", overlap_threshold), ("negative_mining_ratio", negative_mining_ratio),
                           ("negative_mining_thresh", negative_mining_thresh))
    )  # fmt: skip
    whole(name, "minimum_negative_samples", minimum_negative_samples)
    spread = np.array(_numbers(name, "variances", variances, 4), anchor.dtype)
    anchors, batch = anchor[0], label.shape[0]
    offsets = np.zeros((batch, len(anchors), 4), anchor.dtype)
    mask = np.zeros_like(offsets)
    classes = np.full((batch, len(anchors)), real(name, "ignore_label", ignore_label), anchor.dtype)
    for b, objects in enumerate(label):
        ends = np.flatnonzero(objects[:, 0] == -1)
        objects = objects[: ends[0]] if len(ends) else objects
        if not len(objects):
            continue
        shares = overlap(anchors[:, None], objects[None, :, 1:5], "corner")
        match, own = _matches(shares, threshold)
        if ratio > 0:
            background = _hard(cls_pred[b], own, shares.max(axis=1) < low, ratio)
        else:
            background = ~own
        classes[b, background] = 0
        chosen = objects[match[own]]
        classes[b, own] = chosen[:, 0] + 1
        mask[b, own] = 1
        offsets[b, own] = _offsets(anchors[own], chosen[:, 1:5]) / spread
    return offsets.reshape(batch, -1), mask.reshape(batch, -1), classes


MultiBoxTarget.vjp(None, None, None)


def _matches(shares: Any, threshold: float) -> tuple[Any, Any]:
    """The object of each anchor, and whether it has one.  shares: [A, M] -> [A], bool [A]"""
    match, own = np.full(len(shares), -1), np.zeros(len(shares), bool)
    rest = shares.copy()
    for _ in range(min(shares.shape)):
        anchor, thing = divmod(int(rest.argmax()), rest.shape[1])
        if rest[anchor, thing] <= 1e-6:
            break
        match[anchor], own[anchor] = thing, True
        rest[anchor], rest[:, thing] = -1, -1
    if threshold > 0:
        best = shares.argmax(axis=1)
        more = ~own & (shares.max(axis=1) > threshold)
        match[more] = best[more]
        own |= more
    return match, own


def _hard(scores: Any, own: Any, far: Any, ratio: float) -> Any:
    """The background anchors that the scores hold least for background.  scores: [classes + 1, A] -> bool [A]"""
    wanted = min(int(own.sum() * ratio), int((~own).sum()))
    free = np.flatnonzero(~own & far)
    if len(free) < wanted:
        raise InvalidSetting(
            f"MultiBoxTarget: negative_mining_ratio {ratio} asks for {wanted} background anchors, only {len(free)} "
            f"overlap by less than negative_mining_thresh; raise that, or lower the ratio"
        )
    powers = np.exp(scores[:, free] - scores[:, free].max(axis=0))
    order = np.argsort(powers[0] / powers.sum(axis=0), kind="stable")
    background = np.zeros(len(own), bool)
    background[free[order[:wanted]]] = True
    return background


def _offsets(anchors: Any, boxes: Any) -> Any:
    """Of the centres over the anchors' sizes, and the logarithms of the sizes' ratios.  [K, 4], [K, 4] -> [K, 4]"""
    x, y, width, height = centres(boxes, "corner")
    x_a, y_a, width_a, height_a = centres(anchors, "corner")
    return np.stack([(x - x_a) / width_a, (y - y_a) / height_a, np.log(width / width_a), np.log(height / height_a)], -1)


@op(name="_contrib_MultiBoxDetection")
def MultiBoxDetection(
    cls_prob, loc_pred, anchor, clip=True, threshold=0.01, background_id=0, nms_threshold=0.5, force_suppress=False,
    variances=(0.1, 0.1, 0.2, 0.2), nms_topk=-1,
):  # fmt: skip
    """What was found: rows of [class, score, left, top, right, bottom] by falling score; class -1: nothing.

    An anchor finds its likeliest class, background aside, if that has `threshold` at least.  Of rows of one class (of
    any, with force_suppress) that overlap by more than nms_threshold only the best keeps its class.  nms_topk > 0: only
    so many best rows take part and keep their classes, and the rows behind them are in no order; nms_threshold outside
    of 0 .. 1: all keep theirs, in no order.  clip: boxes end at the image's edge.

    cls_prob: [B, classes + 1, A], loc_pred: [B, A * 4], anchor: [1, A, 4] -> [B, A, 6]
    """
    name = "MultiBoxDetection"
    _check(name, anchor, cls_prob=cls_prob, loc_pred=loc_pred)
    b, n, a = cls_prob.shape if cls_prob.ndim == 3 else (0, 0, 0)
    if n < 2 or loc_pred.shape != (b, a * 4) or anchor.shape[1] != a:
        raise ShapeError(
            f"{name}: cls_prob is {list(cls_prob.shape)}, loc_pred {list(loc_pred.shape)}, anchor "
            f"{list(anchor.shape)}: they must be [B, classes + 1, A], [B, A * 4], [1, A, 4]"
        )
    if whole(name, "background_id", background_id) != 0:
        raise ArgumentError(f"{name}: background_id is {background_id}: the background is class 0")
    spread = np.array(_numbers(name, "variances", variances, 4), anchor.dtype)
    likeliest = cls_prob[:, 1:].argmax(axis=1)
    scores = np.take_along_axis(cls_prob, likeliest[:, None] + 1, 1)[:, 0]
    found = np.concatenate(
        [likeliest[..., None].astype(anchor.dtype), scores[..., None], _located(loc_pred, anchor, spread, clip)], -1
    )
    valid = scores >= real(name, "threshold", threshold)
    front = np.argsort(~valid, axis=1, kind="stable")
    found, valid = np.take_along_axis(found, front[..., None], 1), np.take_along_axis(valid, front, 1)
    share, most = real(name, "nms_threshold", nms_threshold), whole(name, "nms_topk", nms_topk)
    if 0 < share <= 1:
        part = valid & (np.arange(a) < (most if most > 0 else a))
        order = np.argsort(np.where(valid, -found[..., 1], np.inf), axis=1, kind="stable")
        found = np.where(part[..., None], np.take_along_axis(found, order[..., None], 1), found)
        part = survivors(found[..., 2:], None if force_suppress else found[..., 0], part, share, "corner")
        found[..., 0] = np.where(part, found[..., 0], -1)
    return np.where(valid[..., None], found, anchor.dtype.type(-1))


MultiBoxDetection.vjp(None, None, None)


def _located(loc_pred: Any, anchor: Any, spread: Any, clip: Any) -> Any:
    """The boxes that offsets from anchors stand for.  [B, A * 4], [1, A, 4] -> [B, A, 4]"""
    dx, dy, dw, dh = np.moveaxis(loc_pred.reshape(len(loc_pred), -1, 4) * spread, -1, 0)
    x, y, width, height = centres(anchor, "corner")
    x, y, wide, high = dx * width + x, dy * height + y, np.exp(dw) * width / 2, np.exp(dh) * height / 2
    located = np.stack([x - wide, y - high, x + wide, y + high], -1)
    return np.clip(located, 0, 1) if clip else located
