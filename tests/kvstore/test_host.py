"""Same host: proved by a file; and which of a peer's addresses is taken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mxl.core.errors import MXLError
from mxl.kvstore.host import check_unix_path, choose_address, is_same_host, make_proof

IPC, TCP = "ipc:///run/job/server-0", "tcp://10.0.0.7:9101"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


def test_whoever_reads_the_file_is_on_the_same_host(folder: Path) -> None:
    proof = make_proof(folder)
    assert is_same_host(proof)
    assert make_proof(folder) == proof
    (file,) = folder.iterdir()
    assert (file.name, file.stat().st_mode & 0o777, file.stat().st_size) == ("host.nonce", 0o600, 32)


def test_a_folder_of_the_same_name_on_another_host_is_no_proof(folder: Path) -> None:
    proof = make_proof(folder)
    (folder / "host.nonce").unlink()
    assert not is_same_host(proof)
    assert make_proof(folder) != proof
    assert not is_same_host(proof)


@pytest.mark.parametrize("proof", [
    "", "#", "/etc/passwd", "/etc/passwd#abc", "relative#abc", "/dev/zero#00", "/\0#0", "/tmp#0", "no path"])
def test_what_is_no_proof_proves_nothing(proof: str) -> None:
    assert not is_same_host(proof)


def test_neither_links_nor_pipes_are_followed(folder: Path) -> None:
    path, _, digest = make_proof(folder).rpartition("#")
    os.symlink(path, folder / "link")
    os.mkfifo(folder / "pipe", 0o600)
    assert not is_same_host(f"{folder}/link#{digest}")
    assert not is_same_host(f"{folder}/pipe#{digest}")


def test_a_proof_needs_a_folder_of_ones_own(folder: Path) -> None:
    folder.chmod(0o750)
    with pytest.raises(MXLError, match=r"must be a folder of this user's alone \(mode 0700\)"):
        make_proof(folder)
    with pytest.raises(MXLError, match="No such file or directory; a job needs a folder for its sockets"):
        make_proof(folder / "none")


def test_a_damaged_file_is_named(folder: Path) -> None:
    (folder / "host.nonce").write_bytes(b"short")
    with pytest.raises(MXLError, match=r"host.nonce must be a file of 32 bytes that this user owns; remove it"):
        make_proof(folder)
    assert len(list(folder.iterdir())) == 1


def test_ipc_on_the_same_host_tcp_between_hosts(folder: Path) -> None:
    proof = make_proof(folder)
    foreign = proof[:-4] + "0000"
    assert choose_address("server 0", (IPC, TCP), proof) == IPC
    assert choose_address("server 0", (IPC, TCP), foreign) == TCP
    assert choose_address("server 0", (IPC, TCP), "") == TCP
    assert choose_address("server 0", (IPC,), "") == IPC
    assert choose_address("server 0", (TCP,), proof) == TCP


@pytest.mark.parametrize("addresses, sentence", [
    ((IPC,), "server 0 is at ipc:///run/job/server-0 only, which is on another host; bind it to a tcp address too"),
    ((), "server 0 has no address that begins with ipc:// or tcp://: came none"),
    (("memory://a",), "server 0 has no address .* came memory://a"),
])
def test_a_peer_that_cannot_be_reached_has_its_sentence(addresses: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(MXLError, match=sentence):
        choose_address("server 0", addresses, "/none#0")


def test_a_path_that_is_too_long_has_its_sentence() -> None:
    check_unix_path("/" + "x" * 102)
    with pytest.raises(MXLError, match=r"a socket's path may have 10[37] bytes, this has 109; choose a shorter job"):
        check_unix_path("/" + "ф" * 54)
