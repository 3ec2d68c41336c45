"""Losses: how far predictions are from labels, one number for each sample (for PoissonNLLLoss one for the batch).

Each is a block without parameters whose formula is in its docstring; p is the prediction, y the label, [N, …] their
shape, and the mean is over all axes but `batch_axis`. `weight` scales the whole loss, `sample_weight` each sample by
broadcasting. Invariant: labels take the prediction's shape before anything is computed, so [N] against [N, 1] never
becomes [N, N].
"""

from __future__ import annotations

import math
from numbers import Number
from typing import Any

from .errors import BadArgument, Incompatible
from .hybrid import HybridBlock

Weight = float | None


class Loss(HybridBlock):
    """The base of losses: subclasses define `hybrid_forward(F, pred, label, ...)`. MXNet: `gluon.loss.Loss`."""

    def __init__(self, weight: Weight, batch_axis: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._weight = weight
        self._batch_axis = batch_axis

    def __repr__(self) -> str:
        return f"{type(self).__name__}(batch_axis={self._batch_axis}, w={self._weight})"

    def _mean(self, F: Any, loss: Any, sample_weight: Any, weight: Weight) -> Any:
        """The weighted mean over all axes but the batch's."""
        return F.mean(_weighted(F, loss, sample_weight, weight), axis=self._batch_axis, exclude=True)


def _weighted(F: Any, loss: Any, sample_weight: Any, weight: Weight) -> Any:
    if sample_weight is not None:
        loss = F.broadcast_mul(loss, sample_weight)
    if weight is not None:
        if not isinstance(weight, Number):
            raise Incompatible(f"the weight of a loss must be a number, got {type(weight).__name__}")
        loss = loss * weight
    return loss


def _binary_cross_entropy(F: Any, pred: Any, label: Any) -> Any:
    """-y log s(p) - (1 - y) log(1 - s(p)), s the sigmoid, written so that nothing overflows."""
    return F.relu(pred) - pred * label + F.Activation(-F.abs(pred), act_type="softrelu")


class L2Loss(Loss):
    """mean((p - y)^2) * weight / 2. MXNet: `L2Loss`.

    >>> from mxl.core import nd
    >>> L2Loss()(nd.array([[1, 2], [3, 4]]), nd.array([[1, 2], [3, 6]])).asnumpy().tolist()
    [0.0, 1.0]
    """

    def __init__(self, weight: Weight = 1.0, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        label = F.reshape_like(label, pred)
        halved = None if self._weight is None else self._weight / 2
        return self._mean(F, F.square(label - pred), sample_weight, halved)


class L1Loss(Loss):
    """mean(|p - y|). MXNet: `L1Loss`."""

    def __init__(self, weight: Weight = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        label = F.reshape_like(label, pred)
        return self._mean(F, F.abs(label - pred), sample_weight, self._weight)


class SigmoidBinaryCrossEntropyLoss(Loss):
    """mean(-y log s(p) - (1 - y) log(1 - s(p))), s the sigmoid; `from_sigmoid` says that p is s(p) already.

    `pos_weight` weighs the first term. MXNet: `SigmoidBinaryCrossEntropyLoss`, `SigmoidBCELoss`.
    """

    def __init__(self, from_sigmoid: bool = False, weight: Weight = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_sigmoid = from_sigmoid

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None, pos_weight: Any = None) -> Any:
        label = F.reshape_like(label, pred)
        if self._from_sigmoid:
            eps = 1e-12
            positive = F.log(pred + eps) * label
            if pos_weight is not None:
                positive = F.broadcast_mul(positive, pos_weight)
            loss = -(positive + F.log(1.0 - pred + eps) * (1.0 - label))
        elif pos_weight is None:
            loss = _binary_cross_entropy(F, pred, label)
        else:
            log_weight = 1 + F.broadcast_mul(pos_weight - 1, label)
            softened = F.Activation(-F.abs(pred), act_type="softrelu") + F.relu(-pred)
            loss = pred - pred * label + log_weight * softened
        return self._mean(F, loss, sample_weight, self._weight)


SigmoidBCELoss = SigmoidBinaryCrossEntropyLoss


class SoftmaxCrossEntropyLoss(Loss):
    """mean(-log softmax(p)[y]): y holds class numbers, or, with `sparse_label=False`, a distribution of p's shape.

    `axis` is that of the classes; `from_logits` says that p is log softmax already. MXNet: `SoftmaxCrossEntropyLoss`,
    `SoftmaxCELoss`.

    >>> from mxl.core import nd
    >>> SoftmaxCrossEntropyLoss()(nd.zeros((2, 4)), nd.array([0, 3])).shape
    (2,)
    """

    def __init__(
        self,
        axis: int = -1,
        sparse_label: bool = True,
        from_logits: bool = False,
        weight: Weight = None,
        batch_axis: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._axis = axis
        self._sparse_label = sparse_label
        self._from_logits = from_logits

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        if not self._from_logits:
            pred = F.log_softmax(pred, axis=self._axis)
        if self._sparse_label:
            loss = -F.pick(pred, label, axis=self._axis, keepdims=True)
        else:
            loss = -F.sum(pred * F.reshape_like(label, pred), axis=self._axis, keepdims=True)
        return self._mean(F, loss, sample_weight, self._weight)


SoftmaxCELoss = SoftmaxCrossEntropyLoss


class KLDivLoss(Loss):
    """sum(y * (log y - p)), p being log probabilities, or, with `from_logits=False`, what log softmax is taken of.

    The sum is over all axes but `batch_axis`. MXNet: `KLDivLoss`.
    """

    def __init__(
        self, from_logits: bool = True, axis: int = -1, weight: Weight = None, batch_axis: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_logits = from_logits
        self._axis = axis

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        if not self._from_logits:
            pred = F.log_softmax(pred, axis=self._axis)
        loss = _weighted(F, label * (F.log(label + 1e-12) - pred), sample_weight, self._weight)
        return F.sum(loss, axis=self._batch_axis, exclude=True)


class HuberLoss(Loss):
    """mean of d^2 / (2 rho) where d = |p - y| <= rho, of d - rho / 2 elsewhere. MXNet: `HuberLoss`."""

    def __init__(self, rho: float = 1, weight: Weight = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._rho = rho

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        distance = F.abs(F.reshape_like(label, pred) - pred)
        loss = F.where(distance > self._rho, distance - 0.5 * self._rho, (0.5 / self._rho) * F.square(distance))
        return self._mean(F, loss, sample_weight, self._weight)


class HingeLoss(Loss):
    """mean(max(0, margin - p * y)), y being -1 or 1. MXNet: `HingeLoss`."""

    def __init__(self, margin: float = 1, weight: Weight = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        loss = F.relu(self._margin - pred * F.reshape_like(label, pred))
        return self._mean(F, loss, sample_weight, self._weight)


class SquaredHingeLoss(Loss):
    """mean(max(0, margin - p * y)^2), y being -1 or 1. MXNet: `SquaredHingeLoss`."""

    def __init__(self, margin: float = 1, weight: Weight = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        loss = F.square(F.relu(self._margin - pred * F.reshape_like(label, pred)))
        return self._mean(F, loss, sample_weight, self._weight)


class LogisticLoss(Loss):
    """mean(log(1 + exp(-p * y))), y being -1 or 1, or, with `label_format='binary'`, 0 or 1. MXNet: `LogisticLoss`.

    Raises ValueError for another label format.
    """

    def __init__(self, weight: Weight = None, batch_axis: int = 0, label_format: str = "signed", **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        if label_format not in ("signed", "binary"):
            raise BadArgument(f"LogisticLoss: label_format is {label_format!r}; known: signed, binary")
        self._label_format = label_format

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        label = F.reshape_like(label, pred)
        if self._label_format == "signed":
            label = (label + 1.0) / 2.0
        return self._mean(F, _binary_cross_entropy(F, pred, label), sample_weight, self._weight)


class TripletLoss(Loss):
    """max(0, margin + sum((p - positive)^2) - sum((p - negative)^2)). MXNet: `TripletLoss`."""

    def __init__(self, margin: float = 1, weight: Weight = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, pred: Any, positive: Any, negative: Any, sample_weight: Any = None) -> Any:
        positive = F.reshape_like(positive, pred)
        negative = F.reshape_like(negative, pred)
        distance = F.sum(F.square(positive - pred) - F.square(negative - pred), axis=self._batch_axis, exclude=True)
        return _weighted(F, F.relu(distance + self._margin), sample_weight, self._weight)


class PoissonNLLLoss(Loss):
    """mean(exp(p) - y * p) over the whole batch, or, with `from_logits=False`, mean(p - y * log(p + epsilon)).

    `compute_full` adds Stirling's approximation of log(y!) where y > 1. MXNet: `PoissonNLLLoss`.
    """

    def __init__(
        self,
        weight: Weight = None,
        from_logits: bool = True,
        batch_axis: int = 0,
        compute_full: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_logits = from_logits
        self._compute_full = compute_full

    def hybrid_forward(self, F: Any, pred: Any, target: Any, sample_weight: Any = None, epsilon: float = 1e-08) -> Any:
        target = F.reshape_like(target, pred)
        loss = F.exp(pred) - target * pred if self._from_logits else pred - target * F.log(pred + epsilon)
        if self._compute_full:
            # Up to 1 the approximation is not used: there it need only be harmless, which log(0) is not.
            large = F.broadcast_maximum(target, F.ones_like(target))
            stirling = large * F.log(large) - large + 0.5 * F.log(2 * math.pi * large)
            loss = loss + F.where(target > 1, stirling, F.zeros_like(stirling))
        return F.mean(_weighted(F, loss, sample_weight, self._weight))


class CosineEmbeddingLoss(Loss):
    """1 - cos(a, b) where y is 1, max(0, cos(a, b) - margin) where y is -1.   a, b: [N, I], y: [N] -> [N, 1]

    MXNet: `CosineEmbeddingLoss`.
    """

    def __init__(self, weight: Weight = None, batch_axis: int = 0, margin: float = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, input1: Any, input2: Any, label: Any, sample_weight: Any = None) -> Any:
        input1 = F.reshape_like(input1, input2)
        label = F.reshape(label, shape=(-1, 1))
        product = F.sum(input1 * input2, axis=-1, keepdims=True)
        norms = F.norm(input1, axis=-1, keepdims=True) * F.norm(input2, axis=-1, keepdims=True)
        cosine = F.broadcast_div(product, F.maximum(norms, 1e-12))
        loss = F.where(label == 1, 1 - cosine, F.relu(cosine - self._margin))
        return _weighted(F, loss, sample_weight, self._weight)


class SDMLLoss(Loss):
    """For pairs a[i], b[i] that belong together: how badly the distances from a[i] tell b[i] from the other b's.

    a, b: [N, I] with N > 1 -> [N]: KL divergence from softmax(-|a[i] - b[j]|^2) to the pairs, a share of
    `smoothing_parameter` of which is spread over all j != i. Raises ValueError for a single pair. MXNet: `SDMLLoss`;
    Bonadiman, Kumar, Mittal 2019.
    """

    def __init__(
        self, smoothing_parameter: float = 0.3, weight: Weight = 1.0, batch_axis: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._smoothing = smoothing_parameter

    def hybrid_forward(self, F: Any, x1: Any, x2: Any) -> Any:
        pairs = x1.shape[0]
        if pairs < 2:
            raise BadArgument(f"SDMLLoss compares each pair with others: expected at least 2 pairs, got {pairs}")
        apart = F.broadcast_sub(F.expand_dims(x1, axis=1), F.expand_dims(x2, axis=0))
        log_shares = F.log_softmax(-F.sum(F.square(apart), axis=2), axis=1)
        same = F.eye(pairs, ctx=x1.context, dtype=x1.dtype)
        wanted = same * (1 - self._smoothing) + (1 - same) * (self._smoothing / (pairs - 1))
        loss = wanted * (F.log(wanted + 1e-12) - log_shares)
        return F.sum(_weighted(F, loss, None, self._weight), axis=1)


class CTCLoss(Loss):
    """-log of the probability of a labelling between whose labels blanks and repeats may come. MXNet: `CTCLoss`.

    pred: [N, T, C] ('NTC') or [T, N, C] ('TNC'), scores before softmax, the last class being the blank; label: [N, L]
    ('NT') or [L, N] ('TN') of class numbers, ended by -1 -> [N]. pred_lengths, label_lengths: [N], how much of each
    counts. AssertionError: another layout. Graves et al. 2006.

    >>> from mxl.core import nd
    >>> print(f"{CTCLoss()(nd.ones((1, 20, 4)), nd.array([[1, 0, -1, -1]])).asscalar():.3f}")
    18.828
    """

    def __init__(self, layout: str = "NTC", label_layout: str = "NT", weight: Weight = None, **kwargs: Any) -> None:
        if layout not in ("NTC", "TNC"):
            raise Incompatible(f"CTCLoss: layout is {layout!r}; known for pred: 'NTC', 'TNC'")
        if label_layout not in ("NT", "TN"):
            raise Incompatible(f"CTCLoss: label_layout is {label_layout!r}; known: 'NT', 'TN'")
        super().__init__(weight, label_layout.find("N"), **kwargs)
        self._layout = layout
        self._label_layout = label_layout

    def hybrid_forward(
        self, F: Any, pred: Any, label: Any, pred_lengths: Any = None, label_lengths: Any = None,
        sample_weight: Any = None,
    ) -> Any:  # fmt: skip
        if self._layout == "NTC":
            pred = F.swapaxes(pred, 0, 1)
        if self._label_layout == "TN":
            label = F.swapaxes(label, 0, 1)
        loss = F.CTCLoss(
            pred, label, pred_lengths, label_lengths, use_data_lengths=pred_lengths is not None,
            use_label_lengths=label_lengths is not None, blank_label="last",
        )  # fmt: skip
        return _weighted(F, loss, sample_weight, self._weight)
