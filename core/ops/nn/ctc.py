"""CTCLoss: how unlikely a labelling is when blanks and repeats may come between its labels.

Graves et al. 2006, "Connectionist Temporal Classification".  Forward and backward sums are taken with logarithms in
float64, over all samples at once; the slope is made with the loss, since both need the same sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, NoGradient, OutOfBounds, ShapeError
from ...op import REQUIRED, op
from ..reduce import sum_
from ..shape import reshape
from .saved import Kept, beside

NEVER = -np.inf


def _labels(label: Any, lengths: Any, classes: int, blank: int, padding: int) -> tuple[Any, Any]:
    """Labels as integers [N, L] with 0 behind their ends, and how many each sample has."""
    whole = label.astype(np.int64)
    if lengths is None:
        ends = whole == padding
        counts = np.where(ends.any(1), ends.argmax(1), whole.shape[1])
    else:
        counts = lengths.astype(np.int64)
        if counts.shape != (len(whole),) or (counts < 0).any() or (counts > whole.shape[1]).any():
            raise OutOfBounds(f"CTCLoss: label_lengths {counts.tolist()} must be one of 0 .. {whole.shape[1]} a sample")
    used = np.arange(whole.shape[1]) < counts[:, None]
    if (used & ((whole < 0) | (whole >= classes) | (whole == blank))).any():
        raise OutOfBounds(
            f"CTCLoss: a label is the blank ({blank}) or outside of 0 .. {classes - 1}; the labels are {whole.tolist()}"
        )
    return np.where(used, whole, 0), counts


def _sum_of(*parts: Any) -> Any:
    """log(sum(exp(parts)))."""
    top = np.maximum.reduce(parts)
    shift = np.where(np.isinf(top), 0.0, top)
    return np.log(sum(np.exp(p - shift) for p in parts)) + shift


def _moved(x: Any, by: int) -> Any:
    """x moved along its last axis, NEVER coming in."""
    out = np.full_like(x, NEVER)
    if by > 0:
        out[..., by:] = x[..., :-by]
    else:
        out[..., :by] = x[..., -by:]
    return out


def _paths(emission: Any, skip: Any, begin: Any, alive: Any) -> Any:
    """Forward sums [T, N, S]: of all ways into each place, its own emission included."""
    sums = np.full_like(emission, NEVER)
    now = begin
    for t in range(len(emission)):
        if t:
            came = _sum_of(now, _moved(now, 1), np.where(skip, _moved(now, 2), NEVER))
            now = np.where(alive[t], came + emission[t], now)
        else:
            now = now + emission[0]
        sums[t] = now
    return sums


def _loss_and_slope(data: Any, labels: Any, counts: Any, steps: Any, blank: int) -> tuple[Any, Any]:
    t, n, c = data.shape
    scores = data.astype(np.float64)
    scores = scores - scores.max(2, keepdims=True)
    log = scores - np.log(np.exp(scores).sum(2, keepdims=True))
    places = 2 * labels.shape[1] + 1
    marks = np.full((n, places), blank)
    marks[:, 1::2] = labels
    skip = np.zeros((n, places), bool)
    skip[:, 3::2] = labels[:, 1:] != labels[:, :-1]
    emission = log[:, np.arange(n)[:, None], marks]  # [T, N, S]
    last = 2 * counts
    exists = np.arange(places) <= last[:, None]
    emission = np.where(exists, emission, NEVER)
    begin = np.full((n, places), NEVER)
    begin[:, :2] = 0.0
    alive = np.arange(t)[:, None, None] < steps[:, None]
    forward = _paths(emission, skip, begin, alive)
    final = forward[-1]
    row = np.arange(n)
    before = np.where(counts > 0, final[row, np.maximum(last - 1, 0)], NEVER)
    total = _sum_of(final[row, last], before)
    # backward: the ways from each place to the end, its own emission excluded
    ends = (np.arange(places) == last[:, None]) | ((np.arange(places) == last[:, None] - 1) & (counts[:, None] > 0))
    onward = np.where(ends, 0.0, NEVER)
    occupied = np.zeros((t, n, c))
    skip_from = np.zeros_like(skip)
    skip_from[:, :-2] = skip[:, 2:]
    possible = np.isfinite(total)
    base = np.where(possible, total, 0.0)[:, None]
    for i in range(t - 1, -1, -1):
        share = np.where(alive[i] & possible[:, None], np.exp(forward[i] + onward - base), 0.0)
        np.add.at(occupied[i], (row[:, None], marks), share)
        out = onward + emission[i]
        went = _sum_of(out, _moved(out, -1), np.where(skip_from, _moved(out, -2), NEVER))
        onward = np.where(alive[i], went, onward)
    slope = (np.exp(log) - occupied) * (alive & possible[:, None])
    return -total, slope


@op(aliases=("ctc_loss", "_contrib_CTCLoss", "_contrib_ctc_loss"), arrays=("data_lengths", "label_lengths"), saves=True)
def CTCLoss(
    data, label, data_lengths=None, label_lengths=None, use_data_lengths=False, use_label_lengths=False,
    blank_label="first",
):  # fmt: skip
    """-log of the probability of each labelling.  [T, N, C], [N, L], [N], [N] -> [N]

    data: scores of C classes before softmax, of which the blank is the first, or the last with blank_label='last'.
    label: class numbers, ended by 0 (by -1 where the blank is the last) unless use_label_lengths; data_lengths: how
    many of the T steps count, with use_data_lengths.  A labelling that cannot be has the loss inf, and no gradient.
    OutOfBounds: a label that is no class or the blank, a length that does not fit.  Has no second derivative.
    """
    if use_label_lengths and not use_data_lengths and label_lengths is None:
        data_lengths, label_lengths = None, data_lengths  # by position, the third array is then label_lengths
    for key, use, given in (
        ("data_lengths", use_data_lengths, data_lengths), ("label_lengths", use_label_lengths, label_lengths),
    ):  # fmt: skip
        if bool(use) != (given is not None):
            raise ArgumentError(f"CTCLoss: use_{key} is {bool(use)} and {key} is {'not ' if use else ''}given: give "
                                f"both or neither")  # fmt: skip
    if blank_label not in ("first", "last"):
        raise ArgumentError(f"CTCLoss: blank_label is {blank_label!r}; known: first, last")
    if data.ndim != 3 or label.ndim != 2 or label.shape[0] != data.shape[1] or label.shape[1] > data.shape[0]:
        raise ShapeError(
            f"CTCLoss: data is {list(data.shape)}, label is {list(label.shape)}: it takes [T, N, C] and [N, L], L not "
            f"above T"
        )
    steps, n, classes = data.shape
    blank = 0 if blank_label == "first" else classes - 1
    padding = 0 if blank_label == "first" else -1
    labels, counts = _labels(label, label_lengths if use_label_lengths else None, classes, blank, padding)
    reach = np.full(n, steps)
    if data_lengths is not None:
        reach = data_lengths.astype(np.int64)
        if reach.shape != (n,) or (reach < 1).any() or (reach > steps).any():
            raise OutOfBounds(f"CTCLoss: data_lengths {reach.tolist()} must be one of 1 .. {steps} for each sample")
    loss, slope = _loss_and_slope(data, labels, counts, reach, blank)
    return loss.astype(data.dtype), Kept(slope.astype(data.dtype))


def _no_second(*_: Any) -> Any:
    raise NoGradient("CTCLoss has no second derivative; its gradient cannot be differentiated by data again")


@op(name="_ctc_gradient")
def ctc_gradient(g, data, slope=REQUIRED):
    """The slope of the loss by data, times g of each sample.  [N], [T, N, C] -> [T, N, C]"""
    return slope.array * g[:, None]


ctc_gradient.vjp(
    lambda g, _out, _g, _data, slope: sum_(g * beside(g, slope.array), axis=(0, 2)),
    lambda g, _out, _g, _data: _no_second(),
)
CTCLoss.vjp(
    lambda g, _out, data, _label, _data_lengths, _label_lengths, saved: ctc_gradient(
        reshape(g, shape=(-1,)), data, slope=saved
    ),
    None, None, None,
)  # fmt: skip
