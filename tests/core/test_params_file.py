"""core/params_file.py: MXNet's binary format, against files that MXNet wrote, and against bytes that are none."""

from __future__ import annotations

import importlib.util
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mxl as mx
from mxl.core.errors import ArrayFileError

FACTS = Path(__file__).parent / "facts"
RECORDED = FACTS / "files"
spec = importlib.util.spec_from_file_location("record_files", FACTS / "record_files.py")
assert spec is not None
assert spec.loader is not None
record = importlib.util.module_from_spec(spec)
spec.loader.exec_module(record)


def recorded(name: str) -> bytes:
    return (RECORDED / f"{name}.params").read_bytes()


def same(ours: Any, theirs: Any) -> bool:
    return ours.dtype == theirs.dtype and ours.shape == theirs.shape and (ours.asnumpy() == theirs.asnumpy()).all()


# ---- files of MXNet --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", record.FILES)
def test_mxl_writes_the_bytes_that_mxnet_writes(name: str, tmp_path: Path) -> None:
    mx.nd.save(tmp_path / "a", record.FILES[name](mx))
    assert (tmp_path / "a").read_bytes() == recorded(name)


@pytest.mark.parametrize("name", record.FILES)
def test_a_file_of_mxnet_s_is_read(name: str) -> None:
    loaded, made = mx.nd.load_frombuffer(recorded(name)), record.FILES[name](mx)
    if isinstance(made, mx.nd.NDArray):
        made = [made]
    if not made:
        assert loaded == []  # without a single name an empty dict is an empty list, as in MXNet
        return
    assert type(loaded) is type(made)
    if isinstance(made, dict):
        assert list(loaded) == list(made)
        loaded, made = list(loaded.values()), list(made.values())
    assert len(loaded) == len(made)
    for ours, theirs in zip(loaded, made, strict=True):
        assert same(ours, theirs)
        assert ours.context == mx.cpu(0)  # wherever it was saved


def test_a_file_written_under_np_shape_is_read_and_written(tmp_path: Path) -> None:
    loaded = mx.nd.load_frombuffer(recorded("np_shape"))
    assert {name: (array.shape, array.asnumpy().tolist()) for name, array in loaded.items()} == {
        "scalar": ((), 3.0), "row": ((2,), [-1.0, 0.0]),
    }  # fmt: skip
    mx.nd.save(tmp_path / "a", {"scalar": mx.nd.array(3.0), "row": record.numbers(mx, (2,))})
    assert (tmp_path / "a").read_bytes() == recorded("np_shape")


def sparse_arrays(name: str) -> Any:
    dense = record.numbers(mx, (3, 2))
    return dense.tostype("row_sparse") if name == "row_sparse" else [record.numbers(mx, (1,)), dense.tostype("csr")]


@pytest.mark.parametrize("name", ["row_sparse", "csr"])
def test_sparse_arrays_have_mxnet_s_bytes_and_are_read(name: str, tmp_path: Path) -> None:
    made = sparse_arrays(name)
    mx.nd.save(tmp_path / "a", made)
    assert (tmp_path / "a").read_bytes() == recorded(name)
    ours, theirs = mx.nd.load_frombuffer(recorded(name))[-1], made[-1] if isinstance(made, list) else made
    assert (type(ours), ours.stype) == (type(theirs), name)
    assert same(ours, theirs)
    assert same(ours.data, theirs.data)
    assert same(ours.indices, theirs.indices)


def test_sparse_arrays_lie_beside_numbers_without_axes(tmp_path: Path) -> None:
    sparse = mx.nd.sparse.row_sparse_array(([[1, 2]], [3]), shape=(5, 2), dtype="float64")
    mx.nd.save(tmp_path / "a", {"number": mx.nd.array(3.0), "rows": sparse, "none": mx.nd.sparse.zeros("csr", (2, 3))})
    loaded = mx.nd.load(tmp_path / "a")
    assert [array.stype for array in loaded.values()] == ["default", "row_sparse", "csr"]
    assert same(loaded["rows"], sparse)
    assert loaded["none"].asnumpy().sum() == 0


# ---- files of MXNet's earlier versions, and of none ------------------------------------------------------------------


def floats(*values: float) -> bytes:
    return np.array(values, "<f4").tobytes()


def array(
    shape: tuple[int, ...] = (2,), data: bytes = floats(1, 2), *, kind: int = 0xF993FAC9, storage: int = 0,
    device: tuple[int, int] = (1, 0), number: int = 0,
) -> bytes:  # fmt: skip
    return (struct.pack("<Iii", kind, storage, len(shape)) + struct.pack(f"<{len(shape)}q", *shape)
            + struct.pack("<iii", *device, number) + data)


def file_of(*arrays: bytes, names: tuple[bytes, ...] = (), reserved: int = 0) -> bytes:
    return (struct.pack("<QQQ", 0x112, reserved, len(arrays)) + b"".join(arrays) + struct.pack("<Q", len(names))
            + b"".join(struct.pack("<Q", len(name)) + name for name in names))


def words(*values: int) -> bytes:
    return np.array(values, "<i8").tobytes()


def sparse(
    storage: int, stored: tuple[int, ...], shape: tuple[int, ...], parts: list[tuple[tuple[int, ...], bytes]],
    data: bytes, number: int = 6,
) -> bytes:  # fmt: skip
    def sizes(of: tuple[int, ...]) -> bytes:
        return struct.pack(f"<i{len(of)}q", len(of), *of)

    return (struct.pack("<Ii", 0xF993FAC9, storage) + sizes(stored) + sizes(shape) + struct.pack("<iii", 1, 0, 0)
            + b"".join(struct.pack("<i", number) + sizes(size) for size, _ in parts) + data
            + b"".join(part for _, part in parts))


@pytest.mark.parametrize("head", [
    struct.pack("<IIqq", 0xF993FAC8, 2, 1, 2), struct.pack("<III", 2, 1, 2),
], ids=["0.12", "0.11"])
def test_files_of_earlier_versions_are_read(head: bytes) -> None:
    (loaded,) = mx.nd.load_frombuffer(file_of(head + struct.pack("<iii", 1, 0, 0) + floats(1, 2)))
    assert loaded.asnumpy().tolist() == [[1.0, 2.0]]
    assert loaded.dtype == np.float32


@pytest.mark.parametrize("data", [
    file_of(array(device=(2, 1))), file_of(array(device=(7, 9))), file_of(array(), reserved=1),
    file_of(array()) + b"more",
], ids=["of a GPU", "of an unknown device", "the reserved word", "something behind"])
def test_what_mxnet_overlooks_is_overlooked(data: bytes) -> None:
    (loaded,) = mx.nd.load_frombuffer(data)
    assert loaded.asnumpy().tolist() == [1.0, 2.0]
    assert loaded.context == mx.cpu(0)


def test_the_later_of_two_arrays_of_one_name_counts() -> None:
    loaded = mx.nd.load_frombuffer(file_of(array(), array(data=floats(3, 4)), names=(b"a", b"a")))
    assert {name: value.asnumpy().tolist() for name, value in loaded.items()} == {"a": [3.0, 4.0]}


def test_any_byte_but_zero_is_true() -> None:
    (loaded,) = mx.nd.load_frombuffer(file_of(array((3,), b"\2\0\1", number=7)))
    assert loaded.asnumpy().view(np.uint8).tolist() == [1, 0, 1]


@pytest.mark.parametrize("data, sentence", [
    (b"", "no arrays: 0 bytes, and a file of arrays has at least 32"),
    (b"\x93NUMPY\1\0" + bytes(40), "no file of arrays, but a single array of numpy: use mx.nd.array"),
    (b"\x1f\x8b\x08" + bytes(40), "no file of arrays, but compressed by gzip: decompress it first"),
    (b"\x80\x04\x95" + bytes(40), "no file of arrays, but a pickle, which mxl does not read"),
    (b'{"nodes": [' + bytes(40), "no file of arrays, but text, perhaps the JSON of a network"),
    (b"\x89HDF\r\n" + bytes(40), "no file of arrays, but an HDF5 file"),
    (b"\x13" + file_of(array())[1:],
     "no file of arrays: it begins with 13 01 00 00 00 00 00 00, where nd.save writes 12 01 00 00 00 00 00 00"),
    (file_of(array())[:24] + bytes(8), "array 1 of 1 has no shape: it is empty, or one number saved without np_shape"),
    (struct.pack("<QQQ", 0x112, 0, 2**64 - 1) + array(),
     f"truncated or damaged: array 2 of {2**64 - 1} needs 4 bytes, 0 are left"),
    (file_of(array())[:-9], r"truncated or damaged: array 1 of 1 \(float32 \[2\]\) needs 8 bytes, 7 are left"),
    (file_of(array())[:-3], "truncated or damaged: the number of names needs 8 bytes, 5 are left"),
    (file_of(array(), names=(b"abc",))[:-1], "truncated or damaged: name 1 of 1 needs 3 bytes, 2 are left"),
    (file_of(array())[:30], "truncated or damaged: array 1 of 1: its storage needs 4 bytes, 2 are left"),
    (file_of(array((2**40, 2**10))), r"array 1 of 1 \(float32 \[1099511627776, 1024\]\) needs 4503599627370496 bytes"),
    (file_of(array((0, 2**62), b"")), r"damaged, or of another program: array 1 of 1 has the impossible shape \[0, 46"),
    (file_of(array((-1, 2))), r"array 1 of 1 has the impossible shape \[-1, 2\]"),
    (file_of(array((1,) * 33)), "array 1 of 1 has 33 axes; 0 to 32 are possible"),
    (file_of(struct.pack("<Iii", 0xF993FACA, 0, -1)), "array 1 of 1 has -1 axes; 0 to 32 are possible"),
    (file_of(struct.pack("<I", 0xDEADBEEF)), "array 1 of 1 begins with 0xdeadbeef, as no array does"),
    (file_of(array(storage=1)), "array 1 of 1: its indices: its shape needs 4 bytes, 0 are left"),
    (file_of(array(), sparse(2, (3,), (2, 2), [((2,), b"\0" * 16), ((3,), b"\0" * 24)], floats(1, 2, 3))),
     r"array 2 is damaged: csr: indptr \[0, 0\] and indices \[0, 0, 0\] are no matrix of \[2, 2\]"),
    (file_of(sparse(2, (1,), (1, 2), [((2,), words(0, 1)), ((1,), words(2))], floats(1))),
     r"array 1 is damaged: csr: indices must lie within 0 .. 1"),
    (file_of(sparse(2, (1,), (1, 2), [((2,), words(0, 1)), ((2,), words(0, 1))], floats(1))),
     r"array 1 is damaged: csr: \[1\] elements, \[2\] indices, \[1, 2\]"),
    (file_of(sparse(1, (1, 2), (3, 2), [((1,), words(3))], floats(1, 2))),
     r"array 1 is damaged: row_sparse: indices must rise within 0 .. 2, got \[3\]"),
    (file_of(sparse(1, (1, 2), (3, 3), [((1,), words(1))], floats(1, 2))),
     r"array 1 is damaged: row_sparse: rows \[1, 2\] and 1 indices of \[3, 3\]"),
    (file_of(sparse(1, (1, 2), (2**40, 2**40), [((1,), words(1))], floats(1, 2))), "array 1 of 1 has the impossible"),
    (file_of(sparse(1, (1, 2), (3, 2), [((1,), floats(1))], floats(1, 2), number=0)), "its indices are no rows of"),
    (file_of(array(storage=5)), "array 1 of 1 has the unknown storage 5"),
    (file_of(array(number=12)), "array 1 of 1 is bfloat16; mxl has float32, float64, .* save it as one of them"),
    (file_of(array(number=99)), "array 1 of 1 has the unknown dtype number 99"),
    (file_of(array(), array(), names=(b"a",)), "damaged: 2 arrays and 1 names; each has one, or none has"),
    (file_of(names=(b"a",)), "damaged: 0 arrays and 1 names"),
    (file_of(array(), names=(b"\xff",)), r"name 1 of 1 is no UTF-8 \(invalid start byte at byte 0\)"),
    (recorded("scalar"), "array 1 of 1 has no shape: .*, which MXNet itself cannot read; save numbers as arrays of"),
    (recorded("row_sparse")[:-9], r"array 1 of 1: its indices \(int64 \[3\]\) needs 24 bytes, 23 are left"),
])  # fmt: skip
def test_what_is_no_file_of_arrays_is_told(data: bytes, sentence: str) -> None:
    with pytest.raises(ArrayFileError, match=f"^these bytes: .*{sentence}") as caught:
        mx.nd.load_frombuffer(data)
    assert isinstance(caught.value, mx.MXNetError)
    assert isinstance(caught.value, ValueError)


def test_every_cut_of_a_file_is_told(tmp_path: Path) -> None:
    whole = recorded("names")
    for length in range(len(whole)):
        with pytest.raises(ArrayFileError, match=r"^these bytes: (no arrays|truncated or damaged)"):
            mx.nd.load_frombuffer(whole[:length])


@pytest.mark.parametrize("shape, names_bytes", [((2**38,), 0), ((2,), 2**40)])
def test_no_memory_is_taken_for_what_a_header_only_claims(shape: tuple[int, ...], names_bytes: int) -> None:
    data = file_of(array(shape))[:-8] + struct.pack("<QQ", 1, names_bytes)
    tracemalloc.start()
    try:
        with pytest.raises(ArrayFileError, match="truncated or damaged"):
            mx.nd.load_frombuffer(data)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_shrinks_while_it_is_read_is_told() -> None:
    import io

    from mxl.core import params_file

    data = recorded("one")
    with pytest.raises(ArrayFileError, match=r"^x: became shorter while it was read, inside array 1 of 1 \(float32"):
        params_file.read(io.BytesIO(data[:-20]), len(data), "x")


@given(st.sampled_from(["dtypes", "several", "names", "no_elements", "np_shape", "row_sparse", "csr"]), st.data())
def test_altered_bytes_load_or_are_told(name: str, data: st.DataObject) -> None:
    altered = bytearray(recorded(name))
    for _ in range(data.draw(st.integers(1, 4))):
        altered[data.draw(st.integers(0, len(altered) - 1))] = data.draw(st.integers(0, 255))
    try:
        told = repr(mx.nd.load_frombuffer(bytes(altered)))
    except ArrayFileError as error:
        told = str(error)
    assert told.startswith(("these bytes: ", "[", "{"))
