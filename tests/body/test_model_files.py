"""Body-model files that are read."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_file_members import (
    Python2,
    arrays_of,
    assert_holds,
    members_of,
    python2_smpl,
    write_npz,
    write_pkl,
)
from smplceres.base.skeleton import SMPL_JOINTS, SMPL_LANDMARKS, SMPLH_JOINTS, SMPLX_JOINTS
from smplceres.body.model_arrays import BodyModelArrays
from smplceres.body.model_files import read_body_model, write_body_model


@pytest.mark.parametrize("protocol", [0, 2])
def test_python2_pickle_with_chumpy_and_scipy_objects_is_read(
    tmp_path: Path, protocol: int
) -> None:
    members = members_of()
    members["J_regressor"][:, ::2] = 0
    arrays = read_body_model(write_pkl(tmp_path, python2_smpl(members, protocol)))
    assert_holds(arrays, members, 4)
    assert arrays.name == "body"


@pytest.mark.parametrize("module", ["numpy.core.multiarray", "numpy._core.multiarray"])
@pytest.mark.parametrize("sparse_module", ["scipy.sparse", "scipy.sparse.csc", "scipy.sparse._csc"])
def test_module_names_of_all_numpy_and_scipy_versions_are_read(
    tmp_path: Path, module: str, sparse_module: str
) -> None:
    members, writer = members_of(), Python2(2)
    regressor = members.pop("J_regressor")
    content = {key: writer.array(array, module) for key, array in members.items()}
    content["J_regressor"] = writer.csc(regressor, sparse_module)
    arrays = read_body_model(write_pkl(tmp_path, writer.file(**content)))
    assert_holds(arrays, members | {"J_regressor": regressor}, 4)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_of_this_numpy_is_read(tmp_path: Path, protocol: int) -> None:
    members = members_of()
    arrays = read_body_model(write_pkl(tmp_path, pickle.dumps(members, protocol)))
    assert_holds(arrays, members, 4)


@pytest.mark.parametrize("kind", ["csc", "csr", "coo"])
@pytest.mark.parametrize("suffix", ["matrix", "array"])
@pytest.mark.parametrize("container", ["pkl", "npz"])
def test_sparse_regressor_of_this_scipy_is_read(
    tmp_path: Path, kind: str, suffix: str, container: str
) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    members = members_of()
    members["J_regressor"][:, ::2] = 0
    content: dict[str, Any] = dict(members)
    content["J_regressor"] = getattr(sparse, f"{kind}_{suffix}")(members["J_regressor"])
    if container == "pkl":
        path = write_pkl(tmp_path, pickle.dumps(content))
    else:
        path = write_npz(tmp_path, **content)
    assert_holds(read_body_model(path), members, 4)


def test_npz_with_plain_names_is_read(tmp_path: Path) -> None:
    members = members_of()
    path = write_npz(
        tmp_path,
        lbs_weights=members["weights"],
        faces=members["f"],
        parents=np.array([-1, 0, 0]),
        **{key: members[key] for key in ("v_template", "shapedirs", "posedirs", "J_regressor")},
    )
    assert_holds(read_body_model(path), members, 4)


def test_float32_and_int64_members_are_widened_and_narrowed(tmp_path: Path) -> None:
    members = members_of()
    halved = {
        key: array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        for key, array in members.items()
    }
    halved["kintree_table"][0, 0] = -1
    arrays = read_body_model(write_npz(tmp_path, **halved))
    assert arrays.posedirs.dtype == np.float64
    np.testing.assert_allclose(arrays.posedirs, members["posedirs"], rtol=1e-6)  # float32
    assert arrays.parents.tolist() == [-1, 0, 0]


def test_object_members_that_are_not_needed_are_left_alone(tmp_path: Path) -> None:
    path = write_npz(tmp_path, part2num=np.array({"head": 15}, dtype=object), **members_of())
    assert_holds(read_body_model(path), members_of(), 4)


def test_fewer_columns_than_num_betas_give_all_of_them(tmp_path: Path) -> None:
    path = write_npz(tmp_path, **members_of(num_columns=4))
    assert read_body_model(path, num_betas=300).shapedirs.shape == (7, 3, 4)
    assert read_body_model(path, num_betas=2).shapedirs.shape == (7, 3, 2)


@pytest.mark.parametrize(
    ("num_joints", "num_columns", "num_betas", "kept"),
    [(52, 16, 10, 10), (52, 16, 16, 16), (55, 20, 16, 10), (55, 400, 10, 10), (55, 400, 400, 300)],
)
def test_hands_and_face_are_read_and_expression_columns_are_left_out(
    tmp_path: Path, num_joints: int, num_columns: int, num_betas: int, kept: int
) -> None:
    members = members_of(num_joints, num_columns)
    arrays = read_body_model(write_npz(tmp_path, **members), num_betas=num_betas)
    assert_holds(arrays, members, kept)
    assert arrays.joint_names == {52: SMPLH_JOINTS, 55: SMPLX_JOINTS}[num_joints]
    assert arrays.landmarks == {}


def test_mesh_of_smpl_gets_its_joint_names_and_landmarks(tmp_path: Path) -> None:
    arrays = read_body_model(write_npz(tmp_path, **members_of(24, 10, 6890)))
    assert arrays.joint_names == SMPL_JOINTS
    assert {name: v.tolist() for name, (v, _) in arrays.landmarks.items()} == {
        name: [vertex] for name, vertex in SMPL_LANDMARKS.items()
    }


def test_names_and_landmark_vertices_in_the_file_come_first(tmp_path: Path) -> None:
    path = write_npz(
        tmp_path,
        joint_names=np.array(["hub", "left", "right"]),
        landmark_names=np.array(["nose"]),
        landmark_vertices=np.array([4]),
        **members_of(),
    )
    arrays = read_body_model(path)
    assert arrays.joint_names == ("hub", "left", "right")
    vertices, weights = arrays.landmarks["nose"]
    assert (vertices.tolist(), weights.tolist()) == ([4], [1.0])


def test_joints_without_known_names_are_numbered(tmp_path: Path) -> None:
    arrays = read_body_model(write_npz(tmp_path, **members_of()))
    assert arrays.joint_names == ("joint_0", "joint_1", "joint_2")


@pytest.mark.parametrize("num_joints", [3, 24, 55])
def test_written_body_is_read_back_unchanged(tmp_path: Path, num_joints: int) -> None:
    written = arrays_of(num_joints)
    wider = np.random.default_rng(0).normal(size=(7, 3, 20))
    written = dataclasses.replace(written, shapedirs=wider)
    write_body_model(tmp_path / "other.npz", written)
    read = read_body_model(tmp_path / "other.npz", num_betas=20)
    for field in dataclasses.fields(BodyModelArrays):
        expected, got = getattr(written, field.name), getattr(read, field.name)
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(got, expected)
            assert got.dtype == expected.dtype
        elif field.name != "landmarks":
            assert got == expected
    assert read.landmarks.keys() == written.landmarks.keys()
    for name, (vertices, weights) in written.landmarks.items():
        np.testing.assert_array_equal(read.landmarks[name][0], vertices)
        np.testing.assert_array_equal(read.landmarks[name][1], weights)


def test_written_body_without_landmarks_stays_without(tmp_path: Path) -> None:
    write_body_model(tmp_path / "a.npz", dataclasses.replace(arrays_of(), landmarks={}))
    assert read_body_model(tmp_path / "a.npz").landmarks == {}
