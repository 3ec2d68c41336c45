"""What only MXNet's own scripts need: the import name `mxnet`. This file only gathers names."""

from __future__ import annotations

from .errors import MXNetImported
from .mxnet import install_as_mxnet, uninstall_as_mxnet

__all__ = ["MXNetImported", "install_as_mxnet", "uninstall_as_mxnet"]
