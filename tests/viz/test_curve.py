"""plot_learning_curve: a picture of a run."""

from __future__ import annotations

import sys

import pytest

import mxl as mx

RECORDS = [{"step": i, "loss": 2.0 / i, **({"accuracy": 1 - 1 / i} if i % 5 == 0 else {})} for i in range(1, 21)]


@pytest.mark.parametrize("ending, head", [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_picture_is_drawn(ending, head, tmp_path):
    path = tmp_path / f"curve.{ending}"
    mx.viz.plot_learning_curve(RECORDS, path)
    data = path.read_bytes()
    assert data.startswith(head)
    assert len(data) > 5000


def test_what_the_picture_says(tmp_path):
    path = tmp_path / "curve.svg"
    mx.viz.plot_learning_curve(RECORDS, str(path), title="digits")
    text = path.read_text()
    for words in ("digits", "step", "loss", "accuracy", "0.950"):
        assert f"<!-- {words} -->" in text


def test_a_run_without_accuracy(tmp_path):
    path = tmp_path / "curve.svg"
    mx.viz.plot_learning_curve([{"step": 1, "loss": 0.5}], path)
    assert "<!-- accuracy -->" not in path.read_text()


@pytest.mark.parametrize(
    "records, message",
    [
        ([], "expected records such as .* got an empty list"),
        ([{"step": 1, "loss": 2}, {"step": 2}], r"record 1 needs 'step' and 'loss', got \['step'\]"),
    ],
)
def test_records_that_say_nothing(records, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        mx.viz.plot_learning_curve(records, tmp_path / "curve.png")


def test_without_matplotlib(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"plot_learning_curve needs matplotlib: pip install 'mxl\[viz\]'"):
        mx.viz.plot_learning_curve(RECORDS, tmp_path / "curve.png")
