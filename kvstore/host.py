"""Same host or not: proved by a file that only this host, and this user, can read; never guessed from names.

Knows: how a proof is made and checked, which address of a peer to take, and what a Unix socket's path may be.  Never: a
socket of a role.  A proof names a file and the digest of the random bytes in it: whoever can read the file and finds
the digest right sees the same folder.  A container with a folder of the same name has another file in it, or none.
"""

from __future__ import annotations

import os
import secrets
import socket
import stat
import sys
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from ..core.errors import MXLError

NONCE_FILE = "host.nonce"
NONCE_BYTES = 32
IPC, TCP = "ipc://", "tcp://"
UNIX_PATH_MAX = 107 if sys.platform == "linux" else 103  # bytes, without the closing zero


def make_proof(folder: str | os.PathLike[str]) -> str:
    """A proof for all nodes of this folder, which is this user's alone; the file is made by whoever comes first."""
    check_folder(folder)
    path = Path(folder).absolute() / NONCE_FILE
    aside = path.with_name(f"{NONCE_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(NONCE_BYTES))
        try:
            os.link(aside, path)  # whole, or not there; fails if there is one
        except FileExistsError:
            pass
    finally:
        os.unlink(aside)
    nonce = _read(str(path))
    if nonce is None:
        raise MXLError(f"{path} must be a file of {NONCE_BYTES} bytes that this user owns; remove it, it is made anew")
    return f"{path}#{_digest(nonce)}"


def is_same_host(proof: str) -> bool:
    """Whether the node that gave this proof sees the files of this host, as this user."""
    path, mark, digest = proof.rpartition("#")
    if not mark or not path.startswith("/") or "\0" in path:
        return False
    nonce = _read(path)
    return nonce is not None and secrets.compare_digest(_digest(nonce).encode(), digest.encode())


def choose_address(peer: str, addresses: Sequence[str], proof: str) -> str:
    """Where to reach a peer: over ipc if it is on this host, else over tcp.

    Without a proof (an address that a person wrote down) tcp is preferred, and an ipc address is believed if it is all
    there is.
    """
    ipc = [address for address in addresses if address.startswith(IPC)]
    tcp = [address for address in addresses if address.startswith(TCP)]
    if ipc and proof and is_same_host(proof):
        return ipc[0]
    if tcp:
        return tcp[0]
    if ipc and not proof:
        return ipc[0]
    if ipc:
        raise MXLError(f"{peer} is at {ipc[0]} only, which is on another host; bind it to a tcp address too")
    raise MXLError(f"{peer} has no address that begins with {IPC} or {TCP}: came {', '.join(addresses) or 'none'}")


def check_folder(folder: str | os.PathLike[str]) -> None:
    """A folder for sockets and proofs must be this user's, with mode 0700: whoever enters it enters the job."""
    try:
        state = os.stat(folder)
    except OSError as error:
        raise MXLError(f"{os.fspath(folder)}: {error.strerror}; a job needs a folder for its sockets") from None
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o077:
        raise MXLError(f"{os.fspath(folder)} must be a folder of this user's alone (mode 0700), "
                       f"is owned by {state.st_uid} with mode {stat.S_IMODE(state.st_mode):04o}; chmod 700 it")


def check_unix_path(path: str) -> None:
    """A Unix socket's path must be short: the system keeps it in a field of fixed size."""
    size = len(os.fsencode(path))
    if size > UNIX_PATH_MAX:
        raise MXLError(f"{IPC}{path}: a socket's path may have {UNIX_PATH_MAX} bytes, this has {size}; "
                       "choose a shorter job folder")


def outward_address() -> str:
    """This host's address towards other hosts: the one that the default route has; the loopback if there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation; nothing is sent
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _read(path: str) -> bytes | None:
    """The file's nonce, if it is a plain file of this user's with as many bytes as a nonce has."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode) or state.st_uid != os.geteuid() or state.st_size != NONCE_BYTES:
            return None
        return os.read(handle, NONCE_BYTES)
    finally:
        os.close(handle)


def _digest(nonce: bytes) -> str:
    return blake2b(nonce, digest_size=16, person=b"mxl-same-host").hexdigest()
