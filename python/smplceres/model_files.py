"""Reading body models of the SMPL family from their files, and writing them as plain .npz."""

from __future__ import annotations

import contextlib
import errno
import io
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .safe_pickle import as_array, read_pickle
from .skeleton import joint_names, landmark_vertices

# How far rows of lbs_weights and of landmarks may be from summing to 1: files hold float32.
SUM_TOLERANCE = 1e-3
NEGATIVE_WEIGHT_TOLERANCE = 1e-6
# SMPL-X with 400 shape and expression columns is a file of 0.2 GB, its largest member 0.1 GB.
MAX_FILE_BYTES = 2 * 2**30
MAX_MEMBER_BYTES = 2**30
MAX_ARRAY_SIZE = 2**27
# Columns of SMPL-X's shapedirs that are shape; the others are expression. Short files hold 10 + 10.
_SMPLX_NUM_JOINTS = 55
_SMPLX_SHAPE_COLUMNS = 300
_SMPLX_SHORT_COLUMNS = (20, 10)
# The root's parent in files that keep parents unsigned.
_UNSIGNED_ROOT = 2**32 - 1
# What the parsers of damaged archives raise beside ValueError and EOFError.
_DAMAGE = (
    ValueError,
    EOFError,
    OSError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
# An array of a file by its key; None where the file has no such key.
Lookup = Callable[[str], "NDArray[Any] | None"]


class ModelFileError(ValueError):
    """A body-model file that cannot be read: names the file, the array, what was expected."""


@dataclass(frozen=True, eq=False)
class PoseBlendShapes:
    """Pose blend shapes of the N pairs of vertex and joint that have any; zero elsewhere.

    Attributes:
        vertices: (N,) ascending.
        joints: (N,) from 1 to J-1, ascending within a vertex.
        directions: (N, 3, 9) metres per element of R - I of the joint, row-major.
    """

    vertices: Integers
    joints: Integers
    directions: Floats


@dataclass(frozen=True, eq=False)
class BodyModelArrays:
    """The arrays of a body model with V vertices, J joints, B betas and F faces.

    Lengths are in metres, in SMPL's body frame: y up, facing +z, left = +x.

    Attributes:
        name: what the body is called, such as its file's stem.
        v_template: (V, 3) vertices of the mean shape.
        shapedirs: (V, 3, B) displacement of each vertex per beta.
        posedirs: (V, 3, 9(J-1)) displacement per element of R - I, row-major, joints 1 to J-1; or
            the same without its zeros.
        J_regressor: (J, V) weights that take vertices to joints.
        lbs_weights: (V, J) skinning weights; rows sum to 1.
        parents: (J,) parent of each joint, -1 at joint 0; parents come before their children.
        faces: (F, 3) vertices of the triangles, counter-clockwise from outside.
        joint_names: J names.
        landmarks: name to (vertices, weights) of points on the surface; weights sum to 1.
    """

    name: str
    v_template: Floats
    shapedirs: Floats
    posedirs: Floats | PoseBlendShapes
    J_regressor: Floats
    lbs_weights: Floats
    parents: Integers
    faces: Integers
    joint_names: tuple[str, ...]
    landmarks: dict[str, tuple[Integers, Floats]]


def read_body_model(path: str | os.PathLike[str], num_betas: int = 10) -> BodyModelArrays:
    """Reads a body model of the SMPL family (SMPL, SMPL-H, SMPL-X, or another in their layout).

    Reads SMPL's original `.pkl` files of Python 2, with chumpy and SciPy objects in them, needing
    neither; `.npz` and `.pkl` files with the same keys; and what `write_body_model` writes. Nothing
    in a file is ever run.

    Keys: v_template, shapedirs, posedirs, J_regressor (dense or sparse), lbs_weights or weights,
    faces or f, parents or kintree_table. Optional: joint_names (J,); landmark_names (L,) with
    landmark_vertices (L,) or landmark_regressor (L, V); num_betas, how many columns of shapedirs
    are shape; name. Without them names and landmarks are those of `smplceres.skeleton`. With
    posedirs_vertices and posedirs_joints (N,), posedirs is (N, 3, 9), see `PoseBlendShapes`.

    Args:
        path: the file.
        num_betas: how many shape coefficients to keep, at least 1; a file with fewer gives all it
            has. Expression columns of SMPL-X are left out.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: anything else wrong with the file.
        ValueError: num_betas below 1.
    """
    if num_betas < 1:
        raise ValueError(f"num_betas: expected at least 1, got {num_betas}")
    with open_arrays(path) as lookup:
        arrays = _assemble(Path(path).stem, lookup, num_betas)
        check_arrays(arrays)
    return arrays


@contextlib.contextmanager
def open_arrays(path: str | os.PathLike[str]) -> Iterator[Lookup]:
    """The arrays of a .npz or .pkl by their keys, read when asked for; nothing in it is ever run.

    Yields:
        a function from a key to its array, or None where the file has no such key.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: anything else wrong with the file, or with what is done with its arrays.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "file not found", str(path))
    try:
        opener = _OPENERS.get(path.suffix.lower())
        if opener is None or not path.is_file():
            got = "a file of another kind" if path.is_file() else "a folder"
            raise ValueError(f"expected a file ending in {' or '.join(_OPENERS)}, got {got}")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"expected at most {MAX_FILE_BYTES} bytes, got more")
        with opener(path) as lookup:
            yield lookup
    except PermissionError:
        raise
    except _DAMAGE as error:
        raise ModelFileError(f"{path}: {_one_line(error)}") from error


def write_body_model(
    path: str | os.PathLike[str], arrays: BodyModelArrays, *, compact: bool = False
) -> None:
    """Writes a body model to a compressed `.npz` that `read_body_model` reads back unchanged.

    Args:
        compact: store displacements (shapedirs, posedirs) as float16, relative error 5e-4, and
            everything else as float32.

    Raises:
        ValueError: a path that does not end in .npz, or arrays that `check_arrays` refuses.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"{path}: expected a file ending in .npz, got another ending")
    check_arrays(arrays)
    regressor = np.zeros((len(arrays.landmarks), len(arrays.v_template)))
    for row, (vertices, weights) in zip(regressor, arrays.landmarks.values(), strict=True):
        np.add.at(row, vertices, weights)
    floats, displacements = (np.float32, np.float16) if compact else (np.float64, np.float64)
    content: dict[str, Any] = {
        "name": np.array(arrays.name),
        "v_template": arrays.v_template.astype(floats),
        "shapedirs": arrays.shapedirs.astype(displacements),
        "J_regressor": arrays.J_regressor.astype(floats),
        "lbs_weights": arrays.lbs_weights.astype(floats),
        "parents": arrays.parents,
        "faces": arrays.faces,
        "num_betas": np.array(arrays.shapedirs.shape[2]),
        "joint_names": np.array(arrays.joint_names),
        "landmark_names": np.array(list(arrays.landmarks), dtype=np.str_),
        "landmark_regressor": regressor.astype(floats),
    }
    posedirs = arrays.posedirs
    if isinstance(posedirs, PoseBlendShapes):
        content["posedirs_vertices"], content["posedirs_joints"] = (
            posedirs.vertices,
            posedirs.joints,
        )
        posedirs = posedirs.directions
    np.savez_compressed(path, **content, posedirs=posedirs.astype(displacements))


def check_arrays(arrays: BodyModelArrays) -> None:
    """Checks shapes, types and values of a body model, whether from a file or made by hand.

    Raises:
        ValueError: names the array, what was expected and what came.
    """
    _check_shapes(arrays)
    for name in ("v_template", "shapedirs", "J_regressor", "lbs_weights"):
        _check_finite(name, getattr(arrays, name))
    posedirs = arrays.posedirs
    _check_finite(
        "posedirs", posedirs.directions if isinstance(posedirs, PoseBlendShapes) else posedirs
    )
    _check_parents(arrays.parents)
    _check_weights(arrays.lbs_weights)
    num_vertices = len(arrays.v_template)
    _check_vertices("faces", arrays.faces, num_vertices)
    for name, (vertices, weights) in arrays.landmarks.items():
        _check_landmark(f"landmarks[{name!r}]", vertices, weights, num_vertices)


# --- Checks ---


def _check_shapes(arrays: BodyModelArrays) -> None:
    floats, integers = np.dtype(np.float64), np.dtype(np.int32)
    _check_array("v_template", arrays.v_template, floats, "(V, 3)", {})
    V = {"V": len(arrays.v_template)}
    _check_array("parents", arrays.parents, integers, "(J,)", {})
    J = {"J": len(arrays.parents)}
    _check_array("shapedirs", arrays.shapedirs, floats, "(V, 3, B)", V)
    if isinstance(arrays.posedirs, PoseBlendShapes):
        _check_pairs(arrays.posedirs, V["V"], J["J"])
    else:
        features = {"9(J-1)": 9 * (J["J"] - 1)}
        _check_array("posedirs", arrays.posedirs, floats, "(V, 3, 9(J-1))", V | features)
    _check_array("lbs_weights", arrays.lbs_weights, floats, "(V, J)", V | J)
    _check_array("J_regressor", arrays.J_regressor, floats, "(J, V)", J | V)
    _check_array("faces", arrays.faces, integers, "(F, 3)", {})
    names = arrays.joint_names
    if len(names) != J["J"] or len(set(names)) != len(names):
        raise ValueError(
            f"joint_names: expected J different names with J = {J['J']},"
            f" got {len(names)}, of which {len(set(names))} differ"
        )


def _check_pairs(posedirs: PoseBlendShapes, num_vertices: int, num_joints: int) -> None:
    vertices, joints = posedirs.vertices, posedirs.joints
    N = {"N": len(posedirs.directions)}
    _check_array("posedirs", posedirs.directions, np.dtype(np.float64), "(N, 3, 9)", N)
    _check_array("posedirs_vertices", vertices, np.dtype(np.int32), "(N,)", N)
    _check_array("posedirs_joints", joints, np.dtype(np.int32), "(N,)", N)
    _check_vertices("posedirs_vertices", vertices, num_vertices)
    outside = joints[(joints < 1) | (joints >= num_joints)]
    if outside.size:
        raise ValueError(
            f"posedirs_joints: expected joints within 1 .. {num_joints - 1}, got {outside[0]}"
        )
    place = vertices.astype(np.int64) * num_joints + joints
    if (np.diff(place) <= 0).any():
        raise ValueError("posedirs_vertices: expected pairs of vertex and joint in ascending order")


def _check_array(
    name: str, array: NDArray[Any], dtype: np.dtype[Any], shape: str, sizes: dict[str, int]
) -> None:
    """`shape` as it is documented, such as (V, 3, B); a letter not in `sizes` is at least 1."""
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        got = getattr(array, "dtype", type(array).__name__)
        raise ValueError(f"{name}: expected an array of {dtype}, got {got}")
    axes = [axis.strip() for axis in shape[1:-1].split(",") if axis]
    expected = [int(axis) if axis.isdigit() else sizes.get(axis) for axis in axes]
    if array.ndim != len(axes) or not all(
        size >= 1 if known is None else size == known
        for size, known in zip(array.shape, expected, strict=True)
    ):
        given = [f"{axis} = {sizes[axis]}" for axis in axes if axis in sizes]
        where = f" with {', '.join(given)}" if given else ""
        raise ValueError(f"{name}: expected {shape}{where}, got {array.shape}")


def _check_finite(name: str, array: Floats) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        at = tuple(int(index) for index in np.argwhere(~finite)[0])
        raise ValueError(f"{name}: expected finite numbers, got {array[at]} at {list(at)}")


def _check_parents(parents: Integers) -> None:
    num_joints = len(parents)
    roots = np.flatnonzero(parents == -1)
    if roots.tolist() != [0]:
        raise ValueError(
            f"parents: expected one root (-1), at joint 0, got roots at {roots.tolist()}"
        )
    outside = np.flatnonzero((parents < -1) | (parents >= num_joints))
    if outside.size:
        raise ValueError(
            f"parents: expected joints within 0 .. {num_joints - 1}, got {parents[outside[0]]}"
            f" at joint {outside[0]}"
        )
    late = np.flatnonzero(parents >= np.arange(num_joints))
    if late.size:
        ancestor, steps = int(late[0]), 0
        while ancestor != -1 and steps <= num_joints:
            ancestor, steps = int(parents[ancestor]), steps + 1
        if ancestor != -1:
            raise ValueError(f"parents: expected a tree, got a cycle at or above joint {late[0]}")
        raise ValueError(
            f"parents: expected parents before their children, got parent {parents[late[0]]}"
            f" of joint {late[0]}"
        )


def _check_weights(lbs_weights: Floats) -> None:
    vertex, joint = np.unravel_index(np.argmin(lbs_weights), lbs_weights.shape)
    if lbs_weights[vertex, joint] < -NEGATIVE_WEIGHT_TOLERANCE:
        raise ValueError(
            f"lbs_weights: expected weights of at least {-NEGATIVE_WEIGHT_TOLERANCE:g},"
            f" got {lbs_weights[vertex, joint]:g} at vertex {vertex}, joint {joint}"
        )
    sums = lbs_weights.sum(axis=1)
    vertex = np.argmax(np.abs(sums - 1))
    if abs(sums[vertex] - 1) > SUM_TOLERANCE:
        raise ValueError(
            f"lbs_weights: expected rows that sum to 1 within {SUM_TOLERANCE:g},"
            f" got {sums[vertex]:g} at vertex {vertex}"
        )


def _check_vertices(name: str, vertices: Integers, num_vertices: int) -> None:
    outside = vertices[(vertices < 0) | (vertices >= num_vertices)]
    if outside.size:
        raise ValueError(
            f"{name}: expected vertices within 0 .. {num_vertices - 1}, got {outside[0]}"
        )


def _check_landmark(name: str, vertices: Integers, weights: Floats, num_vertices: int) -> None:
    _check_array(name, vertices, np.dtype(np.int32), "(N,)", {})
    _check_array(name, weights, np.dtype(np.float64), "(N,)", {"N": len(vertices)})
    _check_vertices(name, vertices, num_vertices)
    if not abs(weights.sum() - 1) <= SUM_TOLERANCE:
        raise ValueError(
            f"{name}: expected weights that sum to 1 within {SUM_TOLERANCE:g},"
            f" got {weights.sum():g}"
        )


# --- Assembling arrays from the keys of a file ---


def _assemble(stem: str, lookup: Lookup, num_betas: int) -> BodyModelArrays:
    parents = _parents(lookup)
    v_template = floats_of(lookup, "v_template")
    shapedirs = floats_of(lookup, "shapedirs")
    if shapedirs.ndim == 3:
        shape_columns = _shape_columns(lookup, shapedirs.shape[2], len(parents))
        shapedirs = np.ascontiguousarray(shapedirs[:, :, : min(num_betas, shape_columns)])
    names = _texts(lookup, "joint_names")
    return BodyModelArrays(
        name=(_texts(lookup, "name") or (stem,))[0],
        v_template=v_template,
        shapedirs=shapedirs,
        posedirs=_posedirs(lookup),
        J_regressor=floats_of(lookup, "J_regressor"),
        lbs_weights=floats_of(lookup, "lbs_weights", "weights"),
        parents=parents,
        faces=_int32("faces", _integers(lookup, "faces", "f")),
        joint_names=joint_names(len(parents)) if names is None else names,
        landmarks=_landmarks(lookup, len(v_template), len(parents)),
    )


def _posedirs(lookup: Lookup) -> Floats | PoseBlendShapes:
    directions = floats_of(lookup, "posedirs")
    if lookup("posedirs_vertices") is None:
        return directions
    vertices, joints = (
        _int32(key, _integers(lookup, key)) for key in ("posedirs_vertices", "posedirs_joints")
    )
    return PoseBlendShapes(vertices, joints, directions)


def _shape_columns(lookup: Lookup, columns: int, num_joints: int) -> int:
    if lookup("num_betas") is not None:
        return int(_integers(lookup, "num_betas").sum())
    if num_joints != _SMPLX_NUM_JOINTS:
        return columns
    short, short_shape = _SMPLX_SHORT_COLUMNS
    return short_shape if columns == short else min(columns, _SMPLX_SHAPE_COLUMNS)


def _parents(lookup: Lookup) -> Integers:
    parents = _integers(lookup, "parents", "kintree_table")
    if lookup("parents") is None:
        joints = np.arange(parents.shape[-1] if parents.ndim else 0)
        if parents.shape != (2, len(joints)) or (parents[1] != joints).any():
            raise ValueError(
                "kintree_table: expected (2, J), parents above joints 0 .. J-1,"
                f" got {parents.shape} or other joints"
            )
        parents = parents[0]
    return _int32("parents", np.where(parents == _UNSIGNED_ROOT, -1, parents))


def _landmarks(
    lookup: Lookup, num_vertices: int, num_joints: int
) -> dict[str, tuple[Integers, Floats]]:
    names = _texts(lookup, "landmark_names")
    if names is None:
        table = landmark_vertices(num_vertices, num_joints)
        return {name: (np.array([v], np.int32), np.ones(1)) for name, v in table.items()}
    if lookup("landmark_vertices") is not None:
        vertices = _int32("landmark_vertices", _integers(lookup, "landmark_vertices"))
        _check_array("landmark_vertices", vertices, vertices.dtype, "(L,)", {"L": len(names)})
        rows = [(vertices[[row]], np.ones(1)) for row in range(len(names))]
    else:
        regressor = floats_of(lookup, "landmark_regressor")
        sizes = {"L": len(names), "V": num_vertices}
        _check_array("landmark_regressor", regressor, regressor.dtype, "(L, V)", sizes)
        used = [np.flatnonzero(row).astype(np.int32) for row in regressor]
        rows = [(v, row[v]) for v, row in zip(used, regressor, strict=True)]
    if len(set(names)) != len(names):
        raise ValueError("landmark_names: expected different names, got some twice")
    return dict(zip(names, rows, strict=True))


def _first(lookup: Lookup, keys: Collection[str]) -> NDArray[Any]:
    for key in keys:
        array = lookup(key)
        if array is not None:
            if array.size > MAX_ARRAY_SIZE:
                raise ValueError(
                    f"{key}: expected at most {MAX_ARRAY_SIZE} elements, got {array.size}"
                )
            return array
    raise ValueError(f"{' or '.join(keys)}: expected in the file, got a file without")


def floats_of(lookup: Lookup, *keys: str) -> Floats:
    array = _first(lookup, keys)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{keys[0]}: expected numbers, got {array.dtype}")
    return np.ascontiguousarray(array, np.float64)


def _integers(lookup: Lookup, *keys: str) -> NDArray[np.int64]:
    array = _first(lookup, keys)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{keys[0]}: expected integers, got {array.dtype}")
    return array.astype(np.int64)


def _int32(name: str, array: NDArray[np.int64]) -> Integers:
    """`array` as int32, or an error where it does not fit."""
    narrow = array.astype(np.int32)
    if (narrow != array).any():
        raise ValueError(f"{name}: expected 32-bit integers, got {array[narrow != array][0]}")
    return np.ascontiguousarray(narrow)


def _texts(lookup: Lookup, key: str) -> tuple[str, ...] | None:
    array = lookup(key)
    if array is None:
        return None
    if array.dtype.kind not in "SU" or array.ndim > 1:
        raise ValueError(f"{key}: expected text, got {array.dtype} {array.shape}")
    # Decoded here, as NumPy fails on code points that are none in other ways than by ValueError.
    codec = "utf-32-le" if array.dtype.kind == "U" else "utf-8"
    raw, size = array.astype(array.dtype.newbyteorder("<")).tobytes(), array.dtype.itemsize
    return tuple(
        raw[start : start + size].decode(codec).rstrip("\0") for start in range(0, len(raw), size)
    )


# --- Files ---


@contextlib.contextmanager
def _open_pickle(path: Path) -> Iterator[Lookup]:
    content = read_pickle(path.read_bytes())
    if not isinstance(content, dict):
        raise ValueError(f"expected a dict of arrays, got a {type(content).__name__}")

    def lookup(key: str) -> NDArray[Any] | None:
        with _naming(key):
            return as_array(content[key]) if key in content else None

    yield lookup


@contextlib.contextmanager
def _open_npz(path: Path) -> Iterator[Lookup]:
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member for member in archive.infolist()}

        def lookup(key: str) -> NDArray[Any] | None:
            member = members.get(key + ".npy")
            with _naming(key):
                return None if member is None else _read_member(archive, member)

        yield lookup


_OPENERS = {".npz": _open_npz, ".pkl": _open_pickle}


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """An array of an .npz; what NumPy would unpickle goes through `safe_pickle`."""
    if member.file_size > MAX_MEMBER_BYTES:
        raise ValueError(f"expected at most {MAX_MEMBER_BYTES} bytes, got {member.file_size}")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"expected stored or deflated data, got method {member.compress_type}")
    content = archive.read(member)
    stream = io.BytesIO(content)
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"expected .npy version 1.0 or 2.0, got {version}")
    read_header = npy.read_array_header_1_0 if version[0] == 1 else npy.read_array_header_2_0
    shape, fortran_order, dtype = read_header(stream)
    start = stream.tell()
    if dtype.hasobject:
        return as_array(read_pickle(content[start:]))
    count = math.prod(shape)
    if dtype.itemsize == 0 or count < 0 or len(content) - start != count * dtype.itemsize:
        raise ValueError(
            f"expected {shape} elements of {dtype}, got {len(content) - start} bytes for them"
        )
    array = np.frombuffer(content, dtype, count, start)
    return array.reshape(shape, order="F" if fortran_order else "C")


@contextlib.contextmanager
def _naming(key: str) -> Iterator[None]:
    """Puts the key before what goes wrong with its array."""
    try:
        yield
    except _DAMAGE as error:
        raise ValueError(f"{key}: {_one_line(error)}") from error


def _one_line(error: BaseException) -> str:
    """What an error says; damaged archives are quoted at length in it, so only its beginning."""
    return " ".join(str(error).split())[:400] or type(error).__name__
