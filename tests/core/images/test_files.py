"""Images from bytes: what is no image, and a machine without Pillow, are said in a sentence."""

from __future__ import annotations

import sys

import pytest

from mxl import image
from mxl.core.images.files import ImageError


def test_without_pillow_the_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImageError, match=r"Pillow, which is not installed: pip install 'mxl\[image\]'"):
        image.imdecode(b"bytes")


def test_a_file_that_is_no_image_is_named(tmp_path):
    path = tmp_path / "notes.png"
    path.write_bytes(b"nothing")
    with pytest.raises(ImageError, match=r"notes\.png: 7 bytes could not be decoded as an image"):
        image.imread(path)


@pytest.mark.parametrize("call, error, text", [
    (lambda: image.imdecode(b""), ImageError, "from no bytes"),
    (lambda: image.imdecode("text"), ValueError, "buf is str; expected bytes"),
    (lambda: image.imdecode(b"x", flag=2), ValueError, "flag is 2; expected 1 for colours or 0"),
    (lambda: image.imread("/no/such.png"), FileNotFoundError, "cannot read '/no/such.png'"),
])
def test_what_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
