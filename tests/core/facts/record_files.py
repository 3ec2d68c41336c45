"""Asks real MXNet to save arrays, and keeps the files as it wrote them.  Run it with MXNet's python.

FILES is what both sides make: test_serialization.py saves the same with mxl and compares byte by byte.
"""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
DTYPES = ("float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool")


def numbers(mx, shape, dtype="float32", **kwargs):
    values = (np.arange(int(np.prod(shape))) % 5 - 1).reshape(shape)
    if dtype in ("uint8", "bool"):
        values = abs(values)
    return mx.nd.array(values, dtype=dtype, **kwargs)


def one(mx):
    return numbers(mx, (2, 3))


def dtypes(mx):
    return {dtype: numbers(mx, (2, 2), dtype) for dtype in DTYPES}


def several(mx):
    return [numbers(mx, (1,)), numbers(mx, (2, 1, 3), "int8"), numbers(mx, (4, 1, 2, 1, 1), "float16")]


def names(mx):
    return {"fc1_weight": numbers(mx, (2, 2)), "arg:b\u00e9ta \u96ea": numbers(mx, (3,)), "": numbers(mx, (1,))}


def devices(mx):
    return [numbers(mx, (2,), ctx=mx.cpu(3)), numbers(mx, (2,), ctx=mx.cpu_pinned(1))]


def views(mx):
    whole = numbers(mx, (4, 3))
    return [whole[1], whole[1:3], whole[:, 1:], whole.T, whole.reshape((2, 6))]


def no_elements(mx):
    return [mx.nd.empty((0, 3)), mx.nd.array([[]]), mx.nd.empty((2, 0, 2), dtype="int64")]


def nothing(mx):
    return []


def no_names(mx):
    return {}


FILES = {f.__name__: f for f in (one, dtypes, several, names, devices, views, no_elements, nothing, no_names)}


def main():
    import mxnet as mx

    folder = HERE / "files"
    folder.mkdir(exist_ok=True)
    for name, make in FILES.items():
        mx.nd.save(str(folder / f"{name}.params"), make(mx))
    with mx.util.np_shape(True):
        mx.nd.save(str(folder / "np_shape.params"), {"scalar": mx.nd.array(3.0), "row": numbers(mx, (2,))})
    mx.nd.save(str(folder / "scalar.params"), mx.nd.array(3.0))
    mx.nd.save(str(folder / "row_sparse.params"), numbers(mx, (3, 2)).tostype("row_sparse"))
    mx.nd.save(str(folder / "csr.params"), [numbers(mx, (1,)), numbers(mx, (3, 2)).tostype("csr")])


if __name__ == "__main__":
    main()
