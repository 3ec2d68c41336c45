"""Folders and records of images, read by threads as batches."""

from __future__ import annotations

import numpy as np
import pytest

from mxl import nd, recordio
from mxl.gluon.data import DataLoader, RecordFileDataset, vision


@pytest.fixture
def pictures():
    return [np.full((4, 5, 3), 10 * i, np.uint8) for i in range(6)]


def test_records_of_images_in_batches(tmp_path, pictures):
    path = str(tmp_path / "some.rec")
    file = recordio.MXIndexedRecordIO(str(tmp_path / "some.idx"), path, "w")
    for i, image in enumerate(pictures):
        file.write_idx(i, recordio.pack_img((0, i, i, 0), image, quality=1, img_fmt=".png"))
    file.close()
    data = vision.ImageRecordDataset(path).transform_first(vision.transforms.ToTensor())
    batches = list(DataLoader(data, batch_size=2, num_workers=2))
    assert [labels.asnumpy().tolist() for _, labels in batches] == [[0, 1], [2, 3], [4, 5]]
    assert batches[2][0].shape == (2, 3, 4, 5)
    assert np.allclose(batches[2][0].asnumpy()[1], 50 / 255)
    assert len(RecordFileDataset(path)) == 6


def test_folders_are_labels_and_strangers_are_left_out_with_a_warning(tmp_path, pictures):
    for kind in ("cat", "dog"):
        (tmp_path / kind).mkdir()
        _, png = recordio.unpack(recordio.pack_img((0, 0, 0, 0), pictures[1], quality=1, img_fmt=".png"))
        (tmp_path / kind / "1.PNG").write_bytes(png)
    (tmp_path / "dog" / "notes.txt").touch()
    (tmp_path / "stray.png").touch()
    with pytest.warns(UserWarning, match="is left out") as told:
        data = vision.ImageFolderDataset(str(tmp_path))
    assert sorted("notes.txt" in str(one.message) for one in told) == [False, True]
    assert data.synsets == ["cat", "dog"]
    assert [(image.shape, label) for image, label in data] == [((4, 5, 3), 0), ((4, 5, 3), 1)]
    assert isinstance(data[0][0], nd.NDArray)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="ImageFolderDataset: there is no folder"):
        vision.ImageFolderDataset(str(tmp_path / "none"))


def test_a_list_names_images_and_labels(tmp_path, pictures):
    _, png = recordio.unpack(recordio.pack_img((0, 0, 0, 0), pictures[2], quality=1, img_fmt=".png"))
    (tmp_path / "1.png").write_bytes(png)
    (tmp_path / "all.lst").write_text("0\t3\t1.png\n1\t4\t5.5\t1.png\n")
    data = vision.ImageListDataset(str(tmp_path), "all.lst")
    assert [(image.shape, label.asnumpy().tolist()) for image, label in data] == [
        ((4, 5, 3), [3.0]), ((4, 5, 3), [4.0, 5.5])]
    grey = vision.ImageListDataset(str(tmp_path), [[1, "1.png"], [[1, 2], "1.png"], [1, 2, "1.png"]], flag=0)
    assert [label.asnumpy().tolist() for _, label in grey] == [[1.0], [1.0, 2.0], [1.0, 2.0]]
    assert grey[0][0].shape == (4, 5, 1)
    with pytest.raises(ValueError, match="imglist is None; expected a file's name or a list"):
        vision.ImageListDataset(str(tmp_path))
    with pytest.raises(ValueError, match="expected labels and a path, got"):
        vision.ImageListDataset(str(tmp_path), [["cat", "1.png"]])


@pytest.mark.parametrize("call, error, text", [
    (lambda T: T.RandomRotation((3, 1)), ValueError, "the first must be the smaller one"),
    (lambda T: T.RandomRotation((1, 3), rotate_with_proba=2), ValueError, "rotate_with_proba is 2; expected 0 to 1"),
    (lambda T: T.Rotate(3)(nd.ones((2, 2, 3), dtype="uint8")), TypeError, "takes float32: put it behind ToTensor"),
])
def test_transforms_refuse_what_they_cannot_do(call, error, text):
    with pytest.raises(error, match=text):
        call(vision.transforms)
