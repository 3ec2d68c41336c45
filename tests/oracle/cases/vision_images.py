"""mx.image: images resized, cut out, framed, rotated; mx.nd.image's operators behind the transforms."""

import random

import numpy as np


def _image(mx, rows=5, columns=7, channels=3, dtype="uint8"):
    numbers = np.random.RandomState(0).randint(0, 256, (rows, columns, channels))
    return mx.nd.array(numbers, dtype=dtype)


def _each_way(mx, rows, columns, channels, dtype, sizes):
    x = _image(mx, rows, columns, channels, dtype)
    return [mx.nd.image.resize(x, size, False, interp) for size in sizes for interp in range(5)]


def resized_bytes(mx):
    return _each_way(mx, 5, 7, 3, "uint8", [(9, 8), (3, 4), (4, 9)])


def resized_to_parts(mx):
    return _each_way(mx, 12, 8, 1, "uint8", [(4, 6), (4, 4), (2, 3), (7, 11)])


def resized_floats(mx):
    return _each_way(mx, 5, 7, 1, "float32", [(9, 8), (3, 4), (4, 9)])


def resized_doubles(mx):
    return _each_way(mx, 4, 6, 2, "float64", [(3, 2), (5, 5), (2, 5)])


def resize_arguments(mx):
    x = _image(mx)
    resize = mx.nd.image.resize
    return [resize(x, 4), resize(x, 4, True).shape, resize(x, size=10, keep_ratio=True).shape,
            resize(x, (4, 6), True).shape, resize(mx.nd.stack(x, x), (4, 2)), resize(mx.nd.stack(x, x), 4, True).shape,
            resize(x, [4, 2]).shape, resize(x, (4,)).shape, resize(_image(mx, 9, 4), 3, True).shape,
            resize(mx.nd.ones((3, 3, 5)), 2), resize(x, (7, 5), interp=2)]


def resize_refused(mx):
    x = _image(mx)
    resize = mx.nd.image.resize
    return [lambda: resize(mx.nd.ones((3, 3)), 2), lambda: resize(x, 0), lambda: resize(x, -1), lambda: resize(x),
            lambda: resize(x, (1, 2, 3)), lambda: resize(x, 4, interp=9), lambda: resize(x.astype("int32"), 4),
            lambda: resize(x.astype("float16"), 4)]


def cropped(mx):
    x = _image(mx, dtype="float32")
    crop = mx.nd.image.crop
    x.attach_grad()
    with mx.autograd.record():
        y = crop(x, 1, 2, 3, 2) * 2
    y.backward()
    return [y, x.grad, crop(mx.nd.stack(x, x), x=1, y=2, width=3, height=2), crop(_image(mx), 0, 0, 7, 5),
            lambda: crop(x, 5, 2, 3, 2), lambda: crop(x, 1, 2, 0, 2), lambda: crop(mx.nd.ones((3, 3)), 1, 1, 1, 1),
            lambda: crop(x, 1)]


def colours_of_bytes(mx):
    x, ops = _image(mx), mx.nd.image
    return [ops.random_brightness(x, 2, 2), ops.random_brightness(x, 0.33, 0.33), ops.random_contrast(x, 2, 2),
            ops.random_contrast(x, 0.5, 0.5), ops.random_saturation(x, 2, 2), ops.random_saturation(x, 0.33, 0.33),
            ops.random_hue(x, 0.3, 0.3), ops.random_hue(x, 1.2, 1.2), ops.adjust_lighting(x, (1, 2, 3))]


def colours_of_floats(mx):
    x, ops = _image(mx, dtype="float32"), mx.nd.image
    return [ops.random_brightness(x, min_factor=2, max_factor=2), ops.random_contrast(x, 0.33, 0.33),
            ops.random_saturation(x, 1.5, 1.5), ops.random_hue(x, 0.5, 0.5), ops.random_hue(x, 0.77, 0.77),
            ops.adjust_lighting(x, alpha=(0.1, 0.2, 0.3)), ops.random_lighting(x, 0)]


def colours_of_other_dtypes(mx):
    x, ops = _image(mx, 2, 2), mx.nd.image
    return [ops.random_brightness(x.astype(dtype), 0.3, 0.3) for dtype in ("int32", "float64", "float16")]


def colours_of_one_channel(mx):
    x, ops = _image(mx, channels=1), mx.nd.image
    return [ops.random_brightness(x, 0.5, 0.5), ops.random_contrast(x, 0.5, 0.5), ops.random_saturation(x, 0.5, 0.5)]


def colours_refused(mx):
    ops = mx.nd.image
    return [lambda: ops.random_brightness(mx.nd.ones((2, 2, 2, 3)), 2, 2),
            lambda: ops.random_contrast(mx.nd.ones((2, 2)), 2, 2), lambda: ops.random_hue(mx.nd.ones((2, 2, 4)), 0, 1),
            lambda: ops.adjust_lighting(mx.nd.ones((2, 2, 3)), (1, 2))]


def gradients_pass_colours(mx):
    x = _image(mx, 2, 2, dtype="float32")
    x.attach_grad()
    found = []
    for name in ("random_brightness", "random_contrast", "random_saturation", "random_hue"):
        with mx.autograd.record():
            y = getattr(mx.nd.image, name)(x, 0.5, 0.5) * 3
        y.backward()
        found.append(x.grad.copy())
    return found


def chance_has_its_order(mx):
    ops = mx.nd.image
    x = mx.nd.array([[[10, 20, 30.0], [70, 60, 90]]])
    row = mx.nd.array([[[0.0], [1.0]]])
    found = []
    for seed in (0, 1, 42):
        mx.random.seed(seed)
        found.append([[ops.random_flip_left_right(row) for _ in range(12)],
                      [ops.random_flip_top_bottom(row.reshape((2, 1, 1))) for _ in range(6)],
                      [ops.random_brightness(x, 0, 1) for _ in range(3)], [ops.random_contrast(x, 0.5, 1.5)],
                      [ops.random_saturation(x, 0.5, 1.5)], [ops.random_hue(x, 0.5, 1.5)],
                      [ops.random_lighting(x, 1.0) for _ in range(3)], ops.random_lighting(x),
                      [ops.random_color_jitter(x, 0.3, 0.2, 0.4, 0.1) for _ in range(6)],
                      ops.random_color_jitter(x, brightness=0.3, contrast=0, saturation=0, hue=0),
                      mx.nd.random.uniform()])
    return found


def imresized(mx):
    x, ops = _image(mx), mx.image
    return [ops.imresize(x, 9, 8), ops.imresize(x, 3, 4, 3), ops.imresize(x, w=3, h=3, interp=0), ops.imresize(x, 7, 5),
            ops.imresize(x.astype("float32"), 3, 3), lambda: ops.imresize(x, 3, 3, 9),
            lambda: ops.imresize(mx.nd.ones((3, 3)), 2, 2), lambda: ops.imresize(mx.nd.stack(x, x), 2, 2)]


def framed(mx):
    x, ops = _image(mx, 3, 4), mx.image
    kinds = [ops.copyMakeBorder(x, 1, 2, 2, 3, type=kind) for kind in range(5)]
    return [
        kinds, ops.copyMakeBorder(x, 1, 0, 0, 1, type=0, values=(1, 2, 3)), ops.copyMakeBorder(x, 1, 0, 0, 1, value=5),
        ops.copyMakeBorder(x.astype("float32"), 0, 1, 1, 0, value=0.5),
        lambda: ops.copyMakeBorder(x, 1, 1, 1, 1, type=5)]


def cut_out(mx):
    x, ops = _image(mx), mx.image
    return [ops.scale_down((640, 480), (720, 120)), ops.scale_down((30, 40), (50, 50)), ops.scale_down((5, 5), (3, 4)),
            ops.resize_short(x, 3), ops.resize_short(_image(mx, 9, 4), 3, 1), ops.resize_short(x, 8, 9).shape,
            ops.fixed_crop(x, 1, 1, 3, 3), ops.fixed_crop(x, 1, 1, 3, 3, (5, 4)),
            ops.fixed_crop(x, 1, 1, 3, 3, (3, 3), 9),
            ops.center_crop(x, (3, 4)), ops.center_crop(x, (20, 10)), ops.center_crop(x, (4, 4), 1),
            lambda: ops.resize_short(x, 3, 7)]


def cut_out_by_chance(mx):
    x, ops = _image(mx, 9, 11), mx.image
    random.seed(3)
    found = [ops.random_crop(x, (3, 2)), ops.random_crop(x, (30, 10), 1)]
    found += [ops.random_size_crop(x, (3, 2), 0.5, (0.7, 1.3)) for _ in range(3)]
    found += [ops.random_size_crop(x, (4, 4), (0.1, 0.3), (0.7, 1.3), 1),
              ops.random_size_crop(x, (4, 4), (3, 3.5), (1, 2)),
              ops.random_size_crop(x, (4, 4), None, (1, 2), min_area=0.3)[1],
              ops.random_size_crop(x, (4, 4), 0.3, (1, 2), 10)[1], random.random(),
              lambda: ops.random_size_crop(x, (4, 4), 0.3, (1, 2), nonsense=1)]
    return found


def normalized_colours(mx):
    ops = mx.image
    mean, std = mx.nd.array([1, 2, 3]), mx.nd.array([1, 2, 4])
    x = _image(mx, 2, 2, dtype="float32")
    same = ops.color_normalize(x, mean, std)
    return [same, x, ops.color_normalize(_image(mx, 2, 2, dtype="float32"), mean),
            ops.color_normalize(_image(mx, 2, 2, dtype="float32"), None, std), ops.color_normalize(x * 1, 2, 3)]


def rotated(mx):
    x, ops = mx.nd.array(np.arange(48).reshape(2, 4, 6)), mx.image
    two = mx.nd.array(np.arange(40).reshape(2, 1, 5, 4))
    return [ops.imrotate(x, 30), ops.imrotate(x, -75.5), ops.imrotate(x, 30, zoom_in=True),
            ops.imrotate(x, 30, zoom_out=True), ops.imrotate(two, 10), ops.imrotate(two, mx.nd.array([10, 100])),
            ops.imrotate(two, mx.nd.array([10, 100]), True),
            ops.imrotate(two, mx.nd.array([10, 200]), zoom_out=True), ops.imrotate(x, 90)]


def rotations_refused(mx):
    x, ops = mx.nd.ones((1, 3, 3)), mx.image
    return [lambda: ops.imrotate(x, 30, True, True), lambda: ops.imrotate(x.astype("uint8"), 30),
            lambda: ops.imrotate(mx.nd.ones((2, 2)), 3), lambda: ops.imrotate(x, mx.nd.array([3])),
            lambda: ops.imrotate(mx.nd.ones((2, 1, 3, 3)), mx.nd.array([3]))]


def rotated_by_chance(mx):
    np.random.seed(5)
    x = mx.nd.array(np.arange(24).reshape(1, 4, 6))
    return [mx.image.random_rotate(x, (-30, 30)), mx.image.random_rotate(mx.nd.stack(x, x), (0, 90), zoom_in=True)]
