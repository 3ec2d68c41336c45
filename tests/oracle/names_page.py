"""docs/mxnet-names.md: each public name of MXNet: replayed beside the real one, there, or left out and why.

Made from names.json, replayed.json and left_out.py; `count.py` writes the page, and a test holds it against them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from mxl.core.op import Op

AREAS = (
    ("nd", "mx.nd"), ("autograd", "mx.autograd"), ("random", "mx.random"), ("context", "mx.context"),
    ("gluon", "mx.gluon"), ("optimizer", "mx.optimizer"), ("lr_scheduler", "mx.lr_scheduler"), ("init", "mx.init"),
    ("metric", "mx.metric"), ("kv", "mx.kv"), ("callback", "mx.callback"), ("model", "mx.model"),
    ("operator", "mx.operator"), ("viz", "mx.viz"), ("profiler", "mx.profiler"), ("recordio", "mx.recordio"),
    ("test_utils", "mx.test_utils"), ("", "mx.attribute, engine, log, name, runtime, util"),
)  # fmt: skip
HEAD = """# MXNet's names, one by one

Made by `python tests/oracle/count.py` from what MXNet 1.9.1 says of itself; what differs in behaviour is in
[coming-from-mxnet.md](coming-from-mxnet.md).

- *Replayed*: a test calls it and compares with a record of the real MXNet.
- *There*: in mxl, not compared by a record of its own.
- *Left out*: not in mxl, with the reason.
- *Lacks*: an argument of MXNet's that mxl's does not take.

"""


def missing_arguments(thing: Any, theirs: list[str] | None) -> list[str]:
    """Parameters that MXNet's has and ours does not take, by name."""
    if theirs is None:
        return []
    if isinstance(thing, (staticmethod, classmethod)):
        thing = thing.__func__
    if isinstance(thing, Op):
        ours = {*thing.array_names, *thing.defaults, "out", "name", "kwargs"}
    else:
        try:
            asked = thing.__init__ if isinstance(thing, type) else thing
            parameters = inspect.signature(asked, follow_wrapped=False).parameters.values()
        except (TypeError, ValueError):
            return []
        if any(one.kind is one.VAR_KEYWORD for one in parameters):
            return []
        ours = {one.name for one in parameters}
        if any(one.kind is one.VAR_POSITIONAL for one in parameters):
            return []
    names = [one.split("=")[0].split(":")[0].strip() for one in theirs]
    return [name for name in names if not name.startswith("*") and name != "_" and name not in ours]


def page(
    kinds: Mapping[str, str], lacking: Mapping[str, list[str]], ignored: Iterable[tuple[str, str, str]],
    reasons: Mapping[str, str],
) -> str:  # fmt: skip
    """The page.  kinds: a name's class, as count.classes has it; lacking: arguments that ours does not take; ignored:
    (file, function, argument) of those that it takes without effect, for which `reasons` has the reasons."""
    text = HEAD
    groups = [(title, list(_of_area(kinds, area))) for area, title in AREAS]
    text += "| area | names | replayed | there | left out |\n|---|---|---|---|---|\n"
    for title, members in [*groups, ("all", list(kinds))]:
        counts = [sum(kinds[name].startswith(kind) for name in members) for kind in ("replayed", "present", "left out")]
        text += f"| {title} | {len(members)} | {counts[0]} | {counts[1]} | {counts[2]} |\n"
    for title, members in groups:
        text += f"\n## {title}\n"
        text += _listed("Replayed", [name for name in members if kinds[name] == "replayed"])
        text += _listed("There", [name for name in members if kinds[name] == "present"])
        rows = [f"| `{name}` | lacks {', '.join(lacking[name])} |" for name in members if name in lacking]
        rows += [f"| `{name}` | {kinds[name]} |" for name in members if kinds[name].startswith("left out")]
        if rows:
            text += "\n| name | |\n|---|---|\n" + "\n".join(rows) + "\n"
    text += "\n## Arguments without effect\n\nThey are taken, so that scripts run, and change nothing.\n\n"
    text += "| argument | of | why |\n|---|---|---|\n"
    functions: dict[str, list[str]] = {}
    for _, function, argument in ignored:
        functions.setdefault(argument, []).append(f"`{function}`")
    for argument in sorted(functions):
        text += f"| `{argument}` | {', '.join(dict.fromkeys(functions[argument]))} | {reasons[argument]} |\n"
    return text


def _of_area(names: Iterable[str], area: str) -> Iterable[str]:
    known = {key for key, _ in AREAS}
    return (name for name in names if (name.partition(".")[0] == area if area else name.partition(".")[0] not in known))


def _listed(title: str, names: list[str]) -> str:
    if not names:
        return ""
    lines = [f"\n{title}:"]
    for name in names:
        word = f" `{name}`,"
        if len(lines[-1]) + len(word) > 119:
            lines.append("")
        lines[-1] += word if lines[-1] else word[1:]
    return "\n".join(lines).removesuffix(",") + ".\n"
