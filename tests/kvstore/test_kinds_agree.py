"""One script of calls gives the same in every kind: in one process, and over servers in a cluster of one worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mxl as mx
from mxl.testing import cluster

KINDS = ["local", "device", "dist_sync", "dist_async"]
CUT = {"bigarray_bound_bytes": 256, "shard_bytes": 64}      # a key of 100 numbers is seven shards


def answers(kind: str, script: Callable[[Any], Any]) -> Any:
    """What the script returns with a store of this kind."""
    if not kind.startswith("dist"):
        return script(mx.kv.create(kind))
    with cluster(workers=1, servers=2, **CUT) as c:
        return c.run(lambda rank: script(mx.kv.create(kind)))[0]


def array(value: float, size: int = 100) -> mx.nd.NDArray:
    return mx.nd.full((size,), value)


def ends(*arrays: mx.nd.NDArray) -> list[list[float]]:
    """First and last number of each array: of the first shard and of the last."""
    return [[float(x[0].asscalar()), float(x[-1].asscalar())] for x in arrays]


def calls(kv: Any) -> list[Any]:
    """Every call on values, with one key and with lists, with one array and with several."""
    told: list[Any] = []
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0, momentum=0.5))
    outs = [array(0), array(0), array(0)]

    assert kv.init("w", array(8)) is None
    kv.init([1, 2], [array(10), array(20, 3)])
    assert kv.pull("w", out=outs) is None
    told += ends(*outs)

    assert kv.push("w", array(1)) is None
    kv.push("w", [array(1), array(2)], priority=-3)
    kv.pull("w", out=outs[0])
    told += ends(outs[0])

    pair = [array(0), mx.nd.zeros((3,), dtype="float64")]
    kv.push([1, 2, 1], [array(1), [array(2, 3), array(3, 3)], array(4)])
    kv.pull([1, 2], out=pair)
    told += [*ends(*pair), pair[1].dtype.__name__]

    assert kv.pushpull("w", array(1), out=outs[1]) is None
    grads = [array(1), array(1)]
    kv.pushpull("w", grads)
    kv.pushpull([1, 2], [array(0), array(0, 3)], out=[[outs[2]], pair[1]])
    told += ends(outs[1], *grads, outs[2], pair[1])

    assert kv.broadcast("late", array(5), outs) is None
    told += ends(*outs)
    kv.broadcast(["a", "b"], [array(6), array(7)], [[outs[0], outs[1]], outs[2]])
    told += ends(*outs)
    return told


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_script_of_calls_gives_the_same_in_every_kind(kind: str) -> None:
    assert answers(kind, calls) == answers("local", calls)


@pytest.mark.parametrize("kind", KINDS)
def test_priority_never_reorders_one_key(kind: str) -> None:
    """1, 2, 3, ... are each pushed and pulled, the later ones ever more urgent."""
    def script(kv: Any) -> list[list[float]]:
        kv.set_optimizer(mx.optimizer.Test(rescale_grad=1.0))
        keys = ["a", "b", "c"]
        kv.init(keys, [array(0) for _ in keys])
        outs = []
        for step in range(1, 7):
            for place, key in enumerate(keys):
                kv.push(key, array(step), priority=step * (1 - place))
                outs.append(array(-1))
                kv.pull(key, out=outs[-1], priority=100 * step)
        return ends(*outs)

    sums = [1, 3, 6, 10, 15, 21]
    assert answers(kind, script) == [[total, total] for total in sums for _ in range(3)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_small_calls(kind: str, tmp_path: Path) -> None:
    def script(kv: Any) -> tuple[Any, ...]:
        assert kv.barrier() is None
        assert kv._barrier() is None
        assert kv.report(loss=0.5) is None
        kv.set_optimizer(mx.optimizer.Adam())
        assert kv.save_optimizer_states(tmp_path / "states") is None
        assert kv.load_optimizer_states(tmp_path / "states") is None
        return kv.type, kv.rank, kv.num_workers, kv.is_capable("optimizer"), isinstance(kv, mx.kv.KVStore)

    assert answers(kind, script) == (kind, 0, 1, True, True)
