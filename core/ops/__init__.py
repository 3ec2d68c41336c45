"""The operator families, one a file; importing this package fills the table of `core/op.py`.

A new operator is one entry in its family's file, and one line in the table of tests/core/ops.
"""

import importlib.util

from . import arithmetic, comparison, linear, reduce, shape, unary

if importlib.util.find_spec(".nn", __package__) is not None:
    from . import nn

__all__ = ["arithmetic", "comparison", "linear", "reduce", "shape", "unary"]
