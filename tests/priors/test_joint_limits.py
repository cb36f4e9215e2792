"""Joint limits: the published ranges, what they hold and what they leave alone."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import smplceres as sc
from checks import Scene, random_arrays, random_state, seen_by, stage_with, standing_person
from smplceres.base.skeleton import SMPL_JOINTS, SMPLH_JOINTS, SMPLX_JOINTS

NAMES = SMPL_JOINTS[1:]
MIRROR = np.array([1.0, -1.0, -1.0])
CAMERA = sc.Camera.guess(1280, 720)


@pytest.fixture(scope="module")
def model():
    return sc.load_body_model()


@pytest.fixture(scope="module")
def limits():
    return sc.smpl_joint_limits()


@pytest.fixture
def scene(model, limits, rng) -> Scene:
    keypoints = sc.Keypoints(
        rng.uniform(0, 700, (25, 2)), np.ones(25), sc.FORMATS["openpose_body25"]
    )
    return Scene(model, keypoints, CAMERA, model.default_prior, limits)


def rows(scene: Scene, state, body_pose):
    stage = stage_with(joint_limits=1.0)
    return scene.rows_of("joint_limits", stage, replace(state, body_pose=np.array(body_pose)))


def pose_of(limits: sc.JointLimits, angles) -> np.ndarray:
    """The pose (J-1, 3) of these twists (not faded) and swings: first twist, then swing."""
    twists = Rotation.from_rotvec(angles[:, :1] * limits.axes[:, 0])
    swings = np.einsum("ja,jab->jb", angles[:, 1:], limits.axes[:, 1:])
    return (Rotation.from_rotvec(swings) * twists).as_rotvec()


def test_angles_are_those_that_a_pose_is_made_of(limits, rng) -> None:
    """Twists to the share that counts: 1 at no swing, less 1 % at 90 degrees."""
    angles = rng.uniform(-1, 1, (23, 3))
    measured = limits.angles(pose_of(limits, angles))
    np.testing.assert_allclose(measured[:, 1:], angles[:, 1:], atol=1e-12)
    np.testing.assert_allclose(measured[:, 0], angles[:, 0], rtol=0.01)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_nothing_is_felt_within_the_ranges(share, scene, limits, model, rng) -> None:
    middle, half = (limits.upper + limits.lower) / 2, (limits.upper - limits.lower) / 2
    angles = share * half * rng.uniform(-1, 1, (23, 3)) + share * middle
    angles[:, 1:] *= 0.7  # so that no swing comes near a half turn
    residuals, jacobian = rows(scene, random_state(model, rng), pose_of(limits, angles))
    assert not residuals.any()
    assert not jacobian.any()


@pytest.mark.parametrize("side", ["lower", "upper"])
@pytest.mark.parametrize("angle", range(3), ids=["twist", "swing u", "swing v"])
@pytest.mark.parametrize("joint", range(23), ids=NAMES)
def test_a_joint_beyond_its_range_is_pushed_back(
    joint, angle, side, scene, limits, model, rng
) -> None:
    """By the excess, which is the energy's root but for the bend, and straight against it."""
    excess, softness = 0.3, stage_with().joint_limits.softness
    angles = np.zeros((23, 3))
    sign = 1 if side == "upper" else -1
    angles[joint, angle] = getattr(limits, side)[joint, angle] + sign * excess
    residuals, jacobian = rows(scene, random_state(model, rng), pose_of(limits, angles))
    np.testing.assert_allclose(np.sqrt(residuals @ residuals), excess - softness / 2, rtol=1e-9)
    gradient = (jacobian.T @ residuals)[3:72].reshape(23, 3)
    others = np.arange(23) != joint
    assert not gradient[others].any()
    away = sign * limits.axes[joint, angle]
    np.testing.assert_allclose(gradient[joint], (excess - softness / 2) * away, atol=1e-9)


@pytest.mark.parametrize("joint", ["left_elbow", "right_knee", "left_shoulder", "head"])
def test_half_turns_and_more_have_finite_derivatives(joint, scene, limits, model, rng) -> None:
    """About axes along the bone, across it, where bones point backwards, and anywhere."""
    number, state = NAMES.index(joint), random_state(model, rng)
    axes = [*limits.axes[number], *rng.normal(size=(5, 3))]
    for axis in axes:
        for length in (np.pi - 1e-7, np.pi, np.pi + 1e-7, 4.0, 2 * np.pi - 0.1, 2 * np.pi):
            pose = np.zeros((23, 3))
            pose[number] = axis / np.linalg.norm(axis) * length
            residuals, jacobian = rows(scene, state, pose)
            assert np.isfinite(residuals).all()
            assert np.isfinite(jacobian).all()
            assert np.abs(jacobian).max() < 1e4


def test_a_twist_is_pushed_back_the_way_it_came(scene, limits, model, rng) -> None:
    """Also beyond half a turn, where the same rotation has a shorter vector the other way."""
    number, state = NAMES.index("left_elbow"), random_state(model, rng)
    for length in (2.0, 3.0, np.pi, 3.3, 5.0):
        for sign in (1, -1):
            pose = np.zeros((23, 3))
            pose[number] = sign * length * limits.axes[number, 0]
            residuals, jacobian = rows(scene, state, pose)
            gradient = (jacobian.T @ residuals)[3:72].reshape(23, 3)[number]
            assert sign * gradient @ limits.axes[number, 0] > 0.5


def test_a_mirrored_pose_costs_the_same(scene, limits, model, rng) -> None:
    """Joint by joint: every angle is as far beyond its range as the other side's is."""
    state = random_state(model, rng)
    swapped = [
        NAMES.index(name.replace("left", "R").replace("right", "left").replace("R", "right"))
        for name in NAMES
    ]
    for _ in range(20):
        pose = rng.normal(0, 0.7, (23, 3))
        mirrored = MIRROR * pose[swapped]
        beyond, beyond_mirrored = (
            np.maximum(angles - limits.upper, limits.lower - angles)
            for angles in (limits.angles(pose), limits.angles(mirrored))
        )
        np.testing.assert_allclose(beyond_mirrored[swapped], beyond, atol=1e-12)
        (one, _), (other, _) = (rows(scene, state, each) for each in (pose, mirrored))
        assert one @ one > 0
        np.testing.assert_allclose(other @ other, one @ one, rtol=1e-9)


# What moves how by a turn about which axis of a T-pose that faces +z, left being +x.
@pytest.mark.parametrize(
    ("joint", "turn", "within"),
    [
        ("left_knee", [100, 0, 0], True),
        ("left_knee", [-15, 0, 0], False),
        ("right_knee", [100, 0, 0], True),
        ("right_knee", [-15, 0, 0], False),
        ("left_elbow", [0, -100, 0], True),
        ("left_elbow", [0, 15, 0], False),
        ("right_elbow", [0, 100, 0], True),
        ("right_elbow", [0, -15, 0], False),
        ("left_hip", [-100, 0, 0], True),  # thigh forward
        ("left_hip", [60, 0, 0], False),  # and back
        ("left_hip", [0, 0, -60], False),  # across the other leg
        ("right_hip", [0, 0, 60], False),
        ("left_shoulder", [0, 0, -80], True),  # arm down
        ("left_shoulder", [0, 0, 80], True),  # arm up
        ("right_shoulder", [0, 0, 80], True),
        ("left_shoulder", [0, -100, 0], True),  # arm forward
        ("left_shoulder", [0, 100, 0], False),  # and back
        ("right_shoulder", [0, -100, 0], False),
        ("left_shoulder", [100, 0, 0], False),  # palm backward and up
        ("left_shoulder", [-100, 0, 0], True),  # palm forward and up
        ("left_ankle", [45, 0, 0], True),  # toes down
        ("left_ankle", [-60, 0, 0], False),  # toes up
        ("spine1", [50, 0, 0], True),  # bow
        ("spine1", [-50, 0, 0], False),  # lean back
        ("head", [0, 100, 0], False),
        ("left_wrist", [0, 0, -70], True),  # hand down, towards its palm
        ("left_wrist", [0, -40, 0], False),  # hand towards its thumb
        ("left_foot", [-60, 0, 0], True),  # toes up
    ],
)
def test_bodies_bend_as_people_do(joint, turn, within, limits) -> None:
    pose = np.zeros((23, 3))
    pose[NAMES.index(joint)] = np.radians(turn)
    angles = limits.angles(pose)
    inside = (limits.lower <= angles) & (angles <= limits.upper)
    assert inside.all() == within


@pytest.mark.parametrize("names", [SMPLH_JOINTS, SMPLX_JOINTS], ids=len)
def test_bodies_with_fingers_have_the_same_limits_but_for_the_hands(names, limits) -> None:
    of_body = sc.smpl_joint_limits(len(names))
    for field in ("axes", "lower", "upper"):
        ours = getattr(of_body, field)
        assert ours.shape[0] == len(names) - 1
        np.testing.assert_array_equal(ours[:21], getattr(limits, field)[:21])
    assert (of_body.upper[21:] >= np.radians(60)).all()


def test_which_bodies_have_limits_of_their_own(model, rng) -> None:
    assert model.default_joint_limits is not None
    joints = {24: SMPL_JOINTS, 55: SMPLX_JOINTS}
    for count, names in joints.items():
        assert len(sc.BodyModel(random_arrays(rng, names)).default_joint_limits.lower) == count - 1
    others = tuple(f"bone{joint}" for joint in range(24))
    assert sc.BodyModel(random_arrays(rng, others)).default_joint_limits is None
    few = sc.BodyModel(random_arrays(rng, tuple(f"joint_{joint}" for joint in range(7))))
    assert few.default_joint_limits is None


def test_a_fit_reports_and_obeys_limits_of_its_own(model, limits, rng) -> None:
    """Knees held to within 5 degrees of straight by a strong term stay there."""
    person = standing_person(model, rng)
    person["body_pose"][[3, 4], 0] = 1.0
    keypoints = seen_by(CAMERA, model, person)
    upper = limits.upper.copy()
    upper[[3, 4], 1] = np.radians(5)
    stiff = sc.JointLimits(limits.axes, limits.lower, upper)
    stages = sc.default_stages()
    for stage in stages:
        stage.joint_limits.weight *= 1e4
        stage.angle_prior.weight = 0.0
    results = [
        sc.fit(keypoints, CAMERA, model=model, preset=stages, joint_limits=each)
        for each in (None, stiff)
    ]
    knees = [np.degrees(limits.angles(result.body_pose)[[3, 4], 1]) for result in results]
    assert (knees[0] > 15).all()
    assert (knees[1] < 12).all()
    assert all("joint_limits" in result.energies for result in results)


def test_smplify_has_no_joint_limits(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    result = sc.fit(keypoints, CAMERA, model=model, preset="smplify")
    assert "joint_limits" not in result.energies
    assert "angle_prior" in result.energies


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lower": np.zeros((23, 2))}, r"lower: expected shape \(n, 3\), got \(23, 2\)"),
        ({"upper": np.zeros((22, 3))}, r"upper: expected shape \(23, 3\), got \(22, 3\)"),
        ({"axes": np.zeros((23, 9))}, r"axes: expected shape \(23, 3, 3\), got \(23, 9\)"),
        ({"axes": np.ones((23, 3, 3))}, "axes: expected orthonormal rows, got others at joint 0"),
        ({"axes": np.full((23, 3, 3), np.nan)}, "axes: expected orthonormal rows"),
        ({"lower": np.full((23, 3), 9.0)}, "lower, upper: expected finite numbers, lower < upper"),
        ({"lower": np.full((23, 3), np.nan)}, "lower, upper: expected finite numbers"),
        ({"upper": np.full((23, 3), np.inf)}, "lower, upper: expected finite numbers"),
    ],
)
def test_what_is_no_range_is_an_error(change, message, limits) -> None:
    with pytest.raises(ValueError, match=message):
        _ = replace(limits, **change).core


def test_no_joints_are_an_error() -> None:
    nothing = np.zeros((0, 3))
    with pytest.raises(ValueError, match="lower: expected at least one joint, got none"):
        _ = sc.JointLimits(np.zeros((0, 3, 3)), nothing, nothing).core


@pytest.mark.parametrize("num_joints", [0, 23, 54])
def test_a_number_of_joints_without_published_ranges_is_an_error(num_joints) -> None:
    message = f"num_joints: expected 24, 52 or 55, got {num_joints}"
    with pytest.raises(ValueError, match=message):
        sc.smpl_joint_limits(num_joints)


@pytest.mark.parametrize("joint_limits", [np.zeros((23, 3)), "published", 3])
def test_something_that_is_no_limits_is_a_clear_error(joint_limits, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    with pytest.raises(TypeError, match=r"joint_limits: expected JointLimits or None, got"):
        sc.fit(keypoints, CAMERA, model=model, joint_limits=joint_limits)


@pytest.mark.parametrize("body_pose", [np.zeros((22, 3)), np.zeros(69), np.full((23, 3), np.nan)])
def test_angles_of_what_is_no_pose_are_an_error(body_pose, limits) -> None:
    with pytest.raises(ValueError, match=r"body_pose: expected (shape \(23, 3\)|finite numbers)"):
        limits.angles(body_pose)


def test_a_copied_stage_has_joint_limits_of_its_own() -> None:
    stage = stage_with(joint_limits=1.0)
    copied = copy.copy(stage)
    copied.joint_limits.softness = 0.3
    assert stage.joint_limits.softness == 0.1


def test_recorded_poses_are_nearly_all_within(limits, data_folder) -> None:
    """Two clips have elbows that bend the wrong way, or about an axis of their own: 13_18 of the
    validation poses throughout. It is left out; of the rest 9 frames in 10 have every angle within
    its range or in the bend just beyond, and of all angles 996 in 1,000 are."""
    poses = np.load(data_folder / "mocap" / "val.npz")
    clips = np.repeat(poses["names"], poses["lengths"])
    kept = ~poses["suspect"] & (np.char.find(clips, "13_18") < 0)
    angles = np.array([limits.angles(pose[1:]) for pose in poses["poses"][kept][::10]])
    beyond = np.maximum(angles - limits.upper, limits.lower - angles)
    softness = stage_with().joint_limits.softness
    assert np.mean(beyond > softness) < 0.004
    assert np.mean(beyond.max(axis=(1, 2)) > softness) < 0.1
