"""Exports for artists and biomechanics: places, cameras, names of bones, trajectories."""

from __future__ import annotations

import numpy as np
import pytest

from glb import Glb
from smplceres import Camera, Motion, fit, load_body_model, read_keypoints3d
from smplceres.base.rotations import rotation_matrix
from smplceres.exports import BONES, Settings, export_motion
from smplceres.exports.placing import placed

CAMERA = Camera(
    fx=900, fy=880, cx=319.5, cy=239.5, width=640, height=480, translation=np.array([0.1, 0.2, 0.3])
)
FRAMES = 4
# 32-bit floats and printed tenths of a millimetre.
BAR = 1e-4


@pytest.fixture(scope="module")
def model():
    return load_body_model()


@pytest.fixture
def motion(model, rng) -> Motion:
    """Someone 4 m in front of a camera, turned and leaning, in the camera's frame."""
    poses = rng.normal(0, 0.2, (FRAMES, model.num_joints, 3))
    poses[:, 0] = [2.6, 0.4, 0.9]
    return Motion(
        model=model,
        poses=poses,
        betas=rng.normal(size=model.num_betas),
        transl=np.array([0.3, 0.2, 4]) + rng.normal(0, 0.05, (FRAMES, 3)),
        times=np.arange(FRAMES) / 25,
        coordinates="opencv",
        cameras=(CAMERA,),
    )


def facing(motion: Motion) -> np.ndarray:
    return rotation_matrix(motion.poses[0, 0])[:, 2]


def test_at_the_origin_the_body_faces_ahead(motion) -> None:
    at = placed(motion, "origin")
    np.testing.assert_allclose(at.joints[0, 0], 0, atol=1e-9)
    assert abs(facing(at)[0]) < 1e-9 and facing(at)[2] > 0
    assert at.coordinates == "y-up"


def test_on_the_ground_the_lowest_point_of_the_motion_is_at_height_0(motion) -> None:
    at = placed(motion, "ground")
    lowest = [at.body(frame).vertices[:, 1].min() for frame in range(FRAMES)]
    assert min(lowest) == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(at.joints[0, 0, [0, 2]], 0, atol=1e-9)


@pytest.mark.parametrize("place", ["ground", "origin", "camera"])
@pytest.mark.parametrize("coordinates", ["y-up", "z-up", "opencv"])
def test_the_camera_moves_with_the_body(place, coordinates, motion) -> None:
    """What it saw is where it was in the picture."""
    at = placed(motion, place).to(coordinates)
    (camera,) = at.cameras
    np.testing.assert_allclose(
        camera.project(at.joints[0]), CAMERA.project(motion.joints[0]), atol=1e-6
    )


def test_another_place_is_an_error(motion) -> None:
    with pytest.raises(ValueError, match="place: expected one of ground, origin, camera, got 'up'"):
        placed(motion, "up")


@pytest.mark.parametrize("place", ["ground", "camera"])
def test_the_camera_of_glb_sees_the_joints_where_the_picture_has_them(
    place, motion, tmp_path
) -> None:
    """By glTF's rule: the view looks along -z, yfov spans the height."""
    export_motion(motion, tmp_path / "motion.glb", settings=Settings(place=place))
    glb = Glb(tmp_path / "motion.glb")
    (node,) = [node for node in glb.document.nodes if node.camera is not None]
    lens = glb.document.cameras[node.camera].perspective
    view = np.linalg.inv(np.reshape(node.matrix, (4, 4)).T)
    joints = glb.worlds(0)[:, :3, 3]
    seen = joints @ view[:3, :3].T + view[:3, 3]
    y = seen[:, 1] / -seen[:, 2] / np.tan(lens.yfov / 2)
    x = seen[:, 0] / -seen[:, 2] / np.tan(lens.yfov / 2) / lens.aspectRatio
    pixels = np.stack([(x + 1) * 640 / 2 - 0.5, (1 - y) * 480 / 2 - 0.5], axis=1)
    np.testing.assert_allclose(pixels, CAMERA.project(motion.joints[0]), atol=0.05)


def test_bones_have_the_names_of_other_programs(motion, model, tmp_path) -> None:
    export_motion(motion, tmp_path / "motion.glb", settings=Settings(bones="mixamo"))
    glb = Glb(tmp_path / "motion.glb")
    names = [glb.names[joint] for joint in glb.document.skins[0].joints]
    assert names[0] == "mixamorig:Hips" and "mixamorig:LeftForeArm" in names
    export_motion(motion, tmp_path / "motion.bvh", settings=Settings(bones="vrm"))
    text = (tmp_path / "motion.bvh").read_text()
    assert "ROOT hips" in text and "JOINT leftLowerArm" in text
    for name, bones in BONES.items():
        assert len(set(bones.values())) == len(bones), name
    with pytest.raises(ValueError, match="bones: expected one of smpl, mixamo, vrm, got 'maya'"):
        export_motion(motion, tmp_path / "motion.glb", settings=Settings(bones="maya"))
    with pytest.raises(ValueError, match=r"bones: expected a \.glb or \.bvh .* got \.csv"):
        export_motion(motion, tmp_path / "motion.csv", settings=Settings(bones="vrm"))


# --- Trajectories ---


def test_trc_has_the_joints_in_millimetres(motion, model, tmp_path) -> None:
    export_motion(motion, tmp_path / "motion.trc")
    lines = (tmp_path / "motion.trc").read_text().split("\n")
    assert lines[2].split("\t")[:5] == ["25", "25", str(FRAMES), str(model.num_joints), "mm"]
    assert [name for name in lines[3].split("\t")[2:] if name] == list(model.joint_names)
    rows = np.loadtxt(tmp_path / "motion.trc", skiprows=6)
    np.testing.assert_allclose(rows[:, 1], motion.times, atol=1e-6)
    expected = motion.to("y-up").joints
    np.testing.assert_allclose(rows[:, 2:].reshape(expected.shape) / 1000, expected, atol=BAR)


def test_our_own_reader_reads_trc_back(motion, tmp_path) -> None:
    export_motion(motion, tmp_path / "motion.trc")
    read = read_keypoints3d(tmp_path / "motion.trc")
    assert len(read) == FRAMES


def test_c3d_is_read_by_ezc3d(motion, model, tmp_path) -> None:
    ezc3d = pytest.importorskip("ezc3d", reason="reads .c3d: pip install 'smplceres[c3d]'")
    export_motion(motion, tmp_path / "motion.c3d")
    file = ezc3d.c3d(str(tmp_path / "motion.c3d"))
    points = file["parameters"]["POINT"]
    assert points["LABELS"]["value"] == list(model.joint_names)
    assert points["RATE"]["value"][0] == pytest.approx(25)
    assert points["UNITS"]["value"] == ["mm"]
    read = file["data"]["points"][:3].transpose(2, 1, 0) / 1000
    np.testing.assert_allclose(read, motion.to("z-up").joints, atol=BAR)


def test_sto_has_the_orientation_of_every_joint(motion, model, tmp_path) -> None:
    export_motion(motion, tmp_path / "motion.sto")
    header, body = (tmp_path / "motion.sto").read_text().split("endheader\n")
    assert "DataType=Quaternion" in header
    names, *rows = body.strip().split("\n")
    assert names.split("\t") == ["time", *model.joint_names]
    first = np.array([cell.split(",") for cell in rows[0].split("\t")[1:]], dtype=float)
    upright = motion.to("y-up")
    w, v = first[:, :1, None], first[:, 1:]
    bone = upright.rest_joints - upright.rest_joints[upright.model.parents]
    for joint, parent in enumerate(model.parents.tolist()):
        if parent < 0:
            continue
        q, offset = v[parent], bone[joint]
        turned = offset + 2 * np.cross(q, np.cross(q, offset) + w[parent, 0, 0] * offset)
        actual = upright.joints[0, joint] - upright.joints[0, parent]
        np.testing.assert_allclose(turned, actual, atol=1e-6)


def test_a_fit_is_placed_with_its_camera(model, tmp_path) -> None:
    keypoints = CAMERA.project(model.joints(global_orient=[np.pi, 0, 0], transl=[0, 0, 4]))
    result = fit(keypoints, CAMERA, keypoint_format="smpl24", starts=1)
    result.export(tmp_path / "person.glb", place="ground", bones="mixamo")
    glb = Glb(tmp_path / "person.glb")
    assert len(glb.document.cameras) == 1
    result.export(tmp_path / "person.obj", place="ground")
    heights = [
        float(line.split()[2])
        for line in (tmp_path / "person.obj").read_text().splitlines()
        if line.startswith("v ")
    ]
    assert min(heights) == pytest.approx(0, abs=1e-5)
