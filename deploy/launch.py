"""`mxl-launch`: start a job's scheduler, servers and workers, and stay until the last has ended.

Knows: the command line, and which of its wishes this version can fulfil.  Never: how (`job.py` decides, `run.py`
does). The options have the names of MXNet's launcher.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping

import click

from ..core.errors import MXLError
from ..core.version import __version__
from ..kvstore.config import load, unknown_variables
from ..kvstore.host import make_proof
from ..kvstore.transport.base import Transport
from . import folder
from .errors import LaunchError
from .job import JobSpec, banner, dry_run, plan
from .local import LocalLauncher
from .reporter import Reporter
from .run import Run
from .scheduler_link import SchedulerLink
from .screen import Screen

LAUNCHERS = ("local",)
USAGE_ERROR = 2
AS_MXNET = "mxl.compat.at_import"  # imported before the user's modules, which say `import mxnet`


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False,
                                 "help_option_names": ["-h", "--help"]})
@click.option("-n", "--num-workers", type=click.IntRange(min=1), required=True, help="Number of worker processes.")
@click.option("-s", "--num-servers", type=click.IntRange(min=1),
              help="Number of server processes (1 for one worker, 2 for more).")
@click.option("--max-restarts", type=click.IntRange(min=0), default=0, show_default=True,
              help="How many times a server that dies is started again, in all.")
@click.option("--replicas", type=click.IntRange(0, 1), default=None,
              help="Servers that have a copy of each value beside its own: 0 or 1; 1 by default where there are two "
                   "servers or more and restarts are allowed.")
@click.option("-H", "--hostfile", type=click.Path(), help="File with one host a line, for launchers of other hosts.")
@click.option("--launcher", default="local", show_default=True, help=f"Where to start: {', '.join(LAUNCHERS)}.")
@click.option("--env", "env", multiple=True, metavar="NAME | NAME:VALUE",
              help="Pass on, or set, an environment variable in all processes.")
@click.option("--env-worker", multiple=True, metavar="NAME:VALUE", help="Set a variable in the workers.")
@click.option("--env-server", multiple=True, metavar="NAME:VALUE", help="Set a variable in the servers.")
@click.option("--import", "imports", multiple=True, metavar="MODULE",
              help="Module that every role imports at its start: where your own optimizers are.")
@click.option("--as-mxnet", is_flag=True, help="Run an MXNet script unchanged: its `import mxnet` gives mxl.")
@click.option("--sync-dst-dir", help="Where other hosts get the working folder.")
@click.option("--p3", is_flag=True, help="MXNet's priority-based propagation.")
@click.option("--log-folder", type=click.Path(file_okay=False),
              help="Keep each process's output in this folder (else only a failed job's is kept).")
@click.option("--progress/--no-progress", default=None, help="Show how far the job is (where the terminal allows it).")
@click.option("--dry-run", is_flag=True, help="Print what would be started, and end.")
@click.option("-v", "--verbose", count=True, help="Log what the processes do; twice: every detail.")
@click.version_option(__version__, prog_name="mxl-launch")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def main(
    num_workers: int, num_servers: int | None, max_restarts: int, replicas: int | None, hostfile: str | None,
    launcher: str, env: tuple[str, ...],
    env_worker: tuple[str, ...], env_server: tuple[str, ...], imports: tuple[str, ...], as_mxnet: bool,
    sync_dst_dir: str | None, p3: bool, log_folder: str | None, progress: bool | None, dry_run: bool, verbose: int,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND as the workers of a training job, together with its servers and its scheduler.

    A command that is a Python file runs with this Python:

        mxl-launch -n 4 train.py --lr 0.1
    """
    try:
        refuse_what_is_not_there(launcher, hostfile, sync_dst_dir, p3)
        load()  # what the environment and the file say must be usable: told here once, not by each process
        argv = worker_command(command)
        servers = num_servers or (1 if num_workers == 1 else 2)
        job = JobSpec(
            num_workers=num_workers,
            num_servers=servers,
            replicas=copies(replicas, servers, max_restarts),
            max_restarts=max_restarts,
            command=through_compat(argv) if as_mxnet else argv,
            folder=folder.choose(folder.places(os.environ)),
            cores=cores(),
            environ=dict(os.environ),
            env=variables("--env", env, os.environ),
            env_worker=variables("--env-worker", env_worker),
            env_server=variables("--env-server", env_server),
            imports=(AS_MXNET, *imports) if as_mxnet and imports else imports,
            import_path=script_folder(argv) if imports else "",
            log_level=("", "info", "debug")[min(verbose, 2)],
        )
        for sentence in unknown_variables(os.environ):
            click.echo(f"mxl-launch: {sentence}", err=True)
        if dry_run:
            print_dry_run(job)
            return
        sys.exit(run_here(job, log_folder, progress))
    except MXLError as error:
        click.echo(f"mxl-launch: {error}", err=True)
        sys.exit(USAGE_ERROR)


def zmq_transport() -> Transport:
    """The launcher's own connection to the scheduler."""
    from ..kvstore.transport.zmq import ZmqTransport  # not for --help and --dry-run

    return ZmqTransport()


def run_here(
    job: JobSpec, log_folder: str | None, progress: bool | None,
    make_transport: Callable[[], Transport] = zmq_transport,
) -> int:
    """Run a job on this machine; its exit code.  Its logs are in `log_folder`; None: kept only if it fails."""
    processes = plan(job)
    logs = log_folder or os.path.join(tempfile.gettempdir(), f"{os.path.basename(job.folder)}-logs")
    launcher = LocalLauncher(job.folder, os.path.abspath(logs), own_logs=log_folder is None)
    screen = Screen(processes, progress)
    reporter = Reporter((job.scheduler,), make_proof(job.folder), socket.gethostname(), launcher.wake)
    link = SchedulerLink(reporter, make_transport)
    keep_logs = log_folder is not None
    try:
        for text in banner(job, processes):
            screen.say(text)
        run = Run(processes, launcher, link, screen, job.max_restarts if job.replicas else 0)
        code = run.execute(launcher.wake_fd)
        keep_logs = keep_logs or run.keeps_logs
        return code
    finally:
        link.stop()
        screen.close()
        launcher.close(keep_logs)


def print_dry_run(job: JobSpec) -> None:
    """Print what `run_here` would start."""
    processes = plan(job)
    for text in banner(job, processes):
        click.echo(f"# {text}")
    click.echo(f"# these lines run in a shell once the job's folder is there: mkdir -m 700 {job.folder}")
    for text in dry_run(job, processes):
        click.echo(text)


# ----- from what was written to what is meant -----


def refuse_what_is_not_there(launcher: str, hostfile: str | None, sync_dst_dir: str | None, p3: bool) -> None:
    """MXNet's options that this version does not have raise LaunchError with what to do instead."""
    if launcher not in LAUNCHERS:
        raise LaunchError(f"--launcher {launcher}: this version has: {', '.join(LAUNCHERS)}")
    for option, value in (("--hostfile", hostfile), ("--sync-dst-dir", sync_dst_dir)):
        if value is not None:
            raise LaunchError(f"{option} is for launchers of other hosts, and --launcher local starts all on this one; "
                              "leave the option out")
    if p3:
        raise LaunchError("--p3 is no mode of its own: what is pushed always leaves by priority; leave the option out")


def copies(replicas: int | None, servers: int, max_restarts: int) -> int:
    """How many servers have a copy of each value; raises LaunchError where there is no other server to have it."""
    if replicas is None:
        return int(servers > 1 and max_restarts > 0)
    if replicas and not max_restarts:
        raise LaunchError("--replicas 1 lets a job outlive a server that is started again: add --max-restarts 3")
    if replicas and servers < 2:
        raise LaunchError("--replicas 1 needs another server for the copies: start two or more (-s 2)")
    return replicas


def variables(option: str, pairs: Iterable[str], environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """NAME:VALUE pairs; NAME alone takes the value from `environ`, where the option allows that."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, colon, value = pair.partition(":")
        if not name or not (colon or environ is not None):
            raise LaunchError(f"{option} {pair!r}: expected NAME:VALUE, for example {option} OMP_NUM_THREADS:3")
        if not colon:
            assert environ is not None
            if name not in environ:
                raise LaunchError(f"{option} {name}: there is no such variable in the environment; write {name}:VALUE")
            value = environ[name]
        found[name] = value
    return found


def worker_command(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command to execute: a Python file is run with this Python; raises LaunchError for what is not there."""
    if len(command) == 1 and " " in command[0] and not os.path.exists(command[0]):
        command = tuple(shlex.split(command[0]))  # written in quotes, as for a launcher that uses a shell
    program = command[0]
    if program.endswith(".py"):
        if not os.path.isfile(program):
            raise LaunchError(f"there is no file {program} in {os.getcwd()}")
        return (sys.executable, *command)
    if shutil.which(program) is None:
        raise LaunchError(f"there is no command {program!r}; name a Python file or an executable")
    return command


def through_compat(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The same command, its Python file run as an MXNet script; raises LaunchError where it has no such file."""
    at = 1
    while at < len(argv) and argv[at].startswith("-") and argv[at] not in ("-c", "-m", "-"):
        at += 2 if argv[at] in ("-W", "-X") else 1  # options of Python's that take a word
    if not re.fullmatch(r"python[\d.]*", os.path.basename(argv[0])) or at == len(argv) or not os.path.isfile(argv[at]):
        raise LaunchError(f"--as-mxnet runs a Python file, as in mxl-launch -n 2 --as-mxnet train.py; "
                          f"{shlex.join(argv)} is none, so let it start python -m mxl.compat.run train.py itself, and "
                          "leave the option out")
    return (*argv[:at], "-m", "mxl.compat.run", *argv[at:])


def script_folder(argv: tuple[str, ...]) -> str:
    """The folder of the Python file that a command runs: where its modules are; else the working folder."""
    script = next((word for word in argv if word.endswith(".py") and os.path.isfile(word)), None)
    return os.path.dirname(os.path.abspath(script)) if script else os.getcwd()


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
