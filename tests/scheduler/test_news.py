"""News: what is kept of counters and stories is bounded, and an exit has its words."""

from __future__ import annotations

import pytest

from mxl.kvstore.table import ADMITTED, Member, Table
from mxl.scheduler.liveness import Liveness
from mxl.scheduler.news import COUNTER_MAX, COUNTERS_MAX, STORY_MAX, News, exit_text


def test_counters_are_cut_to_numbers_and_short_texts() -> None:
    news = News()
    news.counted("worker:0:0", {"text": "y" * 500, "list": [1], **{f"n{i}": i for i in range(100)}})
    table = Table(workers={0: Member("worker", 0, 0, ADMITTED, "here")})
    counters = news.of_members(table, Liveness(1.0, 2.0), (), 0.0)["worker:0:0"]["counters"]
    assert len(counters) == COUNTERS_MAX
    assert counters["text"] == "y" * COUNTER_MAX
    assert "list" not in counters


def test_a_story_goes_over_lives_and_keeps_its_end() -> None:
    news = News()
    news.happened("worker:1:0", "joined")
    news.happened("worker:1:1", "joined")
    assert news.story("worker:1") == ["joined", "joined"]
    for _ in range(2 * STORY_MAX):
        news.happened("worker:1:1", "suspect")
    news.happened("worker:1:1", "left")
    assert (len(news.story("worker:1")), news.story("worker:1")[-1]) == (STORY_MAX, "left")
    assert news.story("worker:2") == []


@pytest.mark.parametrize(
    "code, text",
    [
        (3, "ended with exit code 3"),
        (0, "ended with exit code 0 without leaving the job"),
        (-9, "was killed by SIGKILL"),
        (-200, "was killed by signal 200"),
    ],
)
def test_an_exit_has_its_words(code: int, text: str) -> None:
    assert exit_text(code) == text
