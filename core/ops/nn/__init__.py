"""Operators of neural networks, one family a file."""

from . import activation, convolution, dense, dropout, embedding, normalization, outputs, pooling, softmax, special

__all__ = [
    "activation",
    "convolution",
    "dense",
    "dropout",
    "embedding",
    "normalization",
    "outputs",
    "pooling",
    "softmax",
    "special",
]
