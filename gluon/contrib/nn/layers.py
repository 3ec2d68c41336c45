"""Layers for several devices or processes: a table whose rows lie in a store, statistics of a whole batch.

Knows parameters only; operators compute.
"""

from __future__ import annotations

import warnings
from typing import Any

from ....core import nd
from ....core.ndarray import NDArray
from ...block import Block
from ...nn.norm_layers import BatchNorm
from ...parameter import Init


class SparseEmbedding(Block):
    """Rows of a table that lies in a Trainer's store: only those of the batch are fetched, and have a gradient.

    [...] -> [..., output_dim]; the table is [input_dim, output_dim], row_sparse. A Trainer must hold it before the
    first forward. MXNet: `gluon.contrib.nn.SparseEmbedding`.
    """

    def __init__(
        self, input_dim: int, output_dim: int, dtype: Any = "float32", weight_initializer: Init = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs = {"input_dim": input_dim, "output_dim": output_dim, "dtype": dtype, "sparse_grad": True}
        self.weight = self.params.get(
            "weight", shape=(input_dim, output_dim), init=weight_initializer, dtype=dtype, grad_stype="row_sparse",
            stype="row_sparse",
        )  # fmt: skip

    def forward(self, x: NDArray) -> NDArray:
        return nd.Embedding(x, self.weight.row_sparse_data(x), **self._kwargs)

    def __repr__(self) -> str:
        options = self._kwargs
        return f"{type(self).__name__}({options['input_dim']} -> {options['output_dim']}, {options['dtype']})"


class SyncBatchNorm(BatchNorm):
    """BatchNorm along axis 1 over the whole batch of `num_devices` devices. Here one device has it all: 1.

    Warns where `num_devices` is left out; a forward with more than 1 raises TypeError. Else as `nn.BatchNorm`. MXNet:
    `gluon.contrib.nn.SyncBatchNorm`.
    """

    def __init__(
        self, in_channels: int = 0, num_devices: int | None = None, momentum: float = 0.9, epsilon: float = 1e-5,
        center: bool = True, scale: bool = True, use_global_stats: bool = False, beta_initializer: Init = "zeros",
        gamma_initializer: Init = "ones", running_mean_initializer: Init = "zeros",
        running_variance_initializer: Init = "ones", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            1, momentum, epsilon, center, scale, use_global_stats, beta_initializer, gamma_initializer,
            running_mean_initializer, running_variance_initializer, in_channels, **kwargs,
        )  # fmt: skip
        if num_devices is None:
            warnings.warn("SyncBatchNorm: num_devices is not given, and taken as 1", UserWarning, stacklevel=2)
        self._kwargs = {
            "eps": epsilon, "momentum": momentum, "fix_gamma": not scale, "use_global_stats": use_global_stats,
            "ndev": 1 if num_devices is None else num_devices, "key": self.prefix,
        }  # fmt: skip

    def hybrid_forward(self, F: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any) -> Any:
        return F.contrib.SyncBatchNorm(x, gamma, beta, running_mean, running_var, **self._kwargs)
