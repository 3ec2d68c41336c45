"""mx.image's augmenters of images with boxes."""

import random

import numpy as np


def _image(mx, rows=12, columns=15):
    return mx.nd.array(np.random.RandomState(2).randint(0, 256, (rows, columns, 3)), dtype="uint8")


def _label():
    return np.array([[0, 0.1, 0.2, 0.5, 0.7], [1, 0.4, 0.1, 0.95, 0.6], [2, 0.6, 0.6, 0.8, 0.9]], "float32")


def _applied(mx, one, times=6):
    found = []
    for _ in range(times):
        image, label = one(_image(mx), _label())
        found.append([list(image.shape), float(image.astype("float32").sum().asscalar()), label])
    return found


def cropped(mx):
    ops = mx.image
    random.seed(0)
    return [_applied(mx, ops.DetRandomCropAug()), _applied(mx, ops.DetRandomCropAug(0.7, (0.5, 2.0), (0.2, 0.8), 0.5)),
            _applied(mx, ops.DetRandomCropAug(0.99, 1.0, (0.1, 0.2), max_attempts=3), 3),
            _applied(mx, ops.DetRandomCropAug(min_object_covered=0, area_range=0.4), 3), random.random()]


def padded(mx):
    ops = mx.image
    random.seed(1)
    return [_applied(mx, ops.DetRandomPadAug()),
            _applied(mx, ops.DetRandomPadAug((0.5, 2.0), (1.0, 4.0), 9, (1, 2, 3))),
            _applied(mx, ops.DetRandomPadAug(area_range=(1.0, 1.01)), 2), random.random()]


def mirrored_and_selected(mx):
    ops = mx.image
    random.seed(2)
    some = ops.DetRandomSelectAug([ops.DetHorizontalFlipAug(1), ops.DetRandomCropAug(), ops.DetRandomPadAug()], 0.3)
    return [_applied(mx, ops.DetHorizontalFlipAug(0.5)), _applied(mx, some),
            _applied(mx, ops.DetRandomSelectAug([]), 1),
            _applied(mx, ops.DetBorrowAug(ops.CenterCropAug((3, 4))), 1),
            _applied(mx, ops.DetRandomSelectAug(ops.DetHorizontalFlipAug(1)), 1), some.skip_prob, random.random()]


def several_crops(mx):
    ops = mx.image
    random.seed(3)
    some = ops.CreateMultiRandCropAugmenter([0.1, 0.5, 0.9], area_range=[(0.1, 1.0), (0.2, 1.0), (0.3, 0.9)],
                                            skip_prob=0.1)
    dumped = some.dumps()
    return [dumped, _applied(mx, some), ops.CreateMultiRandCropAugmenter().dumps(),
            lambda: ops.CreateMultiRandCropAugmenter([0.1, 0.5], max_attempts=[1, 2, 3])]


def described(mx):
    ops = mx.image
    make = ops.CreateDetAugmenter
    chains = [make((3, 8, 9)), make((3, 8, 9), resize=12, rand_crop=0.5, rand_pad=0.4, rand_mirror=True, mean=True,
                                    std=np.array([1.0, 2, 3]), brightness=0.1, hue=0.2, pca_noise=0.1, rand_gray=0.3)]
    return [
        [[one.dumps() for one in chain] for chain in chains],
        ops.DetBorrowAug(ops.ResizeAug(3)).dumps(), ops.DetHorizontalFlipAug(0.5).dumps(),
        ops.DetAugmenter(some=1).dumps(),
        ops.det.DetRandomPadAug is ops.DetRandomPadAug, ops.detection.DetBorrowAug is ops.DetBorrowAug]


def a_chain_applied(mx):
    random.seed(5)
    np.random.seed(5)
    chain = mx.image.CreateDetAugmenter((3, 5, 6), rand_crop=0.8, rand_pad=0.8, rand_mirror=True, mean=True, std=True,
                                        brightness=0.1, inter_method=1)
    found = []
    for _ in range(3):
        image, label = _image(mx), _label()
        for one in chain:
            image, label = one(image, label)
        found += [image, label]
    return found


def refused(mx):
    ops = mx.image
    return [lambda: ops.DetBorrowAug("augmenter"), lambda: ops.DetRandomSelectAug([ops.CastAug()]),
            lambda: ops.DetAugmenter()(1, 2), lambda: ops.CreateDetAugmenter((3, 4, 4), mean=[1, 2, 3])]
