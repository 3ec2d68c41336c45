"""The table as a whole: each operator has a gradient row or is a constant, a docstring, and is found by its names."""

import ast
from pathlib import Path

import pytest

from mxl.core import nd
from mxl.core.fluent import Fluent
from mxl.core.op import TABLE, Op

HERE = Path(__file__).parent / "ops"
NO_DERIVATIVE = {  # their gradient is by definition not that of their value
    "make_loss", "SoftmaxOutput", "LinearRegressionOutput", "LogisticRegressionOutput", "MAERegressionOutput",
    "SVMOutput", "MakeLoss", "IdentityAttachKLSparseReg",
    "_image_random_brightness", "_image_random_contrast", "_image_random_saturation", "_image_random_hue",
    "_image_random_color_jitter", "_image_random_lighting", "_image_random_gray",
}  # fmt: skip
OPERATORS = sorted({op.name for op in TABLE.values() if not op.name.startswith("_test")})


def named_in_gradient_tests():
    """Every attribute and string in the files that check gradients."""
    names = set()
    for file in HERE.rglob("test_*.py"):
        text = file.read_text()
        if "check_gradient" in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Attribute):
                    names.add(node.attr)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    names.add(node.value)
    return names


def is_constant(op: Op) -> bool:
    return op.rules is not None and all(rule is None for rule in op.rules)


def is_a_gradient_s_part(name: str) -> bool:
    """The private operators of the nn families are called by the rules of public ones, and checked through them."""
    return name.startswith("_") and ".nn." in TABLE[name].fn.__module__


def test_every_operator_has_a_gradient_row_or_is_a_constant():
    tested = named_in_gradient_tests()
    missing = [
        name
        for name in OPERATORS
        if name not in NO_DERIVATIVE
        and not is_constant(TABLE[name])
        and not tested & {name, *TABLE[name].aliases}
        and not is_a_gradient_s_part(name)
    ]
    assert sorted(missing) == []


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_says_what_it_does(name):
    assert TABLE[name].__doc__, name
    assert TABLE[name].rules is not None or TABLE[name].all_rule is not None or not TABLE[name].array_names, (
        f"declare {name}.vjp(...), with None for constants"
    )


def test_every_alias_is_in_the_table_and_in_nd():
    for op in set(TABLE.values()):
        for alias in (op.name, *op.aliases):
            assert TABLE[alias] is op
            assert getattr(nd, alias) is not None


def test_every_method_has_its_operator():
    for name in vars(Fluent):
        if not name.startswith("__"):
            assert name in TABLE, name
