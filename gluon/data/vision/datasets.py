"""MNIST, FashionMNIST, CIFAR10 and CIFAR100, read from files that lie in a folder.

Nothing is downloaded: a missing file is named with its place. Files may be packed (.gz, .tar.gz) as they are published,
or not. A sample is (image, label): uint8 [H, W, C], and an int32.
"""

from __future__ import annotations

import gzip
import os
import struct
import tarfile
from collections.abc import Callable
from typing import Any

import numpy as np

from ....core import nd
from ....core.home import folder
from ....core.ndarray import NDArray
from ...errors import BadArgument, DataFileMissing
from ..dataset import Dataset

Transform = Callable[..., Any] | None


class _Images(Dataset):
    """Images and labels in memory."""

    _folder: str  # beneath data_dir()/datasets

    def __init__(self, root: str | None, transform: Transform) -> None:
        self._root = folder(root, "datasets", self._folder)
        self._transform = transform
        images, labels = self._read()
        self._data: NDArray = nd.array(images, dtype="uint8")
        self._label = labels.astype(np.int32)

    def _read(self) -> tuple[np.ndarray, np.ndarray]:
        raise NotImplementedError(f"{type(self).__name__} defines no _read(self)")

    def __getitem__(self, index: int) -> Any:
        image, label = self._data[index], self._label[index]
        return (image, label) if self._transform is None else self._transform(image, label)

    def __len__(self) -> int:
        return len(self._label)

    def _bytes(self, name: str) -> bytes:
        """The content of a file, which may be packed."""
        for path in (os.path.join(self._root, name), os.path.join(self._root, f"{name}.gz")):
            if os.path.isfile(path):
                with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
                    return file.read()
        raise DataFileMissing(f"{type(self).__name__}: there is no file {name}, nor {name}.gz, in "
                              f"{self._root}; put it there: nothing is downloaded")


class MNIST(_Images):
    """Handwritten digits: idx files as they are published, packed or not, in `root`. [28, 28, 1] and 0 .. 9.

    root: $MXNET_HOME/datasets/mnist, or ~/.mxnet/datasets/mnist. train: the 60 000 images for training, else the 10 000
    for tests. transform(image, label) is applied to each sample. Raises DataFileMissing (an OSError), BadArgument (a
    ValueError) for a file of another kind. MXNet: `vision.MNIST`.
    """

    _folder = "mnist"

    def __init__(
        self, root: str | None = None, train: bool = True, transform: Transform = None
    ) -> None:
        self._train = train
        super().__init__(root, transform)

    def _read(self) -> tuple[np.ndarray, np.ndarray]:
        part = "train" if self._train else "t10k"
        images = self._idx(f"{part}-images-idx3-ubyte", 3)
        labels = self._idx(f"{part}-labels-idx1-ubyte", 1)
        if len(images) != len(labels):
            raise BadArgument(f"{type(self).__name__}: {len(images)} images and {len(labels)} labels in {self._root}")
        return images[..., None], labels

    def _idx(self, name: str, axes: int) -> np.ndarray:
        """An idx file of bytes: two zeros, 8, the number of axes; their lengths; the elements."""
        content = self._bytes(name)
        head = 4 + 4 * axes
        shape = struct.unpack(f">{axes}I", content[4:head]) if len(content) >= head else ()
        if content[:4] != bytes((0, 0, 8, axes)) or len(content) - head != int(np.prod(shape, dtype=np.int64)):
            raise BadArgument(f"{type(self).__name__}: {name} in {self._root} is no idx file of {axes} axes, or not "
                              f"whole")
        return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


class FashionMNIST(MNIST):
    """Clothes in MNIST's form. MXNet: `vision.FashionMNIST`."""

    _folder = "fashion-mnist"

    def __init__(
        self, root: str | None = None, train: bool = True, transform: Transform = None
    ) -> None:
        super().__init__(root, train, transform)


class CIFAR10(_Images):
    """Small photographs of 10 kinds: the binary files, or the archive of them, in `root`. [32, 32, 3] and 0 .. 9.

    train: the 50 000 images for training, else the 10 000 for tests. MXNet: `vision.CIFAR10`.
    """

    _folder = "cifar10"
    _archive = "cifar-10-binary.tar.gz"
    _labels = 1  # bytes before an image

    def __init__(
        self, root: str | None = None, train: bool = True, transform: Transform = None
    ) -> None:
        self._train = train
        super().__init__(root, transform)

    def _names(self) -> list[str]:
        return [f"data_batch_{i}.bin" for i in range(1, 6)] if self._train else ["test_batch.bin"]

    def _read(self) -> tuple[np.ndarray, np.ndarray]:
        parts = [np.frombuffer(self._content(name), np.uint8) for name in self._names()]
        size = self._labels + 3072
        for name, part in zip(self._names(), parts, strict=True):
            if not len(part) or len(part) % size:
                raise BadArgument(f"{type(self).__name__}: {name} in {self._root} has {len(part)} bytes; expected some "
                                  f"times {size}")
        rows = np.concatenate(parts).reshape(-1, size)
        return rows[:, self._labels :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), self._label_of(rows)

    def _label_of(self, rows: np.ndarray) -> np.ndarray:
        return rows[:, 0]

    def _content(self, name: str) -> bytes:
        archive = os.path.join(self._root, self._archive)
        if os.path.isfile(archive) and not os.path.isfile(os.path.join(self._root, name)):
            with tarfile.open(archive) as packed:
                for member in packed.getmembers():
                    file = packed.extractfile(member) if os.path.basename(member.name) == name else None
                    if file is not None:
                        return file.read()
        return self._bytes(name)


class CIFAR100(CIFAR10):
    """Small photographs of 100 kinds in 20 groups: with `fine_label` the label is the kind, else the group.

    MXNet: `vision.CIFAR100`.
    """

    _folder = "cifar100"
    _archive = "cifar-100-binary.tar.gz"
    _labels = 2

    def __init__(
        self, root: str | None = None, fine_label: bool = False, train: bool = True, transform: Transform = None
    ) -> None:
        self._fine_label = fine_label
        super().__init__(root, train, transform)

    def _names(self) -> list[str]:
        return ["train.bin" if self._train else "test.bin"]

    def _label_of(self, rows: np.ndarray) -> np.ndarray:
        return rows[:, int(self._fine_label)]
