"""Keypoint files as people put them together: wrapped, named, in fractions, by image, in tables."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from keypoint_rows import assert_holds, openpose, rows_of, write
from smplceres import FORMATS, InputWarning, KeypointFileError, read_frames, read_keypoints

SIZE = (640, 480)
COCO = FORMATS["coco17"].names


def yolo(rows):
    keypoints = {"x": rows[:, 0].tolist(), "y": rows[:, 1].tolist(), "visible": rows[:, 2].tolist()}
    return {"name": "person", "class": 0, "confidence": 0.9, "keypoints": keypoints}


def points(rows, names, **more):
    return [
        {"name": name, "x": x, "y": y, "score": c, **more}
        for name, (x, y, c) in zip(names, rows.tolist(), strict=True)
    ]


def as_fractions(rows):
    return np.column_stack([(rows[:, :2] + 0.5) / SIZE, rows[:, 2]])


@pytest.fixture(autouse=True)
def _nothing_is_said(request):
    """A file that is read as it is meant gives no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", InputWarning)
        yield


# --- By image ---


@pytest.mark.parametrize(
    "wrap",
    [
        lambda a, b: [json.dumps(a), json.dumps(b)],
        lambda a, b: {"0": a, "1": b},
        lambda a, b: {"a_0.jpg": a, "a_1.jpg": b},
        lambda a, b: {"frames": [a, b]},
        lambda a, b: {"video": "a.mp4", "frames": {"0": a, "1": b}},
        lambda a, b: [{"frame": 0, "predictions": a}, {"frame": 1, "predictions": b}],
    ],
)
def test_people_of_images_in_any_wrapping(tmp_path, wrap) -> None:
    rows = rows_of(17)
    frames = read_frames(write(tmp_path, "a.json", wrap([yolo(rows), yolo(rows)], [])))
    assert [len(people) for people in frames] == [2, 0]
    assert_holds(frames[0][1], rows, "coco17")


@pytest.mark.parametrize(
    "content", [[None, None], [[], []], {"pose_landmarks": None}, {"people": []}]
)
def test_nobody_is_no_error(tmp_path, content) -> None:
    frames = read_frames(write(tmp_path, "a.json", content))
    assert len(frames) == (2 if isinstance(content, list) else 1)
    assert not any(frames)


@pytest.mark.parametrize("ids", [(0.0, 1.0, 3.0), ("0", "1", "3"), (0, 1, 3)])
def test_numbers_of_images_count_frames_however_they_are_written(tmp_path, ids) -> None:
    results = [{"image_id": id, "keypoints": rows_of(17).ravel().tolist()} for id in ids]
    frames = read_frames(write(tmp_path, "a.json", results))
    assert [len(people) for people in frames] == [1, 1, 0, 1]


@pytest.mark.parametrize(
    "names",
    [
        ["IMG_20240131_105900.jpg", "IMG_20240131_105907.jpg", "IMG_20240131_105915.jpg"],
        ["2024-01-31_10-59-07.png", "2024-01-31_10-59-21.png", "2024-01-31_11-02-01.png"],
        ["shot 2024-01-31 105900.png", "shot 2024-01-31 105903.png", "shot 2024-01-31 105909.png"],
    ],
)
def test_times_of_the_day_count_no_frames(tmp_path, names) -> None:
    results = [{"image_id": name, "keypoints": rows_of(17).ravel().tolist()} for name in names]
    assert [len(people) for people in read_frames(write(tmp_path, "a.json", results))] == [1, 1, 1]


def test_a_folder_with_numbers_far_apart_is_named(tmp_path) -> None:
    for number in (1, 90_000_000):
        write(tmp_path, f"x_{number}.json", openpose(rows_of(25)))
    with pytest.raises(KeypointFileError, match=f"{tmp_path.name}: frames: expected at most"):
        read_frames(tmp_path)


# --- Names of single keypoints ---


@pytest.mark.parametrize("order", [1, -1])
def test_keypoints_with_names_are_placed_by_them(tmp_path, order) -> None:
    rows = rows_of(17)
    people = [{"score": 0.9, "keypoints": points(rows, COCO, z=0.1)[::order]}]
    assert_holds(read_keypoints(write(tmp_path, "a.json", people))[0], rows, "coco17")


@pytest.mark.parametrize("by_name", [False, True])
def test_landmarks_with_names_are_placed_by_them(tmp_path, by_name) -> None:
    rows = rows_of(33)
    named = [
        {"x": x, "y": y, "z": 0.0, "visibility": c, "name": name}
        for name, (x, y, c) in zip(
            FORMATS["mediapipe33"].names, as_fractions(rows).tolist(), strict=True
        )
    ][::-1]
    content = {each["name"].upper(): each for each in named} if by_name else {"landmarks": named}
    (person,) = read_keypoints(write(tmp_path, "a.json", content), image_size=SIZE)
    np.testing.assert_allclose(person.xy, rows[:, :2])


@pytest.mark.parametrize("category", [None, 7])
def test_annotations_without_a_known_category_have_the_only_names(tmp_path, category) -> None:
    rows = np.column_stack([rows_of(17)[:, :2], np.full(17, 2)])
    content = {
        "annotations": [{"category_id": category, "keypoints": rows[::-1].ravel().tolist()}],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO[::-1])}],
    }
    (person,) = read_keypoints(write(tmp_path, "a.json", content))
    np.testing.assert_array_equal(person.xy, rows[:, :2])
    assert set(person.confidence) == {1.0}


def test_mmposes_numbers_by_name(tmp_path) -> None:
    rows = rows_of(17)
    content = {
        "meta_info": {"keypoint_name2id": {name: k for k, name in enumerate(COCO[::-1])}},
        "instance_info": [
            {
                "keypoints": rows[::-1, :2].tolist(),
                "keypoint_scores": rows[::-1, 2].tolist(),
            }
        ],
    }
    assert_holds(read_keypoints(write(tmp_path, "a.json", content))[0], rows, "coco17")


# --- Odd people ---


@pytest.mark.parametrize("odd", [{"face_keypoints_2d": []}, {"pose_keypoints_2d": None}])
def test_a_person_without_a_body_is_left_out(tmp_path, odd) -> None:
    content = openpose(rows_of(25))
    content["people"].insert(0, odd)
    with pytest.warns(InputWarning, match="people: 1 left out"):
        assert len(read_keypoints(write(tmp_path, "a.json", content))) == 1


def test_a_visibility_below_0_is_one_missing_keypoint(tmp_path) -> None:
    rows = np.column_stack([rows_of(17)[:, :2], [2, 1, -1] + [2] * 14])
    content = {"annotations": [{"keypoints": rows.ravel().tolist()}]}
    with pytest.warns(InputWarning, match="keypoints: 1 with NaN, null or a negative"):
        (person,) = read_keypoints(write(tmp_path, "a.json", content))
    assert person.confidence[:4].tolist() == [1.0, 0.5, 0.0, 1.0]


def test_batches_and_arrays_of_people(tmp_path) -> None:
    rows = rows_of(17)
    batch = {"keypoints": [rows[:, :2].tolist()], "keypoint_scores": [rows[:, 2].tolist()]}
    assert_holds(read_keypoints(write(tmp_path, "a.json", [batch]))[0], rows, "coco17")
    people = {"keypoints": [rows[:, :2].tolist()] * 2, "scores": [rows[:, 2].tolist()] * 2}
    (_, second) = read_keypoints(write(tmp_path, "b.json", people))
    assert_holds(second, rows, "coco17")
    np.save(tmp_path / "c.npy", np.stack([np.stack([rows_of(25)] * 2)] * 3))
    assert [len(frame) for frame in read_frames(tmp_path / "c.npy")] == [2, 2, 2]


# --- Fractions ---


def test_fractions_become_pixels_in_every_layout(tmp_path) -> None:
    rows = rows_of(25)
    written = as_fractions(rows)
    table = "x,y,score\n" + "\n".join(",".join(map(str, row)) for row in written)
    np.save(tmp_path / "a.npy", written)
    for path in (
        write(tmp_path, "a.json", openpose(written)),
        write(tmp_path, "a.csv", table),
        tmp_path / "a.npy",
    ):
        (person,) = read_keypoints(path, image_size=SIZE)
        np.testing.assert_allclose(person.xy, rows[:, :2])
        with pytest.warns(InputWarning, match="people: 1 in fractions of the image"):
            read_keypoints(path)


def test_landmarks_in_pixels_stay_pixels(tmp_path) -> None:
    rows = rows_of(33)
    landmarks = [{"x": x, "y": y, "visibility": c} for x, y, c in rows.tolist()]
    (person,) = read_keypoints(write(tmp_path, "a.json", landmarks), image_size=SIZE)
    np.testing.assert_array_equal(person.xy, rows[:, :2])


# --- Tables ---


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_tables_of_spreadsheets(tmp_path, separator, decimal) -> None:
    rows = rows_of(17)
    lines = [
        ["name", "x", "y", "score"],
        *([n, *map(str, row)] for n, row in zip(COCO, rows.tolist(), strict=True)),
    ]
    text = "\n".join(separator.join(field.replace(".", decimal) for field in row) for row in lines)
    assert_holds(read_keypoints(write(tmp_path, "a.csv", text))[0], rows, "coco17")


@pytest.mark.parametrize("header", ["", "id", "keypoint_index"])
@pytest.mark.parametrize("first", [0, 1])
def test_a_column_may_count_the_keypoints(tmp_path, header, first) -> None:
    rows = rows_of(17)
    lines = [f"{k + first},{x},{y},{c}" for k, (x, y, c) in enumerate(rows.tolist())]
    path = write(tmp_path, "a.csv", "\n".join([f"{header},x,y,score", *lines]))
    assert_holds(read_keypoints(path)[0], rows, "coco17")
    with pytest.raises(KeypointFileError, match="line 3: expected the keypoint"):
        read_keypoints(write(tmp_path, "b.csv", "\n".join(["id,x,y,score", lines[0], lines[5]])))


def test_names_of_a_table_are_read_in_any_spelling(tmp_path) -> None:
    rows = rows_of(17)
    names = ["".join(part.title() for part in name.split("_")) for name in COCO]
    lines = [f"{n},{x},{y},{c}" for n, (x, y, c) in zip(names, rows.tolist(), strict=True)]
    path = write(tmp_path, "a.csv", "\n".join(["Keypoint,X,Y,Score", *lines[::-1]]))
    assert_holds(read_keypoints(path)[0], rows, "coco17")
