"""The page of settings made from the fields: `python -m mxl.kvstore.settings_page > docs/settings.md`."""

from __future__ import annotations

from dataclasses import fields

from .settings import Settings, variable, written

HEAD = """\
# Settings

Made from `kvstore/settings.py` by `python -m mxl.kvstore.settings_page > docs/settings.md`.

A value is looked for in this order; the first place that has it decides:

1. an argument, where a call or a command takes one (`mxl-launch -n 4`);
2. the `MXL_*` variable;
3. the variable of MXNet (`MXNET_*`) or of its launcher (`DMLC_*`);
4. the TOML file that `MXL_CONFIG` names, else `mxl.toml` in the working folder; its keys are the names below;
5. the default.

An empty variable counts as not set. Sizes are in bytes, times in seconds, as the names say. A value that cannot be used
ends the program with a sentence that names the variable, what it holds and what was expected; so does an unknown key of
the file.

| setting | variable | also understood | default | meaning |
|---|---|---|---|---|
"""
FOOT = """
The file cannot set what belongs to one process of one job: {rows}.
"""


def page() -> str:
    """The whole page, as Markdown."""
    rows = [
        f"| `{f.name}` | `{variable(f)}` | {', '.join(f'`{name}`' for name in f.metadata['older'])} "
        f"| {f'`{written(f.default)}`' if written(f.default) else 'empty'} | {f.metadata['help']} |\n"
        for f in fields(Settings)]
    not_in_file = ", ".join(f"`{f.name}`" for f in fields(Settings) if not f.metadata["in_file"])
    return HEAD + "".join(rows) + FOOT.format(rows=not_in_file)


if __name__ == "__main__":
    print(page(), end="")
