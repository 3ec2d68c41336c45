"""Metrics: `mx.metric`.  One kind a file; `base.py` says what a metric is."""

from .base import CompositeEvalMetric, EvalMetric, alias, check_label_shapes, create, register
from .classification import F1, MCC, Accuracy, TopKAccuracy
from .correlation import PCC, PearsonCorrelation
from .custom import CustomMetric, np
from .likelihood import CrossEntropy, NegativeLogLikelihood, Perplexity
from .loss import Caffe, Loss, Torch
from .regression import MAE, MSE, RMSE

__all__ = [
    "F1",
    "MAE",
    "MCC",
    "MSE",
    "PCC",
    "RMSE",
    "Accuracy",
    "Caffe",
    "CompositeEvalMetric",
    "CrossEntropy",
    "CustomMetric",
    "EvalMetric",
    "Loss",
    "NegativeLogLikelihood",
    "PearsonCorrelation",
    "Perplexity",
    "TopKAccuracy",
    "Torch",
    "alias",
    "check_label_shapes",
    "create",
    "np",
    "register",
]
