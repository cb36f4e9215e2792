"""Reading body models of the SMPL family from their files, and writing them as plain .npz."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.files.archives import (
    floats_of,
    integers_of,
    open_arrays,
    texts_of,
)
from ..base.files.npz_files import Lookup, write_member
from ..base.files.writing import whole_file
from ..base.skeleton import joint_names, landmark_vertices
from .model_arrays import (
    BodyModelArrays,
    PoseBlendShapes,
    check_array,
    check_arrays,
    check_vertices,
)
from .whole_arrays import expression_slice, face_landmarks, hand_components, shape_columns

# Models of a part of the body, by numbers of vertices and joints.
_PARTS = {(778, 16): "MANO, a hand", (5023, 5): "FLAME, a head"}

# The parent of the root in files with unsigned parents.
_UNSIGNED_ROOT = 2**32 - 1

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]


def read_body_model(path: str | os.PathLike[str], num_betas: int = 10) -> BodyModelArrays:
    """Reads a body model of the SMPL family (SMPL, SMPL-H, SMPL-X, or another in their layout).

    Reads SMPL's original `.pkl` files of Python 2, which hold chumpy and SciPy objects, without
    these packages; `.npz` and `.pkl` files with the same keys; and files of `write_body_model`.
    Nothing in a file is executed.

    Keys: v_template, shapedirs, posedirs, J_regressor (dense or sparse), lbs_weights or weights,
    faces or f, parents or kintree_table. Optional: joint_names (J,); landmark_names (L,) with
    landmark_vertices (L,) or (L, N) with landmark_weights, or landmark_regressor (L, V);
    num_betas, the number of shape columns in shapedirs; name; SMPL-X's hands_components*,
    hands_mean*, lmk_* and dynamic_lmk_*, see `body.whole_arrays`. Without them names and landmarks
    are those of `smplceres.base.skeleton`. With posedirs_vertices and posedirs_joints (N,),
    posedirs is (N, 3, 9), see `PoseBlendShapes`; with J_regressor_vertices (J, N), J_regressor is
    (J, N), its weights.

    Args:
        path: the file.
        num_betas: number of shape coefficients to keep, >= 1; a file with fewer gives all of them.
            Of SMPL-X's expression columns the first 10 are kept, of a hand's components 12.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: the file is not a valid body model.
        ValueError: num_betas below 1.
    """
    if num_betas < 1:
        raise ValueError(f"num_betas: expected at least 1, got {num_betas}")
    with open_arrays(path) as lookup:
        arrays = _assemble(Path(path).stem, lookup, num_betas)
        check_arrays(arrays)
    return arrays


def write_body_model(
    path: str | os.PathLike[str], arrays: BodyModelArrays, *, compact: bool = False
) -> None:
    """Writes a body model to an `.npz` that `read_body_model` reads back unchanged.

    Args:
        compact: store displacements (shapedirs, posedirs) as float16, relative error 5e-4, and
            other real numbers as float32, faces as uint16 if they fit.

    Raises:
        ValueError: a path that does not end in .npz, or arrays that `check_arrays` refuses.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"{path}: expected a file ending in .npz, got another ending")
    check_arrays(arrays)
    joint_vertices, joint_weights = _padded(
        (np.flatnonzero(row), row[row != 0]) for row in arrays.J_regressor
    )
    landmark_vertices, landmark_weights = _padded(arrays.landmarks.values())
    floats, displacements = (np.float32, np.float16) if compact else (np.float64, np.float64)
    content: dict[str, Any] = {
        "name": np.array(arrays.name),
        "v_template": arrays.v_template.astype(floats),
        "shapedirs": arrays.shapedirs.astype(displacements),
        "J_regressor_vertices": joint_vertices,
        "J_regressor": joint_weights.astype(floats),
        "lbs_weights": arrays.lbs_weights.astype(floats),
        "parents": arrays.parents,
        "faces": _narrow(arrays.faces) if compact else arrays.faces,
        "num_betas": np.array(arrays.shapedirs.shape[2]),
        "joint_names": np.array(arrays.joint_names),
        "landmark_names": np.array(list(arrays.landmarks), dtype=np.str_),
        "landmark_vertices": landmark_vertices,
        "landmark_weights": landmark_weights.astype(floats),
    }
    posedirs = arrays.posedirs
    if isinstance(posedirs, PoseBlendShapes):
        content["posedirs_vertices"], content["posedirs_joints"] = (
            posedirs.vertices,
            posedirs.joints,
        )
        posedirs = posedirs.directions
    content["posedirs"] = posedirs.astype(displacements)
    with whole_file(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in content.items():
            write_member(archive, name, np.ascontiguousarray(array))


def _padded(rows: Iterable[tuple[NDArray[Any], Floats]]) -> tuple[Integers, Floats]:
    """Sparse rows (vertices, weights) as two arrays; short ones are padded by vertex 0 with weight
    0."""
    rows = list(rows)
    width = max((len(vertices) for vertices, _ in rows), default=1)
    all_vertices = np.zeros((len(rows), width), np.int32)
    all_weights = np.zeros((len(rows), width))
    for row, (vertices, weights) in enumerate(rows):
        all_vertices[row, : len(vertices)] = vertices
        all_weights[row, : len(weights)] = weights
    return all_vertices, all_weights


def _narrow(faces: Integers) -> NDArray[Any]:
    return faces.astype(np.uint16) if faces.max(initial=0) < 2**16 else faces


def _assemble(stem: str, lookup: Lookup, num_betas: int) -> BodyModelArrays:
    parents = _parents(lookup)
    v_template = floats_of(lookup, "v_template")
    num_vertices, num_joints = len(v_template), len(parents)
    if (num_vertices, num_joints) in _PARTS:
        raise ValueError(
            f"expected a body (SMPL, SMPL-H, SMPL-X), got {_PARTS[num_vertices, num_joints]} alone"
        )
    faces = _int32("faces", integers_of(lookup, "faces", "f"))
    names = texts_of(lookup, "joint_names")
    return BodyModelArrays(
        name=(texts_of(lookup, "name") or (stem,))[0],
        v_template=v_template,
        shapedirs=_shapedirs(lookup, num_betas, num_joints),
        posedirs=_posedirs(lookup),
        J_regressor=_joint_regressor(lookup, num_vertices),
        lbs_weights=floats_of(lookup, "lbs_weights", "weights"),
        parents=parents,
        faces=faces,
        joint_names=joint_names(num_joints) if names is None else names,
        landmarks=_landmarks(lookup, num_vertices, num_joints)
        | face_landmarks(lookup, faces, num_vertices),
        frame_slices=expression_slice(lookup, num_joints),
        pose_components=hand_components(lookup, num_joints),
    )


def _posedirs(lookup: Lookup) -> Floats | PoseBlendShapes:
    directions = floats_of(lookup, "posedirs")
    if lookup("posedirs_vertices") is None:
        return directions
    vertices, joints = (
        _int32(key, integers_of(lookup, key)) for key in ("posedirs_vertices", "posedirs_joints")
    )
    return PoseBlendShapes(vertices, joints, directions)


def _shapedirs(lookup: Lookup, num_betas: int, num_joints: int) -> Floats:
    """The first `num_betas` columns, cut before conversion, as files may hold hundreds."""

    def kept(key: str) -> NDArray[Any] | None:
        array = lookup(key)
        if array is None or array.ndim != 3:
            return array
        return array[:, :, : min(num_betas, shape_columns(lookup, array.shape[2], num_joints))]

    return floats_of(kept, "shapedirs")


def _parents(lookup: Lookup) -> Integers:
    parents = integers_of(lookup, "parents", "kintree_table")
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
    names = texts_of(lookup, "landmark_names")
    if names is None:
        table = landmark_vertices(num_vertices, num_joints)
        return {name: (np.array([v], np.int32), np.ones(1)) for name, v in table.items()}
    if lookup("landmark_weights") is not None:
        rows = _sparse_rows(lookup, "landmark_vertices", "landmark_weights", len(names))
    elif lookup("landmark_vertices") is not None:
        vertices = _int32("landmark_vertices", integers_of(lookup, "landmark_vertices"))
        check_array("landmark_vertices", vertices, vertices.dtype, "(L,)", {"L": len(names)})
        rows = [(vertices[[row]], np.ones(1)) for row in range(len(names))]
    else:
        regressor = floats_of(lookup, "landmark_regressor")
        sizes = {"L": len(names), "V": num_vertices}
        check_array("landmark_regressor", regressor, regressor.dtype, "(L, V)", sizes)
        used = [np.flatnonzero(row).astype(np.int32) for row in regressor]
        rows = [(v, row[v]) for v, row in zip(used, regressor, strict=True)]
    if len(set(names)) != len(names):
        raise ValueError("landmark_names: expected different names, got some twice")
    return dict(zip(names, rows, strict=True))


def _joint_regressor(lookup: Lookup, num_vertices: int) -> Floats:
    if lookup("J_regressor_vertices") is None:
        return floats_of(lookup, "J_regressor")
    rows = _sparse_rows(lookup, "J_regressor_vertices", "J_regressor")
    regressor = np.zeros((len(rows), num_vertices))
    for row, (vertices, weights) in zip(regressor, rows, strict=True):
        check_vertices("J_regressor_vertices", vertices, num_vertices)
        np.add.at(row, vertices, weights)
    return regressor


def _sparse_rows(
    lookup: Lookup, vertices_key: str, weights_key: str, num_rows: int | None = None
) -> list[tuple[Integers, Floats]]:
    """(vertices, weights) of each row, without those of weight 0."""
    vertices = _int32(vertices_key, integers_of(lookup, vertices_key))
    weights = floats_of(lookup, weights_key)
    L = {} if num_rows is None else {"L": num_rows}
    check_array(vertices_key, vertices, vertices.dtype, "(L, N)", L)
    sizes = {"L": len(vertices), "N": vertices.shape[1]}
    check_array(weights_key, weights, weights.dtype, "(L, N)", sizes)
    return [(v[w != 0], w[w != 0]) for v, w in zip(vertices, weights, strict=True)]


def _int32(name: str, array: NDArray[np.int64]) -> Integers:
    """`array` as int32, or an error where it does not fit."""
    narrow = array.astype(np.int32)
    if (narrow != array).any():
        raise ValueError(f"{name}: expected 32-bit integers, got {array[narrow != array][0]}")
    return np.ascontiguousarray(narrow)
