"""Roles that are started by hand, each with its variables; and what is said where one of those is missing or wrong."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
    import mxl as mx
    kv = mx.kv.create("dist_sync")
    kv.init("w", mx.nd.zeros((4,)))
    kv.push("w", mx.nd.ones((4,)) * (kv.rank + 1))
    out = mx.nd.zeros((4,))
    kv.pull("w", out=out)
    print("rank", kv.rank, "of", kv.num_workers, "has", out.asnumpy())
"""


@pytest.fixture
def port() -> str:
    """A port of the loopback that is free just now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


def test_variables_of_mxnets_launcher_are_enough(start, port: str) -> None:
    """No launcher, no folder, no keys: tcp on the loopback, where each server is reached as the scheduler is."""
    job = {"DMLC_PS_ROOT_URI": "127.0.0.1", "DMLC_PS_ROOT_PORT": port, "DMLC_NUM_WORKER": "2", "DMLC_NUM_SERVER": "2",
           "MXL_HEARTBEAT_S": "0.2"}
    scheduler = start("scheduler", DMLC_ROLE="scheduler", **job)
    servers = [start("server", DMLC_ROLE="server", **job) for _ in range(2)]
    workers = [start(SCRIPT, DMLC_ROLE="worker", **job) for _ in range(2)]
    ends = [each.end() for each in workers]
    assert {line for _, out in ends for line in out.splitlines()} == {
        "rank 0 of 2 has [3. 3. 3. 3.]", "rank 1 of 2 has [3. 3. 3. 3.]"}
    assert [each.end()[0] for each in (*servers, scheduler, *workers)] == [0] * 5


def test_a_rank_may_be_asked_for_once(start, until, port: str) -> None:
    job = {"DMLC_PS_ROOT_URI": "127.0.0.1", "DMLC_PS_ROOT_PORT": port, "DMLC_NUM_WORKER": "2", "DMLC_NUM_SERVER": "1",
           "MXL_HEARTBEAT_S": "0.2"}
    scheduler, server = start("scheduler", **job), start("server", **job)
    first = start(SCRIPT, DMLC_WORKER_ID="1", DMLC_ROLE="worker", **job)
    second = start(SCRIPT, DMLC_WORKER_ID="1", DMLC_ROLE="worker", **job)
    refused = until(lambda: next((j for j in (first, second) if j.process.poll() is not None), None), lambda: "")
    code, out = refused.end()
    assert code == 1
    assert re.search(r"OutOfPlace: worker rank 1 is admitted already \(on \S+\)", out)
    third = start(SCRIPT, DMLC_WORKER_ID="0", DMLC_ROLE="worker", **job)
    served = first if refused is second else second
    assert [third.end(), served.end()] == [(0, f"rank {rank} of 2 has [3. 3. 3. 3.]\n") for rank in (0, 1)]
    assert [server.end()[0], scheduler.end()[0]] == [0, 0]


@pytest.mark.parametrize("role, variables, sentence", [
    ("server", {}, "mxl.server: a server needs MXL_SCHEDULER, the scheduler's address; mxl-launch sets it"),
    ("scheduler", {}, "mxl.scheduler: a scheduler needs MXL_SCHEDULER, the scheduler's address; mxl-launch sets it"),
    ("scheduler", {"MXL_SCHEDULER": "tcp://127.0.0.1:*"},
     "the scheduler must know how many to wait for: MXL_NUM_WORKERS is 0, MXL_NUM_SERVERS 0; mxl-launch -n N -s S"),
    ("scheduler", {"MXL_SCHEDULER": "tcp://127.0.0.1:*", "MXL_NUM_WORKERS": "two"},
     "mxl.scheduler: MXL_NUM_WORKERS is 'two'; expected a whole number"),
    ("server", {"MXL_SCHEDULER": "10.0.0.1:9000"},
     "MXL_SCHEDULER is '10.0.0.1:9000'; expected endpoints like ipc:///run/job/scheduler or tcp://10.0.0.7:9101"),
    ("server", {"DMLC_PS_ROOT_URI": "10.0.0.1"},
     "DMLC_PS_ROOT_URI is set but DMLC_PS_ROOT_PORT is not; the scheduler's address needs both"),
    ("server", {"MXL_SCHEDULER": "tcp://127.0.0.1:9", "MXL_NUM_SERVERS": "2", "MXL_RANK": "2", "MXL_ROLE": "server"},
     "mxl.server: MXL_RANK is '2'; expected less than MXL_NUM_SERVERS (2)"),
    ("server", {"MXL_SCHEDULER": "tcp://127.0.0.1:9", "MXL_LOST_AFTER_S": "2"},
     "mxl.server: MXL_LOST_AFTER_S is '2.0'; expected more than suspect_after_s (10.0)"),
    ("server", {"MXL_SCHEDULER": "ipc:///x", "MXL_BIND": "ipc"},
     "a server needs a job folder (MXL_JOB_FOLDER) to be reached over ipc, or MXL_BIND=tcp and the job's keys"),
    ("server", {"MXL_SCHEDULER": "tcp://127.0.0.1:9", "MXL_BIND": "tcp"},
     "tcp://*:* would let in everyone who reaches it; give the job's keys, or bind 127.0.0.1"),
    ("server", {"MXL_SCHEDULER": "tcp://127.0.0.1:9", "MXL_KEYS_FILE": "/no/such/keys"},
     "mxl.server: keys cannot be read from /no/such/keys: No such file or directory"),
    ("server", {"MXL_SCHEDULER": "ipc:///x", "MXL_JOB_FOLDER": "/no/such/folder"},
     "/no/such/folder: No such file or directory; a job needs a folder for its sockets"),
    ("server", {"MXL_CONFIG": "/no/such.toml"}, "the settings file /no/such.toml cannot be read: No such file"),
])
def test_a_role_that_cannot_start_says_why(start, role: str, variables: dict[str, str], sentence: str) -> None:
    code, out = start(role, **variables).end()
    assert (code, "Traceback" in out) == (1, False), out
    assert sentence in out


@pytest.mark.parametrize("variables, sentence", [
    ({}, "KVStoreError: kvstore 'dist_sync' needs MXL_SCHEDULER; start this script with mxl-launch, or use "
         "kvstore='local'"),
    ({"MXL_SCHEDULER": "ipc:///x"}, "KVStoreError: kvstore 'dist_sync' needs MXL_NUM_WORKERS; start this script with"),
    ({"MXL_SCHEDULER": "ipc:///x", "MXL_NUM_WORKERS": "1"}, "kvstore 'dist_sync' needs MXL_NUM_SERVERS; start this"),
    ({"DMLC_ROLE": "server", "DMLC_PS_ROOT_URI": "127.0.0.1", "DMLC_PS_ROOT_PORT": "9"},
     "KVStoreError: this process is a server (MXL_ROLE, DMLC_ROLE), and only workers run the script: start it as "
     "python -m mxl.server, without the script"),
    ({"MXL_HEARTBEAT_S": "soon"}, "SettingError: MXL_HEARTBEAT_S is 'soon'; expected seconds, more than 0"),
    ({"DMLC_ROLE": "boss"}, "SettingError: DMLC_ROLE is 'boss'; expected one of worker, server, scheduler"),
])
def test_a_script_outside_a_job_is_told_what_it_needs(start, variables: dict[str, str], sentence: str) -> None:
    code, out = start("import mxl as mx; mx.kv.create('dist_sync')", **variables).end()
    assert code == 1, out
    assert sentence in out


def test_nobody_at_the_schedulers_address(start, impatient, port: str) -> None:
    job = {"MXL_SCHEDULER": f"tcp://127.0.0.1:{port}", "MXL_NUM_WORKERS": "1", "MXL_NUM_SERVERS": "1", **impatient}
    for process in [start("import mxl as mx; mx.kv.create('dist_sync')", **job), start("server", **job)]:
        code, out = process.end()
        assert code == 1, out
        said = rf"the scheduler at tcp://127\.0\.0\.1:{port} did not answer for 2\.\d s; is it running, and is it"
        assert re.search(said, out)


def test_a_keys_file_that_others_can_read_is_refused(start, tmp_path: Path) -> None:
    from mxl.kvstore.transport.curve import make_keys, save_keys

    save_keys(make_keys(), tmp_path / "keys")
    (tmp_path / "keys").chmod(0o644)
    job = {"MXL_SCHEDULER": "tcp://127.0.0.1:9", "MXL_NUM_WORKERS": "1", "MXL_NUM_SERVERS": "1",
           "MXL_KEYS_FILE": str(tmp_path / "keys")}
    for process in [start("import mxl as mx; mx.kv.create('dist_sync')", **job), start("server", **job)]:
        code, out = process.end()
        assert code == 1
        assert "must be readable by its owner only (mode 0600), has mode 0644; chmod 600 it, or make new keys" in out
