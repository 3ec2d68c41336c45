"""Two hosts: tcp between them, ipc within one, and the door opens to the job's keys only.

As root, with iproute2 and util-linux, the hosts are two network namespaces joined by a cable (veth), and the second
does not see the first one's job folder.  Besides, and where that cannot be, both are this host, with servers bound to
tcp on the loopback only.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TRAINS = """
    import sys
    import mxl as mx
    from mxl.worker import runtime
    kv = mx.kv.create("dist_sync")
    kv.init("w", mx.nd.zeros((300_000,)))
    out = mx.nd.zeros((300_000,))
    for step in range(3):
        kv.push("w", mx.nd.ones((300_000,)) * (kv.rank + 1))
        kv.pull("w", out=out)
    assert set(out.asnumpy().tolist()) == {kv.num_workers * (kv.num_workers + 1) / 2}
    links = runtime.current()._io._transport._links
    print("rank", kv.rank, sorted((name, link._address.partition(":")[0]) for name, link in links.items()))
"""
QUICK = {"MXL_HEARTBEAT_S": "0.2", "MXL_WARN_AFTER_S": "20"}


@dataclass
class Hosts:
    """Where the first host is reached, and the commands that run something on either."""

    address: str
    are_apart: bool
    folder: Path
    first: Sequence[str] = ()
    second: Sequence[str] = ()
    keys: Path = field(default=Path())
    port: int = 0

    @property
    def bind(self) -> str:
        return "ipc,tcp" if self.are_apart else "tcp"

    def job(self, workers: int) -> dict[str, str]:
        """The variables of the first host's processes."""
        return {**QUICK, "MXL_SCHEDULER": f"ipc://{self.folder}/scheduler,tcp://{self.address}:{self.port}",
                "MXL_JOB_FOLDER": str(self.folder), "MXL_KEYS_FILE": str(self.keys), "MXL_BIND": self.bind,
                "MXL_NUM_WORKERS": str(workers), "MXL_NUM_SERVERS": "2"}

    def elsewhere(self, workers: int) -> dict[str, str]:
        """The variables of the second host's: no folder of the job, the scheduler's tcp endpoint."""
        job = {**self.job(workers), "MXL_SCHEDULER": f"tcp://{self.address}:{self.port}"}
        del job["MXL_JOB_FOLDER"]
        return job


@pytest.fixture(params=["namespaces", "loopback"])
def hosts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hosts]:
    folder = Path(tempfile.mkdtemp(prefix="h-"))
    keys = tmp_path / "keys"
    subprocess.run([sys.executable, "-m", "mxl.deploy.keys", str(keys)], check=True, capture_output=True)
    with Joined(folder, request.param == "namespaces") as made:
        made.keys, made.port = keys, free_port()
        yield made
    shutil.rmtree(folder)


class Joined:
    """The two hosts of a test, and their end."""

    def __init__(self, folder: Path, apart: bool) -> None:
        self.folder, self.apart = folder, apart
        self.names = [f"mxl-{os.getpid()}-{side}" for side in "ab"]

    def __enter__(self) -> Hosts:
        a, b = self.names
        net = f"10.213.{os.getpid() % 250}"
        wire = [f"mx{os.getpid() % 10**6}{side}" for side in "ab"]
        try:
            if not self.apart:
                raise OSError
            for words in (f"netns add {a}", f"netns add {b}", f"link add {wire[0]} netns {a} type veth peer {wire[1]}",
                          f"link set {wire[1]} netns {b}", f"-n {a} addr add {net}.1/24 dev {wire[0]}",
                          f"-n {b} addr add {net}.2/24 dev {wire[1]}", f"-n {a} link set {wire[0]} up",
                          f"-n {b} link set {wire[1]} up", f"-n {a} link set lo up", f"-n {b} link set lo up"):
                subprocess.run(["ip", *words.split()], check=True, capture_output=True)
            hides = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(self.folder)]
            second = ["ip", "netns", "exec", b, *hides]
            subprocess.run([*second, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):  # not root, not these tools, or not wanted
            self.__exit__()
            return Hosts("127.0.0.1", False, self.folder)
        return Hosts(f"{net}.1", True, self.folder, ["ip", "netns", "exec", a], second)

    def __exit__(self, *_: object) -> None:
        for name in self.names:
            if Path("/run/netns", name).exists():
                subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_keys_and_tcp_between_hosts_ipc_within_one(hosts: Hosts, start: Callable) -> None:
    job = hosts.job(2)
    roles = [start(role, prefix=hosts.first, **job) for role in ("scheduler", "server", "server")]
    here = start(TRAINS, prefix=hosts.first, MXL_RANK="0", **job)
    there = start(TRAINS, prefix=hosts.second, MXL_RANK="1", **hosts.elsewhere(2))
    ends = [here.end(), there.end()]
    assert [code for code, _ in ends] == [0, 0], ends
    near = "ipc" if hosts.are_apart else "tcp"
    assert f"rank 0 [('scheduler:0:0', 'ipc'), ('server:0:0', '{near}'), ('server:1:0', '{near}')]" in ends[0][1]
    assert "rank 1 [('scheduler:0:0', 'tcp'), ('server:0:0', 'tcp'), ('server:1:0', 'tcp')]" in ends[1][1]
    for role in roles:
        code, out = role.end()
        assert code == 0, out


@pytest.mark.parametrize("hosts, keys", [("namespaces", "none"), ("loopback", "another job's")], indirect=["hosts"])
def test_a_stranger_on_the_network_is_refused_and_the_job_goes_on(
    hosts: Hosts, start: Callable, tmp_path: Path, impatient: dict[str, str], keys: str
) -> None:
    job = hosts.job(1)
    scheduler = start("scheduler", prefix=hosts.first, **job)
    variables = {**hosts.elsewhere(1), **impatient}
    del variables["MXL_KEYS_FILE"]
    if keys != "none":
        other = tmp_path / "other"
        subprocess.run([sys.executable, "-m", "mxl.deploy.keys", str(other)], check=True, capture_output=True)
        variables["MXL_KEYS_FILE"] = str(other)
    code, out = start("import mxl as mx; mx.kv.create('dist_sync')", prefix=hosts.second, **variables).end()
    assert code == 1
    assert re.search(rf"the scheduler at tcp://{hosts.address}:{hosts.port} did not answer for 2\.\d s", out)
    others = [start("server", prefix=hosts.first, **job) for _ in range(2)]
    worker = start(TRAINS, prefix=hosts.second, **hosts.elsewhere(1))
    assert [each.end()[0] for each in (worker, *others, scheduler)] == [0] * 4, [worker.seen, scheduler.seen]
    assert re.search(r"a stranger at \S+ was refused: it does not have the job's (client )?key", scheduler.seen)
