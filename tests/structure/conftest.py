"""The tree as the structure tests see it: the root, its packages, its Python and its text files."""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path

import pytest

GENERATED = {"build", "dist", "node_modules", "__pycache__"}


class Tree:
    """A checkout, read from the disk (not from git: an unpacked archive is held to the same rules)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def pyproject(self) -> dict:
        return tomllib.loads((self.root / "pyproject.toml").read_text())

    @cached_property
    def files(self) -> list[Path]:
        """Every file but generated and hidden ones; of the hidden ones those that are part of the project."""
        return sorted([*self._walk(self.root), *self._walk(self.root / ".ci"), self.root / ".gitignore"])

    def _walk(self, folder: Path) -> list[Path]:
        found = []
        for path in folder.iterdir():
            generated = path.name in GENERATED or path.name.endswith(".egg-info")
            if generated or path.name.startswith(".") or path.is_symlink():
                continue
            found += self._walk(path) if path.is_dir() else [path]
        return found

    @cached_property
    def packages(self) -> dict[str, Path]:
        """Dotted name -> folder, of each folder that is a package."""
        found = {}
        for path in self.files:
            if path.name == "__init__.py" and self.top(path) not in {"tests", "examples", "benchmarks", "docs"}:
                found[".".join(("mxl", *path.parent.relative_to(self.root).parts))] = path.parent
        return found

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Dotted name -> file, of each module of the package."""
        found = {}
        for package, folder in self.packages.items():
            for path in sorted(folder.glob("*.py")):
                found[package if path.stem == "__init__" else f"{package}.{path.stem}"] = path
        return found

    def python(self, *tops: str) -> list[Path]:
        """The Python files beneath the named folders of the root."""
        return [path for path in self.files if path.suffix == ".py" and self.top(path) in tops]

    def top(self, path: Path) -> str:
        return path.relative_to(self.root).parts[0]

    def name(self, path: Path) -> str:
        return str(path.relative_to(self.root))


@pytest.fixture(scope="session")
def tree() -> Tree:
    return Tree(Path(__file__).resolve().parents[2])
