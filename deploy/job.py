"""What a job consists of, decided before anything is done: JobSpec -> list[ProcessSpec].

Knows: which processes a job has, each one's command and environment, and how that is told to people (`banner`,
`dry_run`).  Never: starts a process, makes a folder, or reads the environment (it is handed in).
Invariant: the same JobSpec gives the same processes.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..kvstore.names import SCHEDULER, SERVER, WORKER, Node
from ..kvstore.settings import Settings

LOCALHOST = "localhost"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# What belongs to one process of one job: never inherited from a job around this one.
OF_ONE_PROCESS = frozenset({
    "MXL_ROLE", "MXL_RANK", "MXL_SCHEDULER", "MXL_NUM_WORKERS", "MXL_NUM_SERVERS", "MXL_JOB_FOLDER", "MXL_IMPORT",
    "DMLC_ROLE", "DMLC_RANK", "DMLC_WORKER_ID", "DMLC_SERVER_ID", "DMLC_PS_ROOT_URI", "DMLC_PS_ROOT_PORT",
    "DMLC_NUM_WORKER", "DMLC_NUM_SERVER",
})


@dataclass(frozen=True)
class JobSpec:
    """A job as it was asked for.  Its processes inherit `environ`; `env*` is set on top of it."""

    num_workers: int
    num_servers: int
    command: tuple[str, ...]
    folder: str
    cores: int
    environ: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    env_worker: Mapping[str, str] = field(default_factory=dict)
    env_server: Mapping[str, str] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    import_path: str = ""
    log_level: str = ""
    replicas: int = 0
    max_restarts: int = 0
    server_command: tuple[str, ...] = (sys.executable, "-m", "mxl.server")
    scheduler_command: tuple[str, ...] = (sys.executable, "-m", "mxl.scheduler")

    @property
    def scheduler(self) -> str:
        """The scheduler's endpoint."""
        return f"ipc://{self.folder}/scheduler"


@dataclass(frozen=True)
class ProcessSpec:
    """One process to start: who it is, on which host, and with what command and whole environment."""

    role: str
    rank: int
    host: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(hash=False)

    @property
    def title(self) -> str:
        """What a person calls it: `worker 2`, `scheduler`."""
        return Node(self.role, self.rank, 0).title

    @property
    def log_name(self) -> str:
        """The name of its log file."""
        return f"{self.title.replace(' ', '-')}.log"


def plan(job: JobSpec) -> list[ProcessSpec]:
    """The processes of a job on this machine, in the order in which they are started."""
    roles = [(SCHEDULER, 0, job.scheduler_command)]
    roles += [(SERVER, rank, job.server_command) for rank in range(job.num_servers)]
    roles += [(WORKER, rank, job.command) for rank in range(job.num_workers)]
    return [ProcessSpec(role, rank, LOCALHOST, argv, _environment(job, role, rank)) for role, rank, argv in roles]


def threads(job: JobSpec, role: str) -> int:
    """Threads that numpy may use in a process of this role, unless the user has set them."""
    return max(1, job.cores // job.num_workers) if role == WORKER else 1


def _environment(job: JobSpec, role: str, rank: int) -> dict[str, str]:
    """The inherited one, then what mxl sets, then what the user sets for all, then what the user sets for this role."""
    env = {name: value for name, value in job.environ.items() if name not in OF_ONE_PROCESS}
    for name in THREAD_VARIABLES:
        env.setdefault(name, str(threads(job, role)))
    env.setdefault("PYTHONUNBUFFERED", "1")  # lines are shown when they are printed, not when a buffer is full
    if job.import_path and role != WORKER:  # a script finds the modules beside it, the other roles must be told
        env["PYTHONPATH"] = ":".join(filter(None, (env.get("PYTHONPATH"), job.import_path)))
    settings = Settings(role=role, rank=rank, scheduler=job.scheduler, num_workers=job.num_workers,
                        num_servers=job.num_servers, job_folder=job.folder, imports=job.imports, replicas=job.replicas)
    env |= settings.to_env()
    if job.log_level:
        env["MXL_LOG"] = job.log_level
    env |= job.env
    if role == SCHEDULER:
        return env
    return {**env, **(job.env_worker if role == WORKER else job.env_server)}


# ----- what is told to people -----


def counted(number: int, noun: str) -> str:
    """`1 worker`, `4 workers`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def banner(job: JobSpec, processes: Sequence[ProcessSpec]) -> list[str]:
    """What starts now, and what it promises."""
    said = [f"{counted(number, role)} ({_threads_text(processes, role)})"
            for role, number in ((WORKER, job.num_workers), (SERVER, job.num_servers))]
    return [f"{said[0]}, {said[1]} and a scheduler on this machine",
            protection(job)]


def protection(job: JobSpec) -> str:
    """Whose death the job survives."""
    if not job.replicas:
        return "not protected: servers have no replicas, so the death of any process ends the job"
    restarts = counted(job.max_restarts, "restart")
    return (f"servers are protected: each value has a copy on another server, and one that dies loses nothing and is "
            f"started again ({restarts} in all); the death of a worker or of the scheduler ends the job")


def _threads_text(processes: Sequence[ProcessSpec], role: str) -> str:
    env = next(process.env for process in processes if process.role == role)
    numbers = [env[name] for name in THREAD_VARIABLES]
    if len(set(numbers)) > 1:
        return ", ".join(f"{name}={number}" for name, number in zip(THREAD_VARIABLES, numbers, strict=True))
    return f"{numbers[0]} thread{'s' * (numbers[0] != '1')} each"


def dry_run(job: JobSpec, processes: Sequence[ProcessSpec]) -> list[str]:
    """Each process as a line for a shell, with only those variables that differ from the inherited ones."""
    lines: list[str] = []
    for process in processes:
        own = [f"{name}={value}" for name, value in sorted(process.env.items()) if job.environ.get(name) != value]
        lines += [f"# {process.title} on {process.host}", shlex.join(["env", *own, *process.argv])]
    return lines
