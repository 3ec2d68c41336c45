"""What --replicas and --max-restarts ask for, and what the banner promises."""

from __future__ import annotations

import pytest

from mxl.deploy.errors import LaunchError
from mxl.deploy.job import JobSpec, plan, protection
from mxl.deploy.launch import copies


@pytest.mark.parametrize("asked, servers, restarts, expected", [
    (None, 2, 0, 0), (None, 2, 3, 1), (None, 1, 3, 0), (0, 2, 3, 0), (1, 2, 1, 1),
])
def test_there_are_copies_where_restarts_are_allowed_and_two_servers(
    asked: int | None, servers: int, restarts: int, expected: int
) -> None:
    assert copies(asked, servers, restarts) == expected


def test_copies_without_another_server_or_without_restarts_are_refused() -> None:
    with pytest.raises(LaunchError, match=r"needs another server .*-s 2"):
        copies(1, 1, 3)
    with pytest.raises(LaunchError, match="add --max-restarts 3"):
        copies(1, 2, 0)


def test_the_banner_says_whose_death_the_job_survives() -> None:
    bare = JobSpec(num_workers=2, num_servers=2, command=("train",), folder="/run/mxl-1", cores=2)
    assert protection(bare).startswith("not protected")
    job = JobSpec(num_workers=2, num_servers=2, command=("train",), folder="/f", cores=2, replicas=1, max_restarts=3)
    assert "started again (3 restarts in all); the death of a worker or of the scheduler ends" in protection(job)
    assert all(process.env["MXL_REPLICAS"] == "1" for process in plan(job))
