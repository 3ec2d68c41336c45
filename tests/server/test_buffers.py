"""Buffers of a shard: a published version stays as it is for as long as somebody holds it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mxl.server.buffers import VersionBuffers


def publish(buffers: VersionBuffers, value: float) -> None:
    buffers.reserve()[:] = value
    buffers.publish()


def numbers(view: memoryview) -> list[float]:
    return list(np.frombuffer(view, np.float32))


def test_two_versions_are_kept() -> None:
    buffers = VersionBuffers(np.zeros(2, np.float32), 4)
    publish(buffers, 1)
    publish(buffers, 2)
    for asked, version, value in ((2, 2, 2.0), (1, 1, 1.0), (0, 1, 1.0), (None, 2, 2.0), (7, 2, 2.0)):
        lent, view = buffers.lend(asked)
        assert (lent, numbers(view)) == (version, [value, value])


def test_what_is_being_written_is_not_seen() -> None:
    buffers = VersionBuffers(np.zeros(2, np.float32), 4)
    buffers.reserve()[:] = 9
    assert numbers(buffers.lend(None)[1]) == [0, 0]
    buffers.discard()
    buffers.publish()
    assert (buffers.version, numbers(buffers.lend(None)[1])) == (1, [0, 0])


def test_a_buffer_is_used_again_when_nobody_holds_it() -> None:
    buffers = VersionBuffers(np.zeros(2, np.float32), 4)
    for value in range(1, 50):
        publish(buffers, value)
        _, view = buffers.lend(None)
        del view
    assert len(buffers._buffers) == 3


def test_what_is_lent_never_changes() -> None:
    buffers = VersionBuffers(np.zeros(2, np.float32), 4)
    held = []
    for value in range(1, 20):
        publish(buffers, value)
        held.append((value, buffers.lend(None)[1]))
    assert all(numbers(view) == [value, value] for value, view in held)
    assert len(buffers._buffers) <= 4


def test_an_empty_shard_is_lent_too() -> None:
    buffers = VersionBuffers(np.zeros(0, np.float32), 4)
    assert buffers.lend(0) == (0, memoryview(b""))


def test_fewer_buffers_than_four_cannot_work() -> None:
    with pytest.raises(
        ValueError, match="versions_max: expected 4 or more, came 3: two versions kept, one held, one to write"
    ):
        VersionBuffers(np.zeros(1, np.float32), 3)


@pytest.mark.parametrize("seed", range(50))
def test_any_holders_leave_room_for_the_next_version(seed: int) -> None:
    rng = random.Random(seed)
    limit = rng.choice([4, 5, 7])
    buffers = VersionBuffers(np.zeros(1, np.float32), limit)
    held: list[tuple[float, memoryview]] = []
    for value in range(1, 60):
        for _ in range(rng.randrange(3)):
            version, view = buffers.lend(rng.choice([None, buffers.version, max(0, buffers.version - 1)]))
            held.append((version, view))
        while held and rng.random() < 0.4:
            held.pop(rng.randrange(len(held)))
        publish(buffers, value)
        assert all(numbers(view) == [version] for version, view in held)
        assert len(buffers._buffers) <= limit
