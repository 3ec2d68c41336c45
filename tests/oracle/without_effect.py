"""Arguments that are taken for MXNet's scripts' sake and change nothing here, by name, and why.

`unused()` finds them in the code: parameters of public functions of what MXNet has, that the function never reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("core/ops", "core/optimizer", "core/metric", "core/sparse", "core", "gluon", "compat", "viz", "symbol")
CUDA = "a hint to NVIDIA's library"
REASONS = {
    "cudnn_off": CUDA,
    "cudnn_tune": CUDA,
    "workspace": "memory that a GPU's library may use",
    "compute_size": "how many transforms a GPU does at once",
    "processing_batch_size": "how many rows a GPU does at once",
    "min_calib_range": "of inference on integers of 8 bits",
    "max_calib_range": "of inference on integers of 8 bits",
    "key": "names a group of GPUs",
    "deterministic": "what is summed here is summed in one order always",
    "sparse_grad": "read where the gradient is made",
    "dtype": "the table's own dtype is the result's, as in MXNet",
    "is_int": "of MXNet's own inside",
    "infer_range": "of MXNet's symbols",
    "lazy_update": "of row_sparse gradients, which have functions of their own",
    "name": "names a node of a graph; arrays have none",
    "ctx": "the result is where the data is",
    "thread_pool": "workers are threads always",
    "verify_ssl": "nothing is fetched",
    "labels": "a loss needs none, as in MXNet",
    "batch_size": "the cell has no states",
    "index": "read by optimizers that have other states",
}
# What a method is handed by whoever calls it, and need not read.
HANDED = {"F", "t", "lr", "wd", "weight", "ctx", "in_shapes", "in_dtypes", "handle", "keep", "spec", "path", "target",
          "estimator", "data"}  # fmt: skip
OVERRIDDEN = {"hybrid_forward", "step", "new_state", "create_operator", "settle", "before_write", "create_module",
              "find_spec", "train_begin", "train_end", "epoch_begin", "epoch_end", "batch_begin", "batch_end",
              "ctc_gradient"}  # fmt: skip


def unused() -> Iterator[tuple[str, str, str]]:
    """(file, function, argument) for each argument that a public function never reads."""
    files = {path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    for path in sorted(files):
        tree = ast.parse(path.read_text())
        owners = [("", tree), *((f"{node.name}.", node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
        for owner, node in owners:
            for function in node.body:
                if isinstance(function, ast.FunctionDef) and (
                    not function.name.startswith("_") or function.name == "__init__"
                ):
                    for argument in _never_read(function):
                        yield path.relative_to(ROOT).as_posix(), owner + function.name, argument


def _never_read(function: ast.FunctionDef) -> list[str]:
    body = [one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    if all(isinstance(one, (ast.Raise, ast.Pass)) for one in body):
        return []
    handed = HANDED if function.name in OVERRIDDEN else set()
    given = function.args
    names = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - {"self", "cls"} - handed
    read = {one.id for statement in function.body for one in ast.walk(statement) if isinstance(one, ast.Name)}
    return sorted(name for name in names - read if not name.startswith("_"))
