"""mkdocs hook: puts the equation of each energy term on its page, and adds a page for its source.

A line `::: energy terms/ground` becomes the head comment of cpp/smplceres/terms/ground.h. The name
is a folder of cpp/smplceres and a header in it or in a folder below. `::: other energies` becomes a
section of all terms that the page does not name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[1] / "cpp" / "smplceres"
DIRECTIVE = re.compile(r"^::: energy ([\w/]+)$", re.M)
OTHERS = "::: other energies"
EQUATION = re.compile(r"^//\s+E = weight", re.M)
PAGE = "explain/energies.md"


def term_headers() -> list[Path]:
    """Headers of the energy terms: those in terms/ whose head comment defines E."""
    return [
        path
        for path in sorted((SOURCES / "terms").rglob("*.h"))
        if EQUATION.search(path.read_text(encoding="utf-8").split("#pragma once")[0])
    ]


def header_of(name: str) -> Path:
    """The header that a directive names.

    Raises:
        ValueError: there is none, or more than one.
    """
    folder, _, stem = name.rpartition("/")
    found = sorted((SOURCES / folder).rglob(f"{stem}.h"))
    if len(found) != 1:
        raise ValueError(
            f"::: energy {name}: expected one {stem}.h under cpp/smplceres/{folder}, "
            f"found {len(found)}"
        )
    return found[0]


def head_comment(path: Path) -> list[str]:
    """Lines of the comment at the top of a file, without slashes."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("//"):
            break
        lines.append(line.removeprefix("//").removeprefix(" "))
    if not lines:
        raise ValueError(f"{path}: expected a comment at the top, with the term's equation")
    return lines


def place_of(path: Path) -> str:
    """Where the site has the page of a header."""
    return f"source/{path.relative_to(SOURCES).with_suffix('.md').as_posix()}"


def section(name: str) -> str:
    """Heading, link to the source and head comment of a term."""
    path = header_of(name)
    lines = head_comment(path)
    title = lines[0].rstrip(".").split(":")[0]
    body = "\n".join(lines)
    link = f"[`cpp/smplceres/{path.relative_to(SOURCES).as_posix()}`](../{place_of(path)})"
    return f"### {title}\n\n{link}\n\n```text\n{body}\n```"


def source_page(path: Path) -> str:
    """A header as a page of the site that its search leaves out."""
    title = f"# cpp/smplceres/{path.relative_to(SOURCES).as_posix()}"
    code = path.read_text(encoding="utf-8")
    return f"---\nsearch: {{exclude: true}}\n---\n\n{title}\n\n```cpp\n{code}```\n"


def with_others(markdown: str) -> str:
    """The page with a directive for every term in place of `::: other energies`."""
    named = set(DIRECTIVE.findall(markdown))
    terms = [f"terms/{path.stem}" for path in term_headers()]
    directives = [f"::: energy {term}" for term in terms if term not in named]
    section = "\n\n".join(["## Other", *directives]) if directives else ""
    return markdown.replace(OTHERS, section)


def on_files(files: Any, config: Any) -> Any:
    """Called by mkdocs with the files of the site; adds those of the sources."""
    from mkdocs.structure.files import File  # noqa: PLC0415  # the tests have no mkdocs

    page = with_others((Path(config["docs_dir"]) / PAGE).read_text(encoding="utf-8"))
    shown = [header_of(name) for name in DIRECTIVE.findall(page)]
    for path in [SOURCES / "terms" / "term.h", *shown]:
        files.append(File.generated(config, place_of(path), content=source_page(path)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs with the text of each page."""
    return DIRECTIVE.sub(lambda found: section(found[1]), with_others(markdown))
