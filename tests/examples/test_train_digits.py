"""The digits: the split, the deal of a batch over workers, and what a run prints and writes, alone and in a cluster."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mxl as mx


@pytest.fixture(scope="module")
def digits(example: Any) -> Any:
    return example("train_digits")


def told(output: str) -> tuple[float, str]:
    """(accuracy, digest) of a run's last lines."""
    accuracy = re.search(r"accuracy (0\.\d{3}|1\.000)\n", output[output.rindex("accuracy"):])
    digest = re.search(r"weights sha256 ([0-9a-f]{64})$", output, re.M)
    assert accuracy is not None, output
    assert digest is not None, output
    return float(accuracy[1]), digest[1]


def run_here(digits: Any, folder: Path, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[float, str]:
    digits.main(["--out", str(folder), *map(str, arguments)])
    return told(capsys.readouterr().out)


# ----- the data -----


def test_split(digits: Any) -> None:
    images, labels, held_out, held_out_labels = digits.load_digits()
    assert (images.shape, labels.shape) == ((1437, 1, 8, 8), (1437,))
    assert (held_out.shape, held_out_labels.shape) == ((360, 1, 8, 8), (360,))
    assert (images.dtype, images.min(), images.max()) == (np.float32, -0.5, 0.5)
    shares = [np.bincount(part.astype(int)) / len(part) for part in (labels, held_out_labels)]
    assert np.abs(shares[0] - shares[1]).max() < 0.003                  # stratified
    everything = np.concatenate([images, held_out]).reshape(1797, 64)
    assert len(np.unique(everything, axis=0)) == 1797                   # no digit is in both
    assert all((a == b).all() for a, b in zip(digits.load_digits(), (images, labels, held_out, held_out_labels),
                                              strict=True))


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7])
def test_workers_share_each_batch_in_order(digits: Any, workers: int) -> None:
    for step in (0, 1, 21, 22, 100):
        parts = [digits.positions(step, 64, rank, workers, seed=0) for rank in range(workers)]
        assert (np.concatenate(parts) == digits.positions(step, 64, 0, 1, seed=0)).all()
        assert {len(part) for part in parts} <= {64 // workers, 64 // workers + 1}


def test_an_epoch_has_each_digit_at_most_once_and_another_order_than_the_next(digits: Any) -> None:
    epochs = [np.concatenate([digits.positions(epoch * 22 + step, 64, 0, 1, seed=0) for step in range(22)])
              for epoch in range(2)]
    assert all(len(set(epoch)) == 22 * 64 for epoch in epochs)
    assert (epochs[0] != epochs[1]).any()
    assert (digits.positions(0, 64, 0, 1, seed=1) != digits.positions(0, 64, 0, 1, seed=0)).any()


# ----- one process -----


@pytest.mark.slow
def test_one_process_reaches_the_accuracy(digits: Any, tmp_path: Path) -> None:
    # one BLAS thread, as mxl-launch sets it: more of them lose on arrays of this size
    run = subprocess.run([sys.executable, digits.__file__], cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"},
                         capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    accuracy, _ = told(run.stdout)
    assert accuracy >= 0.97
    records = json.loads((tmp_path / "runs/digits/curve.json").read_text())
    assert len(records) >= 300
    assert [record["step"] for record in records] == list(range(1, len(records) + 1))
    assert records[-1]["accuracy"] == pytest.approx(accuracy, abs=5e-4)
    assert np.mean([r["loss"] for r in records[-20:]]) < 0.05 < np.mean([r["loss"] for r in records[:20]])


def test_digest_is_equal_from_run_to_run(digits: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [run_here(digits, tmp_path / kind, capsys, "--steps", 5, "--kv-store", kind)
            for kind in ("local", "local", "device")]
    assert runs[0] == runs[1] == runs[2]
    assert run_here(digits, tmp_path, capsys, "--steps", 5, "--seed", 1)[1] != runs[0][1]


def test_a_curve_is_drawn(digits: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_here(digits, tmp_path / "new" / "folder", capsys, "--steps", 2)
    assert (tmp_path / "new" / "folder" / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_digest_is_of_the_weights_in_name_order(digits: Any, tmp_path: Path,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    _, digest = run_here(digits, tmp_path, capsys, "--steps", 1)
    with np.load(tmp_path / "weights.npz") as file:
        weights = dict(file)
    assert list(weights) == sorted(weights)
    assert sum(value.size for value in weights.values()) == 13_706
    assert digits.digest_of(weights) == digest
    weights["digits_conv0_bias"][0] = np.nextafter(weights["digits_conv0_bias"][0], np.float32(9))
    assert digits.digest_of(weights) != digest


@pytest.mark.parametrize("arguments, sentence", [
    (["--batch-size", "0"],    "--batch-size 0: expected 1 or more"),
    (["--steps", "0"],         "--steps 0: expected 1 or more"),
    (["--every", "-1"],        "--every -1: expected 1 or more"),
    (["--batch-size", "2000"], "--batch-size 2000: there are 1437 training digits"),
])
def test_arguments_that_cannot_be(digits: Any, capsys: pytest.CaptureFixture[str], arguments: list[str],
                                  sentence: str) -> None:
    with pytest.raises(SystemExit):
        digits.main(arguments)
    assert sentence in capsys.readouterr().err


def test_a_batch_smaller_than_the_workers_is_refused(digits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class FourWorkers:
        num_workers, rank, type = 4, 1, "dist_sync"

    monkeypatch.setattr(mx.kv, "create", lambda kind: FourWorkers())
    with pytest.raises(SystemExit, match="--batch-size 3 leaves some of 4 workers without a digit"):
        digits.main(["--batch-size", "3"])


# ----- a cluster of processes -----


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_four_workers_reach_the_accuracy(launch: Any, tmp_path: Path) -> None:
    output = launch("train_digits.py", workers=4, servers=2).stdout
    accuracy, _ = told(output)
    assert accuracy >= 0.97
    assert len(json.loads((tmp_path / "runs/digits/curve.json").read_text())) >= 300
    assert (tmp_path / "runs/digits/curve.png").exists()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_twenty_steps_agree_with_one_process(launch: Any, digits: Any, tmp_path: Path,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    run_here(digits, tmp_path / "one", capsys, "--steps", 20)
    outputs = [launch("train_digits.py", "--steps", 20, "--out", tmp_path / name, workers=4, servers=2).stdout
               for name in ("first", "second")]
    assert told(outputs[0]) == told(outputs[1])                     # the same bits from run to run
    with np.load(tmp_path / "one" / "weights.npz") as one, np.load(tmp_path / "first" / "weights.npz") as four:
        assert list(one) == list(four)
        for name in one:
            np.testing.assert_allclose(four[name], one[name], rtol=1e-4, atol=1e-6, err_msg=name)
