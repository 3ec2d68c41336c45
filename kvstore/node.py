"""A process of a role: how its transport comes from the settings, and how its machine is run to the end.

Knows: where each role binds, which keys it uses, what its log lines look like.  Never: what a machine does.
"""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import socket
import sys
from collections.abc import Callable
from typing import Protocol

from ..core.errors import MXLError
from . import config, host
from .loop import Loop
from .machine import Machine
from .member import Self
from .settings import Settings
from .traffic import Traffic
from .transport.base import Transport
from .transport.curve import load_keys
from .transport.zmq import ZmqTransport

LINGER_S = 0.5  # what was sent last (an acknowledgement, a refusal) may still go when a node ends


class RoleMachine(Machine, Protocol):
    """A machine that is a whole process: why it failed, if it did, and where it tells its traffic."""

    failure: str | None
    traffic: dict[str, int]


def proof(settings: Settings) -> str:
    """What shows peers that this node is on their host; empty without a job folder."""
    return host.make_proof(settings.job_folder) if settings.job_folder else ""


def transport(settings: Settings, bind: tuple[str, ...] = ()) -> ZmqTransport:
    """A node's transport, with the job's keys if there are any."""
    keys = load_keys(settings.keys_file) if settings.keys_file else None
    return ZmqTransport(bind, keys=keys, advertise=reached_at(settings) if bind else "", linger_s=LINGER_S)


def interface_address(name: str) -> str:
    """The address of a network interface of this host; an address or a host's name stands for itself."""
    import psutil  # only where an interface is named

    interfaces = psutil.net_if_addrs()
    for family in (socket.AF_INET, socket.AF_INET6):
        for address in interfaces.get(name, ()):
            if address.family == family:
                return address.address.partition("%")[0]
    return name


def reached_at(settings: Settings) -> str:
    """The name that this node gives its peers: as set, else its address on the way to the scheduler."""
    if settings.node_host or settings.interface:
        return settings.node_host
    return address_towards_scheduler(settings)


def address_towards_scheduler(settings: Settings) -> str:
    """This host's address on the way to the scheduler's tcp endpoint; empty if it has none, or nobody is called so."""
    tcp = next((e for e in settings.endpoints if e.startswith("tcp://")), "")
    name, _, port = tcp.removeprefix("tcp://").rpartition(":")
    try:
        family, kind, _, _, target = socket.getaddrinfo(name.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(target)  # chooses the route; nothing is sent
            return str(probe.getsockname()[0])
    except (OSError, ValueError):  # no tcp endpoint, or nobody of that name yet
        return ""


def scheduler_addresses(settings: Settings) -> tuple[str, ...]:
    """Where the scheduler binds: where all others look for it."""
    return tuple(e.strip() for e in settings.scheduler.split(",") if e.strip())


def server_addresses(settings: Settings) -> tuple[str, ...]:
    """Where a server binds, as `bind` says."""
    addresses: list[str] = []
    if "ipc" in settings.bind and settings.job_folder:
        addresses.append(f"ipc://{settings.job_folder}/server-{os.getpid()}")
    is_by_hand = not addresses and any(e.startswith("tcp://") for e in settings.endpoints)
    if "tcp" in settings.bind or is_by_hand:  # started with DMLC_* alone: reached where the scheduler reaches it
        at = "*" if "tcp" in settings.bind else address_towards_scheduler(settings) or "*"
        at = interface_address(settings.interface) if settings.interface else at
        addresses.append(f"tcp://{f'[{at}]' if ':' in at else at}:{settings.port or '*'}")
    if not addresses:
        raise MXLError(
            "a server needs a job folder (MXL_JOB_FOLDER) to be reached over ipc, or MXL_BIND=tcp and the job's keys "
            "(MXL_KEYS_FILE) to be reached from other hosts"
        )
    return tuple(addresses)


def me(settings: Settings, addresses: tuple[str, ...]) -> Self:
    """What this process says of itself when it joins."""
    return Self(
        settings.role,
        settings.rank,
        socket.gethostname(),
        os.getpid(),
        addresses,
        proof(settings),
        secrets.token_hex(8),
    )


def import_modules(settings: Settings) -> None:
    """The user's own modules, whose optimizers and schedules every role must know."""
    for name in settings.imports:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise MXLError(
                f"--import {name}: it cannot be imported here ({error}); every role needs it on its path"
            ) from error


def main(role: str, make: Callable[[Settings], tuple[RoleMachine, Transport]]) -> int:
    """Run a role's process: the exit code, 1 with a sentence on stderr if the job failed or cannot be joined."""
    try:
        settings = config.load(role=role)
        logging.basicConfig(
            stream=sys.stderr, level=settings.log_level.upper(), format=f"%(asctime)s %(levelname)s {role}: %(message)s"
        )
        if not settings.scheduler:
            raise MXLError(f"a {role} needs MXL_SCHEDULER, the scheduler's address; mxl-launch sets it")
        import_modules(settings)
        machine, its_transport = make(settings)
    except MXLError as error:
        print(f"mxl.{role}: {error}", file=sys.stderr)
        return 1
    traffic = Traffic()
    machine.traffic = traffic.total
    try:
        Loop(machine, its_transport, traffic=traffic).run()
    finally:
        its_transport.close()
    return 1 if machine.failure is not None else 0
