"""Normalisation layers: BatchNorm keeps running statistics; Layer-, Instance- and GroupNorm keep none.

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
        return F.BatchNorm(x, gamma, beta, running_mean, running_var, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        channels = (self.gamma.shape or (0,))[0]
        options = ", ".join(f"{name}={value}" for name, value in self._kwargs.items())
        return f"{type(self).__name__}({options}, in_channels={channels or None})"


class BatchNormReLU(BatchNorm):
    """BatchNorm, then relu. MXNet: `nn.BatchNormReLU`."""

    def hybrid_forward(self, F: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any) -> Any:
        return F.relu(super().hybrid_forward(F, x, gamma, beta, running_mean, running_var))


class _Stateless(HybridBlock):
    """What the layers without running statistics have in common: gamma, beta and how they print."""

    def __init__(
        self,
        size: int,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: Init,
        gamma_initializer: Init,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._epsilon = epsilon
        self._center = center
        self._scale = scale
        self.gamma = self.params.get(
            "gamma", grad_req="write" if scale else "null", shape=(size,), init=gamma_initializer,
            allow_deferred_init=True,
        )  # fmt: skip
        self.beta = self.params.get(
            "beta", grad_req="write" if center else "null", shape=(size,), init=beta_initializer,
            allow_deferred_init=True,
        )  # fmt: skip

    def _describe(self, own: str) -> str:
        return f"eps={self._epsilon}, {own}, center={self._center}, scale={self._scale}"


class LayerNorm(_Stateless):
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
        super().__init__(
            in_channels, epsilon, center, scale, beta_initializer, gamma_initializer, prefix=prefix, params=params
        )
        self._axis = axis

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        self.gamma.shape = self.beta.shape = (x.shape[self._axis],)

    def hybrid_forward(self, F: Any, data: Any, gamma: Any, beta: Any) -> Any:
        return F.LayerNorm(data, gamma, beta, axis=self._axis, eps=self._epsilon)

    def __repr__(self) -> str:
        return f"LayerNorm({self._describe(f'axis={self._axis}')}, in_channels={(self.gamma.shape or (0,))[0]})"


class InstanceNorm(_Stateless):
    """Gives each channel (along `axis`) of each sample mean 0 and variance 1, then scales by gamma and shifts by beta.

    MXNet: `nn.InstanceNorm`; Ulyanov, Vedaldi, Lempitsky 2016.
    """

    def __init__(
        self,
        axis: int = 1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = False,
        beta_initializer: Init = "zeros",
        gamma_initializer: Init = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(in_channels, epsilon, center, scale, beta_initializer, gamma_initializer, **kwargs)
        self._axis = axis

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        self.gamma.shape = self.beta.shape = (x.shape[self._axis],)

    def hybrid_forward(self, F: Any, x: Any, gamma: Any, beta: Any) -> Any:
        if self._axis == 1:
            return F.InstanceNorm(x, gamma, beta, eps=self._epsilon, name="fwd")
        swapped = F.InstanceNorm(F.swapaxes(x, dim1=1, dim2=self._axis), gamma, beta, eps=self._epsilon)
        return F.swapaxes(swapped, dim1=1, dim2=self._axis)

    def __repr__(self) -> str:
        return f"InstanceNorm({self._describe(f'axis={self._axis}')}, in_channels={(self.gamma.shape or (0,))[0]})"


class GroupNorm(_Stateless):
    """Gives each of `num_groups` groups of channels of each sample mean 0 and variance 1; gamma and beta are a group's.

    MXNet: `nn.GroupNorm`; Wu, He 2018.
    """

    def __init__(
        self,
        num_groups: int = 1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Init = "zeros",
        gamma_initializer: Init = "ones",
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(
            num_groups, epsilon, center, scale, beta_initializer, gamma_initializer, prefix=prefix, params=params
        )
        self._num_groups = num_groups

    def hybrid_forward(self, F: Any, data: Any, gamma: Any, beta: Any) -> Any:
        return F.GroupNorm(data, gamma, beta, num_groups=self._num_groups, eps=self._epsilon)

    def __repr__(self) -> str:
        return f"GroupNorm({self._describe(f'num_groups={self._num_groups}')})"
