"""Activations as layers.

Each is one operator of `core`, or two; only PReLU has a parameter. Invariant: the output has the input's shape.
"""

from __future__ import annotations

from typing import Any

from ...core import initializer
from ..errors import BadArgument
from ..hybrid import HybridBlock
from ..parameter import Init


class Activation(HybridBlock):
    """An elementwise function by name: 'relu', 'sigmoid', 'tanh', 'softrelu' or 'softsign'. MXNet: `nn.Activation`.

    >>> Activation("relu")
    Activation(relu)
    """

    def __init__(self, activation: str, **kwargs: Any) -> None:
        self._act_type = activation
        super().__init__(**kwargs)

    def _alias(self) -> str:
        return self._act_type

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.Activation(x, act_type=self._act_type, name="fwd")

    def __repr__(self) -> str:
        return f"Activation({self._act_type})"


class LeakyReLU(HybridBlock):
    """x where x > 0, alpha * x elsewhere. Raises ValueError for a negative alpha. MXNet: `nn.LeakyReLU`; Maas 2013."""

    def __init__(self, alpha: float, **kwargs: Any) -> None:
        if alpha < 0:
            raise BadArgument(f"LeakyReLU: alpha, the slope below 0, is {alpha}; expected 0 or more")
        super().__init__(**kwargs)
        self._alpha = alpha

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.LeakyReLU(x, act_type="leaky", slope=self._alpha, name="fwd")

    def __repr__(self) -> str:
        return f"LeakyReLU({self._alpha})"


class PReLU(HybridBlock):
    """LeakyReLU whose slope is learnt, one for each of `in_channels`. MXNet: `nn.PReLU`; He et al. 2015."""

    def __init__(self, alpha_initializer: Init = None, in_channels: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        init = initializer.create("constant", value=0.25) if alpha_initializer is None else alpha_initializer
        with self.name_scope():
            self.alpha = self.params.get("alpha", shape=(in_channels,), init=init)

    def hybrid_forward(self, F: Any, x: Any, alpha: Any) -> Any:
        return F.LeakyReLU(x, gamma=alpha, act_type="prelu", name="fwd")


class ELU(HybridBlock):
    """x where x > 0, alpha * (exp(x) - 1) elsewhere. MXNet: `nn.ELU`; Clevert et al. 2016."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._alpha = alpha

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.LeakyReLU(x, act_type="elu", slope=self._alpha)


class SELU(HybridBlock):
    """The ELU that keeps mean 0 and variance 1. MXNet: `nn.SELU`; Klambauer et al. 2017."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.LeakyReLU(x, act_type="selu", name="fwd")


class GELU(HybridBlock):
    """x * Phi(x), Phi the normal distribution's. MXNet: `nn.GELU`; Hendrycks, Gimpel 2016."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.LeakyReLU(x, act_type="gelu", name="fwd")


class Swish(HybridBlock):
    """x * sigmoid(beta * x). MXNet: `nn.Swish`; Ramachandran et al. 2017."""

    def __init__(self, beta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._beta = beta

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return x * F.sigmoid(self._beta * x, name="fwd")
