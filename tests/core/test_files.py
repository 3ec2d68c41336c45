"""core/files.py: a file is replaced whole or not at all, and failures of the file system have their sentence."""

from __future__ import annotations

import os
import re
import stat
import threading
from pathlib import Path

import pytest

from mxl.core.errors import FileAccessError, FileMissing, MXLError
from mxl.core.files import reading, replacing


def test_a_file_is_written(tmp_path: Path) -> None:
    with replacing(tmp_path / "a") as file:
        file.write(b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def test_the_older_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [MXLError("no value came"), KeyboardInterrupt(), ValueError("x")])
def test_a_failure_leaves_the_older_file_and_nothing_beside_it(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def write_half() -> None:
        with replacing(path) as file:
            file.write(b"half of the new")
            raise error

    with pytest.raises(type(error)):
        write_half()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_full_disk_has_its_sentence(tmp_path: Path) -> None:
    full = OSError(28, "No space left on device")
    sentence = r"cannot write '.*a': No space left on device$"
    with pytest.raises(FileAccessError, match=sentence), replacing(tmp_path / "a"):
        raise full
    assert os.listdir(tmp_path) == []


def test_the_mode_is_that_of_the_older_file_or_of_a_new_one(tmp_path: Path) -> None:
    old, new, plain = (tmp_path / name for name in ("old", "new", "plain"))
    old.write_bytes(b"")
    old.chmod(0o640)
    plain.write_bytes(b"")
    for path in (old, new):
        with replacing(path):
            pass
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert new.stat().st_mode == plain.stat().st_mode


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "a")
    with replacing(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "a").read_bytes() == b"new"


def test_a_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    with replacing(path) as file:
        file.write(b"new")
    reader.join(10)
    assert got == [b"new"]
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("open_it, verb", [(replacing, "write"), (reading, "read")])
def test_what_is_not_there_is_told(tmp_path: Path, open_it, verb: str) -> None:
    path = tmp_path / "no" / "a"
    hint = " (the folder must exist)" if verb == "write" else ""
    sentence = f"cannot {verb} '{path}': No such file or directory{hint}"
    with pytest.raises(FileMissing, match=f"^{re.escape(sentence)}$") as caught, open_it(path):
        pass
    assert isinstance(caught.value, FileNotFoundError)
    assert isinstance(caught.value, MXLError)


@pytest.mark.parametrize("open_it, verb", [(replacing, "write"), (reading, "read")])
def test_a_folder_is_no_file(tmp_path: Path, open_it, verb: str) -> None:
    with pytest.raises(FileAccessError, match=f"cannot {verb} '.*': Is a directory"), open_it(tmp_path):
        pass
