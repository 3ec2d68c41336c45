"""The door between hosts: keys, their file, and who is let in."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import zmq

from mxl.core.errors import MXLError
from mxl.kvstore.transport.base import Event, PeerUp, Received
from mxl.kvstore.transport.curve import JobKeys, load_keys, make_keys, read_keys, save_keys, without_server_secret
from mxl.kvstore.transport.zmq import ZmqTransport

NULL_GREETING = bytes([0xFF, *[0] * 8, 0x7F, 3, 0]) + b"NULL".ljust(20, b"\0") + bytes(32)


@pytest.fixture
def keys() -> JobKeys:
    return make_keys()


@pytest.fixture
def server(keys: JobKeys) -> Iterator[ZmqTransport]:
    node = ZmqTransport(["tcp://127.0.0.1:*"], keys=keys)
    yield node
    node.close()


def until(reached: Callable[[], object], *nodes: ZmqTransport, within_s: float = 10.0) -> list[Event]:
    """Let the nodes receive until this is so; what came."""
    deadline, events = time.monotonic() + within_s, []
    while not reached():
        assert time.monotonic() < deadline
        for node in nodes:
            events += node.receive(0.005)
    return events


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if "was refused" in r.getMessage()]


# ----- keys -----


def test_keys_are_new_each_time_and_pairs(keys: JobKeys) -> None:
    assert keys != make_keys()
    assert zmq.curve_public(keys.server_secret.encode()) == keys.server_public.encode()
    assert zmq.curve_public(keys.client_secret.encode()) == keys.client_public.encode()


def test_no_log_shows_a_key(keys: JobKeys) -> None:
    assert repr(keys) == str(keys) == "JobKeys(...)"
    assert repr(without_server_secret(keys)) == "JobKeys(...)"


def test_keys_come_back_from_their_file(keys: JobKeys, tmp_path: Path) -> None:
    save_keys(keys, tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert load_keys(tmp_path / "keys") == keys


def test_an_existing_file_is_not_overwritten(keys: JobKeys, tmp_path: Path) -> None:
    save_keys(keys, tmp_path / "keys")
    with pytest.raises(MXLError, match=r"keys cannot be written to .*/keys: File exists"):
        save_keys(make_keys(), tmp_path / "keys")
    assert load_keys(tmp_path / "keys") == keys


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_read_or_write_is_refused(keys: JobKeys, tmp_path: Path, mode: int) -> None:
    save_keys(keys, tmp_path / "keys")
    (tmp_path / "keys").chmod(mode)
    with pytest.raises(MXLError, match=rf"readable by its owner only \(mode 0600\), has mode {mode:04o}; chmod 600 it"):
        load_keys(tmp_path / "keys")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(MXLError, match=r"keys cannot be read from .*/none: No such file or directory"):
        load_keys(tmp_path / "none")
    with pytest.raises(MXLError, match="must be a plain file with the job's keys"):
        load_keys("/dev/null")


def as_json(keys: JobKeys, **changes: object) -> bytes:
    return json.dumps({**asdict(keys), **changes}).encode()


@pytest.mark.parametrize("make, sentence", [
    (lambda keys: b"", "FILE must hold the job's keys as JSON with server_public, server_secret, client_public"),
    (lambda keys: b"\xff\xfe", "FILE must hold the job's keys as JSON"),
    (lambda keys: b"[1]", "FILE must hold the job's keys as JSON"),
    (lambda keys: as_json(keys, more=1), "FILE must hold the job's keys as JSON"),
    (lambda keys: as_json(keys) + b" " * 5000, "FILE must hold the job's keys as JSON"),
    (lambda keys: as_json(keys, server_public="short"), "FILE: server_public must be a key of 40 characters of Z85"),
    (lambda keys: as_json(keys, client_secret=5), "FILE: client_secret must be a key of 40 characters"),
    (lambda keys: as_json(keys, client_secret="é" * 40), "FILE: client_secret must be a key of 40 characters"),
    (lambda keys: as_json(keys, client_secret=" " * 40), "FILE: client_secret must be a key of 40 characters"),
    (lambda keys: as_json(keys, server_public=keys.client_public), "FILE: server_public does not belong to server_sec"),
])
def test_what_holds_no_keys_has_its_sentence(keys: JobKeys, make, sentence: str) -> None:
    with pytest.raises(MXLError, match=sentence):
        read_keys(make(keys), "FILE")


# ----- who is let in -----


def test_a_node_with_the_jobs_keys_is_let_in(server: ZmqTransport, keys: JobKeys) -> None:
    near = ZmqTransport(keys=without_server_secret(keys))
    near.connect("server", server.addresses, "worker:0:0", "")
    events: list[Event] = []
    until(lambda: events.extend(near.receive(0.005)) or events, server)
    assert events == [PeerUp("server")]
    near.close()


def strangers(keys: JobKeys) -> dict[str, JobKeys | None]:
    own = make_keys()
    return {
        "no keys": None,
        "the server's public key and a pair of its own": replace(own, server_public=keys.server_public),
        "the keys of another job": own,
    }


@pytest.mark.parametrize("who", ["no keys", "the server's public key and a pair of its own"])
def test_a_stranger_is_refused_and_the_log_says_so(
    server: ZmqTransport, keys: JobKeys, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = ZmqTransport(keys=strangers(keys)[who])
    stranger.connect("server", server.addresses, "worker:0:0", "")
    events = until(lambda: refusals(caplog), server, stranger)
    assert not stranger.send("server", [b"let me in"])
    assert events == []
    assert "was refused: it does not have the job's" in refusals(caplog)[0]
    if who != "no keys":  # ZAP is told the address; otherwise it is asked for, and may be gone: see the next test
        assert "a stranger at 127.0.0.1 " in refusals(caplog)[0]
    stranger.close()


def test_a_stranger_without_keys_is_named_by_the_port_it_came_from(
    server: ZmqTransport, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = server.addresses[0].removeprefix("tcp://").split(":")
    with socket.create_connection((host, int(port))) as stranger:
        until(lambda: server._watch_door and server._watch_door._addresses, server)  # it is accepted
        stranger.sendall(NULL_GREETING)
        until(lambda: refusals(caplog), server)
        own_port = stranger.getsockname()[1]
    assert refusals(caplog) == [f"a stranger at 127.0.0.1:{own_port} was refused: it does not have the job's keys"]


def test_a_server_with_other_keys_is_not_talked_to(keys: JobKeys, caplog: pytest.LogCaptureFixture) -> None:
    """Someone who took a server's place, without its secret, gets nothing: not even the name of who asked."""
    impostor = ZmqTransport(["tcp://127.0.0.1:*"], keys=make_keys())
    near = ZmqTransport(keys=keys)
    near.connect("server", impostor.addresses, "worker:0:0", "")
    events = until(lambda: near._links["server"]._why_last, near, impostor)
    assert events == []
    assert not near.send("server", [b"secret"])
    near.close()
    impostor.close()


def test_a_stranger_that_keeps_trying_is_named_once(server: ZmqTransport, caplog: pytest.LogCaptureFixture) -> None:
    stranger = ZmqTransport()
    stranger.connect("server", server.addresses, "worker:0:0", "")
    until(lambda: stranger._links["server"]._retry_s > 0.2, server, stranger)  # some tries
    stranger.close()
    assert len({line.split(":")[0] for line in refusals(caplog)}) == len(refusals(caplog)) <= 2  # one may be unknown


def test_the_refused_one_hears_why(
    server: ZmqTransport, keys: JobKeys, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mxl.kvstore.transport.zmq_link.WARN_FIRST_S", 0.05)
    stranger = ZmqTransport(keys=replace(make_keys(), server_public=keys.server_public))
    with caplog.at_level(logging.WARNING, "mxl"):
        stranger.connect("server 0", server.addresses, "worker:0:0", "")
        said = "is not reached: it refuses this node's keys; do both have the keys of the same job?"
        until(lambda: any(said in r.getMessage() for r in caplog.records), server, stranger)
    stranger.close()


def test_ipc_beside_a_guarded_door_needs_no_keys(keys: JobKeys, folder: Path) -> None:
    node = ZmqTransport([f"ipc://{folder}/a", "tcp://127.0.0.1:*"], keys=keys)
    for n, (address, near) in enumerate(zip(node.addresses, (ZmqTransport(), ZmqTransport(keys=keys)), strict=True)):
        near.connect("server", (address,), f"worker:{n}:0", "")
        events: list[Event] = []
        until(lambda e=events, t=near: e.extend(t.receive(0.005)) or e, node)
        near.send("server", [b"x"])
        assert [(type(e), e.peer) for e in node.receive(5.0)] == [(Received, f"worker:{n}:0")]
        near.close()
    node.close()
