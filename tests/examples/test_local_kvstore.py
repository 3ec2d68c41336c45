"""The walk through the calls of a store prints what it says."""

from __future__ import annotations

from typing import Any

import pytest


def test_it_runs(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    example("local_kvstore").main()
    assert capsys.readouterr().out.splitlines() == [
        "local: worker 0 of 1",
        "pulled: [[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]]",
        "pushed 8: [[8.0, 8.0, 8.0], [8.0, 8.0, 8.0]]",
        "pushed 1 from 4 devices: [[4.0, 4.0, 4.0], [4.0, 4.0, 4.0]]",
        "pushpull of two keys: [1.0, 1.0], [5.0]",
        "broadcast to 4 devices: [1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0]",
        "updating 3",
        "4 and twice 1: [[6.0, 6.0, 6.0], [6.0, 6.0, 6.0]]",
        "6 less half of 4: [[4.0, 4.0, 4.0], [4.0, 4.0, 4.0]]",
        "refused: key 3 was initialised as float32 [2, 3], pushed as float32 [3, 2]",
    ]
