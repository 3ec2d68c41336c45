"""Ask MXNet: its python runs this file, which writes what each of `scripts/` prints to `scripts/printed/`."""

import contextlib
import io
import pathlib
import runpy

HERE = pathlib.Path(__file__).resolve().parent / "scripts"
NEEDS_A_CLUSTER = {"dist_sync.py"}

for script in sorted(HERE.glob("*.py")):
    if script.name not in NEEDS_A_CLUSTER:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(script), run_name="__main__")
        (HERE / "printed" / f"{script.stem}.txt").write_text(printed.getvalue())
