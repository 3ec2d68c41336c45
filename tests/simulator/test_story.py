"""What one sees of a seed that breaks a rule: every node's last events, what each waits for, how to replay."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from mxl.kvstore.outbox import Outbox
from mxl.server.clocks import ShardClocks
from mxl.testing.simulate import main
from mxl.testing.simulator import Violation, hunt, run


@pytest.fixture
def one_rank_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: a clock closes with whoever is there."""
    original = ShardClocks.next_update
    monkeypatch.setattr(ShardClocks, "next_update", lambda self, live: original(self, frozenset()))


@pytest.mark.usefixtures("one_rank_missing")
def test_the_story_of_a_broken_rule() -> None:
    found = hunt(50)
    assert found is not None
    seed, rule = found
    with pytest.raises(Violation) as broken:
        run(seed)
    story = str(broken.value)
    assert story.startswith(rule)
    assert f"seed {seed}: " in story
    for node in ("scheduler:", "server 0:", "worker 0:"):
        assert f"\n{node}" in story
    assert "-> server:" in story
    assert "   push " in story
    assert story.endswith(f"replay: python -m mxl.testing.simulate --seed {seed} --story")


def test_a_job_that_hangs_says_what_each_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outbox, "flush", lambda self, membership, now: [])
    with pytest.raises(Violation) as broken:
        run(0)
    story = str(broken.value)
    assert "the job is not over after" in story
    assert "waits: the script is at open" in story
    assert "queued for server:0:0" in story


def test_the_command_counts_and_ends_well() -> None:
    result = CliRunner().invoke(main, ["--seeds", "5", "--first", "100", "--processes", "1"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("5 seeds in ")
    assert "0 seeds broke a rule" in result.output


@pytest.mark.usefixtures("one_rank_missing")
def test_the_command_tells_the_first_story_and_fails() -> None:
    result = CliRunner().invoke(main, ["--seeds", "20", "--processes", "1"])
    assert result.exit_code == 1
    assert "breaks a rule:\n" in result.output
    assert "replay: python -m mxl.testing.simulate --seed" in result.output


@pytest.mark.usefixtures("one_rank_missing")
def test_one_seed_that_breaks_a_rule_fails_the_command() -> None:
    found = hunt(50)
    assert found is not None
    result = CliRunner().invoke(main, ["--seed", str(found[0])])
    assert result.exit_code == 1
    assert found[1] in result.output


def test_one_seed_tells_its_story_when_asked() -> None:
    result = CliRunner().invoke(main, ["--seed", "4", "--story"])
    assert result.exit_code == 0
    assert "seed 4 is clean" in result.output
    assert "Outcome(seed=4" in result.output


@pytest.mark.slow
def test_a_story_is_the_same_in_every_process() -> None:
    command = [sys.executable, "-m", "mxl.testing.simulate", "--seed", "7", "--story"]
    told = {
        subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


@pytest.mark.slow
def test_processes_share_the_seeds() -> None:
    command = [sys.executable, "-m", "mxl.testing.simulate", "--seeds", "120", "--processes", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("120 seeds in ")
