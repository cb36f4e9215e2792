"""Reading TOML."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any


def load_toml(path: Path) -> dict[str, Any]:
    """A file's tables and values.

    Raises:
        ImportError: Python 3.10 without tomli.
        OSError: no such file.
        ValueError: no TOML, or not in UTF-8.
    """
    try:
        tomllib: Any = importlib.import_module(
            "tomllib" if sys.version_info >= (3, 11) else "tomli"
        )
    except ImportError as error:
        raise ImportError(
            "TOML files need tomli on Python 3.10: pip install 'smplceres[calibration]'"
        ) from error
    values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return values
