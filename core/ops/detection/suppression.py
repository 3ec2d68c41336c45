"""Non-maximum suppression: of boxes that overlap much, the one with the highest score stays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, ShapeError
from ...op import REQUIRED, op
from ..matrices import real
from ..nn.saved import Kept
from ..shape import whole
from .boxes import centres, corners, form, overlap


def survivors(boxes: Any, classes: Any, valid: Any, most: float, kind: str) -> Any:
    """Which of the boxes, best first, overlap by `most` at most with every better survivor of their class.

    One step a box, for all samples and all worse boxes at once.  boxes: [B, N, 4], classes: [B, N] or None (all are
    rivals), valid: [B, N] -> bool [B, N]
    """
    alive = valid.copy()
    for i in range(boxes.shape[1] - 1):
        judge = alive[:, i]
        if not judge.any():
            continue
        beaten = overlap(boxes[:, i : i + 1], boxes[:, i + 1 :], kind) > most
        if classes is not None:
            beaten &= classes[:, i : i + 1] == classes[:, i + 1 :]
        alive[:, i + 1 :] &= ~(beaten & judge[:, None])
    return alive


def _settings(name: str, width: int, coord_start: Any, score_index: Any, id_index: Any) -> tuple[int, int, int]:
    start, score, ident = (
        whole(name, key, value)
        for key, value in (("coord_start", coord_start), ("score_index", score_index), ("id_index", id_index))
    )
    if not 0 <= start <= width - 4:
        raise ArgumentError(f"{name}: coord_start is {start}: the 4 numbers of a box must lie within data's {width}")
    if not 0 <= score < width or start <= score < start + 4:
        raise ArgumentError(f"{name}: score_index is {score}: it must be within data's {width} and outside of the box")
    if ident >= width or start <= ident < start + 4 or ident == score:
        raise ArgumentError(f"{name}: id_index is {ident}: it must be a place of its own among data's {width}, or -1")
    return start, score, ident


@op(name="_contrib_box_nms", aliases=("_contrib_box_non_maximum_suppression",), saves=True)
def box_nms(
    data, overlap_thresh=0.5, valid_thresh=0.0, topk=-1, coord_start=2, score_index=1, id_index=-1, background_id=-1,
    force_suppress=False, in_format="corner", out_format="corner",
):  # fmt: skip
    """Boxes by falling score without those that overlap a better one of their class by more than overlap_thresh; the
    rest of the rows are -1.

    A row has a score at score_index (it counts if above valid_thresh), a box at coord_start in in_format, and a class
    at id_index, where that is 0 or more: boxes of background_id do not count.  topk > 0: only so many best boxes take
    part; topk 0: data as it is.  force_suppress: boxes of other classes are rivals, too.

    [..., N, width], width 5 or more -> [..., N, width]
    """
    name = "box_nms"
    if data.dtype.kind != "f":
        raise DtypeError(f"{name}: data is {data.dtype}: it takes floating point; use astype")
    if data.ndim < 2 or data.shape[-1] < 5:
        raise ShapeError(f"{name}: data is {list(data.shape)}: it takes [..., N, 5 or more]: a score and a box a row")
    start, score, ident = _settings(name, data.shape[-1], coord_start, score_index, id_index)
    kinds = form(name, "in_format", in_format), form(name, "out_format", out_format)
    rows = data.reshape(-1, *data.shape[-2:])
    limit = whole(name, "topk", topk)
    if limit == 0:
        return data, np.broadcast_to(np.arange(rows.shape[1]), rows.shape[:2])
    order = np.argsort(-rows[..., score], axis=1, kind="stable")
    rows = np.take_along_axis(rows, order[..., None], 1)
    valid = rows[..., score] > real(name, "valid_thresh", valid_thresh)
    if ident >= 0:
        valid &= rows[..., ident] != whole(name, "background_id", background_id)
    # the valid ones first, in their order
    first = np.argsort(~valid, axis=1, kind="stable")
    rows, valid, order = (
        np.take_along_axis(rows, first[..., None], 1), np.take_along_axis(valid, first, 1),
        np.take_along_axis(order, first, 1),
    )  # fmt: skip
    n = min(limit, rows.shape[1]) if limit > 0 else rows.shape[1]
    n = min(n, int(valid.sum(axis=1).max(initial=0)))
    classes = None if force_suppress or ident < 0 else rows[:, :n, ident]
    alive = np.zeros_like(valid)
    boxes = rows[:, :n, start : start + 4]
    alive[:, :n] = survivors(boxes, classes, valid[:, :n], real(name, "overlap_thresh", overlap_thresh), kinds[0])
    front = np.argsort(~alive, axis=1, kind="stable")
    kept = np.take_along_axis(alive, front, 1)
    origin = np.where(kept, np.take_along_axis(order, front, 1), -1)
    out = np.where(kept[..., None], np.take_along_axis(rows, front[..., None], 1), data.dtype.type(-1))
    if kinds[0] != kinds[1]:
        convert = corners if kinds[1] == "corner" else centres
        turned = np.stack(convert(out[..., start : start + 4], kinds[0]), -1)
        out[..., start : start + 4] = np.where(kept[..., None], turned, -1)
    return out.reshape(data.shape), origin


@op(name="_rows_back")
def rows_back(g, origin=REQUIRED):
    """Each row where it came from, zeros elsewhere.  [..., N, width] -> [..., N, width]"""
    places = origin.array
    total = np.zeros((places.shape[0], places.shape[1] + 1, g.shape[-1]), g.dtype)
    rows = g.reshape(-1, *g.shape[-2:])
    np.put_along_axis(total, np.where(places < 0, places.shape[1], places)[..., None], rows, 1)
    return total[:, :-1].reshape(g.shape)


@op(name="_rows_of")
def rows_of(g, origin=REQUIRED):
    """The rows at the places that `origin` names, zeros where it names none.  [..., N, width] -> [..., N, width]"""
    places = origin.array[..., None]
    rows = np.take_along_axis(g.reshape(-1, *g.shape[-2:]), np.maximum(places, 0), 1)
    return np.where(places < 0, 0, rows).astype(g.dtype).reshape(g.shape)


rows_back.vjp(lambda g, _out, _data, origin: rows_of(g, origin=origin))
rows_of.vjp(lambda g, _out, _data, origin: rows_back(g, origin=origin))
box_nms.vjp(lambda g, _out, _data, saved: rows_back(g, origin=Kept(saved)))
