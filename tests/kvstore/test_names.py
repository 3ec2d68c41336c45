"""Names of nodes: what is one, and what people call it."""

from __future__ import annotations

import pytest

from mxl.kvstore.names import Node, parse, title


@pytest.mark.parametrize("name, node", [
    ("worker:3:0", Node("worker", 3, 0)),
    ("server:0:12", Node("server", 0, 12)),
    ("scheduler:0:0", Node("scheduler", 0, 0)),
    ("worker:3", None),
    ("worker:3:0:0", None),
    ("worker:03:0", None),
    ("worker:-1:0", None),
    ("worker:٣:0", None),          # a digit, and no ASCII digit
    ("worker:1234567890:0", None),
    ("walker:3:0", None),
    ("join:abc", None),
    ("", None),
])  # fmt: skip
def test_a_name_is_read_exactly(name: str, node: Node | None) -> None:
    assert parse(name) == node
    assert node is None or str(node) == name


@pytest.mark.parametrize("name, said", [
    ("worker:1:0", "worker 1"),
    ("worker:1:2", "worker 1 (life 3)"),
    ("scheduler:0:0", "scheduler"),
    ("launcher:0:0", "launcher"),
    ("join:abc", "join:abc"),
])  # fmt: skip
def test_people_read_titles(name: str, said: str) -> None:
    assert title(name) == said
