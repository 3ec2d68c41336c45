"""Image data: operators on images, transforms, data sets from files."""


def _image(mx, channels=3):
    return mx.nd.array([[[(7 * i + 3 * j + k) % 256 for k in range(channels)] for j in range(4)] for i in range(2)],
                       dtype="uint8")


def to_tensor(mx):
    x = _image(mx)
    image = mx.nd.image
    return [image.to_tensor(x), image.to_tensor(mx.nd.stack(x, x)).shape, image.to_tensor(_image(mx, 1)),
            lambda: image.to_tensor(mx.nd.ones((2, 2)))]


def normalize(mx):
    x = mx.nd.image.to_tensor(_image(mx))
    one = mx.nd.image.normalize
    return [lambda: one(x, mean=(0.1, 0.2, 0.3), std=(1, 2, 3)), lambda: one(x, mean=0.5, std=0.25),
            lambda: one(mx.nd.stack(x, x), mean=(0, 1, 2), std=(1, 1, 2)),
            lambda: one(x, mean=(0.1, 0.2, 0.3), std=2),
            lambda: one(mx.nd.ones((2, 3, 3))), lambda: one(mx.nd.ones((2, 3)))]


def gradients(mx):
    x = mx.nd.image.to_tensor(_image(mx))
    x.attach_grad()
    with mx.autograd.record():
        y = (mx.nd.image.normalize(x, mean=(0, 1, 2), std=(1, 2, 4)) ** 2).sum()
    y.backward()
    return [y, x.grad]


def flips(mx):
    x = _image(mx)
    return [mx.nd.image.flip_left_right(x), mx.nd.image.flip_top_bottom(x)]


def transforms(mx):
    T = mx.gluon.data.vision.transforms
    x = _image(mx)
    both = T.Compose([T.ToTensor(), T.Normalize((0.1, 0.2, 0.3), (0.5, 0.5, 0.25))])
    mixed = T.Compose([T.Cast("float32"), mx.gluon.nn.Lambda(lambda y: y + 1), T.Cast("float16")])
    return [T.ToTensor()(x), both(x), mixed(x), T.Cast("float64")(x), str(T.Compose([T.ToTensor()])), str(both),
            str(mixed), len(both), T.Compose([])(x), T.Normalize()(T.ToTensor()(x)).dtype]


def mirrored_by_chance(mx):
    T = mx.gluon.data.vision.transforms
    x = _image(mx)
    allowed = [x.asnumpy().tolist(), mx.nd.image.flip_left_right(x).asnumpy().tolist()]
    seen = [T.RandomFlipLeftRight()(x).asnumpy().tolist() for _ in range(40)]
    down = [x.asnumpy().tolist(), mx.nd.image.flip_top_bottom(x).asnumpy().tolist()]
    turned = [T.RandomFlipTopBottom()(x).asnumpy().tolist() for _ in range(40)]
    return [all(one in allowed for one in seen), len([one for one in allowed if one in seen]),
            all(one in down for one in turned), len([one for one in down if one in turned])]
