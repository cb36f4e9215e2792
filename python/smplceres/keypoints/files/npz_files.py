"""People in .npz files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..formats import KeypointFormat, format_named
from .content import Seen, image_size_of, person_of, string_of

_NPZ_ARRAYS = ("keypoints", "format", "image_size")


def read_npz(path: Path, chosen: KeypointFormat | None) -> Iterator[Seen]:
    arrays = _load_npz(path)
    if "keypoints" not in arrays:
        raise ValueError("expected an array 'keypoints', got none of that name")
    keypoints = arrays["keypoints"]
    if keypoints.ndim not in (2, 3) or keypoints.shape[-1] != 3:
        shape = list(keypoints.shape)
        raise ValueError(f"keypoints: expected [K, 3] or [P, K, 3], got {shape}")
    format = chosen
    if format is None and "format" in arrays:
        format = format_named(string_of("format", arrays["format"].tolist()))
    image_size = image_size_of(arrays["image_size"]) if "image_size" in arrays else None
    if keypoints.ndim == 2:
        yield person_of(path, "keypoints", keypoints, format, image_size=image_size)
    else:
        for p, rows in enumerate(keypoints):
            yield person_of(path, f"keypoints[{p}]", rows, format, image_size=image_size)


def _load_npz(path: Path) -> dict[str, NDArray[Any]]:
    if not zipfile.is_zipfile(path):
        raise ValueError("expected a .npz archive, got another or a truncated file")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in _NPZ_ARRAYS if name in archive}
    # zipfile, zlib, tokenize and NumPy raise various errors on damaged archives.
    except Exception as error:
        raise ValueError(f"expected a whole .npz archive of plain arrays ({error})") from error
