"""Recordings for Rerun, read back by its own reader: what is in them, where and when."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from PIL import Image

import smplceres as sc
from smplceres import cli

pytest.importorskip("rerun.chunk", reason="needs rerun-sdk: pip install 'smplceres[rerun]'")
import rerun
from rerun.chunk import RrdReader

from smplceres.look.rerun_log import vertex_normals
from smplceres.rerun_log import log_rerun

CAMERA = sc.Camera(
    fx=300, fy=310, cx=119.5, cy=89.5, width=240, height=180,
    rotation=[[0, 0, 1], [0, 1, 0], [-1, 0, 0]], translation=[0.1, 0.2, 3.4],
)  # fmt: skip
SMPL24 = sc.FORMATS["smpl24"]


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


def keypoints_of(model: sc.BodyModel, lean: float) -> np.ndarray:
    pose = np.zeros((23, 3))
    pose[15, 2], pose[2, 0] = -0.6, lean
    return CAMERA.project(model.joints(global_orient=[np.pi, 0.5, 0], body_pose=pose))


@pytest.fixture(scope="module")
def fit(model) -> sc.FitResult:
    keypoints = np.c_[keypoints_of(model, 0.0), np.linspace(0.5, 1, 24)]
    return sc.fit(keypoints, CAMERA, keypoint_format=SMPL24, model=model)


@pytest.fixture(scope="module")
def sequence(model) -> sc.SequenceResult:
    frames = [keypoints_of(model, 0.1 * f) for f in range(4)]
    times = [0.4, 0.44, 0.48, 0.52]  # begins at frame 10
    return sc.fit_sequence(frames, CAMERA, times=times, keypoint_format=SMPL24, model=model)


def read(path) -> dict[str, dict[str, list]]:
    """Of each entity the values of each of its columns, by the reader of rerun-sdk."""
    entities: dict[str, dict[str, list]] = {}
    for chunk in RrdReader(str(path)).stream().to_chunks():
        columns = entities.setdefault(chunk.entity_path, {})
        table = chunk.to_record_batch()
        for name in table.schema.names:
            column = table.column(name)
            if name == "log_time":  # when it was written
                continue
            seconds = name == "time"  # nanoseconds, of which Python's times have no whole number
            values = column.cast("int64").to_numpy() / 1e9 if seconds else column.to_pylist()
            columns.setdefault(name, []).extend(values)
        columns["static"] = [chunk.is_static]
    return entities


def test_a_fit_is_read_back_with_its_stages_and_covariances(fit, model, tmp_path) -> None:
    image = np.full((180, 240, 3), 90, dtype=np.uint8)
    log_rerun(fit, tmp_path / "fit.rrd", image=image)
    entities = read(tmp_path / "fit.rrd")

    mesh = entities["/world/person"]
    order = np.argsort(mesh["stage"])
    assert np.sort(mesh["stage"]).tolist() == list(range(len(fit.stages) + 1))
    last = mesh["Mesh3D:vertex_positions"][order[-1]]
    np.testing.assert_allclose(last, fit.vertices, atol=1e-5)
    first = mesh["Mesh3D:vertex_positions"][order[0]]
    np.testing.assert_allclose(first, model(**fit.start).vertices, atol=1e-5)
    np.testing.assert_array_equal(mesh["Mesh3D:triangle_indices"][0], model.faces)

    joints = entities["/world/person/joints"]
    at = int(np.argmax(joints["stage"]))
    np.testing.assert_allclose(joints["Points3D:positions"][at], fit.joints, atol=1e-5)
    assert joints["Points3D:labels"][at] == list(model.joint_names)

    ellipsoids = entities["/world/person/ellipsoids"]
    turns = rotations(ellipsoids["Ellipsoids3D:quaternions"][0])
    radii = np.array(ellipsoids["Ellipsoids3D:half_sizes"][0])
    covariances = turns * radii[:, None] ** 2 @ turns.transpose(0, 2, 1) / 6.251
    np.testing.assert_allclose(covariances, fit.covariance().joints, rtol=1e-3, atol=1e-7)

    costs = np.ravel(entities["/person/cost"]["Scalars:scalars"])
    assert sorted(costs) == pytest.approx(sorted(c for s in fit.stages for r in s.costs for c in r))
    assert "Image:buffer" in entities["/world/camera_0/image"] or any(
        name.endswith(":blob") for name in entities["/world/camera_0/image"]
    )


def rotations(quaternions) -> np.ndarray:
    """(N, 3, 3) of (N, 4) x, y, z, w."""
    x, y, z, w = np.array(quaternions).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)


def test_the_camera_sees_points_where_the_fit_has_its_keypoints(fit, tmp_path) -> None:
    """Rerun's own camera, of the columns read: pixels of joints are those of the fitted points."""
    log_rerun(fit, tmp_path / "fit.rrd")
    entities = read(tmp_path / "fit.rrd")
    camera = entities["/world/camera_0"]
    world_from_camera = np.array(camera["Transform3D:mat3x3"][0]).reshape(3, 3, order="F")
    place = np.array(camera["Transform3D:translation"][0]).reshape(3)
    k = np.array(camera["Pinhole:image_from_camera"][0]).reshape(3, 3, order="F")
    projected = (fit.joints - place) @ world_from_camera @ k.T
    pixels = projected[:, :2] / projected[:, 2:]
    points = entities["/world/camera_0/person/fitted"]["Points2D:positions"][0]
    np.testing.assert_allclose(points, pixels, atol=1e-2)
    np.testing.assert_allclose(np.array(points) - 0.5, fit.keypoints2d, atol=1e-3)
    observed = entities["/world/camera_0/person/observed"]
    np.testing.assert_allclose(observed["Points2D:positions"][0], fit.keypoints.xy + 0.5, atol=1e-3)
    np.testing.assert_allclose(observed["Points2D:radii"][0], 1 + 3 * fit.keypoints.confidence)


def test_a_sequence_is_on_the_timelines_of_its_video(sequence, tmp_path) -> None:
    log_rerun({"somebody": sequence}, tmp_path / "clip.rrd")
    entities = read(tmp_path / "clip.rrd")
    mesh = entities["/world/somebody"]
    frames = np.array([frame for frame in mesh["frame"]])
    assert sorted(frames) == [10, 11, 12, 13]
    for frame, time, vertices in zip(
        frames, mesh["time"], mesh["Mesh3D:vertex_positions"], strict=True
    ):
        assert time == pytest.approx(sequence.times[frame - 10])
        np.testing.assert_allclose(vertices, sequence[int(frame) - 10].vertices, atol=1e-5)
    sizes = entities["/world/somebody/ellipsoids"]["Ellipsoids3D:half_sizes"]
    assert len(sizes) == 4 and np.shape(sizes[0]) == (24, 3)
    residuals = np.ravel(entities["/somebody/residual"]["Scalars:scalars"])
    assert sorted(residuals) == pytest.approx(sorted(f.reprojection_error() for f in sequence))


def test_the_command_writes_saved_results(fit, sequence, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    fit.save("a.npz")
    sequence.save("clip.npz")
    assert cli.main(["rerun", "a.npz", "clip.npz", "--out", "both.rrd"]) == cli.ALL_FITTED
    assert {"/world/a", "/world/clip", "/a/cost"} <= set(read("both.rrd"))
    capsys.readouterr()
    for arguments, said in (
        (["a.npz", "--out", "a.mp4"], "to: expected a name ending in .rrd, got 'a.mp4'"),
        (["a.npz", "--out", "none/a.rrd"], "(No such file or directory): none/a.rrd"),
        (["a.npz", "--video", "b.mp4", "--out", "a.rrd"], "--video: expected sequences, got a fit"),
        (["clip.npz", "--image", "b.png", "--out", "a.rrd"], "--image: expected fits"),
        (["clip.npz", "--video", "b.mp4", "--out", "a.rrd"], "No such file or directory: b.mp4"),
    ):
        assert cli.main(["rerun", *arguments]) == cli.BAD_INPUT
        errors = capsys.readouterr().err
        assert said in errors and errors.count("\n") == 1


def test_fits_and_sequences_write_recordings_of_their_own(
    model, tmp_path, monkeypatch, capsys
) -> None:
    """By --rerun, with everybody in them and the picture."""
    monkeypatch.chdir(tmp_path)
    people = [
        {"pose_keypoints_2d": np.c_[keypoints_of_body25(model, x), np.ones(25)].ravel().tolist()}
        for x in (-0.5, 0.5)
    ]
    (tmp_path / "f_keypoints.json").write_text(json.dumps({"people": people}))
    Image.new("RGB", (240, 180)).save("f.png")
    arguments = ["--focal", "300", "--export", "none", "--quiet"]
    command = ["fit", "f_keypoints.json", "--image", "f.png", "--rerun", "f.rrd", *arguments]
    assert cli.main(command) == cli.ALL_FITTED
    names = [f"/world/f_keypoints_person{number}" for number in (0, 1)]
    assert {*names, "/world/camera_0/image"} <= set(read("f.rrd"))

    (tmp_path / "clip").mkdir()
    for number in range(3):
        (tmp_path / "clip" / f"{number}.json").write_text(json.dumps({"people": people[:1]}))
    command = ["sequence", "clip", "--fps", "25", "--image-size", "240", "180", *arguments]
    assert cli.main([*command, "--rerun", "clip.rrd"]) == cli.ALL_FITTED
    assert sorted(read("clip.rrd")["/world/clip"]["frame"]) == [0, 1, 2]
    capsys.readouterr()
    assert cli.main([*command, "--rerun", "none/clip.rrd"]) == cli.SOME_NOT_FITTED
    assert (
        "could not write none/clip.rrd: path: expected a writable place" in capsys.readouterr().err
    )
    assert (tmp_path / "out" / "clip.npz").is_file(), "what was fitted is kept"


def keypoints_of_body25(model: sc.BodyModel, x: float) -> np.ndarray:
    """Of somebody before a camera of focal length 300, which stands at the origin."""
    camera = sc.Camera(fx=300, fy=300, cx=119.5, cy=89.5, width=240, height=180)
    posed = model.parameters(None, [np.pi, 0, 0], None, [x, -0.1, 3.4])
    points, numbers, _ = model.keypoint_points(sc.FORMATS["openpose_body25"])
    return camera.project(points.evaluate(model._core, **posed)[np.maximum(numbers, 0)])


def test_a_recording_that_goes_elsewhere_is_left_open(fit, tmp_path) -> None:
    recording = rerun.RecordingStream("mine")
    recording.save(str(tmp_path / "mine.rrd"))
    log_rerun(fit, recording)
    recording.log("mine", rerun.TextLog("after it"), static=True)
    recording.flush()
    recording.disconnect()
    assert {"/mine", "/world/person"} <= set(read(tmp_path / "mine.rrd"))


def test_a_saved_fit_is_logged_with_its_body(fit, tmp_path) -> None:
    fit.save(tmp_path / "fit.npz")
    log_rerun(sc.load_result(tmp_path / "fit.npz"), tmp_path / "fit.rrd")
    assert len(read(tmp_path / "fit.rrd")["/world/person"]["stage"]) == len(fit.stages) + 1


def test_normals_are_those_of_the_surface() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [5, 5, 5]], dtype=float)
    normals = vertex_normals(corners, np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32))
    np.testing.assert_allclose(normals, [[0, 0, 1]] * 4 + [[0, 0, 0]])


def test_what_cannot_be_logged_is_told(fit, tmp_path) -> None:
    with pytest.raises(ValueError, match=r"to: expected a name ending in \.rrd, got 'fit\.mp4'"):
        log_rerun(fit, tmp_path / "fit.mp4")
    with pytest.raises(FileNotFoundError, match=r"none.fit\.rrd"):
        log_rerun(fit, tmp_path / "none" / "fit.rrd")
    with pytest.raises(FileNotFoundError, match=r"none\.png"):
        log_rerun(fit, tmp_path / "fit.rrd", image=tmp_path / "none.png")
    assert not (tmp_path / "fit.rrd").exists(), "a recording is written whole or not at all"
    with pytest.raises(FileNotFoundError, match=r"none\.mp4"):
        log_rerun(fit, tmp_path / "fit.rrd", video=tmp_path / "none.mp4")


def test_without_rerun_the_error_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "rerun", None)
    monkeypatch.delitem(sys.modules, "smplceres.look.rerun_log")
    with pytest.raises(ImportError, match=r"pip install 'smplceres\[rerun\]'"):
        __import__("smplceres.look.rerun_log")
