"""A plugin of pytest: keeps the small files that the tests read, from which damaged ones are made.

    SMPLCERES_HARVEST=FOLDER PYTHONPATH=tools/fuzz python -m pytest -p harvest tests

All readers open files within `naming` or after `checked_size`. So what a new reader's tests read
is fuzzed, without a list. A file is kept in a folder of its own, FOLDER/DIGEST/, as other files of
the same ending may lie beside it and be read with it: intri.yml and extri.yml.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import smplceres.base.files.reading as boundary

_MAX_BYTES = 64 * 1024
_MAX_BESIDE = 3


def keep(path: Path, folder: Path) -> None:
    """Copies a small file, and the few beside it of its ending."""
    if not _is_small(path):
        return
    content = path.read_bytes()
    kept = folder / (hashlib.sha256(path.suffix.encode() + content).hexdigest()[:12])
    if kept.exists() or path.suffix == "":
        return
    beside = [each for each in path.parent.glob(f"*{path.suffix}") if each != path]
    kept.mkdir(parents=True)
    (kept / path.name).write_bytes(content)
    if len(beside) <= _MAX_BESIDE:
        for each in filter(_is_small, beside):
            (kept / each.name).write_bytes(each.read_bytes())
    (kept / "first").write_text(path.name)


def _is_small(path: Path) -> bool:
    return path.is_file() and path.stat().st_size <= _MAX_BYTES


def pytest_configure(config: pytest.Config) -> None:
    folder = Path(os.environ["SMPLCERES_HARVEST"])
    for name in ("naming", "checked_size"):
        _record(getattr(boundary, name), name, folder)


def _record(original: Callable[..., Any], name: str, folder: Path) -> None:
    def recording(path: Any, *arguments: Any) -> Any:
        keep(Path(path), folder)
        return original(path, *arguments)

    for module in list(sys.modules.values()):
        if getattr(module, name, None) is original:
            setattr(module, name, recording)
