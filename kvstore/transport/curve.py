"""The door between hosts: the job's CurveZMQ keys, and who may enter with them.

Knows: how keys are made, kept and read, what ZAP asks and is answered.  Never: which sockets there are (`zmq.py`).
Invariant: a connection over a socket that asks here is let in only with the job's client key.

One key pair for all binding sockets, one for all connecting ones.  Without a ZAP handler libzmq would let in whoever
knows the server's public key (anyone may make a key pair of their own), so the handler is bound before any socket is,
and the sockets refuse everyone where none answers (ZAP_ENFORCE_DOMAIN).
"""

from __future__ import annotations

import hmac
import json
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import zmq
from zmq.utils import z85

from ...core.errors import MXLError

DOMAIN = b"mxl"
ZAP_ADDRESS = "inproc://zeromq.zap.01"
ZAP_VERSION = b"1.0"
KEY_CHARS = 40
FILE_MAX_BYTES = 4096


@dataclass(frozen=True, slots=True, repr=False)
class JobKeys:
    """The keys of a job, each 40 characters of Z85.  Its repr does not show them, so that no log does."""

    server_public: str
    server_secret: str
    client_public: str
    client_secret: str

    def __repr__(self) -> str:
        return "JobKeys(...)"


def make_keys() -> JobKeys:
    """New keys, from the system's random source."""
    return JobKeys(*(key.decode("ascii") for key in (*zmq.curve_keypair(), *zmq.curve_keypair())))


def save_keys(keys: JobKeys, path: str | os.PathLike[str]) -> None:
    """Write the keys into a new file that only this user can read; an existing file is an error."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise MXLError(f"keys cannot be written to {os.fspath(path)}: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(asdict(keys), file, indent=1)


def load_keys(path: str | os.PathLike[str]) -> JobKeys:
    """Read what `save_keys` wrote.

    A file that others can read or write is refused; a secret mounted into a container needs mode 0600 or 0400 too.
    """
    name = os.fspath(path)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise MXLError(f"keys cannot be read from {name}: {error.strerror}") from None
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise MXLError(f"{name} must be a plain file with the job's keys")
        if state.st_mode & 0o077:
            raise MXLError(f"{name} holds the job's keys and must be readable by its owner only (mode 0600), "
                           f"has mode {stat.S_IMODE(state.st_mode):04o}; chmod 600 it, or make new keys")
        text = file.read(FILE_MAX_BYTES + 1)
    return read_keys(text, name)


def read_keys(text: bytes, name: str) -> JobKeys:
    """Keys from a file's content, or from stdin; `name` is where it came from, for the error."""
    try:
        raw: Any = json.loads(text) if len(text) <= FILE_MAX_BYTES else None
    except ValueError:
        raw = None
    names = [field.name for field in fields(JobKeys)]
    if not isinstance(raw, dict) or set(raw) != set(names):  # pyright: ignore[reportUnknownArgumentType]
        raise MXLError(f"{name} must hold the job's keys as JSON with {', '.join(names)}; make it with "
                       "`python -m mxl.deploy.keys FILE`")
    for field in names:
        _key_bytes(raw[field], f"{name}: {field}")
    keys = JobKeys(*[str(raw[field]) for field in names])  # pyright: ignore[reportUnknownArgumentType]
    for public, secret in (("server_public", "server_secret"), ("client_public", "client_secret")):
        if zmq.curve_public(getattr(keys, secret).encode("ascii")) != getattr(keys, public).encode("ascii"):
            raise MXLError(f"{name}: {public} does not belong to {secret}; copy the file whole")
    return keys


def without_server_secret(keys: JobKeys) -> JobKeys:
    """The keys for a node that only connects: it cannot pose as a server."""
    return replace(keys, server_secret="")


# ----- on sockets -----


def guard_server(socket: zmq.Socket[bytes], keys: JobKeys) -> None:
    """What this socket binds from now on asks for the job's keys."""
    socket.set(zmq.CURVE_SERVER, 1)
    socket.set(zmq.CURVE_SECRETKEY, keys.server_secret.encode("ascii"))
    socket.set(zmq.ZAP_DOMAIN, DOMAIN)
    socket.set(zmq.ZAP_ENFORCE_DOMAIN, 1)


def guard_client(socket: zmq.Socket[bytes], keys: JobKeys) -> None:
    """What this socket connects to from now on must have the job's server key, and is shown the client's."""
    socket.set(zmq.CURVE_SERVERKEY, keys.server_public.encode("ascii"))
    socket.set(zmq.CURVE_PUBLICKEY, keys.client_public.encode("ascii"))
    socket.set(zmq.CURVE_SECRETKEY, keys.client_secret.encode("ascii"))


class Doorkeeper:
    """Answers ZAP for all sockets of one context.  Polled by the transport's own loop: no thread."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], keys: JobKeys, refused: Callable[[str], None]) -> None:
        self.socket = context.socket(zmq.ROUTER)
        self.socket.set(zmq.LINGER, 0)
        self.socket.bind(ZAP_ADDRESS)
        self._client = _key_bytes(keys.client_public, "client_public")
        self._refused = refused

    def answer_all(self) -> None:
        """Answer whoever waits at the door."""
        while True:
            try:
                frames = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            if len(frames) >= 8 and frames[2] == ZAP_VERSION:
                self._answer(frames)

    def close(self) -> None:
        self.socket.close()

    def _answer(self, frames: Sequence[bytes]) -> None:
        routing, _, _, request, domain, address, _, mechanism, *credentials = frames
        knows_key = len(credentials) == 1 and hmac.compare_digest(credentials[0], self._client)
        status, text = b"200", b"OK"
        if domain != DOMAIN or mechanism != b"CURVE" or not knows_key:
            status, text = b"400", b"refused"
            self._refused(address.decode("ascii", "replace"))
        self.socket.send_multipart([routing, b"", ZAP_VERSION, request, status, text, b"", b""])


def _key_bytes(key: Any, where: str) -> bytes:
    """The 32 bytes of a key."""
    try:
        raw = z85.decode(key.encode("ascii")) if len(key) == KEY_CHARS else b""
    except (KeyError, ValueError, AttributeError, TypeError):
        raw = b""
    if len(raw) != 32:
        raise MXLError(f"{where} must be a key of {KEY_CHARS} characters of Z85, came {len(str(key))} that are none")
    return raw

