"""What an import costs: a process loads only what its role needs, from wherever it is started."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("mxl.gluon", "mxl.viz", "numpy.random", "matplotlib", "graphviz", "sklearn", "scipy")


@pytest.mark.slow
@pytest.mark.parametrize("statement, banned", [
    ("import mxl", ("zmq", "numpy", "msgpack", "rich", "click", *HEAVY)),
    ("import mxl.core.nd", ("zmq", "mxl.kvstore", *HEAVY)),
    ("import mxl.kvstore", ("zmq", "mxl.worker", "mxl.server", "mxl.scheduler", *HEAVY)),
    ("import mxl.server", ("mxl.worker", "mxl.scheduler", *HEAVY)),
    ("import mxl.scheduler", ("mxl.worker", "mxl.server", *HEAVY)),
    ("import mxl.worker", ("mxl.server", "mxl.scheduler", *HEAVY)),
    ("import mxl.gluon", ("zmq", "mxl.worker", "mxl.server", "matplotlib", "graphviz", "sklearn")),
    ("import mxl.compat.at_import", ("zmq", "numpy", "mxl.kvstore", *HEAVY)),
    ("import mxl.viz", ("matplotlib", "graphviz")),
])
def test_import_loads_no_more_than_it_needs(tree, tmp_path, statement: str, banned: tuple[str, ...]) -> None:
    code = f"{statement}; import sys; print(*sys.modules, sep='\\n')"
    for folder in (tmp_path, tree.root):  # in the root, core/ and server/ lie in the first place Python looks at
        run = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        loaded = run.stdout.split()
        assert "mxl" in loaded
        assert [name for name in loaded if name in banned or name.startswith(tuple(f"{b}." for b in banned))] == []
        assert set(loaded).isdisjoint({"core", "kvstore", "server", "scheduler", "worker", "gluon", "viz", "testing"})
