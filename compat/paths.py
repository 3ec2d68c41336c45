"""Where MXNet's dotted paths lead in mxl, which of MXNet's modules mxl lacks, and how both are said.

Knows names only: it imports nothing and changes nothing.  Most paths need no row: `mxnet.x.y` is what `mxl.x.y` is.
A row here is a file of MXNet's whose contents mxl has in another file, the name that MXNet has for a module, or a
module of which a sentence more can be said.
A test holds the rows against the tree: what mxl has gained leaves `LEFT_OUT`.
"""

from __future__ import annotations

PACKAGE = __name__.partition(".")[0]
MXNET = "mxnet"

# MXNet's file -> the module that has its names
FILES = {
    "mxnet.gluon.contrib.nn.basic_layers": "mxl.gluon.contrib.nn",
    "mxnet.gluon.rnn.rnn_cell": "mxl.gluon.rnn",
    "mxnet.gluon.rnn.rnn_layer": "mxl.gluon.rnn",
    "mxnet.kvstore.kvstore": "mxl.kvstore",
    "mxnet.ndarray.ndarray": "mxl.core.ndarray",
    "mxnet.ndarray.op": "mxl.core.nd",
    "mxnet.ndarray.utils": "mxl.core.nd",
    "mxnet.optimizer.optimizer": "mxl.core.optimizer",
}

# modules with another name in mxl -> what MXNet calls them, for sentences
CALLED = {
    "mxl": "mxnet",
    "mxl.compat.base": "mxnet.base",
    "mxl.compat.callback": "mxnet.callback",
    "mxl.compat.engine": "mxnet.engine",
    "mxl.compat.error": "mxnet.error",
    "mxl.compat.libinfo": "mxnet.libinfo",
    "mxl.compat.log": "mxnet.log",
    "mxl.compat.model": "mxnet.model",
    "mxl.compat.registry": "mxnet.registry",
    "mxl.compat.runtime": "mxnet.runtime",
    "mxl.compat.util": "mxnet.util",
    "mxl.core.attribute": "mxnet.attribute",
    "mxl.core.autograd": "mxnet.autograd",
    "mxl.core.context": "mxnet.context",
    "mxl.core.contrib": "mxnet.ndarray.contrib",
    "mxl.core.custom": "mxnet.operator",
    "mxl.core.errors": "mxnet.base",
    "mxl.core.image": "mxnet.ndarray.image",
    "mxl.core.images": "mxnet.image",
    "mxl.core.images.detection": "mxnet.image.detection",
    "mxl.core.initializer": "mxnet.initializer",
    "mxl.core.linalg": "mxnet.ndarray.linalg",
    "mxl.core.lr_scheduler": "mxnet.lr_scheduler",
    "mxl.core.metric": "mxnet.metric",
    "mxl.core.name": "mxnet.name",
    "mxl.core.nd": "mxnet.ndarray",
    "mxl.core.ndarray": "mxnet.ndarray.ndarray",
    "mxl.core.optimizer": "mxnet.optimizer",
    "mxl.core.optimizer.contrib": "mxnet.optimizer.contrib",
    "mxl.core.profiler": "mxnet.profiler",
    "mxl.core.random": "mxnet.random",
    "mxl.core.recordio": "mxnet.recordio",
    "mxl.core.sparse": "mxnet.ndarray.sparse",
    "mxl.kvstore": "mxnet.kvstore",
    "mxl.kvstore.base": "mxnet.kvstore.base",
    "mxl.testing.test_utils": "mxnet.test_utils",
    "mxl.symbol": "mxnet.symbol",
    "mxl.viz": "mxnet.visualization",
}

_BLOCKS = "networks are blocks of mxnet.gluon"
_TRAINER = "train with mxnet.gluon.Trainer"
_DATA = "read data with mxnet.gluon.data.DataLoader"
_ARRAYS = "arrays are mxnet.ndarray's"

LEFT_OUT = {
    "mxnet.executor": _BLOCKS,
    "mxnet.io": _DATA,
    "mxnet.kvstore.kvstore_server": "a server is started by mxl-launch, or by hand as python -m mxl.server",
    "mxnet.kvstore_server": "a server is started by mxl-launch, or by hand as python -m mxl.server",
    "mxnet.mod": _TRAINER,
    "mxnet.module": _TRAINER,
    "mxnet.np": _ARRAYS,
    "mxnet.npx": _ARRAYS,
    "mxnet.numpy": _ARRAYS,
    "mxnet.numpy_extension": _ARRAYS,
    "mxnet.rnn": _BLOCKS,
}


def missing(path: str) -> str:
    """The sentence for a dotted path of MXNet's that leads nowhere in mxl."""
    parent = path.rpartition(".")[0]
    return f"mxl has no {path}; {LEFT_OUT.get(path) or f'dir({parent}) lists what it has there'}"


def mxnet_name(module: str) -> str | None:
    """What MXNet calls a module of mxl; None for one that has no counterpart."""
    if module == "mxl.gluon" or module.startswith("mxl.gluon."):
        return MXNET + module.removeprefix(PACKAGE)
    return CALLED.get(module)


def neighbour(module: str) -> str | None:
    """Where else to look for a name of this file: MXNet divides its packages into other files than mxl."""
    if module.startswith("mxl.gluon."):
        return module.rpartition(".")[0]
    return {"mxl.core.ndarray": "mxl.core.nd", "mxl.kvstore.base": "mxl.kvstore"}.get(module)
