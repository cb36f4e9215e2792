"""Cameras of calibration files: the same numbers whatever the file calls them, clear refusals."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import reference
from checks import seen_by, standing_person
from smplceres import CalibrationError, Camera, fit, fit_sequence, load_body_model, read_cameras

TOML = """\
[cam_a]
name = "front"
size = [ 1088.0, 1920.0]
matrix = [ [ 1681.2, 0.0, 532.9], [ 0.0, 1680.0, 948.1], [ 0.0, 0.0, 1.0]]
distortions = [ -0.1, 0.2, 9.5e-06, 1.0e-05]
rotation = [ 1.6, 1.0, -0.4]
translation = [ 0.3, 0.9, 2.9]
fisheye = false

[cam_b]
size = [ 640, 480]
matrix = [ [ 500, 0, 320], [ 0, 500, 240], [ 0, 0, 1]]
distortions = [ ]
rotation = [ 0.0, 0.0, 0.0]
translation = [ 0.0, 0.0, 3.0]

[metadata]
adjusted = false
"""

OPENCV = """\
%YAML:1.0
---
calibration_time: "Mon 01 Jan 2024 10:00:00 AM UTC"
image_width: 640
image_height: 480
flags: 0
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 5.0e+02, 0., 3.2e+02, 0., 5.1e+02, 2.4e+02, 0., 0., 1. ]
distortion_coefficients: !!opencv-matrix
   rows: 5
   cols: 1
   dt: d
   data: [ -1.0e-01, 2.0e-02, 1.0e-03, -2.0e-03, 3.0e-03 ]
R: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 0., -1., 0., 1., 0., 0., 0., 0., 1. ]
T: !!opencv-matrix
   rows: 3
   cols: 1
   dt: d
   data: [ 0.5, 0.25, 2. ]
"""

ROS = """\
image_width: 640
image_height: 480
camera_name: head
camera_matrix:
  rows: 3
  cols: 3
  data: [500, 0, 320, 0, 510, 240, 0, 0, 1]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [-0.1, 0.02, 0.001, -0.002, 0.003]
"""


def written(tmp_path, text, name="calibration.toml"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_toml_has_all_cameras_by_name(tmp_path) -> None:
    cameras = read_cameras(written(tmp_path, TOML))
    assert list(cameras) == ["front", "cam_b"]
    front = cameras["front"]
    assert (front.fx, front.fy, front.cx, front.cy) == (1681.2, 1680.0, 532.9, 948.1)
    assert (front.width, front.height) == (1088, 1920)
    np.testing.assert_array_equal(front.distortion, [-0.1, 0.2, 9.5e-06, 1.0e-05])
    np.testing.assert_allclose(front.rotation, reference.rodrigues([1.6, 1.0, -0.4]), atol=1e-12)
    np.testing.assert_array_equal(front.translation, [0.3, 0.9, 2.9])
    np.testing.assert_array_equal(cameras["cam_b"].rotation, np.eye(3))


@pytest.mark.parametrize("ending", ["yml", "yaml"])
def test_opencv_yaml_is_a_camera_named_by_its_file(tmp_path, ending) -> None:
    (name, camera), *others = read_cameras(written(tmp_path, OPENCV, f"left.{ending}")).items()
    assert name == "left" and not others
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (500, 510, 320, 240)
    np.testing.assert_array_equal(camera.distortion, [-0.1, 0.02, 0.001, -0.002, 0.003])
    np.testing.assert_array_equal(camera.rotation, [[0, -1, 0], [1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(camera.translation, [0.5, 0.25, 2.0])


def test_ros_yaml_is_read_and_stands_at_the_origin(tmp_path) -> None:
    ((name, camera),) = read_cameras(written(tmp_path, ROS, "file.yaml")).items()
    assert name == "head" and camera.fy == 510 and len(camera.distortion) == 5
    np.testing.assert_array_equal(camera.rotation, np.eye(3))


@pytest.mark.parametrize(
    "spelling",
    [
        {"camera_matrix": "cameraMatrix", "distortion_coefficients": "distCoeffs"},
        {"camera_matrix": "K", "distortion_coefficients": "D", "R:": "rvec:", "T:": "tvec:"},
        {"camera_matrix": "Camera_Matrix", "distortion_coefficients": "Distortion_Coefficients"},
        {"image_width: 640\nimage_height: 480": "image_size: [640, 480]"},
        {"image_width: 640\nimage_height: 480": "imageSize: [640, 480]", "T:": "translation:"},
    ],
)
def test_other_spellings_are_the_same_camera(tmp_path, spelling) -> None:
    (expected,) = read_cameras(written(tmp_path, OPENCV, "a.yml")).values()
    text = OPENCV
    for name, other in spelling.items():
        assert name in text
        text = text.replace(name, other)
    (camera,) = read_cameras(written(tmp_path, text, "b.yml")).values()
    assert camera.to_dict() == expected.to_dict()


def test_yaml_of_several_cameras_has_them_by_their_keys(tmp_path) -> None:
    body = "".join(f"  {line}\n" for line in ROS.splitlines())
    cameras = read_cameras(written(tmp_path, f"left:\n{body}right:\n{body}", "rig.yaml"))
    assert list(cameras) == ["left", "right"]


def test_zeros_beyond_eight_distortion_coefficients_are_dropped(tmp_path) -> None:
    text = TOML.replace("distortions = [ ]", f"distortions = {[0.1] + [0.0] * 13}")
    distortion = read_cameras(written(tmp_path, text))["cam_b"].distortion
    np.testing.assert_array_equal(distortion, [0.1] + [0.0] * 7)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("matrix = [ [ 500, 0, 320], [ 0, 500, 240], [ 0, 0, 1]]\n", ""), "camera_matrix.*none"),
        (("[ [ 500, 0, 320], [ 0, 500, 240], [ 0, 0, 1]]", "[ 500, 320, 240]"), r"\[3, 3\].*\[3\]"),
        (("[ 500, 0, 320]", "[ 500, 2, 320]"), "fx, 0, cx"),
        (("[ 500, 0, 320]", "[ nan, 0, 320]"), "finite"),
        (("[ 500, 0, 320]", "[ 'a', 0, 320]"), "numbers"),
        (("[ 500, 0, 320]", "[ -500, 0, 320]"), "fx"),
        (("size = [ 640, 480]\n", ""), "image_size.*none"),
        (("size = [ 640, 480]", "size = [ 640, 480.5]"), "image_size.*whole"),
        (("distortions = [ ]", "distortions = [ ]\nfisheye = true"), "fisheye"),
        (("distortions = [ ]", "distortion_model = 'equidistant'"), "equidistant"),
        (("distortions = [ ]", f"distortions = {[0.1] * 12}"), "8 numbers.*12"),
        (("rotation = [ 0.0, 0.0, 0.0]", "rotation = [ 0.0, 0.0]"), "axis-angle"),
        (("rotation = [ 0.0, 0.0, 0.0]", f"rotation = {[[2.0, 0, 0]] * 3}"), "rotation"),
        (("translation = [ 0.0, 0.0, 3.0]", "translation = [ 3.0]"), "translation"),
    ],
)
def test_a_wrong_camera_is_refused_by_file_name_and_reason(tmp_path, change, said) -> None:
    assert change[0] in TOML
    path = written(tmp_path, TOML.replace(*change))
    with pytest.raises(CalibrationError, match=said) as raised:
        read_cameras(path)
    assert "calibration.toml" in str(raised.value) and "'cam_b'" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "[metadata]\nerror = 0\n"),
        ("a.toml", "[cam\n"),
        ("a.yml", "- 1\n"),
        ("a.yml", "a: [\n"),
        ("a.yml", "%YAML:1.0\n---\nimage_width: 3\n"),
        ("a.yml", "camera_matrix: !!python/object/apply:os.getcwd []\n"),
        ("a.txt", ""),
    ],
)
def test_a_file_that_is_no_calibration_is_refused(tmp_path, name, text) -> None:
    with pytest.raises(CalibrationError, match=name):
        read_cameras(written(tmp_path, text, name))


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="calibration not found"):
        read_cameras(tmp_path / "none.toml")


def test_without_pyyaml_the_error_says_what_to_install(tmp_path, monkeypatch) -> None:
    path = written(tmp_path, ROS, "a.yml")
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ImportError, match=r"pip install 'smplceres\[calibration\]'"):
        read_cameras(path)


def two_cameras():
    place = np.diag([-1.0, 1.0, -1.0])
    common = {"fx": 1100, "fy": 1100, "cx": 500, "cy": 500, "width": 1000, "height": 1000}
    return {
        "front": Camera(**common),
        "unused": Camera(**common, translation=[1, 0, 0]),
        "back": Camera(**common, rotation=place, translation=[0, 0, 8]),
    }


def test_keypoints_by_name_are_fitted_with_the_cameras_of_those_names(rng) -> None:
    model, cameras = load_body_model(), two_cameras()
    person = standing_person(model, rng)
    seen = {name: seen_by(cameras[name], model, person) for name in ("back", "front")}
    listed = fit(list(seen.values()), [cameras["back"], cameras["front"]], model=model)
    named = fit(seen, cameras, model=model)
    np.testing.assert_array_equal(named.joints, listed.joints)
    clip = fit_sequence({name: [k] * 2 for name, k in seen.items()}, cameras, fps=30, model=model)
    assert [view.camera for view in clip.views[0]] == [cameras["back"], cameras["front"]]


def test_a_camera_that_keypoints_name_and_the_calibration_has_not_is_named(rng) -> None:
    seen = seen_by(
        two_cameras()["front"], load_body_model(), standing_person(load_body_model(), rng)
    )
    with pytest.raises(ValueError, match=r"camera: expected one named 'left'.*got front, unused"):
        fit({"front": seen, "left": seen}, two_cameras())
    with pytest.raises(ValueError, match="camera: expected one named 'left'"):
        fit_sequence({"front": [seen], "left": [seen]}, two_cameras(), fps=30)
    with pytest.raises(ValueError, match="by name, got cameras alone"):
        fit([seen], two_cameras())


def test_pose2sim_calibration_is_read(data_folder) -> None:
    cameras = read_cameras(data_folder / "pose2sim/S00_Calibration/Calib_qualisys.toml")
    assert list(cameras) == ["cam_01", "cam_02", "cam_03", "cam_04"]
    assert {(camera.width, camera.height) for camera in cameras.values()} == {(1088, 1920)}
