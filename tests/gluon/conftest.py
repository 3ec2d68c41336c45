"""Fixtures of Gluon's tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

import mxl as mx


@pytest.fixture(autouse=True)
def fresh_random_streams() -> None:
    mx.random.seed(0)


@pytest.fixture
def fresh_names() -> Callable[[Callable[[], Any]], Any]:
    """Calls a function where no block has been named yet: names are counted thread by thread."""

    def call(fn: Callable[[], Any]) -> Any:
        results: list[Any] = []
        thread = threading.Thread(target=lambda: results.append(fn()))
        thread.start()
        thread.join()
        assert results, "the function failed in its thread; see above"
        return results[0]

    return call
