"""Fits of bodies with hands and face."""

from __future__ import annotations

import numpy as np
import pytest

import smplceres as sc
from checks import projected
from smplceres.base.skeleton import FACE_LANDMARKS

FORMAT = sc.FORMATS["openpose_whole137"]
CAMERA = sc.Camera(fx=2700, fy=2700, cx=1000, cy=1000, width=2000, height=2000)

RATE = 30.0
SIDES = ("left", "right")


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model("whole")


def somebody(model, rng) -> dict[str, object]:
    """Standing, with bent elbows, curled fingers, an open mouth and an expression."""
    pose = np.zeros((model.num_joints - 1, 3))
    pose[[15, 16], 2] = -1.0, 1.0  # upper arms down
    pose[[17, 18], 1] = -1.2, 1.2  # forearms forward
    pose[21] = 0.2, 0.0, 0.0
    for _, first, mean, directions in model.layout.components:
        components = rng.normal(0, 0.7, directions.shape[2])
        pose[first - 1 : first - 1 + len(mean)] = mean + directions @ components
    return {
        "betas": rng.normal(0, 0.5, model.num_betas),
        "global_orient": np.array([np.pi, 0, 0]),
        "body_pose": pose,
        "transl": np.array([0, 0.2, 4.0]),
        "slices": {"expression": rng.normal(0, 0.5, 10)},
    }


def seen(model, parameters, rng, noise=1.0) -> sc.Keypoints:
    exact = projected(CAMERA, model, parameters, FORMAT)
    xy, on_body = exact.xy.copy(), exact.confidence > 0
    xy[on_body] += rng.normal(0, noise, (on_body.sum(), 2))
    return sc.Keypoints(xy, exact.confidence, FORMAT)


def tips(model, body, side) -> np.ndarray:
    """(5, 3) from the wrist."""
    named = [f"{side}_{finger}_tip" for finger in ("thumb", "index", "middle", "ring", "pinky")]
    places = [model.landmarks[name][1] @ body.vertices[model.landmarks[name][0]] for name in named]
    return np.array(places) - body.joints[model.joint_names.index(f"{side}_wrist")]


def test_hands_face_and_jaw_are_fitted_without_being_asked(model, rng) -> None:
    truth = somebody(model, rng)
    result = sc.fit(seen(model, truth, rng), CAMERA)
    assert result.model_name == model.name
    assert "hands and face" in [stage.name for stage in result.stages]
    body, fitted = model(**truth), model(**result.parameters)
    for side in ("left", "right"):
        distance = np.linalg.norm(tips(model, fitted, side) - tips(model, body, side), axis=1)
        assert distance.mean() < 0.03
    assert abs(result.jaw_pose[0] - truth["body_pose"][21, 0]) < np.radians(5)
    assert result.left_hand_pose.shape == result.right_hand_pose.shape == (15, 3)
    assert result.expression.shape == (10,)
    assert {"hand_prior", "joint_prior"} <= result.energies.keys()


def test_without_hands_and_face_the_body_is_that_of_24_joints(model, rng) -> None:
    keypoints = seen(model, somebody(model, rng), rng)
    confidence = keypoints.confidence.copy()
    confidence[25:] = 0
    result = sc.fit(sc.Keypoints(keypoints.xy, confidence, FORMAT), CAMERA)
    assert result.model_name == sc.load_body_model().name
    with pytest.raises(ValueError, match="left_hand_pose: expected a body with this part"):
        _ = result.left_hand_pose


def test_wrists_that_are_turned_come_back(model, rng) -> None:
    """From hands turned by half a turn about their forearms; no energy is higher for it."""
    stages = [stage for stage in sc.whole_body_stages() if stage.name == "hands and face"]
    gains = []
    for _ in range(5):
        truth = somebody(model, rng)
        keypoints = seen(model, truth, rng)
        start = {name: truth[name] for name in ("betas", "global_orient", "transl")}
        start["body_pose"] = truth["body_pose"].copy()
        start["body_pose"][[19, 20]] = [np.pi, 0, 0]  # forearms of the T pose are along x
        energies = []
        for turned in (True, False):
            stages[0].turned_wrists = turned
            result = sc.fit(
                keypoints, CAMERA, model=model, preset=stages, initial=start, check=False
            )
            energies.append(sum(result.energies.values()))
        gains.append(energies[1] / energies[0])
    assert min(gains) >= 1
    assert max(gains) > 1.5


def moving_hands(model, rng, frames: int) -> list[dict[str, object]]:
    """Somebody whose fingers go from one pose of the prior to another, and whose forearm moves."""
    person = somebody(model, rng)
    ends = rng.normal(0, 1, (2, 2, 12))
    people = []
    for time in np.linspace(0, 1, frames):
        pose = person["body_pose"].copy()
        pose[17, 1] += 0.3 * np.sin(2 * np.pi * time)
        for (_, first, mean, directions), (begin, end) in zip(
            model.layout.components, ends, strict=True
        ):
            components = (1 - time) * begin + time * end
            pose[first - 1 : first - 1 + len(mean)] = mean + directions @ components
        people.append({**person, "body_pose": pose})
    return people


def error_of_tips(model, people, fitted) -> float:
    """Metres, mean over people and finger tips."""
    bodies = [(model(**a), model(**b)) for a, b in zip(people, fitted, strict=True)]
    apart = [tips(model, a, side) - tips(model, b, side) for a, b in bodies for side in SIDES]
    return float(np.linalg.norm(apart, axis=-1).mean())


def test_a_tracker_follows_moving_hands(model, rng) -> None:
    people = moving_hands(model, rng, 30)
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    fitted = []
    for frame, person in enumerate(people):
        tracked = tracker.update(seen(model, person, rng, noise=3.0), frame / RATE)
        assert tracked.status == "tracked"
        fitted.append(tracked.parameters)
    late = slice(10, None)
    standing = [fitted[0]] * len(people)
    error = error_of_tips(model, people[late], fitted[late])
    assert error < 0.5 * error_of_tips(model, people[late], standing[late])


def test_a_sequence_follows_moving_hands(model, rng) -> None:
    people = moving_hands(model, rng, 12)
    clip = [seen(model, person, rng, noise=3.0) for person in people]
    fitted = [result.parameters for result in sc.fit_sequence(clip, CAMERA, model=model, fps=RATE)]
    standing = [fitted[0]] * len(people)
    assert error_of_tips(model, people, fitted) < 0.5 * error_of_tips(model, people, standing)


def test_poses_have_the_names_of_smplx(model, rng) -> None:
    truth = somebody(model, rng)
    pose = truth["body_pose"]
    named = model(
        betas=truth["betas"],
        global_orient=truth["global_orient"],
        transl=truth["transl"],
        body_pose=pose[:21],
        jaw_pose=pose[21],
        leye_pose=pose[22],
        reye_pose=pose[23],
        left_hand_pose=pose[24:39].ravel(),
        right_hand_pose=pose[39:],
        expression=truth["slices"]["expression"],
    )
    np.testing.assert_array_equal(named.vertices, model(**truth).vertices)
    with pytest.raises(ValueError, match=r"left_hand_pose: expected shape \(\.\.\., 15, 3\), got"):
        model(left_hand_pose=np.zeros((14, 3)))
    with pytest.raises(ValueError, match="expression: expected shape"):
        model(expression=np.zeros(11))
    with pytest.raises(ValueError, match="jaw_pose: expected a body with this part"):
        sc.load_body_model()(jaw_pose=np.zeros(3))


def test_a_result_is_saved_with_its_body(model, rng, tmp_path) -> None:
    result = sc.fit(seen(model, somebody(model, rng), rng), CAMERA)
    result.save(tmp_path / "fit.npz")
    loaded = sc.FitResult.load(tmp_path / "fit.npz")
    np.testing.assert_array_equal(loaded.expression, result.expression)
    np.testing.assert_array_equal(loaded.vertices, result.vertices)
    assert loaded.covariance().of("left_hand").shape == (12, 12)


@pytest.mark.parametrize(("vertices", "joints", "name"), [(778, 16, "MANO"), (5023, 5, "FLAME")])
def test_a_part_of_a_body_is_no_body(vertices, joints, name, tmp_path) -> None:
    parents = np.arange(joints) - 1
    weights = np.zeros((vertices, joints))
    weights[:, 0] = 1
    regressor = np.zeros((joints, vertices))
    regressor[:, 0] = 1
    np.savez(
        tmp_path / "part.npz",
        v_template=np.zeros((vertices, 3)),
        shapedirs=np.zeros((vertices, 3, 10)),
        posedirs=np.zeros((vertices, 3, 9 * (joints - 1))),
        J_regressor=regressor,
        weights=weights,
        kintree_table=np.stack([parents, np.arange(joints)]),
        f=np.zeros((1, 3), dtype=np.int64),
    )
    with pytest.raises(ValueError, match=rf"part\.npz.*expected a body .*, got {name}"):
        sc.load_body_model(tmp_path / "part.npz")


def test_the_face_has_68_points(model) -> None:
    assert set(FACE_LANDMARKS) <= model.landmarks.keys()


@pytest.mark.parametrize("preset", ["whole-body", "smplify-x"])
def test_presets_by_name(preset, model, rng) -> None:
    result = sc.fit(seen(model, somebody(model, rng), rng), CAMERA, preset=preset, starts=1)
    assert result.model_name == model.name
    assert result.reprojection_error() < 10
