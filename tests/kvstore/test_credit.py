"""Credit: what may be on the way, counted so that a lost message and a repeated credit change nothing for long."""

from __future__ import annotations

import random

import pytest

from mxl.kvstore.credit import Window


def window(size_bytes: int) -> Window:
    w = Window()
    w.begin(size_bytes)
    return w


def test_the_window_bounds_what_is_on_the_way() -> None:
    w = window(100)
    assert w.allows(60)
    w.send(60)
    assert not w.allows(60)
    assert w.allows(40)
    assert (w.on_the_way, w.room()) == (60, 40)


def test_a_message_beyond_the_window_goes_alone() -> None:
    w = window(100)
    assert w.allows(500)
    w.send(500)
    assert not w.allows(1)
    assert w.allows(0)
    w.credit(500)
    assert w.allows(500)


def test_a_later_credit_covers_a_lost_one() -> None:
    w = window(100)
    w.send(50)
    second = w.send(50)
    w.credit(second)
    assert w.on_the_way == 0


def test_a_repeated_or_older_credit_changes_nothing() -> None:
    w = window(100)
    first, second = w.send(50), w.send(50)
    w.credit(second)
    w.credit(first)
    w.credit(second)
    assert w.on_the_way == 0


def test_a_credit_for_what_was_not_sent_is_cut() -> None:
    w = window(100)
    w.send(10)
    w.credit(1_000_000)
    assert (w.on_the_way, w.room()) == (0, 100)


def test_a_new_connection_begins_anew() -> None:
    w = window(100)
    w.send(90)
    w.begin(50)
    assert (w.on_the_way, w.room()) == (0, 50)


@pytest.mark.parametrize("seed", range(20))
def test_on_the_way_is_the_window_or_one_message(seed: int) -> None:
    rng = random.Random(seed)
    w, out = window(100), []
    for _ in range(200):
        size = rng.randrange(0, 150)
        if w.allows(size):
            out.append((w.send(size), size))
        elif out:
            offset, _ = out.pop(0)
            w.credit(offset)
        sizes = [s for _, s in out if s]
        assert sum(sizes) <= 100 or len(sizes) == 1
