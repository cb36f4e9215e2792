"""Files for other programs: a module per format, and the tables of them by suffix."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base.coordinates import checked_name
from ..body.motion import Motion
from . import amass, bvh, gltf, joints_csv, motion_json, obj, ply

Floats = NDArray[np.float64]


class MotionFormat(NamedTuple):
    """The writer of a format, and the coordinates that its readers assume; None: none."""

    write: Callable[[Motion], bytes]
    coordinates: str | None


MOTIONS: dict[str, MotionFormat] = {
    ".glb": MotionFormat(gltf.write, "y-up"),
    ".bvh": MotionFormat(bvh.write, "y-up"),
    ".npz": MotionFormat(amass.write, "z-up"),
    ".json": MotionFormat(motion_json.write, None),
    ".csv": MotionFormat(joints_csv.write, None),
}
# Writers of one pose, from vertices and faces.
MESHES: dict[str, Callable[[Floats, NDArray[Any]], bytes]] = {
    ".obj": obj.write,
    ".ply": ply.write,
}
SUFFIXES: tuple[str, ...] = (*MOTIONS, *MESHES)


def checked_suffix(path: str | PathLike[str]) -> str:
    """The suffix of a path; ValueError for an unknown format."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"path: expected a name ending in {', '.join(SUFFIXES)}; got {Path(path).name!r}"
        )
    return suffix


def export_motion(
    motion: Motion,
    path: str | PathLike[str],
    coordinates: str | None = None,
    pose_correctives: bool | None = None,
) -> None:
    """`FitResult.export` for a motion."""
    suffix = checked_suffix(path)
    if coordinates is None and suffix in MOTIONS:
        coordinates = MOTIONS[suffix].coordinates
    if suffix in MESHES and len(motion) > 1:
        raise ValueError(
            f"path: expected one of {', '.join(MOTIONS)} for {len(motion)} frames, got {suffix}, "
            "which is one pose; export a frame, such as result[0]"
        )
    if pose_correctives is not None and suffix != ".glb":
        raise ValueError(f"pose_correctives: expected a .glb to go with it, got {suffix}")
    if coordinates is not None and checked_name(coordinates, "coordinates") != motion.coordinates:
        motion = motion.to(coordinates)
    if suffix == ".glb":
        content = gltf.write(motion, pose_correctives)
    elif suffix in MESHES:
        content = MESHES[suffix](np.asarray(motion.body(0).vertices), motion.model.faces)
    else:
        content = MOTIONS[suffix].write(motion)
    write_file(path, content)


def write_file(path: str | PathLike[str], content: bytes) -> None:
    """Writes a file; OSError names the folder and the reason."""
    path = Path(path)
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = f"path: expected a writable place ({error.strerror})"
        raise type(error)(error.errno, reason, str(path)) from error
