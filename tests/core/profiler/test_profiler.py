"""mx.profiler: what it measures and what it leaves alone, the files, the refusals."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mxl as mx
from mxl.core import tape
from mxl.core.op import Op
from mxl.core.profiler import hooks
from mxl.core.profiler.recorder import RECORDER, Recorder, Sum
from mxl.kvstore.base import KVStore


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    """A profiler that never ran, before and after each test."""
    yield
    mx.profiler.set_state("stop")
    mx.profiler.resume()
    mx.profiler.set_config()
    RECORDER.forget_events()
    RECORDER.forget_sums()
    RECORDER.has_run = False


def counts(category: str = "operator") -> dict[str, int]:
    found = json.loads(mx.profiler.dumps(format="json", reset=True))["Time"].get(category, {})
    return {name: one["Count"] for name, one in found.items()}


def run(**settings: Any) -> None:
    mx.profiler.set_config(**{"profile_all": True, "aggregate_stats": True, **settings})
    mx.profiler.set_state("run")


def places() -> list[Any]:
    return [Op.apply, mx.nd.NDArray.__add__, mx.nd.NDArray.__eq__, tape._pull_back, tape._pull_back_recorded,
            KVStore.push, KVStore.pull]


def test_nothing_stands_before_an_operator_unless_it_runs() -> None:
    before = places()
    run()
    assert not any(now is was for now, was in zip(places(), before, strict=True))
    mx.profiler.set_state("run")  # twice is once
    mx.profiler.pause()
    assert all(now is was for now, was in zip(places(), before, strict=True))
    mx.profiler.resume()
    mx.profiler.set_state("stop")
    assert all(now is was for now, was in zip(places(), before, strict=True))


def test_a_training_step_is_measured() -> None:
    net = mx.gluon.nn.Dense(2, in_units=3)
    net.initialize()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=mx.kv.create("local"))
    x = mx.nd.ones((4, 3))
    run()
    with mx.autograd.record():
        loss = (2 * net(x) + 1).sum()
    loss.backward()
    trainer.step(4)
    mx.profiler.set_state("stop")
    found = json.loads(mx.profiler.dumps(format="json", reset=True))["Time"]
    assert {"FullyConnected", "_mul_scalar", "_plus_scalar", "sum", "_backward_sum", "_backward_FullyConnected"} <= set(
        found["operator"]
    )
    assert found["kvstore"]["pushpull"]["Count"] == 2
    assert found["operator"]["FullyConnected"]["Total"] > 0


def test_a_hybridized_block_is_measured_operator_by_operator() -> None:
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Dense(4, activation="relu"), mx.gluon.nn.Dense(2))
    net.initialize()
    net.hybridize()
    x = mx.nd.ones((2, 3))
    net(x)  # the first call finds out what it computes
    run()
    net(x)
    assert counts() == {"FullyConnected": 2, "Activation": 1}


def test_the_settings_choose() -> None:
    kv = mx.kv.create("local")
    kv.init("w", mx.nd.ones((2,)))
    run(profile_all=False, profile_symbolic=False, profile_api=True)
    mx.nd.sqrt(mx.nd.ones((2,)))
    kv.push("w", mx.nd.ones((2,)))
    assert counts("operator") == {}
    run(profile_all=False, profile_imperative=True)
    mx.nd.sqrt(mx.nd.ones((2,)))
    kv.push("w", mx.nd.ones((2,)))
    assert counts("kvstore") == {}


def test_an_operator_that_fails_is_measured_and_still_fails() -> None:
    run()
    with pytest.raises(mx.MXNetError, match="dot"):
        mx.nd.dot(mx.nd.ones((2, 3)), mx.nd.ones((2, 3)))
    mx.nd.sqrt(mx.nd.ones((2,)))
    assert counts() == {"dot": 1, "sqrt": 1}


def test_only_the_outermost_operator_counts() -> None:
    run()
    x = mx.nd.sparse.zeros("row_sparse", (3, 2))
    mx.nd.exp(x)  # which calls itself with the dense form
    assert counts() == {"exp": 1}


def test_threads_are_measured_apart(tmp_path: Path) -> None:
    run(filename=tmp_path / "trace.json")
    both = threading.Barrier(2)  # alive together: their numbers differ

    def work() -> None:
        both.wait(10)
        for _ in range(50):
            mx.nd.sqrt(mx.nd.ones((2,)))
        both.wait(10)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mx.profiler.dump(False)
    assert counts() == {"sqrt": 100}
    events = [e for e in json.loads((tmp_path / "trace.json").read_text())["traceEvents"] if e["name"] == "sqrt"]
    assert len({event["tid"] for event in events}) == 2
    assert [event["ph"] for event in events].count("B") == 100


def test_memory_is_a_counter(tmp_path: Path) -> None:
    run(filename=tmp_path / "trace.json", profile_memory=True)
    kept = [mx.nd.ones((1000, 1000)) * i for i in range(4)]
    mx.profiler.set_state("stop")
    found = json.loads(mx.profiler.dumps(format="json"))["Memory"]["Device Storage"]["Memory: cpu/0"]
    assert found["Max"] > 4 * len(kept) * 1000
    assert "Total" not in found


def test_the_file_follows_while_it_runs(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "trace.json"
    run(filename=path, continuous_dump=True, dump_period=0)
    for expected in (2, 4):
        mx.nd.sqrt(mx.nd.ones((2,)))
        events = json.loads(path.read_text())["traceEvents"]
        assert len([event for event in events if event["name"] == "sqrt"]) == expected


def test_a_dump_that_is_not_the_last_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    run(filename=path)
    mx.nd.sqrt(mx.nd.ones((2,)))
    mx.profiler.dump(False)
    mx.nd.relu(mx.nd.ones((2,)))
    mx.profiler.set_state("stop")
    mx.profiler.dump()
    names = [event["name"] for event in json.loads(path.read_text())["traceEvents"]]
    assert {"sqrt", "relu"} <= set(names)
    with pytest.raises(mx.MXNetError, match="the profiler has not run since the last dump"):
        mx.profiler.dump()


@pytest.mark.slow
def test_what_was_not_dumped_is_when_the_process_ends(tmp_path: Path) -> None:
    code = """
        import mxl as mx
        mx.profiler.set_config(profile_all=True, filename="end.json")
        mx.profiler.set_state("run")
        mx.nd.sqrt(mx.nd.ones((2,)))
    """
    subprocess.run([sys.executable, "-c", "\n".join(line.strip() for line in code.splitlines())], cwd=tmp_path,
                   check=True, timeout=60)  # fmt: skip
    events = json.loads((tmp_path / "end.json").read_text())["traceEvents"]
    assert "sqrt" in [event["name"] for event in events]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    run(filename=tmp_path / "none" / "trace.json")
    with pytest.raises(OSError, match="the folder must exist"):
        mx.profiler.dump()


def test_stopping_what_was_not_started_is_nothing() -> None:
    run()
    task = mx.profiler.Task(mx.profiler.Domain("d"), "t")
    task.stop()
    task.start()
    task.stop()
    task.stop()
    assert counts("d") == {"t": 1}


def test_classes_that_come_later_are_watched_too(monkeypatch: Any) -> None:
    class Late:
        def call(self) -> int:
            return 7

    monkeypatch.setattr(hooks, "_watched", list(hooks._watched))
    run()
    hooks.watch(Late, "call")
    assert Late().call() == 7
    assert counts("kvstore") == {"call": 1}
    mx.profiler.set_state("stop")
    assert Late().call() == 7
    assert counts("kvstore") == {}


def test_sums_of_times_and_of_values() -> None:
    times, values = Sum(False), Sum(True)
    for number in (4, 1, 7):
        times.add(number)
        values.add(number)
    assert (times.count, times.total, times.min, times.max, times.average) == (3, 12, 1, 7, 4)
    assert (values.count, values.total, values.min, values.max, values.average) == (3, 7, 1, 7, 3)


@pytest.mark.parametrize("cause, kind, message", [
    (lambda: mx.profiler.set_config(profile_process="server"), mx.MXNetError, "only 'worker' is measured"),
    (lambda: mx.profiler.set_config(dump_period="soon"), mx.MXNetError, "dump_period is a number of seconds"),
    (lambda: mx.profiler.set_config(nonsense=1), mx.MXNetError, "unknown setting 'nonsense'; known: filename, "),
    (lambda: mx.profiler.set_config(profile_all=3), mx.MXNetError, "profile_all is True or False, not 3"),
    (lambda: mx.profiler.set_state("run", "server"), mx.MXNetError, "servers are not measured here"),
    (lambda: mx.profiler.set_state("go"), KeyError, "'go' is no state of the profiler; known: 'run', 'stop'"),
    (lambda: mx.profiler.dump(profile_process="x"), KeyError, "profile_process is 'x'; known: 'worker'"),
    (lambda: mx.profiler.dumps(sort_by="name"), AssertionError, "sort_by is 'name'; known: 'total', 'avg'"),
    (lambda: mx.profiler.Marker(mx.profiler.Domain("d"), "m").mark("x"), mx.MXNetError, "scope is 'x'; known: global"),
])  # fmt: skip
def test_errors(cause: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        cause()


def test_a_recorder_that_is_off_records_nothing() -> None:
    recorder = Recorder()
    recorder.range("a", "b", 1, 2)
    recorder.counter("a", "c", 3)
    assert (recorder.events, recorder.sums) == ([], {})
