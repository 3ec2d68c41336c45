"""MNIST and CIFAR from files in a folder: small ones, made here."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile

import numpy as np
import pytest

import mxl as mx
from mxl.gluon.data import DataLoader, vision


def idx(array):
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def digits(tmp_path):
    images = np.arange(6 * 28 * 28, dtype=np.uint8).reshape(6, 28, 28)
    labels = np.array([3, 1, 4, 1, 5, 9], np.uint8)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(images[:2]))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels[:2])))
    return tmp_path, images, labels


@pytest.mark.parametrize("kind", [vision.MNIST, vision.FashionMNIST])
def test_digits_packed_or_not(kind, digits):
    folder, images, _ = digits
    train, test = kind(str(folder)), kind(str(folder), train=False)
    assert (len(train), len(test)) == (6, 2)
    image, label = train[4]
    assert (image.shape, image.dtype, label, type(label)) == ((28, 28, 1), np.uint8, 5, np.int32)
    assert (image.asnumpy()[..., 0] == images[4]).all()


def test_batches_of_transformed_digits(digits):
    folder, images, labels = digits
    transform = vision.transforms.ToTensor()
    data = vision.MNIST(str(folder)).transform_first(transform)
    (x, y), *_ = DataLoader(data, batch_size=4)
    assert (x.shape, x.dtype, y.dtype) == ((4, 1, 28, 28), np.float32, np.int32)
    np.testing.assert_allclose(x.asnumpy()[:, 0], images[:4] / 255, rtol=1e-6)
    assert y.asnumpy().tolist() == labels[:4].tolist()
    own = vision.MNIST(str(folder), transform=lambda image, label: (image.shape, int(label) + 1))
    assert own[0] == ((28, 28, 1), 4)


def small_photographs(labels, count, first):
    rows = np.zeros((count, labels + 3072), np.uint8)
    rows[:, :labels] = np.arange(count)[:, None] + first + np.arange(labels)
    rows[:, labels:] = np.arange(3072) % 251
    return rows


def test_photographs_of_ten_kinds(tmp_path):
    for i in range(1, 6):
        (tmp_path / f"data_batch_{i}.bin").write_bytes(small_photographs(1, 2, i).tobytes())
    with tarfile.open(tmp_path / "cifar-10-binary.tar.gz", "w:gz") as packed:
        content = small_photographs(1, 3, 7).tobytes()
        member = tarfile.TarInfo("cifar-10-batches-bin/test_batch.bin")
        member.size = len(content)
        packed.addfile(member, io.BytesIO(content))
    train, test = vision.CIFAR10(str(tmp_path)), vision.CIFAR10(str(tmp_path), train=False)
    assert (len(train), len(test)) == (10, 3)
    image, label = test[2]
    assert (image.shape, label) == ((32, 32, 3), 9)
    planes = (np.arange(3072) % 251).reshape(3, 32, 32)
    assert (image.asnumpy() == planes.transpose(1, 2, 0)).all()
    assert [int(train[i][1]) for i in (0, 9)] == [1, 6]


def test_photographs_of_a_hundred_kinds(tmp_path):
    (tmp_path / "train.bin").write_bytes(small_photographs(2, 4, 10).tobytes())
    assert [int(vision.CIFAR100(str(tmp_path), fine_label=fine)[1][1]) for fine in (False, True)] == [11, 12]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(OSError, match=f"MNIST: there is no file train-images-idx3-ubyte, nor .*gz, in {tmp_path}"):
        vision.MNIST(str(tmp_path))
    with pytest.raises(mx.MXLError, match="put it there: nothing is downloaded"):
        vision.CIFAR10(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"\0\0\x08\x03", idx(np.zeros((6, 28, 28), np.uint8))[:-1], b"x" * 99])
def test_a_damaged_file_is_named(content, digits):
    folder, _, _ = digits
    (folder / "t10k-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(ValueError, match=r"t10k-images-idx3-ubyte in .* is no idx file of 3 axes, or not whole"):
        vision.MNIST(str(folder), train=False)


def test_sizes_that_do_not_fit(digits, tmp_path):
    folder, images, _ = digits
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(images[:3]))
    with pytest.raises(ValueError, match="MNIST: 3 images and 2 labels"):
        vision.MNIST(str(folder), train=False)
    (tmp_path / "test.bin").write_bytes(b"123")
    with pytest.raises(ValueError, match=r"CIFAR100: test.bin in .* has 3 bytes; expected some times 3074"):
        vision.CIFAR100(str(tmp_path), train=False)
