"""The simulated network keeps to what ZeroMQ does: in order per connection, or lost with it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mxl.kvstore.machine import Connect, Effects
from mxl.kvstore.wire.messages import Fetch, Message
from mxl.testing.simulator.network import Faults, Network
from mxl.testing.simulator.nodes import SimNode


class Ear:
    """A machine that only hears."""

    finished = False

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def start(self, now: float) -> Effects:
        return []

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        self.heard.append((peer, message.membership))
        return []

    def peer_up(self, peer: str, now: float) -> Effects:
        self.heard.append((peer, "up"))
        return []

    def peer_down(self, peer: str, now: float) -> Effects:
        self.heard.append((peer, "down"))
        return []

    def tick(self, now: float) -> Effects:
        return []

    def deadline(self, now: float) -> None:
        return None


def pair(seed: int = 0, **faults: Any) -> tuple[Network, SimNode, SimNode]:
    network = Network(random.Random(seed), Faults(until_s=1000.0, **faults), coded=False)
    near, far = SimNode(network, "near", Ear()), SimNode(network, "far", Ear(), ("memory://far",))
    near.start()
    far.start()
    near.perform([Connect("far", ("memory://far",), "me", "")])
    return network, near, far


def run(network: Network, seconds: float) -> None:
    end = network.now + seconds
    network.after(seconds, lambda: None)
    while network.now < end:
        network.step()


@pytest.mark.parametrize("seed", range(20))
def test_messages_arrive_in_order(seed: int) -> None:
    network, near, far = pair(seed, delay_s=0.1, loss=0.2, repeat=0.2)
    run(network, 1.0)
    for number in range(50):
        network.send(near, "far", Fetch(number))
        network.send(far, "me", Fetch(number))
    run(network, 30.0)
    for ear in (near.machine, far.machine):
        numbers = [what for _, what in ear.heard if isinstance(what, int)]
        assert 20 < len(set(numbers)) < 50
        firsts = list(dict.fromkeys(numbers))
        assert firsts == sorted(firsts)


def test_a_broken_line_loses_the_rest_and_comes_back() -> None:
    network, near, far = pair(delay_s=0.1)
    run(network, 1.0)
    for number in range(50):
        network.send(near, "far", Fetch(number))
    network.break_line(near.opened["far"].line)
    run(network, 5.0)
    assert [what for _, what in near.machine.heard] == ["up", "down", "up"]
    numbers = [what for _, what in far.machine.heard]
    assert numbers == list(range(len(numbers)))
    network.send(near, "far", Fetch(99))
    run(network, 5.0)
    assert far.machine.heard[-1] == ("me", 99)


def test_whoever_connects_under_a_name_takes_its_place() -> None:
    network, near, far = pair(delay_s=0.1)
    run(network, 1.0)
    other = SimNode(network, "other", Ear())
    other.start()
    other.perform([Connect("far", ("memory://far",), "me", "")])
    run(network, 1.0)
    network.send(far, "me", Fetch(7))
    run(network, 1.0)
    assert ("far", 7) in other.machine.heard
    assert ("far", 7) not in near.machine.heard


def test_a_message_to_nobody_is_refused() -> None:
    network, near, far = pair()
    assert not network.send(far, "stranger", Fetch(1))
    assert not network.send(near, "nobody", Fetch(1))


def test_a_dead_node_hears_nothing() -> None:
    network, near, far = pair(delay_s=0.1)
    run(network, 1.0)
    network.send(near, "far", Fetch(1))
    far.die("is killed")
    run(network, 5.0)
    assert far.machine.heard == []
    assert near.machine.heard[-1] == ("far", "down")


def test_a_stopped_node_hears_later() -> None:
    network, near, far = pair(delay_s=0.01)
    run(network, 1.0)
    far.pause(5.0)
    network.send(near, "far", Fetch(1))
    run(network, 2.0)
    assert far.machine.heard == []
    run(network, 3.0)
    assert far.machine.heard == [("me", 1)]
