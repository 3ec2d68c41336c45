"""The cluster's numbers, as one line for a person.

Pure: two readings of the nodes' counters in, numbers and a text out.  Knows: which counters the nodes put into their
heartbeats.  Never: asks for them, or draws (`screen.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..kvstore.names import WORKER, Node, parse

Nodes = dict[str, Any]  # a status: name of a node -> {state, silent_s, counters}


@dataclass(frozen=True)
class Progress:
    """How far the job is.  A number that nobody reports is None."""

    step: int | None = None
    loss: float | None = None
    samples_per_s: float | None = None
    bytes_per_s: float | None = None
    staleness: int | None = None
    slowest: str = ""
    suspects: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """`step 214 · loss 0.183 · 5.1k samples/s · 38 MB/s · slowest worker 2`; empty if nothing is known."""
        parts = [
            "" if self.step is None else f"step {self.step}",
            "" if self.loss is None else f"loss {self.loss:.4g}",
            f"{short(self.samples_per_s)} samples/s" if self.samples_per_s else "",
            "" if self.bytes_per_s is None else f"{short(self.bytes_per_s, 'B')}/s",
            f"staleness {self.staleness}" if self.staleness else "",
            f"slowest {self.slowest}" if self.slowest else "",
            *(f"{name} is silent" for name in self.suspects),
            *self.waits,
        ]
        return " · ".join(part for part in parts if part)


def read(nodes: Mapping[str, Any], before: Mapping[str, Any], between_s: float) -> Progress:
    """The progress that a status shows; `before` is the one `between_s` seconds earlier (empty at first)."""
    workers = {node: numbers for node, numbers in _present(nodes) if node.role == WORKER}
    if not workers:
        return Progress(suspects=_suspects(nodes))
    steps = {node: numbers["step"] for node, numbers in workers.items() if "step" in numbers}
    losses = [n["loss"] for n in workers.values() if "loss" in n and math.isfinite(n["loss"])]
    rates = [n["samples_per_s"] for n in workers.values() if "samples_per_s" in n]
    staleness = [n["staleness"] for n in workers.values() if "staleness" in n]
    return Progress(
        step=int(min(steps.values())) if steps else None,
        loss=sum(losses) / len(losses) if losses else None,
        samples_per_s=sum(rates) if rates else None,
        bytes_per_s=_bytes_per_s(workers, before, between_s),
        staleness=int(max(staleness)) if staleness else None,
        slowest=_slowest(workers, dict(_present(before))),
        suspects=_suspects(nodes),
        waits=_waits(workers),
    )


def left(nodes: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(role, rank) of the nodes that have left in order."""
    found = [parse(name) for name, about in nodes.items() if isinstance(about, dict) and about.get("state") == "left"]
    return [(node.role, node.rank) for node in found if node is not None]


def _present(nodes: Mapping[str, Any]) -> list[tuple[Node, dict[str, Any]]]:
    """Nodes that have not left, with those of their counters that are numbers or texts."""
    found: list[tuple[Node, dict[str, Any]]] = []
    for name, about in sorted(nodes.items()):
        node = parse(name)
        if node is not None and isinstance(about, dict) and about.get("state") not in ("left", "given_up"):
            counters = about.get("counters")
            found.append((node, {key: value for key, value in counters.items() if _is_plain(key, value)}
                          if isinstance(counters, dict) else {}))
    return found


def _is_plain(key: str, value: Any) -> bool:
    if key == "waiting_for":
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bytes_per_s(workers: Mapping[Node, dict[str, Any]], before: Mapping[str, Any], between_s: float) -> float | None:
    earlier = dict(_present(before))
    moved = [_bytes(numbers) - _bytes(earlier[node]) for node, numbers in workers.items() if node in earlier]
    return max(0, sum(moved)) / between_s if moved and between_s > 0 else None


def _bytes(numbers: Mapping[str, Any]) -> float:
    return numbers.get("bytes_in", 0) + numbers.get("bytes_out", 0)


def _slowest(workers: Mapping[Node, dict[str, Any]], earlier: Mapping[Node, dict[str, Any]]) -> str:
    """The worker that the others wait for: one that is clearly behind; else the one that has waited least itself.

    Each worker tells its step about once a second, not all at the same moment: whoever is behind by no more than the
    first one makes in two such seconds may be level with it.
    """
    steps = {node: n["step"] for node, n in workers.items() if "step" in n}
    if len(steps) < 2:
        return ""
    waits = {node: workers[node].get("wait_s", 0.0) - earlier.get(node, {}).get("wait_s", 0.0) for node in steps}
    ahead = max(steps, key=lambda node: (steps[node], node))
    last = min(steps, key=lambda node: (steps[node], node))
    behind = steps[ahead] - steps[last]
    if behind > 2 * (steps[ahead] - earlier.get(ahead, {}).get("step", steps[ahead])):
        return f"{last.title} ({behind:g} behind)"
    first = min(steps, key=lambda node: (waits[node], node))
    return first.title if len(set(waits.values())) > 1 else ""


def _suspects(nodes: Mapping[str, Any]) -> tuple[str, ...]:
    """Who has not been heard of lately, by the scheduler's word."""
    found = []
    for name, about in sorted(nodes.items()):
        node = parse(name)
        if node is not None and isinstance(about, dict) and about.get("state") == "suspect":
            found.append(node.title)
    return tuple(found)


def _waits(workers: Mapping[Node, dict[str, Any]]) -> tuple[str, ...]:
    return tuple(f"{node.title} waits for {n['waiting_for']}" for node, n in workers.items() if n.get("waiting_for"))


def short(number: float, unit: str = "") -> str:
    """Three digits and a letter: `5.12k`, `38.0 MB`, `950`."""
    gap = " " if unit else ""
    for power, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= power:
            scaled = number / power
            return f"{scaled:.{max(0, 2 - int(math.log10(abs(scaled))))}f}{gap}{letter}{unit}"
    return f"{number:.0f}{gap}{unit}" if unit or number >= 10 else f"{number:.3g}"
