"""Several starts: parts mirrored in depth, hypotheses, threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import smplceres as sc
from checks import seen_by, standing_person
from smplceres._native import _core
from smplceres.base.rotations import compose, rotation_matrix
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View
from smplceres.fit.initial import initial_variables
from smplceres.fit.known import Known

CAMERA = sc.Camera(fx=1500, fy=1500, cx=640, cy=360, width=1280, height=720)


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


def flips_of(model, person, keypoints):
    views = (View(keypoints, CAMERA),)
    known = Known.of(model, None, None)
    observed = known.scene(views)
    start = initial_variables(person, known, views, observed)
    return dict(_core.depth_flips(observed, start))


def bent_arm(model, rng, towards: float, yaw: float = 0.0):
    """A person before the camera, the left forearm pointing at it (1) or away from it (-1)."""
    person = standing_person(model, rng, yaw=yaw)
    pose = np.array(person["body_pose"]).reshape(-1, 3)
    pose[model.joint_names.index("left_elbow") - 1] = [0.0, -1.2 * towards, 0.0]
    return {**person, "body_pose": pose}


def test_a_flipped_part_is_seen_in_the_same_place(model, rng) -> None:
    """All joints of a limb in the picture, and its end elsewhere in depth."""
    person = bent_arm(model, rng, 1.0, yaw=0.5)
    keypoints = seen_by(CAMERA, model, person)
    flips = flips_of(model, person, keypoints)
    assert {"left forearm", "facing", "everything"} <= set(flips)
    flip = flips["left forearm"]
    joints = [
        model.joints(**parameters)
        for parameters in (
            person,
            {
                "betas": flip.betas,
                "global_orient": flip.global_orient,
                "body_pose": flip.body_pose,
                "transl": flip.transl,
            },
        )
    ]
    wrist = model.joint_names.index("left_wrist")
    pixels = [CAMERA.project(each) for each in joints]
    np.testing.assert_allclose(pixels[0][wrist], pixels[1][wrist], atol=1e-6)
    assert abs(joints[0][wrist, 2] - joints[1][wrist, 2]) > 0.1
    others = [j for j in range(24) if j not in (wrist, model.joint_names.index("left_hand"))]
    np.testing.assert_allclose(joints[0][others], joints[1][others], atol=1e-9)


def doubtful(model, rng):
    """A start in a wrong mode: somebody whose arms and legs are wide, seen with large noise."""
    for _ in range(200):
        person = standing_person(model, rng, yaw=rng.uniform(-3, 3))
        pose = np.array(person["body_pose"]).reshape(-1, 3)
        pose += rng.normal(0, 0.5, pose.shape)
        person = {**person, "body_pose": pose}
        keypoints = seen_by(CAMERA, model, person)
        keypoints = replace(keypoints, xy=keypoints.xy + rng.normal(0, 3, keypoints.xy.shape))
        result = sc.fit(keypoints, CAMERA, model=model)
        if len(result.hypotheses) > 1:
            return keypoints, result
    raise AssertionError("expected a doubtful fit among 200 wild poses")


def test_a_fit_that_looks_well_tries_one_start(model, rng) -> None:
    person = standing_person(model, rng, yaw=0.4)
    person = {**person, "body_pose": model.default_prior.start_pose.reshape(-1, 3)}
    keypoints = seen_by(CAMERA, model, person)
    keypoints = replace(keypoints, xy=keypoints.xy + rng.normal(0, 3, keypoints.xy.shape))
    result = sc.fit(keypoints, CAMERA, model=model)
    assert result.num_starts == 1
    assert result.hypotheses == () == result.alternatives


def test_hypotheses_are_different_ends_with_their_energies_the_cheapest_first(model, rng) -> None:
    keypoints, result = doubtful(model, rng)
    costs = [hypothesis.cost for hypothesis in result.hypotheses]
    assert costs == sorted(costs)
    (kept,) = (hypothesis for hypothesis in result.hypotheses if hypothesis.kept)
    assert kept.cost * 0.8 <= costs[0] or kept.cost == costs[0]
    stages = sc.default_stages()
    stages[-1].reference_noise = 0.0
    first = sc.fit(keypoints, CAMERA, model=model, starts=1, preset=stages)
    assert kept.cost <= sum(first.energies.values()) * (1 + 1e-9)
    for a in result.hypotheses:
        assert a.joints.shape == (24, 3)
        assert set(a.energies) == set(kept.energies)
        assert all(a is b or a.distance(b) > 0.02 for b in result.hypotheses)
    for other in result.alternatives:
        assert other.distance(kept) > 0.1
        assert other.cost * 0.8 <= kept.cost


def test_the_number_of_threads_changes_nothing(model, rng) -> None:
    keypoints, result = doubtful(model, rng)
    for threads in (1, 3):
        other = sc.fit(keypoints, CAMERA, model=model, threads=threads)
        np.testing.assert_array_equal(other.joints, result.joints)
        assert [h.cost for h in other.hypotheses] == [h.cost for h in result.hypotheses]


def test_hypotheses_are_saved_with_a_fit(model, rng, tmp_path) -> None:
    _, result = doubtful(model, rng)
    result.save(tmp_path / "fit.npz")
    loaded = sc.FitResult.load(tmp_path / "fit.npz")
    assert [h.cost for h in loaded.hypotheses] == [h.cost for h in result.hypotheses]
    np.testing.assert_array_equal(loaded.hypotheses[0].joints, result.hypotheses[0].joints)


def other_starts(model, keypoints, prior=None):
    prior = model.default_prior if prior is None else prior
    scene = make_scene((View(keypoints, CAMERA),), model, prior)
    return _core.other_starts(scene, start_pose=prior.start_pose)


def yaws(starts, pitch: float):
    """Radians, 0 to 2 pi, from the first one's: of bodies upright in the picture but for a roll,
    whose pelvis was turned forward by the pitch before."""
    upright = [
        rotation_matrix(start.global_orient) @ rotation_matrix([-pitch, 0.0, 0.0])
        for start in starts
    ]
    np.testing.assert_allclose([each[2, 1] for each in upright], 0.0, atol=1e-9)
    turned = np.array([np.arctan2(each[2, 0], -each[2, 2]) for each in upright])
    return (turned - turned[0]) % (2 * np.pi)


def test_other_starts_are_the_means_front_and_back_and_a_bent_body_facing_four_ways(
    model, rng
) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=0.3))
    prior = model.default_prior
    starts = other_starts(model, keypoints)
    means, bent = starts[: 2 * len(prior.means)], starts[2 * len(prior.means) :]
    for mean, *both in zip(prior.means, means[::2], means[1::2], strict=True):
        for start in both:
            np.testing.assert_allclose(np.ravel(start.body_pose), mean, atol=1e-12)
        np.testing.assert_allclose(yaws(both, 0.0), [0, np.pi], atol=1e-9)
    np.testing.assert_allclose(yaws(bent, 1.05), np.arange(4) * np.pi / 2, atol=1e-9)
    hips = [model.joint_names.index(name) - 1 for name in ("left_hip", "right_hip")]
    for start in bent:
        change = np.reshape(start.body_pose, (-1, 3)) - prior.start_pose.reshape(-1, 3)
        np.testing.assert_allclose(change[hips], [[-1.05, 0, 0]] * 2, atol=1e-12)
        np.testing.assert_allclose(np.delete(change, hips, axis=0), 0, atol=1e-12)


def test_without_a_mixture_other_starts_are_the_bent_body_alone(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    assert len(other_starts(model, keypoints, sc.anatomical_prior(model.num_joints))) == 4


def test_what_stays_doubtful_is_started_anew_and_some_of_it_found(model, rng) -> None:
    """People bent forward, seen from behind. There are 14 depth flips at most, in two rounds."""
    bend = 1.6
    pose = model.default_prior.start_pose.reshape(-1, 3).copy()
    pose[[model.joint_names.index(name) - 1 for name in ("left_hip", "right_hip")], 0] -= bend
    stages = sc.default_stages()
    for stage in stages:  # a prediction is seldom doubtful
        stage.conditional_prior.weight = 0.0
    gained, num_starts = [], []
    for _ in range(16):
        person = standing_person(model, rng, yaw=rng.uniform(2.5, 3.8))
        person["body_pose"] = pose
        person["global_orient"] = compose(person["global_orient"], [bend, 0.0, 0.0])
        keypoints = seen_by(CAMERA, model, person)
        truth = model.joints(**person)
        results = [
            sc.fit(keypoints, CAMERA, model=model, preset=stages, starts=starts)
            for starts in (1, "auto")
        ]
        off = [
            np.linalg.norm(each.joints - each.joints[0] - truth + truth[0], axis=1).mean()
            for each in results
        ]
        gained.append(off[0] - off[1])
        num_starts.append(results[1].num_starts)
    assert max(num_starts) > 15
    assert max(gained) > 0.01
    assert np.mean(gained) > -0.01, "metres; energies are not always right"


def test_no_time_is_spent_on_flips_where_there_is_none(model, rng) -> None:
    keypoints, _ = doubtful(model, rng)
    result = sc.fit(keypoints, CAMERA, model=model, max_time=1e-9)
    assert result.num_starts == 1
    assert "max_time" in result.message


def test_several_views_masks_and_points_in_space_have_no_flips(model, rng) -> None:
    """They tell the depth, or may."""
    person = bent_arm(model, rng, 1.0)
    keypoints = seen_by(CAMERA, model, person)
    views = (View(keypoints, CAMERA),) * 2
    known = Known.of(model, None, None)
    observed = known.scene(views)
    start = initial_variables(person, known, views, observed)
    assert _core.depth_flips(observed, start) == []


@pytest.mark.parametrize("starts", ["all", 0, -1, 1.5, None, True])
def test_starts_that_are_none_are_one_clear_error(starts, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    with pytest.raises(ValueError, match="starts: expected a whole number >= 1 or 'auto', got"):
        sc.fit(keypoints, CAMERA, model=model, starts=starts)


@pytest.mark.parametrize("threads", [0, -2, 1.5, "two", True])
def test_threads_that_are_none_are_one_clear_error(threads, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    with pytest.raises(ValueError, match="threads: expected a whole number >= 1 or None, got"):
        sc.fit(keypoints, CAMERA, model=model, threads=threads)
