"""Writes the differences of `differences.py` as a table into docs/coming-from-mxnet.md: `make docs` runs this file."""

from __future__ import annotations

import importlib.util
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "coming-from-mxnet.md"
BEGIN, END = "<!-- made by tests/oracle/table.py -->\n", "<!-- end -->\n"

# a file of cases (or how its name begins) -> what it is about; the order is the table's
AREAS = {
    "nd": "arrays", "ag": "autograd", "blocks": "gluon", "layers": "gluon", "parameters": "gluon", "losses": "gluon",
    "saving": "files", "settings": "optimizers", "opt": "optimizers",
    "trainer": "Trainer", "kv": "KVStore", "flows": "KVStore", "sparse": "sparse arrays", "vision": "images",
    "modules": "small modules", "zoo": "model zoo", "graph": "graphs", "estimator": "estimator", "rest": "rest",
    "contrib": "gluon.contrib",
}


def table(different: dict[str, str]) -> str:
    """The rows: area, case, what differs.  Cases with the same reason are one row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for name, reason in different.items():
        file, _, case = name.partition(".")
        area = next((area for key, area in AREAS.items() if file == key or file.startswith(f"{key}_")), file)
        rows.setdefault((area, reason), []).append(case.replace("_", " "))
    order = {area: at for at, area in enumerate(dict.fromkeys(AREAS.values()))}
    lines = [f"| {area} | {', '.join(cases)} | {reason} |"
             for (area, reason), cases in sorted(rows.items(), key=lambda row: order.get(row[0][0], len(order)))]
    return "\n".join(["| | case | what differs |", "|---|---|---|", *lines, ""])


def page(text: str, different: dict[str, str]) -> str:
    """The page with its table replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(different)}\n{END}{after}"


def differences() -> dict[str, str]:
    """The table of this folder, loaded by its path."""
    spec = importlib.util.spec_from_file_location("oracle_differences", HERE / "differences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DIFFERENT


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(), differences()))
