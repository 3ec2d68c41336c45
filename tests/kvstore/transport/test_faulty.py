"""The saboteur: what it does is a function of its seed, and nothing that a network could not do."""

from __future__ import annotations

import time
from random import Random

import pytest

from mxl.kvstore.transport.base import Event, PeerDown, PeerUp, Received
from mxl.kvstore.transport.faulty import Faults, FaultyTransport
from mxl.kvstore.transport.memory import MemoryNetwork, MemoryTransport


class World:
    """A bound node, and one that reaches it through faults; time stands still unless a test moves it."""

    def __init__(self, faults: Faults, seed: int = 0) -> None:
        network = MemoryNetwork()
        self.now = 0.0
        self.bound: MemoryTransport = network.transport()
        self.near = FaultyTransport(MemoryTransport(network), faults, Random(seed), lambda: self.now)
        self.near.connect("server", self.bound.addresses, "worker:0:0", "")
        assert self.near.receive(0.0) == [PeerUp("server")]

    def send(self, count: int) -> None:
        for n in range(count):
            assert self.near.send("server", [b"%d" % n])

    def arrived(self) -> list[int]:
        return [int(bytes(e.frames[0])) for e in self.bound.receive(0.0) if isinstance(e, Received)]

    def at(self, now: float) -> list[Event]:
        self.now = now
        return self.near.receive(0.0)


def test_without_faults_nothing_happens() -> None:
    world = World(Faults())
    world.send(20)
    assert world.arrived() == list(range(20))


def test_some_are_dropped_and_the_rest_stay_in_order() -> None:
    world = World(Faults(drop=0.3))
    world.send(200)
    arrived = world.arrived()
    assert arrived == sorted(set(arrived))
    assert len(arrived) == 200 - world.near.done["drop"]
    assert 30 < world.near.done["drop"] < 90


def test_some_come_twice_in_a_row() -> None:
    world = World(Faults(duplicate=0.3))
    world.send(200)
    arrived = world.arrived()
    assert arrived == sorted(arrived)
    assert sorted(set(arrived)) == list(range(200))
    assert len(arrived) == 200 + world.near.done["duplicate"]


def test_delayed_ones_hold_up_what_is_behind_them() -> None:
    world = World(Faults(delay=0.2, delay_max_s=1.0))
    world.send(50)
    arrived = world.arrived()
    assert len(arrived) < 50
    for step in range(1, 11):
        world.at(step / 10)
        arrived += world.arrived()
    assert arrived == list(range(50))


def test_a_cut_is_told_takes_what_was_on_the_way_and_is_mended() -> None:
    world = World(Faults(cut=0.02), seed=3)
    events: list[Event] = []
    for n in range(300):
        world.near.send("server", [b"%d" % n])
        events += world.near.receive(0.0)
    assert world.near.done["cut"] > 2
    assert events == [PeerDown("server"), PeerUp("server")] * world.near.done["cut"]
    arrived = world.arrived()
    assert arrived == sorted(set(arrived))
    assert len(arrived) < 300


@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_does_the_same(seed: int) -> None:
    def story() -> tuple[list[int], dict[str, int]]:
        world = World(Faults(cut=0.05, drop=0.1, duplicate=0.1, delay=0.2), seed)
        arrived: list[int] = []
        for step in range(10):
            world.send(5)
            world.at(step * 0.02)
            arrived += world.arrived()
        return arrived, world.near.done

    assert story() == story()


def test_a_wait_is_no_longer_than_the_next_delayed_message() -> None:
    world = World(Faults(delay=1.0, delay_max_s=0.001))
    world.near._time_now = time.monotonic
    world.send(1)
    while not world.arrived():
        world.near.receive(10.0)


def test_a_chance_goes_from_0_to_1() -> None:
    with pytest.raises(ValueError, match=r"the chance of drop goes from 0 to 1, came 1\.5"):
        Faults(drop=1.5)
