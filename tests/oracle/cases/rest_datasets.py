"""The datasets of images whose files lie in a folder: MNIST, FashionMNIST, CIFAR10, CIFAR100."""

import gzip
import os
import struct
import tarfile

import numpy as np


def _idx(folder, part, images, labels):
    """Two files of MNIST's form."""
    os.makedirs(folder, exist_ok=True)
    for name, axes, array in (("images-idx3", 3, images), ("labels-idx1", 1, labels)):
        with gzip.open(os.path.join(folder, f"{part}-{name}-ubyte.gz"), "wb") as file:
            file.write(bytes((0, 0, 8, axes)) + struct.pack(f">{axes}I", *array.shape) + array.tobytes())


def _binary(folder, names, labels):
    """Files of CIFAR's form: rows of labels and an image of 3072 bytes; which images, depends on the file."""
    os.makedirs(folder, exist_ok=True)
    for number, name in enumerate(names):
        rows = np.arange(2 * (3072 + labels)).reshape(2, -1) * (number + 1) % 251
        rows[:, :labels] = [[number + row + column for column in range(labels)] for row in range(2)]
        with open(os.path.join(folder, name), "wb") as file:
            file.write(rows.astype(np.uint8).tobytes())


CIFAR10 = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]


def _told(sample):
    """A sample without its thousands of numbers: what kind of arrays, a row, the sum."""
    image, label = sample
    return [type(image).__name__, image.dtype, image.shape, image[0, :3], int(image.asnumpy().sum()), label]


def digits(mx):
    vision = mx.gluon.data.vision
    images = (np.arange(5 * 784) * 7 % 256).astype(np.uint8).reshape(5, 28, 28)
    _idx("mnist", "train", images, np.array([3, 1, 4, 1, 5], np.uint8))
    _idx("mnist", "t10k", images[3:], np.array([9, 2], np.uint8))
    train = vision.MNIST(root="mnist")
    test = vision.MNIST("mnist", False, lambda data, label: (data.astype("float32") / 255, -label))
    return [len(train), _told(train[2]), len(test), _told(test[1]), lambda: _told(train[-1]), lambda: train[5]]


def clothes(mx):
    vision = mx.gluon.data.vision
    images = (np.arange(2 * 784) * 5 % 256).astype(np.uint8).reshape(2, 28, 28)
    _idx("fashion", "train", images, np.array([7, 8], np.uint8))
    clothes = vision.FashionMNIST(root="fashion", train=True)
    batch = next(iter(mx.gluon.data.DataLoader(clothes, batch_size=2)))
    first = clothes.transform_first(vision.transforms.ToTensor())
    return [len(clothes), _told(clothes[1]), isinstance(clothes, vision.MNIST), batch[0].shape, batch[0].dtype,
            batch[1], first[0][0].shape, first[0][0][0, 0, :4]]  # fmt: skip


def photographs_of_10_kinds(mx):
    vision = mx.gluon.data.vision
    _binary("cifar", CIFAR10, 1)
    train = vision.CIFAR10(root="cifar")
    test = vision.CIFAR10("cifar", train=False, transform=lambda data, label: (data[:4], label))
    return [len(train), [train[i][1] for i in range(10)], _told(train[3]), len(test), _told(test[1]),
            [image[0].shape for image in [train[:3]]]]  # fmt: skip


def photographs_of_100_kinds(mx):
    vision = mx.gluon.data.vision
    _binary("cifar", ["train.bin", "test.bin"], 2)
    coarse = vision.CIFAR100("cifar")
    fine = vision.CIFAR100("cifar", fine_label=True, train=False)
    return [len(coarse), [coarse[i][1] for i in range(2)], _told(fine[1]), fine[0][1], isinstance(fine, vision.CIFAR10)]


def photographs_from_an_archive(mx):
    vision = mx.gluon.data.vision
    found = []
    for kind, names, labels, packed in (("CIFAR10", CIFAR10, 1, "cifar-10-binary.tar.gz"),
                                        ("CIFAR100", ["train.bin", "test.bin"], 2, "cifar-100-binary.tar.gz")):
        _binary("unpacked", names, labels)
        os.makedirs(kind)
        with tarfile.open(os.path.join(kind, packed), "w:gz") as archive:
            for name in names:
                archive.add(os.path.join("unpacked", name), name)
        found.append([_told(getattr(vision, kind)(kind, train=train)[1]) for train in (True, False)])
    return found


def refused(mx):
    vision = mx.gluon.data.vision
    images = np.zeros((5, 28, 28), np.uint8)
    _idx("uneven", "train", images, np.array([1, 2], np.uint8))
    os.makedirs("odd")
    for name in CIFAR10:
        with open(os.path.join("odd", name), "wb") as file:
            file.write(b"1" * 3000)
    return [lambda: vision.MNIST("uneven"), lambda: vision.CIFAR10("odd"), lambda: vision.CIFAR100(root=3),
            lambda: vision.MNIST(folder="uneven")]  # fmt: skip
