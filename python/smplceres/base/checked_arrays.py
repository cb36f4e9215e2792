"""Arrays of numbers, checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def float_array(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """A float64 copy; ValueError for ragged rows and for values that are not real numbers."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name}: expected rows of equal length, got ragged ones") from error
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: expected real numbers, got dtype {array.dtype}")
    return np.array(array, dtype=np.float64)
