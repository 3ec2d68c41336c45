"""Waits that last too long: told with names, ended by their limits, each with the sentence that helps."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

import mxl as mx
from mxl.kvstore.errors import JobFailed, PeerLost, StoreClosed
from mxl.kvstore.transport.zmq import ZmqTransport

QUICK = {"heartbeat_s": 0.05, "probe_after_s": 0.1, "warn_after_s": 0.3, "suspect_after_s": 5.0, "lost_after_s": 10.0,
         "request_deadline_s": 20.0}


def told(caplog: pytest.LogCaptureFixture, words: str) -> list[str]:
    return [r.getMessage() for r in list(caplog.records) if re.search(words, r.getMessage())]


@pytest.mark.parametrize("staleness, call, words", [
    (0, "pull", r"(push|pull) of 'w' \(clock 1\) has waited \d s for rank 1 \(server 0 says\)"),
    (0, "barrier", r"barrier has waited \d s for rank 1 \((server 0|scheduler) says\)"),
    (1, "pull", r"pull of 'w' \(clock 2\) has waited \d s for rank 1 \(server 0 says\)"),
])
def test_who_is_waited_for_is_told_by_name(
    sockets, until, caplog: pytest.LogCaptureFixture, staleness: int, call: str, words: str
) -> None:
    go = threading.Event()

    def work(rank: int) -> str:
        kv = mx.kv.create("dist_async" if staleness else "dist_sync", staleness=staleness)
        kv.init("w", mx.nd.zeros((4,)))
        kv.set_optimizer(mx.optimizer.create("sgd"))
        if rank == 1:
            assert go.wait(20)
        else:
            threading.Thread(target=release).start()
        out = mx.nd.zeros((4,))
        for _ in range(staleness + 1):
            if call == "pull":
                kv.push("w", mx.nd.ones((4,)))
                kv.pull("w", out=out)
                out.wait_to_read()
        kv.barrier()
        return "done"

    def release() -> None:
        try:
            until(lambda: told(caplog, words), lambda: told(caplog, "has waited"), 15)
        finally:
            go.set()

    with sockets(**QUICK) as c:
        assert c.run(work) == ["done", "done"]
    assert told(caplog, words)


def test_a_wait_beyond_the_stall_limit_ends(sockets) -> None:
    go = threading.Event()

    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((4,)))
        kv.push("w", mx.nd.ones((4,)))
        mx.nd.waitall()
        if rank == 1:
            assert go.wait(20)
            return
        kv.push("w", mx.nd.ones((4,)))
        out = mx.nd.zeros((4,))
        kv.pull("w", out=out)
        try:
            said = (r"of 'w' \(clock 2\) has waited \d s for (rank 1|ranks 0, 1) \(server 0 says\); the limit is "
                    r"0\.8 s \(MXL_STALL_LIMIT_S\)")
            with pytest.raises(PeerLost, match=said):
                out.wait_to_read()
            with pytest.raises(StoreClosed, match=r"this store is closed after an error: .*MXL_STALL_LIMIT_S"):
                kv.push("w", mx.nd.ones((4,)))
        finally:
            go.set()

    with sockets(**QUICK, stall_limit_s=0.8) as c:
        c.run(work)
        c._has_failed = True  # rank 0's second push was given up: nobody can leave in order


class Deaf(ZmqTransport):
    """A server that goes on beating, and answers no worker any more."""

    is_deaf = False

    def send(self, peer: str, frames: Any) -> bool:
        return True if type(self).is_deaf and peer.startswith("worker:") else super().send(peer, frames)


def test_a_server_that_acknowledges_nothing_is_named_at_the_deadline(sockets) -> None:
    class Here(Deaf):
        pass

    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((4,)))
        kv.push("w", mx.nd.ones((4,)))
        mx.nd.waitall()
        Here.is_deaf = True
        kv.push("w", mx.nd.ones((4,)))
        said = (r"push of 'w' \(clock 2\): server 0 of 1 at ipc://\S+ has not acknowledged it for 1\.\d s "
                r"\(connected, silent for 1\.\d s\); is it running and reachable\?")
        with pytest.raises(PeerLost, match=said):
            mx.nd.waitall()

    settings = {**QUICK, "suspect_after_s": 0.5, "lost_after_s": 0.9, "request_deadline_s": 1.0}
    with sockets(1, 1, **settings) as c:
        c._roles["server 0"].transport.__class__ = Here
        c.run(work)
        c._has_failed = True


@pytest.mark.parametrize("who, error, words", [
    ("server 0", JobFailed, r"server 0 on this process has been silent for \d\.\d s; its values are lost"),
    ("scheduler", PeerLost, r"the scheduler at ipc://\S+ has been silent for \d\.\d s; the job cannot go on"),
])
def test_a_node_that_falls_silent_ends_every_wait(sockets, who: str, error: type[Exception], words: str) -> None:
    both = threading.Barrier(2, timeout=20)

    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((4,)))
        kv.push("w", mx.nd.ones((4,)))
        mx.nd.waitall()
        both.wait()
        if rank == 0:
            c.kill(who)
        both.wait()
        with pytest.raises(error, match=words):
            kv.barrier()

    settings = {**QUICK, "suspect_after_s": 0.5, "lost_after_s": 1.0, "request_deadline_s": 5.0}
    with sockets(**settings) as c:
        c.run(work)
        c._has_failed = True


@pytest.mark.slow
def test_a_job_that_does_not_gather_names_who_is_missing(start, tmp_path, folder) -> None:
    job = {"MXL_SCHEDULER": f"ipc://{folder}/s", "MXL_JOB_FOLDER": str(folder), "MXL_NUM_WORKERS": "2",
           "MXL_NUM_SERVERS": "2", "MXL_START_LIMIT_S": "2.5", "MXL_WARN_AFTER_S": "1", "MXL_HEARTBEAT_S": "0.2"}
    processes = [start("scheduler", **job), start("server", **job),
                 start("import mxl as mx; mx.kv.create('dist_sync')", MXL_RANK="1", **job)]
    ends = [process.end() for process in processes]
    assert [code for code, _ in ends] == [1, 1, 1], ends
    said = r"the job did not gather within 2\.5 s \(MXL_START_LIMIT_S\): still missing worker 0, server 1; here: .*" \
           r"worker 1 on \S+, server 0 on \S+ Start the missing ones with this scheduler's address \(MXL_SCHEDULER\)"
    for _, out in ends:
        assert re.search(said, out), out
    assert "WARNING scheduler: the job has not gathered after 1 s: still missing worker 0, server 1" in ends[0][1]
