"""`python -m mxl.compat.run train.py ...`: an MXNet script, unchanged, with mxl in the place of mxnet.

The script runs as `python train.py ...` would run it: it is `__main__`, `sys.argv` and `sys.path[0]` are its own, an
uncaught exception is shown from the script's first line on, and the exit code is the script's. Never: starts another
process, or a server. Processes that the script starts anew are plain Python again; those that it forks are like it.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType, TracebackType

from ..core.errors import MXLError
from ..kvstore.config import load
from ..kvstore.names import WORKER
from .mxnet import install_as_mxnet

USAGE_ERROR = 2
USAGE = "usage: python -m mxl.compat.run SCRIPT.py [ARGUMENT ...]"

# MXNet's scripts print one-element arrays, "%f" % loss.asnumpy(), which numpy refuses from 2.4 on
ONE_ELEMENT = "only 0-dimensional arrays can be converted to Python scalars"
ONE_ELEMENT_NOTE = ("numpy 2.4 and newer do not take an array of one element for a number: write x.asscalar() in place "
                    "of x.asnumpy(), or run the script unchanged with: pip install 'numpy<2.4'")


def main(argv: list[str]) -> None:
    """Run the script `argv[0]` with the arguments after it; what it raises goes through."""
    refusal = refused(argv)
    if refusal:
        print(refusal, file=sys.stderr)
        sys.exit(USAGE_ERROR)
    script = argv[0]
    file = os.path.join(os.getcwd(), script)
    sys.argv[:] = argv
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(file))
    install_as_mxnet()
    sys.excepthook = show
    module = as_main(file)
    exec(code_of(file), module.__dict__)


def refused(argv: list[str]) -> str:
    """Why there is nothing to run; empty where there is."""
    if not argv or argv[0].startswith("-"):
        return USAGE
    if not os.path.isfile(argv[0]):
        return f"mxl.compat.run: there is no file {argv[0]} in {os.getcwd()}"
    try:
        role = load().role
    except MXLError as error:
        return f"mxl.compat.run: {error}"
    if role not in ("", WORKER):
        return (f"mxl.compat.run: this process is a {role} (MXL_ROLE, DMLC_ROLE). MXNet's import turns it into one; "
                f"here mxl-launch starts servers and scheduler by itself, and by hand a {role} is "
                f"python -m mxl.{role}, without the script")
    return ""


def as_main(file: str) -> ModuleType:
    """A new, empty `__main__` for a script; it stays to the end of the process: threads and exit handlers need it."""
    module = ModuleType("__main__")
    module.__file__ = file
    module.__loader__ = SourceFileLoader("__main__", file)
    module.__dict__["__cached__"] = None
    module.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = module
    return module


def code_of(file: str) -> CodeType:
    """The compiled script.  Raises SyntaxError."""
    with open(file, "rb") as source:
        return compile(source.read(), file, "exec", dont_inherit=True)


def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's own report of an uncaught exception, without the frames that are not the script's.

    Where numpy is too new for a habit of MXNet's scripts, a line more says so.
    """
    while trace is not None and trace.tb_frame.f_globals is not sys.modules["__main__"].__dict__:
        trace = trace.tb_next
    if isinstance(error, TypeError) and str(error) == ONE_ELEMENT:
        error.add_note(ONE_ELEMENT_NOTE)
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


if __name__ == "__main__":
    main(sys.argv[1:])
