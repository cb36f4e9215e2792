"""Reading TOML."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

from .reading import load_text, parsing

# Calibrations of a thousand cameras; parsing a file of this size takes seconds.
_MAX_BYTES = 2**20

# The time that tomllib takes for a key grows with the square of the number of its parts.
_MAX_KEY_PARTS = 32
_TEXTS_AND_COMMENTS = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*")
_AROUND_KEYS = re.compile(r"[,\[\]{}=\n]")


def load_toml(path: Path) -> dict[str, Any]:
    """A file's tables and values.

    Raises:
        ImportError: Python 3.10 without tomli.
        OSError: the file cannot be read.
        ValueError: not TOML, or not in UTF-8.
    """
    try:
        tomllib: Any = importlib.import_module(
            "tomllib" if sys.version_info >= (3, 11) else "tomli"
        )
    except ImportError as error:
        raise ImportError(
            "TOML files need tomli on Python 3.10: pip install 'smplceres[calibration]'"
        ) from error
    text = load_text(path, _MAX_BYTES)
    plain = _TEXTS_AND_COMMENTS.sub("text", text)
    if any(part.count(".") >= _MAX_KEY_PARTS for part in _AROUND_KEYS.split(plain)):
        raise ValueError(f"expected keys of at most {_MAX_KEY_PARTS} parts, got longer ones")
    with parsing("TOML"):
        values: dict[str, Any] = tomllib.loads(text)
    return values
