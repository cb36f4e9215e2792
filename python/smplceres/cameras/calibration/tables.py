"""A camera from the names and numbers of a file, under any of their common spellings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.rotations import rotation_matrix
from ...base.units import METRES, scale_of
from ..camera import Camera

Floats = NDArray[np.float64]
Table = Mapping[str, Any]

# Names of the same quantity in files, in lower case without punctuation; messages use the first.
_MATRIX = (
    *("camera_matrix", "matrix", "intrinsicmatrix", "intrinsics", "mtx", "k"),
    *("projectionparameters", "intrinsic", "cameraintrinsics"),
)
_FOCAL = (("fx", "fu", "focalx"), ("fy", "fv", "focaly"))
_CENTRE = (("cx", "ppx", "pu", "u0"), ("cy", "ppy", "pv", "v0"))
_SIZE = ("image_size", "size", "imgsize", "resolution", "imagesize", "imageresolution")
_WIDTH = ("image_width", "width", "w")
_HEIGHT = ("image_height", "height", "h")
_ROTATION = ("rotation", "rotationmatrix", "rvec", "rot", "r")
_TRANSLATION = ("translation", "translationvector", "tvec", "t")
_MODEL = (
    *("distortion_model", "cameramodel", "projectionmodel", "modeltype", "distortiontype"),
    "cameratype",
)
_FISHEYE = ("fisheye", "fisheyemodel")
_NAME = ("name", "cameraname")
_UNIT = ("unit", "units", "lengthunit")

_DISTORTION = "distortion_coefficients"
# Spellings of it: dist, distCoeffs, distortion_parameters, distorsion ...; d, and RealSense's.
_DISTORTION_NAME = re.compile(
    r"(camera|lens)?(dist|distortion|distorsion)s?"
    r"(coefs?|coeffs?|coefficients?|params?|parameters?|vec|vector|values?)?|d|coeffs"
)
# Numbers of their own, in the order of OpenCV; MATLAB's vectors of radial and tangential ones.
_COEFFICIENTS = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
_RADIAL, _TANGENTIAL = ("radialdistortion",), ("tangentialdistortion",)
_MAX_DISTORTION = len(_COEFFICIENTS)

# Names of the supported distortion model, that of Brown and Conrady as in OpenCV.
_BROWN_CONRADY = (
    *("", "plumbbob", "rationalpolynomial", "radtan", "brown", "brownconrady", "opencv"),
    *("pinhole", "perspective", "none", "inversebrownconrady"),
)

# Names beside which R and P are those of a rectified image, as in ROS.
_RECTIFIED = ("p", "projectionmatrix", "rectificationmatrix", "binningx")


def camera_of_table(
    table: Table, scale: float | None = None, image_size: Sequence[int] | None = None
) -> Camera:
    """The camera of a table.

    Args:
        table: numbers by their names.
        scale: metres per unit of the translation; None: that of the table, or 1.
        image_size: (width, height), if the table has none.

    Raises:
        TypeError, ValueError: a value that is missing or invalid.
    """
    _check_model(table)
    matrix = _matrix(table)
    (fx, skew, cx), (zero, fy, cy), last = matrix
    if skew or zero or last.tolist() != [0, 0, 1]:
        raise ValueError(
            f"{_MATRIX[0]}: expected [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], got {matrix.tolist()}"
        )
    width, height = _image_size(table, image_size)
    return Camera(
        fx=float(fx),
        fy=float(fy),
        cx=float(cx),
        cy=float(cy),
        width=width,
        height=height,
        distortion=_distortion(table),
        **_place(table, _scale(table) if scale is None else scale),
    )


def has_intrinsics(table: Table) -> bool:
    """Whether a table may be that of a camera."""
    return found(table, _MATRIX) is not None or all(
        found(table, names) is not None for names in (*_FOCAL, *_CENTRE)
    )


def name_of(table: Table) -> Any:
    """The name of a camera in its table; None without."""
    return found(table, _NAME)


def _check_model(table: Table) -> None:
    if found(table, _FISHEYE):
        raise ValueError("distortion model: expected Brown and Conrady's, got a fisheye's")
    for name in _MODEL:
        model = found(table, (name,))
        if model is not None and plain(str(model)) not in _BROWN_CONRADY:
            raise ValueError(f"distortion model: expected Brown and Conrady's, got {model!r}")


def _matrix(table: Table) -> Floats:
    """[3, 3] from a matrix, from fx, fy, cx, cy in a list (Kalibr), or by their names."""
    value = found(table, _MATRIX)
    numbers = value if isinstance(value, dict) and "data" not in value else table
    scalars = [_scalar(numbers, names) for names in (*_FOCAL, *_CENTRE)]
    if value is None or numbers is value:
        if any(scalar is None for scalar in scalars):
            raise ValueError(f"{_MATRIX[0]}: expected a matrix [3, 3], got none")
        return _pinhole(np.array(scalars, dtype=np.float64))
    matrix = _numbers(table, _MATRIX)
    assert matrix is not None  # its value was found
    if matrix.shape == (4,):
        return _pinhole(matrix)
    if matrix.size == 9:
        return matrix.reshape(3, 3)
    raise ValueError(f"{_MATRIX[0]}: expected shape [3, 3], got {list(matrix.shape)}")


def _pinhole(numbers: Floats) -> Floats:
    fx, fy, cx, cy = numbers
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


def _scale(table: Table) -> float:
    """Metres per unit of the translation."""
    unit = found(table, _UNIT)
    return 1.0 if unit is None else scale_of(str(unit), METRES)


def _place(table: Table, scale: float) -> dict[str, Any]:
    """Rotation and translation, metres, as far as the table has them."""
    place: dict[str, Any] = {}
    translation = _numbers(table, _TRANSLATION)
    rectified = any(found(table, (name,)) is not None for name in _RECTIFIED)
    letter = translation is None or rectified
    rotation = _numbers(table, _ROTATION[:-1] if letter else _ROTATION)
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
        place["translation"] = scale * translation.ravel()
    return place


def _image_size(table: Table, given: Sequence[int] | None) -> tuple[int, int]:
    size = _numbers(table, _SIZE)
    width, height = _numbers(table, _WIDTH), _numbers(table, _HEIGHT)
    if width is not None and height is not None:
        size = np.concatenate([width.ravel(), height.ravel()])
    if size is None and given is not None:
        size = np.array(given, dtype=np.float64)
    if size is None:
        raise ValueError(f"{_SIZE[0]}: expected width and height in pixels, got none")
    if size.size != 2 or not ((size > 0) & (size == size.round())).all():
        raise ValueError(f"{_SIZE[0]}: expected two whole numbers > 0, got {size.tolist()}")
    return int(size.flat[0]), int(size.flat[1])


def _distortion(table: Table) -> Floats:
    """Up to 8 numbers in the order of OpenCV; empty: none in the table."""
    _check_distortion_is_understood(table)
    known = [key for key in table if _DISTORTION_NAME.fullmatch(plain(str(key)))]
    radial, tangential = _numbers(table, _RADIAL), _numbers(table, _TANGENTIAL)
    if known and isinstance(table[known[0]], dict) and "data" not in table[known[0]]:
        distortion = _coefficients(table[known[0]])
    elif known:
        numbers = _numbers(table, (str(known[0]),))
        distortion = np.zeros(0) if numbers is None else numbers.ravel()
    elif radial is not None:
        k, p = np.zeros(6), np.zeros(2)
        k[: radial.size] = radial.ravel()[:6]
        p[:] = 0 if tangential is None else tangential.ravel()
        distortion = np.concatenate([k[:2], p, k[2:]])
    else:
        distortion = _coefficients(table)
    if distortion[_MAX_DISTORTION:].any():
        raise ValueError(
            f"{_DISTORTION}: expected up to {_MAX_DISTORTION} numbers k1 k2 p1 p2 k3 k4 k5 k6, "
            f"got {len(distortion)}: thin prisms and tilted sensors are not supported"
        )
    return distortion[:_MAX_DISTORTION]


def _check_distortion_is_understood(table: Table) -> None:
    for key in table:
        name = plain(str(key))
        if (
            "dist" in name
            and "distance" not in name
            and not name.startswith("undist")
            and not _DISTORTION_NAME.fullmatch(name)
            and name not in {plain(each) for each in (*_MODEL, *_RADIAL, *_TANGENTIAL)}
        ):
            raise ValueError(f"{key}: expected {_DISTORTION} or another known name, got this one")


def _coefficients(table: Table) -> Floats:
    """k1, k2, ... by their names."""
    values = [_scalar(table, (name,)) for name in _COEFFICIENTS]
    last = max((k for k, value in enumerate(values) if value is not None), default=-1)
    return np.array([value or 0.0 for value in values[: last + 1]])


def plain(name: str) -> str:
    """A name in lower case without punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def found(table: Table, names: Sequence[str]) -> Any:
    """The value of the first of these names in a table; None if it has none of them."""
    by_name = {plain(str(key)): value for key, value in table.items()}
    return next((by_name[plain(name)] for name in names if plain(name) in by_name), None)


def _scalar(table: Table, names: Sequence[str]) -> float | None:
    numbers = _numbers(table, names)
    if numbers is None:
        return None
    if numbers.size != 1:
        raise ValueError(f"{names[0]}: expected one number, got {numbers.tolist()}")
    return float(numbers.item())


def _numbers(table: Table, names: Sequence[str]) -> Floats | None:
    """An array from a list, or from rows, cols and data."""
    value = found(table, names)
    if value is None:
        return None
    rows = cols = None
    if isinstance(value, dict):
        if "data" not in value:
            raise ValueError(
                f"{names[0]}: expected rows, cols and data, got {', '.join(map(str, value))}"
            )
        rows, cols, value = value.get("rows"), value.get("cols"), value["data"]
    try:
        array = np.array(value, dtype=np.float64)
        if rows is not None and cols is not None:
            array = array.reshape(rows, cols)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise ValueError(f"{names[0]}: expected numbers, got {value!r:.80} ({error})") from error
    if not np.isfinite(array).all():
        raise ValueError(f"{names[0]}: expected finite numbers, got {array.tolist()}")
    return array
