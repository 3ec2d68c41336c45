"""Where a node can be bound, and the sentence for each place where it cannot."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from mxl.kvstore.host import outward_address
from mxl.kvstore.transport.curve import make_keys
from mxl.kvstore.transport.zmq import ZmqTransport
from mxl.kvstore.transport.zmq_bind import BindError

LONG = "ipc:///tmp/" + "x" * 120


@pytest.mark.parametrize("address, sentence", [
    ("udp://127.0.0.1:1", "an address to bind begins with ipc:// or tcp://, came 'udp://127.0.0.1:1'"),
    ("tcp://127.0.0.1", r"a tcp address is tcp://HOST:PORT, .*, came 'tcp://127.0.0.1'"),
    ("tcp://:80", "a tcp address is tcp://HOST:PORT"),
    ("tcp://127.0.0.1:http", "a tcp address is tcp://HOST:PORT"),
    ("tcp://127.0.0.1:70000", "ports go from 1 to 65535"),
    ("tcp://127.0.0.1:9100-9000", "ports go from 1 to 65535, the smaller one first"),
    ("tcp://no-such-host.invalid:0", "host name 'no-such-host.invalid' was not found; is it spelt right"),
    ("tcp://192.0.2.77:0", "would let in everyone who reaches it; give the job's keys, or bind 127.0.0.1"),
    ("tcp://*:*", "would let in everyone who reaches it"),
    ("ipc:///no/such/folder/a", "/no/such/folder: No such file or directory; a job needs a folder"),
    (LONG, "a socket's path may have 107 bytes, this has 125; choose a shorter job folder"),
])
def test_an_address_that_is_none_has_its_sentence(address: str, sentence: str) -> None:
    with pytest.raises(RuntimeError, match=sentence):
        ZmqTransport([address])


def test_an_address_of_another_host_is_named() -> None:
    with pytest.raises(BindError, match=r"192\.0\.2\.77 is no address of this host"):
        ZmqTransport(["tcp://192.0.2.77:0"], keys=make_keys())


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BindError, match=rf"tcp://127.0.0.1:{port}: port {port} is taken by another process"):
            ZmqTransport([f"tcp://127.0.0.1:{port}"])
        with pytest.raises(BindError, match=rf"all ports from {port} to {port} are taken|port {port} is taken"):
            ZmqTransport([f"tcp://127.0.0.1:{port}-{port}"])


def test_of_a_range_the_first_free_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        node = ZmqTransport([f"tcp://127.0.0.1:{port}-{min(port + 50, 65535)}"])
        found = int(node.addresses[0].rpartition(":")[2])
        node.close()
    assert port < found <= port + 50


def test_a_path_in_use_is_not_taken_over(folder: Path) -> None:
    first = ZmqTransport([f"ipc://{folder}/a"])
    with pytest.raises(BindError, match="in use by another process; end it, or choose another path"):
        ZmqTransport([f"ipc://{folder}/a"])
    near = ZmqTransport()
    near.connect("server", first.addresses, "worker:0:0", "")
    assert near.receive(5.0) != []
    first.close()
    near.close()
    assert os.listdir(folder) == []


def test_a_socket_left_by_a_dead_process_is_replaced(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(f"{folder}/a")
    assert stat.S_ISSOCK(os.stat(f"{folder}/a").st_mode)
    node = ZmqTransport([f"ipc://{folder}/a"])
    assert node.addresses == (f"ipc://{folder}/a",)
    node.close()


def test_a_file_that_is_no_socket_is_left_alone(folder: Path) -> None:
    (folder / "a").write_text("mine")
    with pytest.raises(BindError, match="is a file that is no socket; remove it, or choose another path"):
        ZmqTransport([f"ipc://{folder}/a"])
    assert (folder / "a").read_text() == "mine"


def test_a_folder_that_others_may_enter_is_refused(folder: Path) -> None:
    folder.chmod(0o755)
    with pytest.raises(RuntimeError, match=r"a folder of this user's alone \(mode 0700\).*mode 0755; chmod 700 it"):
        ZmqTransport([f"ipc://{folder}/a"])


def test_ipc_comes_first_and_both_lead_to_the_node(folder: Path) -> None:
    node = ZmqTransport(["tcp://127.0.0.1:*", f"ipc://{folder}/a"])
    assert [address[:6] for address in node.addresses] == ["ipc://", "tcp://"]
    for n, address in enumerate(node.addresses):
        near = ZmqTransport()
        near.connect("server", (address,), f"worker:{n}:0", "")
        assert near.receive(5.0) != []
        near.send("server", [b"x"])
        assert [event.peer for event in node.receive(5.0)] == [f"worker:{n}:0"]  # type: ignore[union-attr]
        near.close()
    node.close()


def test_what_is_told_to_peers_is_an_address_that_they_can_reach() -> None:
    node = ZmqTransport(["tcp://*:*"], keys=make_keys())
    named = ZmqTransport(["tcp://*:*"], keys=make_keys(), advertise="gpu7.example.org")
    assert node.addresses[0].startswith(f"tcp://{outward_address()}:")
    assert named.addresses[0].startswith("tcp://gpu7.example.org:")
    node.close()
    named.close()


def test_an_open_door_must_be_asked_for() -> None:
    node = ZmqTransport(["tcp://0.0.0.0:*"], is_open=True)
    assert len(node.addresses) == 1
    node.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_ipv6_works_where_the_machine_has_it() -> None:
    try:
        node = ZmqTransport(["tcp://[::1]:*"])
    except BindError as error:
        assert "is no address of this host" in str(error)  # noqa: PT017  has the protocol, but no address
        return
    near = ZmqTransport()
    near.connect("server", node.addresses, "worker:0:0", "")
    assert near.receive(5.0) != []
    near.close()
    node.close()
