"""Warnings about inputs that are read in part: one per file, or one per run over many files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_collected: ContextVar[list[str] | None] = ContextVar("collected", default=None)


class InputWarning(UserWarning):
    """Part of an input is missing or doubtful; names the file or argument."""


def warn_of_input(text: str) -> None:
    """Warns, or leaves the text to an enclosing `one_warning`."""
    collected = _collected.get()
    if collected is None:
        warnings.warn(text, InputWarning, stacklevel=3)
    else:
        collected.append(text)


@contextmanager
def one_warning() -> Iterator[None]:
    """Reduces the warnings of a block, such as those of a folder's files, to one with the first."""
    collected: list[str] = []
    token = _collected.set(collected)
    try:
        yield
    finally:
        _collected.reset(token)
        if collected:
            others = f" (and {len(collected) - 1} more alike)" if len(collected) > 1 else ""
            warn_of_input(collected[0] + others)
