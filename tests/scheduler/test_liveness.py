"""Liveness: a node that is not heard is first suspect, then lost; a suspect that is heard is alive."""

from __future__ import annotations

from mxl.scheduler.liveness import Liveness


def watched(**heard: float) -> Liveness:
    live = Liveness(suspect_after_s=10.0, lost_after_s=60.0)
    for name, now in heard.items():
        live.heard(name, now)
    return live


def test_silence_makes_a_suspect_and_then_a_loss() -> None:
    live = watched(a=0.0, b=5.0)
    assert live.suspects(9.9) == ()
    assert live.suspects(10.0) == ("a",)
    assert live.lost(59.9) == []
    assert live.lost(60.0) == ["a"]
    assert live.silent_s("a", 61.0) == 61.0


def test_a_suspect_that_is_heard_is_alive() -> None:
    live = watched(a=0.0)
    live.heard("a", 20.0)
    assert live.suspects(25.0) == ()


def test_nobody_is_watched_before_it_was_heard_or_after_it_left() -> None:
    live = watched(a=0.0)
    live.forget("a")
    assert (live.lost(1000.0), live.silent_s("a", 1000.0)) == ([], 0.0)


def test_a_judge_who_was_stopped_blames_nobody() -> None:
    live = watched(a=0.0, b=99.5)
    live.stood_still(90.0, 100.0)
    assert live.suspects(100.0) == ("a",)
    assert live.lost(100.0) == []
    assert live.silent_s("b", 100.0) == 0.0
