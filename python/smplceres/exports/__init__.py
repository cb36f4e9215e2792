"""Files for other programs: a module per format, and the tables of them by suffix."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base.coordinates import checked_name
from ..base.files.writing import write_whole
from ..body.motion import Motion
from . import amass, bvh, c3d, gltf, joints_csv, motion_json, obj, ply, sto, trc
from .bones import BONES, checked_bones
from .placing import PLACES, placed

__all__ = [
    "BONES",
    "MESHES",
    "MOTIONS",
    "PLACES",
    "SUFFIXES",
    "MotionFormat",
    "Settings",
    "checked_suffix",
    "export_motion",
    "write_file",
]

Floats = NDArray[np.float64]


class MotionFormat(NamedTuple):
    """The writer of a format, and the coordinates that its readers assume; None: none."""

    write: Callable[[Motion], bytes]
    coordinates: str | None


MOTIONS: dict[str, MotionFormat] = {
    ".glb": MotionFormat(gltf.write, "y-up"),
    ".bvh": MotionFormat(bvh.write, "y-up"),
    ".npz": MotionFormat(amass.write, "z-up"),
    ".trc": MotionFormat(trc.write, "y-up"),
    ".sto": MotionFormat(sto.write, "y-up"),
    ".c3d": MotionFormat(c3d.write, "z-up"),
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


class Settings(NamedTuple):
    """Of `FitResult.export`, which describes them; `unknown` are (V,) vertices of .glb that no
    observation tells, drawn in grey."""

    pose_correctives: bool | None = None
    shape_morphs: bool = False
    place: str = "camera"
    bones: str = "smpl"
    unknown: NDArray[np.bool_] | None = None


def _check(suffix: str, settings: Settings) -> None:
    """Settings that a format does not have are errors."""
    for name, given, suffixes in (
        ("pose_correctives", settings.pose_correctives is not None, (".glb",)),
        ("shape_morphs", settings.shape_morphs, (".glb",)),
        ("bones", settings.bones != "smpl", (".glb", ".bvh")),
    ):
        if given and suffix not in suffixes:
            expected = " or ".join(suffixes)
            raise ValueError(f"{name}: expected a {expected} to go with it, got {suffix}")


def export_motion(
    motion: Motion,
    path: str | PathLike[str],
    coordinates: str | None = None,
    settings: Settings | None = None,
) -> None:
    """`FitResult.export` for a motion."""
    settings = Settings() if settings is None else settings
    suffix = checked_suffix(path)
    if coordinates is None and suffix in MOTIONS:
        coordinates = MOTIONS[suffix].coordinates
    if suffix in MESHES and len(motion) > 1:
        raise ValueError(
            f"path: expected one of {', '.join(MOTIONS)} for {len(motion)} frames, got {suffix}, "
            "which is one pose; export a frame, such as result[0]"
        )
    _check(suffix, settings)
    motion = placed(motion, settings.place)
    if coordinates is not None and checked_name(coordinates, "coordinates") != motion.coordinates:
        motion = motion.to(coordinates)
    if suffix == ".glb":
        content = gltf.write(
            motion,
            settings.pose_correctives,
            shape_morphs=settings.shape_morphs,
            bones=checked_bones(settings.bones),
            unknown=settings.unknown,
        )
    elif suffix == ".bvh":
        content = bvh.write(motion, checked_bones(settings.bones))
    elif suffix in MESHES:
        content = MESHES[suffix](np.asarray(motion.body(0).vertices), motion.model.faces)
    else:
        content = MOTIONS[suffix].write(motion)
    write_file(path, content)


def write_file(path: str | PathLike[str], content: bytes) -> None:
    """Writes a file; OSError names the folder and the reason."""
    write_whole(path, content)
