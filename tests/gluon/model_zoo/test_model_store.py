"""Files of trained parameters: found under MXNet's name or a plain one, and named where there is none."""

from __future__ import annotations

import pytest

from mxl import nd
from mxl.gluon.data.vision import MNIST
from mxl.gluon.model_zoo import model_store, vision


@pytest.fixture
def trained():
    net = vision.mobilenet0_25(classes=3)
    net.initialize()
    net(nd.ones((1, 3, 32, 32)))
    return net


@pytest.mark.parametrize("name", ["mobilenet0.25.params", "mobilenet0.25-9f83e440.params"])
def test_parameters_are_read_from_a_file(trained, tmp_path, name):
    trained.save_parameters(str(tmp_path / name))
    net = vision.get_model("mobilenet0.25", classes=3, pretrained=True, root=str(tmp_path))
    x = nd.ones((1, 3, 32, 32))
    assert (net(x) == trained(x)).asnumpy().all()


def test_a_missing_file_is_named_with_its_place(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no vgg11\.params.* in .*nothing is downloaded") as caught:
        vision.vgg11(pretrained=True, root=str(tmp_path))
    assert str(tmp_path) in str(caught.value)


def test_mxnet_home_is_where_files_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "vgg11.params").touch()
    assert model_store.get_model_file("vgg11") == str(tmp_path / "models" / "vgg11.params")
    with pytest.raises(FileNotFoundError, match="train-images-idx3-ubyte") as caught:
        MNIST()
    assert str(tmp_path / "datasets" / "mnist") in str(caught.value)


def test_a_network_s_name_and_the_normalised_one_s_are_two(tmp_path):
    (tmp_path / "vgg11_bn-ee79a809.params").touch()
    assert model_store.get_model_file("vgg11_bn", str(tmp_path)).endswith("ee79a809.params")
    with pytest.raises(FileNotFoundError, match=r"there is no vgg11\.params"):
        model_store.get_model_file("vgg11", str(tmp_path))


def test_several_files_are_not_guessed_from(tmp_path):
    for name in ("alexnet-00000001.params", "alexnet-00000002.params"):
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match="several files could be the parameters of 'alexnet'"):
        model_store.get_model_file("alexnet", str(tmp_path))
    (tmp_path / "alexnet.params").touch()
    assert model_store.get_model_file("alexnet", str(tmp_path)) == str(tmp_path / "alexnet.params")


@pytest.mark.parametrize("call, error, text", [
    (lambda: model_store.get_model_file("resnet19"), ValueError, "'resnet19' are not known; known are alexnet"),
    (lambda: model_store.purge("/no/such/folder"), FileNotFoundError, "purge: there is no folder /no/such/folder"),
    (lambda: vision.get_model("resnet19"), ValueError, "there is no network 'resnet19'; there are alexnet"),
    (lambda: vision.get_resnet(1, 19), AssertionError, "num_layers is 19; expected one of 18, 34"),
    (lambda: vision.get_resnet(3, 18), AssertionError, "version is 3; expected 1 or 2"),
    (lambda: vision.get_vgg(12), KeyError, "num_layers is 12; expected one of 11"),
    (lambda: vision.densenet.get_densenet(9), KeyError, "num_layers is 9; expected one of 121"),
    (lambda: vision.SqueezeNet("2"), AssertionError, "expected '1.0' or '1.1'"),
    (lambda: vision.ResNetV1(vision.BasicBlockV1, [1], [2]), AssertionError, "1 stages of layers want 2 numbers"),
    (lambda: vision.VGG([1], [1, 2]), AssertionError, "but 2 numbers of filters"),
])
def test_what_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_every_name_of_a_network_has_a_name_of_a_file():
    assert set(vision._MODELS) == set(model_store.NAMES)
