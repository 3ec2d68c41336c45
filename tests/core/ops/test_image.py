"""Operators on images: gradients, and what is refused; values are replayed from records of MXNet."""

from __future__ import annotations

import numpy as np
import pytest

from mxl import nd
from mxl.core.errors import ShapeError
from mxl.core.op import TABLE
from mxl.testing import check_gradient


@pytest.mark.parametrize("name, settings, shapes", [
    ("_image_to_tensor", {}, [(2, 3, 3), (2, 2, 3, 1)]),
    ("_image_normalize", {"mean": 0.5, "std": 2.0}, [(3, 2, 4), (2, 1, 2, 2)]),
    ("_image_normalize", {"mean": (1, 2, 3), "std": (1, 2, 4)}, [(3, 2, 4)]),
    ("_image_flip_left_right", {}, [(2, 3, 3), (2, 2, 3, 1)]),
    ("_image_flip_top_bottom", {}, [(2, 3, 3), (2, 2, 3, 1)]),
])
def test_gradients(name, settings, shapes):
    for shape in shapes:
        if name == "_image_to_tensor":  # linear; its result is float32 whatever comes in
            check_gradient(lambda x: TABLE["_image_to_tensor"](x).astype("float64"), shape, eps=0.5, rtol=1e-4)
        else:
            check_gradient(lambda x: TABLE[name](x, **settings), shape)


def test_mirrors_are_their_own_inverse():
    x = nd.array(np.arange(24).reshape(2, 4, 3))
    for flip in (nd.image.flip_left_right, nd.image.flip_top_bottom):
        assert (flip(flip(x)) == x).asnumpy().all()


@pytest.mark.parametrize("call, text", [
    (lambda: nd.image.to_tensor(nd.ones((2, 2))), r"to_tensor: data is \[2, 2\]; it takes \[H, W, C\]"),
    (lambda: nd.image.normalize(nd.ones((2, 3, 3))), "its channels come first, and there are 1 or 3"),
    (lambda: nd.image.normalize(nd.ones((3, 2, 2)), mean=(1, 2)), "mean has 2 numbers for 3 channels"),
    (lambda: nd.image.flip_left_right(nd.ones((2, 2))), "flip_left_right: data is"),
])
def test_what_is_refused(call, text):
    with pytest.raises(ShapeError, match=text):
        call()


def test_an_operator_that_is_not_there():
    with pytest.raises(AttributeError, match=r"mx.nd.image has no operator 'sharpen'; it has flip_left_right"):
        _ = nd.image.sharpen
