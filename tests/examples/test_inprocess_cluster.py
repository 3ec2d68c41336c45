"""The cluster in one process trains what one store trains."""

from __future__ import annotations

from typing import Any

import pytest


def test_it_runs(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    example("inprocess_cluster").main()
    assert capsys.readouterr().out.splitlines() == [
        "one process: [1.0, -2.0, 3.0]",
        "worker 0 of 2: [1.0, -2.0, 3.0]",
        "worker 1 of 2: [1.0, -2.0, 3.0]",
    ]
