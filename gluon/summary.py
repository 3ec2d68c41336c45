"""What `block.summary(*inputs)` prints: each layer's output shape and number of parameters, in the forward's order.

Knows MXNet's table. Runs the model once, through hooks that it takes away again. Invariant: a parameter used twice is
counted in each row, once among the unique ones, and once among the shared ones.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..core.ndarray import NDArray
from .block import Block
from .errors import Incompatible
from .hybrid import HybridBlock
from .nn.containers import HybridSequential, Sequential
from .parameter import Parameter
from .utils import HookHandle

WIDTH = 80


class _Row(NamedTuple):
    name: str
    shape: str
    params: int


def print_block_summary(block: Block, inputs: tuple[Any, ...]) -> None:
    """Runs `block` on `inputs` and prints the table. Raises AssertionError where it, or a child, is hybridized."""
    rows = [_Row("Input", describe_shapes(inputs), 0)]
    counts = {"trainable": 0, "frozen": 0, "shared": 0}
    seen: set[Parameter] = set()
    hooks: list[HookHandle] = []

    def note(layer: Block, _inputs: Any, outputs: Any) -> None:
        params = 0
        for param in layer._reg_params.values():
            size = math.prod(param.data().shape)
            params += size
            counts["frozen" if param.grad_req == "null" else "trainable"] += size
            counts["shared"] += size if param in seen else 0
            seen.add(param)
        rows.append(_Row(f"{type(layer).__name__}-{len(rows)}", describe_shapes(outputs), params))

    def watch(layer: Block) -> None:
        if isinstance(layer, HybridBlock) and layer._active:
            raise Incompatible(f"summary: block '{layer.name}' is hybridized; call hybridize(False) before")
        if not isinstance(layer, Sequential | HybridSequential):
            hooks.append(layer.register_forward_hook(note))

    try:
        block.apply(watch)
        block(*inputs)
    finally:
        for hook in hooks:
            hook.detach()

    total = sum(row.params for row in rows)
    print("-" * WIDTH)
    print(f"{'Layer (type)':>20}  {'Output Shape':>42} {'Param #':>15}")
    print("=" * WIDTH)
    for row in rows:
        print(f"{row.name:>20}  {row.shape:>42} {row.params:>15}")
    print("=" * WIDTH)
    print("Parameters in forward computation graph, duplicate included")
    print(f"   Total params: {total}")
    print(f"   Trainable params: {counts['trainable']}")
    print(f"   Non-trainable params: {counts['frozen']}")
    print(f"Shared params in forward computation graph: {counts['shared']}")
    print(f"Unique parameters in model: {total - counts['shared']}")
    print("-" * WIDTH)


def describe_shapes(values: Any) -> str:
    """The shapes of arrays that may be nested: `(2, 3)`, `(2, 3), [(2, 1), None]`."""

    def shapes(value: Any) -> Any:
        if isinstance(value, NDArray):
            return value.shape
        return [shapes(item) for item in value] if isinstance(value, list | tuple) else None

    text = str(shapes(values))
    return text[1:-1] if isinstance(values, list | tuple) else text
