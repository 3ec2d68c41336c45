"""Answers to one worker: most urgent first, as far as its credit reaches, acknowledgements at once."""

from __future__ import annotations

from mxl.kvstore.wire.messages import StatesAre, Taken, Values
from mxl.server.answers import Answers


def answers(window_bytes: int = 100, message_bytes: int = 1000) -> Answers:
    made = Answers(message_bytes)
    assert made.begin(1, window_bytes)
    return made


def requests(messages: list[object]) -> list[list[int]]:
    return [[part.request for part in m.parts] for m in messages if isinstance(m, Values)]


def test_nothing_goes_before_the_worker_said_hello() -> None:
    a = Answers(1000)
    a.taken(1)
    assert a.flush(1) == []
    a.begin(1, 100)
    assert a.flush(1) == [Taken(1, (1,))]


def test_urgent_values_go_first_in_one_message() -> None:
    a = answers()
    for request, priority in ((1, -1), (2, 3), (3, 0)):
        a.value(request, 7, priority, bytes(8))
    (message,) = a.flush(1)
    assert isinstance(message, Values)
    assert (requests([message]), message.offset, len(message.payloads)) == ([[2, 3, 1]], 24, 3)


def test_values_wait_for_credit_and_are_held() -> None:
    a = answers(window_bytes=10)
    for request in (1, 2):
        a.value(request, 7, 0, bytes(8))
    a.taken(3)
    assert requests(a.flush(1)) == [[1]]
    assert (a.holds(1), a.holds(2), a.queued()) == (False, True, 1)
    a.credit(1, 8)
    assert requests(a.flush(1)) == [[2]]


def test_a_message_is_bounded() -> None:
    a = answers(message_bytes=20)
    for request in (1, 2, 3):
        a.value(request, 7, 0, bytes(8))
    assert requests(a.flush(1)) == [[1, 2], [3]]


def test_a_new_connection_has_new_credit_and_an_older_one_is_refused() -> None:
    a = answers(window_bytes=10)
    a.value(1, 7, 0, bytes(8))
    a.flush(1)
    a.value(2, 7, 0, bytes(8))
    assert a.begin(2, 10)
    assert requests(a.flush(1)) == [[2]]
    assert not a.begin(1, 10_000)
    a.credit(1, 8)
    assert a.window.on_the_way == 8


def test_optimizer_states_go_one_by_one() -> None:
    a = answers()
    a.states(1, 5, ("float32",), (bytes(8),))
    a.states(2, 5, (), ())
    assert a.holds(1)
    sent = a.flush(1)
    assert [(m.request, m.offset, m.dtypes) for m in sent if isinstance(m, StatesAre)] == [
        (1, 8, ("float32",)),
        (2, 8, ()),
    ]
