"""REP-155's angles against forward kinematics of the published URDF: our own, and yourdfpy's."""

from __future__ import annotations

import io
import os
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import smplceres as sc
from smplceres.base.rotations import compose
from smplceres.robotics.frames import BodyFrames, quaternions
from smplceres.robotics.joint_angles import ANGLE_NAMES, LIMBS, Links, angles_of, joint_angles
from smplceres.robotics.urdf import urdf

DATA = Path(os.environ.get("SMPLCERES_DATA", Path(__file__).parents[3] / "shared" / "data"))


class Posed:
    """A body with the attributes of a result."""

    slices = {}  # noqa: RUF012  # as of a body without further slices

    def __init__(self, model, poses, betas):
        self.global_orient, self.body_pose = poses[0], poses[1:]
        self.betas, self.transl = betas, np.array([0.3, -0.2, 4.0])
        self.joints = model.joints(
            global_orient=poses[0], body_pose=poses[1:], betas=betas, transl=self.transl
        )


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


def prior_poses(count: int) -> np.ndarray:
    """(count, 24, 3) samples of the mixture that ships, with any root."""
    rng = np.random.default_rng(7)
    prior = sc.load_pose_prior().for_joints(24)
    which = rng.choice(len(prior.weights), size=count, p=prior.weights)
    poses = np.zeros((count, 24, 3))
    for row, component in zip(poses, which, strict=True):
        sample = rng.multivariate_normal(prior.means[component], prior.covars[component])
        row[1:] = np.pad(sample, (0, 69 - len(sample))).reshape(23, 3)
        row[0] = rng.normal(size=3)
    return poses


def chain(text: str, angles: dict[str, float], person: str) -> dict[str, np.ndarray]:
    """4 x 4 of each link in the frame of the root, by a reading of the URDF of our own."""
    root = ElementTree.fromstring(text)
    places = {f"body_{person}": np.eye(4)}
    for joint in root.iter("joint"):
        parent, link = joint.find("parent").get("link"), joint.find("child").get("link")
        step = np.eye(4)
        step[:3, 3] = [float(x) for x in joint.find("origin").get("xyz").split()]
        if joint.get("type") == "revolute":
            axis = np.array([float(x) for x in joint.find("axis").get("xyz").split()])
            angle = angles[joint.get("name").removesuffix(f"_{person}")]
            limit = joint.find("limit")
            assert float(limit.get("lower")) <= angle <= float(limit.get("upper")) + 1e-9
            cross = np.cross(np.eye(3), axis)  # [axis]x
            step[:3, :3] = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
        places[link] = places[parent] @ step
    return places


def in_camera(places: dict[str, np.ndarray], frames: BodyFrames) -> dict[str, np.ndarray]:
    """Origins of links in the frame of the joints."""
    return {
        name: frames.rotations[0] @ place[:3, 3] + frames.mid_hips for name, place in places.items()
    }


def limb_errors(places: dict[str, np.ndarray], frames: BodyFrames, person: str) -> list[float]:
    """Degrees between the eight bones of the URDF and those of the body."""
    errors = []
    for limb in LIMBS:
        names = ("shoulder", "elbow", "wrist") if limb.is_arm else ("hip", "knee", "ankle")
        links = [places[f"{limb.prefix}_{name}_{person}"] for name in names]
        joints = [frames.at(name) for name in (limb.root, limb.hinge, limb.end)]
        for first in (0, 1):
            ours, true = links[first + 1] - links[first], joints[first + 1] - joints[first]
            # The sine is exact for small angles, unlike the cosine.
            sine = np.linalg.norm(np.cross(ours, true))
            errors.append(float(np.degrees(np.arctan2(sine, ours @ true))))
    return errors


def test_limbs_of_the_urdf_point_as_those_of_the_body(model) -> None:
    rng = np.random.default_rng(3)
    for poses in prior_poses(60):
        body = Posed(model, poses, rng.normal(size=model.num_betas))
        frames, links = BodyFrames.of(body, model), Links.of(model, body.betas)
        angles = angles_of(frames, links)
        places = in_camera(chain(urdf(model, body.betas, "p1"), angles, "p1"), frames)
        assert max(limb_errors(places, frames, "p1")) < 1e-5
        for limb, (upper, lower) in zip(LIMBS, links.lengths, strict=True):
            joints = [frames.at(name) for name in (limb.root, limb.hinge, limb.end)]
            lengths = np.linalg.norm(np.diff(joints, axis=0), axis=1)
            assert np.allclose(lengths, (upper, lower), atol=2e-3)  # pose blend shapes: none here
        for side in "lr":
            hip = places[f"{side}_y_hip_p1"]
            assert np.allclose(hip, frames.at({"l": "left_hip", "r": "right_hip"}[side]), atol=1e-6)


def test_the_head_of_the_urdf_is_turned_as_that_of_the_body(model) -> None:
    for poses in prior_poses(20):
        body = Posed(model, poses, np.zeros(model.num_betas))
        frames = BodyFrames.of(body, model)
        places = chain(urdf(model, body.betas, "a"), joint_angles(body, model), "a")
        head = frames.rotations[0] @ places["p_head_a"][:3, :3]
        assert np.allclose(head, frames.rotations[model.joint_names.index("head")], atol=1e-9)


@pytest.mark.parametrize("side", [1, -1])
def test_angles_of_simple_poses(model, side) -> None:
    """Arms and legs by eye: what each angle means, the same on both sides."""
    prefix, name = ("l", "left") if side == 1 else ("r", "right")
    poses = np.zeros((24, 3))
    poses[0] = [np.pi, 0, 0]
    joint = {each: model.joint_names.index(f"{name}_{each}") for each in ("shoulder", "elbow")}
    # T-pose: the arm is raised to the side by about 90 degrees.
    angles = joint_angles(Posed(model, poses, np.zeros(model.num_betas)), model)
    assert abs(angles[f"{prefix}_p_shoulder"] - np.pi / 2) < 0.2
    assert abs(angles[f"{prefix}_y_shoulder"]) < 0.2
    # The elbow bent by 1 rad forward of the T-pose.
    poses[joint["elbow"]] = [0, -side * 1.0, 0]
    bent = joint_angles(Posed(model, poses, np.zeros(model.num_betas)), model)
    assert abs(bent[f"{prefix}_elbow"] - 1.0) < 0.2
    # The leg raised forward: the hip's r, the knee bent backward.
    hip, knee = (model.joint_names.index(f"{name}_{each}") for each in ("hip", "knee"))
    poses[hip], poses[knee] = [-0.7, 0, 0], [0.9, 0, 0]
    raised = joint_angles(Posed(model, poses, np.zeros(model.num_betas)), model)
    assert abs(raised[f"{prefix}_r_hip"] - 0.7) < 0.2
    assert abs(raised[f"{prefix}_knee"] + 0.9) < 0.2


@pytest.mark.parametrize(("name", "side"), [("left", 1), ("right", -1)])
def test_arms_that_swing_do_not_jump(model, name, side) -> None:
    """From 50 degrees behind to 100 in front, 12 degrees to the side, in steps of one."""
    shoulder = model.joint_names.index(f"{name}_shoulder")
    every = []
    for swing in np.radians(np.arange(-50, 100, 1.0)):
        poses = np.zeros((24, 3))
        poses[shoulder] = compose([-swing, 0, 0], [0, 0, -side * 1.35])
        angles = joint_angles(Posed(model, poses, np.zeros(model.num_betas)), model)
        every.append([angles[f"{name[0]}_{axis}_shoulder"] for axis in "yp"])
    assert np.abs(np.diff(every, axis=0)).max() < np.radians(8)
    forward = every[140]
    assert abs(forward[0] - np.pi / 2) < 0.3 and abs(forward[1] - np.pi / 2) < 0.3


def test_a_straight_limb_that_bends_backward_by_noise_does_not_turn(model) -> None:
    elbow = model.joint_names.index("left_elbow")
    rolls = []
    for bend in (-0.01, 0.0, 0.01):
        poses = np.zeros((24, 3))
        poses[elbow] = [0, bend, 0]
        rolls.append(joint_angles(Posed(model, poses, np.zeros(model.num_betas)), model))
    spread = np.ptp([each["l_r_shoulder"] for each in rolls])
    assert min(spread, 2 * np.pi - spread) < np.pi / 2


def test_names_are_those_of_rep155(model) -> None:
    body = Posed(model, np.zeros((24, 3)), np.zeros(model.num_betas))
    assert tuple(joint_angles(body, model)) == ANGLE_NAMES
    assert len(ANGLE_NAMES) == 20
    text = urdf(model, body.betas, "p7")
    hinges = [
        joint.get("name")
        for joint in ElementTree.fromstring(text).iter("joint")
        if joint.get("type") == "revolute"
    ]
    assert sorted(hinges) == sorted(f"{name}_p7" for name in ANGLE_NAMES)


def test_quaternions_of_rotations() -> None:
    rotations = Rotation.random(200, random_state=1)
    ours = quaternions(rotations.as_matrix())
    assert np.allclose(np.abs((ours * rotations.as_quat()).sum(axis=1)), 1, atol=1e-12)
    half_turns = Rotation.from_rotvec(np.pi * np.eye(3))
    assert np.allclose(
        np.abs((quaternions(half_turns.as_matrix()) * half_turns.as_quat()).sum(1)), 1
    )


@pytest.mark.parametrize("source", ["prior", "val"])
def test_yourdfpy_finds_the_limbs_within_a_tenth_of_a_degree(model, source) -> None:
    yourdfpy = pytest.importorskip("yourdfpy", reason="needs yourdfpy: pip install yourdfpy")
    if source == "prior":
        every = prior_poses(300)
    else:
        path = DATA / "mocap" / "val.npz"
        if not path.exists():
            pytest.skip(f"needs {path}")
        poses = np.load(path)["poses"]
        every = poses[np.random.default_rng(5).choice(len(poses), 300, replace=False)]
    betas = np.zeros(model.num_betas)
    text = urdf(model, betas, "p1")
    robot = yourdfpy.URDF.load(io.StringIO(text), build_scene_graph=True, load_meshes=False)
    worst = 0.0
    for poses in np.asarray(every, dtype=np.float64):
        body = Posed(model, poses, betas)
        frames = BodyFrames.of(body, model)
        angles = {f"{name}_p1": angle for name, angle in joint_angles(body, model).items()}
        robot.update_cfg(angles)
        places = {link: robot.get_transform(link, "body_p1") for link in robot.link_map}
        worst = max(worst, *limb_errors(in_camera(places, frames), frames, "p1"))
    assert worst < 0.1
