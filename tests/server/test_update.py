"""An update's numbers: the sum in rank order, scaled as it is formed, and the optimizer's step block by block."""

from __future__ import annotations

import numpy as np
import pytest

from mxl.core.optimizer import create
from mxl.server import update
from mxl.server.clocks import Asker, Contribution

RNG = np.random.default_rng(3)


def contributions(count: int, size: int, *, scales: tuple[float, ...] = (), samples: float = 0.0) -> list[Contribution]:
    asker = Asker("worker:0:0", 1, 0, False)
    made = []
    for rank in range(count):
        gradient = (RNG.standard_normal(size) * 10.0 ** RNG.integers(-3, 3, size)).astype(np.float32)
        gradient.setflags(write=False)
        scale = scales[rank] if scales else 1.0
        made.append(Contribution(rank, 1, gradient, scale, samples, None, asker))
    return made


def added(given: list[Contribution]) -> np.ndarray:
    """The sum, written plainly."""
    total = None
    for c in given:
        assert c.gradient is not None
        term = c.gradient * np.float32(c.scale)
        total = term if total is None else total + term
    assert total is not None
    samples = sum(c.samples for c in given)
    return total * np.float32(1 / samples) if samples else total


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("scales", [(), (0.5, 1.0, 1 / 3, 0.25, 1.0)])
@pytest.mark.parametrize("samples", [0.0, 8.0])
@pytest.mark.parametrize("size", [0, 1, 7, 2 * update.BLOCK_BYTES // 4 + 3])
def test_without_an_optimizer_the_value_is_the_sum(
    count: int, scales: tuple[float, ...], samples: float, size: int
) -> None:
    given = contributions(count, size, scales=scales[:count], samples=samples)
    out = np.empty(size, np.float32)
    update.assign(given, out)
    assert out.tobytes() == added(given).tobytes()


@pytest.mark.parametrize("name, settings", [
    ("sgd", {"learning_rate": 0.1}),
    ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01}),
    ("adam", {"learning_rate": 0.01, "clip_gradient": 0.5}),
])  # fmt: skip
@pytest.mark.parametrize("size", [3, update.BLOCK_BYTES // 4 + 1])
def test_a_step_in_blocks_has_the_bits_of_a_step_on_the_whole(name: str, settings: dict[str, float], size: int) -> None:
    optimizer = create(name, **settings)
    weight = RNG.standard_normal(size).astype(np.float32)
    state, whole = optimizer.new_state(weight), optimizer.new_state(weight)
    expected = weight
    for t in (1, 2, 3):
        given = contributions(3, size)
        out, one = np.empty_like(weight), np.empty_like(weight)
        update.step(optimizer, given, weight, state, out, lr=0.1, wd=0.01, t=t)
        optimizer.step(expected, added(given), whole, one, lr=0.1, wd=0.01, t=t)
        assert out.tobytes() == one.tobytes()
        weight, expected = out, one


def test_float16_is_updated_through_its_float32_weight() -> None:
    optimizer = create("sgd", learning_rate=1.0, multi_precision=True)
    weight = np.ones(4, np.float16)
    state = optimizer.new_state_multi_precision(weight)
    asker = Asker("worker:0:0", 1, 0, False)
    tiny = Contribution(0, 1, np.full(4, 1e-4, np.float16), 1.0, 0.0, None, asker)
    for t in range(1, 11):
        out = np.empty_like(weight)
        update.step(optimizer, [tiny], weight, state, out, lr=1.0, wd=0.0, t=t)
        weight = out
    np.testing.assert_allclose(state[-1], 1 - 10 * np.float32(np.float16(1e-4)), rtol=1e-6)
    assert weight[0] < 1  # each step alone is lost in float16


def test_gradients_are_only_read() -> None:
    given = contributions(2, 5)
    before = [c.gradient.tobytes() for c in given if c.gradient is not None]
    update.assign(given, np.empty(5, np.float32))
    assert [c.gradient.tobytes() for c in given if c.gradient is not None] == before
