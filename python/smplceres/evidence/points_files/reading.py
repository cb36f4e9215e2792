"""`read_keypoints3d`: persons in space, of files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ...base.files.reading import missing, naming
from ...base.input_warnings import one_warning
from ...base.units import METRES, scale_of
from ...keypoints.files.reading import KeypointFileError
from ...keypoints.formats import KeypointFormat, format_named
from ...keypoints.names import format_of_names
from ..keypoints3d import SIGMA, Keypoints3D
from . import tables
from .c3d import read_c3d
from .content import Floats, Points
from .json_points import read_json
from .trc import read_trc


def read_keypoints3d(
    path: str | os.PathLike[str],
    format: KeypointFormat | str | None = None,
    *,
    unit: str | None = None,
    sigma: float = SIGMA,
) -> list[list[Keypoints3D]]:
    """The persons in space of each frame of a file, for `fit_joints3d`.

    - `.trc` of OpenSim and Pose2Sim, `.c3d` (`pip install 'smplceres[c3d]'`): joints or markers.
    - `.json` of CMU Panoptic (`joints19`), MediaPipe's world landmarks, Azure Kinect.
    - `.csv` with a row per frame and columns such as left_knee_x, left_knee_y, left_knee_z, as
      FreeMoCap writes it.
    - `.npy`: [K, 3], [F, K, 3] or [F, P, K, 3], or with confidences.

    Names of points decide the format where a file has them, as in `read_keypoints`. A point that is
    NaN, empty or exactly (0, 0, 0) is missing; persons without points are left out.

    Args:
        path: the file.
        format: a format or its name; overrides the file.
        unit: of the positions, "m", "cm" or "mm"; None: that of the file or program, or metres,
            with an `InputWarning` for persons of more than 5 m.
        sigma: metres, as of `Keypoints3D.from_array`.

    Raises:
        FileNotFoundError: no such file.
        KeypointFileError: the file cannot be read, or has other points than `format`.
        ValueError: an unknown format or unit.
        ImportError: the library that reads such files is missing.
    """
    path = Path(path)
    chosen = None if format is None else format_named(format)
    scale = None if unit is None else scale_of(unit, METRES)
    if not path.exists():
        raise missing("file of points", path)
    with naming(path, KeypointFileError):
        reader = _READERS.get(path.suffix.lower())
        if reader is None or not path.is_file():
            got = "a file of another kind" if path.is_file() else "a folder"
            raise ValueError(f"expected a file ending in {', '.join(_READERS)}, got {got}")
        points = reader(path)
        if scale is None:
            scale = 1.0
            if points.unit is not None:
                unit_of_file = _SPELLED.get(points.unit, points.unit)
                scale = scale_of(unit_of_file, METRES, "unit of the file")
        known, order = _format(points, chosen)
        with one_warning():
            return [
                [
                    Keypoints3D.from_array(_in_metres(rows[order], scale), known, sigma=sigma)
                    for rows in people
                    if _is_seen(rows).any()
                ]
                for people in points.frames
            ]


# Units as files spell them out.
_SPELLED = {
    f"{prefix}{word}": f"{short}m"
    for prefix, short in (("", ""), ("centi", "c"), ("milli", "m"))
    for word in ("meter", "meters", "metre", "metres")
}


def _format(
    points: Points, chosen: KeypointFormat | None
) -> tuple[KeypointFormat | None, Sequence[int] | slice]:
    if points.names is None:
        return chosen, slice(None)
    if points.places and chosen is None:
        derived, order = format_of_names(points.names, None, "points", what="names of points")
        places = {each.name: each.location for each in derived.keypoints} | points.places
        return KeypointFormat.from_mapping("points", places), order
    return format_of_names(points.names, chosen, "points", what="names of points")


def _is_seen(rows: Floats) -> Floats:
    return np.asarray(np.isfinite(rows).all(axis=1) & rows[:, :3].any(axis=1))


def _in_metres(rows: Floats, scale: float) -> Floats:
    seen = _is_seen(rows)
    confidence = rows[:, 3] if rows.shape[1] == 4 else np.ones(len(rows))
    return np.column_stack([scale * rows[:, :3], np.where(seen, confidence, 0)])


_READERS: dict[str, Callable[[Path], Points]] = {
    ".trc": read_trc,
    ".c3d": read_c3d,
    ".json": read_json,
    ".csv": tables.read_csv,
    ".npy": tables.read_npy,
}
