"""The processes of a job, decided without starting one."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace

import pytest

from mxl.deploy.job import JobSpec, banner, dry_run, plan, threads
from mxl.kvstore.config import from_env
from mxl.kvstore.settings import Settings

JOB = JobSpec(num_workers=2, num_servers=1, command=("python", "train.py", "--lr", "0.1"), folder="/run/mxl-1", cores=8)


def env_of(job: JobSpec, title: str) -> dict[str, str]:
    return dict(next(process.env for process in plan(job) if process.title == title))


def test_scheduler_first_then_servers_then_workers() -> None:
    assert [(p.title, p.host, p.argv) for p in plan(JOB)] == [
        ("scheduler", "localhost", (sys.executable, "-m", "mxl.scheduler")),
        ("server 0", "localhost", (sys.executable, "-m", "mxl.server")),
        ("worker 0", "localhost", ("python", "train.py", "--lr", "0.1")),
        ("worker 1", "localhost", ("python", "train.py", "--lr", "0.1")),
    ]
    assert [p.log_name for p in plan(JOB)] == ["scheduler.log", "server-0.log", "worker-0.log", "worker-1.log"]


def test_each_process_reads_its_place_from_its_environment() -> None:
    job = replace(JOB, imports=("my_module",))
    for process in plan(job):
        assert from_env(process.env) == Settings(
            role=process.role, rank=process.rank, scheduler="ipc:///run/mxl-1/scheduler", num_workers=2, num_servers=1,
            job_folder="/run/mxl-1", imports=("my_module",))


def test_a_job_inside_a_job_takes_nothing_from_it() -> None:
    outer = {"MXL_ROLE": "worker", "MXL_RANK": "7", "MXL_JOB_FOLDER": "/run/outer", "DMLC_ROLE": "server",
             "DMLC_PS_ROOT_URI": "h", "DMLC_PS_ROOT_PORT": "1", "DMLC_NUM_WORKER": "9", "MXL_IMPORT": "x", "HOME": "/h"}
    env = env_of(replace(JOB, environ=outer), "scheduler")
    assert {name: env[name] for name in env if name.startswith(("MXL", "DMLC", "HOME"))} == {
        "MXL_ROLE": "scheduler", "MXL_RANK": "0", "MXL_SCHEDULER": "ipc:///run/mxl-1/scheduler", "MXL_NUM_WORKERS": "2",
        "MXL_NUM_SERVERS": "1", "MXL_JOB_FOLDER": "/run/mxl-1", "HOME": "/h"}


@pytest.mark.parametrize("cores, workers, each", [(8, 2, 4), (8, 3, 2), (2, 4, 1), (1, 1, 1)])
def test_workers_share_the_cores_and_servers_take_one_thread(cores: int, workers: int, each: int) -> None:
    job = replace(JOB, cores=cores, num_workers=workers)
    assert threads(job, "worker") == each
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        assert env_of(job, "worker 0")[name] == str(each)
        assert env_of(job, "server 0")[name] == env_of(job, "scheduler")[name] == "1"


def test_threads_that_the_user_has_set_stay() -> None:
    env = env_of(replace(JOB, environ={"OMP_NUM_THREADS": "3"}), "worker 0")
    assert (env["OMP_NUM_THREADS"], env["OPENBLAS_NUM_THREADS"]) == ("3", "4")
    assert env_of(replace(JOB, env={"OMP_NUM_THREADS": "5"}), "server 0")["OMP_NUM_THREADS"] == "5"


def test_variables_for_all_and_for_a_role() -> None:
    job = replace(JOB, environ={"A": "outside"}, env={"A": "all", "B": "all"}, env_worker={"B": "worker"},
                  env_server={"B": "server"}, log_level="info")
    assert [(env_of(job, title)["A"], env_of(job, title)["B"]) for title in ("scheduler", "server 0", "worker 1")] == [
        ("all", "all"), ("all", "server"), ("all", "worker")]
    assert env_of(job, "worker 0")["MXL_LOG"] == "info"
    assert "MXL_LOG" not in env_of(JOB, "worker 0")


def test_modules_beside_the_script_are_found_by_the_servers_too() -> None:
    job = replace(JOB, imports=("mine",), import_path="/scripts", environ={"PYTHONPATH": "/p"})
    assert env_of(job, "server 0")["PYTHONPATH"] == "/p:/scripts"
    assert env_of(job, "worker 0")["PYTHONPATH"] == "/p"
    assert "PYTHONPATH" not in env_of(JOB, "server 0")


@pytest.mark.parametrize("job, first", [
    (JOB, "2 workers (4 threads each), 1 server (1 thread each) and a scheduler on this machine"),
    (replace(JOB, num_workers=1, environ={"OMP_NUM_THREADS": "2"}),
     "1 worker (OMP_NUM_THREADS=2, OPENBLAS_NUM_THREADS=8, MKL_NUM_THREADS=8), 1 server (OMP_NUM_THREADS=2, "
     "OPENBLAS_NUM_THREADS=1, MKL_NUM_THREADS=1) and a scheduler on this machine"),
])
def test_the_banner_says_what_runs_and_what_it_promises(job: JobSpec, first: str) -> None:
    assert banner(job, plan(job)) == [
        first, "not protected: servers have no replicas, so the death of any process ends the job"]


def test_a_dry_run_can_be_pasted_into_a_shell() -> None:
    job = replace(JOB, environ={"HOME": "/h"}, env={"NOTE": "two words"})
    lines = dry_run(job, plan(job))
    assert lines[::2] == ["# scheduler on localhost", "# server 0 on localhost", "# worker 0 on localhost",
                          "# worker 1 on localhost"]
    words = shlex.split(lines[-1])
    assert words[0] == "env"
    assert words[-4:] == ["python", "train.py", "--lr", "0.1"]
    assert words[1:-4] == [
        "MKL_NUM_THREADS=4", "MXL_JOB_FOLDER=/run/mxl-1", "MXL_NUM_SERVERS=1", "MXL_NUM_WORKERS=2", "MXL_RANK=1",
        "MXL_ROLE=worker", "MXL_SCHEDULER=ipc:///run/mxl-1/scheduler", "NOTE=two words", "OMP_NUM_THREADS=4",
        "OPENBLAS_NUM_THREADS=4", "PYTHONUNBUFFERED=1"]
