"""What real MXNet answered to calls of operator families, replayed: values, gradients, dtypes, kinds of error."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import mxl as mx

FOLDER = Path(__file__).parent / "records"
FAMILIES = sorted(FOLDER.glob("*.json"))
RECORDS = [(family.stem, e, fact) for family in FAMILIES for e, fact in json.loads(family.read_text()).items()]
spec = importlib.util.spec_from_file_location("mxl_op_record", FOLDER / "record.py")
record = importlib.util.module_from_spec(spec)
spec.loader.exec_module(record)

# where a result is a sum of many terms, its last digits depend on their order
TOLERANCE = {"float16": (2e-3, 1e-3), "float32": (2e-5, 2e-6), "float64": (1e-11, 1e-13)}


def agree(ours, theirs):
    if "values" in theirs:
        assert (ours.get("dtype"), ours.get("shape")) == (theirs["dtype"], theirs["shape"]), ours
        rtol, atol = TOLERANCE.get(theirs["dtype"], (0, 0))
        np.testing.assert_allclose(ours["values"], theirs["values"], rtol=rtol, atol=atol)
    elif "items" in theirs:
        assert len(ours["items"]) == len(theirs["items"])
        for a, b in zip(ours["items"], theirs["items"], strict=True):
            agree(a, b)
    elif "errors" in theirs:
        assert set(theirs["errors"]) <= set(ours.get("errors", ())), ours
    else:
        assert ours == theirs


@pytest.mark.parametrize("family, expression, fact", RECORDS, ids=[f"{f}-{e}" for f, e, _ in RECORDS])
def test_mxnet_says_the_same(family, expression, fact):
    agree(record.ask(expression, mx), fact)


def test_every_family_has_asked():
    assert {f.stem for f in FAMILIES} == {f.stem.removeprefix("ask_") for f in FOLDER.glob("ask_*.py")}
