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
# Poses [3, 4] or [4, 4]: cam_from_world, and its inverse; and places that are not understood.
_EXTRINSIC = (
    *("extrinsics", "extrinsic", "extrinsicmatrix", "rt", "w2c", "worldtocamera", "world2cam"),
    *("tcw", "tcamworld", "camfromworld", "worldtocam", "viewmatrix"),
)
_INVERSE = (
    *("c2w", "cameratoworld", "cam2world", "camtoworld", "twc", "tworldcam", "worldfromcam"),
    "camerapose",
)
_NOT_UNDERSTOOD = (
    *("pose", "transform", "transformmatrix", "position", "orientation", "quaternion", "rotmat"),
    *("cameraposition", "cameracenter", "cameracentre", "center", "centre", "c"),
)
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
    r"(coefs?|coeffs?|coefficients?|params?|parameters?|vec|vector|values?)?|d|coeffs|kc"
)
# Of its numbers in a table of their own.
_INNER_NAME = re.compile(
    _DISTORTION_NAME.pattern + r"|coefs?|coefficients?|params?|parameters?|vec|vector|values?"
)
# Numbers of their own, in the order of OpenCV; MATLAB's vectors of radial and tangential ones.
_COEFFICIENTS = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
_RADIAL = ("radialdistortion", "radial")
_TANGENTIAL = ("tangentialdistortion", "tangential")
_MAX_DISTORTION = len(_COEFFICIENTS)
# Numbers of OpenCV's vectors that say which they are; 3 of one are k1 k2 p1 or k1 k2 k3.
_TOLD = (0, 1, 2, 4, 5, 8)
# Names of a mirror, of cameras that see all around.
_MIRROR = ("xi", "mirrorparameters")

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


def unit_of(table: object) -> Any:
    """The unit that a table states; None without."""
    return found(table, _UNIT) if isinstance(table, dict) else None


def _check_model(table: Table) -> None:
    if found(table, _FISHEYE):
        raise ValueError("distortion model: expected Brown and Conrady's, got a fisheye's")
    if found(table, _MIRROR) is not None:
        raise ValueError("distortion model: expected Brown and Conrady's, got a mirror's (xi)")
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
        matrix = matrix.reshape(3, 3)
        return matrix.T if _is_transposed(matrix) else matrix
    raise ValueError(f"{_MATRIX[0]}: expected shape [3, 3], got {list(matrix.shape)}")


def _is_transposed(matrix: Floats) -> bool:
    """Whether a camera matrix has cx, cy, 1 in its last row, as MATLAB and Open3D write it."""
    return bool(matrix[2, :2].any() and matrix[:, 2].tolist() == [0, 0, 1])


def _pinhole(numbers: Floats) -> Floats:
    fx, fy, cx, cy = numbers
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


def _scale(table: Table) -> float:
    """Metres per unit of the translation."""
    unit = found(table, _UNIT)
    return 1.0 if unit is None else scale_of(str(unit), METRES)


def _place(table: Table, scale: float) -> dict[str, Any]:
    """Rotation and translation, metres, as far as the table has them."""
    translation = _numbers(table, _TRANSLATION)
    rectified = any(found(table, (name,)) is not None for name in _RECTIFIED)
    letter = translation is None or rectified
    rotation = _numbers(table, _ROTATION[:-1] if letter else _ROTATION)
    if rotation is None and translation is None:
        rotation, translation = _pose(table)
    place: dict[str, Any] = {}
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


def _pose(table: Table) -> tuple[Floats | None, Floats | None]:
    """Rotation and translation of a matrix [3, 4] or [4, 4]; None without."""
    for names in (_EXTRINSIC, _INVERSE):
        matrix = _numbers(table, names)
        if matrix is None:
            continue
        if matrix.size not in (12, 16):
            raise ValueError(f"{names[0]}: expected [3, 4] or [4, 4], got {list(matrix.shape)}")
        matrix = matrix.reshape(-1, 4)
        rotation, translation = matrix[:3, :3], matrix[:3, 3]
        if names is _INVERSE:
            rotation, translation = rotation.T, -rotation.T @ translation
        return rotation, translation
    for name in _NOT_UNDERSTOOD:
        if found(table, (name,)) is not None:
            raise ValueError(
                f"{name}: expected rotation and translation, cam_from_world, or a matrix "
                f"{_EXTRINSIC[0]} or {_INVERSE[0]}, got this name"
            )
    return None, None


def _image_size(table: Table, given: Sequence[int] | None) -> tuple[int, int]:
    size = _numbers(table, _SIZE)
    if size is not None and found(table, ("intrinsicmatrix",)) is not None:
        size = size.ravel()[::-1]  # MATLAB's are rows and columns
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
    vectors = [_distortion_of(table, key) for key in known]
    if any(not np.array_equal(vectors[0], each) for each in vectors[1:]):
        raise ValueError(f"{known[0]}: expected one distortion, got also {', '.join(known[1:])}")
    distortion = vectors[0] if vectors else _by_coefficients(table)
    if distortion[_MAX_DISTORTION:].any():
        raise ValueError(
            f"{_DISTORTION}: expected up to {_MAX_DISTORTION} numbers k1 k2 p1 p2 k3 k4 k5 k6, "
            f"got {len(distortion)}: thin prisms and tilted sensors are not supported"
        )
    return distortion[:_MAX_DISTORTION]


def _distortion_of(table: Table, key: str) -> Floats:
    """The vector, or the numbers by their names, under one name."""
    value = table[key]
    if isinstance(value, dict) and "data" not in value:
        _check_model({"distortion_model": found(value, ("model", "type")), **value})
        inner = [name for name in value if _INNER_NAME.fullmatch(plain(str(name)))]
        return _distortion_of(value, inner[0]) if inner else _by_coefficients(value, key)
    numbers = _numbers(table, (str(key),))
    vector = np.zeros(0) if numbers is None else numbers.ravel()
    if len(vector) < _MAX_DISTORTION and len(vector) not in _TOLD and vector[2:].any():
        raise ValueError(f"{key}: expected 4, 5 or 8 numbers as of OpenCV, got {len(vector)}")
    return vector


def _by_coefficients(table: Table, name: str = "") -> Floats:
    """MATLAB's radial and tangential vectors, or k1, k2, ... by their names.

    Raises:
        ValueError: neither, in the table of a distortion of this name.
    """
    radial, tangential = _numbers(table, _RADIAL), _numbers(table, _TANGENTIAL)
    if radial is not None:
        if radial.size > len(_COEFFICIENTS) - 2 or radial.size in (4, 5):
            raise ValueError(f"{_RADIAL[0]}: expected 1, 2, 3 or 6 numbers, got {radial.size}")
        k, p = np.zeros(6), np.zeros(2)
        k[: radial.size] = radial.ravel()
        p[:] = 0 if tangential is None else tangential.ravel()
        return np.concatenate([k[:2], p, k[2:]])
    coefficients = _coefficients(table)
    if name and table and not len(coefficients):
        raise ValueError(
            f"{name}: expected k1, k2, p1, p2 or a list of numbers, "
            f"got {', '.join(map(str, table))}"
        )
    return coefficients


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
    # Where K and k, or T and t, are two things, the capital is the matrix or the vector.
    keys = sorted(table, key=lambda key: str(key).isupper())
    by_name = {plain(str(key)): table[key] for key in keys}
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
