"""mx.image's augmenters, called and described; the chains that CreateAugmenter makes."""

import random

import numpy as np


def _image(mx, rows=6, columns=7, dtype="float32"):
    return mx.nd.array(np.random.RandomState(2).randint(0, 256, (rows, columns, 3)), dtype=dtype)


def sizes(mx):
    ops, x = mx.image, _image(mx, dtype="uint8")
    random.seed(0)
    return [ops.ResizeAug(3)(x), ops.ResizeAug(4, 9)(x).shape, ops.ForceResizeAug((3, 5))(x),
            ops.CenterCropAug((3, 2))(x), ops.ForceResizeAug((9, 9), 9)(x).shape, ops.RandomCropAug((3, 2))(x),
            ops.RandomCropAug((9, 4), 1)(x).shape,
            ops.RandomSizedCropAug((3, 2), 0.3, (0.8, 1.2))(x),
            ops.RandomSizedCropAug((3, 2), (0.2, 0.4), (1, 2), 1)(x),
            ops.RandomSizedCropAug((3, 2), None, (1, 2), min_area=0.5).area, ops.CastAug()(x).dtype,
            ops.CastAug("float64")(x).dtype, random.random(),
            lambda: ops.RandomSizedCropAug((3, 2), 0.3, (1, 2), nonsense=1), lambda: ops.Augmenter()(x)]


def mirrors_and_greys(mx):
    ops, x = mx.image, _image(mx, 1, 2)
    random.seed(1)
    return [[ops.HorizontalFlipAug(0.5)(x) for _ in range(5)], [ops.RandomGrayAug(0.5)(x) for _ in range(4)],
            ops.HorizontalFlipAug(0)(x), ops.RandomGrayAug(1)(x), random.random()]


def colours(mx):
    ops = mx.image
    random.seed(2)
    np.random.seed(2)
    found = [ops.BrightnessJitterAug(0.3)(_image(mx)), ops.ContrastJitterAug(0.3)(_image(mx)),
             ops.SaturationJitterAug(0.3)(_image(mx)), ops.HueJitterAug(0.3)(_image(mx)),
             ops.LightingAug(0.1, np.array([55.46, 4.794, 1.148]), np.eye(3))(_image(mx)),
             ops.ColorNormalizeAug(mx.nd.array([1, 2, 3]), [2, 2, 4])(_image(mx)),
             ops.ColorNormalizeAug(None, np.array([2.0]))(_image(mx))]
    jitter = ops.ColorJitterAug(0.1, 0.2, 0.3)
    found += [jitter(_image(mx)) for _ in range(3)]
    x = _image(mx)
    same = ops.BrightnessJitterAug(0.5)(x)
    return [found, len(jitter.ts), len(ops.ColorJitterAug(0, 0.2, 0).ts), x is same, random.random()]


def one_after_the_other(mx):
    ops, x = mx.image, _image(mx)
    random.seed(3)
    both = ops.SequentialAug([ops.CenterCropAug((3, 3)), ops.CastAug("float64")])
    mixed = ops.RandomOrderAug([ops.BrightnessJitterAug(0.1), ops.ContrastJitterAug(0.1), ops.CastAug("float32")])
    return [both(x), both.dumps(), mixed(_image(mx)), mixed.dumps(), [type(one).__name__ for one in mixed.ts]]


def described(mx):
    ops = mx.image
    made = [ops.ResizeAug(3), ops.ForceResizeAug((3, 5), 1), ops.RandomCropAug((3, 2)), ops.CenterCropAug((3, 2)),
            ops.RandomSizedCropAug((3, 2), 0.3, (0.8, 1.2)), ops.BrightnessJitterAug(0.3), ops.ContrastJitterAug(0.3),
            ops.SaturationJitterAug(0.3), ops.HueJitterAug(0.3), ops.RandomGrayAug(0.1), ops.HorizontalFlipAug(0.5),
            ops.CastAug(), ops.LightingAug(0.1, np.ones(3), np.eye(3)), ops.ColorJitterAug(0.1, 0, 0.2),
            ops.ColorNormalizeAug(mx.nd.array([1, 2, 3]), np.array([0.5])), ops.Augmenter(some=1)]
    return [one.dumps() for one in made]


def chains(mx):
    make = mx.image.CreateAugmenter
    return [[one.dumps() for one in chain] for chain in (
        make((3, 4, 5)), make((3, 4, 5), resize=8, rand_crop=True, rand_mirror=True, inter_method=1),
        make((3, 4, 5), rand_crop=True, rand_resize=True, mean=True, std=True, brightness=0.1, contrast=0.2, hue=0.3),
        make((3, 4, 5), pca_noise=0.1, rand_gray=0.2, mean=np.array([1.0]), std=mx.nd.array([1, 2, 3])))]


def a_chain_applied(mx):
    random.seed(5)
    np.random.seed(5)
    chain = mx.image.CreateAugmenter((3, 4, 5), resize=6, rand_crop=True, rand_resize=True, rand_mirror=True, mean=True,
                                     std=True, brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1, pca_noise=0.1,
                                     rand_gray=0.3, inter_method=1)
    found = []
    for _ in range(3):
        x = _image(mx, 9, 8, "uint8")
        for one in chain:
            x = one(x)
        found.append(x)
    return found


def chains_refused(mx):
    make = mx.image.CreateAugmenter
    return [lambda: make((3, 4, 5), rand_resize=True), lambda: make((3, 4, 5), mean=[1, 2, 3]),
            lambda: make((3, 4, 5), std=np.array([1.0, 2.0]))]
