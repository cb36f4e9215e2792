"""Arrays of numbers, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def float_array(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """A float64 copy in which None and what a masked array masks are NaN.

    Raises:
        ValueError: ragged rows, or values that are not real numbers.
    """
    try:
        array: NDArray[Any] = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name}: expected rows of equal length, got ragged ones") from error
    if array.dtype.kind == "O" and array.ndim and all(map(_is_number_or_none, array.flat)):
        array = array.astype(np.float64)  # None becomes NaN
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: expected real numbers, got dtype {array.dtype}")
    numbers = np.array(array, dtype=np.float64)
    if isinstance(values, np.ma.MaskedArray):
        numbers[np.ma.getmaskarray(values)] = np.nan
    return numbers


def _is_number_or_none(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
