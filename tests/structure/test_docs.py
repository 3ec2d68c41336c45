"""The pages: links lead somewhere, every page can be reached, and their commands, programs and examples are real."""

from __future__ import annotations

import ast
import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]


def links(page: Path) -> list[tuple[str, str]]:
    """(path, anchor) of each link of a page into the tree."""
    text = FENCED.sub("", page.read_text())
    return [(target.partition("#")[0], target.partition("#")[2]) for target in LINK.findall(text)
            if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """What a heading is called in a link: lower case, without punctuation, spaces as hyphens."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in links(page):
        target = (page.parent / path) if path else page
        assert target.exists(), f"{page.name} links to {path}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {path}#{anchor}"


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs/README.md"
    listed = {(index.parent / path).resolve() for path, _ in links(index)}
    assert {page.name for page in (ROOT / "docs").rglob("*.md") if page != index and page not in listed} == set()


def test_make_commands_of_the_pages_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    for page in pages():
        named = set(re.findall(r"`make (\w+)", page.read_text()))
        for language, block in FENCED.findall(page.read_text()):
            if language in ("sh", "console"):
                named |= set(re.findall(r"^(?:\$ )?make (\w+)", block, re.M))
        assert named <= targets, page.name


@pytest.mark.parametrize("name, words", [
    ("README.md", "make train"), ("LICENSE", "Apache License"), ("CHANGELOG.md", "## 0.1.0"),
    ("CONTRIBUTING.md", "make check"),
])
def test_the_pages_that_every_project_has_are_there(name: str, words: str) -> None:
    assert words in (ROOT / name).read_text()


def test_the_architecture_is_one_page_with_a_drawing() -> None:
    """One page of ten minutes: 200 words a minute.  Tables are looked up, not read."""
    text = (ROOT / "docs/architecture.md").read_text()
    drawing = re.search(r"```\n(.*?)```", text, re.S)
    assert drawing
    assert {"Push", "Values", "outbox", "clocks", "update"} <= set(re.findall(r"\w+", drawing[1]))
    read = re.sub(r"^\|.*$", "", text.replace(drawing[1], ""), flags=re.M)
    assert len(read.split()) < 2000


def test_the_rigs_transcript_agrees_with_this_host() -> None:
    """The cluster of containers and mxl-launch have told the same accuracy and the same digest."""
    (transcript,) = re.findall(r"```text\n(.*?)```", (ROOT / "docs/rig.md").read_text(), re.S)
    cluster, _, host = transcript.partition("$ mxl-launch -n 4 -s 2 examples/train_digits.py")
    ends = [re.findall(r"\| (accuracy 0\.\d+|weights sha256 \w{64})$", part, re.M) for part in (cluster, host)]
    assert len(ends[0]) == 2
    assert ends[0] == ends[1]
    assert float(ends[0][0].split()[1]) >= 0.97
    services = {name: re.findall(rf"_{name}_\d+ .* Up", cluster) for name in ("scheduler", "server", "worker")}
    assert {name: len(lines) for name, lines in services.items()} == {"scheduler": 1, "server": 2, "worker": 4}
    assert cluster.count("Up (healthy)") == 3
    assert all(end in (ROOT / "README.md").read_text() for end in ends[0])


def test_the_sentences_of_the_troubleshooting_page_are_said(tree) -> None:
    """Each is quoted as the code has it: between two `…` stands text of one string there."""
    said: list[str] = []
    for path in tree.modules.values():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                said.append("".join(v.value if isinstance(v, ast.Constant) else "…" for v in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.append(node.value)
    everything = "\n".join(said)
    sentences = re.findall(r"^\*\*`(.+?)`\*\*", (ROOT / "docs/troubleshooting.md").read_text(), re.M)
    assert len(sentences) > 40
    pieces = [piece.strip(" ,.;:'") for sentence in sentences for piece in sentence.split("…")]
    assert [piece for piece in pieces if piece not in everything] == []


def examples() -> dict[str, str]:
    """The interactive examples of each page, one after the other."""
    found = {page: "\n".join(code for language, code in FENCED.findall(page.read_text()) if language == "pycon")
             for page in pages()}
    return {str(page.relative_to(ROOT)): text for page, text in found.items() if text}


@pytest.mark.parametrize("page", examples())
def test_examples_of_the_pages_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of their own, from the page's first to its last."""
    import mxl as mx

    monkeypatch.chdir(tmp_path)
    mx.random.seed(0)
    test = doctest.DocTestParser().get_doctest(examples()[page], {}, page, page, 0)
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=told.append)
    assert result.failed == 0, "".join(told)


def programs() -> list[str]:
    return [block for language, block in FENCED.findall((ROOT / "README.md").read_text()) if language == "python"]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(programs())))
def test_programs_of_the_readme_run(number: int, tmp_path: Path) -> None:
    """Each as a script of its own, under mxl-launch where it asks for a dist store; `# prints x` is what it prints."""
    script = tmp_path / "train.py"
    script.write_text(programs()[number])
    launcher = [Path(sys.executable).with_name("mxl-launch"), "-n", "2"]
    alone = "dist_" not in programs()[number] or "testing.cluster" in programs()[number]
    launch = [sys.executable] if alone else launcher
    run = subprocess.run([*launch, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    for told in re.findall(r"# prints (.+)$", programs()[number], re.M):
        assert told in run.stdout
