"""Files of detectors become rows, and rows become the files of training codes."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

import smplceres as sc
from dataset_rows import CAMERA, bytes_of, people, run, table_of


def coco(path, rows, size=(640, 480)) -> None:
    """Annotations of COCO with a person in each image, and an image without."""
    width, height = size
    images = [
        {"id": 10 + n, "file_name": f"{n:012d}.jpg", "width": width, "height": height}
        for n in range(len(rows) + 1)
    ]
    annotations = [
        {"id": n, "image_id": 10 + n, "category_id": 1, "keypoints": row.ravel().tolist()}
        for n, row in enumerate(rows)
    ]
    path.write_text(json.dumps({"images": images, "annotations": annotations}))


def coco_rows(count: int) -> np.ndarray:
    """[count, 17, 3] with visibility 2."""
    order = [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11]  # of BODY_25
    rows = people(count)[:, order].astype(np.float64)
    rows[..., 2] = 2
    return rows


def openpose(folder, rows) -> None:
    """A file per frame, two people in the second."""
    folder.mkdir(parents=True)
    for frame, seen in enumerate([rows[:1], rows[1:3], rows[:0]]):
        content = [{"pose_keypoints_2d": row.ravel().tolist()} for row in seen]
        path = folder / f"clip_{frame:012d}_keypoints.json"
        path.write_text(json.dumps({"version": 1.3, "people": content}))


def test_annotations_of_coco_become_rows_with_image_and_size(tmp_path) -> None:
    rows = coco_rows(2)
    coco(tmp_path / "coco.json", rows)
    assert sc.keypoints_to_parquet(tmp_path / "coco.json", tmp_path / "rows.parquet") == 2
    table = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert [row["image"] for row in table] == ["000000000000.jpg", "000000000001.jpg"]
    assert [row["row_id"] for row in table] == ["000000000000.jpg#0", "000000000001.jpg#0"]
    assert [(row["width"], row["height"]) for row in table] == [(640, 480)] * 2
    assert {row["keypoint_format"] for row in table} == {"coco17"}
    expected = (rows[0] * (1, 1, 0.5)).ravel()
    np.testing.assert_allclose(table[0]["keypoints"], expected, rtol=1e-6)


def test_folders_of_openpose_become_rows(tmp_path) -> None:
    rows = people(3)
    openpose(tmp_path / "in" / "camera_1", rows)
    count = sc.keypoints_to_parquet(
        tmp_path / "in", tmp_path / "rows.parquet", image_size=(640, 480), rows_per_group=2
    )
    assert count == 3
    assert pq.read_metadata(tmp_path / "rows.parquet").num_row_groups == 2
    table = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    names = [f"camera_1/clip_{frame:012d}" for frame in (0, 1, 1)]
    assert [row["image"] for row in table] == names
    assert [row["row_id"] for row in table] == [f"{names[0]}#0", f"{names[1]}#0", f"{names[2]}#1"]
    assert [row["keypoint_format"] for row in table] == ["openpose_body25"] * 3
    np.testing.assert_array_equal(np.reshape(table[2]["keypoints"], (25, 3)), rows[2])


def test_what_cannot_be_converted_leaves_no_file(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match=r"in: expected keypoint files in the folder, found none"):
        sc.keypoints_to_parquet(tmp_path / "in", tmp_path / "rows.parquet")
    (tmp_path / "in" / "a.json").write_text('{"people": []}')
    with pytest.raises(ValueError, match=r"source: expected people, found nobody in"):
        sc.keypoints_to_parquet(tmp_path / "in", tmp_path / "rows.parquet")
    with pytest.raises(FileNotFoundError):
        sc.keypoints_to_parquet(tmp_path / "none.json", tmp_path / "rows.parquet")
    assert list(tmp_path.iterdir()) == [tmp_path / "in"]


def test_the_export_has_the_arrays_that_training_codes_read(tmp_path) -> None:
    rows = coco_rows(3)
    rows[1] = 0
    coco(tmp_path / "coco.json", rows)
    rows_of, out = tmp_path / "in", tmp_path / "out"
    done = run(
        *("--from", tmp_path / "coco.json", rows_of, out, "--export", tmp_path / "train.npz"),
        *("--workers", 1),
    )
    assert done.returncode == 0, done.stderr
    table = table_of(out)
    ok = [row for row in table.to_pylist() if row["status"] == "ok"]
    assert done.stdout.splitlines()[-1] == f"{len(ok)} rows in {tmp_path / 'train.npz'}"
    with np.load(tmp_path / "train.npz") as arrays:
        assert set(arrays) == {"imgname", "pose", "shape", "trans", "cam_int"}
        assert arrays["imgname"].tolist() == [row["image"] for row in ok]
        pose = [row["global_orient"] + row["body_pose"] for row in ok]
        np.testing.assert_array_equal(arrays["pose"], pose)
        np.testing.assert_array_equal(arrays["shape"], [row["betas"] for row in ok])
        np.testing.assert_array_equal(arrays["trans"], [row["transl"] for row in ok])
        guess = sc.Camera.guess(640, 480)
        expected = [[guess.fx, 0, guess.cx], [0, guess.fy, guess.cy], [0, 0, 1]]
        np.testing.assert_array_equal(arrays["cam_int"][0], expected)


def test_exported_bodies_project_onto_their_keypoints(source, fitted, tmp_path) -> None:
    assert sc.export_training(fitted, tmp_path / "train.npz") == 25
    model = sc.load_body_model()
    with np.load(tmp_path / "train.npz") as arrays:
        points, numbers, _ = model.keypoint_points(sc.FORMATS["openpose_body25"])
        pose = arrays["pose"][0].reshape(24, 3)
        parameters = model.parameters(arrays["shape"][0], pose[0], pose[1:], arrays["trans"][0])
        seen = points.evaluate(model._core, **parameters)[np.array(numbers)]
        pixels = seen @ arrays["cam_int"][0].T
        assert arrays["imgname"][0] == "0"  # row_id, without a column of images
    given = np.reshape(pq.read_table(source / "a.parquet")["keypoints"][0].as_py(), (25, 3))
    off = np.linalg.norm(pixels[:, :2] / pixels[:, 2:] - given[:, :2], axis=1)
    assert np.median(off) < 5
    assert CAMERA.fx == 900


def test_exports_that_cannot_be_are_refused(fitted, tmp_path) -> None:
    with pytest.raises(ValueError, match=r"path: expected a name ending in .npz, got 'train.h5'"):
        sc.export_training(fitted, tmp_path / "train.h5")
    with pytest.raises(ValueError, match="expected a folder of fit_dataset"):
        sc.export_training(tmp_path, tmp_path / "train.npz")
    assert bytes_of(tmp_path) == {}


def test_converting_alone_needs_no_output(tmp_path) -> None:
    openpose(tmp_path / "clip", people(3))
    arguments = ("--from", tmp_path / "clip", tmp_path / "in", "--image-size", 640, 480)
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (0, f"3 people in {tmp_path}/in/keypoints.parquet\n")
    assert run(*arguments).stdout == ""  # a run that continues keeps its input
    assert run(tmp_path / "in").stderr.startswith("smplceres: error: IN OUT: expected two paths")
