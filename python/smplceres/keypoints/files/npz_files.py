"""People in .npz and .npy files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.files.npz_files import load_npy, open_npz
from ..formats import format_named
from . import videopose3d
from .content import image_size_of, string_of
from .found import Found, Request

_NPZ_ARRAYS = ("keypoints", "format", "image_size")


def read_npz(path: Path, request: Request) -> Iterator[Found]:
    if videopose3d.is_videopose3d(path):
        yield from videopose3d.read_npz(path, request)
        return
    arrays = _load_npz(path)
    if "keypoints" not in arrays:
        raise ValueError("expected an array 'keypoints', got none of that name")
    keypoints = arrays["keypoints"]
    if keypoints.ndim not in (2, 3) or keypoints.shape[-1] != 3:
        shape = list(keypoints.shape)
        raise ValueError(f"keypoints: expected [K, 3] or [P, K, 3], got {shape}")
    format = request.format
    if format is None and "format" in arrays:
        format = format_named(string_of("format", arrays["format"].tolist()))
    image_size = image_size_of(arrays["image_size"]) if "image_size" in arrays else None
    if keypoints.ndim == 2:
        yield Found("keypoints", _floats(keypoints), format, image_size=image_size)
    else:
        for p, rows in enumerate(keypoints):
            yield Found(f"keypoints[{p}]", _floats(rows), format, image_size=image_size)


def read_npy(path: Path, request: Request) -> Iterator[Found]:
    """[K, 3] of one person, [F, K, 3] of one in each of F frames, or [F, P, K, 3]; or without
    confidences."""
    array = load_npy(path)
    if array.ndim not in (2, 3, 4) or array.shape[-1] not in (2, 3):
        shape = list(array.shape)
        raise ValueError(f"expected [K, 3] or [F, K, 3], x, y, confidence, got {shape}")
    if array.ndim == 2:
        yield Found("keypoints", _with_confidence(_floats(array)), request.format)
        return
    for f, frame in enumerate(array):
        for p, rows in enumerate(frame if array.ndim == 4 else frame[None]):
            where = f"[{f}, {p}]" if array.ndim == 4 else f"[{f}]"
            yield Found(where, _with_confidence(_floats(rows)), request.format, f)


def _with_confidence(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows if rows.shape[1] == 3 else np.column_stack([rows, np.ones(len(rows))])


def _floats(rows: NDArray[Any]) -> NDArray[np.float64]:
    if rows.dtype.kind not in "fiu":
        raise ValueError(f"keypoints: expected real numbers, got dtype {rows.dtype}")
    return rows.astype(np.float64)


def _load_npz(path: Path) -> dict[str, NDArray[Any]]:
    with open_npz(path) as archive:
        arrays = {name: archive.lookup(name) for name in _NPZ_ARRAYS}
    return {name: array for name, array in arrays.items() if array is not None}
