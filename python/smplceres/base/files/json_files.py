"""Reading JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from .reading import load_bytes


def load_json(path: Path, *, nan: bool = False) -> Any:
    """The content of a JSON file; infinity is refused, as JSON has none.

    Args:
        path: the file.
        nan: NaN is read, which programs write for missing numbers; otherwise refused.

    Raises:
        OSError: the file cannot be read.
        ValueError: not JSON.
    """
    content = load_bytes(path)
    if not content.strip():
        raise ValueError("expected JSON, got an empty file")
    return parse_json(content, nan=nan)


def parse_json(text: str | bytes, *, nan: bool = False) -> Any:
    """The content of JSON text; errors as of `load_json`."""
    try:
        return json.loads(text, parse_constant=_nan if nan else _refuse)
    except _ConstantError as error:
        raise ValueError(f"expected finite numbers, got {error}") from error
    except RecursionError as error:
        raise ValueError("expected JSON, got deeply nested brackets") from error
    except ValueError as error:  # JSON, UTF-8, integers of thousands of digits
        raise ValueError(f"expected JSON, got invalid or truncated JSON ({error})") from error


class _ConstantError(Exception):
    """NaN, Infinity or -Infinity."""


def _refuse(constant: str) -> NoReturn:
    raise _ConstantError(constant)


def _nan(constant: str) -> float:
    return float("nan") if constant == "NaN" else _refuse(constant)
