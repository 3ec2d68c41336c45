"""The operator families, one a file; importing this package fills the table of `core/op.py`.

A new operator is one entry in its family's file, and one line in the table of tests/core/ops.
"""

import importlib.util

from . import arithmetic, broadcast, comparison, joining, linear, ordering, reduce, selection, shape, slicing, unary

if importlib.util.find_spec(".nn", __package__) is not None:
    from . import nn

__all__ = [
    "arithmetic", "broadcast", "comparison", "joining", "linear", "ordering", "reduce", "selection", "shape", "slicing",
    "unary",
]  # fmt: skip
