"""Files of records: what is written is read, whatever the bytes; what is damaged is named with its place."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mxl import MXLError, recordio
from mxl.core.recordio import MAGIC, RecordError

WORD = struct.pack("<I", MAGIC)
pieces = st.lists(st.one_of(st.just(WORD), st.binary(max_size=9)), max_size=6).map(b"".join)


@given(records=st.lists(pieces, max_size=5))
@settings(deadline=None)
def test_what_is_written_is_read(tmp_path_factory, records):
    path = str(tmp_path_factory.getbasetemp() / "any.rec")
    file = recordio.MXRecordIO(path, "w")
    for record in records:
        file.write(record)
    file.close()
    file = recordio.MXRecordIO(path, "r")
    assert [file.read() for _ in records] == records
    assert file.read() is None
    file.close()


@pytest.fixture
def indexed(tmp_path):
    names = str(tmp_path / "some.idx"), str(tmp_path / "some.rec")
    file = recordio.MXIndexedRecordIO(*names, "w")
    for i in range(50):
        file.write_idx(i, bytes([i]) * i)
    file.close()
    file = recordio.MXIndexedRecordIO(*names, "r")
    yield file
    file.close()


def test_threads_read_at_once(indexed):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(indexed.read_idx, list(range(50)) * 10))
    assert found == [bytes([i]) * i for i in range(50)] * 10


def test_a_record_cut_short_is_named_with_its_place(tmp_path):
    path = tmp_path / "some.rec"
    file = recordio.MXRecordIO(str(path), "w")
    file.write(b"abcdefgh")
    file.write(b"abcdefgh")
    file.close()
    path.write_bytes(path.read_bytes()[:-5])
    file = recordio.MXRecordIO(str(path), "r")
    assert file.read() == b"abcdefgh"
    with pytest.raises(RecordError, match=r"some\.rec ends within the record at byte 16"):
        file.read()
    path.write_bytes(b"other bytes here")
    file.reset()
    with pytest.raises(RecordError, match="no record begins at byte 0 of"):
        file.read()
    file.close()


def test_a_damaged_index_is_named_with_its_line(indexed, tmp_path):
    (tmp_path / "some.idx").write_text("0\t0\nnonsense\n")
    with pytest.raises(RecordError, match=r"line 2 of .*some\.idx is 'nonsense\\n'; expected key, tab, place"):
        indexed.reset()


def test_another_process_opens_its_own(indexed):
    indexed.pid = 1
    with pytest.raises(RecordError, match="was opened by another process"):
        indexed.read()
    assert indexed.read_idx(3) == b"\3\3\3"


@pytest.mark.parametrize("call, error, text", [
    (lambda f: f.write(b"x"), AssertionError, "is open to read"),
    (lambda f: f.read_idx(99), KeyError, "has no key 99; it has 50 keys"),
    (lambda f: (f.close(), f.read()), RecordError, "is closed; call reset"),
    (lambda f: recordio.MXRecordIO("some.rec", "a"), ValueError, "flag is 'a'; expected 'r' to read or 'w' to write"),
    (lambda f: recordio.MXRecordIO("/no/such.rec", "r"), FileNotFoundError, "cannot read '/no/such.rec'"),
    (lambda f: recordio.unpack(b"short"), RecordError, "a record of 5 bytes has no header, which is of 24"),
    (lambda f: recordio.unpack(struct.pack("<IfQQ", 3, 0, 0, 0)), RecordError, "has 3 labels by its header, but ends"),
    (lambda f: recordio.pack_img((0, 1, 2, 3), np.zeros((2, 2), np.uint8), 9, ".gif"), ValueError, "not as '.gif'"),
    (lambda f: recordio.pack_img((0, 1, 2, 3), [[1]], 9, ".png"), TypeError, "img is a list; expected a numpy array"),
    (lambda f: recordio.pack_img((0, 1, 2, 3), np.zeros((2, 2, 2))), ValueError, r"img is \[2, 2, 2\]; expected"),
    (lambda f: recordio.pack_img((0, 1, 2, 3), np.zeros((2, 2, 3), "uint16"), 1, ".png"), ValueError,
     "colours of uint16"),
    (lambda f: recordio.unpack_img(recordio.pack((0, 1, 2, 3), b"")), MXLError, "no bytes of an image"),
])
def test_what_is_refused(indexed, call, error, text):
    with pytest.raises(error, match=text):
        call(indexed)


def test_an_image_goes_there_and_back():
    image = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    header, back = recordio.unpack_img(recordio.pack_img((0, [1, 2], 7, 0), image, quality=9, img_fmt=".png"))
    assert (back == image).all()
    assert header.label.tolist() == [1, 2]
    grey = recordio.unpack_img(recordio.pack_img((0, 3, 7, 0), image[..., 0], quality=1, img_fmt=".png"))
    assert (grey[1] == image[..., 0]).all()
    smooth = np.full((16, 16, 3), (200, 100, 50), np.uint8)
    _, near = recordio.unpack_img(recordio.pack_img((0, 3, 7, 0), smooth))
    assert np.abs(near.astype(int) - smooth).max() <= 3
    assert recordio.unpack_img(recordio.pack_img((0, 3, 7, 0), smooth), iscolor=0)[1].shape == (16, 16)
