"""What every transport keeps to: one test for all bodies, so that the one in memory does what ZeroMQ does."""

from __future__ import annotations

import threading
import time

import pytest

from mxl.kvstore.transport.base import PeerDown, PeerUp, Received


def said(events: list) -> list[tuple[str, list[bytes]]]:
    """Peer and frames of what was received."""
    return [(e.peer, [bytes(f) for f in e.frames]) for e in events if isinstance(e, Received)]


def test_a_bound_node_has_addresses_and_another_has_none(net) -> None:
    assert len(net.bind().addresses) == 1
    assert net.open().addresses == ()


def test_a_message_and_its_answer_come_under_the_names_that_connect_gave(net) -> None:
    bound, near = net.bind(), net.open()
    near.connect("server", bound.addresses, "worker:0:0", "")
    net.until(lambda: net.events[near])
    assert net.events[near] == [PeerUp("server")]
    assert near.send("server", [b"push", b"payload"])
    net.until(lambda: net.events[bound])
    assert said(net.events[bound]) == [("worker:0:0", [b"push", b"payload"])]
    assert bound.send("worker:0:0", [b"taken"])
    net.until(lambda: len(net.events[near]) == 2)
    assert said(net.events[near]) == [("server", [b"taken"])]


def test_many_messages_come_whole_and_in_order(net) -> None:
    bound, near = net.pair()
    sent = [[b"%d" % n, b"", bytes(n % 7)] for n in range(1500)]
    for frames in sent:
        assert near.send("server", frames)
    net.until(lambda: len(net.events[bound]) == len(sent))
    assert [frames for _, frames in said(net.events[bound])] == sent


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 4_000_000])
def test_a_frame_of_any_size_comes_read_only(net, size: int) -> None:
    bound, near = net.pair()
    payload = bytes(range(256)) * (size // 256 + 1)
    near.send("server", [b"header", memoryview(bytearray(payload))[:size]])
    net.until(lambda: net.events[bound])
    (event,) = net.events[bound]
    assert all(isinstance(f, memoryview) and f.readonly and f.ndim == 1 and f.itemsize == 1 for f in event.frames)
    assert event.frames[1] == payload[:size]


def test_a_message_to_nobody_is_refused(net) -> None:
    bound, near = net.pair()
    assert not bound.send("worker:7:0", [b"x"])
    assert not bound.send("", [b"x"])
    assert not near.send("server:9:0", [b"x"])
    assert near.send("server", [b"x"])
    near.disconnect("server")
    assert not near.send("server", [b"x"])


def test_before_the_connection_stands_a_message_is_refused(net) -> None:
    bound = net.bind()
    address = bound.addresses
    bound.close()
    near = net.open()
    near.connect("server", address, "worker:0:0", "")
    assert not near.send("server", [b"early"])
    assert near.receive(0.01) == []


def test_who_connects_first_waits_for_the_other_to_be_bound(net) -> None:
    first = net.bind()
    (address,) = first.addresses
    first.close()
    near = net.open()
    near.connect("server", (address,), "worker:0:0", "")
    near.receive(0.01)
    net.bind(address)
    net.until(lambda: net.events[near])
    assert net.events[near] == [PeerUp("server")]


def test_a_broken_connection_is_told_and_made_anew_without_what_was_lost(net) -> None:
    bound, near = net.pair()
    (address,) = bound.addresses
    bound.close()
    net.until(lambda: net.events[near])
    assert net.events[near] == [PeerDown("server")]
    assert not near.send("server", [b"lost"])
    again = net.bind(address)
    net.until(lambda: len(net.events[near]) == 2)
    assert net.events[near][1] == PeerUp("server")
    near.send("server", [b"hello"])
    net.until(lambda: net.events[again])
    assert said(net.events[again]) == [("worker:0:0", [b"hello"])]


def test_what_came_before_the_break_is_still_read(net) -> None:
    bound, near = net.bind(linger_s=5.0), net.open()
    near.connect("server", bound.addresses, "worker:0:0", "")
    net.until(lambda: net.events[near])
    sent = [b"%d" % n for n in range(300)]
    net.until(lambda: bound.send("worker:0:0", [sent[0]]))  # it hears of the connection a little after `near` does
    assert all(bound.send("worker:0:0", [frame]) for frame in sent[1:])
    bound.close()
    net.until(lambda: net.events[near][-1] == PeerDown("server"))
    assert [frames for _, frames in said(net.events[near])] == [[frame] for frame in sent]


def test_a_new_connection_under_a_name_takes_the_old_ones_place(net) -> None:
    bound, old = net.pair()
    new = net.open()
    new.connect("server", bound.addresses, "worker:0:0", "")
    net.until(lambda: net.events[new])
    new.send("server", [b"hello"])
    net.until(lambda: net.events[bound])
    assert bound.send("worker:0:0", [b"for the new one"])
    net.until(lambda: len(net.events[new]) == 2)
    assert said(net.events[new]) == [("server", [b"for the new one"])]
    assert said(net.events[old]) == []


def test_connecting_again_closes_the_connection_before(net) -> None:
    bound, near = net.pair()
    other = net.bind()
    near.connect("server", other.addresses, "worker:0:0", "")
    net.until(lambda: net.events[near])
    near.send("server", [b"x"])
    net.until(lambda: net.events[other])
    assert net.events[near] == [PeerUp("server")]
    assert net.events[bound] == []
    net.until(lambda: not bound.send("worker:0:0", [b"gone"]))


def test_one_node_has_connections_to_many(net) -> None:
    near, bound = net.open(), [net.bind() for _ in range(5)]
    for n, node in enumerate(bound):
        near.connect(f"server:{n}:0", node.addresses, "worker:0:0", "")
    net.until(lambda: len(net.events[near]) == 5)
    assert {e.peer for e in net.events[near]} == {f"server:{n}:0" for n in range(5)}
    for n, node in enumerate(bound):
        near.send(f"server:{n}:0", [b"%d" % n])
        net.until(lambda node=node: net.events[node])
        assert said(net.events[node]) == [("worker:0:0", [b"%d" % n])]


def test_one_that_sends_much_does_not_starve_another(net) -> None:
    bound, loud = net.pair("worker:0:0")
    quiet = net.open()
    quiet.connect("server", bound.addresses, "worker:1:0", "")
    net.until(lambda: net.events[quiet])
    for n in range(4000):
        loud.send("server", [b"%d" % n])
    quiet.send("server", [b"me too"])
    net.until(lambda: "worker:1:0" in {e.peer for e in net.events[bound]})
    net.until(lambda: len(net.events[bound]) == 4001)
    assert [int(f[0]) for p, f in said(net.events[bound]) if p == "worker:0:0"] == list(range(4000))


def test_a_wait_ends_when_its_time_is_over(net) -> None:
    node = net.bind()
    begin = time.monotonic()
    assert node.receive(0.02) == []
    assert time.monotonic() - begin >= 0.02
    assert node.receive(0.0) == []


def test_a_wait_ends_when_another_thread_wakes_it(net) -> None:
    node = net.bind()
    thread = threading.Thread(target=node.wake)
    thread.start()
    assert node.receive(None) == []
    thread.join()


def test_waking_before_the_wait_ends_one_wait(net) -> None:
    node = net.open()
    for _ in range(3):
        node.wake()
    assert node.receive(None) == []
    begin = time.monotonic()
    node.receive(0.02)
    assert time.monotonic() - begin >= 0.02


def test_a_message_ends_a_wait_in_another_thread(net) -> None:
    bound, near = net.pair()
    got: list = []
    thread = threading.Thread(target=lambda: got.extend(bound.receive(10.0)))
    thread.start()
    near.send("server", [b"x"])
    thread.join()
    assert said(got) == [("worker:0:0", [b"x"])]


def test_closed_is_closed(net) -> None:
    bound, near = net.pair()
    for node in (near, bound, near):
        node.close()
        node.wake()
        assert not node.send("server", [b"x"])
        node.connect("server", bound.addresses, "worker:0:0", "")
        node.disconnect("server")
        assert node.receive(None) == []


def test_a_message_without_frames_falls_over_nothing(net) -> None:
    bound, near = net.pair()
    near.send("server", [])
    near.send("server", [b"next"])
    net.until(lambda: len(net.events[bound]) == 2)
    assert said(net.events[bound])[1] == ("worker:0:0", [b"next"])


def test_nobody_comes_in_under_the_name_of_one_that_this_node_has_connected_to(net) -> None:
    scheduler, server, impostor = net.bind(), net.bind(), net.open()
    server.connect("scheduler:0:0", scheduler.addresses, "server:0:0", "")
    impostor.connect("server", server.addresses, "scheduler:0:0", "")
    net.until(lambda: net.events[server] and net.events[impostor])
    impostor.send("server", [b"finish"])
    net.until(lambda: len(net.events[server]) == 2)
    assert said(net.events[server]) == [("?scheduler:0:0", [b"finish"])]
    server.send("scheduler:0:0", [b"for the scheduler"])
    net.until(lambda: net.events[scheduler])
    assert said(net.events[scheduler]) == [("server:0:0", [b"for the scheduler"])]
