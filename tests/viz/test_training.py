"""Run and plot_training: what is recorded of a run, and which lines the picture has."""

from __future__ import annotations

import json
import sys

import pytest

import mxl as mx

RECORDS = [{"step": i, "step_s": 0.01 * i, "loss": 2.0 / i, "accuracy": 1 - 1 / i} for i in range(1, 6)]


def lines(figure):
    """{label of an axis: {label of a line: its data}}"""
    return {axes.get_ylabel(): {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
            for axes in figure.axes}


def test_each_step_has_its_seconds_and_what_was_measured():
    times = iter([10.0, 10.5, 12.5])
    run = mx.viz.Run(time_now=lambda: next(times))
    run.step(loss=mx.nd.array([0.5]), samples=32)
    run.step(loss=0.25, accuracy=0.75)
    assert run.records == [{"step": 1, "step_s": 0.5, "loss": 0.5, "samples": 32},
                           {"step": 2, "step_s": 2.0, "loss": 0.25, "accuracy": 0.75}]


def test_records_are_in_the_file_when_step_returns(tmp_path):
    run = mx.viz.Run(tmp_path / "deep" / "run.jsonl")
    for i in range(3):
        run.step(loss=i)
        written = (tmp_path / "deep" / "run.jsonl").read_text().splitlines()
        assert [json.loads(line) for line in written] == run.records


def test_a_run_replaces_the_one_before_in_its_file(tmp_path):
    path = tmp_path / "run.jsonl"
    mx.viz.Run(path).step(loss=1)
    mx.viz.Run(path).step(loss=2)
    assert [json.loads(line)["loss"] for line in path.read_text().splitlines()] == [2]


def test_bytes_are_those_that_the_store_moved():
    def train(rank):
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((1000,)))
        run, w = mx.viz.Run(kvstore=kv), mx.nd.zeros((1000,))
        for _ in range(3):
            kv.pushpull("w", mx.nd.ones((1000,)), out=w)
            w.wait_to_read()
            run.step(loss=0.0)
        return run.records

    with mx.testing.cluster(workers=2, servers=1) as c:
        for records in c.run(train):
            assert all(4000 <= r["bytes_in"] < 12000 and 4000 <= r["bytes_out"] < 12000 for r in records)
            assert set(lines(mx.viz.plot_training(records))["kB so far"]) == {"bytes_in", "bytes_out"}


@pytest.mark.parametrize("kind", ["local", "device"])
def test_a_store_of_one_process_moves_no_bytes(kind):
    kv = mx.kv.create(kind)
    assert kv.counters() == {}
    assert set(mx.viz.Run(kvstore=kv).step(loss=1)) == {"step", "step_s", "loss"}


def test_the_picture_has_the_records_numbers(tmp_path):
    found = lines(mx.viz.plot_training(RECORDS, tmp_path / "run.png", title="digits"))
    assert list(found) == ["loss", "metrics", "ms a step"]
    assert found["loss"]["loss"] == [[i, 2.0 / i] for i in range(1, 6)]
    assert found["metrics"]["accuracy"] == [[i, 1 - 1 / i] for i in range(1, 6)]
    assert found["ms a step"]["step_s"] == [[i, pytest.approx(10 * i)] for i in range(1, 6)]
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


def test_bytes_are_added_up():
    records = [{"step": i, "bytes_in": 1000 * i, "bytes_out": 500} for i in (1, 2, 3)]
    assert lines(mx.viz.plot_training(records)) == {
        "kB so far": {"bytes_in": [[1, 1], [2, 3], [3, 6]], "bytes_out": [[1, 0.5], [2, 1], [3, 1.5]]}}


def test_a_metric_measured_now_and_then_has_its_own_steps():
    records = [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 0.5, "accuracy": 0.9}, {"step": 3, "loss": 0.4}]
    figure = mx.viz.plot_training(records)
    assert lines(figure)["metrics"] == {"accuracy": [[2, 0.9]]}
    assert figure.axes[-1].get_xlabel() == "step"


def test_a_file_and_a_folder_of_workers(tmp_path):
    for rank in range(2):
        mx.viz.Run(tmp_path / f"worker{rank}.jsonl").step(loss=rank)
    assert lines(mx.viz.plot_training(tmp_path / "worker1.jsonl"))["loss"] == {"loss": [[1, 1]]}
    assert lines(mx.viz.plot_training(str(tmp_path)))["loss"] == {
        "worker0 loss": [[1, 0]], "worker1 loss": [[1, 1]]}


def test_a_line_that_was_cut_off_is_passed_over_and_a_damaged_one_named(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text('{"step": 1, "loss": 2}\n{"step": 2, "lo')
    assert lines(mx.viz.plot_training(path))["loss"] == {"loss": [[1, 2]]}
    path.write_text('{"step": 1, "loss": 2}\nnonsense\n')
    with pytest.raises(TypeError, match=r"line 2 of .*run.jsonl is no JSON: b'nonsense'"):
        mx.viz.plot_training(path)


@pytest.mark.parametrize("run, message", [
    ([], r"the run \[\] has no steps"),
    ([{"loss": 1}], r"record 0 needs 'step', .* got \{'loss': 1\}"),
    ([{"step": 1}], r"have no loss, metrics, step_s or bytes, only \['step'\]"),
    (7, "expected a Run, a list of records or a path, got int"),
])
def test_runs_that_say_nothing(run, message):
    with pytest.raises(TypeError, match=message):
        mx.viz.plot_training(run)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(TypeError, match=r"has no files \*.jsonl"):
        mx.viz.plot_training(tmp_path)
    with pytest.raises(OSError, match=r"none\.jsonl"):
        mx.viz.plot_training(tmp_path / "none.jsonl")


def test_a_loss_of_several_numbers_is_refused():
    run = mx.viz.Run()
    with pytest.raises(TypeError, match=r"loss must be one number, got NDArray \(3,\); of an array take the mean"):
        run.step(loss=mx.nd.ones((3,)))
    assert run.records == []


def test_names_that_the_run_counts_are_refused():
    with pytest.raises(TypeError, match=r"Run.step: bytes_in is counted by the Run itself; give it another name"):
        mx.viz.Run().step(bytes_in=3)


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"plot_training needs matplotlib: pip install 'mxl\[viz\]'"):
        mx.viz.plot_training(RECORDS)
