"""Ask MXNet for its public names: its python runs this file, which writes names.json: {path: signature}.

A path is `nd.concat`, `gluon.nn.Dense`, `nd.NDArray.reshape`: functions and classes of the areas below, and the public
methods and properties that a class defines itself.  A signature is a list of parameters as Python shows them, `null`
for a property or where Python cannot tell.
"""

import importlib
import inspect
import json
import warnings
from pathlib import Path

AREAS = (
    "nd", "nd.contrib", "nd.linalg", "nd.random", "nd.sparse", "nd.image", "autograd", "random", "context", "gluon",
    "gluon.nn", "gluon.rnn", "gluon.loss", "gluon.data", "gluon.data.vision", "gluon.data.vision.transforms",
    "gluon.model_zoo.vision", "gluon.utils", "gluon.contrib.estimator", "gluon.contrib.nn", "gluon.contrib.rnn",
    "gluon.contrib.cnn", "gluon.contrib.data", "optimizer", "lr_scheduler", "init", "metric", "kv", "callback", "model",
    "operator", "viz", "name", "attribute", "engine", "runtime", "util", "log", "profiler", "recordio", "test_utils",
)  # fmt: skip
ELSEWHERE = {"init": "initializer", "kv": "kvstore", "viz": "visualization", "nd": "ndarray"}


def signature(thing):
    try:
        return [str(one) for one in inspect.signature(thing).parameters.values() if one.name not in ("self", "cls")]
    except (TypeError, ValueError):
        return None


def is_public(name, thing, home):
    """Whether it is a function or class of MXNet's, and not a module's neighbour that it imported for itself."""
    if name.startswith("_") or not (inspect.isclass(thing) or callable(thing)):
        return False
    return (getattr(thing, "__module__", None) or "").startswith((home, "ndarray")) and not inspect.ismodule(thing)


def members(path, cls):
    for name, value in sorted(vars(cls).items()):
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            yield f"{path}.{name}", None
        elif isinstance(value, (staticmethod, classmethod)):
            yield f"{path}.{name}", signature(value.__func__)
        elif inspect.isfunction(value):
            yield f"{path}.{name}", signature(value)


def main():
    import mxnet as mx

    found, seen = {}, set()
    for area in AREAS:
        module = mx
        for part in area.split("."):
            module = getattr(module, part, None) or importlib.import_module(module.__name__ + "." + part)
        top, _, _ = area.partition(".")
        home = "mxnet." + {"random": "ndarray.random"}.get(top, ELSEWHERE.get(top, top))
        names = dir(module) if top == "nd" else getattr(module, "__all__", None) or dir(module)
        for name in sorted(names):
            thing = getattr(module, name, None)
            if thing is None or not is_public(name, thing, home):
                continue
            if inspect.isclass(thing):
                if thing in seen:
                    continue
                seen.add(thing)
                found.update(members(f"{area}.{name}", thing))
                found[f"{area}.{name}"] = signature(thing.__init__)
            else:
                found[f"{area}.{name}"] = signature(thing)
    path = Path(__file__).with_name("names.json")
    home = str(Path.home())
    rows = [f"{json.dumps(key)}: {json.dumps(found[key])}".replace(home, "~") for key in sorted(found)]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")
    print(len(found), "names")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
