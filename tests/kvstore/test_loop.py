"""The loop around a state machine: order, deadlines, bad bytes, and what is told when the machine fails."""

from __future__ import annotations

import logging
import threading

import pytest

from mxl.kvstore.loop import Loop, run
from mxl.kvstore.machine import Connect, Disconnect, Effects, Log, Send
from mxl.kvstore.story import Story
from mxl.kvstore.traffic import PEERS_MAX, Traffic
from mxl.kvstore.transport.memory import MemoryNetwork
from mxl.kvstore.wire.codec import encode
from mxl.kvstore.wire.messages import Beat, Fetch, Message, Push, Taken

PING, PONG = Fetch(0), Beat(0, ())


class Recorder:
    """A machine that writes down what it is told and answers from a table."""

    def __init__(self, **answers: Effects) -> None:
        self.answers = answers
        self.seen: list[object] = []
        self.finished = False
        self.due: float | None = None
        self.finish_on: object = None

    def _told(self, kind: str, what: object) -> Effects:
        self.seen.append(what)
        if what == self.finish_on:
            self.finished = True
        return self.answers.get(kind, [])

    def start(self, now: float) -> Effects:
        return self._told("start", "start")

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        return self._told("handle", (peer, message))

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        return self._told("malformed", (peer, text))

    def peer_up(self, peer: str, now: float) -> Effects:
        return self._told("up", ("up", peer))

    def peer_down(self, peer: str, now: float) -> Effects:
        return self._told("down", ("down", peer))

    def tick(self, now: float) -> Effects:
        self.due = None
        return self._told("tick", ("tick", now))

    def deadline(self, now: float) -> float | None:
        return self.due


@pytest.fixture
def network() -> MemoryNetwork:
    return MemoryNetwork()


def connect_to(address: str) -> Connect:
    return Connect("far", (address,), "near:0:0", "")


def test_two_machines_talk_until_they_have_finished(network: MemoryNetwork) -> None:
    bound, near = network.transport(), network.transport([])
    server = Recorder(handle=[Send("near:0:0", PONG)])
    client = Recorder(start=[connect_to(bound.addresses[0])], up=[Send("far", PING)])
    server.finish_on = ("near:0:0", PING)
    client.finish_on = ("far", PONG)
    loops = Loop(client, near), Loop(server, bound)
    for _ in range(4):
        for loop in loops:
            if not loop.machine.finished:
                loop.step()
    assert client.seen == ["start", ("up", "far"), ("far", PONG)]
    assert server.seen == ["start", ("near:0:0", PING)]
    assert client.finished
    assert server.finished
    assert loops[0].traffic.total["messages_out"] == loops[1].traffic.total["messages_in"] == 1
    assert loops[0].traffic.total["bytes_in"] == loops[1].traffic.peers["near:0:0"]["bytes_out"] == len(encode(PONG)[0])


def test_run_ends_when_the_machine_has_finished(network: MemoryNetwork) -> None:
    machine = Recorder()
    machine.finish_on = "start"
    run(machine, network.transport([]))
    assert machine.seen == ["start"]


def test_a_tick_comes_at_the_deadline_and_not_before(network: MemoryNetwork) -> None:
    now = [100.0]
    machine = Recorder()
    loop = Loop(machine, network.transport([]), time_now=lambda: now[0])
    machine.due = 100.5
    loop.step(0.0)
    assert machine.seen == ["start"]
    now[0] = 100.5
    loop.step(None)  # for ever, were there no deadline
    assert machine.seen == ["start", ("tick", 100.5)]


def test_the_wait_ends_at_the_deadline(network: MemoryNetwork) -> None:
    machine = Recorder()
    loop = Loop(machine, network.transport([]))
    machine.due = loop._time_now() + 0.01
    loop.step(None)
    loop.step(None) if len(machine.seen) == 1 else None
    assert [what[0] for what in machine.seen] == ["s", "tick"]


def test_bytes_that_are_no_message_reach_malformed_and_nothing_else(network: MemoryNetwork) -> None:
    bound, near = network.transport(), network.transport([])
    near.connect("far", bound.addresses, "near:0:0", "")
    machine = Recorder(malformed=[Log("warning", "refused")])
    lines: list[tuple[str, str]] = []
    loop = Loop(machine, bound, log=lambda level, text: lines.append((level, text)))
    near.send("far", [b"\xc1"])
    near.send("far", [])
    near.send("far", encode(PING))
    loop.step()
    (_, first), (_, second), third = machine.seen[1:]
    assert "one msgpack list" in first
    assert "came none" in second
    assert third == ("near:0:0", PING)
    assert lines == [("warning", "refused")] * 2
    assert loop.traffic.total["malformed"] == 2


def test_a_message_to_nobody_is_counted_and_dropped(network: MemoryNetwork) -> None:
    loop = Loop(Recorder(start=[Send("worker:9:0", PING), Disconnect("worker:9:0")]), network.transport())
    loop.step()
    assert loop.traffic.total["unreachable"] == 1
    assert loop.traffic.total["messages_out"] == 0


def test_a_failing_machine_ends_the_loop_with_its_story(network: MemoryNetwork) -> None:
    class Failing(Recorder):
        def handle(self, peer: str, message: Message, now: float) -> Effects:
            if isinstance(message, Taken):
                raise AssertionError("clock 4 was closed twice")
            return [Send(peer, PONG)]

    bound, near = network.transport(), network.transport([])
    near.connect("far", bound.addresses, "near:0:0", "")
    for message in (PING, Taken(0, (7,))):
        near.send("far", encode(message))
    with pytest.raises(AssertionError, match="closed twice") as caught:
        run(Failing(), bound)
    (story,) = caught.value.__notes__
    assert story.startswith("The last messages of this node:\n")
    assert "<- near:0:0  fetch(membership=0)" in story
    assert "-> near:0:0  beat(membership=0, suspects=())" in story
    assert "<- near:0:0  taken(membership=0, requests=(7,))" in story


def test_what_cannot_be_sent_is_told_with_its_field(network: MemoryNetwork) -> None:
    machine = Recorder(start=[Send("far", Push(0, 0, (), (), (b"one too many",)))])
    with pytest.raises(RuntimeError, match="push: 0 payloads are expected"):
        run(machine, network.transport([]))


def test_commands_of_another_thread_are_carried_out_at_once(network: MemoryNetwork) -> None:
    bound, near = network.transport(), network.transport([])
    near.connect("far", bound.addresses, "near:0:0", "")
    asked: list[Effects] = []
    machine = Recorder()
    loop = Loop(machine, near, commands=lambda now: asked.pop() if asked else [])
    loop.step()

    def script() -> None:
        asked.append([Send("far", PING)])
        near.wake()

    thread = threading.Thread(target=script)
    thread.start()
    loop.step(None)
    thread.join()
    while asked:
        loop.step()
    assert [event.peer for event in bound.receive(5.0)] == ["near:0:0"]


def test_log_effects_go_to_the_logger(network: MemoryNetwork, caplog: pytest.LogCaptureFixture) -> None:
    machine = Recorder(start=[Log("info", "rank 1 joined"), Log("warning", "100% slow")])
    machine.finish_on = "start"
    with caplog.at_level(logging.INFO, logger="mxl"):
        run(machine, network.transport([]))
    assert [(r.name, r.levelname, r.getMessage()) for r in caplog.records] == [
        ("mxl", "INFO", "rank 1 joined"), ("mxl", "WARNING", "100% slow")]


def test_a_story_keeps_the_last_lines_and_no_payload() -> None:
    story = Story(lines=3)
    for n in range(5):
        story.add(float(n), "->", "server:0:0", encode(Beat(n, ()))[0], 9)
    story.add(5.0, "<-", "stranger", b"\xc1", 1)
    story.add(6.0, "<-", "stranger", bytes(100_000), 100_000)
    assert [line.split(" s  ", 1)[1] for line in story.tell(6.0).splitlines()] == [
        "-> server:0:0  beat(membership=4, suspects=()) 9 bytes",
        "<- stranger  a header is one msgpack list, came 1 bytes that are none (FormatError)",
        "<- stranger  a header of 100000 bytes",
    ]


def test_strangers_cannot_fill_the_counters() -> None:
    traffic = Traffic()
    for n in range(PEERS_MAX + 50):
        traffic.came_in(f"stranger {n}", 1)
    assert len(traffic.peers) == PEERS_MAX + 1
    assert traffic.peers[""]["messages_in"] == 50
    assert traffic.total["messages_in"] == PEERS_MAX + 50
