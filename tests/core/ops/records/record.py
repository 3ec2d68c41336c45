"""Asks real MXNet for the result of every expression of the families here and writes <family>.json.

Run it with MXNet's python: `python record.py [family ...]`.  An expression may use `nd`, `mx`, `np`, `ag` and:

    r(3, 4)             the same numbers of -1 .. 1 each time, float32; seed=, dtype=, low=, high=
    spd(3)              a symmetric positive definite matrix; spd(2, 3): a batch of two
    grad(f, x, ...)     f's outputs, and the gradients of x, ... under head gradients that differ from place to place
    with_seed(7, f)     f() after mx.random.seed(7)
"""

import importlib.util
import json
import sys
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("mxl_facts_record_plain", HERE.parents[1] / "facts" / "record.py")
facts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(facts)


def vocabulary(mx):
    """What an expression may use."""

    def r(*shape, seed=0, dtype="float32", low=-1.0, high=1.0):
        return mx.nd.array(np.random.RandomState(seed).uniform(low, high, shape), dtype=dtype)

    def spd(*shape, dtype="float32"):
        a = np.random.RandomState(3).uniform(-1, 1, (*shape, shape[-1]))
        return mx.nd.array(a @ np.swapaxes(a, -1, -2) + np.eye(shape[-1]), dtype=dtype)

    def grad(f, *arrays):
        for x in arrays:
            x.attach_grad()
        with mx.autograd.record():
            out = f(*arrays)
        outs = list(out) if isinstance(out, (list, tuple)) else [out]
        heads = [mx.nd.array(np.cos(np.arange(o.size)).reshape(o.shape), dtype=o.dtype) for o in outs]
        mx.autograd.backward(outs, heads)
        return [*outs, *[x.grad for x in arrays]]

    def with_seed(seed, f):
        mx.random.seed(seed)
        return f()

    return {"mx": mx, "nd": mx.nd, "np": np, "ag": mx.autograd, "r": r, "spd": spd, "grad": grad,
            "with_seed": with_seed}  # fmt: skip


def ask(expression, mx):
    """The result of an expression, or the kinds of its error."""
    try:
        result = facts.plain(eval(expression, vocabulary(mx)), mx.nd.NDArray)
        mx.nd.waitall()
        return result
    except Exception as error:
        names = [k.__name__.replace("MXLError", "MXNetError") for k in type(error).__mro__]
        return {"errors": [kind for kind in facts.KINDS if kind in names]}


def slim(fact):
    """Without printed forms; numbers to nine digits, which is what float32 holds."""
    if "items" in fact:
        return {"items": [slim(item) for item in fact["items"]]}
    if "values" in fact:
        digits = 17 if fact["dtype"] == "float64" else 9
        values = [float(f"{v:.{digits}g}") for v in fact["values"]]
        return {"dtype": fact["dtype"], "shape": fact["shape"], "values": values}
    return fact


def main(families):
    import mxnet

    warnings.simplefilter("ignore")
    for file in sorted((HERE).glob("ask_*.py")):
        family = file.stem.removeprefix("ask_")
        if families and family not in families:
            continue
        names = {}
        exec(file.read_text(), names)
        answers = {e: slim(ask(e, mxnet)) for e in names["EXPRESSIONS"]}
        lines = ",\n".join(f"{json.dumps(e)}: {json.dumps(f)}" for e, f in answers.items())
        (HERE / f"{family}.json").write_text("{\n" + lines + "\n}\n")
        refused = [e for e, f in answers.items() if "errors" in f]
        print(f"{family}: {len(answers)} records, {len(refused)} of them errors:", *refused, sep="\n    ")


if __name__ == "__main__":
    main(sys.argv[1:])
