"""Files of AlphaPose, MMPose, COCO-WholeBody and DeepLabCut, as small ones of each."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from smplceres import (
    FORMATS,
    KeypointFileError,
    KeypointFormat,
    SequenceResult,
    cli,
    read_frames,
    read_keypoints,
)
from smplceres.keypoints.names import location_of_name
from stand_in_detector import CAMERA, SIZE, standing


def rows_of(count, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(0, 500, (count, 2)), rng.uniform(0.1, 1, count)])


def write(folder, name, content):
    path = Path(folder) / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def assert_holds(person, rows, name):
    assert person.format.name == name
    np.testing.assert_allclose(np.column_stack([person.xy, person.confidence]), rows)


# --- AlphaPose ---


@pytest.mark.parametrize(
    ("count", "name"),
    [(17, "coco17"), (26, "halpe26"), (136, "halpe136"), (133, "coco_wholebody133")],
)
def test_alphapose_results_are_told_apart_by_their_count(tmp_path, count, name) -> None:
    rows = rows_of(count)
    result = {"image_id": "a.jpg", "category_id": 1, "keypoints": rows.ravel().tolist()}
    result |= {"score": 2.9, "box": [1, 2, 3, 4], "idx": [0.0]}
    (person,) = read_keypoints(write(tmp_path, "alphapose-results.json", [result]))
    assert_holds(person, rows, name)
    assert "image a.jpg" in person.source


def test_alphapose_results_of_a_video_are_frames_with_gaps(tmp_path) -> None:
    rows = [rows_of(17, seed) for seed in range(3)]
    results = [
        {"image_id": image, "keypoints": each.ravel().tolist()}
        for image, each in zip(("1.jpg", "1.jpg", "10.jpg"), rows, strict=True)
    ]
    frames = read_frames(write(tmp_path, "a.json", results))
    assert [len(people) for people in frames] == [0, 2, *[0] * 8, 1]
    assert_holds(frames[10][0], rows[2], "coco17")


def test_alphapose_bodies_by_image(tmp_path) -> None:
    rows = rows_of(26)
    content = {
        "f_7.jpg": {"version": "AlphaPose v0.3", "bodies": [{"joints": rows.ravel().tolist()}]},
        "f_8.jpg": {"version": "AlphaPose v0.3", "bodies": []},
        "f_9.jpg": {"version": "AlphaPose v0.3", "bodies": [{"joints": rows.ravel().tolist()}]},
    }
    path = write(tmp_path, "a.json", content)
    assert [len(people) for people in read_frames(path)] == [1, 0, 1]
    assert_holds(read_keypoints(path)[1], rows, "halpe26")


# --- COCO-WholeBody ---


def test_coco_wholebody_is_put_together_from_its_parts(tmp_path) -> None:
    rows = rows_of(133)
    rows[:, 2] = 2
    numbers = rows.ravel().tolist()
    cuts = np.cumsum([0, 51, 18, 204, 63, 63])
    keys = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")
    parts = {k: numbers[a:b] for k, a, b in zip(keys, cuts, cuts[1:], strict=False)}
    rows[:, 2] = 1
    path = write(tmp_path, "a.json", {"annotations": [{"image_id": 1, **parts}]})
    assert_holds(read_keypoints(path)[0], rows, "coco_wholebody133")
    names = FORMATS["coco_wholebody133"].names
    assert names[17] == "left_big_toe" and names[91] == "left_hand_root"
    rows[:, 2] = 2
    assert_holds(read_keypoints(write(tmp_path, "b.json", [parts]))[0], rows, "coco_wholebody133")
    path = write(tmp_path, "c.json", {"annotations": [{"keypoints": parts["keypoints"]}]})
    assert read_keypoints(path)[0].format.name == "coco17"


# --- MMPose ---


def instance(rows):
    return {
        "keypoints": rows[:, :2].tolist(),
        "keypoint_scores": rows[:, 2].tolist(),
        "bbox": [[0, 0, 9, 9]],
        "bbox_score": 0.9,
    }


@pytest.mark.parametrize(
    "wrap",
    [
        lambda people: people,
        lambda people: {"instances": people},
        lambda people: {"meta_info": {"dataset_name": "coco"}, "instance_info": people},
        lambda people: {"instance_info": [{"frame_id": 1, "instances": people}]},
    ],
    ids=["list", "instances", "picture", "video"],
)
@pytest.mark.parametrize(("count", "name"), [(17, "coco17"), (133, "coco_wholebody133")])
def test_mmpose_instances_in_any_of_their_wrappings(tmp_path, wrap, count, name) -> None:
    rows = [rows_of(count, seed) for seed in range(2)]
    people = read_keypoints(write(tmp_path, "a.json", wrap([instance(each) for each in rows])))
    assert len(people) == 2
    assert_holds(people[1], rows[1], name)


def test_mmpose_of_a_video_is_a_frame_each_and_scores_below_0_are_unseen(tmp_path) -> None:
    rows = rows_of(26)
    rows[3, 2] = -0.02
    frames = [{"frame_id": f, "instances": [instance(rows)] * (f != 2)} for f in (1, 2, 3)]
    read = read_frames(write(tmp_path, "a.json", {"instance_info": frames}))
    assert [len(people) for people in read] == [1, 0, 1]
    assert read[-1][0].confidence[3] == 0 and read[-1][0].format.name == "halpe26"


def test_mmpose_says_which_dataset_of_17(tmp_path) -> None:
    content = {"meta_info": {"dataset_name": "h36m"}, "instance_info": [instance(rows_of(17))]}
    assert read_keypoints(write(tmp_path, "a.json", content))[0].format.name == "human36m17"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoint_scores": [1.0]}, r"keypoint_scores: expected 17, one per keypoint, got 1"),
        ({"keypoints": [[1, 2, 3]] * 17}, r"keypoints: expected \[K, 2\]"),
        ({"keypoints": [[1, "2"]]}, "expected a number, got '2'"),
    ],
)
def test_mmpose_that_is_wrong_is_refused(tmp_path, change, message) -> None:
    content = {"instances": [instance(rows_of(17)) | change]}
    with pytest.raises(KeypointFileError, match=message):
        read_keypoints(write(tmp_path, "a.json", content))


def test_mmpose_without_scores_is_refused(tmp_path) -> None:
    content = {"instances": [instance(rows_of(17))]}
    del content["instances"][0]["keypoint_scores"]
    with pytest.raises(KeypointFileError, match="expected 'keypoint_scores'"):
        read_keypoints(write(tmp_path, "a.json", content))


# --- DeepLabCut ---

BODYPARTS = ("snout", "LeftHip", "hip_R", "left_knee", "rknee")
LOCATIONS = (None, "left_hip", "right_hip", "left_knee", "right_knee")


def columns(bodyparts=BODYPARTS, individuals=None, coords=("x", "y", "likelihood")):
    return [
        ("DLC_resnet50", *((each,) if each else ()), part, coord)
        for each in (individuals or [None])
        for part in bodyparts
        for coord in coords
    ]


def csv_of(names, values, index=None):
    levels = ("scorer", "individuals", "bodyparts", "coords")
    levels = levels if len(names[0]) == 4 else (levels[0], *levels[2:])
    index = index or [[str(frame)] for frame in range(len(values))]
    lines = [
        ",".join([level, *[""] * (len(index[0]) - 1), *(name[k] for name in names)])
        for k, level in enumerate(levels)
    ]
    for where, row in zip(index, values, strict=True):
        lines.append(",".join([*where, *("" if np.isnan(v) else repr(float(v)) for v in row)]))
    return "\n".join(lines) + "\n"


def h5_table(path, names, values):
    """As pandas' to_hdf(format="table") has it."""
    h5py = pytest.importorskip("h5py")
    levels = ["scorer", "individuals", "bodyparts", "coords"]
    levels = levels if len(names[0]) == 4 else [levels[0], *levels[2:]]
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["non_index_axes"] = np.bytes_(pickle.dumps([(1, names)], protocol=0))
        info = {1: {"names": levels, "type": "MultiIndex"}, "index": {}}
        group.attrs["info"] = np.bytes_(pickle.dumps(info, protocol=0))
        kind = [("index", "<i8"), ("values_block_0", "<f8", (len(names),))]
        table = np.zeros(len(values), dtype=kind)
        table["values_block_0"] = values
        group.create_dataset("table", data=table)


def h5_blocks(path, names, values):
    """As pandas' to_hdf(format="fixed") has it."""
    h5py = pytest.importorskip("h5py")
    levels = ("scorer", "individuals", "bodyparts", "coords")
    levels = levels if len(names[0]) == 4 else (levels[0], *levels[2:])
    with h5py.File(path, "w") as file:
        group = file.create_group("keypoints")
        group.attrs["block0_items_nlevels"] = len(levels)
        for k, level in enumerate(levels):
            known = sorted({name[k] for name in names})
            data = group.create_dataset(f"block0_items_level{k}", data=np.array(known, dtype="S"))
            data.attrs["name"] = np.bytes_(level)
            labels = np.array([known.index(name[k]) for name in names], dtype=np.int8)
            group.create_dataset(f"block0_items_label{k}", data=labels)
        group.create_dataset("block0_values", data=values)


def write_table(path, names, values):
    if path.suffix == ".csv":
        path.write_text(csv_of(names, values))
    else:
        (h5_table if "table" in path.stem else h5_blocks)(path, names, values)
    return path


KINDS = pytest.mark.parametrize("name", ["a.csv", "table.h5", "fixed.h5"])


@KINDS
def test_deeplabcut_rows_are_frames_and_parts_are_placed_by_their_names(tmp_path, name) -> None:
    values = rows_of(3 * len(BODYPARTS)).reshape(3, -1)
    values[1] = np.nan  # nobody
    values[2, 3] = np.nan  # no left hip
    path = write_table(tmp_path / name, columns(), values)
    frames = read_frames(path)
    assert [len(people) for people in frames] == [1, 0, 1]
    assert_holds(frames[0][0], values[0].reshape(-1, 3), "deeplabcut")
    assert frames[2][0].visible.tolist() == [True, False, True, True, True]
    assert len(read_keypoints(path)) == 2
    parts = frames[0][0].format.keypoints
    for part, location in zip(parts, LOCATIONS, strict=True):
        assert (location in part.location) if location else part.location == ()


@KINDS
def test_deeplabcut_of_several_has_them_in_each_frame(tmp_path, name) -> None:
    names = columns(individuals=["anna", "ben"]) + columns(("ball",), individuals=["single"])
    values = rows_of(2 * (2 * len(BODYPARTS) + 1)).reshape(2, -1)
    values[1, : 3 * len(BODYPARTS)] = np.nan
    frames = read_frames(write_table(tmp_path / name, names, values))
    assert [len(people) for people in frames] == [2, 1]
    expected = values[1, 3 * len(BODYPARTS) : 6 * len(BODYPARTS)].reshape(-1, 3)
    assert_holds(frames[1][0], expected, "deeplabcut")


@KINDS
def test_deeplabcut_takes_the_places_that_a_format_gives(tmp_path, name) -> None:
    own = KeypointFormat.from_mapping(
        "own", {"left_knee": "left_knee", "snout": "nose", "hip_R": "right_hip"}
    )
    values = rows_of(len(BODYPARTS)).reshape(1, -1)
    path = write_table(tmp_path / name, columns(), values)
    (person,) = read_keypoints(path, own)
    assert person.format is own
    np.testing.assert_allclose(person.xy[1], values[0, :2])
    other = KeypointFormat.from_mapping("other", {"tail": None})
    with pytest.raises(KeypointFileError, match="bodyparts: expected those of other, found no 'ta"):
        read_keypoints(path, other)


def test_deeplabcut_names_of_a_known_format_are_that_format(tmp_path) -> None:
    names = FORMATS["coco17"].names[::-1]
    values = rows_of(17).reshape(1, -1)
    path = write_table(tmp_path / "a.csv", columns(names), values)
    assert_holds(read_keypoints(path)[0], values.reshape(-1, 3)[::-1], "coco17")


def test_labelled_frames_have_no_likelihood_and_paths_in_three_columns(tmp_path) -> None:
    names = columns(coords=("x", "y"))
    values = rows_of(2 * len(BODYPARTS))[:, :2].reshape(2, -1)
    index = [["labeled-data", "clip", f"img{frame}.png"] for frame in range(2)]
    path = write(tmp_path, "CollectedData.csv", csv_of(names, values, index))
    people = read_keypoints(path)
    np.testing.assert_allclose(people[1].xy.ravel(), values[1])
    assert (people[1].confidence == 1).all()


def test_deeplabcut_of_another_animal_says_how_to_place_its_parts(tmp_path) -> None:
    path = write_table(tmp_path / "a.csv", columns(("snout", "tail")), np.ones((1, 6)))
    with pytest.raises(KeypointFileError, match=r"bodyparts: expected names .* snout, tail; give"):
        read_keypoints(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scorer,a\nbodyparts,b\n0,1\n", "expected rows scorer, bodyparts and coords"),
        ("scorer,a\n", "expected rows scorer, bodyparts and coords"),
        (csv_of(columns(), np.ones((1, 15))) + "1,2\n", "frame 1: expected 16 columns, got 2"),
        (csv_of(columns(), np.ones((1, 15))).replace(",1.0", ",one", 1), "got 'one'"),
        (csv_of(columns(coords=("x", "z")), np.ones((1, 10))), "coords: expected x, y and"),
    ],
)
def test_a_table_that_is_wrong_is_refused(tmp_path, text, message) -> None:
    with pytest.raises(KeypointFileError, match=message):
        read_keypoints(write(tmp_path, "a.csv", text))


def test_hdf5_of_something_else_is_refused(tmp_path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_group("weights")
    with pytest.raises(KeypointFileError, match=r"a\.h5: expected a table of DeepLabCut's"):
        read_keypoints(tmp_path / "a.h5")
    (tmp_path / "b.h5").write_bytes(b"noise")
    with pytest.raises(KeypointFileError, match=r"b\.h5: expected DeepLabCut's HDF5"):
        read_keypoints(tmp_path / "b.h5")


class Evil:
    def __reduce__(self):
        return print, ("run",)


def test_nothing_in_a_table_is_run(tmp_path, capsys) -> None:
    h5py = pytest.importorskip("h5py")
    h5_table(tmp_path / "a.h5", columns(), np.ones((1, 15)))
    with h5py.File(tmp_path / "a.h5", "a") as file:
        attributes = file["df_with_missing"].attrs
        attributes["non_index_axes"] = np.bytes_(pickle.dumps([(1, Evil())], protocol=0))
    with pytest.raises(KeypointFileError):
        read_keypoints(tmp_path / "a.h5")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["left_knee", "LeftKnee", "knee_L", "l-knee", "LKnee", "lknee"])
def test_names_of_a_left_knee(name) -> None:
    assert location_of_name(name) == "left_knee"


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("Nose", "nose"),
        ("RBigToe", "right_big_toe"),
        ("right toe", "right_big_toe"),
        ("MidHip", "pelvis"),
        ("rear", "right_ear"),
        ("chin", "chin"),
        *((name, None) for name in ("ankle1", "left_right_hip", "tail", "", "leg", "7")),
    ],
)
def test_names_of_other_places(name, location) -> None:
    assert location_of_name(name) == location


# --- The command line ---


def test_a_sequence_is_fitted_from_one_file_of_all_its_frames(tmp_path, monkeypatch) -> None:
    """With the places of bodyparts in a file of one's own."""
    monkeypatch.chdir(tmp_path)
    people = [standing(0.01 * frame, name="coco17") for frame in range(6)]
    parts = [f"p{k}" for k in range(17)]
    values = [np.column_stack([one.xy, one.confidence]).ravel() for one in people]
    write_table(tmp_path / "clip.csv", columns(parts), np.array(values))
    places = zip(parts, FORMATS["coco17"].keypoints, strict=True)
    lines = [f"{part} = {json.dumps(list(place.location))}" for part, place in places]
    write(tmp_path, "parts.toml", "\n".join(lines))
    given = ["sequence", "clip.csv", "--format", "parts.toml", "--fps", "30", "--export", "none"]
    camera = ["--focal", str(CAMERA.fx), "--image-size", *map(str, SIZE)]
    assert cli.main([*given, *camera]) == cli.ALL_FITTED
    motion = SequenceResult.load("out/clip.npz")
    assert len(motion) == 6 and motion.reprojection_error() < 2
    assert motion.views[0][0].keypoints.format.name == "parts"


@pytest.mark.parametrize(
    ("text", "said"),
    [("knee = 'elbow'", "location of 'knee'"), ("knee = 3", "parts.toml"), ("x", "parts.toml")],
)
def test_places_of_bodyparts_that_are_wrong_are_named(
    tmp_path, monkeypatch, capsys, text, said
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "parts.toml", text)
    write_table(tmp_path / "clip.csv", columns(), np.ones((1, 15)))
    assert cli.main(["fit", "clip.csv", "--format", "parts.toml"]) == cli.BAD_INPUT
    assert said in capsys.readouterr().err
