"""Linear regression on the bare KVStore finds the weights that made its data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mxl as mx


def test_it_converges(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert example("linear").main([]) < 1e-3
    assert capsys.readouterr().out == "loss 0.000056  weights 2.00, -3.40, 0.50  bias 4.20\n"


class Part(mx.kv.KVStore):
    """Worker `rank` of several, its pushes written down and its pulls answered by rank 0 alone."""

    def __init__(self, rank: int, num_workers: int) -> None:
        self.inner = mx.kv.create("local")
        self.pushed: list[np.ndarray] = []
        self.place = rank, num_workers

    type = property(lambda self: "dist_sync")
    rank = property(lambda self: self.place[0])
    num_workers = property(lambda self: self.place[1])

    def set_optimizer(self, optimizer: Any) -> None:
        self.inner.set_optimizer(mx.optimizer.SGD(learning_rate=0.0))       # weights stay: gradients can be compared

    def _init(self, pairs: Any) -> None:
        self.inner._init(pairs)

    def _push(self, groups: Any, priority: int) -> None:
        self.pushed.append(np.concatenate([arrays[0].asnumpy() for _, arrays in groups]))

    def _pull(self, groups: Any, priority: int) -> None:
        self.inner._pull(groups, priority)


def test_parts_of_a_batch_sum_to_the_whole(example: Any) -> None:
    def pushed(rank: int, num_workers: int) -> np.ndarray:
        part = Part(rank, num_workers)
        example("linear").train(part, steps=3, batch_size=10, lr=0.1)
        return np.array(part.pushed)

    np.testing.assert_allclose(sum(pushed(rank, 3) for rank in range(3)), pushed(0, 1), rtol=1e-4)


def test_a_batch_has_a_sample_for_each_worker(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        example("linear").main(["--batch-size", "0"])
    assert "--batch-size 0 gives no sample to some of 1 workers" in capsys.readouterr().err
