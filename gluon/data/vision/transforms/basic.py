"""Transforms one after the other, and those that every image goes through: to floats, and normalised."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from ....block import Block
from ....hybrid import HybridBlock
from ....nn import HybridSequential, Sequential


class Compose(Sequential):
    """Transforms one after the other; neighbouring HybridBlocks become one HybridSequential. MXNet: `Compose`.

    >>> from mxl.core import nd
    >>> Compose([ToTensor(), Normalize(0.5, 0.5)])(nd.ones((2, 3, 1), dtype="uint8") * 255).asnumpy().tolist()
    [[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]
    """

    def __init__(self, transforms: Sequence[Block]) -> None:
        super().__init__()
        together: list[HybridBlock] = []
        for transform in [*transforms, None]:
            if isinstance(transform, HybridBlock):
                together.append(transform)
                continue
            if len(together) == 1:
                self.add(together[0])
            elif together:
                hybrid = HybridSequential()
                hybrid.add(*together)
                hybrid.hybridize()
                self.add(hybrid)
            together = []
            if transform is not None:
                self.add(transform)


class Cast(HybridBlock):
    """To another dtype. MXNet: `Cast`."""

    def __init__(self, dtype: Any = "float32") -> None:
        super().__init__()
        self._dtype = dtype

    def hybrid_forward(self, F: Any, *args: Any) -> Any:
        x, *rest = args
        cast = F.cast(x, self._dtype)
        return (cast, *rest) if rest else cast


class ToTensor(HybridBlock):
    """Bytes as floats from 0 to 1, channels first.   [H, W, C] -> [C, H, W]. MXNet: `ToTensor`."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.image.to_tensor(x)


class Normalize(HybridBlock):
    """(x - mean) / std, numbers or one for each channel.   [C, H, W]. MXNet: `Normalize`."""

    def __init__(self, mean: Any = 0.0, std: Any = 1.0) -> None:
        super().__init__()
        self._mean = mean
        self._std = std

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.image.normalize(x, self._mean, self._std)


class RandomApply(Sequential):
    """Applies `transforms`, a block, with probability `p`, by Python's `random`. MXNet: `RandomApply`.

    >>> from mxl.core import nd
    >>> RandomApply(Cast("float64"), p=1)(nd.ones((2,))).dtype.__name__
    'float64'
    """

    def __init__(self, transforms: Any, p: float = 0.5) -> None:
        super().__init__()
        self.transforms = transforms
        self.p = p

    def forward(self, x: Any) -> Any:
        return x if self.p < random.random() else self.transforms(x)


class HybridCompose(HybridSequential):
    """HybridBlocks one after the other. MXNet: `HybridCompose`, of its later versions.

    Raises ValueError for a block that is not a HybridBlock.
    """

    def __init__(self, transforms: Sequence[HybridBlock]) -> None:
        super().__init__()
        self.add(*transforms)


class HybridRandomApply(HybridSequential):
    """Applies `transforms`, a HybridBlock, with probability `p`, by mx.random's stream.

    MXNet: `HybridRandomApply`, of its later versions. Raises ValueError for a block that is not a HybridBlock.
    """

    def __init__(self, transforms: HybridBlock, p: float = 0.5) -> None:
        super().__init__()
        self.add(transforms)
        self.p = p

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        chosen = F.random.uniform(0, 1, shape=(1,)) < self.p
        return F.contrib.cond(chosen, lambda: super(HybridRandomApply, self).hybrid_forward(F, x), lambda: x)
