"""Kinds of files that people have: those of tests/cases, and others of the same kinds."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import smplceres as sc
from keypoint_rows import assert_holds, openpose, rows_of, write
from smplceres import FORMATS, KeypointFileError, read_frames, read_keypoints
from smplceres.base import numbered_names
from smplceres.base.input_warnings import InputWarning

CASES = Path(__file__).resolve().parents[1] / "cases"


def flat(rows):
    return rows.ravel().tolist()


def annotations(names=None, count=17, ids=(1,), **more):
    category = {"id": 1, "name": "person"} | ({"keypoints": list(names)} if names else {})
    return {
        "images": [{"id": id, "width": 640, "height": 480} for id in ids],
        "annotations": [
            {"image_id": id, "category_id": 1, "keypoints": [9.0, 8.0, 2] * count} for id in ids
        ],
        "categories": [category | more],
    }


@pytest.mark.parametrize(
    ("name", "format", "frames"),
    [
        ("alphapose_cmu.json", "openpose_coco18", [0, 1, 1]),
        ("coco_reordered_categories.json", "coco17", [1]),
        ("frames_coco_ids.json", "coco17", [1, 1]),
        ("mmpose_batched.json", "coco17", [1, 0]),
        ("openpose_k26.json", "halpe26", [1]),
        ("xyscore.csv", "coco17", [1]),
        ("yolo_summary.json", "coco17", [1]),
    ],
)
def test_a_case_is_read_without_a_word(name, format, frames) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert {person.format.name for person in read_keypoints(CASES / name)} == {format}
        assert [len(people) for people in read_frames(CASES / name)] == frames


# --- Numbers that count no frames ---


@pytest.mark.parametrize(
    ("ids", "frames"),
    [
        ((139, 285, 632, 724), 4),  # a data set's
        ((10000010001, 10000010002, 10000010004), 4),  # PoseTrack's, dense at their end
        ((1, 2, 5), 5),
    ],
)
def test_ids_of_images_are_frames_where_they_are_dense(tmp_path, ids, frames) -> None:
    content = annotations(ids=ids)
    assert len(read_frames(write(tmp_path, "a.json", content))) == frames
    results = [{"image_id": id, "keypoints": flat(rows_of(17))} for id in ids]
    assert len(read_frames(write(tmp_path, "b.json", results))) == frames


def test_images_keep_their_order_and_those_without_people_are_frames(tmp_path) -> None:
    content = annotations(ids=(7000, 12, 90000))
    del content["annotations"][1]
    content["annotations"][1]["keypoints"] = [5.0, 5.0, 2] * 17
    frames = read_frames(write(tmp_path, "a.json", content))
    assert [len(people) for people in frames] == [1, 0, 1]
    assert frames[2][0].xy[0, 0] == 5


@pytest.mark.parametrize(
    "names",
    [
        [f"{1700000000123456789 + 33366700 * f}.png" for f in range(3)],
        ["2024-01-31_10-59.jpg", "2024-02-01_11-00.jpg", "2024-02-01_11-07.jpg"],
        ["9" * 5000 + ".jpg", "8" * 5000 + ".jpg", "7" * 5000 + ".jpg"],
    ],
)
def test_time_stamps_and_dates_count_no_frames(tmp_path, names) -> None:
    results = [{"image_id": name, "keypoints": flat(rows_of(17))} for name in names]
    assert [len(people) for people in read_frames(write(tmp_path, "a.json", results))] == [1, 1, 1]


def test_too_many_frames_are_one_error_with_the_numbers(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(numbered_names, "MAX_FRAMES", 100)
    csv = "frame,nose_x,nose_y,left_hip_x,left_hip_y,left_knee_x,left_knee_y\n"
    csv += "".join(f"{9 * n},1,2,3,4,5,6\n" for n in range(20))
    with pytest.raises(KeypointFileError, match=r"a\.csv: frames: .* 100 .* got 0 to 171"):
        read_frames(write(tmp_path, "a.csv", csv))


@pytest.mark.parametrize("last", [3 * 10**8, 9007199254740993, "9" * 25])
def test_numbers_far_from_each_other_are_one_error(tmp_path, last) -> None:
    results = [{"image_id": id, "keypoints": flat(rows_of(17))} for id in (1, last)]
    with pytest.raises(KeypointFileError, match=rf"a\.json: frames: .* got 1 to {last}"):
        read_frames(write(tmp_path, "a.json", results))


def test_a_number_that_a_folder_lacks_is_a_frame_without_people(tmp_path) -> None:
    for number in (7, 8, 11):
        write(tmp_path, f"clip2_{number:012}_keypoints.json", openpose(rows_of(25, number)))
    frames = read_frames(tmp_path)
    assert [len(people) for people in frames] == [1, 1, 0, 0, 1]
    assert_holds(frames[4][0], rows_of(25, 11), "openpose_body25")


def test_a_folder_of_time_stamps_has_a_frame_per_file(tmp_path) -> None:
    for number in range(3):
        write(tmp_path, f"{1700000000123456789 + 40_000_000 * number}.json", openpose(rows_of(18)))
    assert len(read_frames(tmp_path)) == 3


def test_a_folder_without_keypoint_files_is_named(tmp_path) -> None:
    with pytest.raises(KeypointFileError, match="expected keypoint files in the folder"):
        read_frames(tmp_path)


# --- Names decide ---


def test_reordered_categories_are_placed_by_their_names() -> None:
    content = json.loads((CASES / "coco_reordered_categories.json").read_text())
    names = content["categories"][0]["keypoints"]
    given = np.reshape(content["annotations"][0]["keypoints"], (-1, 3))
    (person,) = read_keypoints(CASES / "coco_reordered_categories.json")
    for name, row in zip(names, given, strict=True):
        np.testing.assert_array_equal(person.xy[person.format.index(name)], row[:2])


H36M = [
    *("root", "right_hip", "right_knee", "right_foot", "left_hip", "left_knee", "left_foot"),
    *("spine", "thorax", "neck_base", "head", "left_shoulder", "left_elbow", "left_wrist"),
    *("right_shoulder", "right_elbow", "right_wrist"),
]
POSETRACK = [
    *("nose", "head_bottom", "head_top", "left_ear", "right_ear", "left_shoulder"),
    *("right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip"),
    *("right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"),
]
CROWDPOSE = [*POSETRACK[5:], "head", "neck"]
AIC = [*POSETRACK[5:], "head_top", "neck"]  # in an order of its own; the names of LSP


@pytest.mark.parametrize(("names", "name"), [(H36M, "human36m17"), (AIC, "lsp14")])
def test_known_formats_are_recognised_by_other_names_and_orders(tmp_path, names, name) -> None:
    path = write(tmp_path, "a.json", annotations(names, len(names)))
    (person,) = read_keypoints(path)
    assert person.format is FORMATS[name]


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (POSETRACK, {"head_bottom": ("neck", "head"), "left_ankle": ("left_ankle",)}),
        (CROWDPOSE, {"head": ("head_top",), "neck": ("neck",)}),
    ],
    ids=["posetrack", "crowdpose"],
)
def test_other_data_sets_are_placed_by_their_names(tmp_path, names, places) -> None:
    path = write(tmp_path, "a.json", annotations(names, len(names)))
    (person,) = read_keypoints(path)
    assert person.format.names == tuple(names)
    for name, location in places.items():
        assert person.format.keypoints[names.index(name)].location == location


ANTELOPE = [
    *("left_eye", "right_eye", "nose", "neck", "root_of_tail", "left_shoulder", "left_elbow"),
    *("left_front_paw", "right_shoulder", "right_elbow", "right_front_paw", "left_hip"),
    *("left_knee", "left_back_paw", "right_hip", "right_knee", "right_back_paw"),
]


@pytest.mark.parametrize("names", [ANTELOPE, [str(k) for k in range(17)], ["nose", "a", "b"]])
def test_names_that_are_no_persons_are_refused_and_listed(tmp_path, names) -> None:
    path = write(tmp_path, "a.json", annotations(names, len(names), name="antelope"))
    with pytest.raises(KeypointFileError, match=r"categories\[\]\.keypoints: .*" + names[-1]):
        read_keypoints(path)


def test_a_format_comes_before_names_that_say_nothing(tmp_path) -> None:
    path = write(tmp_path, "a.json", annotations([str(k) for k in range(17)]))
    assert read_keypoints(path, "coco17")[0].format.name == "coco17"


def test_annotations_of_other_categories_are_left_out_with_a_count(tmp_path) -> None:
    content = annotations(FORMATS["coco17"].names)
    content["categories"].append({"id": 22, "name": "antelope", "keypoints": ANTELOPE})
    content["annotations"] += [content["annotations"][0] | {"category_id": 22}] * 2
    with pytest.warns(InputWarning, match=r"people: 2 left out \(of another category\)"):
        assert len(read_keypoints(write(tmp_path, "a.json", content))) == 1


def test_mmpose_names_its_keypoints(tmp_path) -> None:
    rows = rows_of(14)
    content = {
        "meta_info": {"keypoint_id2name": {str(k): name for k, name in enumerate(CROWDPOSE)}},
        "instance_info": [
            {"keypoints": rows[:, :2].tolist(), "keypoint_scores": rows[:, 2].tolist()}
        ],
    }
    (person,) = read_keypoints(write(tmp_path, "a.json", content))
    assert person.format.names == tuple(CROWDPOSE)


# --- All or nothing ---


def test_a_person_with_empty_arrays_is_left_out_with_a_count() -> None:
    with pytest.warns(InputWarning, match=r"emptypose\.json: people: 1 left out \(without keyp"):
        (person,) = read_keypoints(CASES / "openpose_emptypose.json")
    assert person.format.name == "openpose_body25"


@pytest.mark.parametrize("odd", [float("nan"), None, -0.5])
def test_an_odd_number_is_one_missing_keypoint_said_once(tmp_path, odd) -> None:
    content = openpose(rows_of(25), rows_of(25))
    for person in content["people"]:
        person["pose_keypoints_2d"][5] = odd
    with pytest.warns(InputWarning) as said:
        people = read_keypoints(write(tmp_path, "a.json", content))
    assert [str(each.message).partition(": ")[2] for each in said] == [
        "keypoints: 2 with NaN, null or a negative confidence are missing"
    ]
    for person in people:
        assert np.flatnonzero(~person.visible).tolist() == [1]


def test_a_folder_says_it_once(tmp_path) -> None:
    for number in range(4):
        write(tmp_path, f"{number}.json", {"people": [{"pose_keypoints_2d": []}]})
    with pytest.warns(InputWarning, match="and 3 more alike") as said:
        read_frames(tmp_path)
    assert len(said) == 1


def test_a_person_of_nothing_else_is_left_out(tmp_path) -> None:
    result = {"image_id": 1, "keypoints": [None] * 51}
    with pytest.warns(InputWarning, match="1 left out"):
        assert read_keypoints(write(tmp_path, "a.json", [result])) == []


def test_fractional_visibilities_are_confidences(tmp_path) -> None:
    """COCO-WholeBody has 0, 1, 2 for the body and scores for faces and hands."""
    sizes = {"keypoints": 17, "foot_kpts": 6, "face_kpts": 68, "lefthand_kpts": 21}
    sizes["righthand_kpts"] = 21
    parts = {key: [4.0, 5.0, 2] * size for key, size in sizes.items()}
    parts["face_kpts"] = [4.0, 5.0, 0.25] * 67 + [4.0, 5.0, 1.0]
    (person,) = read_keypoints(write(tmp_path, "a.json", {"annotations": [parts]}))
    assert person.confidence[:23].tolist() == [1.0] * 23
    assert person.confidence[23:91].tolist() == [0.25] * 67 + [1.0]


@pytest.mark.parametrize(("scale", "factor"), [(100, 0.01), (0.01, 100), (0.003, 100)])
def test_confidences_of_another_scale_are_brought_to_that_of_others(
    tmp_path, scale, factor
) -> None:
    rows = rows_of(17)
    rows[:, 2] = np.linspace(0.3, 0.9, 17)
    rows[4] = 0
    scaled = rows * [1, 1, scale]
    path = write(tmp_path, "a.json", [{"image_id": 1, "keypoints": flat(scaled)}])
    with pytest.warns(InputWarning, match=rf"a\.json: confidences: .* multiplied by {factor:g}"):
        (person,) = read_keypoints(path)
    np.testing.assert_allclose(person.confidence, scaled[:, 2] * factor)
    assert np.flatnonzero(~person.visible).tolist() == [4]


@pytest.mark.parametrize("scale", [1.0, 5.0, 0.1])
def test_confidences_of_detectors_are_left_as_they_are(tmp_path, scale) -> None:
    rows = rows_of(17) * [1, 1, scale]
    (person,) = read_keypoints(write(tmp_path, "a.json", [{"keypoints": flat(rows)}]))
    assert_holds(person, rows, "coco17")


# --- Counts and containers ---


@pytest.mark.parametrize(
    ("count", "name"),
    [
        *((17, "coco17"), (26, "halpe26"), (33, "mediapipe33"), (133, "coco_wholebody133")),
        (136, "halpe136"),
    ],
)
def test_openpose_containers_of_other_programs_are_told_apart_by_count(
    tmp_path, count, name
) -> None:
    rows = rows_of(count)
    assert_holds(read_keypoints(write(tmp_path, "a.json", openpose(rows)))[0], rows, name)


def test_body135_is_body25b_with_hands_and_face_left_out(tmp_path) -> None:
    rows = rows_of(135)
    (person,) = read_keypoints(write(tmp_path, "a.json", openpose(rows)))
    assert_holds(person, rows[:25], "openpose_body25b")


@pytest.mark.parametrize("key", ["bodies", "people"])
def test_alphapose_of_one_image_and_by_image(tmp_path, key) -> None:
    rows = rows_of(18)
    joints = "joints" if key == "bodies" else "pose_keypoints_2d"
    image = {"version": "AlphaPose v0.3", key: [{joints: flat(rows)}]}
    for content in (image, {"0.jpg": image}):
        (person,) = read_keypoints(write(tmp_path, "a.json", content))
        assert_holds(person, rows, "openpose_coco18")


@pytest.mark.parametrize("shape", [(18, 3), (1, 18, 3), (4, 18, 3), (4, 18, 2)])
def test_npy_is_a_person_or_one_in_each_frame(tmp_path, shape) -> None:
    array = np.random.default_rng(3).uniform(0.1, 9, shape)
    np.save(tmp_path / "a.npy", array)
    frames = read_frames(tmp_path / "a.npy")
    assert [len(people) for people in frames] == [1] * (1 if len(shape) == 2 else shape[0])
    np.testing.assert_array_equal(frames[-1][0].xy, array.reshape(-1, 18, shape[-1])[-1, :, :2])


def test_arrays_of_several_frames_are_refused_by_a_fit_of_one() -> None:
    with pytest.raises(ValueError, match=r"expected those of one person.*got \[4, 17, 3\]"):
        sc.fit(np.ones((4, 17, 3)), sc.Camera.guess(640, 480), keypoint_format="coco17")
