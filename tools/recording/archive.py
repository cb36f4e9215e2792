"""Files of named arrays, and how two of them differ bit for bit."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


def matches(name: str, pattern: str) -> bool:
    """Whether a name, or a folder that it lies in, has the form of a shell pattern."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}/*")


def write(path: Path, arrays: Arrays) -> None:
    """Writes an .npz; ValueError for another ending."""
    if path.suffix != ".npz":
        raise ValueError(f"file: expected a name ending in .npz, got {path.name!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    members: dict[str, Any] = dict(arrays)
    np.savez_compressed(path, **members)


def read(path: Path) -> Arrays:
    """What `write` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive}


def differences(before: Arrays, after: Arrays) -> dict[str, str]:
    """How two recordings differ, by the names of the arrays; empty where they are bitwise equal."""
    found = {}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            found[name] = "only in the first"
        elif name not in before:
            found[name] = "only in the second"
        elif difference := _difference(before[name], after[name]):
            found[name] = difference
    return found


def _difference(before: NDArray[Any], after: NDArray[Any]) -> str:
    """In words; empty for bitwise equal arrays."""
    of_text = before.dtype.kind == "U" and after.dtype.kind == "U"
    if before.shape != after.shape or (before.dtype != after.dtype and not of_text):
        return f"{before.dtype} {before.shape} became {after.dtype} {after.shape}"
    if of_text:
        changed = np.flatnonzero(before.ravel() != after.ravel())
        if len(changed) == 0:
            return ""
        first = changed[0]
        old, new = str(before.ravel()[first]), str(after.ravel()[first])
        return f"{len(changed)} of {before.size} texts changed, {old!r} became {new!r}"
    if before.tobytes() == after.tobytes():
        return ""
    return _largest_difference(before.ravel(), after.ravel())


def _largest_difference(before: NDArray[Any], after: NDArray[Any]) -> str:
    same = before == after
    if before.dtype.kind == "f":
        same |= np.isnan(before) & np.isnan(after)
    if same.all():
        return "equal values of different bits: signs of zeros, or NaNs"
    old, new = before[~same].astype(np.float64), after[~same].astype(np.float64)
    apart = np.abs(old - new)
    count = f"{len(old)} of {len(before)} numbers"
    if not np.isfinite(apart).all():
        return f"{count} differ, {int((~np.isfinite(apart)).sum())} of them by NaN or infinity"
    worst = int(apart.argmax())
    return f"{count} differ by up to {apart[worst]:.3g}, {old[worst]!r} became {new[worst]!r}"
