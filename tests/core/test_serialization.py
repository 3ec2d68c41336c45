"""core/serialization.py: what may be saved, and files as a whole; the formats have tests of their own."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import FileMissing


@pytest.mark.parametrize("name", ["a.params", "no.such.suffix", "a.npz"])
@pytest.mark.parametrize("as_text", [True, False])
def test_what_is_saved_is_loaded(tmp_path: Path, name: str, as_text: bool) -> None:
    path = str(tmp_path / name) if as_text else tmp_path / name
    made = {"w": mx.nd.random.uniform(shape=(3, 4)), "b": mx.nd.arange(5, dtype="int64")}
    mx.nd.save(path, made)
    loaded = mx.nd.load(path)
    assert list(loaded) == ["w", "b"]
    for key, array in made.items():
        assert loaded[key].dtype == array.dtype
        assert (loaded[key].asnumpy() == array.asnumpy()).all()
    assert os.listdir(tmp_path) == [name]


def test_a_loaded_array_is_an_array_of_its_own(tmp_path: Path) -> None:
    mx.nd.save(tmp_path / "a", mx.nd.ones((2,)))
    (loaded,) = mx.nd.load(tmp_path / "a")
    loaded += 1
    loaded.attach_grad()
    with mx.autograd.record():
        (loaded * 3).backward()
    assert loaded.grad.asnumpy().tolist() == [3, 3]
    assert mx.nd.load(tmp_path / "a")[0].asnumpy().tolist() == [1, 1]


def test_the_current_context_does_not_matter(tmp_path: Path) -> None:
    with mx.cpu(2):
        mx.nd.save(tmp_path / "a", mx.nd.ones((2,)))
        assert mx.nd.load(tmp_path / "a")[0].context == mx.cpu(0)


@pytest.mark.parametrize("data, sentence", [
    (None, "an NDArray, a list of NDArrays, or a dict of names and NDArrays is wanted, not NoneType"),
    ((), "a dict of names and NDArrays is wanted, not tuple"),
    (np.ones(2), "a dict of names and NDArrays is wanted, not ndarray"),
    ([3], r"NDArrays are wanted, but \[0\] is int; use mx.nd.array"),
    ({"a": np.ones(2)}, r"NDArrays are wanted, but \['a'\] is ndarray; use mx.nd.array"),
    ({1: None}, r"names are strings, not 1; convert it with str\(\)"),
    ({"\ud800": None}, "the name .* cannot be written as UTF-8"),
])  # fmt: skip
def test_what_cannot_be_saved_is_told_and_nothing_is_written(tmp_path: Path, data: Any, sentence: str) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises((TypeError, ValueError), match=f"^save: .*{sentence}") as caught:
        mx.nd.save(tmp_path / "a", data)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_value_that_never_comes_leaves_the_older_file(tmp_path: Path) -> None:
    class Never:
        def wait(self) -> None:
            raise mx.MXNetError("the server is gone")

        def done(self) -> bool:
            return True

    late = mx.nd.ones((2,))
    late._set_pending(Never())
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(mx.MXNetError, match="the server is gone"):
        mx.nd.save(tmp_path / "a", [mx.nd.ones((3,)), late])
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("call, sentence", [
    (lambda: mx.nd.load(3), "load: the name of a file is wanted, not int"),
    (lambda: mx.nd.save(3, []), "save: the name of a file is wanted, not int"),
    (lambda: mx.nd.load_frombuffer(None), "load_frombuffer: bytes are wanted, not NoneType"),
    (lambda: mx.nd.load_frombuffer(bytearray(40)), "load_frombuffer: bytes are wanted, not bytearray"),
])  # fmt: skip
def test_arguments_of_another_type(call: Any, sentence: str) -> None:
    with pytest.raises(TypeError, match=f"^{sentence}$"):
        call()


def test_text_is_no_bytes() -> None:
    with pytest.raises(mx.MXNetError, match="a str of characters holds no arrays; give the bytes of a file"):
        mx.nd.load_frombuffer("abc")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    sentence = re.escape(f"cannot read '{tmp_path / 'a'}': No such file or directory")
    with pytest.raises(FileMissing, match=f"^{sentence}$") as caught:
        mx.nd.load(tmp_path / "a")
    assert isinstance(caught.value, mx.MXNetError)


def test_errors_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 50)
    with pytest.raises(mx.MXNetError, match=re.escape(f"{tmp_path / 'a'}: no file of arrays: it begins with 78 78")):
        mx.nd.load(tmp_path / "a")
