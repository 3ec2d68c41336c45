"""Data sets of image files: in a folder for each kind, named in a list, or packed in a file of records.

A sample is (image, label): uint8 [H, W, C], and a number, or an array of them. Images are decoded by Pillow when they
are asked for.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

from ....core import images, nd, recordio
from ....core.files import reading
from ....core.ndarray import NDArray
from ...errors import BadArgument, DataFileMissing
from ..dataset import Dataset, RecordFileDataset

Transform = Callable[..., Any] | None


class ImageRecordDataset(RecordFileDataset):
    """The images and labels of a file of records `name.rec`, with `name.idx` beside it.

    flag: 1 for colours, 0 for shades of grey. transform(image, label) is applied to each sample. Raises
    FileNotFoundError. MXNet: `vision.ImageRecordDataset`.
    """

    def __init__(self, filename: str, flag: int = 1, transform: Transform = None) -> None:
        super().__init__(filename)
        self._flag = flag
        self._transform = transform

    def __getitem__(self, index: int) -> Any:
        header, content = recordio.unpack(super().__getitem__(index))
        image = images.imdecode(content, self._flag)
        return (image, header.label) if self._transform is None else self._transform(image, header.label)


class ImageFolderDataset(Dataset):
    """Images in folders, the folder's name being the label: `root/cat/1.jpg`, `root/dog/2.png`.

    `synsets` are the folders' names in order, a label being a number among them; `items` the files with their labels.
    flag: 1 for colours, 0 for shades of grey. What is no folder, and files other than .jpg, .jpeg and .png, are left
    out with a warning. Raises FileNotFoundError. MXNet: `vision.ImageFolderDataset`.
    """

    def __init__(self, root: str, flag: int = 1, transform: Transform = None) -> None:
        self._root = os.path.expanduser(root)
        self._flag = flag
        self._transform = transform
        self._exts = [".jpg", ".jpeg", ".png"]
        self.synsets: list[str] = []
        self.items: list[tuple[str, int]] = []
        if not os.path.isdir(self._root):
            raise DataFileMissing(f"ImageFolderDataset: there is no folder {self._root}")
        for name in sorted(os.listdir(self._root)):
            folder = os.path.join(self._root, name)
            if not os.path.isdir(folder):
                warnings.warn(f"ImageFolderDataset: {folder} is left out: it is no folder", stacklevel=2)
                continue
            self._list(folder, len(self.synsets))
            self.synsets.append(name)

    def _list(self, folder: str, label: int) -> None:
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if os.path.splitext(name)[1].lower() in self._exts:
                self.items.append((path, label))
            else:
                warnings.warn(
                    f"ImageFolderDataset: {path} is left out: only {', '.join(self._exts)} are read", stacklevel=3
                )

    def __getitem__(self, index: int) -> Any:
        path, label = self.items[index]
        image = images.imread(path, self._flag)
        return (image, label) if self._transform is None else self._transform(image, label)

    def __len__(self) -> int:
        return len(self.items)


class ImageListDataset(Dataset):
    """The images that a list names, beneath the folder `root`, with their labels, an array of one or more.

    imglist: a file's name in `root`, of lines "number, labels, path" between tabs; or a list of [labels, path], labels
    being a number, several, or a list. flag: 1 for colours, 0 for shades of grey. Raises ValueError for a line or entry
    of another form. MXNet: `vision.ImageListDataset`, of its later versions.
    """

    def __init__(self, root: str = ".", imglist: str | list[Any] | None = None, flag: int = 1) -> None:
        self._root = os.path.expanduser(root)
        self._flag = flag
        if not isinstance(imglist, str | list):
            raise BadArgument(f"ImageListDataset: imglist is {imglist!r}; expected a file's name or a list")
        entries = self._lines(imglist) if isinstance(imglist, str) else imglist
        self.items: list[tuple[str, NDArray]] = [self._item(entry) for entry in entries]

    def _lines(self, name: str) -> list[Any]:
        with reading(os.path.join(self._root, name)) as file:
            lines = file.read().decode().splitlines()
        return [line.strip().split("\t")[1:] for line in lines if line.strip()]

    def _item(self, entry: Any) -> tuple[str, NDArray]:
        *labels, path = entry
        if len(labels) == 1 and isinstance(labels[0], list | tuple):
            labels = labels[0]
        try:
            numbers = [float(label) for label in labels]
        except (TypeError, ValueError) as error:
            raise BadArgument(f"ImageListDataset: expected labels and a path, got {entry!r}") from error
        return os.path.join(self._root, path), nd.array(numbers)

    def __getitem__(self, index: int) -> Any:
        path, label = self.items[index]
        return images.imread(path, self._flag), label

    def __len__(self) -> int:
        return len(self.items)
