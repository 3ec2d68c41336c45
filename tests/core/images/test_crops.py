"""Sizes, rectangles and angles that cannot be are refused with what was expected."""

from __future__ import annotations

import numpy as np
import pytest

from mxl import image, nd

X = nd.ones((4, 5, 3))


@pytest.mark.parametrize("call, error, text", [
    (lambda: image.imresize(nd.ones((4, 5)), 2, 2), ValueError, r"imresize: src is \[4, 5\]; it takes one image"),
    (lambda: image.imresize(np.ones((4, 5, 3)), 2, 2), TypeError, "src must be an NDArray, not ndarray"),
    (lambda: image.imresize(X, 0, 2), ValueError, "w is 0, h is 2: both must be positive"),
    (lambda: image.copyMakeBorder(X, 1, 1, 1, 1, type=7), ValueError, "type is 7; expected 0 to 4"),
    (lambda: image.resize_short(X, 3, 7), ValueError, "interp is 7; expected 0 to 4, 9"),
    (lambda: image.random_size_crop(X, (2, 2), 0.5, (1, 2), other=1), AssertionError, "unknown arguments other"),
    (lambda: image.imrotate(X, 30, True, True), ValueError, "zoom_in and zoom_out cannot both be set"),
    (lambda: image.imrotate(X.astype("uint8"), 30), TypeError, "the image is uint8; it takes float32"),
    (lambda: image.imrotate(nd.ones((2, 2)), 30), ValueError, r"it takes \[C, H, W\] or \[N, C, H, W\]"),
    (lambda: image.imrotate(X, nd.ones((1,))), TypeError, "one image takes one number of degrees"),
    (lambda: image.imrotate(nd.ones((2, 1, 3, 3)), nd.ones((1,))), ValueError, "2 images and 1 angles"),
])
def test_what_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_resized_image_stays_within_its_values():
    x = nd.array(np.random.RandomState(0).randint(0, 256, (7, 9, 3)), dtype="uint8")
    for interp in (0, 1, 3):
        y = image.imresize(x, 5, 4, interp).asnumpy()
        assert x.asnumpy().min() <= y.min()
        assert y.max() <= x.asnumpy().max()


@pytest.mark.parametrize("call, error, text", [
    (lambda: image.CreateAugmenter((3, 4, 4), rand_resize=True), AssertionError, "wants rand_crop=True"),
    (lambda: image.CreateAugmenter((3, 4, 4), mean=[1]), AssertionError, "mean is .*; expected None, True, or"),
    (lambda: image.RandomSizedCropAug((2, 2), 1, (1, 2), other=1), AssertionError, "unknown arguments other"),
    (lambda: image.Augmenter()(X), NotImplementedError, "Augmenter defines no __call__"),
])
def test_augmenters_refuse(call, error, text):
    with pytest.raises(error, match=text):
        call()
