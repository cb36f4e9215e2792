"""Keypoint files that are read."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from keypoint_rows import assert_holds, csv_with_names, openpose, rows_of, write
from smplceres.keypoint_formats import FORMATS, KeypointFormat
from smplceres.keypoints.files.reading import KeypointFileError, read_keypoints
from smplceres.keypoints.files.writing import write_keypoints
from smplceres.keypoints.formats import LSP14
from smplceres.keypoints.keypoints import Keypoints

PHOTOS = resources.files("smplceres") / "data" / "photos"


def test_openpose_json_gives_every_person_with_a_source(tmp_path: Path) -> None:
    first, second = rows_of(25, 1), rows_of(25, 2)
    content = openpose(first, second)
    content["people"][0].update(hand_left_keypoints_2d=[], face_keypoints_2d=[])
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
