"""The estimator, and layers, cells and samplers that MXNet keeps apart. This file only gathers names."""

from __future__ import annotations

from . import cnn, data, estimator, nn, rnn

__all__ = ["cnn", "data", "estimator", "nn", "rnn"]
