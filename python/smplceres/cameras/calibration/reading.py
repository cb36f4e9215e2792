"""Reading the cameras of a calibration: `read_cameras`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...base.files.reading import missing, naming
from ...base.files.toml_files import load_toml
from ...base.files.yaml_files import load_yaml
from ...base.input_warnings import warn_of_input
from ...base.units import METRES, likely_unit, scale_of
from ..camera import Camera
from . import colmap, easymocap, json_files, kalibr, orb_slam
from .tables import Table, camera_of_table, has_intrinsics, name_of, unit_of

# Sections of Pose2Sim's TOML that are not cameras.
_OTHER_SECTIONS = ("metadata", "capture_volume", "charuco")

# Metres. Cameras of persons are nearer to the origin of their world, and usually at the second
# distance from it.
_FARTHEST = 100.0
_USUAL = 4.0


class CalibrationError(ValueError):
    """A calibration that cannot be used; names file, camera, the expected and the actual value."""


def read_cameras(
    path: str | os.PathLike[str],
    unit: str | None = None,
    *,
    image_size: Sequence[int] | None = None,
) -> dict[str, Camera]:
    """The cameras of a calibration file, by name, in the order of the file.

    - `.toml` of Pose2Sim, Anipose and FreeMoCap: a table per camera with `size`, `matrix`,
      `distortions`, `rotation` (axis-angle or matrix), `translation`. Python 3.10 needs tomli.
    - `.yml`, `.yaml` of OpenCV's FileStorage, ROS (files of camera_calibration and what `ros2 topic
      echo` prints), EasyMocap (`intri.yml`, with `extri.yml` beside it), Kalibr, ORB-SLAM and VINS:
      one camera, named by `camera_name` or the file, or several. Needs PyYAML:
      `pip install 'smplceres[calibration]'`.
    - `.json` of CMU Panoptic, and of tables with the same names as in YAML.
    - `.txt` of COLMAP: `cameras.txt`, with `images.txt` beside it.

    Rotation and translation are cam_from_world; without them the world is the camera's frame. R and
    P of ROS belong to a rectified image and place no camera: R alone is not read.

    Args:
        path: the file.
        unit: of translations, "m", "cm" or "mm"; None: that of the program, where it has one
            (CMU Panoptic: cm) or the file states one as `unit`, or metres, with an `InputWarning`
            if a camera is more than 100 m from the origin of the world.
        image_size: (width, height) pixels, for files without; None: the file's.

    Raises:
        FileNotFoundError: no such file.
        CalibrationError: the file is invalid: no camera, no or a wrong matrix, no image size, a
            distortion that is not understood, a model other than Brown and Conrady's (a fisheye).
        ValueError: an unknown unit.
        ImportError: the library that reads such files is missing.
    """
    path = Path(path)
    scale = None if unit is None else scale_of(unit, METRES)
    if not path.exists():
        raise missing("calibration", path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None or not path.is_file():
        got = "a file of another kind" if path.is_file() else "a folder"
        raise CalibrationError(
            f"{path}: expected a file ending in {', '.join(_READERS)}, got {got}"
        )
    with naming(path, CalibrationError):
        tables = reader(path)
        if not tables:
            raise ValueError("expected at least one camera, got none")
        cameras = {}
        for name, table in tables.items():
            try:
                cameras[name] = camera_of_table(table, scale, image_size)
            except (TypeError, ValueError) as error:
                raise ValueError(f"camera {name!r}: {error}") from error
    if unit is None:
        _check_unit(path, cameras)
    _check_places(path, cameras)
    return cameras


def _check_places(path: Path, cameras: Mapping[str, Camera]) -> None:
    """Warns of cameras without poses: none in the file, or under names that are not known."""
    here = [
        name
        for name, camera in cameras.items()
        if not camera.translation.any() and np.array_equal(camera.rotation, np.eye(3))
    ]
    if len(here) > 1:
        warn_of_input(
            f"{path}: cameras {', '.join(here)} are at the origin of the world; expected rotation "
            "and translation of each, cam_from_world"
        )


def _check_unit(path: Path, cameras: Mapping[str, Camera]) -> None:
    distances = [float(np.linalg.norm(camera.translation)) for camera in cameras.values()]
    if max(distances) > _FARTHEST:
        likely = likely_unit(float(np.median([d for d in distances if d > 0])), _USUAL)
        warn_of_input(
            f"{path}: cameras are up to {max(distances):.0f} m from the origin of the world, if "
            f'translations are in metres; likely unit="{likely}"'
        )


def _read_toml(path: Path) -> dict[str, Table]:
    content = load_toml(path)
    stated = {"unit": unit_of(content) or unit_of(content.get("metadata", {}))}
    return {
        str(name_of(section) or key): {**(stated if stated["unit"] else {}), **section}
        for key, section in content.items()
        if isinstance(section, dict) and key not in _OTHER_SECTIONS
    }


def _read_yaml(path: Path) -> dict[str, Table]:
    content = load_yaml(path)
    if not isinstance(content, dict):
        raise ValueError(f"expected a mapping, got {type(content).__name__}")
    for holds, read in _YAML_LAYOUTS:
        if holds(content):
            return read(content, path)
    return _named_tables(content, path)


def _named_tables(content: dict[Any, Any], path: Path) -> dict[str, Table]:
    """Mappings of cameras by their names, or the numbers of one camera."""
    nested: dict[str, Table] = {
        str(key): value
        for key, value in content.items()
        if isinstance(value, dict) and has_intrinsics(value)
    }
    if nested and not has_intrinsics(content):
        return nested
    return {str(name_of(content) or path.stem): content}


def _read_json(path: Path) -> dict[str, Table]:
    content = json_files.load(path)
    cameras = json_files.cameras_of(content)
    return _named_tables(content, path) if cameras is None else cameras


# Layouts of YAML, in the order in which they are tried.
_YAML_LAYOUTS: tuple[
    tuple[Callable[[dict[Any, Any]], bool], Callable[[dict[Any, Any], Path], dict[str, Table]]], ...
] = (
    (easymocap.is_easymocap, easymocap.tables),
    (kalibr.is_kalibr, lambda content, _: kalibr.tables(content)),
    (orb_slam.is_orb_slam, orb_slam.tables),
)

_READERS: dict[str, Callable[[Path], dict[str, Table]]] = {
    ".toml": _read_toml,
    ".yml": _read_yaml,
    ".yaml": _read_yaml,
    ".json": _read_json,
    ".txt": colmap.tables,
}
