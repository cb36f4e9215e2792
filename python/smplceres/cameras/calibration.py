"""Reading the cameras of a calibration: Pose2Sim's and Anipose's TOML, OpenCV's and ROS's YAML."""

from __future__ import annotations

import errno
import importlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.files.toml_files import load_toml
from ..base.rotations import rotation_matrix
from .camera import Camera

Floats = NDArray[np.float64]

# Names of the same quantity in files, in lower case without punctuation; messages use the first.
_MATRIX = ("camera_matrix", "matrix", "intrinsicmatrix", "intrinsics", "mtx", "k")
_DISTORTION = (
    "distortion_coefficients",
    *("distortions", "distortion", "distcoeffs", "distcoeff", "dist", "d"),
)
_SIZE = ("image_size", "size", "imgsize", "resolution")
_WIDTH = ("image_width", "width")
_HEIGHT = ("image_height", "height")
_ROTATION = ("rotation", "rotationmatrix", "rvec", "rot", "r")
_TRANSLATION = ("translation", "translationvector", "tvec", "t")
_MODEL = ("distortion_model", "cameramodel", "projectionmodel")
_FISHEYE = ("fisheye", "fisheyemodel")
_NAME = ("name", "cameraname")

# Names of the supported distortion model, that of Brown and Conrady as in OpenCV.
_BROWN_CONRADY = (
    *("", "plumbbob", "rationalpolynomial", "radtan", "brown", "brownconrady", "opencv"),
    *("pinhole", "perspective", "none"),
)

# Sections of Pose2Sim's TOML that are not cameras.
_OTHER_SECTIONS = ("metadata", "capture_volume", "charuco")

_MAX_DISTORTION = 8


class CalibrationError(ValueError):
    """A calibration that cannot be used; names file, camera, the expected and the actual value."""


def read_cameras(path: str | os.PathLike[str]) -> dict[str, Camera]:
    """The cameras of a calibration file, by name, in the order of the file.

    - `.toml`, as Pose2Sim and Anipose write it: a table per camera with `size`, `matrix`,
      `distortions`, `rotation` (axis-angle or matrix), `translation`. Python 3.10 needs tomli.
    - `.yml`, `.yaml`, as OpenCV's FileStorage and ROS write it: `camera_matrix`,
      `distortion_coefficients`, `image_width`, `image_height` and optionally `R`
      and `T` (other common spellings too); one camera, named by `camera_name` or the file, or a
      mapping of several. Needs PyYAML: `pip install 'smplceres[calibration]'`.

    Rotation and translation are cam_from_world; without them the world is the camera's frame.
    Translations are read as metres, whatever the unit of the file.

    Raises:
        FileNotFoundError: no such file.
        CalibrationError: the file is invalid: no camera, no or a wrong matrix, no image size, a
            distortion model other than Brown and Conrady's (a fisheye), ...
        ImportError: the library that reads such files is missing.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "calibration not found", str(path))
    reader = _READERS.get(path.suffix.lower())
    if reader is None or not path.is_file():
        got = "a file of another kind" if path.is_file() else "a folder"
        raise CalibrationError(f"{path}: expected a .toml, .yml or .yaml file, got {got}")
    try:
        tables = reader(path)
        if not tables:
            raise ValueError("expected at least one camera, got none")
        cameras = {}
        for name, table in tables.items():
            try:
                cameras[name] = _camera(table)
            except (TypeError, ValueError) as error:
                raise ValueError(f"camera {name!r}: {error}") from error
    except ValueError as error:
        raise CalibrationError(f"{path}: {error}") from error
    return cameras


def _read_toml(path: Path) -> dict[str, Mapping[str, Any]]:
    sections = load_toml(path)
    return {
        str(_found(section, _NAME) or key): section
        for key, section in sections.items()
        if isinstance(section, dict) and key not in _OTHER_SECTIONS
    }


def _read_yaml(path: Path) -> dict[str, Mapping[str, Any]]:
    try:
        yaml = importlib.import_module("yaml")
    except ImportError as error:
        raise ImportError(
            "YAML calibrations need PyYAML: pip install 'smplceres[calibration]'"
        ) from error

    class Loader(yaml.SafeLoader):  # type: ignore[misc,name-defined]  # found at run time
        """YAML of OpenCV: matrices are tagged mappings of rows, cols and data."""

    def of_opencv(loader: Any, _: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        return loader.construct_sequence(node, deep=True)

    Loader.add_multi_constructor("tag:yaml.org,2002:opencv-", of_opencv)
    # The first line of FileStorage, %YAML:1.0, is not valid YAML.
    text = re.sub(r"\A%YAML[^\n]*\n", "", path.read_text(encoding="utf-8"))
    try:
        content = yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise ValueError(f"expected YAML, got: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ValueError(f"expected a mapping, got {type(content).__name__}")
    nested = {str(key): value for key, value in content.items() if isinstance(value, dict)}
    cameras: dict[str, Mapping[str, Any]] = {
        key: value for key, value in nested.items() if _found(value, _MATRIX) is not None
    }
    if cameras and _found(content, _MATRIX) is None:
        return cameras
    return {str(_found(content, _NAME) or path.stem): content}


_READERS: dict[str, Callable[[Path], dict[str, Mapping[str, Any]]]] = {
    ".toml": _read_toml,
    ".yml": _read_yaml,
    ".yaml": _read_yaml,
}


def _camera(table: Mapping[str, Any]) -> Camera:
    """A camera from the numbers in a file, under any of their common names."""
    if _found(table, _FISHEYE):
        raise ValueError("distortion model: expected Brown and Conrady's, got a fisheye's")
    model = _found(table, _MODEL)
    if model is not None and _plain(str(model)) not in _BROWN_CONRADY:
        raise ValueError(f"distortion model: expected Brown and Conrady's, got {model!r}")
    matrix = _numbers(table, _MATRIX)
    if matrix is None:
        raise ValueError(f"{_MATRIX[0]}: expected a matrix [3, 3], got none")
    if matrix.shape != (3, 3):
        raise ValueError(f"{_MATRIX[0]}: expected shape [3, 3], got {list(matrix.shape)}")
    (fx, skew, cx), (zero, fy, cy), last = matrix
    if skew or zero or last.tolist() != [0, 0, 1]:
        raise ValueError(
            f"{_MATRIX[0]}: expected [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], got {matrix.tolist()}"
        )
    width, height = _image_size(table)
    place: dict[str, Floats] = {}
    rotation, translation = _numbers(table, _ROTATION), _numbers(table, _TRANSLATION)
    if rotation is not None:
        if rotation.size not in (3, 9):
            raise ValueError(
                f"rotation: expected an axis-angle [3] or a matrix [3, 3], got shape "
                f"{list(rotation.shape)}"
            )
        if rotation.size == 3:
            rotation = rotation_matrix(rotation.ravel())
        place["rotation"] = rotation.reshape(3, 3)
    if translation is not None:
        if translation.size != 3:
            raise ValueError(f"translation: expected [3], got shape {list(translation.shape)}")
        place["translation"] = translation.ravel()
    return Camera(
        fx=float(fx),
        fy=float(fy),
        cx=float(cx),
        cy=float(cy),
        width=width,
        height=height,
        distortion=_distortion(table),
        **place,
    )


def _image_size(table: Mapping[str, Any]) -> tuple[int, int]:
    size = _numbers(table, _SIZE)
    width, height = _numbers(table, _WIDTH), _numbers(table, _HEIGHT)
    if width is not None and height is not None:
        size = np.concatenate([width.ravel(), height.ravel()])
    if size is None:
        raise ValueError(f"{_SIZE[0]}: expected width and height in pixels, got none")
    if size.size != 2 or not ((size > 0) & (size == size.round())).all():
        raise ValueError(f"{_SIZE[0]}: expected two whole numbers > 0, got {size.tolist()}")
    return int(size.flat[0]), int(size.flat[1])


def _distortion(table: Mapping[str, Any]) -> Floats:
    distortion = _numbers(table, _DISTORTION)
    if distortion is None:
        return np.zeros(0)
    distortion = distortion.ravel()
    if distortion[_MAX_DISTORTION:].any():
        raise ValueError(
            f"{_DISTORTION[0]}: expected up to {_MAX_DISTORTION} numbers k1 k2 p1 p2 k3 k4 k5 k6, "
            f"got {len(distortion)}: thin prisms and tilted sensors are not supported"
        )
    return distortion[:_MAX_DISTORTION]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _found(table: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The value of the first of these names in a table; None if it has none of them."""
    plain = {_plain(str(key)): value for key, value in table.items()}
    return next((plain[_plain(name)] for name in names if _plain(name) in plain), None)


def _numbers(table: Mapping[str, Any], names: tuple[str, ...]) -> Floats | None:
    """An array from a list, or from rows, cols and data."""
    value = _found(table, names)
    if value is None:
        return None
    rows = cols = None
    if isinstance(value, dict):
        if "data" not in value:
            raise ValueError(f"{names[0]}: expected rows, cols and data, got {', '.join(value)}")
        rows, cols, value = value.get("rows"), value.get("cols"), value["data"]
    try:
        array = np.array(value, dtype=np.float64)
        if rows is not None and cols is not None:
            array = array.reshape(rows, cols)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{names[0]}: expected numbers, got {value!r:.80} ({error})") from error
    if not np.isfinite(array).all():
        raise ValueError(f"{names[0]}: expected finite numbers, got {array.tolist()}")
    return array
