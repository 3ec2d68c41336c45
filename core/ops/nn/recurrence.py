"""One recurrent layer in one direction, on plain arrays: forward, and backward from what the forward kept.

The inputs of all steps go through their weights in one matrix product; only the recurrence is a loop.  In the backward
loop each step multiplies by factors that were computed for all steps at once, and the weights' gradients are again one
product each.  Knows no operator, no tape, no packing of parameters.  Shapes: T steps, N batch, I inputs, H hidden, P
the width of the recurrent state (H, or an LSTM's projection), G gates.

    rnn_tanh, rnn_relu   h' = f(Wx + b + Uh + c)
    lstm                 gates in, forget, new, out:  c' = forget * c + in * new,  h' = out * tanh(c')   (MXNet's order)
    gru                  gates reset, update, new:  new = tanh(Wx + b + reset * (Uh + c)),  h' = (1 - u) * new + u * h
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

GATES = {"rnn_relu": 1, "rnn_tanh": 1, "lstm": 4, "gru": 3}


class Weights(NamedTuple):
    """A layer's parameters, or places for their gradients: [GH, I], [GH, P], [GH], [GH], and [P, H] or None."""

    i2h: np.ndarray
    h2h: np.ndarray
    i2h_bias: np.ndarray
    h2h_bias: np.ndarray
    h2r: np.ndarray | None


class Clip(NamedTuple):
    """Bounds of an LSTM's cells; with `nan`, not-a-number becomes `low`."""

    low: float
    high: float
    nan: bool

    def __call__(self, cells: np.ndarray) -> np.ndarray | None:
        """Clips in place; says which lay within."""
        within = (cells >= self.low) & (cells <= self.high)
        if self.nan:
            np.fmin(np.fmax(cells, self.low, out=cells), self.high, out=cells)
        else:
            np.clip(cells, self.low, self.high, out=cells)
        return within


@dataclass(slots=True)
class Run:
    """What a forward keeps: h [T + 1, N, P] and c [T + 1, N, H] begin with the initial states."""

    x: np.ndarray
    h: np.ndarray
    gates: np.ndarray  # after their activations  [T, N, GH]
    c: np.ndarray | None = None
    tanh_c: np.ndarray | None = None  # of the new cells  [T, N, H]
    inner: np.ndarray | None = None  # a projection's inputs  [T, N, H]
    within: np.ndarray | None = None  # cells that clipping left alone
    h2n: np.ndarray | None = None  # a gru's Uh + c of the new gate  [T, N, H]


def _sigmoid(x: np.ndarray) -> None:
    """1 / (1 + e**-x), in place."""
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


def forward(
    mode: str, x: np.ndarray, h0: np.ndarray, c0: np.ndarray | None, w: Weights, live: np.ndarray | None,
    clip: Clip | None,
) -> Run:  # fmt: skip
    """All steps.  x: [T, N, I], h0: [N, P], c0: [N, H]; live: [T, N, 1], False where a sequence has ended."""
    steps, batch, inputs = x.shape
    h = np.empty((steps + 1, *h0.shape), x.dtype)
    h[0] = h0
    gates = np.dot(x.reshape(-1, inputs), w.i2h.T)
    gates += w.i2h_bias if mode == "gru" else w.i2h_bias + w.h2h_bias
    run = Run(x, h, gates.reshape(steps, batch, len(w.i2h)))
    if mode == "lstm":
        assert c0 is not None
        _lstm_steps(run, c0, w, live, clip)
    elif mode == "gru":
        _gru_steps(run, w, live)
    else:
        _plain_steps(run, w, live, mode)
    return run


def _carry(state: np.ndarray, t: int, live: np.ndarray | None) -> None:
    """Where a sequence has ended, its state stays."""
    if live is not None:
        np.copyto(state[t + 1], state[t], where=~live[t])


def _plain_steps(run: Run, w: Weights, live: np.ndarray | None, mode: str) -> None:
    recurrent = w.h2h.T
    for t, a in enumerate(run.gates):
        a += np.dot(run.h[t], recurrent)
        if mode == "rnn_tanh":
            np.tanh(a, out=a)
        else:
            np.maximum(a, 0, out=a)
        run.h[t + 1] = a
        _carry(run.h, t, live)


def _lstm_steps(run: Run, c0: np.ndarray, w: Weights, live: np.ndarray | None, clip: Clip | None) -> None:
    h, gates = run.h, run.gates
    steps, batch, hidden = len(gates), gates.shape[1], c0.shape[-1]
    c = run.c = np.empty((steps + 1, batch, hidden), h.dtype)
    c[0] = c0
    tanh_c = run.tanh_c = np.empty((steps, batch, hidden), h.dtype)
    if clip is not None:
        run.within = np.empty((steps, batch, hidden), bool)
    inner = run.inner = None if w.h2r is None else np.empty((steps, batch, hidden), h.dtype)
    recurrent = w.h2h.T
    product = np.empty(gates.shape[1:], h.dtype)
    for t, a in enumerate(gates):
        np.dot(h[t], recurrent, out=product)
        a += product
        _sigmoid(a[:, : 2 * hidden])
        new = a[:, 2 * hidden : 3 * hidden]
        np.tanh(new, out=new)
        _sigmoid(a[:, 3 * hidden :])
        cells = c[t + 1]
        np.multiply(a[:, hidden : 2 * hidden], c[t], out=cells)
        cells += a[:, :hidden] * new
        if clip is not None and run.within is not None:
            run.within[t] = clip(cells)
        np.tanh(cells, out=tanh_c[t])
        if w.h2r is None or inner is None:
            np.multiply(a[:, 3 * hidden :], tanh_c[t], out=h[t + 1])
        else:
            np.multiply(a[:, 3 * hidden :], tanh_c[t], out=inner[t])
            h[t + 1] = np.dot(inner[t], w.h2r.T)
        _carry(c, t, live)
        _carry(h, t, live)


def _gru_steps(run: Run, w: Weights, live: np.ndarray | None) -> None:
    h, gates = run.h, run.gates
    hidden = h.shape[-1]
    h2n = run.h2n = np.empty((*gates.shape[:2], hidden), h.dtype)
    recurrent = w.h2h.T
    for t, a in enumerate(gates):
        product = np.dot(h[t], recurrent)
        product += w.h2h_bias
        both = a[:, : 2 * hidden]
        both += product[:, : 2 * hidden]
        _sigmoid(both)
        reset, update, new = a[:, :hidden], a[:, hidden : 2 * hidden], a[:, 2 * hidden :]
        h2n[t] = product[:, 2 * hidden :]
        new += reset * h2n[t]
        np.tanh(new, out=new)
        np.subtract(h[t], new, out=h[t + 1])
        h[t + 1] *= update
        h[t + 1] += new
        _carry(h, t, live)


# -- backward ------------------------------------------------------------------------------------------------------


def backward(
    mode: str, run: Run, w: Weights, into: Weights, dy: np.ndarray, dh: np.ndarray, dc: np.ndarray | None,
    live: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:  # fmt: skip
    """Gradients of x, h0 and c0, and into `into` those of the weights.

    dy: of the outputs [T, N, P] (0 where a sequence has ended); dh, dc: of the last states.
    """
    if mode == "lstm":
        assert dc is not None
        to_x, dh, dc = _lstm_back(run, w, into, dy, dh, dc, live)
        to_h = to_x
    elif mode == "gru":
        to_x, to_h, dh = _gru_back(run, w, dy, dh, live)
    else:
        to_x, dh = _plain_back(run, w, dy, dh, live, mode)
        to_h = to_x
    width = to_x.shape[-1]
    rows, rows_h = to_x.reshape(-1, width), to_h.reshape(-1, width)
    np.dot(rows.T, run.x.reshape(len(rows), -1), out=into.i2h)
    np.dot(rows_h.T, run.h[:-1].reshape(len(rows), -1), out=into.h2h)
    np.sum(rows, axis=0, out=into.i2h_bias)
    if to_h is to_x:
        into.h2h_bias[...] = into.i2h_bias
    else:
        np.sum(rows_h, axis=0, out=into.h2h_bias)
    return np.dot(rows, w.i2h).reshape(run.x.shape), dh, dc


def _parted(d: np.ndarray, live: np.ndarray | None, t: int) -> tuple[np.ndarray, Any]:
    """A state's gradient: what goes through step t, and what passes it by since the sequence has ended."""
    return (d, None) if live is None else (d * live[t], d * ~live[t])


def _joined(d: np.ndarray, passed: Any) -> np.ndarray:
    return d if passed is None else d + passed


def _plain_back(
    run: Run, w: Weights, dy: np.ndarray, dh: np.ndarray, live: np.ndarray | None, mode: str
) -> tuple[np.ndarray, np.ndarray]:
    a = run.gates
    factor = 1 - a * a if mode == "rnn_tanh" else (a > 0).astype(a.dtype)
    for t in range(len(a) - 1, -1, -1):
        through, passed = _parted(dy[t] + dh, live, t)
        factor[t] *= through
        dh = _joined(np.dot(factor[t], w.h2h), passed)
    return factor, dh


def _lstm_back(
    run: Run, w: Weights, into: Weights, dy: np.ndarray, dh: np.ndarray, dc: np.ndarray, live: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    gates, c, tanh_c = run.gates, run.c, run.tanh_c
    assert c is not None
    assert tanh_c is not None
    steps, batch, width = gates.shape
    hidden = width // 4
    four = gates.reshape(steps, batch, 4, hidden)
    enter, forget, new, leave = (four[:, :, i] for i in range(4))
    factors = np.empty_like(four)  # of dc for in, forget and new, of dh for out
    slope = gates * (1 - gates)
    slopes = slope.reshape(four.shape)
    np.multiply(slopes[:, :, 0], new, out=factors[:, :, 0])
    np.multiply(slopes[:, :, 1], c[:-1], out=factors[:, :, 1])
    np.multiply(1 - new * new, enter, out=factors[:, :, 2])
    np.multiply(slopes[:, :, 3], tanh_c, out=factors[:, :, 3])
    to_cell = (1 - tanh_c * tanh_c) * leave
    projected = None if w.h2r is None else np.empty_like(dy)
    for t in range(steps - 1, -1, -1):
        dh, passed = _parted(dy[t] + dh, live, t)
        dc, passed_c = _parted(dc, live, t)
        if w.h2r is not None and projected is not None:
            projected[t] = dh
            dh = np.dot(dh, w.h2r)
        dc = dc + dh * to_cell[t]
        if run.within is not None:
            dc *= run.within[t]
        d = factors[t]
        d[:, :3] *= dc[:, None]
        d[:, 3] *= dh
        dc *= forget[t]
        dc = _joined(dc, passed_c)
        dh = _joined(np.dot(d.reshape(batch, width), w.h2h), passed)
    if projected is not None and run.inner is not None:
        np.dot(projected.reshape(-1, projected.shape[-1]).T, run.inner.reshape(-1, hidden), out=into.h2r)
    return factors.reshape(gates.shape), dh, dc


def _gru_back(
    run: Run, w: Weights, dy: np.ndarray, dh: np.ndarray, live: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    gates, h2n = run.gates, run.h2n
    assert h2n is not None
    steps, batch, width = gates.shape
    three = gates.reshape(steps, batch, 3, width // 3)
    reset, update, new = (three[:, :, i] for i in range(3))
    to_new = (1 - update) * (1 - new * new)
    factors = np.empty_like(three)  # of dh, for reset, update and Uh + c of the new gate
    np.multiply(to_new * h2n, reset * (1 - reset), out=factors[:, :, 0])
    np.multiply(run.h[:-1] - new, update * (1 - update), out=factors[:, :, 1])
    np.multiply(to_new, reset, out=factors[:, :, 2])
    for t in range(steps - 1, -1, -1):
        dh, passed = _parted(dy[t] + dh, live, t)
        factors[t] *= dh[:, None]
        to_new[t] *= dh
        dh = _joined(np.dot(factors[t].reshape(batch, width), w.h2h) + dh * update[t], passed)
    to_x = factors.copy()
    to_x[:, :, 2] = to_new
    return to_x.reshape(gates.shape), factors.reshape(gates.shape), dh
