"""How many of MXNet's public names are replayed against a record of the real one: counted by watching the replays.

    python tests/oracle/count.py             run the replays, write replayed.json, print the share and what is left
    python tests/oracle/count.py --check     run them, and fail where replayed.json is not what was seen

The names are names.json's.  A name is *replayed* when a test that compares with a record of MXNet, and passes, calls
it: from the case's own lines, not from inside mxl.  Being there is not enough.  `left_out.py` has the reasons of those
that are not in mxl.
"""

from __future__ import annotations

import argparse
import fnmatch
import functools
import importlib.util
import inspect
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import mxl as mx
from mxl.core.op import Op

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
# The tests that compare with what the real MXNet gave.
RECORDS = (
    "oracle/test_replay.py", "core/test_facts.py", "core/ops/test_op_records.py", "core/ops/nn/test_nn_records.py",
    "gluon/nn/test_layers_facts.py", "gluon/rnn/test_recurrent_facts.py",
)  # fmt: skip
REPLAYED = HERE / "replayed.json"
PAGE = TESTS.parent / "docs" / "mxnet-names.md"
# Left out of the count, though there: the reason is that the real MXNet cannot be asked.
UNASKED = (
    "nd.IdentityAttachKLSparseReg", "nd.contrib.count_sketch", "nd.contrib.fft", "nd.contrib.ifft",
    "nd.sparse.BaseSparseNDArray", "nd.sparse.RowSparseNDArray.retain", "optimizer.Optimizer.set_lr_scale",
    "util.use_np", "util.use_np_array", "util.use_np_shape",
)  # fmt: skip
# Names whose every argument is not taken: the page says which.
LACKING = (
    "gluon.data.DataLoader", "nd.contrib.SparseEmbedding", "nd.contrib.edge_id", "nd.contrib.getnnz",
    "nd.contrib.hawkesll", "nd.from_numpy",
)  # fmt: skip
# What scripts define or inherit, and mxl calls: here a call from anywhere counts.
CALLED_BY_OTHERS = {
    "hybrid_forward", "forward", "backward", "infer_shape", "create_operator", "train_begin", "train_end",
    "epoch_begin", "epoch_end", "batch_begin", "batch_end", "fit_batch", "evaluate_batch", "state_info", "begin_state",
    "unroll", "reset", "create_state", "create_state_multi_precision", "update", "update_multi_precision", "step",
    "fused_step", "list_arguments", "list_outputs", "list_auxiliary_states", "infer_type", "register_child",
}  # fmt: skip


def names() -> dict[str, list[str] | None]:
    """MXNet's public names and their parameters."""
    return json.loads((HERE / "names.json").read_text())


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"oracle_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def left_out() -> dict[str, str]:
    """Patterns of names that mxl does not have, or that nothing can be asked of, and why."""
    return _load("left_out").LEFT_OUT


def reason(name: str, patterns: dict[str, str]) -> str | None:
    """Why a name is left out, or None."""
    return next((why for pattern, why in patterns.items() if fnmatch.fnmatchcase(name, pattern)), None)


def resolve(name: str) -> tuple[Any, type | None]:
    """What mxl has under a name, and the class that it was asked of.  Raises AttributeError where there is nothing."""
    *path, last = name.split(".")
    owner: Any = mx
    for part in path:
        owner = getattr(owner, part)
    if isinstance(owner, type):
        getattr(owner, last)
        return inspect.getattr_static(owner, last), owner
    return getattr(owner, last), None


# ----- what a call is known by -----


def key_of(thing: Any) -> Any:
    """What the profiler will see of a call of `thing`; None for what Python does not show."""
    if isinstance(thing, (staticmethod, classmethod)):
        thing = thing.__func__
    if isinstance(thing, property):
        thing = thing.fget
    if isinstance(thing, Op):
        return "op", thing.name
    if isinstance(thing, type):
        return "class", thing
    code = getattr(thing, "__code__", None)
    if code is None:
        wrapped = getattr(thing, "func", None) or getattr(thing, "__wrapped__", None)
        return None if wrapped is None else key_of(wrapped)
    cells = thing.__closure__ or ()
    return "code", code, tuple(id(cell.cell_contents) for cell in cells)


class Seen:
    """A plugin of pytest: the calls made by the lines of passing tests of records."""

    def __init__(self) -> None:
        self.keys: set[Any] = set()
        self.methods: dict[Any, set[type]] = {}
        folders = ("oracle/cases", "core/ops/records", "core/facts", "gluon/facts")
        self.callers = (*(str(TESTS / path) for path in (*RECORDS, *folders)), "<string>", "<record>")
        self.fresh: list[tuple[Any, type | None]] = []
        self.known: dict[str, bool] = {}
        self.failed = 0

    @functools.cached_property
    def kinds(self) -> set[type]:
        """The classes that methods were called of, once all tests have run."""
        return set().union(*self.methods.values())

    def profile(self, frame: Any, event: str, _argument: Any) -> None:
        if event != "call" or frame.f_back is None:
            return
        caller = frame.f_back.f_code.co_filename
        ours = self.known.get(caller)
        if ours is None:
            ours = self.known[caller] = caller.startswith(self.callers)
        code = frame.f_code
        if not ours and code.co_name not in CALLED_BY_OTHERS:
            return
        values = frame.f_locals
        first = values.get(code.co_varnames[0]) if code.co_argcount else None
        if code is Op.__call__.__code__:
            self.fresh.append((("op", values["self"].name), None))
            return
        cells = tuple(id(values.get(name)) for name in code.co_freevars)
        self.fresh.append((("code", code, cells), type(first) if code.co_argcount else None))
        if code.co_varnames[:1] in (("self",), ("cls",), ("_cls",)):  # _cls: of a named tuple
            kind = first if isinstance(first, type) else type(first)
            self.fresh.append((("class", kind), None))
            if kind.__module__.startswith("oracle_"):  # a class of the case's own stands for those that it is made of
                self.fresh += [(("class", base), None) for base in kind.__mro__]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Any:
        self.fresh = []
        on = "differs_on_purpose" not in item.name
        if on:
            threading.setprofile(self.profile)
            sys.setprofile(self.profile)
        try:
            result = yield
        except BaseException:
            self.failed += 1
            raise
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
        for key, kind in self.fresh:
            self.keys.add(key)
            if kind is not None:
                self.methods.setdefault(key, set()).add(kind)
        return result

    def has(self, name: str) -> bool:
        """Whether a name was called."""
        try:
            thing, owner = resolve(name)
        except AttributeError:
            return False
        key = key_of(thing)
        if owner is None or isinstance(thing, staticmethod):
            return key in self.keys
        if any(issubclass(kind, owner) or kind is type for kind in self.methods.get(key, ())):
            return True
        last = name.rpartition(".")[2]  # a subclass that has its own
        return any(self.called_of(kind, last) for kind in self.kinds if kind is not owner and issubclass(kind, owner))

    def called_of(self, kind: type, name: str) -> bool:
        """Whether the attribute that a class has under a name was called of it."""
        key = key_of(inspect.getattr_static(kind, name, None))
        return key is not None and any(issubclass(one, kind) for one in self.methods.get(key, ()))


def watch() -> tuple[set[str], int]:
    """The names that the replays call, and how many tests failed."""
    seen = Seen()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = ["-q", "-p", "no:cacheprovider", "--no-header", "-o", "timeout=1200"]
    pytest.main([*options, *(str(TESTS / path) for path in RECORDS)], plugins=[seen])
    return {name for name in names() if seen.has(name)}, seen.failed


def classes(replayed: set[str]) -> dict[str, str]:
    """'replayed', 'left out: why', 'present' or 'absent' for each name."""
    patterns = left_out()
    found = {}
    for name in names():
        try:
            resolve(name)
            there = True
        except AttributeError:
            there = False
        why = reason(name, patterns)
        if name in replayed:
            found[name] = "replayed"
        elif why is not None:
            found[name] = f"left out: {why}"
        else:
            found[name] = "present" if there else "absent"
    return found


def lacking(kinds: dict[str, str]) -> dict[str, list[str]]:
    """Arguments of MXNet's that ours do not take, by name."""
    found = {}
    theirs = names()
    for name in kinds:
        try:
            missing = _load_once("names_page").missing_arguments(resolve(name)[0], theirs[name])
        except AttributeError:
            continue
        if missing:
            found[name] = missing
    return found


@functools.cache
def _load_once(name: str) -> Any:
    return _load(name)


def text_of_page(kinds: dict[str, str]) -> str:
    """docs/mxnet-names.md."""
    ignored = _load_once("without_effect")
    return _load_once("names_page").page(kinds, lacking(kinds), list(ignored.unused()), ignored.REASONS)


def main() -> int:
    parser = argparse.ArgumentParser(description="Count MXNet's names that are replayed.")
    parser.add_argument("--check", action="store_true", help="fail where replayed.json is not what the replays call")
    arguments = parser.parse_args()
    replayed, failed = watch()
    if arguments.check:
        before = set(json.loads(REPLAYED.read_text()))
        for name in sorted(before ^ replayed):
            print("no longer called" if name in before else "not listed", name)
        return int(bool(failed) or before != replayed)
    REPLAYED.write_text(json.dumps(sorted(replayed), indent=0) + "\n")
    found = classes(replayed)
    PAGE.write_text(text_of_page(found))
    kinds = [kind.partition(":")[0] for kind in found.values()]
    for kind in ("present", "absent"):
        print(f"\n{kind}:", " ".join(name for name, what in found.items() if what == kind))
    print(f"\n{len(found)} names:", ", ".join(f"{kinds.count(k)} {k}" for k in sorted(set(kinds))))
    print(f"replayed: {kinds.count('replayed') / len(found):.1%} of all")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
