"""SymbolBlock: a block whose computation is a graph that is there already, from a file or from symbols.

Knows which variables of the graph are inputs; all others are its parameters, under the names that they have there.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import symbol
from ..core.context import Context
from ..core.ndarray import NDArray
from ..symbol import Symbol
from ..symbol.types import infer_types
from .errors import BadArgument, Incompatible
from .hybrid import HybridBlock
from .parameter_dict import ParameterDict
from .recording import Recording, flatten, nest
from .saving import Contexts, FileName

__all__ = ["SymbolBlock"]


class SymbolBlock(HybridBlock):
    """The computation of `outputs` from `inputs`, as a block. MXNet: `gluon.SymbolBlock`.

    `outputs` and `inputs` are symbols, or lists of them; `params` shares another block's parameters. It runs as any
    hybridized block does. Raises AssertionError for an input that is no variable.

    >>> import mxl as mx
    >>> data = mx.sym.var("data")
    >>> inside = mx.sym.FullyConnected(data, num_hidden=2, no_bias=True, name="fc")
    >>> net = SymbolBlock(inside, data)
    >>> net.initialize(init="ones")
    >>> net(mx.nd.ones((1, 3))).asnumpy(), list(net.collect_params())
    (array([[3., 3.]], dtype=float32), ['fc_weight'])
    """

    def __init__(self, outputs: Any, inputs: Any, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=None, params=None)
        self._prefix = ""
        self._params = ParameterDict("", params)
        if isinstance(inputs, Symbol) and len(inputs) == 1:
            inputs = [inputs]
        if isinstance(outputs, (list, tuple)) and len(outputs) == 1:
            outputs = outputs[0]
        given, in_format = flatten(inputs, "input")
        made, out_format = flatten(outputs, "output")
        for each in given:
            if len(each.get_internals()) != 1:
                raise Incompatible(f"Input symbols must be variable, but {each} is an output of operators")
        whole = symbol.Group(made)
        for node in whole._nodes():
            if node.op is None and node.attrs.get("__storage_type__") == "1":
                raise Incompatible(
                    f"SymbolBlock doesn't support Parameter '{node.name}' because its storage type is 'row_sparse'."
                )
        names = {each.name for each in given}
        types = infer_types(whole._entries, {})
        states = set(whole.list_auxiliary_states())
        for node in sorted(whole._nodes(), key=lambda node: node.name in states):
            if node.op is None and node.name not in names:
                self.params.get(
                    node.name, grad_req="null" if node.name in states else "write", allow_deferred_init=True,
                    dtype=types[id(node)][0] or np.float32,
                )  # fmt: skip
        self._graph = Recording(given, whole, in_format, out_format)
        self._graph.bind(self._params)
        self._recording = self._graph
        shared = len(_common_beginning(list(self._params)))
        self._reg_params = {name[shared:]: param for name, param in self._params.items()}

    @staticmethod
    def imports(
        symbol_file: FileName,
        input_names: str | Sequence[str],
        param_file: FileName | None = None,
        ctx: Contexts = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
    ) -> SymbolBlock:
        """The block that `export`, or MXNet, wrote to files.

        `input_names` are the variables that are inputs; without `param_file` the parameters have no values yet.
        Raises FileNotFoundError, ValueError for a file of another format, AssertionError for missing parameters.
        """
        if isinstance(input_names, str):
            input_names = [input_names]
        block = SymbolBlock(symbol.load(symbol_file), [symbol.var(name) for name in input_names])
        if param_file is not None:
            block.collect_params().load(
                param_file, ctx, allow_missing, ignore_extra, cast_dtype=True, dtype_source="saved"
            )
        return block

    def __repr__(self) -> str:
        outputs = self._graph.outputs
        return f"{type(self).__name__}(\n{outputs} : {len(self._graph.inputs)} -> {len(outputs)}\n)"

    def _forget(self) -> None:
        """The graph is what this block is: it stays."""

    def forward(self, x: Any, *args: Any) -> Any:
        """Runs the graph on arrays; given symbols, puts it into the caller's graph."""
        if isinstance(x, NDArray):
            return self._run(x, *args)
        if not isinstance(x, Symbol):
            raise Incompatible(
                f"HybridBlock requires the first argument to forward be either Symbol or NDArray, but got {type(x)}"
            )
        symbols, form = flatten((x, *args), "input")
        if form != self._graph.in_format:
            raise Incompatible(f"Invalid input format: {form}; the graph's is {self._graph.in_format}")
        made = copy.copy(self._graph.outputs)
        made = made(**dict(zip(self._graph.names, symbols, strict=True)))
        return nest(iter(made), self._graph.out_format)

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Not there: the computation is a graph."""
        raise NotImplementedError("a SymbolBlock has no hybrid_forward: its computation is a graph")

    def cast(self, dtype: Any) -> None:
        """Changes the element type of all parameters, but for those of a BatchNorm in float16: they stay float32."""
        super().cast(dtype)
        if np.dtype(dtype) != np.float16:
            return
        for node in self._graph.outputs._nodes():
            if node.op is not None and node.op.name == "BatchNorm":
                for below, _ in node.inputs[1:]:
                    if below.name in self._params:
                        self._params[below.name].cast("float32")

    def reset_ctx(self, ctx: Context | Sequence[Context]) -> None:
        """Moves the parameters to other contexts."""
        if ctx is None:
            raise BadArgument("reset_ctx: ctx is None; expected a context, or a list of them")
        for param in self.collect_params().values():
            param.reset_ctx(ctx)


def _common_beginning(names: Sequence[str]) -> str:
    """What all names begin with; nothing for a single one."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:same]
