"""gluon/download.py: what is not here is named with its place; nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from mxl.gluon.utils import download, replace_file

URL = "http://nowhere.invalid/folder/data.bin"


def test_what_is_missing_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"there is no {tmp_path}/data\.bin: put {URL} there; nothing is"):
        download(URL, path=str(tmp_path))


def test_another_file_of_that_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(b"x")
    assert download(URL, path=str(tmp_path)) == str(tmp_path / "data.bin")
    with pytest.raises(FileNotFoundError, match=r"data\.bin is another file than the one wanted: its SHA-1 is not 00"):
        download(URL, path=str(tmp_path), sha1_hash="00")


def test_what_would_have_to_be_fetched_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="overwrite=True would fetch"):
        download(URL, path=str(tmp_path), overwrite=True)


def test_a_file_that_cannot_be_moved_is_gone(tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        replace_file(tmp_path / "new", tmp_path / "folder")
    assert not (tmp_path / "new").exists()
