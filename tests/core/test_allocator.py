"""The allocator: its replacement, and what the C library is told."""

import ctypes
import os
import sys
from pathlib import Path

import numpy as np
import pytest

import mxl
from mxl.core import allocator, nd


@pytest.fixture
def told(monkeypatch):
    """What mallopt is called with, on a Linux with glibc where nobody set its variables."""
    calls = []

    class Library:
        def __init__(self, name):
            assert name is None

        def mallopt(self, setting, size_bytes):
            calls.append((setting, size_bytes))
            return 1

    monkeypatch.setattr(ctypes, "CDLL", Library)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.36")
    for name in allocator.OWN_WISHES:
        monkeypatch.delenv(name, raising=False)
    allocator.keep_freed_memory.cache_clear()
    yield calls
    allocator.keep_freed_memory.cache_clear()


@pytest.mark.parametrize("make", [lambda: nd.zeros((2,)), lambda: nd.array([1, 2]), lambda: nd.empty((2,))])
def test_glibc_is_told_once_to_keep_freed_memory(told, make):
    make(), make()
    assert told == [(-3, 32 << 20), (-1, 256 << 20)]
    assert allocator.keep_freed_memory()


def no_answer(name):
    raise ValueError("unrecognized configuration name")


@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda patch: patch.setattr(sys, "platform", "darwin"),
        lambda patch: patch.setattr(os, "confstr", lambda name: None),
        lambda patch: patch.setattr(os, "confstr", no_answer),
        *[lambda patch, name=name: patch.setenv(name, "131072") for name in allocator.OWN_WISHES],
    ],
    ids=["macOS", "musl", "another C library", *allocator.OWN_WISHES],
)
def test_elsewhere_and_where_the_user_decided_nothing_is_told(told, monkeypatch, elsewhere):
    elsewhere(monkeypatch)
    nd.zeros((2,))
    assert told == []
    assert not allocator.keep_freed_memory()


def test_no_other_file_changes_the_c_librarys_settings():
    root = Path(mxl.__file__).parent
    files = [path for package in root.glob("*/__init__.py") for path in package.parent.rglob("*.py")]
    assert [str(path.relative_to(root)) for path in files if "mallopt" in path.read_text()] == ["core/allocator.py"]


def test_a_replacement_gives_the_memory():
    given = []

    def mine(shape, dtype):
        given.append(np.full(shape, 7, dtype))
        return given[-1]

    assert allocator.set_allocator(mine) is not mine
    try:
        zeros, copy = allocator.zeros((2,), np.dtype("float32")), allocator.copy(np.arange(3.0)[::-1])
    finally:
        assert allocator.set_allocator(None) is mine
    assert given[0] is zeros
    assert zeros.tolist() == [0, 0]
    assert given[1] is copy
    assert copy.tolist() == [2, 1, 0]
    assert allocator.empty((2,), np.dtype("int8")).shape == (2,)
    assert len(given) == 2
