"""The scheduler's machine: ranks and lives, the table, verdicts, the end."""

from __future__ import annotations

from typing import Any

import pytest

from mxl.kvstore.machine import Effects, Send
from mxl.kvstore.names import LAUNCHER_NAME, SCHEDULER_NAME
from mxl.kvstore.placement import SLOTS
from mxl.kvstore.settings import Settings
from mxl.kvstore.wire.messages import (
    Beat,
    Exited,
    Failed,
    Fetch,
    Finish,
    Had,
    Have,
    Heartbeat,
    Hello,
    InSync,
    Join,
    Joined,
    Leave,
    Message,
    Open,
    Refused,
    Released,
    Sizes,
    StaleMembership,
    Status,
    StatusIs,
    TableIs,
    Taken,
    Waiting,
    Welcome,
)
from mxl.scheduler.state import SchedulerState


class Job:
    """A scheduler, and what it has said to whom since last asked."""

    def __init__(self, workers: int = 2, servers: int = 1, **settings: Any) -> None:
        self.state = SchedulerState(Settings(num_workers=workers, num_servers=servers, **settings))
        self.out: list[tuple[str, Message]] = []
        self.now = 0.0
        self.reports = 0
        self.state.start(0.0)

    def do(self, effects: Effects) -> None:
        self.out += [(e.peer, e.message) for e in effects if isinstance(e, Send)]
        self.state.check()

    def tell(self, peer: str, message: Message) -> None:
        self.do(self.state.handle(peer, message, self.now))

    def said(self, kind: type[Any], peer: str = "") -> list[Any]:
        return [m for p, m in self.out if isinstance(m, kind) and peer in ("", p)]

    def join(self, role: str, rank: int = -1, name: str = "", host: str = "here") -> list[Any]:
        name = name or f"join:{role}{rank}"
        self.out.clear()
        self.tell(name, Join(0, 9, role, rank, host, 7, (f"ipc:///{role}",), ""))
        return [m for p, m in self.out if p == name]

    def exited(self, role: str, rank: int, code: int, incarnation: int = -1, again: bool = False) -> None:
        self.reports += 1
        self.tell(LAUNCHER_NAME, Exited(0, self.reports, role, rank, incarnation, code, again))

    @property
    def membership(self) -> int:
        return self.state.table.membership

    def worker(self, rank: int) -> str:
        return self.state.table.workers[rank].state


def gathered(workers: int = 2, servers: int = 1, **settings: Any) -> Job:
    job = Job(workers, servers, **settings)
    for rank in range(servers):
        job.join("server", name=f"join:s{rank}")
        job.tell(f"server:{rank}:0", Hello(0, f"server:{rank}:0", 1, 1000, "here", ""))
    for rank in range(workers):
        job.join("worker", rank)
        job.tell(f"worker:{rank}:0", Hello(0, f"worker:{rank}:0", 1, 1000, "here", ""))
    job.out.clear()
    return job


# ----- joining -----


def test_ranks_are_given_as_wished_or_lowest_first() -> None:
    job = Job(3)
    assert [job.join("worker", rank, f"join:{i}")[0].rank for i, rank in enumerate((1, -1, -1))] == [1, 0, 2]


def test_a_repeated_join_gets_the_same_name() -> None:
    job = Job()
    first = job.join("worker", -1, "join:x")
    assert job.join("worker", -1, "join:x") == first == [Joined(0, 9, 0, 0)]


def test_the_job_begins_when_all_are_there() -> None:
    job = Job(1, 1)
    job.join("worker", 0)
    assert (job.membership, job.said(TableIs)) == (0, [])
    job.join("server")
    assert job.membership == 1
    assert [p for p, m in job.out if isinstance(m, TableIs)] == ["server:0:0", "worker:0:0"]


def test_a_process_that_ends_well_unjoined_has_left() -> None:
    job = Job(2, 1)
    job.join("worker", 0)
    job.join("server")
    job.exited("worker", 1, 0)
    assert (job.worker(1), job.membership, job.state.failure) == ("left", 1, None)


@pytest.mark.parametrize("role, rank, name, text", [
    ("worker", 0, "join:y", r"worker rank 0 is admitted already \(on here\)"),
    ("worker", 5, "join:y", "worker rank 5 does not exist: the job has 2 workers"),
    ("worker", -1, "join:y", "the job has its 2 workers already; start fewer, or give the launcher a larger number"),
    ("scheduler", -1, "join:y", "only workers and servers join, came role 'scheduler'"),
    ("worker", -1, "worker:0:0", "a node joins under a random routing id beginning with 'join:', came 'worker:0:0'"),
])  # fmt: skip
def test_who_has_no_place_is_told_why(role: str, rank: int, name: str, text: str) -> None:
    import re

    job = gathered()
    (refused,) = [m for m in job.join(role, rank, name) if isinstance(m, Refused)]
    assert (refused.kind, refused.request) == ("OutOfPlace", 9)
    assert re.search(text, refused.text), refused.text


def test_who_did_not_join_is_refused() -> None:
    job = gathered()
    job.tell("join:x", Fetch(0))
    job.tell("worker:7:0", Fetch(0))
    assert [m.text for m in job.said(Refused)] == [
        "'join:x' has not joined this job; join first", "'worker:7:0' has not joined this job; join first",
    ]  # fmt: skip


def test_an_impostor_is_refused() -> None:
    job = gathered()
    job.tell("worker:0:0", Hello(1, "worker:1:0", 1, 1000, "here", ""))
    assert "'worker:0:0' says that it is 'worker:1:0'" in job.said(Refused)[0].text


# ----- a connection -----


def test_hello_is_answered_with_the_table() -> None:
    job = gathered()
    job.tell("worker:0:0", Hello(0, "worker:0:0", 3, 1000, "here", ""))
    welcome, table = (m for _, m in job.out)
    assert isinstance(welcome, Welcome)
    assert (welcome.node, welcome.connection) == (SCHEDULER_NAME, 3)
    assert isinstance(table, TableIs)


def test_a_heartbeat_is_answered_and_its_counters_are_kept() -> None:
    job = gathered(suspect_after_s=2.0, heartbeat_s=0.5)
    job.now = 1.9
    job.tell("worker:0:0", Heartbeat(1, {"step": 7}))
    job.do(job.state.tick(2.0))
    job.now = 2.1
    job.tell("worker:0:0", Heartbeat(1, {"step": 8}))
    assert job.said(Beat)[-1].suspects == ("server:0:0", "worker:1:0")
    job.tell(LAUNCHER_NAME, Status(0, 4))
    (status,) = job.said(StatusIs)
    assert status.nodes["worker:0:0"]["counters"] == {"step": 8}
    assert (status.nodes["worker:1:0"]["state"], status.nodes[SCHEDULER_NAME]["state"]) == ("suspect", "running")


def test_messages_that_are_not_for_it_are_refused() -> None:
    job = gathered()
    job.tell("worker:0:0", Open(1, 5, 1, "dist_sync", 0))
    assert [(m.request, m.text) for m in job.said(Refused)] == [(5, "the scheduler takes no 'open'")]


def test_an_older_membership_is_refused_with_the_table() -> None:
    job = gathered()
    job.tell("worker:0:0", Leave(1, 5))
    job.tell("worker:1:0", Leave(1, 6))
    (stale,) = job.said(StaleMembership)
    assert (stale.requests, stale.table["membership"]) == ((6,), 2)


# ----- slots and barriers -----


def test_the_slots_are_dealt_once() -> None:
    job = gathered(servers=2)
    job.tell("worker:0:0", Sizes(1, 5, (100, 100, *[0] * (SLOTS - 2))))
    table = job.state.table
    assert (table.membership, set(table.primaries), table.primaries[0] != table.primaries[1]) == (2, {0, 1}, True)
    job.tell("worker:0:0", Sizes(2, 6, (7,) * SLOTS))
    assert job.state.table is table
    assert [m.requests for m in job.said(Taken)] == [(5,), (6,)]


def test_a_barrier_is_released_to_all_at_once() -> None:
    job = gathered()
    job.tell("worker:0:0", Waiting(1, 5, 1, 1))
    assert job.said(Released) == []
    job.tell("worker:0:0", Have(1, 1, 0, (5, 6)))
    (had,) = job.said(Had)
    assert [(w.request, w.ranks) for w in had.held] == [(5, (1,))]
    job.tell("worker:1:0", Waiting(1, 7, 1, 1))
    assert [(p, m.request) for p, m in job.out if isinstance(m, Released)] == [("worker:0:0", 5), ("worker:1:0", 7)]


def test_a_rank_that_leaves_releases_a_barrier() -> None:
    job = gathered()
    job.tell("worker:0:0", Waiting(1, 5, 1, 1))
    job.tell("worker:1:0", Leave(1, 7))
    assert [(p, m.request) for p, m in job.out if isinstance(m, Released)] == [("worker:0:0", 5)]


# ----- deaths -----


def test_a_worker_that_is_killed_ends_the_job_by_name() -> None:
    job = gathered()
    job.exited("worker", 1, -9)
    text = "worker 1 on here was killed by SIGKILL; the others cannot go on without its gradients"
    assert job.state.failure == text
    assert {p for p, m in job.out if isinstance(m, Failed)} == {"server:0:0", "worker:0:0", "worker:1:0"}
    (refused,) = job.join("worker", 1, "join:late")
    assert (refused.kind, refused.text) == ("JobFailed", text)


def test_an_elastic_job_goes_on_without_it() -> None:
    job = gathered(elastic=True)
    job.tell("worker:0:0", Waiting(1, 5, 1, 1))
    job.exited("worker", 1, -9)
    assert (job.state.failure, job.worker(1), job.membership) == (None, "given_up", 2)
    assert len(job.said(Released)) == 1


def test_an_elastic_job_ends_with_its_last_worker() -> None:
    job = gathered(elastic=True)
    for rank in (0, 1):
        job.exited("worker", rank, -9)
    assert job.state.failure == "every worker was given up"


def test_a_server_that_dies_ends_the_job() -> None:
    job = gathered(elastic=True)
    job.exited("server", 0, 1)
    assert job.state.failure == "server 0 on here ended with exit code 1; its values are lost"


def test_silence_is_death() -> None:
    job = gathered(lost_after_s=60.0)
    for now in range(1, 61):
        job.now = float(now)
        for name in ("worker:0:0", "server:0:0"):
            job.tell(name, Heartbeat(1, {}))
        job.do(job.state.tick(job.now))
    text = "worker 1 on here has been silent for 60.0 s; the others cannot go on without its gradients"
    assert job.state.failure == text
    assert job.state.story("worker:1") == ["joined", "suspect", "lost: has been silent for 60.0 s"]


def test_a_scheduler_that_was_stopped_gives_nobody_up() -> None:
    job = gathered(lost_after_s=60.0)
    job.do(job.state.tick(1.0))
    job.do(job.state.tick(500.0))
    assert job.state.failure is None


def test_a_verdict_is_the_first_one() -> None:
    job = gathered()
    job.exited("worker", 1, -9)
    before = job.state.table
    job.exited("worker", 0, 1)
    assert "worker 1" in str(job.state.failure)
    assert job.state.table is before


def test_a_rank_that_will_live_again_is_waited_for() -> None:
    job = gathered()
    job.do(job.state.expect_again(1, 0.0))
    job.tell("worker:0:0", Leave(1, 5))
    assert job.state.table.present_workers() == [1]
    assert not job.state.is_over
    (joined, *_) = job.join("worker", 1, "join:again")
    assert (joined.rank, joined.incarnation) == (1, 1)
    job.tell("worker:1:0", Fetch(1))
    assert "this is an older life of worker 1; a newer one has begun" in job.said(Refused)[0].text


def test_an_end_is_believed_of_the_launcher_alone() -> None:
    job = gathered()
    job.tell("launcher:1:0", Exited(0, 1, "worker", 1, 0, 3))
    assert job.said(Refused)[0].text == "'launcher:1:0' has not joined this job; join first"
    job.tell("worker:0:0", Exited(1, 1, "worker", 1, 0, 3))
    assert job.said(Refused)[1].text == "'exited' comes from a launcher, came from worker 0"
    assert job.state.failure is None


# ----- the end -----


def test_servers_end_when_every_rank_has_left() -> None:
    job = gathered()
    job.tell("worker:0:0", Leave(1, 5))
    assert job.said(Finish) == []
    job.tell("worker:1:0", Leave(2, 6))
    assert {p for p, m in job.out if isinstance(m, Finish)} == {"server:0:0", LAUNCHER_NAME}
    assert not job.state.finished
    for rank in (0, 1):
        job.exited("worker", rank, 0)
    job.exited("server", 0, 0)
    assert job.state.finished


def test_a_second_leave_is_taken_again() -> None:
    job = gathered()
    job.tell("worker:0:0", Leave(1, 5))
    number = job.membership
    job.tell("worker:0:0", Leave(number, 5))
    assert (job.membership, [m.requests for m in job.said(Taken)]) == (number, [(5,), (5,)])


def test_who_did_not_hear_the_end_is_told_with_its_next_heartbeat() -> None:
    job = gathered(workers=1)
    job.tell("worker:0:0", Leave(1, 5))
    job.out.clear()
    job.tell("server:0:0", Heartbeat(2, {}))
    assert len(job.said(Finish)) == 1


def test_a_killed_worker_that_had_left_ends_nothing() -> None:
    job = gathered()
    job.tell("worker:0:0", Leave(1, 5))
    job.exited("worker", 0, -9)
    assert job.state.failure is None


def test_a_server_that_nobody_needed_is_told_to_end_and_not_waited_for() -> None:
    job = Job(1, 2)
    job.exited("worker", 0, 0)
    for name in ("join:a", "join:b", "join:b"):
        assert [type(m) for m in job.join("server", -1, name)] == [Finish]
    job.do(job.state.tick(1.0))
    assert job.state.finished


# ----- servers whose values others have -----


def protected() -> Job:
    job = gathered(1, 2, replicas=1)
    job.tell("worker:0:0", Sizes(1, 5, (100,) * SLOTS))
    return job


def test_a_servers_slots_go_to_its_backup_and_its_next_life_is_copied_to() -> None:
    job = protected()
    job.exited("server", 0, -9, again=True)
    table = job.state.table
    assert (job.state.failure, set(table.primaries), table.servers[0].state) == (None, {1}, "expected")
    assert not table.is_protected
    (joined, *_) = job.join("server", 0, "join:again")
    assert (joined.rank, joined.incarnation) == (0, 1)
    assert set(job.state.table.copying) == {0}
    slots = tuple(range(SLOTS))
    job.tell("server:1:0", InSync(job.membership, 7, 0, 0, slots))
    assert not job.state.table.is_protected, "that was said of the life before"
    job.tell("server:1:0", InSync(job.membership, 8, 0, 1, slots))
    assert job.state.table.is_protected


def test_a_death_that_is_reported_twice_is_one() -> None:
    job = protected()
    job.exited("server", 0, -9, again=True)
    job.join("server", 0, "join:again")
    job.reports -= 1
    job.exited("server", 0, -9, again=True)
    assert job.state.table.servers[0].state == "admitted"


def test_a_server_that_dies_before_it_has_values_is_waited_for_if_it_comes_again() -> None:
    job = gathered(1, 2, replicas=1)
    job.exited("server", 0, -9, again=True)
    assert (job.state.failure, job.state.table.servers[0].state) == (None, "expected")
    other = gathered(1, 2, replicas=1)
    other.exited("server", 0, -9)
    assert "its values are lost" in str(other.state.failure)


def test_a_second_death_before_the_copies_are_whole_ends_the_job_by_name() -> None:
    job = protected()
    job.exited("server", 0, -9, again=True)
    job.join("server", 0, "join:again")
    job.exited("server", 1, -9, again=True)
    assert "server 1 on here was killed by SIGKILL; its values are lost" in str(job.state.failure)


def test_only_servers_say_that_copies_are_whole() -> None:
    job = protected()
    job.tell("worker:0:0", InSync(job.membership, 7, 0, 0, (0,)))
    assert "comes from a server" in job.said(Refused)[-1].text
