"""Values of keypoint files, checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..formats import KeypointFormat
from ..keypoints import Keypoints


class Seen(NamedTuple):
    """A person and the name of the image; None: an image without people."""

    image: str
    keypoints: Keypoints | None


def person_of(
    path: Path,
    where: str,
    rows: NDArray[Any],
    format: KeypointFormat | None,
    *,
    image_size: tuple[int, int] | None = None,
    image: str = "",
) -> Seen:
    source = f"{path}: {where}" + (f" (image {image})" if image else "")
    try:
        return Seen(image, Keypoints.from_array(rows, format, image_size, source))
    except ValueError as error:
        raise ValueError(str(error) if where == "keypoints" else f"{where}: {error}") from error


def flat_rows(
    where: str, values: object, formats: Sequence[KeypointFormat]
) -> tuple[NDArray[np.float64], KeypointFormat]:
    """[K, 3] of x0, y0, c0, x1, ... and the format with K keypoints."""
    numbers = numbers_of(where, values)
    for format in formats:
        if len(numbers) == 3 * format.num_keypoints:
            return numbers.reshape(-1, 3), format
    expected = " or ".join(f"{3 * one.num_keypoints} ({one.name})" for one in formats)
    raise ValueError(f"{where}: expected {expected} numbers, got {len(numbers)}")


def numbers_of(where: str, values: object) -> NDArray[np.float64]:
    """A list of JSON numbers as float64, all finite."""
    items = list_of(where, values)
    for i, item in enumerate(items):
        if isinstance(item, bool) or not isinstance(item, (int, float)):
            raise ValueError(f"{where}[{i}]: expected a number, got {kind_of(item)}")
    try:
        numbers = np.array(items, dtype=np.float64)
    except OverflowError as error:
        raise ValueError(f"{where}: expected numbers that float64 holds, got larger") from error
    if not np.isfinite(numbers).all():
        raise ValueError(f"{where}: expected numbers that float64 holds, got larger")
    return numbers


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
