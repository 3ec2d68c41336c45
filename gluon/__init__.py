"""Gluon: models made of blocks, their parameters, losses, data, and the Trainer. This file only gathers names."""

from __future__ import annotations

from . import contrib, data, loss, model_zoo, nn, rnn, utils
from .block import Block
from .constant import Constant
from .errors import DeferredInitializationError
from .hybrid import HybridBlock
from .parameter import Parameter
from .parameter_dict import ParameterDict
from .symbol_block import SymbolBlock
from .trainer import Trainer

__all__ = [
    "Block", "Constant", "DeferredInitializationError", "HybridBlock", "Parameter", "ParameterDict", "SymbolBlock",
    "Trainer",
    "contrib", "data", "loss", "model_zoo", "nn", "rnn", "utils",
]  # fmt: skip
