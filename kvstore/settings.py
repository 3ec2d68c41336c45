"""The settings of a job: one field each, with its default, its unit, its meaning and its environment variable.

Knows: the fields, the rules that they keep to one by one and between them, and how they are written to an environment.
Never: where a value comes from (`config.py` reads arguments, environment and file, in their order).
Invariant: a Settings that exists is valid; whoever holds one need not check it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

from ..core.errors import MXLError
from .host import UNIX_PATH_MAX

ROLES = ("", "worker", "server", "scheduler")
LEVELS = ("debug", "info", "warning", "error")


class SettingError(MXLError, ValueError):
    """A setting whose value cannot be used, or that is missing where it is needed."""


def setting(
    default: Any, help: str, *, variable: str = "", older: tuple[str, ...] = (), kind: str = "",
    least: float | None = None, choices: tuple[str, ...] = (), in_file: bool = True,
) -> Any:
    """A field: `variable` is MXL_ and its name unless given, `kind` its type's unless given (see `config.PARSERS`)."""
    natural = {str: "text", bool: "flag", int: "count", float: "number", tuple: "list"}
    return field(default=default, metadata={
        "help": help, "variable": variable, "older": older, "kind": kind or natural[type(default)], "least": least,
        "choices": choices, "in_file": in_file})


@dataclass(frozen=True)
class Settings:
    """Everything that can be set about a job and about this process's part in it."""

    # ----- who this process is, and whom it belongs to; mxl-launch sets these -----
    role: str = setting("", "what this process is: worker, server or scheduler; empty outside a cluster",
                        older=("DMLC_ROLE",), choices=ROLES, in_file=False)
    rank: int = setting(-1, "the wished-for number among those of its role; -1 lets the scheduler choose", least=-1,
                        older=("DMLC_WORKER_ID", "DMLC_SERVER_ID", "DMLC_RANK"), in_file=False)
    scheduler: str = setting("", "where the scheduler is bound: ipc:// and tcp:// endpoints, separated by commas, best "
                                 "first", older=("DMLC_PS_ROOT_URI", "DMLC_PS_ROOT_PORT"))
    num_workers: int = setting(0, "number of workers in the job", older=("DMLC_NUM_WORKER",), least=0)
    num_servers: int = setting(0, "number of servers in the job", older=("DMLC_NUM_SERVER",), least=0)
    job_folder: str = setting("", "the job's folder on this host, open to its user only: sockets and the proof of "
                                  "being on the same host lie in it", in_file=False)
    keys_file: str = setting("", "file with the job's CurveZMQ keys (python -m mxl.deploy.keys FILE makes one); needed "
                                 "by every role as soon as tcp is used between hosts")
    imports: tuple[str, ...] = setting(
        (), "modules that every role imports at its start, so that a user's own optimizers are known to the servers; "
        "set by mxl-launch --import", variable="MXL_IMPORT", in_file=False)

    # ----- the network -----
    bind: tuple[str, ...] = setting(("ipc",), "how a server can be reached: ipc (same host), tcp, or both")
    node_host: str = setting("", "name or address of this host that the others connect to; empty: chosen by the route "
                                 "to the scheduler", older=("DMLC_NODE_HOST",))
    interface: str = setting("", "network interface to bind to and to be reached at (node_host goes before it)",
                             older=("DMLC_INTERFACE",))
    port: int = setting(0, "tcp port of a server; 0: a free one", least=0)
    message_bytes: int = setting(4 << 20, "what is ready for one peer travels in messages of about this size at most",
                                 least=1)
    push_window_bytes: int = setting(64 << 20, "credit that a server grants each worker for pushes", least=1)
    answer_window_bytes: int = setting(64 << 20, "credit that a worker grants each server for answers", least=1)

    # ----- placement and memory -----
    bigarray_bound_bytes: int = setting(
        1_000_000, "a value of at least this size is cut into shards (MXNET_KVSTORE_BIGARRAY_BOUND counts elements and "
        "is taken times 4, the bytes of a float32)", older=("MXNET_KVSTORE_BIGARRAY_BOUND",), least=1)
    shard_bytes: int = setting(1 << 20, "size of the shards into which a large value is cut", least=1)
    versions_max: int = setting(4, "buffers that a server keeps for one shard before it answers with copies", least=4)

    # ----- time -----
    heartbeat_s: float = setting(1.0, "each node reports to the scheduler this often", kind="positive")
    suspect_after_s: float = setting(10.0, "a node silent for this long is named as suspect", kind="positive")
    lost_after_s: float = setting(60.0, "a node silent for this long is given up", kind="positive")
    probe_after_s: float = setting(4.0, "a request unanswered for this long is asked after", kind="positive")
    request_deadline_s: float = setting(90.0, "a request that nobody acknowledges fails after this time",
                                        kind="positive")
    warn_after_s: float = setting(5.0, "a wait on other nodes' progress is told after this time, then at doubling "
                                       "intervals", kind="positive")
    stall_limit_s: float | None = setting(None, "a wait on other nodes' progress fails after this time; none: it never "
                                                "does", kind="limit")
    start_limit_s: float = setting(300.0, "the job fails unless all its nodes have joined within this time",
                                   kind="positive")

    # ----- behaviour -----
    replicas: int = setting(0, "servers that hold a copy of each value beside the one that updates it: 0 or 1", least=0)
    elastic: bool = setting(False, "training goes on without workers that are given up")
    update_on_kvstore: bool | None = setting(
        None, "whether the optimizer runs in the store (true) or in each worker (false); none: the Trainer decides",
        older=("MXNET_UPDATE_ON_KVSTORE",), kind="choice")
    log_level: str = setting("warning", "which lines a node logs: debug, info, warning or error", variable="MXL_LOG",
                             choices=LEVELS)

    def __post_init__(self) -> None:
        check({f.name: getattr(self, f.name) for f in fields(self)}, {})

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The scheduler's endpoints, one by one, best first."""
        return tuple(split(self.scheduler))

    def to_env(self) -> dict[str, str]:
        """The MXL_* variables that give these settings: those that differ from their default."""
        return {variable(f): written(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) != f.default}


def variable(f: Field[Any]) -> str:
    """The environment variable of a field."""
    return f.metadata["variable"] or f"MXL_{f.name.upper()}"


def written(value: Any) -> str:
    """A value as an environment variable holds it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def split(text: str) -> list[str]:
    """The parts of a comma-separated text, without blanks."""
    return [part for part in (p.strip() for p in text.split(",")) if part]


# ----- the rules -----


def check(values: Mapping[str, Any], where: Mapping[str, str]) -> None:
    """Raise SettingError for the first value that cannot be used; `where`: the name that the user wrote for a field."""

    def wrong(name: str, expected: str) -> SettingError:
        return SettingError(f"{where.get(name, name)} is {written(values[name])!r}; expected {expected}")

    for f in fields(Settings):
        value, least, choices = values[f.name], f.metadata["least"], f.metadata["choices"]
        if least is not None and value < least:
            raise wrong(f.name, f"a whole number, {least} or more")
        if choices and value not in choices:
            raise wrong(f.name, "one of " + ", ".join(c for c in choices if c))
        if f.metadata["kind"] in ("positive", "limit") and value is not None and not value > 0:
            raise wrong(f.name, "seconds, more than 0")
    for endpoint in split(values["scheduler"]):
        if problem := endpoint_problem(endpoint):
            raise wrong("scheduler", problem)
    if not values["bind"] or set(values["bind"]) - {"ipc", "tcp"}:
        raise wrong("bind", "ipc, tcp, or both separated by a comma")
    if values["replicas"] > 1:
        raise wrong("replicas", "0, or 1: one copy beside the value itself")
    if values["port"] > 65_535:
        raise wrong("port", "a port number, at most 65535")
    for low, high in (("suspect_after_s", "lost_after_s"), ("lost_after_s", "request_deadline_s")):
        if not values[high] > values[low]:
            raise wrong(high, f"more than {where.get(low, low)} ({written(values[low])})")
    if not values["suspect_after_s"] > values["heartbeat_s"]:
        raise wrong("suspect_after_s", f"more than {where.get('heartbeat_s', 'heartbeat_s')} ({values['heartbeat_s']})")
    number = {"worker": "num_workers", "server": "num_servers"}.get(values["role"])
    if number and values[number] and values["rank"] >= values[number]:
        raise wrong("rank", f"less than {where.get(number, number)} ({values[number]})")


def endpoint_problem(endpoint: str) -> str:
    """What is expected in place of this endpoint; empty if it can be used."""
    scheme, _, rest = endpoint.partition("://")
    if scheme == "ipc" and rest:
        if (size := len(rest.encode())) > UNIX_PATH_MAX:
            return f"a socket path of at most {UNIX_PATH_MAX} bytes (this one has {size}): use a shorter folder"
        return ""
    if scheme == "memory" and rest:  # a cluster within one process
        return ""
    host, _, port = rest.rpartition(":")
    if scheme == "tcp" and host and (port == "*" or (port.isdecimal() and int(port) < 65_536)):
        return ""
    return "endpoints like ipc:///run/job/scheduler or tcp://10.0.0.7:9101"
