"""Normalisation layers: BatchNorm, which keeps running statistics, and LayerNorm, which keeps none.

Knows parameters and their shapes; the operators of `core` compute, and update the running statistics while training.
Invariant: running statistics have grad_req 'null' and are never touched by an optimizer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.ndarray import NDArray
from ..hybrid import HybridBlock
from ..parameter import Init, Parameter


class BatchNorm(HybridBlock):
    """Gives each channel mean 0 and variance 1 over the batch, then scales by gamma and shifts by beta.

    While training it uses the batch's statistics and moves the running ones towards them (momentum * old + (1 -
    momentum) * new); otherwise, or with `use_global_stats`, it uses the running ones. `center=False` leaves beta at
    its value, `scale=False` gamma at 1. float16 is computed with float32 parameters. MXNet: `nn.BatchNorm`; Ioffe,
    Szegedy 2015.
    """

    def __init__(
        self,
        axis: int = 1,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        beta_initializer: Init = "zeros",
        gamma_initializer: Init = "ones",
        running_mean_initializer: Init = "zeros",
        running_variance_initializer: Init = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._axis = axis
        self._in_channels = in_channels
        self._kwargs = {
            "axis": axis,
            "eps": epsilon,
            "momentum": momentum,
            "fix_gamma": not scale,
            "use_global_stats": use_global_stats,
        }  # in the order in which they are printed

        def parameter(name: str, init: Init, learnt: bool) -> Parameter:
            return self.params.get(
                name, grad_req="write" if learnt else "null", shape=(in_channels,), init=init, allow_deferred_init=True,
                differentiable=learnt,
            )  # fmt: skip

        self.gamma = parameter("gamma", gamma_initializer, scale)
        self.beta = parameter("beta", beta_initializer, center)
        self.running_mean = parameter("running_mean", running_mean_initializer, False)
        self.running_var = parameter("running_var", running_variance_initializer, False)

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        channels = (x.shape[self._axis],)
        for param in (self.gamma, self.beta, self.running_mean, self.running_var):
            param.shape = channels

    def cast(self, dtype: Any) -> None:
        """Casts the parameters, but to float32 where float16 is asked for: its variances would not do."""
        super().cast("float32" if np.dtype(dtype) == np.float16 else dtype)

    def hybrid_forward(self, F: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any) -> Any:
        return F.BatchNorm(x, gamma, beta, running_mean, running_var, **self._kwargs)

    def __repr__(self) -> str:
        channels = (self.gamma.shape or (0,))[0]
        options = ", ".join(f"{name}={value}" for name, value in self._kwargs.items())
        return f"BatchNorm({options}, in_channels={channels or None})"


class LayerNorm(HybridBlock):
    """Gives each sample mean 0 and variance 1 along `axis`, then scales by gamma and shifts by beta.

    MXNet: `nn.LayerNorm`; Ba, Kiros, Hinton 2016.
    """

    def __init__(
        self,
        axis: int = -1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Init = "zeros",
        gamma_initializer: Init = "ones",
        in_channels: int = 0,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._axis = axis
        self._epsilon = epsilon
        self._center = center
        self._scale = scale
        shape = (in_channels,)
        self.gamma = self.params.get(
            "gamma",
            grad_req="write" if scale else "null",
            shape=shape,
            init=gamma_initializer,
            allow_deferred_init=True,
        )
        self.beta = self.params.get(
            "beta", grad_req="write" if center else "null", shape=shape, init=beta_initializer, allow_deferred_init=True
        )

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        self.gamma.shape = self.beta.shape = (x.shape[self._axis],)

    def hybrid_forward(self, F: Any, data: Any, gamma: Any, beta: Any) -> Any:
        return F.LayerNorm(data, gamma, beta, axis=self._axis, eps=self._epsilon)

    def __repr__(self) -> str:
        channels = (self.gamma.shape or (0,))[0]
        return (
            f"LayerNorm(eps={self._epsilon}, axis={self._axis}, center={self._center}, scale={self._scale}, "
            f"in_channels={channels})"
        )
