"""Keypoint files that are refused."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keypoint_rows import csv_with_names, openpose, rows_of, write
from smplceres.keypoints.files.reading import KeypointFileError, read_keypoints
from smplceres.keypoints.files.writing import write_keypoints
from smplceres.keypoints.formats import COCO17, LSP14
from smplceres.keypoints.keypoints import Keypoints

GOOD = rows_of(25).ravel().tolist()
NOT_A_NUMBER = [*GOOD[:4], "5", *GOOD[5:]]

REFUSED_JSON: dict[str, tuple[object, str]] = {
    "empty": ("", "expected JSON, got an empty file"),
    "blank": (" \n", "expected JSON, got an empty file"),
    "truncated": (
        json.dumps(openpose(rows_of(25)))[:-3],
        "expected JSON, got invalid or truncated JSON",
    ),
    "text": ("x,y,confidence\n1,2,3", "expected JSON, got invalid or truncated JSON"),
    "nested": ("[" * 100_000, "got deeply nested brackets"),
    "nested_within": ('{"people":' * 100_000, "got deeply nested brackets"),
    "infinity": ('{"keypoints": [[-Infinity]]}', "expected finite numbers, got -Infinity"),
    "overflow": ('{"keypoints": [[1e999, 1, 1]]}', r"keypoints\[0\]: .*float64 holds"),
    "long_integer": ('{"keypoints": [[1' + "0" * 400 + ", 1, 1]]}", r"keypoints\[0\]: .*float64"),
    "longer_integer": ('{"keypoints": [[1' + "0" * 9999 + ", 1, 1]]}", "digits"),
    "other_object": (
        {"a": 1, "b": 2},
        "expected one of OpenPose .*got an object with the keys 'a', 'b'",
    ),
    "empty_object": ({}, "expected one of OpenPose .*got an empty object"),
    "number": ("5", "expected one of OpenPose .*got 5"),
    "null": ("null", "expected one of OpenPose .*got None"),
    "people_no_list": ({"people": {}}, "people: expected a list, got an empty object"),
    "person_no_object": ({"people": [3]}, r"people\[0\]: expected an object, got 3"),
    "no_pose": ({"people": [{"id": 3}]}, r"people\[0\]: expected 'pose_keypoints_2d', got .*'id'"),
    "pose_no_list": ({"people": [{"pose_keypoints_2d": 3}]}, "expected a list, got 3"),
    "length": (
        {"people": [{"pose_keypoints_2d": [1.0] * 57}]},
        r"people\[0\].pose_keypoints_2d: expected 75 \(openpose_body25\) or 54 .*, got 57",
    ),
    "two_numbers": ({"people": [{"pose_keypoints_2d": [1.0] * 50}]}, "3 numbers per keypoint"),
    "string": (
        {"people": [{"pose_keypoints_2d": NOT_A_NUMBER}]},
        r"people\[0\].pose_keypoints_2d\[4\]: expected a number, got '5'",
    ),
    "bool": ({"people": [{"pose_keypoints_2d": [True] * 75}]}, "expected a number, got True"),
    "list": ({"people": [{"pose_keypoints_2d": [[1, 2, 3]] * 25}]}, "number, got a list of 3"),
    "results_length": ([{"keypoints": GOOD}], r"\[0\].keypoints: expected 51 \(coco17\).*got 75"),
    "results_other": ([{"bbox": []}], r"\[0\]: expected COCO keypoints .*'bbox'"),
    "results_number": ([1], r"\[0\]: expected an object, got 1"),
    "annotations_no_list": ({"annotations": 3}, "annotations: expected a list, got 3"),
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
        {"keypoints": np.stack([np.ones((18, 3)), np.full((18, 3), np.inf)])},
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
    "semicolons": ("x;y;confidence\n1;2;3", "got 1"),
    "names": ("name,x,y,confidence\nnose,1,2,3", "column name: .*such as left_knee, got nose"),
    "names_alone": ("name,x,y,confidence", "column name: expected"),
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
    with pytest.raises(
        KeypointFileError, match="those of coco17, found no 'nose' among right_ankle"
    ):
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
    with pytest.raises(KeypointFileError, match=r"ending in .json, .npz, .* got a folder"):
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
