"""core/npz_file.py: archives of numpy.savez, and what is none."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mxl as mx
from mxl.core.errors import ArrayFileError


def npz(*arrays: Any, compressed: bool = False, **named: Any) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, *arrays, **named)
    return file.getvalue()


def archive(entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as zipped:
        for name, data in entries.items():
            zipped.writestr(name, data)
    return file.getvalue()


def npy(value: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, value)
    return file.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool", ">f4"])
@pytest.mark.parametrize("shape", [(2, 3), (), (0, 2), (7,)])
def test_arrays_keep_dtype_shape_and_values(dtype: str, shape: tuple[int, ...], compressed: bool) -> None:
    made = (np.arange(np.prod(shape, dtype=int)) % 2).reshape(shape).astype(dtype)
    loaded = mx.nd.load_frombuffer(npz(a=made, compressed=compressed))
    assert list(loaded) == ["a"]
    assert loaded["a"].shape == shape
    assert loaded["a"].dtype == made.dtype.newbyteorder("=").type
    assert (loaded["a"].asnumpy() == made).all()


def test_columns_first_become_rows_first() -> None:
    made = np.asfortranarray(np.arange(6, dtype="float32").reshape(2, 3))
    loaded = mx.nd.load_frombuffer(npz(a=made))["a"]
    assert loaded.asnumpy().tolist() == [[0, 1, 2], [3, 4, 5]]
    assert loaded._read().flags.c_contiguous


def test_names_are_those_of_savez() -> None:
    data = npz(np.ones(1), np.ones(2), **{"fc/weight": np.ones(3), "schön": np.ones(4)})
    assert {name: array.shape for name, array in mx.nd.load_frombuffer(data).items()} == {
        "fc/weight": (3,), "schön": (4,), "arr_0": (1,), "arr_1": (2,),
    }  # fmt: skip


def test_a_file_is_known_by_its_content(tmp_path) -> None:
    (tmp_path / "a.params").write_bytes(npz(w=np.ones(2, "float32")))
    assert mx.nd.load(tmp_path / "a.params")["w"].asnumpy().tolist() == [1, 1]


def test_an_empty_archive_is_an_empty_dict() -> None:
    assert mx.nd.load_frombuffer(npz()) == {}


def test_what_unfolds_far_is_read() -> None:
    assert mx.nd.load_frombuffer(npz(a=np.zeros((1000, 300)), compressed=True))["a"].shape == (1000, 300)


def lying(data: bytes, before: bytes, after: bytes) -> bytes:
    assert before in data
    return data.replace(before, after)


@pytest.mark.parametrize("data, sentence", [
    (npz(a=np.ones(2, "uint16")), "'a.npy' has dtype uint16; mxl has float32, .*: save it as one of them"),
    (npz(a=np.ones(2, "complex64")), "'a.npy' has dtype complex64"),
    (npz(a=np.array(["x"])), "'a.npy' has dtype str32"),
    (npz(a=np.array([{}], dtype=object)), "'a.npy' has dtype object"),
    (archive({"data.pkl": b"x"}), "'data.pkl' is no array of numpy's: a zip archive, but no .npz of numpy.savez"),
    (archive({"a.npy": b"no array"}), r"'a.npy': truncated or damaged .npz \(the magic string is not correct"),
    (archive({"a.npy": npy(np.ones(2))[:-1]}), r"'a.npy': truncated .* \(float64 \[2\] does not have 15 bytes\)"),
    (archive({"a.npy": npy(np.ones(2)) + b"x"}), r"'a.npy': truncated .* \(float64 \[2\] does not have 17 bytes\)"),
    (archive({"a.npy": lying(npy(np.ones(2)), b"(2,), }          ", b"(2, 99999999), } ")}),
     r"\(float64 \[2, 99999999\] does not have 16 bytes\)"),
    (archive({"a.npy": lying(npy(np.ones(2)), b"(2,), } ", b"(-2,), }")}), r"\(float64 \[-2\] does not have 16 bytes"),
    (archive({"a.npy": lying(npy(np.ones(2)), b"\x93NUMPY\x01", b"\x93NUMPY\x03")}), r".npy of version \(3, 0\)"),
    (archive({"a.npy": npy(np.ones(2))}, zipfile.ZIP_BZIP2), "compression method 12; numpy writes 0 .* and 8"),
    (npz(a=np.ones(9))[:-30], "^these bytes: truncated or damaged .npz \\(File is not a zip file\\)"),
    (lying(npz(a=np.ones(1)), np.ones(1).tobytes(), np.zeros(1).tobytes()), "Bad CRC-32 for file 'a.npy'"),
    (npz(a=np.ones(9))[:200], "truncated or damaged .npz"),
])  # fmt: skip
def test_what_is_no_archive_of_arrays_is_told(data: bytes, sentence: str) -> None:
    with pytest.raises(ArrayFileError, match=sentence):
        mx.nd.load_frombuffer(data)


def test_an_entry_that_claims_more_than_it_holds_is_told_before_memory_is_taken() -> None:
    data = npz(a=np.zeros(100_000), compressed=True)
    size = len(npy(np.zeros(100_000))).to_bytes(4, "little")
    at = data.rindex(size)  # in the central directory
    with pytest.raises(ArrayFileError, match=r"4294967295 bytes cannot come of \d+ in a file of"):
        mx.nd.load_frombuffer(data[:at] + b"\xff" * 4 + data[at + 4 :])


@given(st.booleans(), st.data())
def test_altered_bytes_load_or_are_told(compressed: bool, data: st.DataObject) -> None:
    altered = bytearray(npz(a=np.arange(6), b=np.ones((2, 2), "float16"), compressed=compressed))
    for _ in range(data.draw(st.integers(1, 4))):
        altered[data.draw(st.integers(4, len(altered) - 1))] = data.draw(st.integers(0, 255))
    try:
        told = repr(mx.nd.load_frombuffer(bytes(altered)))
    except ArrayFileError as error:
        told = str(error)
    assert told.startswith(("these bytes: ", "{"))
