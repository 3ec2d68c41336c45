"""The Gluon tutorial learns the ring, prints its table and draws its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_it_learns(
    example: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["tutorial_gluon.py", str(tmp_path)])
    example("tutorial_gluon").main()
    out = capsys.readouterr().out
    assert "ring_dense0(Dense)                 16              80      points" in out
    assert "Total params: 114\n" in out
    last = next(line for line in out.splitlines() if line.startswith("epoch 20"))
    assert float(last.split()[-1]) > 0.95
    assert (tmp_path / "ring.png").read_bytes().startswith(b"\x89PNG")
