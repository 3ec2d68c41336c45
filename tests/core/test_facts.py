"""What real MXNet answered, replayed: values, dtypes, shapes, printed forms and kinds of error."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import mxl as mx

FOLDER = Path(__file__).parent / "facts"
FACTS = json.loads((FOLDER / "facts.json").read_text())
spec = importlib.util.spec_from_file_location("mxl_facts_record", FOLDER / "record.py")
record = importlib.util.module_from_spec(spec)
spec.loader.exec_module(record)


def agree(ours, theirs):
    if "values" in theirs:
        assert (ours["dtype"], ours["shape"]) == (theirs["dtype"], theirs["shape"])
        np.testing.assert_allclose(ours["values"], theirs["values"], rtol=2e-6, atol=1e-7)
        assert ours["text"] == theirs["text"]
    elif "items" in theirs:
        assert len(ours["items"]) == len(theirs["items"])
        for a, b in zip(ours["items"], theirs["items"], strict=True):
            agree(a, b)
    elif "errors" in theirs:
        assert set(theirs["errors"]) <= set(ours.get("errors", ())), ours
    else:
        assert ours == theirs


@pytest.mark.parametrize("expression", FACTS)
def test_mxnet_says_the_same(expression):
    agree(record.ask(expression, mx), FACTS[expression])
