"""Calibrations of other programs: units, names of the distortion, what places a camera."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import reference
from smplceres import CalibrationError, InputWarning, read_cameras
from smplceres.base.numbered_names import names_like

CASES = Path(__file__).resolve().parents[1] / "cases"

K = [[900.0, 0.0, 640.0], [0.0, 901.0, 360.0], [0.0, 0.0, 1.0]]
TABLE = {"K": K, "imgSize": [1280, 720], "R": np.eye(3).tolist(), "T": [0.1, 0.2, 4.0]}

BARE = {"K": K, "imgSize": [1280, 720]}


def written(tmp_path, content, name="a.json"):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def only(cameras):
    (camera,) = cameras.values()
    return camera


# --- Units ---


def test_freemocaps_millimetres_are_said_and_read() -> None:
    path = CASES / "freemocap.toml"
    with pytest.warns(InputWarning, match=r'freemocap.toml: .* 2500 m .* likely unit="mm"'):
        read_cameras(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert only(read_cameras(path, "mm")).translation.tolist() == [0, 0, 2.5]


@pytest.mark.parametrize(("unit", "size"), [("cm", 300.0), ("mm", 4000.0)])
def test_the_likely_unit_is_that_of_a_room(tmp_path, unit, size) -> None:
    rig = {name: TABLE | {"T": [0, 0, z]} for name, z in (("a", size), ("b", 1.2 * size))}
    path = written(tmp_path, rig)
    with pytest.warns(InputWarning, match=f'likely unit="{unit}"'):
        read_cameras(path)
    scale = {"cm": 100, "mm": 1000}[unit]
    assert read_cameras(path, unit=unit)["a"].translation[2] == pytest.approx(size / scale)


def test_a_unit_that_is_none_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="unit: expected one of m, cm, mm, got 'inch'"):
        read_cameras(written(tmp_path, TABLE), "inch")


def test_a_unit_in_the_file_is_taken(tmp_path) -> None:
    assert only(read_cameras(written(tmp_path, TABLE | {"unit": "cm"}))).translation[2] == 0.04


# --- Distortion ---

NUMBERS = [-0.3, 0.1, 0.01, -0.02]


def test_distortion_coeffs_are_read() -> None:
    camera = only(read_cameras(CASES / "dist_distortion_coeffs.yaml"))
    assert camera.distortion.tolist() == [-0.3, 0.1, 0.0, 0.0]


@pytest.mark.parametrize(
    "values",
    [
        *(
            {name: NUMBERS}
            for name in (
                *("dist", "distCoeff", "dist_coeffs", "distCoef", "distortion_parameters"),
                *("Distortion_Params", "distortion-vector", "lensDistortion", "distorsion", "D"),
                *("coeffs", "DistortionCoefficients", "distortions"),
            )
        ),
        {"distortion_parameters": dict(zip(("k1", "k2", "p1", "p2"), NUMBERS, strict=True))},
        dict(zip(("k1", "k2", "p1", "p2"), NUMBERS, strict=True)),
        {"RadialDistortion": NUMBERS[:2], "TangentialDistortion": NUMBERS[2:]},
    ],
    ids="-".join,
)
def test_spellings_of_the_distortion(tmp_path, values) -> None:
    distortion = only(read_cameras(written(tmp_path, TABLE | values))).distortion
    assert distortion[:4].tolist() == NUMBERS and not distortion[4:].any()


@pytest.mark.parametrize("name", ["distortion_map", "dist_poly", "radial_dist"])
def test_a_distortion_that_is_not_understood_is_an_error(tmp_path, name) -> None:
    with pytest.raises(CalibrationError, match=f"{name}: expected distortion_coefficients"):
        read_cameras(written(tmp_path, TABLE | {name: NUMBERS}))


@pytest.mark.parametrize("name", ["undistorted", "focus_distance", "distortion_model"])
def test_other_words_with_dist_are_none(tmp_path, name) -> None:
    assert not len(only(read_cameras(written(tmp_path, TABLE | {name: "none"}))).distortion)


# --- What places a camera ---


def test_the_rectification_of_ros_places_no_camera() -> None:
    camera = only(read_cameras(CASES / "ros_echo.yaml"))
    np.testing.assert_array_equal(camera.rotation, np.eye(3))
    assert (camera.fx, camera.cx, camera.width) == (900, 640, 1280)
    assert camera.distortion.tolist() == [0.1, -0.2, 0.001, 0.002, 0.0]


def test_what_ros2_topic_echo_prints_in_small_letters(tmp_path) -> None:
    echo = (CASES / "ros_echo.yaml").read_text()
    text = "\n".join(line[:1].lower() + line[1:] for line in echo.splitlines())
    assert "\nk: [" in text and "\nr: [" in text
    camera = only(read_cameras(written(tmp_path, text + "\n" + text, "a.yaml")))
    np.testing.assert_array_equal(camera.rotation, np.eye(3))
    assert camera.fy == 900


@pytest.mark.parametrize("with_p", [True, False])
def test_r_beside_p_or_without_t_is_no_pose(tmp_path, with_p) -> None:
    table = TABLE | {"R": reference.rodrigues([0, 0.3, 0]).tolist()}
    if with_p:
        table["P"] = [880.0, 0, 640, -100, 0, 880, 360, 0, 0, 0, 1, 0]
    else:
        del table["T"]
    np.testing.assert_array_equal(only(read_cameras(written(tmp_path, table))).rotation, np.eye(3))


# --- Layouts ---


@pytest.mark.parametrize("name", ["intri.yml", "extri.yml"])
def test_easymocaps_two_files_are_one_calibration(name) -> None:
    cameras = read_cameras(CASES / name)
    assert list(cameras) == ["1", "2"]
    camera = cameras["2"]
    assert (camera.fx, camera.cy, camera.width, camera.height) == (1500, 539.5, 1920, 1080)
    assert camera.translation.tolist() == [0.1, 0.2, 4.0] and camera.distortion[0] == 0.1
    np.testing.assert_allclose(camera.rotation, reference.rodrigues([0, 0.3, 0]), atol=1e-12)


def test_easymocap_without_sizes_takes_the_given_one(tmp_path) -> None:
    lines = (CASES / "intri.yml").read_text().splitlines(keepends=True)
    path = written(
        tmp_path, "".join(each for each in lines if each[:2] not in ("H_", "W_")), "intri.yml"
    )
    with pytest.raises(CalibrationError, match="image_size: expected width and height"):
        read_cameras(path)
    assert read_cameras(path, image_size=(1920, 1080))["1"].height == 1080


KALIBR = """\
cam0:
  camera_model: pinhole
  distortion_coeffs: [-0.3, 0.1, 0.01, -0.02]
  distortion_model: radtan
  intrinsics: [458.6, 457.3, 367.2, 248.4]
  resolution: [752, 480]
  rostopic: /cam0/image_raw
cam1:
  T_cn_cnm1:
  - [0.0, -1.0, 0.0, -0.11]
  - [1.0, 0.0, 0.0, 0.02]
  - [0.0, 0.0, 1.0, 0.03]
  - [0.0, 0.0, 0.0, 1.0]
  camera_model: pinhole
  distortion_coeffs: [0.0, 0.0, 0.0, 0.0]
  distortion_model: radtan
  intrinsics: [457.5, 456.1, 379.9, 255.2]
  resolution: [752, 480]
"""


def test_kalibrs_chain_has_poses_from_the_first_camera(tmp_path) -> None:
    cameras = read_cameras(written(tmp_path, KALIBR, "camchain.yaml"))
    assert list(cameras) == ["cam0", "cam1"]
    assert cameras["cam0"].cy == 248.4 and cameras["cam0"].distortion.tolist() == NUMBERS
    np.testing.assert_array_equal(cameras["cam0"].rotation, np.eye(3))
    assert cameras["cam1"].rotation[0].tolist() == [0, -1, 0]
    assert cameras["cam1"].translation.tolist() == [-0.11, 0.02, 0.03]


def test_kalibrs_fisheye_is_refused(tmp_path) -> None:
    text = KALIBR.replace("radtan", "equidistant")
    with pytest.raises(CalibrationError, match="got 'equidistant'"):
        read_cameras(written(tmp_path, text, "camchain.yaml"))


ORB_SLAM = """\
%YAML:1.0
Camera.type: "PinHole"
Camera.fx: 517.3
Camera.fy: 516.5
Camera.cx: 318.6
Camera.cy: 255.3
Camera.k1: 0.26
Camera.k2: -0.95
Camera.p1: -0.005
Camera.p2: 0.002
Camera.k3: 1.16
Camera.width: 640
Camera.height: 480
"""
VINS = """\
%YAML:1.0
---
model_type: PINHOLE
camera_name: camera
image_width: 752
image_height: 480
distortion_parameters:
   k1: -0.3
   k2: 0.1
   p1: 0.01
   p2: -0.02
projection_parameters:
   fx: 461.6
   fy: 460.3
   cx: 363.0
   cy: 248.1
"""


def test_orb_slam_and_vins(tmp_path) -> None:
    camera = only(read_cameras(written(tmp_path, ORB_SLAM, "TUM1.yaml")))
    assert (camera.fx, camera.height) == (517.3, 480)
    assert camera.distortion.tolist() == [0.26, -0.95, -0.005, 0.002, 1.16]
    camera = only(read_cameras(written(tmp_path, VINS, "cam0.yaml")))
    assert (camera.fy, camera.cx, camera.width) == (460.3, 363.0, 752)
    assert camera.distortion.tolist() == NUMBERS


COLMAP_CAMERAS = """\
# Camera list with one line of data per camera:
#   CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]
1 OPENCV 1280 720 900 901 640.5 360.5 -0.3 0.1 0.01 -0.02
2 SIMPLE_RADIAL 640 480 500 320.5 240.5 0.1
"""
COLMAP_IMAGES = """\
# Image list with two lines of data per image:
1 0.7071067811865476 0 0.7071067811865476 0 0.1 0.2 3.0 1 front.jpg
10.0 20.0 -1
2 1 0 0 0 0 0 2.0 2 rig/back.png

"""


def test_colmap_has_pixel_centres_at_halves_and_poses_by_image(tmp_path) -> None:
    path = written(tmp_path, COLMAP_CAMERAS, "cameras.txt")
    assert list(read_cameras(path)) == ["1", "2"]
    written(tmp_path, COLMAP_IMAGES, "images.txt")
    cameras = read_cameras(path)
    assert list(cameras) == ["front", "rig/back"]
    front, back = cameras.values()
    assert (front.cx, front.cy) == (640, 360) and front.distortion.tolist() == NUMBERS
    np.testing.assert_allclose(front.rotation, reference.rodrigues([0, np.pi / 2, 0]), atol=1e-12)
    assert front.translation.tolist() == [0.1, 0.2, 3.0]
    assert (back.fx, back.fy, back.distortion[0]) == (500, 500, 0.1)


@pytest.mark.parametrize("line", ["1 OPENCV_FISHEYE 9 9 1 1 1 1 0 0 0 0", "1 PINHOLE 9 9 1", "x"])
def test_colmap_that_is_not_read_is_refused(tmp_path, line) -> None:
    with pytest.raises(CalibrationError, match=r"cameras\.txt: line 1: expected"):
        read_cameras(written(tmp_path, line, "cameras.txt"))


def test_panoptic_is_in_centimetres(tmp_path) -> None:
    camera = {"name": "00_03", "type": "hd", "resolution": [1920, 1080], "panel": 0, "node": 3}
    camera |= {"K": K, "distCoef": [*NUMBERS, 0.0], "R": np.eye(3).tolist()}
    content = {"calibDataSource": "x", "cameras": [camera | {"t": [[-49.8], [142.0], [288.4]]}]}
    cameras = read_cameras(written(tmp_path, content))
    assert list(cameras) == ["00_03"]
    np.testing.assert_allclose(cameras["00_03"].translation, [-0.498, 1.42, 2.884])


def test_shelfs_mapping_of_flat_matrices(tmp_path) -> None:
    table = TABLE | {"K": np.ravel(K).tolist(), "R": np.eye(3).ravel().tolist()}
    cameras = read_cameras(written(tmp_path, {"0": table, "1": table}))
    assert list(cameras) == ["0", "1"] and cameras["1"].fy == 901


# --- Names ---


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("cam_10", ["cam_1", "cam_10"], ["cam_10"]),
        ("cam_10_json", ["cam_1", "cam_10"], ["cam_10"]),
        ("cam1", ["cam01", "cam02", "cam11"], ["cam01"]),
        ("cam01_json", ["int_cam01_img", "int_cam02_img"], ["int_cam01_img"]),
        ("S01_cam02_t03", ["cam_1", "cam_2", "cam_3"], ["cam_2"]),
        ("front", ["back", "front"], ["front"]),
        ("videofront", ["back", "front"], ["front"]),
        ("cam3", ["cam1", "cam2"], []),
        ("cam", ["cam1", "cam2"], []),
        ("back_cam", ["front_cam", "side_cam"], []),
        ("1", ["1", "01"], ["1"]),
    ],
)
def test_names_of_cameras_that_mean_an_input(name, known, meant) -> None:
    assert names_like(name, known) == meant


# --- What a file says otherwise, or says twice ---


@pytest.mark.parametrize(
    "nested",
    [
        {"k1": 0.1, "k2": -0.02, "p1": 0.001, "p2": -0.002},
        {"radial": [0.1, -0.02], "tangential": [0.001, -0.002]},
        {"model": "plumb_bob", "coefficients": [0.1, -0.02, 0.001, -0.002]},
        {"values": [0.1, -0.02, 0.001, -0.002]},
    ],
)
def test_a_distortion_in_a_table_of_its_own_is_read(tmp_path, nested) -> None:
    (camera,) = read_cameras(written(tmp_path, TABLE | {"distortion": nested})).values()
    np.testing.assert_allclose(camera.distortion[:4], [0.1, -0.02, 0.001, -0.002])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"distortion": {"alpha": 0.1}}, "expected k1, k2, p1, p2 or a list"),
        ({"distortion": {"model": "fisheye", "k1": 0.1}}, "Brown and Conrady"),
        ({"distortion": [0.1, 0.2, 0.3]}, "expected 4, 5 or 8 numbers"),
        ({"dist": [0.1, 0, 0, 0], "D": [0.2, 0, 0, 0]}, "expected one distortion"),
        ({"radial_distortion": [0.1, 0, 0, 0, 0.2]}, "expected 1, 2, 3 or 6 numbers"),
        ({"xi": 1.2}, "a mirror's"),
        ({"position": [1, 2, 3], "orientation": [0, 0, 0, 1]}, "position: expected rotation"),
        ({"pose": np.eye(4).tolist()}, "pose: expected rotation"),
    ],
)
def test_what_is_not_understood_is_no_default(tmp_path, more, said) -> None:
    with pytest.raises(CalibrationError, match=said):
        read_cameras(written(tmp_path, BARE | more))


@pytest.mark.parametrize(
    ("name", "inverse"),
    [("extrinsic", False), ("T_cam_world", False), ("camera_to_world", True), ("c2w", True)],
)
def test_poses_in_one_matrix(tmp_path, name, inverse) -> None:
    pose = np.eye(4)
    pose[:3] = [[0, -1, 0, 1], [1, 0, 0, 2], [0, 0, 1, 3]]
    given = np.linalg.inv(pose) if inverse else pose
    table = BARE | {name: given.tolist(), "unit": "cm"}
    (camera,) = read_cameras(written(tmp_path, table)).values()
    np.testing.assert_allclose(camera.rotation, pose[:3, :3])
    np.testing.assert_allclose(camera.translation, pose[:3, 3] / 100)


def test_cameras_without_poses_are_told(tmp_path) -> None:
    with pytest.warns(InputWarning, match="cameras 0, 1 are at the origin of the world"):
        read_cameras(written(tmp_path, {"0": BARE, "1": BARE}))


def test_matrices_of_matlab_and_open3d_are_turned(tmp_path) -> None:
    table = {"intrinsic_matrix": np.transpose(K).tolist(), "width": 1280, "height": 720}
    (camera,) = read_cameras(written(tmp_path, table)).values()
    assert (camera.cx, camera.cy) == (K[0][2], K[1][2])
    table = {"IntrinsicMatrix": np.transpose(K).tolist(), "ImageSize": [720, 1280]}
    table |= {"RadialDistortion": [0.1, 0.2], "TangentialDistortion": [0.01, 0.02]}
    (camera,) = read_cameras(written(tmp_path, table)).values()
    assert (camera.width, camera.height) == (1280, 720)
    np.testing.assert_allclose(camera.distortion[:4], [0.1, 0.2, 0.01, 0.02])


def test_voxelposes_cameras_have_places_in_millimetres(tmp_path) -> None:
    """T is where the camera is, and k and K are two things."""
    turned = [[0, 0, -1], [0, 1, 0], [1, 0, 0]]
    table = {"K": K, "fx": K[0][0], "fy": K[1][1], "cx": K[0][2], "cy": K[1][2]}
    table |= {"R": turned, "T": [[1000], [2000], [3000]], "k": [[0.1], [0.2], [0.3]]}
    content = {"0": table | {"p": [[0.01], [0.02]]}}
    camera = read_cameras(written(tmp_path, content), image_size=(1280, 720))["0"]
    np.testing.assert_allclose(-camera.rotation.T @ camera.translation, [1, 2, 3])
    np.testing.assert_allclose(camera.distortion[:5], [0.1, 0.2, 0.01, 0.02, 0.3])


def test_a_list_of_cameras_is_read_by_their_names(tmp_path) -> None:
    cameras = [
        {
            "name": f"c0{n}",
            "matrix": K,
            "size": [1280, 720],
            "rotation": [0, 0.1 * n, 0],
            "translation": [0, 0, 3],
            "distortions": [0.1, 0, 0, 0, 0],
        }
        for n in (1, 2)
    ]
    assert list(read_cameras(written(tmp_path, cameras))) == ["c01", "c02"]


def test_a_camera_of_kalibrs_chain_without_pose_is_named(tmp_path) -> None:
    camera = {"camera_model": "pinhole", "intrinsics": [900, 901, 640, 360]}
    camera |= {"distortion_model": "radtan", "distortion_coeffs": [0, 0, 0, 0]}
    content = {name: camera | {"resolution": [1280, 720]} for name in ("cam0", "cam1")}
    with pytest.raises(CalibrationError, match="cam1: expected T_cn_cnm1"):
        read_cameras(written(tmp_path, content, "a.yaml"))


def test_the_unit_of_a_toml_is_that_of_its_metadata(tmp_path) -> None:
    path = tmp_path / "a.toml"
    text = "".join(
        f"[c{n}]\nsize = [1280, 720]\nmatrix = [[900.0, 0.0, 640.0], [0.0, 900.0, 360.0], "
        f"[0.0, 0.0, 1.0]]\nrotation = [0.0, 0.0, 0.0]\ntranslation = [{100.0 * n}, 0.0, 4000.0]\n"
        for n in range(2)
    )
    path.write_text(text + '[metadata]\nunits = "mm"\n')
    assert read_cameras(path)["c1"].translation.tolist() == [0.1, 0, 4]
