"""Stalls: what waits too long is told with names, and ends where a limit was set."""

from __future__ import annotations

from mxl.kvstore.outbox import Outbox, Request
from mxl.kvstore.settings import Settings
from mxl.kvstore.wire.messages import Leave, Welcome
from mxl.worker.stalls import Stalls


def outbox(*waits_for: int, is_open: bool = True, count: int = 1) -> Outbox:
    box = Outbox("server:1:0", "worker:0:0", message_bytes=100, answer_window_bytes=100, probe_after_s=4.0)
    box.peer_up(1, 0.0)
    if is_open:
        box.welcome(Welcome(1, "server:1:0", 1, 100), 1, 0.0)
    for number in range(count):
        box.submit(Request(number, "push of 'w' (clock 3)", "alone", 0.0, alone=lambda m, _: Leave(m, 1)))
    box.flush(1, 0.0)
    for request in box.out.values():
        request.waits_for = waits_for
    return box


def test_one_line_after_a_while_then_at_doubling_intervals() -> None:
    stalls, box = Stalls(Settings()), outbox(2)
    told = {now: lines for now in range(61) if (lines := stalls.tick([box], float(now))[0])}
    assert told == {
        now: [f"push of 'w' (clock 3) has waited {now} s for rank 2 (server 1 says)"] for now in (5, 10, 20, 40)
    }


def test_many_ranks_and_requests_are_one_line() -> None:
    lines, _ = Stalls(Settings()).tick([outbox(0, 2, count=3)], 5.0)
    assert lines == ["push of 'w' (clock 3) has waited 5 s for ranks 0, 2 (server 1 says) (and 2 more requests)"]


def test_a_missing_connection_is_said() -> None:
    lines, _ = Stalls(Settings()).tick([outbox(is_open=False)], 5.0)
    assert lines == ["push of 'w' (clock 3) has waited 5 s for a connection to server 1"]


def test_a_server_that_says_nothing_is_named() -> None:
    lines, _ = Stalls(Settings()).tick([outbox()], 5.0)
    assert lines == ["push of 'w' (clock 3) has waited 5 s for server 1"]


def test_it_is_quiet_again_when_nothing_waits() -> None:
    stalls, box = Stalls(Settings()), outbox(2)
    stalls.tick([box], 5.0)
    box.answered(0)
    assert stalls.tick([box], 100.0) == ([], [])
    box.submit(Request(9, "pull", "alone", 100.0, alone=lambda m, _: Leave(m, 1)))
    assert stalls.tick([box], 105.0)[0] != []


def test_a_limit_ends_the_wait() -> None:
    stalls = Stalls(Settings(stall_limit_s=30.0))
    assert stalls.tick([outbox(2)], 30.0)[1] == []
    ((_, request, error),) = stalls.tick([outbox(2)], 30.5)[1]
    assert request.id == 0
    assert str(error) == (
        "push of 'w' (clock 3) has waited 30 s for rank 2 (server 1 says); the limit is 30 s (MXL_STALL_LIMIT_S)"
    )
