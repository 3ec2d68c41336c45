"""Operators of neural networks, one family a file."""

from . import (
    activation,
    convolution,
    ctc,
    deconvolution,
    dense,
    dropout,
    embedding,
    lrn,
    normalization,
    outputs,
    pooling,
    regression,
    resize,
    rnn,
    softmax,
    special,
)

__all__ = [
    "activation",
    "convolution",
    "ctc",
    "deconvolution",
    "dense",
    "dropout",
    "embedding",
    "lrn",
    "normalization",
    "outputs",
    "pooling",
    "regression",
    "resize",
    "rnn",
    "softmax",
    "special",
]
