"""The tutorial prints MXNet's digits in a fresh process without a seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "tutorial.py"

GRADIENT = """
[[-0.00470527 -0.00846948]
 [-0.03640365 -0.06552657]
 [ 0.00800354  0.01440637]]
<NDArray 3x2 @cpu(0)>
"""


def test_the_tutorial_prints_mxnets_digits() -> None:
    result = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(GRADIENT)
    steps = result.stdout.removeprefix(GRADIENT).splitlines()
    assert [line.split(":")[0] for line in steps] == ["step  20", "step  40", "step  60", "step  80", "step 100"]
    assert steps[-1].endswith("output 1.4947")
