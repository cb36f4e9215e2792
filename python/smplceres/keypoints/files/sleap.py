"""SLEAP's analysis files (Pereira et al., 2022): HDF5 with tracks (I, 2, K, F) of nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...base.files.hdf5_files import open_hdf5
from ...base.files.reading import parsing
from .deeplabcut_tables import Table

_NEEDED = ("tracks", "node_names")


def is_analysis(path: Path) -> bool:
    with open_hdf5(path, "DeepLabCut's HDF5 or SLEAP's") as file:
        return set(_NEEDED) <= set(file.names())


def read_analysis(path: Path) -> Table:
    """Reads a file for which `is_analysis` is true; ValueError for wrong shapes."""
    with open_hdf5(path, "SLEAP's HDF5") as file, parsing("SLEAP's HDF5"):
        names = tuple(_text(name) for name in file.array("node_names"))
        places = np.asarray(file.array("tracks"), dtype=np.float64)
        scores = file.array("point_scores") if "point_scores" in file.names() else None
    if places.ndim != 4 or places.shape[1:3] != (2, len(names)):
        raise ValueError(
            f"tracks: expected (individuals, 2, {len(names)}, frames), got {places.shape}"
        )
    rows = np.ones((places.shape[3], places.shape[0], len(names), 3))
    rows[..., :2] = places.transpose(3, 0, 2, 1)
    if scores is not None and scores.shape == (len(places), *places.shape[2:]):
        rows[..., 2] = scores.transpose(2, 0, 1)
    rows[~np.isfinite(rows).all(axis=-1), 2] = 0
    return Table(names, rows)


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
