"""Kinds and folds of benchmarks/accuracy.py: each kind's pictures are what it says."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import smplceres as sc
from smplceres.body.motion_files import Clip

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import accuracy
from cases import errors, kinds, pictures, postures
from cases.folds import in_folds

KINDS = {kind.name: kind for kind in kinds.KINDS}
BODY_25 = sc.FORMATS["openpose_body25"]


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


@pytest.fixture
def options():
    return accuracy.parse(["-", "--noise", "0"])


def clip_of(*poses: np.ndarray, name: str = "clip") -> Clip:
    """A clip that holds each pose for as long as postures looks away."""
    frames = np.repeat(poses, postures.EVERY, axis=0)
    return Clip(name, frames, np.ones(frames.shape[1:], dtype=bool))


def with_root(pose: np.ndarray, *degrees: float) -> np.ndarray:
    turned = pose.copy()
    turned[0] = np.radians(degrees)
    return turned


def test_postures_are_told_apart(model) -> None:
    bent = postures.STANDING.copy()
    bent[[3, 6, 9], 0] = np.radians(20)
    arms_up = postures.STANDING.copy()
    arms_up[[16, 17], 2] = np.radians([70, -70])
    squat = with_root(postures.SITTING, 0, 0, 0)
    squat[[1, 2], 0], squat[[4, 5], 0] = np.radians(-110), np.radians(120)
    fallen = with_root(postures.STANDING, 90, 0, 0)
    frames = postures.frames_of(model, [clip_of(postures.STANDING, bent, arms_up, squat, fallen)])
    assert postures.bending(frames).tolist() == [False, True, False, False, False]
    assert postures.hands_up(frames).tolist() == [False, False, True, False, False]
    assert postures.crouching(frames).tolist() == [False, False, False, True, False]
    assert postures.acrobatic(frames).tolist() == [False, False, False, False, True]
    np.testing.assert_allclose(
        frames.joints[0] - frames.joints[0, 0],
        model.joints(body_pose=postures.STANDING[1:]) - model.joints()[0],
        atol=1e-12,
    )


def test_made_up_people_are_seen_from_all_around(model, options) -> None:
    cases = KINDS["standing"].cases(
        model, postures.frames_of(model, [clip_of(postures.WALKING)]), 40, options
    )
    across = np.array([case.joints[1] - case.joints[2] for case in cases])
    facing = np.sort(np.degrees(np.arctan2(across[:, 2], across[:, 0])))
    assert np.diff(facing).max() < 12 and len(cases) == kinds.PLAIN_VIEWS
    for case in cases:
        at_rest = model.joints(betas=case.betas)
        assert errors.knee_error(case.joints, at_rest) < 1e-6


def test_people_lie_or_are_turned_anyhow(model, options) -> None:
    frames = postures.frames_of(model, [clip_of(postures.STANDING)])

    def trunk_up(kind: str) -> np.ndarray:
        cases = KINDS[kind].cases(model, frames, 60, options)
        trunks = np.array([case.joints[12] - case.joints[0] for case in cases])
        ups = np.array([case.up for case in cases])
        return (trunks * ups).sum(axis=1) / np.linalg.norm(trunks, axis=1)

    assert trunk_up("recorded").min() > 0.9
    assert np.abs(trunk_up("lying")).max() < 0.3
    anyhow = trunk_up("any orientation")
    assert anyhow.min() < -0.8 and anyhow.max() > 0.8 and abs(anyhow.mean()) < 0.3


def test_keypoints_are_hidden_moved_and_swapped(model, options, rng) -> None:
    case = pictures.make_case(model, postures.WALKING, options, rng)
    seen = kinds.without_legs(case, BODY_25, rng)[:, 2] > 0
    assert {BODY_25.names[k] for k in np.flatnonzero(~seen)} == {
        f"{side}_{part}"
        for side in ("left", "right")
        for part in ("knee", "ankle", "heel", "big_toe", "small_toe")
    }
    many = [kinds.with_outliers(case, BODY_25, rng) != case.keypoints for _ in range(200)]
    assert np.mean([moved[:, 0] for moved in many]) == pytest.approx(kinds.OUTLIER_SHARE, abs=0.02)
    swapped = kinds.with_swapped_sides(case, BODY_25, rng)
    moved = (swapped != case.keypoints).any(axis=1)
    np.testing.assert_array_equal(swapped[BODY_25.left_right_swap][moved], case.keypoints[moved])
    assert moved.any() and not moved[[BODY_25.index("left_hip"), BODY_25.index("nose")]].any()


def test_legs_that_stand_or_sit_are_plain_from_any_side(model) -> None:
    rest, turned = model.joints(), np.array([0.3, 1.9, -0.4])

    def error(pose: np.ndarray) -> float:
        joints = model.joints(global_orient=turned, body_pose=pose[1:])
        return errors.plain_legs_error(joints, turned, rest)

    assert error(postures.STANDING) < 1e-3
    assert error(postures.SITTING) < 10
    kneeling = postures.STANDING.copy()
    kneeling[[4, 5], 0] = np.radians(90)
    assert error(kneeling) == pytest.approx(90, abs=1)


def test_ellipsoids_hold_what_is_near() -> None:
    truth, covariances = np.zeros((2, 3)), np.repeat(np.eye(3)[None] * 1e-4, 2, axis=0)
    fitted = np.array([[0.02, 0, 0], [0.03, 0, 0]])  # 2 and 3 standard deviations
    assert errors.held_in_ellipsoids(fitted, covariances, truth) == 0.5


def test_folds_are_measured_with_the_priors_that_have_not_seen_them(
    tmp_path, monkeypatch, capsys, model
) -> None:
    names = ("a/02/02_01", "a/29/29_03", "a/118/118_03")
    clips = [clip_of(with_root(postures.WALKING, k, 0, 0), name=n) for k, n in enumerate(names)]
    assert [[clip.name for clip in fold] for fold in in_folds(clips)] == [[name] for name in names]
    np.savez(
        tmp_path / "motions.npz",
        poses=np.concatenate([clip.poses for clip in clips]).astype(np.float32),
        lengths=[postures.EVERY] * 3,
        names=np.array(names),
    )
    mixture = sc.load_pose_prior()
    for fold in range(3):
        arrays = {name: getattr(mixture, name) for name in ("weights", "means", "covars")}
        np.savez(tmp_path / f"pose_prior_without_{fold}.npz", **arrays)
    out = tmp_path / "figures.json"
    given = [str(tmp_path / "motions.npz"), "--fits", "6", "--folds", str(tmp_path)]
    given += ["--priors", "mixture+limits"]

    def run(*more: str) -> list[dict]:
        monkeypatch.setattr(sys, "argv", ["accuracy.py", *given, *more, "--out", str(out)])
        accuracy.main()
        return json.loads(out.read_text())["rows"]

    (all_of_them,) = run("--starts", "1")
    assert all_of_them["fits"] == 6 and all_of_them["root_mean_mm"] < 150
    lying, acrobatic = run("--starts", "1", "--kinds", "lying", "standing")[:2]
    assert (lying["kind"], acrobatic["kind"]) == ("standing", "lying")
    assert 0 <= lying["share_held"] <= 1 and lying["knees_degrees"] < 90
    assert run("--kinds", "acrobatics") == [] and "none" in capsys.readouterr().out


def test_a_kind_changes_options_and_the_camera_told(options) -> None:
    near, guessed = KINDS["near lens"], KINDS["guessed camera"]
    assert near.camera(near.arguments(options)).fx == 700
    assert guessed.camera(guessed.arguments(options)).fx == pytest.approx(1000 * 2**0.5)
    assert replace(guessed, guessed_camera=False).camera(options).fx == 1200
