"""Where a node binds and under what name its peers reach it, as the settings have it."""

from __future__ import annotations

import os

import pytest

from mxl.core.errors import MXLError
from mxl.kvstore.node import interface_address, reached_at, server_addresses
from mxl.kvstore.settings import Settings


@pytest.mark.parametrize("settings, addresses", [
    ({"job_folder": "/run/j"}, [f"ipc:///run/j/server-{os.getpid()}"]),
    ({"bind": ("tcp",)}, ["tcp://*:*"]),
    ({"bind": ("tcp",), "port": 9102, "node_host": "public.name"}, ["tcp://*:9102"]),
    ({"bind": ("ipc", "tcp"), "job_folder": "/run/j", "interface": "lo"},
     [f"ipc:///run/j/server-{os.getpid()}", "tcp://127.0.0.1:*"]),
    ({"bind": ("tcp",), "interface": "10.0.0.8"}, ["tcp://10.0.0.8:*"]),
    ({"bind": ("tcp",), "interface": "fe80::1"}, ["tcp://[fe80::1]:*"]),
    ({"scheduler": "tcp://127.0.0.1:9101"}, ["tcp://127.0.0.1:*"]),
    ({"scheduler": "tcp://127.0.0.1:9101", "interface": "10.0.0.8"}, ["tcp://10.0.0.8:*"]),
    ({"scheduler": "tcp://127.0.0.1:9101", "job_folder": "/run/j"}, [f"ipc:///run/j/server-{os.getpid()}"]),
    ({"scheduler": "tcp://no.such.name.invalid:9101"}, ["tcp://*:*"]),
])
def test_where_a_server_binds(settings: dict[str, object], addresses: list[str]) -> None:
    assert list(server_addresses(Settings(**settings))) == addresses  # type: ignore[arg-type]


def test_a_server_that_nobody_could_reach_is_refused() -> None:
    with pytest.raises(MXLError, match=r"a server needs a job folder \(MXL_JOB_FOLDER\) .* or MXL_BIND=tcp and"):
        server_addresses(Settings())


@pytest.mark.parametrize("settings, name", [
    ({"node_host": "public.name", "scheduler": "tcp://127.0.0.1:9101"}, "public.name"),
    ({"scheduler": "ipc:///run/j/scheduler, tcp://127.0.0.1:9101"}, "127.0.0.1"),
    ({"scheduler": "ipc:///run/j/scheduler"}, ""),
    ({"scheduler": "tcp://127.0.0.1:9101", "interface": "lo"}, ""),
    ({"scheduler": "tcp://no.such.name.invalid:9101"}, ""),
])
def test_how_peers_reach_a_node(settings: dict[str, str], name: str) -> None:
    assert reached_at(Settings(**settings)) == name  # type: ignore[arg-type]


def test_an_interface_is_named_or_numbered() -> None:
    assert interface_address("lo") == "127.0.0.1"
    assert interface_address("10.0.0.8") == "10.0.0.8"
