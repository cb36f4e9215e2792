"""What readers of points in space find."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Points(NamedTuple):
    """The people of each frame of a file.

    Attributes:
        frames: of each frame [K, 3 or 4] of each person: x, y, z and confidence; NaN: missing.
        names: K names; None: by the number of points.
        unit: of the positions; None: not in the file.
        places: locations of names that state none by themselves.
    """

    frames: list[list[Floats]]
    names: tuple[str, ...] | None = None
    unit: str | None = None
    places: dict[str, str | tuple[str, ...] | None] | None = None
