"""Body-model files that are refused: bad arrays, damage."""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_file_members import (
    Members,
    arrays_of,
    assert_holds,
    members_of,
    npz_with,
    python2_smpl,
    write_npz,
    write_pkl,
)
from smplceres.base.files.archives import ModelFileError
from smplceres.body.model_arrays import check_arrays
from smplceres.body.model_files import read_body_model, write_body_model


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
        r"posedirs: expected finite numbers within 1e\+06, got nan at \[3, 0, 5\]",
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
