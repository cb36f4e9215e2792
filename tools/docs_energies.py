"""A hook of mkdocs: the page of energies has each equation from the head of its file.

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
    """A term's heading, its sentence, its equation and the name of its file."""
    first, *others = head_comment(SOURCES / f"{name}.h")
    title = first.rstrip(".").split(":")[0]
    body = "\n".join([first, *others])
    return f"### {title}\n\n`cpp/smplceres/{name}.h`\n\n```text\n{body}\n```"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs with the text of each page."""
    return DIRECTIVE.sub(lambda found: section(found[1]), markdown)
