"""`python -m mxl.compat.run train.py`: like `python train.py`, and with what MXNet itself prints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mxl.compat.run import ONE_ELEMENT, ONE_ELEMENT_NOTE, USAGE, main, refused, show

SCRIPTS = Path(__file__).parent / "scripts"
RECORDED = sorted(path.stem for path in (SCRIPTS / "printed").glob("*.txt"))


def run(folder: Path, *words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *map(str, words)], cwd=folder, capture_output=True, text=True, check=False,
                          env={**os.environ, **env})


def both(folder: Path, script: str, *arguments: str, options: tuple[str, ...] = ()) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of a script under plain Python, and of the same one as an MXNet script."""
    runs = [run(folder, *options, *way, script, *arguments) for way in ((), ("-m", "mxl.compat.run"))]
    return [(done.returncode, done.stdout, done.stderr) for done in runs]


# ----- MXNet's scripts -----


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDED)
def test_a_script_prints_what_it_prints_under_mxnet(name: str, tmp_path: Path) -> None:
    """The records are of MXNet 1.9.1: record.py."""
    done = run(tmp_path, "-m", "mxl.compat.run", SCRIPTS / f"{name}.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (SCRIPTS / "printed" / f"{name}.txt").read_text()


def test_every_script_has_its_record() -> None:
    assert sorted(path.stem for path in SCRIPTS.glob("*.py") if path.stem != "dist_sync") == RECORDED
    assert len(RECORDED) == 8


# ----- like python itself -----


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-P",)])
def test_a_script_sees_what_it_sees_under_python(options: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "beside.py").write_text("HERE = 'beside'\n")
    (tmp_path / "sub" / "train.py").write_text('''"""A script."""
import atexit, sys, threading
print(__name__, __file__, __doc__, __package__, __spec__, __cached__, type(__loader__).__name__, __loader__.path)
print(sys.argv, sys.path[0], sys.modules["__main__"].__dict__ is globals(), __builtins__)
print(sorted(set(globals()) - {"__annotations__"}))
if not sys.flags.safe_path:
    import beside
    print(beside.HERE)
class Mine: pass
print(Mine, Mine.__module__)
def at_end(): print("at the end", Mine)
atexit.register(at_end)
threading.Thread(target=lambda: threading.main_thread().join() or print("thread", Mine)).start()
''')
    plain, as_mxnet = both(tmp_path, "sub/train.py", "--lr", "0.1", "-h", options=options)
    assert plain == as_mxnet
    assert plain[0] == 0, plain[2]


@pytest.mark.slow
@pytest.mark.parametrize("body, code", [
    ("def f():\n    return 1 / 0\nf()\n", 1),
    ("try:\n    {}['x']\nexcept KeyError:\n    raise ValueError('second')\n", 1),
    ("import sys\nsys.exit(3)\n", 3),
    ("raise SystemExit('a sentence')\n", 1),
    ("x = (\n", 1),
    # A job in the background of a shell begins with this signal ignored.
    ("import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
     "os.kill(os.getpid(), signal.SIGINT)\n", -signal.SIGINT),
], ids=["raises", "raises from", "exits", "exits with a sentence", "does not compile", "is interrupted"])
def test_a_script_ends_as_under_python(body: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(body)
    plain, as_mxnet = both(tmp_path, "train.py")
    assert plain == as_mxnet
    assert plain[0] == code


def test_what_a_newer_numpy_refuses_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    show(TypeError, TypeError(ONE_ELEMENT), None)
    assert capsys.readouterr().err.splitlines()[-1] == ONE_ELEMENT_NOTE


def test_the_sentence_is_numpys() -> None:
    """numpy 2.3 and older convert, with a warning."""
    if np.lib.NumpyVersion(np.__version__) >= "2.4.0":
        with pytest.raises(TypeError) as refused:
            float(np.ones(1))
        assert str(refused.value) == ONE_ELEMENT


# ----- what is refused -----


@pytest.mark.parametrize("words, sentence", [
    ((), USAGE), (("--help",), USAGE), (("-m", "x"), USAGE),
    (("nowhere.py",), "mxl.compat.run: there is no file nowhere.py in "),
])
def test_nothing_to_run_is_said(words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(sentence)
    assert "mxnet" not in sys.modules


@pytest.mark.parametrize("name", ["DMLC_ROLE", "MXL_ROLE"])
@pytest.mark.parametrize("role", ["server", "scheduler"])
def test_a_script_is_no_server(name: str, role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "train.py"
    script.touch()
    monkeypatch.setenv(name, role)
    assert refused([str(script)]) == (
        f"mxl.compat.run: this process is a {role} (MXL_ROLE, DMLC_ROLE). MXNet's import turns it into one; here "
        f"mxl-launch starts servers and scheduler by itself, and by hand a {role} is python -m mxl.{role}, without the "
        "script")
    monkeypatch.setenv(name, "worker")
    assert refused([str(script)]) == ""


def test_a_setting_that_cannot_be_used_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "train.py"
    script.touch()
    monkeypatch.setenv("MXL_HEARTBEAT_S", "often")
    assert refused([str(script)]) == "mxl.compat.run: MXL_HEARTBEAT_S is 'often'; expected seconds, more than 0"


# ----- several workers -----


def launched(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return run(folder, Path(sys.executable).with_name("mxl-launch"), "--as-mxnet", *words)


@pytest.mark.slow
def test_a_dist_sync_script_runs_unchanged(tmp_path: Path) -> None:
    done = launched(tmp_path, "-n", 2, SCRIPTS / "dist_sync.py")
    assert done.returncode == 0, done.stdout + done.stderr
    for rank in (0, 1):
        assert f"worker {rank}  | worker {rank} of 2: w [[3.0, 3.0], [3.0, 3.0]]" in done.stdout
    assert done.stdout.count("fitted True") == 2


@pytest.mark.slow
def test_servers_import_a_file_of_optimizers_that_imports_mxnet(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("""
import mxnet as mx

@mx.optimizer.Optimizer.register
class Halving(mx.optimizer.Optimizer):
    def create_state(self, index, weight):
        return None
    def step(self, weight, grad, state, out, *, lr, wd, t):
        out[:] = weight / 2 + grad
""")
    (tmp_path / "train.py").write_text("""
import sys
import mxnet as mx
import rules
kv = mx.kv.create("dist_sync")
kv.init(0, mx.nd.ones((2,)) * 4)
kv.set_optimizer(mx.optimizer.create("halving"))
kv.push(0, mx.nd.ones((2,)))
w = mx.nd.zeros((2,))
kv.pull(0, out=w)
print(sys.argv[1:], w.asnumpy())
""")
    done = launched(tmp_path, "-n", 1, "--import", "rules", f"{sys.executable} -u train.py --lr 1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "worker 0  | ['--lr', '1'] [3. 3.]" in done.stdout
