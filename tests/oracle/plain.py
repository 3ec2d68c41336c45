"""Runs a case under whichever `mx` it is given, and writes its result as JSON: what record.py and test_replay.py share.

A case is a public function `name(mx)` of a file in cases/, written from MXNet's documentation, and run unchanged under
MXNet and under mxl.  What it returns is compared.  A function without arguments inside the result is called when its
turn comes, and its error, if it raises, is its result: so one case holds several calls that should fail.  Each case
begins with seed 0, outside every scope.
"""

import importlib.util
import inspect
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
KINDS = ("MXNetError", "RuntimeError", "ValueError", "TypeError", "KeyError", "IndexError", "AssertionError",
         "AttributeError", "UserWarning", "NotImplementedError")


def load(path):
    """A Python file as a module of its own."""
    spec = importlib.util.spec_from_file_location("oracle_" + path.stem, str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def all_cases():
    """{"file.name": function} of all files in cases/."""
    found = {}
    for path in sorted((HERE / "cases").glob("*.py")):
        module = load(path)
        for name, value in vars(module).items():
            if inspect.isfunction(value) and not name.startswith("_") and value.__module__ == module.__name__:
                found[path.stem + "." + name] = value
    return found


def run(case, mx):
    """The result of one case as plain data."""
    mx.random.seed(0)
    np.random.seed(0)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = plain(case(mx), mx)
            mx.nd.waitall()
        except Exception as error:
            result = failed(error)
    return result


def failed(error):
    """The kinds that a script could catch this error by."""
    names = {kind.__name__.replace("MXLError", "MXNetError") for kind in type(error).__mro__}
    return {"error": [kind for kind in KINDS if kind in names]}


def plain(value, mx):
    """The value as JSON: arrays with dtype, shape and numbers; everything that a user can tell apart stays apart."""
    if isinstance(value, mx.nd.NDArray):
        ctx = str(value.context)
        return {"array": np.dtype(value.dtype).name, "shape": list(value.shape), "values": numbers(value.asnumpy()),
                **({} if ctx == "cpu(0)" else {"ctx": ctx})}
    if isinstance(value, np.ndarray):
        return {"numpy": value.dtype.name, "shape": list(value.shape), "values": numbers(value)}
    if isinstance(value, (np.float64, np.int64)):            # numpy 2 prints them unlike numpy 1: no script can tell
        return value.item()
    if isinstance(value, np.generic):
        return {"scalar": value.dtype.name, "value": numbers(value)[0]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        items = [plain(item, mx) for item in value]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, dict):
        return {"dict": [[str(key), plain(item, mx)] for key, item in value.items()]}
    if inspect.isfunction(value):
        try:
            return plain(value(), mx)
        except Exception as error:
            return failed(error)
    if isinstance(value, mx.Context):
        return {"context": str(value)}
    if isinstance(value, type):
        return {"class": value.__name__}
    if isinstance(value, np.dtype):
        return {"dtype": value.name}
    raise TypeError(f"a case returned {value!r}, which the record has no form for")


def numbers(array):
    """Flat numbers; nine digits say a float32 exactly."""
    flat = np.asarray(array).ravel()
    if flat.dtype.kind == "O":
        raise TypeError("an array of objects has no numbers")
    if flat.dtype.kind == "f":
        return [float(f"{float(x):.9g}") if flat.dtype.itemsize < 8 else float(x) for x in flat]
    return flat.tolist()


def in_new_folder(case, mx):
    """Run a case that writes files where nothing else is."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return run(case, mx)
        finally:
            os.chdir(before)
