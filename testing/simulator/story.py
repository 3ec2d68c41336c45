"""The story of a simulated job that went wrong: what each node did last, in order, and what it waits for.

Knows: how to put events, requests and shards into words.  Never: anything while the job runs.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ...kvstore.wire.messages import Message
from ...server.state import ServerState
from ...worker.state import WorkerState
from .nodes import SimNode

if TYPE_CHECKING:
    from .cluster import Simulation

QUIET = ("heartbeat", "beat", "credit")


def tell(simulation: Simulation, problem: str, *, lines: int = 60) -> str:
    """The problem, the scenario, each node's last events, and what it waits for."""
    text = [problem, "", f"at {simulation.network.now:.4f} s of virtual time", simulation.scenario.described()]
    for node in simulation.nodes:
        text += ["", f"{node.title}{' (ended)' if node.is_dead else ''}:"]
        text += events(node, lines)
        text += [f"    waits: {w}" for w in waits(node)]
    text += ["", f"replay: python -m mxl.testing.simulate --seed {simulation.scenario.seed} --story"]
    return "\n".join(text)


def events(node: SimNode, lines: int) -> list[str]:
    """The last events, one line each."""
    told = [e for e in node.story if not (isinstance(e[3], Message) and e[3].op in QUIET)]
    return [f"  {at:9.4f}  {way} {peer:<12} {words(what)}" for at, way, peer, what in list(told)[-lines:]]


def words(what: Any) -> str:
    """A message in one line, without its payloads."""
    if isinstance(what, tuple):
        op, membership, parts = what
        return f"{op} {membership} [{'; '.join(map(_part, parts))}]"
    if not isinstance(what, Message):
        return str(what)
    said = []
    for f in fields(what):
        value = getattr(what, f.name)
        if f.name == "payloads":
            continue
        if f.name == "table":
            value = f"<{value['membership']}: " + " ".join(f"{w[0]}:{w[1]}:{w[2]}" for w in value["workers"]) + ">"
        elif f.name in ("parts", "hypers", "held", "clocks"):
            value = "[" + "; ".join(_part(p) for p in value) + "]"
        said.append(f"{f.name}={value}" if f.name not in ("parts", "membership") else str(value))
    return f"{what.op} {' '.join(said)}"


def _part(part: Any) -> str:
    skip = ("codec", "dtype", "shape", "rows", "stype", "values")
    return " ".join(f"{f.name[:3]}={getattr(part, f.name)}" for f in fields(part) if f.name not in skip)


def waits(node: SimNode) -> list[str]:
    """What a node waits for."""
    machine: Any = node.machine
    lines: list[str] = []
    if isinstance(machine, WorkerState):
        script = getattr(node, "script", None)
        if script is not None and not getattr(node, "is_done", True):
            lines.append(f"the script is at {script.at}")
        for outbox in [machine.membership.outbox, *machine.servers.values()]:
            state = "open" if outbox.is_open else "up" if outbox.is_up else "down"
            lines += [
                f"{r.label} #{r.id} out to {outbox.peer} ({state}) held={r.is_held} for {r.waits_for}"
                for r in outbox.out.values()
            ]
            lines += [
                f"{r.label} #{r.id} queued for {outbox.peer} ({state}, room {outbox.window.room()})"
                for r in outbox.queue
            ]
        for store in machine.stores.values():
            for key, flow in store.flows.items():
                if flow.waiting or flow.unanswered:
                    lines.append(
                        f"key {key!r}: clock {flow.clock}, unanswered {flow.unanswered}, {len(flow.waiting)} calls wait"
                    )
    elif isinstance(machine, ServerState):
        ranks = machine.ranks
        lines.append(
            f"present {sorted(ranks.present)} live {sorted(ranks.live)} in barriers {ranks.waiting} "
            f"left {sorted(ranks.left)}"
        )
        for store in machine.stores.values():
            for shard in store.shards.values():
                clocks = shard.clocks
                arrived = {c: sorted(r) for c, r in clocks.arrived.items()}
                lines.append(
                    f"shard {store.number} {shard.key!r} {shard.index}: version {clocks.version} "
                    f"applied {clocks.applied} arrived {arrived}"
                )
        for peer, held in machine.replies.held.items():
            lines += [f"{peer} #{request} for ranks {who()}" for request, who in held.items()]
    return lines
