"""Values of keypoint files, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..formats import KeypointFormat


def flat_rows(where: str, values: object, width: int = 3) -> NDArray[np.float64]:
    """[K, width] of x0, y0, c0, x1, ..."""
    numbers = numbers_of(where, values)
    if len(numbers) % width:
        raise ValueError(f"{where}: expected {width} numbers per keypoint, got {len(numbers)}")
    return numbers.reshape(-1, width)


def format_by_count(
    where: str,
    count: int,
    chosen: KeypointFormat | None,
    formats: Sequence[KeypointFormat],
) -> KeypointFormat:
    """The chosen format, or the one of `formats` that has this many keypoints."""
    candidates = (chosen,) if chosen else formats
    for format in candidates:
        if format.num_keypoints == count:
            return format
    expected = " or ".join(f"{3 * one.num_keypoints} ({one.name})" for one in candidates)
    raise ValueError(f"{where}: expected {expected} numbers, got {3 * count}")


def numbers_of(where: str, values: object) -> NDArray[np.float64]:
    """A list of JSON numbers as float64; null and NaN are NaN."""
    items = list_of(where, values)
    for i, item in enumerate(items):
        if isinstance(item, bool) or not (item is None or isinstance(item, (int, float))):
            raise ValueError(f"{where}[{i}]: expected a number, got {kind_of(item)}")
    try:
        numbers = np.array(items, dtype=np.float64)
    except OverflowError as error:
        raise ValueError(f"{where}: expected numbers that float64 holds, got larger") from error
    if np.isinf(numbers).any():
        raise ValueError(f"{where}: expected numbers that float64 holds, got larger")
    return numbers


def rows_of_lists(where: str, values: object) -> NDArray[np.float64]:
    """[K, D] of a list of K lists of D numbers."""
    rows = [numbers_of(f"{where}[{k}]", row) for k, row in enumerate(list_of(where, values))]
    lengths = sorted({len(row) for row in rows})
    if len(lengths) != 1:
        raise ValueError(f"{where}: expected [K, 3], got rows of length {lengths}")
    return np.stack(rows)


def image_size_of(values: NDArray[Any]) -> tuple[int, int]:
    numeric = values.shape == (2,) and values.dtype.kind in "fiu"
    if not (numeric and np.isfinite(values).all() and (values == np.floor(values)).all()):
        raise ValueError(
            f"image_size: expected [width, height] in whole pixels, got {values.tolist()}"
        )
    return int(values[0]), int(values[1])


def list_of(where: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{where}: expected a list, got {kind_of(value)}")
    return value


def object_of(where: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected an object, got {kind_of(value)}")
    return value


def string_of(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: expected a string, got {kind_of(value)}")
    return value


def kind_of(value: object) -> str:
    """A short description of a JSON value, for messages."""
    if isinstance(value, dict):
        keys = ", ".join(repr(key[:40]) for key in list(value)[:5])
        return f"an object with the keys {keys}" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return repr(value)[:40]
