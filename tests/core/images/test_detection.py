"""Augmenters with boxes: boxes stay on what they marked, and impossible ranges are said."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mxl import image, nd


@pytest.fixture
def marked():
    """A white rectangle on black, and its box."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[10:30, 20:50] = 255
    return nd.array(pixels, dtype="uint8"), np.array([[0, 20 / 60, 10 / 40, 50 / 60, 30 / 40]], np.float32)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("augmenter", [
    image.DetRandomCropAug(0.3, (0.5, 2.0), (0.2, 0.9)),
    image.DetRandomPadAug((0.5, 2.0), (1.0, 4.0), pad_val=(0, 0, 0)),
    image.DetHorizontalFlipAug(0.5),
], ids=lambda augmenter: type(augmenter).__name__)
def test_a_box_stays_on_what_it_marked(marked, augmenter, seed):
    random.seed(seed)
    picture, label = augmenter(*marked)
    height, width = picture.shape[:2]
    left, top, right, bottom = np.rint(label[0, 1:] * [width, height, width, height]).astype(int)
    pixels = picture.asnumpy()
    assert (pixels[top:bottom, left:right] == 255).all()
    assert (pixels == 255).sum() == (bottom - top) * (right - left) * 3


@pytest.mark.parametrize("make, text", [
    (lambda: image.DetRandomCropAug(area_range=(0.5, 0.1)), r"CropAug does nothing: area_range is \(0.5, 0.1\)"),
    (lambda: image.DetRandomPadAug(area_range=1.0), r"PadAug does nothing: area_range is \(1.0, 1.0\)"),
    (lambda: image.DetRandomPadAug((0, 1)), r"PadAug does nothing: aspect_ratio_range is \(0, 1\)"),
])
def test_impossible_ranges_are_said(marked, make, text):
    with pytest.warns(UserWarning, match=text):
        augmenter = make()
    picture, label = augmenter(*marked)
    assert picture is marked[0]
    assert label is marked[1]


@pytest.mark.parametrize("call, error, text", [
    (lambda: image.DetBorrowAug(3), TypeError, "expected an image.Augmenter, got int"),
    (lambda: image.DetRandomSelectAug([image.CastAug()]), ValueError, "expected DetAugmenters, got CastAug"),
    (lambda: image.DetAugmenter()(1, 2), NotImplementedError, "DetAugmenter defines no __call__"),
    (lambda: image.CreateDetAugmenter((3, 4, 4), std=[1]), AssertionError, "CreateDetAugmenter: std is"),
    (lambda: image.CreateMultiRandCropAugmenter([0.1, 0.2], max_attempts=[1, 2, 3]), AssertionError, "has 2 values"),
])
def test_what_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
