"""A hook of mkdocs: the page of energies has each equation from the head of its file, and a link to
the file, of which the site has a page.

A line `::: energy terms/ground` becomes what stands on top of cpp/smplceres/terms/ground.h.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[1] / "cpp" / "smplceres"
DIRECTIVE = re.compile(r"^::: energy ([\w/]+)$", re.M)


def head_comment(path: Path) -> list[str]:
    """The lines of the comment that a file begins with, without its slashes."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("//"):
            break
        lines.append(line.removeprefix("//").removeprefix(" "))
    if not lines:
        raise ValueError(f"{path}: expected a comment on top, with the term's equation")
    return lines


def section(name: str) -> str:
    """A term's heading, its sentence, its equation and a link to its file."""
    first, *others = head_comment(SOURCES / f"{name}.h")
    title = first.rstrip(".").split(":")[0]
    body = "\n".join([first, *others])
    link = f"[`cpp/smplceres/{name}.h`](source/{name}.md)"
    return f"### {title}\n\n{link}\n\n```text\n{body}\n```"


def source_page(path: Path) -> str:
    """A file as a page of its own, which the search leaves out."""
    title = f"# cpp/smplceres/{path.relative_to(SOURCES).as_posix()}"
    code = path.read_text(encoding="utf-8")
    return f"---\nsearch: {{exclude: true}}\n---\n\n{title}\n\n```cpp\n{code}```\n"


def on_files(files: Any, config: Any) -> Any:
    """Called by mkdocs with the files of the site: those of energies are among them."""
    from mkdocs.structure.files import File  # noqa: PLC0415  # the tests have no mkdocs

    for path in [*sorted((SOURCES / "terms").glob("*.h")), SOURCES / "fit" / "recent_frames.h"]:
        place = f"source/{path.relative_to(SOURCES).with_suffix('.md').as_posix()}"
        files.append(File.generated(config, place, content=source_page(path)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs with the text of each page."""
    return DIRECTIVE.sub(lambda found: section(found[1]), markdown)
