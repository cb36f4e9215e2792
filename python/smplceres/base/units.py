"""Units of length and time that files have, in metres and seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

METRES: Mapping[str, float] = MappingProxyType({"m": 1.0, "cm": 0.01, "mm": 0.001})
SECONDS: Mapping[str, float] = MappingProxyType({"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9})


def scale_of(unit: str, units: Mapping[str, float], name: str = "unit") -> float:
    """The size of a unit; ValueError for an unknown one."""
    if unit not in units:
        raise ValueError(f"{name}: expected one of {', '.join(units)}, got {unit!r}")
    return units[unit]


def likely_unit(value: float, expected: float) -> str:
    """The unit of length in which a number is nearest to what it is expected to be in metres."""
    return min(METRES, key=lambda unit: abs(math.log(value * METRES[unit] / expected)))
