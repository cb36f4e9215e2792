"""Keypoints and the files they come in: what is read, and what is refused with which words."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import zlib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from smplceres.keypoint_files import KeypointFileError, read_keypoints, write_keypoints
from smplceres.keypoint_formats import COCO17, FORMATS, LSP14, OPENPOSE_BODY25, KeypointFormat
from smplceres.keypoints import Keypoints

PHOTOS = resources.files("smplceres") / "data" / "photos"


def rows_of(num_keypoints: int, seed: int = 0) -> NDArray[np.float64]:
    """[K, 3] places within 640 x 480 and confidences from 0.1 to 1."""
    return np.random.default_rng(seed).uniform([0, 0, 0.1], [640, 480, 1], (num_keypoints, 3))


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def openpose(*people: NDArray[np.float64], key: str = "pose_keypoints_2d") -> dict[str, Any]:
    return {"version": 1.3, "people": [{key: rows.ravel().tolist()} for rows in people]}


def assert_holds(person: Keypoints, rows: NDArray[np.float64], format: str) -> None:
    assert person.format is FORMATS[format]
    np.testing.assert_array_equal(person.xy, rows[:, :2])
    np.testing.assert_array_equal(person.confidence, rows[:, 2])


# --- Keypoints ---


def test_keypoints_from_two_columns_have_confidence_one() -> None:
    person = Keypoints.from_array(rows_of(14)[:, :2])
    assert person.format is LSP14
    np.testing.assert_array_equal(person.confidence, np.ones(14))


def test_keypoints_from_three_columns_keep_confidences_above_one() -> None:
    rows = rows_of(25)
    rows[3, 2] = 1.4
    person = Keypoints.from_array(rows)
    assert_holds(person, rows, "openpose_body25")
    assert len(person) == 25


def test_a_missing_keypoint_is_stored_as_zero_whatever_came() -> None:
    rows = rows_of(14)
    rows[:3] = np.array([[np.nan, 5, 0], [np.inf, -np.inf, 0], [7, 8, 0]])
    person = Keypoints.from_array(rows)
    np.testing.assert_array_equal(person.xy[:3], np.zeros((3, 2)))
    np.testing.assert_array_equal(person.visible, [False] * 3 + [True] * 11)


def test_keypoints_copy_their_input_and_are_read_only() -> None:
    rows = rows_of(14)
    before = rows.copy()
    person = Keypoints.from_array(rows)
    rows[:] = -1
    np.testing.assert_array_equal(person.xy, before[:, :2])
    with pytest.raises(ValueError, match="read-only"):
        person.xy[0] = 0


def test_keypoints_can_be_replaced_in_part() -> None:
    person = Keypoints.from_array(rows_of(14), source="here")
    hidden = dataclasses.replace(person, confidence=np.zeros(14))
    assert hidden.source == "here"
    assert not hidden.visible.any()


def test_height_is_the_vertical_extent_of_the_keypoints_that_are_sure() -> None:
    rows = rows_of(14)
    rows[:, 1:] = np.stack([np.arange(14) * 10, np.ones(14)], axis=1)
    rows[12:, 2] = 0.5, 0.0
    assert Keypoints.from_array(rows).height_px == 110
    rows[1:, 2] *= 0.4
    assert Keypoints.from_array(rows).height_px == 120  # one is sure: all that are visible
    rows[:, 2] = 0
    assert Keypoints.from_array(rows).height_px == 0


@pytest.mark.parametrize(
    ("array", "format", "message"),
    [
        (np.ones((18, 3)), "body_25", r"keypoints: .*\[K, 3\] with K = 25 \(openpose_body25\).*18"),
        (np.ones((18, 2)), "coco", r"keypoints: .*\[K, 2\] with K = 17 \(coco17\), got \[18, 2\]"),
        (np.ones((17, 4)), "coco", r"keypoints: .*\[K, 3\] with K = 17 \(coco17\), got \[17, 4\]"),
        (np.ones(51), None, r"keypoints: expected \[K, 3\], got \[51\]"),
        (np.ones((1, 17, 3)), None, r"keypoints: expected \[K, 3\], got \[1, 17, 3\]"),
        (np.ones((17, 3)), None, "17 keypoints fit coco17 or human36m17"),
        (np.ones((27, 3)), None, r"25 \(openpose_body25\), .*; got 27"),
        (np.ones((0, 3)), None, "got 0"),
        (np.ones((17, 3)), "halpe9", "format: expected one of openpose_body25.*got 'halpe9'"),
        ([[1, 2], [1]], None, "keypoints: expected rows of equal length"),
        ([["1", "2"]], None, "keypoints: expected real numbers, got dtype <U1"),
        (np.ones((17, 3), complex), "coco", "keypoints: expected real numbers, got dtype complex"),
        (np.ones((17, 3), bool), "coco", "keypoints: expected real numbers, got dtype bool"),
        (None, "coco", "keypoints: expected real numbers, got dtype object"),
    ],
)
def test_from_array_refuses(array: Any, format: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Keypoints.from_array(array, format)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([np.nan, 1, 0.8], r"xy: .*got \[nan, 1.0\] for 'left_eye' with confidence 0.8"),
        ([1, np.inf, 0.8], r"xy: .*got \[1.0, inf\] for 'left_eye'"),
        ([1, 1, -0.1], "confidence: expected finite values >= 0, got -0.1 for 'left_eye'"),
        ([1, 1, np.nan], "confidence: expected finite values >= 0, got nan for 'left_eye'"),
        ([1, 1, np.inf], "confidence: expected finite values >= 0, got inf for 'left_eye'"),
    ],
)
def test_keypoints_name_the_keypoint_that_is_wrong(row: list[float], message: str) -> None:
    rows = rows_of(17)
    rows[1] = row
    with pytest.raises(ValueError, match=message):
        Keypoints.from_array(rows, COCO17)


def test_keypoints_check_the_shape_of_both_arrays() -> None:
    with pytest.raises(ValueError, match=r"xy: expected \[K, 2\] with K = 17 .*got \[17, 3\]"):
        Keypoints(np.ones((17, 3)), np.ones(17), COCO17)
    with pytest.raises(ValueError, match=r"confidence: expected \[K\] with K = 17 .*got \[17, 1\]"):
        Keypoints(np.ones((17, 2)), np.ones((17, 1)), COCO17)


@pytest.mark.parametrize("size", [(640,), (640, 0), (640.5, 480), ("640", "480"), (640, -1), 640])
def test_keypoints_refuse_a_wrong_image_size(size: Any) -> None:
    with pytest.raises(ValueError, match=r"image_size: expected \(width, height\)"):
        Keypoints.from_array(rows_of(17), COCO17, image_size=size)


# --- Files that are read ---


def test_openpose_json_gives_every_person_with_a_source(tmp_path: Path) -> None:
    first, second = rows_of(25, 1), rows_of(25, 2)
    content = openpose(first, second)
    content["people"][0].update(hand_left_keypoints_2d=[1.0] * 63, face_keypoints_2d=[])
    path = write(tmp_path, "two.json", content)
    people = read_keypoints(path)
    assert len(people) == 2
    assert_holds(people[0], first, "openpose_body25")
    assert_holds(people[1], second, "openpose_body25")
    assert people[1].source == f"{path}: people[1]"
    assert people[1].image_size is None


def test_openpose_json_without_people_is_an_empty_list(tmp_path: Path) -> None:
    assert read_keypoints(write(tmp_path, "none.json", openpose())) == []


def test_openpose_json_leaves_out_a_person_whom_pose2sim_did_not_find(tmp_path: Path) -> None:
    content = openpose(rows_of(25))
    content["people"].insert(0, {})
    path = write(tmp_path, "associated.json", content)
    assert [person.source for person in read_keypoints(path)] == [f"{path}: people[1]"]


def test_openpose_json_of_54_numbers_is_coco18(tmp_path: Path) -> None:
    rows = rows_of(18)
    assert_holds(
        read_keypoints(write(tmp_path, "a.json", openpose(rows)))[0], rows, "openpose_coco18"
    )


def test_openpose_json_with_the_old_key(tmp_path: Path) -> None:
    rows = rows_of(18)
    path = write(tmp_path, "old.json", openpose(rows, key="pose_keypoints"))
    assert_holds(read_keypoints(path)[0], rows, "openpose_coco18")


@pytest.mark.parametrize(("name", "num"), [("openpose_body25b", 25), ("coco17", 17)])
def test_openpose_json_is_what_the_format_says(tmp_path: Path, name: str, num: int) -> None:
    rows = rows_of(num)
    path = write(tmp_path, "named.json", openpose(rows))
    assert_holds(read_keypoints(path, name)[0], rows, name)
    assert_holds(read_keypoints(str(path), FORMATS[name])[0], rows, name)


def test_coco_results_take_the_third_number_as_confidence(tmp_path: Path) -> None:
    rows = rows_of(17)
    result = {"image_id": 42, "category_id": 1, "keypoints": rows.ravel().tolist(), "score": 0.7}
    path = write(tmp_path, "results.json", [result, result])
    people = read_keypoints(path)
    assert len(people) == 2
    assert_holds(people[1], rows, "coco17")
    assert people[1].source == f"{path}: [1] (image 42)"
    assert read_keypoints(write(tmp_path, "none.json", [])) == []


def test_coco_annotations_turn_visibility_into_confidence(tmp_path: Path) -> None:
    rows = rows_of(17)
    rows[:, 2] = np.arange(17) % 3
    rows[rows[:, 2] == 0] = 0
    content = {
        "images": [{"id": 7, "width": 640, "height": 480}, {"id": 8}],
        "annotations": [
            {"image_id": image, "category_id": 1, "keypoints": rows.ravel().tolist()}
            for image in (7, 8)
        ],
    }
    people = read_keypoints(write(tmp_path, "annotations.json", content))
    rows[:, 2] /= 2
    assert_holds(people[0], rows, "coco17")
    assert [person.image_size for person in people] == [(640, 480), None]


@pytest.mark.parametrize("photo", ["astronaut", "cameraman"])
def test_the_photos_keypoints_are_read(photo: str) -> None:
    with resources.as_file(PHOTOS / f"{photo}_mediapipe.json") as path:
        (person,) = read_keypoints(path)
        content = json.loads(path.read_text())
    assert_holds(person, np.array(content["keypoints"]), "mediapipe33")
    assert person.image_size == (512, 512)


def test_one_persons_json_is_recognised_by_its_count_where_it_names_no_format(
    tmp_path: Path,
) -> None:
    rows = rows_of(33)
    path = write(
        tmp_path, "a.json", {"keypoints": rows.tolist(), "format": None, "image_size": None}
    )
    assert_holds(read_keypoints(path)[0], rows, "mediapipe33")


def test_the_format_argument_comes_before_the_files(tmp_path: Path) -> None:
    rows = rows_of(17)
    path = write(tmp_path, "a.json", {"keypoints": rows.tolist(), "format": "coco17"})
    assert_holds(read_keypoints(path, "human36m17")[0], rows, "human36m17")


@pytest.mark.parametrize("image_size", [None, (640, 480)])
@pytest.mark.parametrize("name", FORMATS)
def test_npz_returns_what_was_written(
    tmp_path: Path, name: str, image_size: tuple[int, int] | None
) -> None:
    rows = [rows_of(FORMATS[name].num_keypoints, seed) for seed in range(3)]
    rows[1][2, 2] = 0
    people = [Keypoints.from_array(row, name, image_size) for row in rows]
    path = tmp_path / "people.NPZ"
    write_keypoints(path, people)
    read = read_keypoints(path)
    assert len(read) == 3
    for before, after in zip(people, read, strict=True):
        assert_holds(after, np.column_stack([before.xy, before.confidence]), name)
        assert after.image_size == image_size
    assert read[2].source == f"{path}: keypoints[2]"


def test_npz_of_nobody_returns_nobody(tmp_path: Path) -> None:
    write_keypoints(tmp_path / "none.npz", [])
    assert read_keypoints(tmp_path / "none.npz") == []


def test_npz_of_a_format_of_ones_own_is_read_by_naming_it_again(tmp_path: Path) -> None:
    own = KeypointFormat.from_mapping("own", {"a": "neck", "b": "pelvis"})
    path = tmp_path / "own.npz"
    write_keypoints(path, [Keypoints.from_array(rows_of(2), own)])
    assert read_keypoints(path, own)[0].format is own
    with pytest.raises(KeypointFileError, match="got 'own'"):
        read_keypoints(path)


def test_npz_of_one_person_without_a_format(tmp_path: Path) -> None:
    rows = rows_of(18)
    np.savez(tmp_path / "a.npz", keypoints=rows)
    assert_holds(read_keypoints(tmp_path / "a.npz")[0], rows, "openpose_coco18")


def test_csv_without_names(tmp_path: Path) -> None:
    rows = rows_of(18)
    lines = ["x,y,confidence", *(f"{x},{y},{c}" for x, y, c in rows)]
    (person,) = read_keypoints(write(tmp_path, "a.csv", "\n".join(lines)))
    assert_holds(person, rows, "openpose_coco18")


def csv_with_names(format: KeypointFormat, rows: NDArray[np.float64]) -> list[str]:
    lines = [f"{n},{x},{y},{c}" for n, (x, y, c) in zip(format.names, rows, strict=True)]
    return ["Name, X, Y, Confidence", *lines]


@pytest.mark.parametrize("name", ["coco17", "human36m17", "openpose_body25b"])
def test_csv_with_names_is_recognised_by_them_in_any_order(tmp_path: Path, name: str) -> None:
    rows = rows_of(FORMATS[name].num_keypoints)
    header, *lines = csv_with_names(FORMATS[name], rows)
    text = "\ufeff" + "\r\n".join([header, *reversed(lines), "", ""])
    (person,) = read_keypoints(write(tmp_path, "a.csv", text))
    assert_holds(person, rows, name)


def test_csv_leaves_a_missing_keypoints_place_empty(tmp_path: Path) -> None:
    lines = csv_with_names(LSP14, rows_of(14))
    lines[3] = "right_hip,,,0"
    (person,) = read_keypoints(write(tmp_path, "a.csv", "\n".join(lines)))
    assert np.flatnonzero(~person.visible).tolist() == [2]


# --- Files that are refused ---

GOOD = rows_of(25).ravel().tolist()
NOT_A_NUMBER = [*GOOD[:4], "5", *GOOD[5:]]
REFUSED_JSON: dict[str, tuple[object, str]] = {
    "empty": ("", "expected JSON, got an empty file"),
    "blank": (" \n", "expected JSON, got an empty file"),
    "truncated": (json.dumps(openpose(rows_of(25)))[:-3], "expected JSON, got something else"),
    "text": ("x,y,confidence\n1,2,3", "expected JSON, got something else"),
    "nested": ("[" * 100_000, "got deeply nested brackets"),
    "nested_within": ('{"people":' * 100_000, "got deeply nested brackets"),
    "nan": ('{"people": [{"pose_keypoints_2d": [NaN]}]}', "expected finite numbers, got NaN"),
    "infinity": ('{"keypoints": [[-Infinity]]}', "expected finite numbers, got -Infinity"),
    "overflow": ('{"keypoints": [[1e999, 1, 1]]}', r"keypoints\[0\]: .*float64 holds"),
    "long_integer": ('{"keypoints": [[1' + "0" * 400 + ", 1, 1]]}", r"keypoints\[0\]: .*float64"),
    "longer_integer": ('{"keypoints": [[1' + "0" * 9999 + ", 1, 1]]}", "digits"),
    "other_object": ({"a": 1, "b": 2}, "expected OpenPose .*got an object with the keys 'a', 'b'"),
    "empty_object": ({}, "expected OpenPose .*got an empty object"),
    "number": ("5", "expected OpenPose .*got 5"),
    "null": ("null", "expected OpenPose .*got None"),
    "people_no_list": ({"people": {}}, "people: expected a list, got an empty object"),
    "person_no_object": ({"people": [3]}, r"people\[0\]: expected an object, got 3"),
    "no_pose": ({"people": [{"id": 3}]}, r"people\[0\]: expected 'pose_keypoints_2d', got .*'id'"),
    "pose_no_list": ({"people": [{"pose_keypoints_2d": None}]}, "expected a list, got None"),
    "length": (
        {"people": [{"pose_keypoints_2d": [1.0] * 51}]},
        r"people\[0\].pose_keypoints_2d: expected 75 \(openpose_body25\) or 54 .*, got 51",
    ),
    "no_body": ({"people": [{"pose_keypoints_2d": []}]}, "numbers, got 0"),
    "string": (
        {"people": [{"pose_keypoints_2d": NOT_A_NUMBER}]},
        r"people\[0\].pose_keypoints_2d\[4\]: expected a number, got '5'",
    ),
    "bool": ({"people": [{"pose_keypoints_2d": [True] * 75}]}, "expected a number, got True"),
    "list": ({"people": [{"pose_keypoints_2d": [[1, 2, 3]] * 25}]}, "number, got a list of 3"),
    "negative": (
        {"people": [{"pose_keypoints_2d": [-1.0] * 75}]},
        r"people\[0\]: confidence: expected finite values >= 0, got -1.0 for 'nose'",
    ),
    "results_length": ([{"keypoints": GOOD}], r"\[0\].keypoints: expected 51 \(coco17\).*got 75"),
    "results_other": ([{"bbox": []}], r"\[0\]: expected COCO keypoints .*'bbox'"),
    "results_number": ([1], r"\[0\]: expected an object, got 1"),
    "annotations_no_list": ({"annotations": 3}, "annotations: expected a list, got 3"),
    "visibility": (
        {"annotations": [{"keypoints": [1, 1, 0.7] * 17}]},
        r"annotations\[0\].keypoints: expected visibility 0, 1 or 2",
    ),
    "images": ({"annotations": [], "images": [1]}, r"images\[0\]: expected an object, got 1"),
    "image_width": (
        {"annotations": [], "images": [{"id": 1, "width": "a", "height": 1}]},
        r"images\[0\] \[width, height\]\[0\]: expected a number, got 'a'",
    ),
    "no_rows": ({"keypoints": []}, r"keypoints: expected \[K, 3\]"),
    "ragged": ({"keypoints": [[1, 2, 3], [1, 2]]}, r"got rows of length \[2, 3\]"),
    "flat": ({"keypoints": GOOD}, r"keypoints\[0\]: expected a list"),
    "unknown_format": (
        {"keypoints": [[1, 2, 3]], "format": "halpe27"},
        "format: expected one of openpose_body25.*got 'halpe27'",
    ),
    "format_number": ({"keypoints": [[1, 2, 3]], "format": 3}, "format: expected a string, got 3"),
    "format_contradicts": (
        {"keypoints": [[1, 2, 3]] * 25, "format": "coco17"},
        r"keypoints: expected \[K, 3\] with K = 17 \(coco17\), got \[25, 3\]",
    ),
    "ambiguous": ({"keypoints": [[1, 2, 3]] * 17}, "17 keypoints fit coco17 or human36m17"),
    "image_size": ({"keypoints": [[1, 2, 3]] * 25, "image_size": [640]}, "image_size: expected"),
    "image_size_zero": ({"keypoints": [[1, 2, 3]] * 25, "image_size": [0, 1]}, "two positive"),
    "image_size_huge": ({"keypoints": [[1, 2, 3]] * 25, "image_size": [1e300, 1]}, "image_size:"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED_JSON.values(), ids=REFUSED_JSON.keys())
def test_json_is_refused_with_the_files_name_and_the_reason(
    tmp_path: Path, content: object, message: str
) -> None:
    path = write(tmp_path, "bad.json", content)
    with pytest.raises(KeypointFileError, match=message) as caught:
        read_keypoints(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_json_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(b'{"people": "\xff\xfe\xfa"}')
    with pytest.raises(KeypointFileError, match="expected JSON"):
        read_keypoints(path)


REFUSED_NPZ: dict[str, tuple[dict[str, Any], str]] = {
    "no_keypoints": ({"poses": np.ones(3)}, "expected an array 'keypoints'"),
    "one_axis": ({"keypoints": np.ones(3)}, r"expected \[K, 3\] or \[P, K, 3\], got \[3\]"),
    "no_axis": ({"keypoints": 3.0}, r"\[P, K, 3\], got \[\]"),
    "two_columns": ({"keypoints": np.ones((17, 2))}, r"got \[17, 2\]"),
    "four_axes": ({"keypoints": np.ones((1, 1, 17, 3))}, r"got \[1, 1, 17, 3\]"),
    "count": ({"keypoints": np.ones((26, 3)), "format": "coco17"}, "with K = 17"),
    "second_person": (
        {"keypoints": np.stack([np.ones((18, 3)), -np.ones((18, 3))])},
        r"keypoints\[1\]: confidence: expected",
    ),
    "text": ({"keypoints": np.full((18, 3), "a")}, "expected real numbers, got dtype <U1"),
    "pickled": ({"keypoints": np.full((18, 3), None)}, "allow_pickle=False"),
    "format_unknown": ({"keypoints": np.ones((18, 3)), "format": "x"}, "format: expected one of"),
    "format_array": ({"keypoints": np.ones((18, 3)), "format": ["coco17"]}, "a list of 1"),
    "size_shape": ({"keypoints": np.ones((18, 3)), "image_size": 3}, "image_size: expected"),
    "size_infinite": ({"keypoints": np.ones((18, 3)), "image_size": [np.inf, 1]}, "image_size:"),
    "size_text": ({"keypoints": np.ones((18, 3)), "image_size": ["a", "b"]}, "image_size:"),
}


@pytest.mark.parametrize(("arrays", "message"), REFUSED_NPZ.values(), ids=REFUSED_NPZ.keys())
def test_npz_is_refused_with_the_files_name_and_the_reason(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, **arrays)
    with pytest.raises(KeypointFileError, match=message) as caught:
        read_keypoints(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("content", [b"", b"text", b"\x80\x04N.", b"\x93NUMPY\x01\x00"])
def test_npz_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(KeypointFileError, match=r"expected a \.npz archive"):
        read_keypoints(path)


REFUSED_CSV: dict[str, tuple[str, str]] = {
    "empty": ("", "expected the header .*got ''"),
    "header": ("a,b,c\n1,2,3", "expected the header .*got 'a,b,c'"),
    "header_alone": ("x,y,confidence", "got 0"),
    "columns": ("x,y,confidence\n1,2,3\n\n1,2", "line 4: expected 3 columns, got 2"),
    "number": ("x,y,confidence\n1,two,3", "line 2: expected a number, got 'two'"),
    "count": ("x,y,confidence\n1,2,3", "got 1"),
    "semicolons": ("x;y;confidence\n1;2;3", "expected the header"),
    "names": ("name,x,y,confidence\nnose,1,2,3", "column name: .*one of .*got nose"),
    "names_alone": ("name,x,y,confidence", "column name: expected"),
    "no_confidence": ("x,y,confidence\n" + "1,2,\n" * 14, "confidence: expected finite"),
    "no_place": ("x,y,confidence\n" + ",,1\n" * 14, r"xy: .*got \[nan, nan\] for 'right_ankle'"),
    "field": ("x,y,confidence\n" + "1" * 200_000 + ",2,3", "expected comma-separated values"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED_CSV.values(), ids=REFUSED_CSV.keys())
def test_csv_is_refused_with_the_files_name_and_the_reason(
    tmp_path: Path, text: str, message: str
) -> None:
    path = write(tmp_path, "bad.csv", text)
    with pytest.raises(KeypointFileError, match=message) as caught:
        read_keypoints(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_csv_of_other_names_than_the_formats_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "\n".join(csv_with_names(LSP14, rows_of(14))))
    with pytest.raises(KeypointFileError, match="the keypoints of coco17, got right_ankle"):
        read_keypoints(path, "coco17")


def test_csv_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x,y,confidence\n\xff,1,1")
    with pytest.raises(KeypointFileError, match="expected comma-separated values in UTF-8"):
        read_keypoints(tmp_path / "a.csv")


def test_a_format_of_another_count_than_the_files_is_one_clear_error(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", openpose(rows_of(25)))
    with pytest.raises(KeypointFileError, match=r"expected 51 \(coco17\) numbers, got 75"):
        read_keypoints(path, "coco17")
    path = tmp_path / "a.npz"
    np.savez(path, keypoints=rows_of(25))
    with pytest.raises(KeypointFileError, match=r"K = 17 \(coco17\), got \[25, 3\]"):
        read_keypoints(path, "coco17")


def test_an_unknown_format_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="format: expected one of") as caught:
        read_keypoints(tmp_path / "absent.json", "halpe9")
    assert not isinstance(caught.value, KeypointFileError)


@pytest.mark.parametrize("name", ["absent.json", "absent.npz", "absent.csv", "absent"])
def test_an_absent_file_is_a_file_not_found_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError, match=f"keypoint file not found: .*{name}"):
        read_keypoints(tmp_path / name)


def test_a_file_of_another_kind_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(KeypointFileError, match=r"ending in .json, .npz, .csv, .h5, got a folder"):
        read_keypoints(tmp_path / "folder.json")
    with pytest.raises(KeypointFileError, match="got a file of another kind"):
        read_keypoints(write(tmp_path, "a.yml", "people: []"))


def test_write_refuses_what_it_could_not_read_again(tmp_path: Path) -> None:
    coco, lsp = (Keypoints.from_array(rows_of(one.num_keypoints), one) for one in (COCO17, LSP14))
    with pytest.raises(ValueError, match=r"path: expected a file ending in .npz, got 'a.json'"):
        write_keypoints(tmp_path / "a.json", [coco])
    with pytest.raises(ValueError, match=r"people: expected one format, got \['coco17', 'lsp14'\]"):
        write_keypoints(tmp_path / "a.npz", [coco, lsp])
    with pytest.raises(ValueError, match="people: expected one image_size"):
        write_keypoints(
            tmp_path / "a.npz", [coco, dataclasses.replace(coco, image_size=(640, 480))]
        )
    assert list(tmp_path.iterdir()) == []


def read_or_refuse(path: Path) -> None:
    with contextlib.suppress(KeypointFileError):
        read_keypoints(path)


@pytest.mark.parametrize("ending", ["json", "npz", "csv"])
@pytest.mark.filterwarnings("ignore")  # zipfile warns of doubled names
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    tmp_path: Path, ending: str, request: pytest.FixtureRequest
) -> None:
    rng = np.random.default_rng(zlib.crc32(request.node.name.encode()))
    path = tmp_path / f"damaged.{ending}"
    if ending == "json":
        write(tmp_path, path.name, openpose(rows_of(25)))
    elif ending == "npz":
        write_keypoints(path, [Keypoints.from_array(rows_of(25), image_size=(640, 480))])
    else:
        write(tmp_path, path.name, "\n".join(csv_with_names(LSP14, rows_of(14))))
    whole = path.read_bytes()
    for length in rng.integers(0, len(whole), 100):
        path.write_bytes(whole[:length])
        read_or_refuse(path)
    for _ in range(400):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(0, len(whole), rng.integers(1, 5))] = rng.integers(0, 256)
        path.write_bytes(damaged.tobytes())
        read_or_refuse(path)


# --- Recorded data ---


def test_all_of_openpose_video_is_one_person_a_frame_in_body25(data_folder: Path) -> None:
    files = sorted((data_folder / "openpose_video").rglob("*.json"))
    people = [read_keypoints(path) for path in files]
    assert len(files) == 81 + 350
    assert {len(frame) for frame in people} == {1}
    assert {frame[0].format for frame in people} == {OPENPOSE_BODY25}


def pose2sim_people(data_folder: Path, format: str) -> dict[str, list[Keypoints]]:
    """The clearest person of each frame, by trial and camera."""
    people: dict[str, list[Keypoints]] = {}
    for path in sorted((data_folder / "pose2sim").rglob("pose/*/*.json")):
        view = f"{path.parents[2].name}/{path.parent.name}"
        frame = read_keypoints(path, format)
        people.setdefault(view, []).append(max(frame, key=lambda one: one.confidence.sum()))
    return people


def offsets(people: list[Keypoints], start: str, end: str) -> NDArray[np.float64]:
    """[frames, 2] from one keypoint to another in heights of the person, where both are seen."""
    a, b = (people[0].format.index(name) for name in (start, end))
    seen = [person for person in people if min(person.confidence[[a, b]]) > 0.2]
    return np.array([(person.xy[b] - person.xy[a]) / person.height_px for person in seen])


def distance(people: list[Keypoints], start: str, end: str) -> float:
    """The mean over the frames that show both, in heights of the person."""
    return float(np.linalg.norm(offsets(people, start, end), axis=1).mean())


def test_all_of_pose2sim_is_read(data_folder: Path) -> None:
    files = list((data_folder / "pose2sim").rglob("*.json"))
    assert len(files) == 896
    assert {len(person) for path in files for person in read_keypoints(path, "body_25b")} == {25}


def test_body25b_puts_a_standing_persons_keypoints_where_they_are(data_folder: Path) -> None:
    views = pose2sim_people(data_folder, "openpose_body25b")
    assert len(views) == 8
    for people in views.values():
        for side in ("left", "right"):
            # Down the body; a walker's steps shorten a lower leg to a tenth of the height.
            for upper, lower in (("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle")):
                assert offsets(people, f"{side}_{upper}", f"{side}_{lower}")[:, 1].mean() > 0.1
            assert distance(people, f"{side}_heel", f"{side}_ankle") < 0.06
            to_small_toe = distance(people, f"{side}_big_toe", f"{side}_small_toe")
            assert to_small_toe < distance(people, f"{side}_big_toe", f"{side}_heel")
        assert offsets(people, "upper_neck", "left_hip")[:, 1].mean() > 0.2


def test_body25b_gives_a_walker_the_foot_of_the_same_leg(data_folder: Path) -> None:
    for view, people in pose2sim_people(data_folder, "openpose_body25b").items():
        for side, other in (("left", "right"), ("right", "left")):
            if "BalancingTrial" in view:
                for part in ("heel", "big_toe", "small_toe"):
                    same_leg = distance(people, f"{side}_{part}", f"{side}_ankle")
                    assert same_leg < distance(people, f"{side}_{part}", f"{other}_ankle")


def test_body25b_faces_a_camera_in_front_with_nose_between_the_eyes(data_folder: Path) -> None:
    views = pose2sim_people(data_folder, "openpose_body25b")
    people = views["S00_P00_T01_BalancingTrial/cam02_json"]
    across = offsets(people, "right_eye", "left_eye").mean(axis=0)
    to_nose = offsets(people, "right_eye", "nose").mean(axis=0)
    assert 0.2 < to_nose @ across / (across @ across) < 0.8
    # Seen from in front, the person's left is on the right of the image.
    for part in ("eye", "ear", "shoulder", "hip"):
        assert offsets(people, f"right_{part}", f"left_{part}")[:, 0].mean() > 0
    assert offsets(people, "head_top", "nose")[:, 1].mean() > 0.05
    assert offsets(people, "nose", "upper_neck")[:, 1].mean() > 0


def test_body25b_read_as_body25_puts_heels_far_from_ankles(data_folder: Path) -> None:
    for people in pose2sim_people(data_folder, "openpose_body25").values():
        for side in ("left", "right"):
            assert distance(people, f"{side}_ankle", f"{side}_heel") > 0.1
