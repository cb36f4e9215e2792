"""mkdocs hook: puts the help of each command on the page of the command line.

A line `::: command fit` becomes the output of `smplceres fit --help`; `::: command` alone that of
`smplceres --help`. The package must be importable.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

DIRECTIVE = re.compile(r"^::: command *([\w-]*)$", re.M)
COLUMNS = "90"


def help_of(command: str) -> str:
    """The help of a command; '' is the program."""
    arguments = [sys.executable, "-m", "smplceres", *command.split(), "--help"]
    environment = {**os.environ, "COLUMNS": COLUMNS}
    shown = subprocess.run(
        arguments, env=environment, capture_output=True, text=True, check=True
    ).stdout
    return f"```text\n{shown.rstrip()}\n```"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs with the text of each page."""
    return DIRECTIVE.sub(lambda found: help_of(found[1]), markdown)
