"""What this build can do, under MXNet's names of features.

mxl is numpy: of MXNet's features it has a BLAS, LAPACK, the distributed store and sizes beyond 32 bits.
"""

from __future__ import annotations

from collections import OrderedDict

from ..core.errors import MXLError

__all__ = ["Feature", "Features", "feature_list"]

_NAMES = (
    "CUDA", "CUDNN", "NCCL", "CUDA_RTC", "TENSORRT", "CPU_SSE", "CPU_SSE2", "CPU_SSE3", "CPU_SSE4_1", "CPU_SSE4_2",
    "CPU_SSE4A", "CPU_AVX", "CPU_AVX2", "OPENMP", "SSE", "F16C", "JEMALLOC", "BLAS_OPEN", "BLAS_ATLAS", "BLAS_MKL",
    "BLAS_APPLE", "LAPACK", "MKLDNN", "OPENCV", "CAFFE", "PROFILER", "DIST_KVSTORE", "CXX14", "INT64_TENSOR_SIZE",
    "SIGNAL_HANDLER", "DEBUG", "TVM_OP",
)  # fmt: skip
_HERE = frozenset({"BLAS_OPEN", "LAPACK", "DIST_KVSTORE", "INT64_TENSOR_SIZE"})


class Feature:
    """One feature: its name, and whether it is there."""

    __slots__ = ("_enabled", "_name")

    def __init__(self, name: str, enabled: bool) -> None:
        self._name = name
        self._enabled = enabled

    @property
    def name(self) -> str:
        """What the feature is called."""
        return self._name

    @property
    def enabled(self) -> bool:
        """Whether it is there."""
        return self._enabled

    def __repr__(self) -> str:
        return f"{'✔' if self.enabled else '✖'} {self.name}"


def feature_list() -> list[Feature]:
    """All features that MXNet 1.9.1 knows, each with whether it is there."""
    return [Feature(name, name in _HERE) for name in _NAMES]


class Features(OrderedDict[str, Feature]):
    """The features by name.

    >>> features = Features()
    >>> features.is_enabled("DIST_KVSTORE"), features["CUDA"]
    (True, ✖ CUDA)
    """

    def __init__(self) -> None:
        super().__init__((feature.name, feature) for feature in feature_list())

    def __repr__(self) -> str:
        return str(list(self.values()))

    def is_enabled(self, feature_name: str) -> bool:
        """Whether the feature is there, in capitals or not. Raises MXLError (a RuntimeError) for an unknown one."""
        name = feature_name.upper()
        if name not in self:
            raise MXLError(f"feature {name!r} is not known; known: {', '.join(self)}")
        return self[name].enabled
