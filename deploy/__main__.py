"""`python -m mxl.deploy` is `mxl-launch`."""

from __future__ import annotations

from .launch import main

main(prog_name="mxl-launch")
