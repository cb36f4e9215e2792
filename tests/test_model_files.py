"""Body-model files: which are read, which are refused and why, and that nothing in them runs."""

from __future__ import annotations

import dataclasses
import io
import os
import pickle
import struct
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from smplceres import model_files
from smplceres.model_files import (
    BodyModelArrays,
    ModelFileError,
    check_arrays,
    read_body_model,
    write_body_model,
)
from smplceres.safe_pickle import PickleFormatError, read_pickle
from smplceres.skeleton import SMPL_JOINTS, SMPL_LANDMARKS, SMPLH_JOINTS, SMPLX_JOINTS, joint_names

Members = dict[str, NDArray[Any]]


def members_of(num_joints: int = 3, num_columns: int = 4, num_vertices: int = 7) -> Members:
    """What a file of a small body holds, under SMPL's keys and with SMPL's types."""
    rng = np.random.default_rng(num_joints)
    weights = rng.random((num_vertices, num_joints))
    parents = np.maximum(np.arange(num_joints) - 2, 0)
    parents[0] = 2**32 - 1
    return {
        "v_template": rng.normal(size=(num_vertices, 3)),
        "shapedirs": rng.normal(size=(num_vertices, 3, num_columns)),
        "posedirs": rng.normal(size=(num_vertices, 3, 9 * (num_joints - 1))),
        "J_regressor": rng.random((num_joints, num_vertices)),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "kintree_table": np.stack([parents, np.arange(num_joints)]).astype(np.uint32),
        "f": np.array([[0, 1, 2], [2, 1, 3], [4, 5, 6]], np.uint32),
    }


def write_npz(folder: Path, **members: Any) -> Path:
    np.savez(folder / "body.npz", **members)
    return folder / "body.npz"


def write_pkl(folder: Path, content: bytes) -> Path:
    (folder / "body.pkl").write_bytes(content)
    return folder / "body.pkl"


def assert_holds(arrays: BodyModelArrays, members: Members, num_betas: int) -> None:
    np.testing.assert_array_equal(arrays.v_template, members["v_template"])
    np.testing.assert_array_equal(arrays.shapedirs, members["shapedirs"][:, :, :num_betas])
    np.testing.assert_array_equal(arrays.posedirs, members["posedirs"])
    np.testing.assert_array_equal(arrays.J_regressor, members["J_regressor"])
    np.testing.assert_array_equal(arrays.lbs_weights, members["weights"])
    np.testing.assert_array_equal(arrays.faces, members["f"])
    assert arrays.parents.tolist() == [-1, *members["kintree_table"][0, 1:].tolist()]
    for array in (arrays.parents, arrays.faces):
        assert array.dtype == np.int32


def arrays_of(num_joints: int = 3) -> BodyModelArrays:
    members = members_of(num_joints)
    return BodyModelArrays(
        name="small",
        v_template=members["v_template"],
        shapedirs=members["shapedirs"],
        posedirs=members["posedirs"],
        J_regressor=members["J_regressor"],
        lbs_weights=members["weights"],
        parents=np.array([-1, *members["kintree_table"][0, 1:]], np.int32),
        faces=members["f"].astype(np.int32),
        joint_names=joint_names(num_joints),
        landmarks={
            "nose": (np.array([4], np.int32), np.ones(1)),
            "chin": (np.array([1, 5], np.int32), np.array([0.25, 0.75])),
        },
    )


class Python2:
    """Writes pickles opcode by opcode as Python 2's cPickle does, with its memo, strings and names.

    Methods return the bytes that leave a value on the stack.
    """

    def __init__(self, protocol: int) -> None:
        self.protocol = protocol
        self.stored = 0

    def store(self, code: bytes) -> bytes:
        index, self.stored = self.stored, self.stored + 1
        if self.protocol == 0:
            return code + b"p%d\n" % index
        return code + (b"q" + bytes([index]) if index < 256 else b"r" + struct.pack("<I", index))

    def string(self, raw: bytes) -> bytes:
        if self.protocol == 0:
            return self.store(b"S" + repr(raw)[1:].encode() + b"\n")
        size = len(raw)
        head = b"U" + bytes([size]) if size < 256 else b"T" + struct.pack("<i", size)
        return self.store(head + raw)

    def integer(self, number: int) -> bytes:
        if self.protocol == 0:
            return b"I%d\n" % number
        return b"K" + bytes([number]) if 0 <= number < 256 else b"J" + struct.pack("<i", number)

    def boolean(self, value: bool) -> bytes:
        if self.protocol == 0:
            return b"I01\n" if value else b"I00\n"
        return b"\x88" if value else b"\x89"

    def sequence(self, *items: bytes) -> bytes:
        return self.store(b"(" + b"".join(items) + b"t")

    def name(self, module: str, name: str) -> bytes:
        return self.store(f"c{module}\n{name}\n".encode())

    def mapping(self, **items: bytes) -> bytes:
        pairs = [self.string(key.encode()) + value for key, value in items.items()]
        if self.protocol == 0:
            return self.store(b"(d") + b"".join(pair + b"s" for pair in pairs)
        return self.store(b"}") + b"(" + b"".join(pairs) + b"u"

    def call(self, module: str, name: str, *arguments: bytes) -> bytes:
        return self.store(self.name(module, name) + self.sequence(*arguments) + b"R")

    def dtype(self, dtype: np.dtype[Any]) -> bytes:
        code = self.string(dtype.str[1:].encode())
        made = self.call("numpy", "dtype", code, self.integer(0), self.integer(1))
        order = self.string(dtype.str[:1].encode())
        state = [self.integer(3), order, b"NNN", self.integer(-1), self.integer(-1)]
        return made + self.sequence(*state, self.integer(0)) + b"b"

    def array(self, array: NDArray[Any], module: str = "numpy.core.multiarray") -> bytes:
        kind = self.name("numpy", "ndarray")
        empty = self.sequence(self.integer(0))
        made = self.call(module, "_reconstruct", kind, empty, self.string(b"b"))
        fortran = array.flags.f_contiguous and not array.flags.c_contiguous
        return (
            made
            + self.sequence(
                self.integer(1),
                self.sequence(*(self.integer(size) for size in array.shape)),
                self.dtype(array.dtype),
                self.boolean(fortran),
                self.string(array.tobytes(order="A")),
            )
            + b"b"
        )

    def instance(self, module: str, name: str, **state: bytes) -> bytes:
        if self.protocol == 0:
            base = self.name("__builtin__", "object")
            made = self.call("copy_reg", "_reconstructor", self.name(module, name), base, b"N")
        else:
            made = self.store(self.name(module, name) + b")\x81")
        return made + self.mapping(**state) + b"b"

    def ch(self, array: NDArray[Any]) -> bytes:
        changed = self.call("__builtin__", "set", self.store(b"(l"))
        return self.instance("chumpy.ch", "Ch", x=self.array(array), _dirty_vars=changed, _itr=b"N")

    def csc(self, dense: NDArray[np.float64], module: str = "scipy.sparse.csc") -> bytes:
        cols, rows = np.nonzero(dense.T)
        indptr = np.concatenate([[0], np.cumsum(np.bincount(cols, minlength=dense.shape[1]))])
        return self.instance(
            module,
            "csc_matrix",
            _shape=self.sequence(*(self.integer(size) for size in dense.shape)),
            maxprint=self.integer(50),
            data=self.array(dense[rows, cols]),
            indices=self.array(rows.astype(np.int32)),
            indptr=self.array(indptr.astype(np.int32)),
        )

    def file(self, **items: bytes) -> bytes:
        return (b"" if self.protocol == 0 else b"\x80\x02") + self.mapping(**items) + b"."


def python2_smpl(members: Members, protocol: int) -> bytes:
    """SMPL's original form: shapedirs selected from a longer chumpy array, sparse J_regressor."""
    writer = Python2(protocol)
    longer = np.concatenate([members["shapedirs"], members["shapedirs"] + 1], axis=2)
    chosen = np.arange(longer.size).reshape(longer.shape)[:, :, : members["shapedirs"].shape[2]]
    shapedirs = writer.instance(
        "chumpy.reordering",
        "Select",
        a=writer.ch(longer),
        idxs=writer.array(chosen.ravel()),
        preferred_shape=writer.sequence(*(writer.integer(size) for size in chosen.shape)),
    )
    return writer.file(
        bs_style=writer.string(b"lbs"),
        bs_type=writer.string(b"lrotmin"),
        v_template=writer.ch(members["v_template"]),
        shapedirs=shapedirs,
        posedirs=writer.array(np.asfortranarray(members["posedirs"])),
        J_regressor=writer.csc(members["J_regressor"]),
        J=writer.instance("chumpy.ch_ops", "MatVecMult", mtx=b"N", vec=b"N"),
        weights=writer.ch(members["weights"]),
        kintree_table=writer.array(members["kintree_table"]),
        f=writer.array(members["f"]),
    )


# --- Files that are read ---


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


# --- Files that are refused ---


def test_missing_file_is_file_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"not found.*body\.npz"):
        read_body_model(tmp_path / "body.npz")


@pytest.mark.parametrize("name", ["body.npz", "body"])
def test_folder_is_refused_with_the_endings_that_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(ModelFileError, match=r"expected a file ending in \.npz or \.pkl, got a f"):
        read_body_model(tmp_path / name)


def test_other_ending_is_refused_with_the_endings_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "body.fbx").write_bytes(b"x")
    with pytest.raises(ModelFileError, match=r"body\.fbx: expected a file ending in \.npz or"):
        read_body_model(tmp_path / "body.fbx")


def test_num_betas_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="num_betas: expected at least 1, got 0"):
        read_body_model(tmp_path / "body.npz", num_betas=0)


def test_writing_to_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected a file ending in \.npz"):
        write_body_model(tmp_path / "body.pkl", arrays_of())


def set_at(key: str, index: Any, value: Any) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        members[key][index] = value

    return change


def put(key: str, value: Any) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        members[key] = np.asarray(value)

    return change


def drop(key: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        del members[key]

    return change


REFUSED = {
    "missing_array": (drop("posedirs"), "posedirs: expected in the file"),
    "missing_either_name": (drop("weights"), "lbs_weights or weights: expected in the file"),
    "flat_shapedirs": (
        put("shapedirs", np.zeros((10, 3))),
        r"shapedirs: expected \(V, 3, B\) with V = 7, got \(10, 3\)",
    ),
    "no_betas": (put("shapedirs", np.zeros((7, 3, 0))), r"got \(7, 3, 0\)"),
    "wrong_v_template": (
        put("v_template", np.zeros((7, 2))),
        r"v_template: expected \(V, 3\), got",
    ),
    "wrong_posedirs": (
        put("posedirs", np.zeros((7, 3, 207))),
        r"posedirs: expected \(V, 3, 9\(J-1\)\) with V = 7, 9\(J-1\) = 18, got \(7, 3, 207\)",
    ),
    "transposed_regressor": (
        put("J_regressor", np.zeros((7, 3))),
        r"J_regressor: expected \(J, V\) with J = 3, V = 7, got \(7, 3\)",
    ),
    "wrong_weights": (put("weights", np.ones((7, 4)) / 4), r"lbs_weights: expected \(V, J\)"),
    "quads": (put("f", np.zeros((2, 4), int)), r"faces: expected \(F, 3\), got \(2, 4\)"),
    "text": (put("v_template", [["a"] * 3] * 7), "v_template: expected numbers, got <U1"),
    "float_faces": (put("f", np.zeros((2, 3))), "faces: expected integers, got float64"),
    "nan": (
        set_at("posedirs", (3, 0, 5), np.nan),
        r"posedirs: expected finite numbers, got nan at \[3, 0, 5\]",
    ),
    "infinity": (set_at("v_template", (2, 1), -np.inf), r"v_template: .*, got -inf at \[2, 1\]"),
    "two_roots": (
        set_at("kintree_table", (0, 2), 2**32 - 1),
        r"parents: expected one root \(-1\), at joint 0, got roots at \[0, 2\]",
    ),
    "no_root": (set_at("kintree_table", (0, 0), 0), r"got roots at \[\]"),
    "parent_out_of_range": (
        set_at("kintree_table", (0, 2), 3),
        r"parents: expected joints within 0 \.\. 2, got 3 at joint 2",
    ),
    "cycle": (
        put("kintree_table", [[-1, 2, 1], [0, 1, 2]]),
        "parents: expected a tree, got a cycle at or above joint 1",
    ),
    "own_parent": (set_at("kintree_table", (0, 1), 1), "got a cycle at or above joint 1"),
    "child_first": (
        put("kintree_table", [[-1, 2, 0], [0, 1, 2]]),
        "parents: expected parents before their children, got parent 2 of joint 1",
    ),
    "other_joint_ids": (
        put("kintree_table", [[-1, 0, 0], [0, 2, 1]]),
        r"kintree_table: expected \(2, J\), parents above joints 0 \.\. J-1",
    ),
    "flat_kintree_table": (put("kintree_table", [-1, 0, 0]), r"kintree_table: expected \(2, J\)"),
    "weights_sum": (
        set_at("weights", (4, slice(None)), 0.4),
        r"lbs_weights: expected rows that sum to 1 within 0\.001, got 1\.2 at vertex 4",
    ),
    "negative_weight": (
        set_at("weights", 2, [-0.5, 0.5, 1.0]),
        "lbs_weights: expected weights of at least -1e-06, got -0.5 at vertex 2, joint 0",
    ),
    "face_out_of_range": (
        set_at("f", (1, 1), 7),
        r"faces: expected vertices within 0 \.\. 6, got 7",
    ),
    "huge_face": (put("f", [[0, 1, 2**40]]), "faces: expected 32-bit integers, got 1099511627776"),
    "joint_names_count": (
        put("joint_names", ["a", "b"]),
        "joint_names: expected J different names with J = 3, got 2",
    ),
    "joint_names_twice": (put("joint_names", ["a", "b", "a"]), "got 3, of which 2 differ"),
    "joint_names_numbers": (put("joint_names", [1, 2, 3]), "joint_names: expected text"),
    "landmarks_without_points": (
        put("landmark_names", ["nose"]),
        "landmark_regressor: expected in the file",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("container", ["npz", "pkl"])
def test_bad_array_is_refused_by_name(tmp_path: Path, container: str, case: str) -> None:
    change, words = REFUSED[case]
    members = members_of()
    change(members)
    if container == "npz":
        path = write_npz(tmp_path, **members)
    else:
        path = write_pkl(tmp_path, pickle.dumps(members))
    with pytest.raises(ModelFileError, match=words) as caught:
        read_body_model(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message


@pytest.mark.parametrize(
    ("landmarks", "words"),
    [
        ({"landmark_vertices": np.array([7])}, r"landmarks\['nose'\]: expected vertices within"),
        ({"landmark_vertices": np.array([1, 2])}, r"landmark_vertices: expected \(L,\) with L = 1"),
        ({"landmark_regressor": np.ones((1, 7))}, "expected weights that sum to 1 .*, got 7"),
        ({"landmark_regressor": np.ones((1, 6)) / 6}, r"expected \(L, V\) with L = 1, V = 7"),
    ],
)
def test_bad_landmarks_are_refused(tmp_path: Path, landmarks: Members, words: str) -> None:
    path = write_npz(tmp_path, landmark_names=np.array(["nose"]), **landmarks, **members_of())
    with pytest.raises(ModelFileError, match=words):
        read_body_model(path)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("v_template", np.zeros((7, 3), np.float32), "v_template: .* float64, got float32"),
        ("faces", np.zeros((1, 3), np.int64), "faces: expected an array of int32, got int64"),
        ("parents", [-1, 0, 0], "parents: expected an array of int32, got list"),
        (
            "landmarks",
            {"nose": (np.array([1, 2], np.int32), np.ones(1))},
            r"landmarks\['nose'\]: expected \(N,\) with N = 2, got \(1,\)",
        ),
    ],
)
def test_arrays_made_by_hand_are_checked_too(field: str, value: Any, words: str) -> None:
    changed = dataclasses.replace(arrays_of(), **{field: value})
    with pytest.raises(ValueError, match=words):
        check_arrays(changed)


def test_weights_within_the_tolerance_are_kept_as_they_are(tmp_path: Path) -> None:
    members = members_of()
    members["weights"] *= 1 + 5e-4
    members["weights"][0] = [-5e-7, 0.5, 0.5]
    assert_holds(read_body_model(write_npz(tmp_path, **members)), members, 4)


@pytest.mark.parametrize("content", [b"", b"\x80\x02.", b"PK\x03\x04", b"N.", b"}.", b"hello"])
@pytest.mark.parametrize("name", ["body.npz", "body.pkl"])
def test_empty_and_alien_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelFileError, match=name):
        read_body_model(tmp_path / name)


def truncated(content: bytes, cuts: int = 150) -> list[bytes]:
    return [content[: len(content) * cut // cuts] for cut in range(cuts)]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_truncated_npz_is_refused_at_any_length(tmp_path: Path, save: Callable[..., None]) -> None:
    buffer = io.BytesIO()
    save(buffer, **members_of())
    for content in truncated(buffer.getvalue()):
        (tmp_path / "body.npz").write_bytes(content)
        with pytest.raises(ModelFileError):
            read_body_model(tmp_path / "body.npz")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_truncated_pickle_is_refused_at_any_length(tmp_path: Path, protocol: int) -> None:
    for content in truncated(pickle.dumps(members_of(), protocol)):
        with pytest.raises(ModelFileError):
            read_body_model(write_pkl(tmp_path, content))


@pytest.mark.parametrize("protocol", [0, 2])
def test_truncated_python2_pickle_is_refused_at_any_length(tmp_path: Path, protocol: int) -> None:
    for content in truncated(python2_smpl(members_of(), protocol)):
        with pytest.raises(ModelFileError):
            read_body_model(write_pkl(tmp_path, content))


@pytest.mark.parametrize("name", ["body.npz", "body.pkl"])
def test_corrupt_bytes_are_read_or_refused_but_never_fail_otherwise(
    tmp_path: Path, name: str
) -> None:
    rng = np.random.default_rng(7)
    if name == "body.npz":
        write_npz(tmp_path, **members_of())
    else:
        write_pkl(tmp_path, python2_smpl(members_of(), 2))
    content = np.frombuffer((tmp_path / name).read_bytes(), np.uint8)
    for _ in range(500):
        corrupt = content.copy()
        corrupt[rng.integers(0, len(content), 3)] = rng.integers(0, 256, 3)
        (tmp_path / name).write_bytes(corrupt.tobytes())
        try:
            read_body_model(tmp_path / name)
        except ModelFileError as error:
            assert "\n" not in str(error)


def npz_with(folder: Path, name: str, content: bytes) -> Path:
    """An .npz whose member `name` has any content at all."""
    path = write_npz(folder, **{key: a for key, a in members_of().items() if key != name})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{name}.npy", content)
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "magic string"),
        (b"\x93NUMPY\x03\x00" + bytes(8), r"version 1\.0 or 2\.0, got \(3, 0\)"),
        (b"\x93NUMPY\x01\x00\xff\xff{", "EOF"),
        (b"\x93NUMPY\x01\x00\x04\x00((((", "."),
        (b"\x93NUMPY\x01\x00\x03\x00{}\n", "."),
    ],
)
def test_damaged_member_is_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(ModelFileError, match=f"posedirs: .*{words}"):
        read_body_model(npz_with(tmp_path, "posedirs", content))


def test_text_that_is_no_unicode_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array(["a", "b", "c"]))
    content = buffer.getvalue()[:-4] + b"\xff\xff\xff\xff"
    with pytest.raises(ModelFileError):
        read_body_model(npz_with(tmp_path, "joint_names", content))


# --- Files that claim to be larger than memory ---


def test_member_that_unpacks_too_large_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_files, "MAX_MEMBER_BYTES", 10_000)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **(members_of() | {"posedirs": np.zeros((7, 3, 1000))}))
    (tmp_path / "body.npz").write_bytes(buffer.getvalue())
    with pytest.raises(ModelFileError, match="posedirs: expected at most 10000 bytes, got 168128"):
        read_body_model(tmp_path / "body.npz")


def test_array_that_widens_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_files, "MAX_ARRAY_SIZE", 1000)
    members = members_of() | {"posedirs": np.zeros((7, 3, 1000), np.int8)}
    with pytest.raises(ModelFileError, match="posedirs: expected at most 1000 elements, got 21000"):
        read_body_model(write_npz(tmp_path, **members))


def test_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "MAX_FILE_BYTES", 100)
    with pytest.raises(ModelFileError, match="expected at most 100 bytes, got more"):
        read_body_model(write_npz(tmp_path, **members_of()))


def test_header_that_claims_more_than_its_member_holds_is_refused(tmp_path: Path) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 3)}\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(24)
    with pytest.raises(ModelFileError, match=r"v_template: expected \(1000000000000, 3\) elements"):
        read_body_model(npz_with(tmp_path, "v_template", content))


def python2_file_with(key: str, make: Callable[[Python2], bytes]) -> bytes:
    """A pickle of a good body but for one array."""
    writer = Python2(2)
    members = {name: writer.array(array) for name, array in members_of().items()}
    return writer.file(**(members | {key: make(writer)}))


def array_with_shape(writer: Python2, *shape: int) -> bytes:
    kind, empty = writer.name("numpy", "ndarray"), writer.sequence(writer.integer(0))
    made = writer.call("numpy.core.multiarray", "_reconstruct", kind, empty, writer.string(b"b"))
    sizes = writer.sequence(*(b"\x8a\x08" + struct.pack("<q", size) for size in shape))
    parts = [writer.integer(1), sizes, writer.dtype(np.dtype("<f8")), b"\x89"]
    return made + writer.sequence(*parts, writer.string(bytes(24))) + b"b"


def huge_sparse(writer: Python2) -> bytes:
    sizes = writer.sequence(writer.integer(2**31 - 1), writer.integer(2**31 - 1))
    empty = writer.array(np.zeros(1, np.int32))
    return writer.instance(
        "scipy.sparse.coo", "coo_matrix", _shape=sizes, row=empty, col=empty, data=empty
    )


def self_containing_ch(writer: Python2) -> bytes:
    index = writer.stored
    made = writer.store(b"cchumpy.ch\nCh\n)\x81")
    return made + writer.mapping(x=b"h" + bytes([index])) + b"b"


@pytest.mark.parametrize(
    ("key", "make", "words"),
    [
        ("v_template", lambda w: array_with_shape(w, 2**40, 3), "got 24 bytes for them"),
        ("v_template", lambda w: array_with_shape(w, 2**62, 3), "expected a shape"),
        ("v_template", lambda w: array_with_shape(w, -1, 3), "expected a shape"),
        ("J_regressor", huge_sparse, "expected a sparse matrix of a regressor's size"),
        ("v_template", self_containing_ch, "expected arrays nested at most 8 deep"),
    ],
)
def test_pickled_array_of_impossible_size_is_refused(
    tmp_path: Path, key: str, make: Callable[[Python2], bytes], words: str
) -> None:
    with pytest.raises(ModelFileError, match=f"{key}: .*{words}"):
        read_body_model(write_pkl(tmp_path, python2_file_with(key, make)))


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02Nr\xff\xff\xff\xff.",  # stored at index 4294967295
        b"Np4294967295000\n.",
        b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"x.",  # 2^60 bytes follow, it says
        b"\x80\x05\x96" + struct.pack("<Q", 2**60) + b"x.",
        b"\x80\x02}N" + b"2\x86" * 60 + b"Ns.",  # a key of 2^60 tuples, to be hashed
        b"\x80\x02]" + b"2a" * 1000 + b".",  # a list within itself
    ],
)
def test_small_pickle_never_takes_much_memory_or_time(tmp_path: Path, content: bytes) -> None:
    start = time.perf_counter()
    with pytest.raises(ModelFileError):
        read_body_model(write_pkl(tmp_path, content))
    assert time.perf_counter() - start < 1  # seconds; microseconds are usual


# --- Pickles that want to run code ---


class Runs:
    """Pickles as a call of a function, which unpickling would make."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def touching(marker: Path) -> list[tuple[Runs, str]]:
    """Objects that create `marker` when unpickled, and the global by which they do."""
    code = f"open({str(marker)!r}, 'w').close()"
    return [
        (Runs(os.system, f"touch {marker}"), rf"{os.name}\.system"),
        (Runs(eval, code), r"\w+\.eval"),
        (Runs(exec, code), r"\w+\.exec"),
        (Runs(subprocess.call, ["touch", str(marker)]), r"(commands|subprocess)\.call"),
        (Runs(__import__, "antigravity"), r"\w+\.__import__"),
        (Runs(np.load, str(marker), "r", True), r"numpy[\w.]*\.load"),
        (Runs(np.save, str(marker), 1), r"numpy[\w.]*\.save"),
    ]


@pytest.mark.parametrize("index", range(7))
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_pickle_that_calls_a_function_is_refused_and_nothing_runs(
    tmp_path: Path, protocol: int, index: int
) -> None:
    marker = tmp_path / "ran"
    hostile, name = touching(marker)[index]
    content = pickle.dumps({"v_template": hostile}, protocol)
    with pytest.raises(ModelFileError, match=f"got the global {name} at byte .* refused"):
        read_body_model(write_pkl(tmp_path, content))
    assert not marker.exists()


def test_npz_member_that_calls_a_function_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for hostile, name in touching(marker)[:4]:
        members = members_of() | {"v_template": np.array(hostile, dtype=object)}
        with pytest.raises(ModelFileError, match=f"v_template: .*got the global {name}"):
            read_body_model(write_npz(tmp_path, **members))
        assert not marker.exists()


def test_npz_member_that_is_not_needed_never_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    hostile = np.array(touching(marker)[0][0], dtype=object)
    path = write_npz(tmp_path, joint2num=hostile, **members_of())
    assert_holds(read_body_model(path), members_of(), 4)
    assert not marker.exists()


def python2_call(marker: Path) -> bytes:
    return b"cposix\nsystem\n(U" + bytes([len(f"touch {marker}")]) + f"touch {marker}tR".encode()


NESTED = {
    "in_chumpy_state": lambda w, call: w.instance("chumpy.ch", "Ch", x=call),
    "in_unused_chumpy_state": lambda w, call: w.instance("chumpy.ch", "Ch", _cache=call),
    "in_sparse_state": lambda w, call: w.instance("scipy.sparse.csc", "csc_matrix", data=call),
    "as_argument_of_reconstruct": lambda w, call: w.call(
        "numpy.core.multiarray", "_reconstruct", call, w.sequence(), w.string(b"b")
    ),
    "as_argument_of_dtype": lambda w, call: w.call("numpy", "dtype", call),
    "as_argument_of_reconstructor": lambda w, call: w.call("copy_reg", "_reconstructor", call),
}


@pytest.mark.parametrize("where", NESTED)
def test_call_nested_in_an_admitted_object_is_refused_and_nothing_runs(
    tmp_path: Path, where: str
) -> None:
    marker = tmp_path / "ran"
    content = python2_file_with("shapedirs", lambda w: NESTED[where](w, python2_call(marker)))
    with pytest.raises(ModelFileError, match=r"got the global posix\.system"):
        read_body_model(write_pkl(tmp_path, content))
    assert not marker.exists()


HOSTILE_BUT_ADMITTED = {
    "reconstruct_of_another_type": lambda w: w.call(
        "numpy.core.multiarray",
        "_reconstruct",
        w.name("chumpy.ch", "Ch"),
        w.sequence(w.integer(2**31 - 1), w.integer(2**31 - 1)),
        w.string(b"f8"),
    ),
    "array_of_objects": lambda w: w.array(np.zeros(2)).replace(b"U\x02f8", b"U\x02O8"),
    "structured_dtype": lambda w: w.array(np.zeros(2)).replace(b"U\x02f8", b"U\x02V8"),
    "dtype_by_expression": lambda w: w.array(np.zeros(2)).replace(b"U\x02f8", b"U\x05f8,f8"),
    "scalar_without_bytes": lambda w: w.call("numpy.core.multiarray", "scalar", w.string(b"f8")),
    "a_class": lambda w: w.name("numpy", "ndarray"),
    "an_encoded_text": lambda w: w.call("_codecs", "encode", w.string(b"x"), w.string(b"zlib")),
    "a_chumpy_expression": lambda w: w.instance("chumpy.ch_ops", "MatVecMult", mtx=b"N"),
    "ch_without_x": lambda w: w.instance("chumpy.ch", "Ch", y=b"N"),
    "select_beyond_its_array": lambda w: w.instance(
        "chumpy.reordering", "Select", a=w.ch(np.zeros(3)), idxs=w.array(np.array([99]))
    ),
    "a_list": lambda w: b"]",
}


@pytest.mark.parametrize("case", HOSTILE_BUT_ADMITTED)
def test_admitted_object_that_is_no_array_is_refused_by_key(tmp_path: Path, case: str) -> None:
    content = python2_file_with("v_template", HOSTILE_BUT_ADMITTED[case])
    with pytest.raises(ModelFileError, match="v_template: expected"):
        read_body_model(write_pkl(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x80\x02cchumpy.ch\nCh\nN}b.", "expected a record .*, got a NoneType"),
        (b"\x80\x02cchumpy.ch\nCh\n}U\x01xNsb.", "expected a record .*, got a Global"),
        (b"\x80\x02cnumpy\nndarray\n(N}U\x0c__setstate__Nstb.", "expected a record"),
        (b"\x80\x02U\x06system)R.", "expected a global .*, got a str"),
        (b"\x80\x02]]a)\x81.", "expected a global .*, got a list"),
        (b"(Vos\nVsystem\ni__builtin__\neval\n.", "opcode b'i'"),
        (b"(c__builtin__\nobject\no.", "opcode b'o'"),
        (b"Pid\n.", "opcode b'P'"),
        (b"\x80\x02\x82\x01.", "opcode"),
        (b"\x80\x02cchumpy.os\nsystem.\n.", "refused"),
        (b"\x80\x02cscipy.sparse\ncsc_matrix.__init__\n.", "refused"),
        (b"\x80\x02cchumpyevil\nCh\n.", "refused"),
        (b"\x80\x06N.", "protocol 0 to 5, got 6"),
        (b"h\x05.", "expected a stored value 5"),
        (b"t.", "expected a mark"),
        (b"0.", "expected a value on the stack"),
        (b"I" + b"9" * 5000 + b"\n.", "expected an integer"),
    ],
)
def test_odd_opcodes_are_refused(content: bytes, words: str) -> None:
    with pytest.raises(PickleFormatError, match=words):
        read_pickle(content)


def test_names_of_special_methods_in_a_state_are_but_keys(tmp_path: Path) -> None:
    def make(writer: Python2) -> bytes:
        return writer.instance(
            "chumpy.ch",
            "Ch",
            x=writer.array(members_of()["v_template"]),
            __class__=writer.name("numpy", "ndarray"),
            __setstate__=writer.name("_codecs", "encode"),
            __dict__=b"}",
        )

    arrays = read_body_model(write_pkl(tmp_path, python2_file_with("v_template", make)))
    np.testing.assert_array_equal(arrays.v_template, members_of()["v_template"])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_is_read_as_pickle_reads_it(protocol: int) -> None:
    data = {
        "numbers": [0, 1, -1, 255, 256, 65536, -(2**31), 2**40, -(2**70), 0.5, float("inf")],
        "texts": ["", "a", "ä€😀", "line\nbreak", "quote'\"\\", "x" * 300],
        "nested": ({"a": None}, (True, False), [], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
    }
    data["twice"] = data["texts"]
    assert read_pickle(pickle.dumps(data, protocol)) == data
