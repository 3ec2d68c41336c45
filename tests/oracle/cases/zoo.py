"""The model zoo: names, shapes and places of all parameters, and what small networks compute."""

import hashlib
import os


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _described(net):
    """Names, shapes and order of the parameters, names and order in files, and the printed network."""
    params = net.collect_params()
    lines = [f"{name} {param.shape} {param.grad_req}" for name, param in params.items()]
    return [len(lines), lines[0], lines[-1], _digest("\n".join(lines)), _digest(repr(net))]


def _all(mx, names):
    V = mx.gluon.model_zoo.vision
    return [_described(V.get_model(name, prefix="net_")) for name in names]


def resnets(mx):
    return _all(mx, [f"resnet{n}_v{v}" for v in (1, 2) for n in (18, 34, 50, 101, 152)])


def vggs(mx):
    return _all(mx, ["vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"])


def densenets(mx):
    return _all(mx, ["densenet121", "densenet161", "densenet169", "densenet201"])


def mobilenets(mx):
    return _all(mx, ["mobilenet1.0", "mobilenet0.75", "mobilenet0.5", "MobileNet0.25", "mobilenetv2_1.0",
                     "mobilenetv2_0.75", "mobilenetv2_0.5", "mobilenetv2_0.25"])


def others(mx):
    return _all(mx, ["alexnet", "squeezenet1.0", "squeezenet1.1", "inceptionv3"])


def functions(mx):
    V = mx.gluon.model_zoo.vision
    made = [V.resnet18_v1, V.resnet34_v1, V.resnet50_v1, V.resnet101_v1, V.resnet152_v1, V.resnet18_v2, V.resnet34_v2,
            V.resnet50_v2, V.resnet101_v2, V.resnet152_v2, V.vgg11, V.vgg13, V.vgg16, V.vgg19, V.vgg11_bn, V.vgg13_bn,
            V.vgg16_bn, V.vgg19_bn, V.alexnet, V.densenet121, V.densenet161, V.densenet169, V.densenet201,
            V.squeezenet1_0, V.squeezenet1_1, V.inception_v3, V.mobilenet1_0, V.mobilenet0_75, V.mobilenet0_5,
            V.mobilenet0_25, V.mobilenet_v2_1_0, V.mobilenet_v2_0_75, V.mobilenet_v2_0_5, V.mobilenet_v2_0_25]
    nets = [make(classes=7, prefix="net_") for make in made]
    got = [V.get_resnet(2, 18, classes=3), V.get_vgg(11, batch_norm=True), V.get_mobilenet(0.5),
           V.get_mobilenet_v2(0.5, classes=5), V.get_model("alexnet")]
    return [[type(net).__name__, _digest("\n".join(f"{n} {p.shape}" for n, p in net.collect_params().items()))]
            for net in nets] + [[net.name, len(list(net.collect_params().keys()))] for net in got]


def classes_by_hand(mx):
    V = mx.gluon.model_zoo.vision
    nets = [V.AlexNet(3), V.DenseNet(8, 4, [1, 2], 2, 0.1, 3), V.Inception3(5), V.MobileNet(0.3, 3),
            V.MobileNetV2(1.3, 3), V.ResNetV1(V.BottleneckV1, [1], [8, 8], 3),
            V.ResNetV2(V.BasicBlockV2, [1, 1], [8, 8, 16], 3, True),
            V.SqueezeNet("1.1", 3), V.VGG([1], [4], 3, True), V.inception.make_aux(7), V.mobilenet.RELU6(),
            V.mobilenet.LinearBottleneck(4, 4, 2, 1)]
    return [[net.name, [f"{n} {p.shape}" for n, p in net.collect_params().items()][:12], _digest(repr(net))]
            for net in nets]


def refused(mx):
    V = mx.gluon.model_zoo.vision
    return [lambda: V.get_model("resnet19"), lambda: V.get_resnet(3, 18), lambda: V.get_resnet(1, 19),
            lambda: V.get_vgg(12), lambda: V.SqueezeNet("2.0"), lambda: V.ResNetV1(V.BasicBlockV1, [1], [2]),
            lambda: V.ResNetV2(V.BasicBlockV2, [1], [2]), lambda: V.VGG([1], [2, 3]),
            lambda: V.get_model("alexnet", nonsense=1),
            lambda: mx.gluon.model_zoo.model_store.get_model_file("no such"),
            lambda: mx.gluon.model_zoo.model_store.purge("no such folder")]


def purged(mx):
    os.mkdir("models")
    for name in ("a.params", "b.txt"):
        open(os.path.join("models", name), "w").close()
    mx.gluon.model_zoo.model_store.purge("models")
    return os.listdir("models")


def _forward(mx, net, shape):
    """Parameters that any program makes equal; the output, and what training leaves in the running statistics."""
    net.initialize()
    x = mx.nd.array([((7 * i) % 23) / 23.0 for i in range(shape[0] * shape[1] * shape[2] * shape[3])]).reshape(shape)
    net(x)
    for at, param in enumerate(net.collect_params().values()):
        size = param.data().size
        fan = max(1, size // param.shape[0])
        values = mx.nd.sin(mx.nd.arange(size) * 0.7 + at).reshape(param.shape)
        if param.name.endswith("var"):
            values = values * 0.25 + 1
        elif param.name.endswith("gamma"):
            values = values * 0.1 + 1
        else:
            values = values * (1.5 / fan ** 0.5)
        param.set_data(values)
    return net(x)


def _small(mx, block, kind, **kwargs):
    return kind(block, [2, 1], [4, 8, 16], classes=5, **kwargs)


def small_resnets(mx):
    V = mx.gluon.model_zoo.vision
    return [_forward(mx, _small(mx, V.BasicBlockV1, V.ResNetV1, thumbnail=True), (2, 3, 8, 8)),
            _forward(mx, _small(mx, V.BottleneckV1, V.ResNetV1), (1, 3, 32, 32)),
            _forward(mx, _small(mx, V.BasicBlockV2, V.ResNetV2), (1, 3, 32, 32)),
            _forward(mx, _small(mx, V.BottleneckV2, V.ResNetV2, thumbnail=True), (2, 3, 8, 8))]


def single_blocks(mx):
    V = mx.gluon.model_zoo.vision
    blocks = [V.BasicBlockV1(4, 1), V.BottleneckV1(8, 2, True, in_channels=4), V.BasicBlockV2(4, 1, in_channels=4),
              V.BottleneckV2(8, 2, True)]
    return [[_forward(mx, block, (1, 4, 4, 4)), sorted(block.collect_params()), repr(block)] for block in blocks]


def small_vggs(mx):
    V = mx.gluon.model_zoo.vision
    return [_forward(mx, V.VGG([1, 2], [4, 6], classes=3), (1, 3, 8, 8)),
            _forward(mx, V.VGG([1], [4], classes=3, batch_norm=True), (1, 3, 8, 8))]


def small_densenet(mx):
    V = mx.gluon.model_zoo.vision
    return [_forward(mx, V.DenseNet(6, 4, [2, 3], bn_size=2, classes=3, dropout=0.5), (1, 3, 56, 56))]


def small_mobilenets(mx):
    V = mx.gluon.model_zoo.vision
    return [_forward(mx, V.MobileNet(0.25, classes=4), (1, 3, 32, 32)),
            _forward(mx, V.MobileNetV2(0.25, classes=4), (1, 3, 32, 32)),
            _forward(mx, V.mobilenet_v2_0_5(classes=4), (1, 3, 32, 32))]


def whole_squeezenet(mx):
    V = mx.gluon.model_zoo.vision
    return [_forward(mx, V.squeezenet1_1(classes=4), (1, 3, 224, 224)),
            _forward(mx, V.squeezenet1_0(classes=4), (1, 3, 224, 224))]


def whole_alexnet(mx):
    return [_forward(mx, mx.gluon.model_zoo.vision.alexnet(classes=4), (1, 3, 127, 127))]


def whole_inception(mx):
    return [_forward(mx, mx.gluon.model_zoo.vision.inception_v3(classes=4), (1, 3, 299, 299))]


def saved_by_place(mx):
    V = mx.gluon.model_zoo.vision
    found = []
    for net, shape in ((_small(mx, V.BasicBlockV1, V.ResNetV1, thumbnail=True), (1, 3, 8, 8)),
                       (_small(mx, V.BottleneckV2, V.ResNetV2, thumbnail=True), (1, 3, 8, 8)),
                       (V.mobilenet_v2_0_25(classes=2), (1, 3, 32, 32)), (V.densenet121(), (1, 3, 224, 224)),
                       (V.inception_v3(), (1, 3, 299, 299)), (V.squeezenet1_0(), (1, 3, 224, 224))):
        net.initialize()
        net(mx.nd.zeros(shape))
        net.save_parameters("net.params")
        saved = mx.nd.load("net.params")
        found.append([len(saved), sorted(saved)[0], _digest("\n".join(f"{n} {saved[n].shape}" for n in sorted(saved)))])
    return found


def side_by_side(mx):
    C = mx.gluon.contrib.nn
    net = C.HybridConcurrent(axis=1, prefix="side_")
    with net.name_scope():
        net.add(C.Identity(), mx.gluon.nn.Dense(2, in_units=3, weight_initializer="ones"))
    net.initialize()
    plain = C.Concurrent()
    plain.add(mx.gluon.nn.Lambda("relu"), C.Identity())
    x = mx.nd.array([[1, -2, 3]])
    return [net(x), plain(x), repr(net), repr(plain), list(net.collect_params()), C.Identity()(x),
            lambda: C.HybridConcurrent()(x)]
