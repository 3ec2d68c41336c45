"""mxl: a distributed parameter-server training system with the programming model of Apache MXNet 1.x.

    import mxl as mx

The public face. It defines nothing and loads nothing: each public name is a row of the table below and is imported the
first time somebody asks for it, so that a server process pays neither for gluon nor for pictures. What a name means is
said where it is defined. The block under TYPE_CHECKING says the same rows to type checkers and editors; a test holds
the two against each other and resolves every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from . import compat as compat
    from . import gluon as gluon
    from . import kvstore as kvstore
    from . import symbol as symbol
    from . import testing as testing
    from . import viz as viz
    from .compat import base as base
    from .compat import callback as callback
    from .compat import engine as engine
    from .compat import error as error
    from .compat import install_as_mxnet as install_as_mxnet
    from .compat import libinfo as libinfo
    from .compat import log as log
    from .compat import model as model
    from .compat import registry as registry
    from .compat import runtime as runtime
    from .compat import util as util
    from .compat.util import is_np_array as is_np_array
    from .compat.util import is_np_shape as is_np_shape
    from .compat.util import np_array as np_array
    from .compat.util import np_shape as np_shape
    from .compat.util import set_np_shape as set_np_shape
    from .compat.util import use_np as use_np
    from .compat.util import use_np_array as use_np_array
    from .compat.util import use_np_shape as use_np_shape
    from .core import attribute as attribute
    from .core import autograd as autograd
    from .core import context as context
    from .core import custom as operator  # noqa: F401
    from .core import errors as errors
    from .core import images as image
    from .core import initializer as initializer
    from .core import lr_scheduler as lr_scheduler
    from .core import metric as metric
    from .core import name as name
    from .core import nd as nd
    from .core import optimizer as optimizer
    from .core import profiler as profiler
    from .core import random as random
    from .core import recordio as recordio
    from .core.attribute import AttrScope as AttrScope
    from .core.context import Context as Context
    from .core.context import cpu as cpu
    from .core.context import cpu_pinned as cpu_pinned
    from .core.context import current_context as current_context
    from .core.context import gpu as gpu
    from .core.context import num_gpus as num_gpus
    from .core.errors import MXLError as MXLError
    from .core.errors import MXNetError as MXNetError
    from .core.version import __version__ as __version__
    from .testing import test_utils as test_utils

    # MXNet's second names
    img = image
    init = initializer
    kv = kvstore
    ndarray = nd
    opt = optimizer
    rnd = random
    sym = symbol
    visualization = viz

# name -> "module" for a module, "module:attribute" for what is in one; modules are relative to this package.
_NAMES = {
    "nd": ".core.nd",
    "ndarray": ".core.nd",
    "autograd": ".core.autograd",
    "random": ".core.random",
    "rnd": ".core.random",
    "recordio": ".core.recordio",
    "context": ".core.context",
    "Context": ".core.context:Context",
    "cpu": ".core.context:cpu",
    "cpu_pinned": ".core.context:cpu_pinned",
    "gpu": ".core.context:gpu",
    "num_gpus": ".core.context:num_gpus",
    "current_context": ".core.context:current_context",
    "init": ".core.initializer",
    "initializer": ".core.initializer",
    "image": ".core.images",
    "img": ".core.images",
    "optimizer": ".core.optimizer",
    "opt": ".core.optimizer",
    "lr_scheduler": ".core.lr_scheduler",
    "metric": ".core.metric",
    "errors": ".core.errors",
    "base": ".compat.base",
    "error": ".compat.error",
    "libinfo": ".compat.libinfo",
    "registry": ".compat.registry",
    "is_np_array": ".compat.util:is_np_array",
    "is_np_shape": ".compat.util:is_np_shape",
    "np_array": ".compat.util:np_array",
    "np_shape": ".compat.util:np_shape",
    "set_np_shape": ".compat.util:set_np_shape",
    "use_np": ".compat.util:use_np",
    "use_np_array": ".compat.util:use_np_array",
    "use_np_shape": ".compat.util:use_np_shape",
    "MXNetError": ".core.errors:MXNetError",
    "MXLError": ".core.errors:MXLError",
    "kvstore": ".kvstore",
    "kv": ".kvstore",
    "gluon": ".gluon",
    "sym": ".symbol",
    "symbol": ".symbol",
    "viz": ".viz",
    "visualization": ".viz",
    "testing": ".testing",
    "test_utils": ".testing.test_utils",
    "compat": ".compat",
    "callback": ".compat.callback",
    "engine": ".compat.engine",
    "log": ".compat.log",
    "model": ".compat.model",
    "runtime": ".compat.runtime",
    "util": ".compat.util",
    "profiler": ".core.profiler",
    "attribute": ".core.attribute",
    "AttrScope": ".core.attribute:AttrScope",
    "name": ".core.name",
    "operator": ".core.custom",
    "install_as_mxnet": ".compat:install_as_mxnet",
    "__version__": ".core.version:__version__",
}


def __getattr__(name: str) -> Any:
    target = _NAMES.get(name)
    if target is None:
        raise AttributeError(f"module 'mxl' has no attribute {name!r}; dir(mxl) lists its public names")
    from importlib import import_module

    module, _, attribute = target.partition(":")
    value = import_module(module, __name__)
    if attribute:
        value = getattr(value, attribute)
    globals()[name] = value  # the next look-up costs no call
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})
