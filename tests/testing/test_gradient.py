"""check_gradient finds wrong rules, of the first and the second order, and says what it saw."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.op import TABLE, op
from mxl.testing.gradient import check_gradient


@pytest.fixture
def declare():
    """Operators that leave the table after the test."""
    before = dict(TABLE)
    yield op
    TABLE.clear()
    TABLE.update(before)


def test_a_right_rule_passes():
    check_gradient(nd.dot, (2, 3), (3, 4), order=2)
    check_gradient(lambda x, i: nd.take(x, i) * 2, np.ones((4, 2)), nd.array([0, 3]), constants=[1])


def test_a_wrong_rule_is_found(declare):
    @declare
    def cube(data):
        return data**3

    cube.vjp(lambda g, _out, data: 2 * g * data * data)
    with pytest.raises(
        AssertionError,
        match=r"gradient of cube is -?[\d.]+ by the tape, -?[\d.]+ by central difference \(shapes \[2, 3\], seed 7\)",
    ):
        check_gradient(cube, (2, 3), seed=7)


def test_a_rule_that_is_wrong_only_for_its_own_gradient_is_found(declare):
    @declare
    def cube(data):
        return data**3

    cube.vjp(lambda g, _out, data: 3 * g * nd.BlockGrad(data * data))
    check_gradient(cube, (2, 3))
    with pytest.raises(AssertionError, match="second-order gradient of cube is"):
        check_gradient(cube, (2, 3), order=2)


def test_parameters_are_passed_and_named(declare):
    @declare
    def scaled(data, factor=1.0):
        return data * factor

    scaled.vjp(lambda g, _out, _data: g)
    check_gradient(scaled, (2,))
    with pytest.raises(AssertionError, match="'factor': 3"):
        check_gradient(scaled, (2,), factor=3)
