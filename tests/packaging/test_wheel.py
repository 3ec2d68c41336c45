"""The wheel alone: built from the tree, installed into an empty environment elsewhere, it trains."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRAIN = """
import mxl as mx

kv = mx.kv.create("dist_sync")
net = mx.gluon.nn.Dense(1)
net.initialize(mx.init.Zero())
trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5}, kvstore=kv)
for _ in range(60):
    x = mx.nd.random.uniform(shape=(8, 2))
    with mx.autograd.record():
        loss = mx.gluon.loss.L2Loss()(net(x), (x * mx.nd.array([[2.0, -3.0]])).sum(axis=1, keepdims=True) + 1)
    loss.backward()
    trainer.step(8 * kv.num_workers)
print("worker", kv.rank, "of", kv.num_workers, "loss", f"{loss.mean().asscalar():.4f}", "from", mx.__file__)
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(*args: str | Path, folder: Path) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run([str(arg) for arg in args], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, args))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built in a copy: setuptools writes build/ and egg-info beside what it builds."""
    folder = tmp_path_factory.mktemp("wheel")
    hidden = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "tests")
    shutil.copytree(ROOT, folder / "tree", ignore=hidden)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, "./tree", folder=folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "venv", folder / "venv", folder=folder)
    run(folder / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", wheel, folder=folder)
    return folder / "venv/bin"


def test_it_is_pure_python_and_named_after_the_version(wheel: Path) -> None:
    version = re.search(r'^__version__ = "(.+)"$', (ROOT / "core/version.py").read_text(), re.M)
    assert version
    assert wheel.name == f"mxl-{version[1]}-py3-none-any.whl"


def test_it_holds_the_package_and_its_licence_and_no_more(wheel: Path, tmp_path: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {"/".join(name.split("/")[:2]) for name in names if name.startswith("mxl/")}
    assert {"mxl/__init__.py", "mxl/py.typed", "mxl/core", "mxl/kvstore", "mxl/server", "mxl/scheduler", "mxl/worker",
            "mxl/gluon", "mxl/viz", "mxl/testing", "mxl/deploy"} <= tops
    assert tops.isdisjoint({"mxl/tests", "mxl/examples", "mxl/benchmarks", "mxl/docs"})
    info = f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info"
    assert {name.split("/")[0] for name in names if not name.startswith("mxl/")} == {info}
    assert any(name.endswith("LICENSE") for name in names)


def test_it_trains_from_an_empty_environment(environment: Path, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(TRAIN)
    told = run(environment / "mxl-launch", "-n", "2", script, folder=tmp_path)
    ends = re.findall(r"worker (\d) of 2 loss ([\d.]+) from (\S+)", told)
    assert sorted(rank for rank, _, _ in ends) == ["0", "1"], told
    for _, loss, file in ends:
        assert float(loss) < 0.05
        assert Path(file).is_relative_to(environment.parent)
        assert not Path(file).is_relative_to(ROOT)
