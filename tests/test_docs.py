"""The documentation: its examples run, every energy and every public name has its place."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import smplceres as sc

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CODE = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
PAGES = sorted([*DOCS.glob("*.md")])

sys.path.insert(0, str(ROOT / "tools"))
import docs_energies  # noqa: E402


def code_of(page: Path) -> str:
    """The examples of a page, one after the other, each at its line of the page."""
    text = page.read_text(encoding="utf-8")
    program = [""] * text.count("\n")
    for block in CODE.finditer(text):
        first = text.count("\n", 0, block.start(1))
        lines = block[1].splitlines()
        program[first : first + len(lines)] = lines
    return "\n".join(program)


WITH_CODE = [page for page in PAGES if code_of(page).strip()]


def test_pages_have_examples() -> None:
    assert {"index.md", "tutorial.md", "cameras.md", "video.md"} <= {p.name for p in WITH_CODE}


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_examples_run(page, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code_of(page), str(page), "exec"), {"__name__": page.stem})


def test_every_energy_is_on_the_page_of_energies_and_in_the_readme() -> None:
    shared = {"term", "normal_cost", "point_term", "pooled_term"}  # what terms are made of
    terms = {path.stem for path in (docs_energies.SOURCES / "terms").glob("*.h")} - shared
    page = (DOCS / "energies.md").read_text(encoding="utf-8")
    named = set(docs_energies.DIRECTIVE.findall(page))
    assert named == {f"terms/{term}" for term in terms} | {"fit/recent_frames"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"^\| \[`(\w+)`\]\(cpp/smplceres/\w+/\1\.h\) \|", readme, re.M)
    assert set(linked) == terms | {"recent_frames"} and len(linked) == len(named)


def test_the_page_of_energies_has_the_equations_of_the_files() -> None:
    page = docs_energies.on_page_markdown("::: energy terms/reprojection\n")
    assert "E = weight sum_k w_k^2 c_k^2 rho" in page
    assert "[`cpp/smplceres/terms/reprojection.h`](source/terms/reprojection.md)" in page
    source = docs_energies.source_page(docs_energies.SOURCES / "terms" / "reprojection.h")
    assert "class Reprojection" in source


def test_every_public_name_is_in_the_reference() -> None:
    page = (DOCS / "reference.md").read_text(encoding="utf-8")
    named = {name.rpartition(".")[2] for name in re.findall(r"^::: (\S+)$", page, re.M)}
    assert named == set(sc.__all__)


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f": {page.name}\n" not in navigation] == []
