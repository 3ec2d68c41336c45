"""Operators on images: gradients, and what is refused; values are replayed from records of MXNet."""

from __future__ import annotations

import numpy as np
import pytest

from mxl import autograd, nd
from mxl.core.errors import DtypeError, InvalidSetting, MXLError, ShapeError
from mxl.core.op import TABLE
from mxl.testing import check_gradient


@pytest.mark.parametrize("name, settings, shapes", [
    ("_image_to_tensor", {}, [(2, 3, 3), (2, 2, 3, 1)]),
    ("_image_normalize", {"mean": 0.5, "std": 2.0}, [(3, 2, 4), (2, 1, 2, 2)]),
    ("_image_normalize", {"mean": (1, 2, 3), "std": (1, 2, 4)}, [(3, 2, 4)]),
    ("_image_flip_left_right", {}, [(2, 3, 3), (2, 2, 3, 1)]),
    ("_image_flip_top_bottom", {}, [(2, 3, 3), (2, 2, 3, 1)]),
    ("_image_crop", {"x": 1, "y": 2, "width": 3, "height": 2}, [(5, 4, 3), (2, 4, 5, 1)]),
    ("_zeros_around", {"pad_width": (1, 2, 0, 3)}, [(2, 3)]),
    ("_image_adjust_lighting", {"alpha": (0.1, 0.2, 0.3)}, [(2, 3, 3)]),
])
def test_gradients(name, settings, shapes):
    for shape in shapes:
        if name in ("_image_to_tensor", "_image_adjust_lighting"):  # linear; computed in float32 whatever comes in
            check_gradient(lambda x: TABLE[name](x, **settings).astype("float64"), shape, eps=0.5, rtol=1e-4)
        else:
            check_gradient(lambda x: TABLE[name](x, **settings), shape)
            check_gradient(lambda x: TABLE[name](x, **settings), shape, order=2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["random_brightness", "random_contrast", "random_saturation", "random_hue"])
def test_jittered_colours_pass_gradients_unchanged(name):
    x = nd.array(np.arange(12).reshape(2, 2, 3))
    x.attach_grad()
    with autograd.record():
        y = getattr(nd.image, name)(x, 0.5, 0.5) * 3
    y.backward()
    assert (x.grad == 3).asnumpy().all()


@pytest.mark.parametrize("name, axis", [("_image_random_flip_left_right", 1), ("_image_random_flip_top_bottom", 0)])
def test_gradients_are_mirrored_where_the_image_was(name, axis):
    x = nd.array(np.arange(12).reshape(2, 2, 3))
    x.attach_grad()
    weight = nd.array(np.arange(12).reshape(2, 2, 3) ** 2)
    seen = set()
    for _ in range(20):
        with autograd.record():
            y = TABLE[name](x)
            loss = (y * weight).sum()
        loss.backward()
        mirrored = not (y == x).asnumpy().all()
        seen.add(mirrored)
        assert (x.grad.asnumpy() == (np.flip(weight.asnumpy(), axis) if mirrored else weight.asnumpy())).all()
    assert seen == {False, True}


def test_resize_has_no_gradient():
    assert "_image_resize" in TABLE
    x = nd.ones((4, 4, 3))
    x.attach_grad()
    with autograd.record():
        y = nd.image.resize(x, 2)
    with pytest.raises(MXLError, match=r"image\.resize has no gradient, nor in MXNet: use contrib\.BilinearResize2D"):
        y.backward()


def test_mirrors_are_their_own_inverse():
    x = nd.array(np.arange(24).reshape(2, 4, 3))
    for flip in (nd.image.flip_left_right, nd.image.flip_top_bottom):
        assert (flip(flip(x)) == x).asnumpy().all()


@pytest.mark.parametrize("call, text", [
    (lambda: nd.image.to_tensor(nd.ones((2, 2))), r"to_tensor: data is \[2, 2\]; it takes \[H, W, C\]"),
    (lambda: nd.image.normalize(nd.ones((2, 3, 3))), "its channels come first, and there are 1 or 3"),
    (lambda: nd.image.normalize(nd.ones((3, 2, 2)), mean=(1, 2)), "mean has 2 numbers for 3 channels"),
    (lambda: nd.image.flip_left_right(nd.ones((2, 2))), "flip_left_right: data is"),
    (lambda: nd.image.crop(nd.ones((4, 4, 3)), 2, 0, 3, 2), r"3 x 2 from \(2, 0\) reaches out of an image of 4 x 4"),
    (lambda: nd.image.crop(nd.ones((4, 4, 3)), 0, 0, 0, 2), "width is 0, height is 2: both must be positive"),
    (lambda: nd.image.resize(nd.ones((4, 4, 3)), 0), "size is 0; it must be positive"),
    (lambda: nd.image.resize(nd.ones((4, 4, 3)), (1, 2, 3)), r"expected an int, or \(width, height\)"),
    (lambda: nd.image.resize(nd.ones((4, 4, 3)), 2, interp=9), "interp is 9; expected 0"),
    (lambda: nd.image.resize(nd.ones((4, 4, 3), dtype="int32"), 2), "it can be uint8, float32 or float64"),
    (lambda: nd.image.adjust_lighting(nd.ones((4, 4, 3)), (1, 2)), "alpha has 2 numbers; expected 3"),
    (lambda: nd.image.random_hue(nd.ones((4, 4, 2)), 0, 1), r"it takes one image, \[H, W, 1\] or \[H, W, 3\]"),
])
def test_what_is_refused(call, text):
    with pytest.raises((ShapeError, InvalidSetting, DtypeError), match=text):
        call()


def test_an_operator_that_is_not_there():
    with pytest.raises(AttributeError, match=r"mx.nd.image has no operator 'sharpen'; it has adjust_lighting, crop"):
        _ = nd.image.sharpen
