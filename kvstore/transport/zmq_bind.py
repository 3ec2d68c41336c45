"""Binding a node's socket to addresses: what they may look like, and a sentence for each way in which it fails.

Knows: `ipc://PATH`, `tcp://HOST:PORT`, `tcp://HOST:*` (any free port), `tcp://HOST:FIRST-LAST` (the first that is
free).  Never: messages.  Invariant: what is bound over tcp asks for the job's keys, or is a loopback address, or was
asked to be open.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket as net
import stat
from collections.abc import Iterable

import zmq

from ...core.errors import MXLError
from ..host import IPC, TCP, check_folder, check_unix_path, outward_address
from .curve import JobKeys, guard_server
from .zmq_frames import Socket


class BindError(MXLError):
    """An address at which this node cannot be reached."""


def bind_all(
    socket: Socket, addresses: Iterable[str], keys: JobKeys | None, advertise: str, is_open: bool
) -> list[str]:
    """Bind a ROUTER at all of these, ipc first; the addresses by which peers reach it, best first."""
    ipc = [address for address in addresses if address.startswith(IPC)]
    tcp = [address for address in addresses if address.startswith(TCP)]
    if unknown := [address for address in addresses if address not in ipc and address not in tcp]:
        raise BindError(f"an address to bind begins with {IPC} or {TCP}, came {unknown[0]!r}")
    bound = [_bind_ipc(socket, address) for address in ipc]
    if tcp and keys is not None:
        guard_server(socket, keys)  # an endpoint keeps the options of the moment it is bound: ipc ones stay unguarded
    return bound + [_bind_tcp(socket, address, keys, advertise, is_open) for address in tcp]


def unlink_ipc(addresses: Iterable[str]) -> None:
    """Remove the socket files of addresses that were bound here; libzmq leaves some of them."""
    for address in addresses:
        if address.startswith(IPC):
            try:
                os.unlink(address.removeprefix(IPC))
            except OSError:
                pass


# ----- ipc -----


def _bind_ipc(socket: Socket, address: str) -> str:
    path = os.path.abspath(address.removeprefix(IPC))
    check_unix_path(path)
    check_folder(os.path.dirname(path))
    if _is_served(path):  # libzmq would unlink it, and its owner would never be reached again
        raise BindError(f"{address} is in use by another process; end it, or choose another path")
    try:
        socket.bind(IPC + path)
    except zmq.ZMQError as error:
        raise BindError(f"{address} cannot be bound: {error.strerror}") from None
    return IPC + path


def _is_served(path: str) -> bool:
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise BindError(f"{IPC}{path} is a file that is no socket; remove it, or choose another path")
    except FileNotFoundError:
        return False
    with net.socket(net.AF_UNIX, net.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


# ----- tcp -----


def _bind_tcp(socket: Socket, address: str, keys: JobKeys | None, advertise: str, is_open: bool) -> str:
    host, ports = _parse(address)
    numeric = _resolve(host, address)
    if keys is None and not is_open and not numeric.is_loopback:
        raise BindError(f"{address} would let in everyone who reaches it; give the job's keys, or bind 127.0.0.1")
    if numeric.version == 6:
        socket.set(zmq.IPV6, 1)
    literal = f"[{numeric}]" if numeric.version == 6 else str(numeric)
    for port in ports:
        try:
            socket.bind(f"{TCP}{literal}:{port or '*'}")
            break
        except zmq.ZMQError as error:
            if error.errno in (errno.ENODEV, errno.EADDRNOTAVAIL):
                raise BindError(f"{address}: {host} is no address of this host") from None
            if error.errno == errno.EACCES:
                raise BindError(f"{address}: ports below 1024 need rights that this user does not have") from None
            if error.errno != errno.EADDRINUSE:
                raise BindError(f"{address} cannot be bound: {error.strerror}") from None
    else:
        which = f"port {ports[0]} is" if len(ports) == 1 else f"all ports from {ports[0]} to {ports[-1]} are"
        raise BindError(f"{address}: {which} taken by another process; choose another, or * for any free one")
    last = socket.get(zmq.LAST_ENDPOINT)
    port = (last.decode() if isinstance(last, bytes) else str(last)).rstrip("\0").rpartition(":")[2]
    reached = advertise or (outward_address() if numeric.is_unspecified else literal)
    return f"{TCP}{f'[{reached}]' if ':' in reached and not reached.startswith('[') else reached}:{port}"


def _parse(address: str) -> tuple[str, range]:
    host, colon, port = address.removeprefix(TCP).rpartition(":")
    first, _, last = ("0", "", "0") if port == "*" else port.partition("-")
    numbers = [first, last or first]
    if not colon or not host or not all(n.isascii() and n.isdigit() and len(n) <= 5 for n in numbers):
        raise BindError(f"a tcp address is {TCP}HOST:PORT, with * for any free port or FIRST-LAST, came {address!r}")
    low, high = int(numbers[0]), int(numbers[1])
    if not low <= high <= 65535:
        raise BindError(f"{address}: ports go from 1 to 65535, the smaller one first")
    return host, range(low, high + 1)


def _resolve(host: str, address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The numeric address of a host's name: libzmq binds numbers and interfaces only."""
    name = "0.0.0.0" if host == "*" else host.strip("[]")
    try:
        found = net.getaddrinfo(name, None, type=net.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BindError(f"{address}: host name {host!r} was not found; is it spelt right?") from None
    found.sort(key=lambda entry: entry[0] != net.AF_INET)  # IPv4 first, where a name has both
    return ipaddress.ip_address(str(found[0][4][0]).partition("%")[0])
