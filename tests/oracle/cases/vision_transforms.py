"""gluon.data.vision.transforms: each of them, seeded where it is left to chance."""

import random

import numpy as np


def _image(mx, rows=8, columns=9, channels=3, dtype="uint8"):
    numbers = np.random.RandomState(1).randint(0, 256, (rows, columns, channels))
    return mx.nd.array(numbers, dtype=dtype)


def resized(mx):
    T, x = mx.gluon.data.vision.transforms, _image(mx)
    return [T.Resize(4)(x), T.Resize((3, 5))(x), T.Resize(4, keep_ratio=True)(x).shape, T.Resize(4, interpolation=0)(x),
            T.Resize((5, 3), False, 2)(mx.nd.stack(x, x)), lambda: T.Resize(0)(x),
            lambda: T.Resize(3)(mx.nd.ones((2, 2)))]


def cropped(mx):
    T, x = mx.gluon.data.vision.transforms, _image(mx)
    return [T.CropResize(1, 2, 3, 4)(x), T.CropResize(x=1, y=2, width=4, height=3, size=(6, 5), interpolation=1)(x),
            T.CropResize(0, 0, 4, 4, 2, 1)(mx.nd.stack(x, x)), T.CenterCrop(4)(x), T.CenterCrop((3, 6))(x),
            T.CenterCrop((20, 10))(x), T.CenterCrop((20, 10), interpolation=2)(x), lambda: T.CropResize(8, 0, 3, 3)(x)]


def cropped_by_chance(mx):
    T, x = mx.gluon.data.vision.transforms, _image(mx)
    random.seed(11)
    return [T.RandomResizedCrop(4)(x), T.RandomResizedCrop((5, 3))(x),
            T.RandomResizedCrop(4, (0.5, 0.6), (1, 1.1), 2)(x),
            T.RandomResizedCrop(4, scale=0.9)(x), random.random()]


def colours(mx):
    T, x = mx.gluon.data.vision.transforms, _image(mx, 2, 3)
    found = []
    for seed in (0, 7):
        mx.random.seed(seed)
        found += [T.RandomBrightness(0.5)(x), T.RandomBrightness(1.5)(x.astype("float32")), T.RandomContrast(0.4)(x),
                  T.RandomSaturation(0.7)(x), T.RandomHue(0.3)(x.astype("float32")),
                  T.RandomColorJitter(0.1, 0.2, 0.3, 0.4)(x),
                  T.RandomColorJitter(brightness=0.4)(x.astype("float32")), T.RandomLighting(0.5)(x.astype("float32")),
                  T.RandomFlipLeftRight()(x), T.RandomFlipTopBottom()(x)]
    return found


def rotated(mx):
    T = mx.gluon.data.vision.transforms
    x = T.ToTensor()(_image(mx, 4, 5))
    np.random.seed(2)
    return [T.Rotate(30)(x), T.Rotate(-40, zoom_in=True)(x), T.Rotate(30, zoom_out=True)(mx.nd.stack(x, x)),
            T.RandomRotation((-10, 60))(x), T.RandomRotation((-10, 60), True)(mx.nd.stack(x, x)),
            T.RandomRotation((-10, 60), rotate_with_proba=0)(x), [T.RandomRotation((0, 9), False, True, 0.5)(x).shape
                                                                 for _ in range(3)],
            lambda: T.Rotate(30)(_image(mx)), lambda: T.RandomRotation((10, 3)),
            lambda: T.RandomRotation((1, 3), rotate_with_proba=1.5), lambda: T.RandomRotation((1, 3))(_image(mx))]


def applied_by_chance(mx):
    T = mx.gluon.data.vision.transforms
    x = _image(mx, 1, 1)
    random.seed(4)
    one = T.RandomApply(T.Cast("float32"), 0.4)
    return [[str(one(x).dtype) for _ in range(12)], T.RandomApply(T.Cast("float16"), p=1)(x).dtype,
            T.RandomApply(T.Cast("float16"), p=0)(x).dtype, random.random()]


def printed(mx):
    T = mx.gluon.data.vision.transforms
    return [repr(one) for one in (T.Resize(3), T.CenterCrop(2), T.RandomResizedCrop(3), T.RandomColorJitter(0.1),
                                  T.Rotate(3),
                                  T.Compose([T.Resize(4), T.RandomFlipLeftRight(), T.ToTensor(), T.Normalize(0, 1)]),
                                  T.Compose([T.CenterCrop(4), T.ToTensor(), T.Rotate(3)]))]


def a_whole_chain(mx):
    T, x = mx.gluon.data.vision.transforms, _image(mx, 12, 14)
    random.seed(1)
    train = T.Compose([T.RandomResizedCrop(8), T.RandomFlipLeftRight(), T.RandomColorJitter(0.4, 0.4, 0.4),
                       T.RandomLighting(0.1),
                       T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    test = T.Compose([T.Resize(10, keep_ratio=True), T.CenterCrop(8), T.ToTensor(),
                      T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    return [train(x), test(x)]


def loaded_in_batches(mx):
    T = mx.gluon.data.vision.transforms
    images = [_image(mx, 8 + i, 9) for i in range(4)]
    data = mx.gluon.data.ArrayDataset(images, [0, 1, 2, 3])
    ready = data.transform_first(T.Compose([T.Resize((4, 4)), T.ToTensor()]))
    return [[x.shape, y] for x, y in mx.gluon.data.DataLoader(ready, batch_size=2)]
