"""Files of YOLO, MediaPipe, ViTPose, MMPose 0.x, EasyMocap, SLEAP, VideoPose3D and wide tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from keypoint_rows import assert_holds, rows_of, write
from smplceres import FORMATS, InputWarning, KeypointFileError, cli, read_frames, read_keypoints

CASES = Path(__file__).resolve().parents[1] / "cases"
SIZE = (640, 480)


def points(rows):
    return rows[:, :2].tolist()


def scores(rows):
    return rows[:, 2].tolist()


def as_fractions(rows):
    return np.column_stack([(rows[:, :2] + 0.5) / SIZE, rows[:, 2]])


# --- YOLO ---


def yolo(rows, visible=True, **more):
    keypoints = {"x": rows[:, 0].tolist(), "y": rows[:, 1].tolist()}
    keypoints |= {"visible": scores(rows)} if visible else {}
    return {"name": "person", "class": 0, "confidence": 0.9, "keypoints": keypoints} | more


def test_yolos_case_has_its_numbers() -> None:
    (record,) = json.loads((CASES / "yolo_summary.json").read_text())
    rows = np.column_stack([record["keypoints"][key] for key in ("x", "y", "visible")])
    assert_holds(read_keypoints(CASES / "yolo_summary.json")[0], rows, "coco17")


def test_yolo_of_several_images_and_classes(tmp_path) -> None:
    rows = rows_of(17)
    dog = yolo(rows, name="dog", **{"class": 16})
    path = write(tmp_path, "a.json", [[yolo(rows), dog], [], [yolo(rows), yolo(rows)]])
    with pytest.warns(InputWarning, match=r"1 left out \(of another category\)"):
        assert [len(people) for people in read_frames(path)] == [1, 0, 2]


def test_yolo_without_visibility_has_missing_keypoints_at_zero(tmp_path) -> None:
    rows = rows_of(17)
    rows[3, :2] = 0
    (person,) = read_keypoints(write(tmp_path, "a.json", [yolo(rows, visible=False)]))
    assert np.flatnonzero(~person.visible).tolist() == [3]
    assert set(person.confidence) == {0.0, 1.0}


def test_normalised_yolo_needs_the_image_size(tmp_path) -> None:
    rows = rows_of(17)
    path = write(tmp_path, "a.json", [yolo(as_fractions(rows))])
    np.testing.assert_allclose(read_keypoints(path, image_size=SIZE)[0].xy, rows[:, :2])
    with pytest.warns(InputWarning, match=r"people: 1 in fractions .* expected image_size"):
        assert read_keypoints(path)[0].xy.max() < 1.5


@pytest.mark.parametrize("tail", [[], [0.93], [0.93, 4]])
@pytest.mark.parametrize("width", [3, 2])
def test_yolos_text_is_read_in_pixels(tmp_path, tail, width) -> None:
    rows = rows_of(17)
    numbers = [0, 0.5, 0.5, 0.2, 0.2, *as_fractions(rows)[:, :width].ravel(), *tail]
    line = " ".join(map(str, numbers))
    path = write(tmp_path, "clip_3.txt", line + "\n" + line.replace("0 ", "7 ", 1) + "\n")
    with pytest.warns(InputWarning, match="of another category"):
        (person,) = read_keypoints(path, image_size=SIZE)
    np.testing.assert_allclose(person.xy, rows[:, :2])
    np.testing.assert_allclose(person.confidence, rows[:, 2] if width == 3 else 1)
    assert person.image_size == SIZE and person.format is FORMATS["coco17"]


@pytest.mark.parametrize("text", ["0 1 2 3", "person 1 2 3", "0 " * 90])
def test_text_that_is_not_yolos_is_refused(tmp_path, text) -> None:
    with pytest.raises(KeypointFileError, match=r"a\.txt: .*expected"):
        read_keypoints(write(tmp_path, "a.txt", text))


def test_a_folder_of_yolos_text_is_a_clip(tmp_path) -> None:
    line = " ".join(map(str, [0, 0.5, 0.5, 0.2, 0.2, *as_fractions(rows_of(17)).ravel()]))
    for number in (1, 2, 4):
        write(tmp_path, f"clip_{number}.txt", line)
    frames = read_frames(tmp_path, image_size=SIZE)
    assert [len(people) for people in frames] == [1, 1, 0, 1]


# --- MediaPipe ---


def landmarks(rows):
    names = ("x", "y", "visibility")
    return [dict(zip(names, row, strict=True)) | {"z": -0.1} for row in rows.tolist()]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda person: person,
        lambda person: [person],
        lambda person: {"landmarks": [person]},
        lambda person: {"pose_landmarks": person},
        lambda person: {"poseLandmarks": person, "poseWorldLandmarks": person},
        lambda person: {"pose_landmarks": [{"landmark": person}]},
        lambda person: {"pose_landmarks": {"landmark": person}},
        lambda person: [{"frame": 0, "landmarks": person}],
    ],
)
def test_mediapipes_landmarks_in_any_of_their_wrappings(tmp_path, wrap) -> None:
    rows = rows_of(33)
    path = write(tmp_path, "a.json", wrap(landmarks(as_fractions(rows))))
    (person,) = read_keypoints(path, image_size=SIZE)
    assert person.format is FORMATS["mediapipe33"]
    np.testing.assert_allclose(person.xy, rows[:, :2])
    np.testing.assert_allclose(person.confidence, rows[:, 2])


def test_mediapipe_of_a_video_has_a_list_per_frame(tmp_path) -> None:
    person = landmarks(as_fractions(rows_of(33)))
    path = write(tmp_path, "a.json", [person, [], [person, person], None, person])
    frames = read_frames(path, image_size=SIZE)
    assert [len(people) for people in frames] == [1, 0, 2, 0, 1]


def test_mediapipes_case_is_fractions_without_an_image_size() -> None:
    with pytest.warns(InputWarning, match="fractions of the image"):
        (person,) = read_keypoints(CASES / "mediapipe_landmarks.json")
    assert person.xy.max() < 1
    (pixels,) = read_keypoints(CASES / "mediapipe_landmarks.json", image_size=SIZE)
    np.testing.assert_allclose(pixels.xy, person.xy * SIZE - 0.5)


def test_hands_of_21_landmarks_are_refused(tmp_path) -> None:
    with pytest.raises(KeypointFileError, match=r"K = 33 \(mediapipe33\), got \[21, 3\]"):
        read_keypoints(write(tmp_path, "a.json", landmarks(rows_of(21))))


# --- MMPose 0.x, ViTPose, EasyMocap ---


@pytest.mark.parametrize(("count", "name"), [(17, "coco17"), (133, "coco_wholebody133")])
def test_mmpose_before_1_has_scores_beside_places(tmp_path, count, name) -> None:
    rows = rows_of(count)
    record = {"bbox": [1, 2, 3, 4, 0.9], "keypoints": rows.tolist(), "area": 9}
    (person,) = read_keypoints(write(tmp_path, "a.json", [record]))
    assert_holds(person, rows, name)


def test_a_batch_of_mmpose_frames_is_its_case_in_other_sizes(tmp_path) -> None:
    rows = rows_of(26)
    frames = [
        {"frame_id": f, "instances": [{"keypoints": points(rows), "keypoint_scores": scores(rows)}]}
        for f in range(2)
    ]
    read = read_frames(write(tmp_path, "a.json", frames))
    assert [person.format.name for people in read for person in people] == ["halpe26"] * 2


def test_vitposes_labels_place_the_keypoints_above_a_threshold(tmp_path) -> None:
    rows = rows_of(17)
    kept = [0, 5, 6, 11, 12, 16]
    person = {"keypoints": points(rows[kept]), "scores": scores(rows[kept]), "labels": kept}
    frames = read_frames(write(tmp_path, "a.json", [[person | {"bbox": [1, 2, 3, 4]}], []]))
    assert [len(people) for people in frames] == [1, 0]
    rows[[k for k in range(17) if k not in kept]] = 0
    assert_holds(frames[0][0], rows, "coco17")


def test_easymocaps_annotations(tmp_path) -> None:
    rows = rows_of(25)
    content = {"filename": "000000.jpg", "height": 480, "width": 640}
    content |= {"annots": [{"personID": 0, "bbox": [0, 0, 1, 1, 1], "keypoints": rows.tolist()}]}
    (person,) = read_keypoints(write(tmp_path, "a.json", content))
    assert_holds(person, rows, "openpose_body25")
    assert person.image_size == SIZE


# --- SLEAP, VideoPose3D, tables ---


def test_sleaps_tracks_are_people_by_frame(tmp_path) -> None:
    h5py = pytest.importorskip("h5py")
    rows = rows_of(2 * 17).reshape(2, 17, 3)
    tracks = np.full((2, 2, 17, 3), np.nan)  # individuals, axes, nodes, frames
    tracks[0, :, :, 0], tracks[1, :, :, 2] = rows[0, :, :2].T, rows[1, :, :2].T
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["tracks"] = tracks
        file["node_names"] = np.array(FORMATS["coco17"].names[::-1], dtype="S")
    frames = read_frames(tmp_path / "a.h5")
    assert [len(people) for people in frames] == [1, 0, 1]
    assert frames[2][0].format.name == "coco17"
    np.testing.assert_array_equal(frames[2][0].xy, rows[1, ::-1, :2])


@pytest.mark.parametrize(("layout", "name"), [("coco", "coco17"), ("h36m", "human36m17")])
def test_videopose3ds_archive(tmp_path, layout, name) -> None:
    clip = rows_of(17)[None, :, :2] + np.arange(3)[:, None, None]
    metadata = {"layout_name": layout, "num_joints": 17}
    metadata["video_metadata"] = {"clip.mp4": {"w": 640, "h": 480, "fps": 25}}
    positions = {"clip.mp4": {"custom": [clip.astype(np.float32)]}}
    np.savez_compressed(tmp_path / "a.npz", positions_2d=positions, metadata=metadata)
    frames = read_frames(tmp_path / "a.npz")
    assert [len(people) for people in frames] == [1, 1, 1]
    person = frames[2][0]
    assert person.format.name == name and person.image_size == SIZE
    np.testing.assert_allclose(person.xy, clip[2], rtol=1e-6)


@pytest.mark.parametrize(
    "column",
    ["{name}_{axis}", "{name}.{axis}", "{axis}_{name}", "{name} {axis}"],
)
def test_a_row_per_frame_with_columns_of_each_keypoint(tmp_path, column) -> None:
    rows = rows_of(17)
    names = FORMATS["coco17"].names[::-1]
    axes = ("x", "y", "score")
    header = [column.format(name=name, axis=axis) for name in names for axis in axes]
    cells = [",".join(map(str, (rows[::-1] + np.array([f, 0, 0])).ravel())) for f in range(2)]
    empty = "," * (3 * 17 - 1)
    lines = [",".join(["frame", *header]), f"0,{cells[0]}", f"1,{empty}", f"3,{cells[1]}"]
    frames = read_frames(write(tmp_path, "a.csv", "\n".join(lines)))
    assert [len(people) for people in frames] == [1, 0, 0, 1]
    assert_holds(frames[3][0], rows + np.array([1, 0, 0]), "coco17")


def test_columns_by_the_numbers_of_keypoints(tmp_path) -> None:
    rows = rows_of(18)
    header = ",".join(f"x{k},y{k},c{k}" for k in range(18))
    text = header + "\n" + ",".join(map(str, rows.ravel()))
    assert_holds(read_keypoints(write(tmp_path, "a.csv", text))[0], rows, "openpose_coco18")


# --- The command line ---


def test_the_command_line_prints_a_warning_and_makes_fractions_pixels(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (CASES / "openpose_emptypose.json").read_text()
    path = write(tmp_path, "a.json", text)
    cli.main(["fit", str(path), "--image-size", "1280", "720", "--person", "9"])
    assert "smplceres: warning: " in (said := capsys.readouterr().err)
    assert "people: 1 left out (without keypoints)" in said and "Warning:" not in said
