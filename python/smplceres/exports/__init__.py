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
    """How a file's content is made of a motion, and the coordinates that the format's readers take
    for granted; None: none."""

    write: Callable[[Motion], bytes]
    coordinates: str | None


MOTIONS: dict[str, MotionFormat] = {
    ".glb": MotionFormat(gltf.write, "y-up"),
    ".bvh": MotionFormat(bvh.write, "y-up"),
    ".npz": MotionFormat(amass.write, "z-up"),
    ".json": MotionFormat(motion_json.write, None),
    ".csv": MotionFormat(joints_csv.write, None),
}
# Of vertices and faces: one pose.
MESHES: dict[str, Callable[[Floats, NDArray[Any]], bytes]] = {
    ".obj": obj.write,
    ".ply": ply.write,
}
SUFFIXES: tuple[str, ...] = (*MOTIONS, *MESHES)


def checked_suffix(path: str | PathLike[str]) -> str:
    """The path's suffix; ValueError for one that is no format's."""
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
    """`FitResult.export`, of a motion."""
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
    """Writes a whole file; OSError says which folder it could not be written to, and why."""
    path = Path(path)
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = f"path: expected a place that can be written to ({error.strerror})"
        raise type(error)(error.errno, reason, str(path)) from error
