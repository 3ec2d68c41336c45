"""RNN: whole recurrent networks (tanh, relu, LSTM, GRU) of several layers and directions as one operator.

Knows how MXNet packs the parameters in one vector, layers, directions, and dropout between layers; `recurrence.py`
computes a layer.  The gradient is an operator of its own on plain arrays; its gradient goes through the same network
written with operators step by step, and ends there: a third order is refused.

The vector of parameters: for each layer, for each direction (forward, then backward in time) the weights i2h [GH, I],
h2h [GH, P] and, with a projection, h2r [P, H]; then in the same order the biases i2h [GH], h2h [GH].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...errors import ArgumentError, DtypeError, NoGradient, ShapeError
from ...op import REQUIRED, TABLE, op
from . import recurrence
from .dropout import drawn_mask
from .recurrence import GATES, Clip, Run, Weights


class Form(NamedTuple):
    """What a network is made of, but for the size of its inputs."""

    mode: str
    hidden: int
    layers: int
    directions: int
    projection: int | None

    @property
    def width(self) -> int:
        """Of a direction's recurrent state and output."""
        return self.projection or self.hidden

    def shapes(self, inputs: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Kind and shape of every part of the vector, in order."""
        rows = GATES[self.mode] * self.hidden
        for layer in range(self.layers):
            width = self.directions * self.width if layer else inputs
            for _ in range(self.directions):
                yield "i2h", (rows, width)
                yield "h2h", (rows, self.width)
                if self.projection:
                    yield "h2r", (self.projection, self.hidden)
        for _ in range(2 * self.layers * self.directions):
            yield "bias", (rows,)

    def parts(self, inputs: int) -> list[tuple[int, int, tuple[int, ...]]]:
        """(start, stop, shape) of every part."""
        found, start = [], 0
        for _, shape in self.shapes(inputs):
            stop = start + int(np.prod(shape))
            found.append((start, stop, shape))
            start = stop
        return found

    def gathered(self, arrays: list[Any]) -> list[Weights]:
        """The parts as Weights, one for each layer and direction."""
        count = self.layers * self.directions
        each = 3 if self.projection else 2
        biases = arrays[each * count :]
        return [
            Weights(
                i2h=arrays[each * i],
                h2h=arrays[each * i + 1],
                i2h_bias=biases[2 * i],
                h2h_bias=biases[2 * i + 1],
                h2r=arrays[each * i + 2] if self.projection else None,
            )
            for i in range(count)
        ]

    def unpacked(self, vector: np.ndarray, inputs: int) -> list[Weights]:
        """Views into the vector."""
        return self.gathered([vector[start:stop].reshape(shape) for start, stop, shape in self.parts(inputs)])


@dataclass(slots=True)
class _Kept:
    """What a forward leaves for its gradients: a run for each layer and direction, and what was drawn and given."""

    form: Form
    runs: list[Run]
    masks: list[np.ndarray | None]  # dropout's, before each layer
    live: np.ndarray | None  # [T, N, 1]
    clip: Clip | None
    outputs: int


def _network(
    form: Form, x: np.ndarray, parameters: np.ndarray, h0: np.ndarray, c0: np.ndarray | None, p: float,
    live: np.ndarray | None, clip: Clip | None,
) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray], _Kept]:  # fmt: skip
    """The output [T, N, DP], the last h and c of each layer and direction, and what the gradient needs."""
    weights = form.unpacked(parameters, x.shape[2])
    kept = _Kept(form, [], [], live, clip, 1)
    last_h: list[np.ndarray] = []
    last_c: list[np.ndarray] = []
    for layer in range(form.layers):
        mask = drawn_mask(x.shape, 1.0 - p, x.dtype) if p and layer else None
        kept.masks.append(mask)
        if mask is not None:
            x = x * mask
        ys = []
        for direction in range(form.directions):
            i = layer * form.directions + direction
            ahead = slice(None, None, -1 if direction else 1)
            alive = None if live is None else live[ahead]
            run = recurrence.forward(
                form.mode, np.ascontiguousarray(x[ahead]), h0[i], None if c0 is None else c0[i], weights[i], alive, clip
            )
            kept.runs.append(run)
            last_h.append(run.h[-1])
            if run.c is not None:
                last_c.append(run.c[-1])
            y = run.h[1:] if alive is None else run.h[1:] * alive
            ys.append(y[ahead])
        x = np.concatenate(ys, axis=2)
    return x, last_h, last_c, kept


@op(saves=True, arrays=("state_cell", "sequence_length"))
def RNN(
    data,
    parameters,
    state,
    state_cell=None,
    sequence_length=None,
    state_size=REQUIRED,
    num_layers=REQUIRED,
    bidirectional=False,
    mode=REQUIRED,
    p=0.0,
    state_outputs=False,
    projection_size=None,
    lstm_state_clip_min=None,
    lstm_state_clip_max=None,
    lstm_state_clip_nan=False,
    use_sequence_length=False,
    _training=False,
):
    """A recurrent network over a sequence; mode is rnn_relu, rnn_tanh, lstm or gru.

    data: [T, N, I]; parameters: a vector, packed as this file's top says; state: [L * D, N, P] (P is state_size, or
    an LSTM's projection_size; D is 2 if bidirectional, the layers of the backward direction following their forward
    ones); state_cell, of an lstm: [L * D, N, state_size] -> [T, N, D * P], and with state_outputs=True a list of it,
    the last states and, for an lstm, the last cells.

    p drops inputs of all layers but the first while training.  sequence_length [N], with use_sequence_length=True:
    beyond a sequence's length its outputs are 0 and its states stay.  lstm_state_clip_*: bounds of the cells.
    """
    form = _form(mode, state_size, num_layers, bidirectional, projection_size)
    _check(form, data, parameters, state, state_cell)
    live = _live(data, sequence_length, use_sequence_length)
    clip = _clip(mode, lstm_state_clip_min, lstm_state_clip_max, lstm_state_clip_nan)
    if not 0 <= p <= 1:
        raise ArgumentError(f"RNN: p is {p}: it must be within [0, 1]")
    out, last_h, last_c, kept = _network(
        form, data, parameters, state, state_cell, p if _training else 0.0, live, clip
    )
    if not state_outputs:
        return out, kept
    result = (out, np.stack(last_h), np.stack(last_c)) if last_c else (out, np.stack(last_h))
    kept.outputs = len(result)
    return result, kept


def _form(mode: Any, state_size: int, num_layers: int, bidirectional: Any, projection: int | None) -> Form:
    if mode not in GATES:
        raise ArgumentError(f"RNN: mode is {mode!r}; known: {', '.join(GATES)}")
    if state_size < 1 or num_layers < 1:
        raise ArgumentError(f"RNN: state_size is {state_size}, num_layers {num_layers}: both must be 1 or more")
    if projection is not None and mode != "lstm":
        raise ArgumentError(f"RNN: projection_size is {projection}, mode {mode!r}: only an lstm has a projection")
    return Form(mode, state_size, num_layers, 2 if bidirectional else 1, projection)


def _check(form: Form, data: np.ndarray, parameters: np.ndarray, state: np.ndarray, cell: np.ndarray | None) -> None:
    """Raise unless all shapes and dtypes fit."""
    if data.ndim != 3:
        raise ShapeError(f"RNN: data is {list(data.shape)}: it takes [steps, batch, inputs]")
    if not data.size:
        raise ShapeError(f"RNN: data is {list(data.shape)}: there is no step to compute")
    if (cell is None) == (form.mode == "lstm"):
        raise ArgumentError(
            "RNN: array argument 'state_cell' is missing: an lstm has two states"
            if cell is None
            else f"RNN: array argument 'state_cell' came: {form.mode} has one state, only an lstm has cells"
        )
    needed = form.parts(data.shape[2])[-1][1]
    if parameters.shape != (needed,):
        raise ShapeError(
            f"RNN: parameters is {list(parameters.shape)}; data {list(data.shape)} and {form} need [{needed}]"
        )
    count, batch = form.layers * form.directions, data.shape[1]
    for name, array, width in (("state", state, form.width), ("state_cell", cell, form.hidden)):
        if array is not None and array.shape != (count, batch, width):
            raise ShapeError(
                f"RNN: {name} is {list(array.shape)}; data {list(data.shape)} and {form} need {[count, batch, width]}"
            )
    for name, array in (("parameters", parameters), ("state", state), ("state_cell", cell)):
        if array is not None and array.dtype != data.dtype:
            raise DtypeError(f"RNN: data is {data.dtype}, {name} is {array.dtype}: they must be equal")


def _live(data: np.ndarray, lengths: np.ndarray | None, use: Any) -> np.ndarray | None:
    if bool(use) != (lengths is not None):
        raise ArgumentError("RNN: array argument 'sequence_length' belongs to use_sequence_length=True: give both")
    if lengths is None:
        return None
    if lengths.shape != (data.shape[1],):
        raise ShapeError(
            f"RNN: sequence_length is {list(lengths.shape)}, data {list(data.shape)}: it must be [{data.shape[1]}]"
        )
    return (np.arange(len(data))[:, None] < lengths)[..., None]


def _clip(mode: str, low: Any, high: Any, nan: Any) -> Clip | None:
    if low is None and high is None:
        return None
    if mode != "lstm" or low is None or high is None or low > high:
        raise ArgumentError(
            f"RNN: lstm_state_clip_min is {low}, lstm_state_clip_max {high}, mode {mode!r}: an lstm takes both, the "
            f"lower first; other modes neither"
        )
    return Clip(low, high, bool(nan))


# -- gradients -----------------------------------------------------------------------------------------------------


def _gradient(g, _out, data, parameters, state, state_cell, _sequence_length, saved):
    given = list(g) if isinstance(g, tuple) else [g]
    if saved.outputs == 1:
        given = given[:1]
    found = _backward_RNN(data, parameters, state, *given, *([] if state_cell is None else [state_cell]), kept=saved)
    return (*found, *[None] * (5 - len(found)))


RNN.vjp(all=_gradient)


@op
def _backward_RNN(*arrays, kept=REQUIRED):
    """Gradients of RNN's data, parameters, state and state_cell.

    arrays: data, parameters, state, then the gradients of the outputs, then state_cell if there is one.
    """
    form = kept.form
    data, parameters = arrays[:2]
    given: list[np.ndarray] = list(arrays[3 : 3 + kept.outputs])
    weights = form.unpacked(parameters, data.shape[2])
    to_parameters = np.zeros_like(parameters)
    places = form.unpacked(to_parameters, data.shape[2])
    dh_last, dc_last = given[1] if len(given) > 1 else None, given[2] if len(given) > 2 else None
    count = form.layers * form.directions
    to_h: list[Any] = [None] * count
    to_c: list[Any] = [None] * count
    dy = given[0]
    for layer in range(form.layers - 1, -1, -1):
        total: Any = None
        for direction in range(form.directions):
            i = layer * form.directions + direction
            ahead = slice(None, None, -1 if direction else 1)
            run = kept.runs[i]
            alive = None if kept.live is None else kept.live[ahead]
            mine = dy[ahead, :, direction * form.width : (direction + 1) * form.width]
            if alive is not None:
                mine = mine * alive
            dh = np.zeros_like(run.h[0]) if dh_last is None else dh_last[i]
            dc = None
            if run.c is not None:
                dc = np.zeros_like(run.c[0]) if dc_last is None else dc_last[i]
            dx, to_h[i], to_c[i] = recurrence.backward(form.mode, run, weights[i], places[i], mine, dh, dc, alive)
            dx = dx[ahead]
            total = dx if total is None else total + dx
        mask = kept.masks[layer]
        dy = total if mask is None else total * mask
    states = (np.stack(to_h), np.stack(to_c)) if form.mode == "lstm" else (np.stack(to_h),)
    return (dy, to_parameters, *states)


def _second_gradient(gg, _out, *arrays, kept):
    """The gradient of the gradient: that of the network written with operators, by the tape."""
    from ... import autograd
    from ...context import current_context
    from ...handle import new

    if not isinstance(gg[0], np.ndarray):
        raise NoGradient(
            "RNN: its third derivative was asked for, and there are two; unroll the cells of gluon.rnn, which have all"
        )
    cls = TABLE["RNN"].array_class()
    leaves = [new(cls, np.array(a), current_context()) for a in arrays]
    for leaf in leaves:
        leaf.attach_grad()
    variables = [*leaves[:3], *leaves[3 + kept.outputs :]]
    with autograd.record(train_mode=False):
        outs = by_operators(kept, *variables)[: kept.outputs]
        first = autograd.grad(outs, variables, head_grads=leaves[3 : 3 + kept.outputs], create_graph=True)
    autograd.backward(first, [new(cls, np.ascontiguousarray(g), current_context()) for g in gg[: len(first)]])
    return tuple(leaf.grad.asnumpy() for leaf in leaves)


_backward_RNN.vjp(all=_second_gradient)


def by_operators(kept: _Kept, data: Any, parameters: Any, state: Any, cell: Any = None) -> list[Any]:
    """The network as operators on NDArrays, step by step: [output, last states, last cells of an lstm]."""
    form = kept.form
    arrays = [parameters[start:stop].reshape(shape) for start, stop, shape in form.parts(data.shape[2])]
    weights = form.gathered(arrays)
    stack, concat = TABLE["stack"], TABLE["Concat"]
    constant = _constants(data)
    xs = [data[t] for t in range(data.shape[0])]
    last_h, last_c = [], []
    for layer in range(form.layers):
        mask = kept.masks[layer]
        if mask is not None:
            xs = [x * constant(m) for x, m in zip(xs, mask, strict=True)]
        ys = []
        for direction in range(form.directions):
            i = layer * form.directions + direction
            h, c = state[i], None if cell is None else cell[i]
            steps: list[Any] = [None] * len(xs)
            for t in range(len(xs))[:: -1 if direction else 1]:
                steps[t], h, c = _step(kept, weights[i], xs[t], h, c, t, constant)
            ys.append(steps)
            last_h.append(h)
            last_c.append(c)
        xs = [y[0] if len(y) == 1 else concat(*y, dim=1) for y in zip(*ys, strict=True)]
    return [stack(*xs, axis=0), stack(*last_h, axis=0), *([] if cell is None else [stack(*last_c, axis=0)])]


def _constants(like: Any) -> Any:
    """A function that makes NDArrays of plain arrays, in the dtype and context of `like`."""
    from ...handle import new

    return lambda array: new(type(like), np.array(array, like.dtype), like.ctx)


def _step(kept: _Kept, w: Weights, x: Any, h: Any, c: Any, t: int, constant: Any) -> tuple[Any, Any, Any]:
    """One step of one direction: its output, and the states behind it."""
    form = kept.form
    dense, tanh, sigmoid = TABLE["FullyConnected"], TABLE["tanh"], TABLE["sigmoid"]
    rows = GATES[form.mode] * form.hidden
    to_x = dense(x, w.i2h, w.i2h_bias, num_hidden=rows)
    to_h = dense(h, w.h2h, w.h2h_bias, num_hidden=rows)
    gates = [slice(i * form.hidden, (i + 1) * form.hidden) for i in range(GATES[form.mode])]
    new_c = c
    if form.mode == "lstm":
        total = to_x + to_h
        enter, forget, leave = (sigmoid(total[:, gates[i]]) for i in (0, 1, 3))
        new_c = forget * c + enter * tanh(total[:, gates[2]])
        if kept.clip is not None:
            new_c = TABLE["clip"](new_c, kept.clip.low, kept.clip.high)
        new_h = leave * tanh(new_c)
        if w.h2r is not None:
            new_h = TABLE["dot"](new_h, w.h2r, transpose_b=True)
    elif form.mode == "gru":
        reset, update = (sigmoid(to_x[:, gates[i]] + to_h[:, gates[i]]) for i in (0, 1))
        new = tanh(to_x[:, gates[2]] + reset * to_h[:, gates[2]])
        new_h = new + update * (h - new)
    else:
        new_h = tanh(to_x + to_h) if form.mode == "rnn_tanh" else TABLE["relu"](to_x + to_h)
    if kept.live is None:
        return new_h, new_h, new_c
    live, ended = (constant(np.broadcast_to(m, new_h.shape)) for m in (kept.live[t], ~kept.live[t]))
    if c is not None:
        live_c, ended_c = (constant(np.broadcast_to(m, c.shape)) for m in (kept.live[t], ~kept.live[t]))
        new_c = new_c * live_c + c * ended_c
    return new_h * live, new_h * live + h * ended, new_c


@op(name="_rnn_param_concat")
def rnn_param_concat(*data, dim=0):
    """All arrays in one vector, each flattened; RNN's parameters are made with it.  dim is 0."""
    if dim != 0:
        raise ArgumentError(f"_rnn_param_concat: dim is {dim}: the vector has one axis, 0")
    return np.concatenate([array.ravel() for array in data])


def _parts_gradient(g, _out, *data_like):
    found, start = [], 0
    for array in data_like:
        found.append(g[start : start + array.size].reshape(array.shape))
        start += array.size
    return tuple(found)


rnn_param_concat.vjp(all=_parts_gradient)
