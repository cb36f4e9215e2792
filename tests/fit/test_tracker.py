"""People followed live: warm updates, what is known from before, loss and recovery."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

import smplceres as sc
from checks import seen_by, standing_person
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View

CAMERA = sc.Camera(fx=1000, fy=1000, cx=500, cy=500, width=1000, height=1000)
RATE = 30.0


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


def walk(model, rng, frames: int, at: float = 0.0):
    """Parameters of somebody who waves and moves sideways at 0.6 m/s, at 30 Hz."""
    person = standing_person(model, rng, yaw=0.3)
    person["transl"] = person["transl"] + [at, 0, 0]
    elbow = model.joint_names.index("left_elbow") - 1
    people = []
    for frame in range(frames):
        pose = person["body_pose"].copy()
        pose[elbow] = [0, -0.6 + 0.5 * np.sin(4 * frame / RATE), 0]
        people.append(
            {**person, "body_pose": pose, "transl": person["transl"] + [0.6 * frame / RATE, 0, 0]}
        )
    return people


def noisy(model, person, rng, sigma: float = 3.0) -> sc.Keypoints:
    exact = seen_by(CAMERA, model, person)
    return replace(exact, xy=exact.xy + rng.normal(0, sigma, exact.xy.shape))


def root_error(model, joints, person) -> float:
    """Metres, mean over joints, pelvis on pelvis."""
    truth = model.joints(**person)
    return float(np.linalg.norm(joints - joints[0] - truth + truth[0], axis=1).mean())


def test_a_stream_is_smoother_than_frame_by_frame(model, rng) -> None:
    """On recorded motions it is nearer to the truth too (benchmarks/tracker.py); these people
    hardly change their pose, and who is tracked in a wrong mode stays in it."""
    errors, alone = [], []
    tracked_joints, single_joints = [], []
    for _ in range(3):
        people = walk(model, rng, 40)
        tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
        for frame, person in enumerate(people):
            seen = noisy(model, person, rng)
            tracked = tracker.update(seen, frame / RATE)
            assert tracked.status == "tracked"
            if frame >= 20:
                single = sc.fit(seen, CAMERA, model=model)
                errors.append(root_error(model, tracked.joints, person))
                alone.append(root_error(model, single.joints, person))
                tracked_joints.append(tracked.joints)
                single_joints.append(single.joints)
    assert np.mean(errors) < 1.5 * np.mean(alone)

    def jitter(joints) -> float:
        """Median second difference of joints, metres."""
        clips = np.reshape(joints, (3, 20, -1, 3))
        return float(np.median(np.linalg.norm(np.diff(clips, 2, axis=1), axis=-1)))

    assert jitter(tracked_joints) < 0.7 * jitter(single_joints)


def test_shape_and_place_get_surer_with_every_frame(model, rng) -> None:
    """The prior's say in it, which is most of what is known at first, counts once."""
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    betas, depth = [], []
    for frame, person in enumerate(walk(model, rng, 30)):
        tracked = tracker.update(noisy(model, person, rng), frame / RATE)
        std = np.sqrt(np.diag(tracked.covariance))
        betas.append(std[-model.num_betas :].mean())
        depth.append(std[-model.num_betas - 1])
    assert betas[-1] < 0.9 * betas[0]
    assert depth[-1] < depth[0]
    assert (tracked.joint_std > 0.001).all() and (tracked.joint_std < 0.5).all()


def test_covariances_of_joints_are_those_of_the_inverse_information(model, rng) -> None:
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    for person in walk(model, rng, 5):
        tracked = tracker.update(noisy(model, person, rng))
    covariance = np.linalg.inv(tracked._scale * tracked._information)
    scale = np.sqrt(np.diag(covariance))
    off = (tracked.covariance - covariance) / np.outer(scale, scale)
    assert np.abs(off).max() < 1e-9
    _, jacobian = model.frame_jacobian(tracked.parameters)
    np.testing.assert_allclose(
        tracked.joint_covariance,
        jacobian @ covariance @ jacobian.transpose(0, 2, 1),
        atol=1e-9 * covariance[-model.num_betas - 1, -model.num_betas - 1],
    )
    mean = np.trace(tracked.joint_covariance, axis1=1, axis2=2) / 3
    np.testing.assert_allclose(tracked.joint_std, np.sqrt(mean), rtol=1e-12)


def test_nothing_is_certain_of_nobody(model) -> None:
    lost = sc.Tracker(CAMERA, model=model, keypoint_format="coco17").update(None)
    assert lost.status == "lost"
    assert np.isinf(lost.joint_std).all()
    np.testing.assert_array_equal(np.diag(lost.covariance), np.inf)
    np.testing.assert_array_equal(lost.joint_covariance[3], np.diag([np.inf] * 3))


def test_prediction_goes_on_as_the_person_does(model, rng) -> None:
    """Two frames at 0.6 m/s are 4 cm; how far the person is, one picture does not tell so well."""
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    people = walk(model, rng, 40)
    for frame, person in enumerate(people):
        tracked = tracker.update(noisy(model, person, rng, 1.0), frame / RATE)
    ahead = tracker.predict(tracked.timestamp + 2 / RATE)["transl"]
    assert ahead[0] - tracked.transl[0] == pytest.approx(0.04, abs=0.02)
    assert tracked.velocity[-3] == pytest.approx(0.6, abs=0.3)
    np.testing.assert_allclose(
        tracker.predict(tracked.timestamp)["transl"], tracked.transl, atol=1e-12
    )


def test_a_short_gap_is_predicted_ever_less_surely(model, rng) -> None:
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    people = walk(model, rng, 30)
    stds = []
    for frame, person in enumerate(people):
        hidden = 15 <= frame < 22
        tracked = tracker.update(None if hidden else noisy(model, person, rng), frame / RATE)
        assert tracked.status == ("predicted" if hidden else "tracked")
        stds.append(tracked.joint_std.mean())
    assert stds[14] < stds[15] < stds[18] < stds[21]
    assert stds[-1] < stds[21]


def test_somebody_who_was_gone_is_found_within_five_frames(model, rng) -> None:
    """30 frames without detections; then at another place, in another pose."""
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    first, second = walk(model, rng, 10), walk(model, rng, 5, at=-0.5)
    frame = 0
    for person in first:
        tracker.update(noisy(model, person, rng), frame / RATE)
        frame += 1
    for _ in range(30):
        tracked = tracker.update(None, frame / RATE)
        frame += 1
    assert tracked.status == "lost"
    for person in second:
        tracked = tracker.update(noisy(model, person, rng), frame / RATE)
        frame += 1
    assert tracked.status == "tracked"
    assert tracked.fit.reprojection_error() < 10
    assert root_error(model, tracked.joints, person) < 0.12


def test_somebody_else_in_place_of_the_person_is_taken_up(model, rng) -> None:
    """Keypoints that the body does not meet: lost, and found anew, without a gap."""
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    for frame, person in enumerate([*walk(model, rng, 10), *walk(model, rng, 20, at=-0.9)]):
        tracked = tracker.update(noisy(model, person, rng), frame / RATE)
    assert tracked.status == "tracked"
    assert tracked.fit.reprojection_error() < 15


def test_a_start_is_spread_over_updates_where_the_budget_is_small(model, rng) -> None:
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE, budget_ms=1e-3)
    seen = noisy(model, walk(model, rng, 1)[0], rng)
    statuses = [tracker.update(seen, frame / RATE).status for frame in range(4)]
    assert set(statuses) == {"starting"}  # no stage fits into a microsecond
    assert np.isinf(tracker.update(seen, 1.0).joint_std).all()
    patient = sc.Tracker(CAMERA, model=model, rate=RATE)
    assert patient.update(seen, 0.0).status == "tracked"


@pytest.mark.parametrize("timestamp", [0.5, 0.2, -1.0, float("nan")])
def test_a_timestamp_that_goes_back_is_one_clear_error_and_nothing_changes(
    timestamp, model, rng
) -> None:
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    people = walk(model, rng, 3)
    tracker.update(noisy(model, people[0], rng), 0.5)
    before = tracker.predict(0.5)
    with pytest.raises(ValueError, match="timestamp: expected"):
        tracker.update(noisy(model, people[1], rng), timestamp)
    after = tracker.predict(0.5)
    np.testing.assert_array_equal(before["transl"], after["transl"])
    assert tracker.update(noisy(model, people[1], rng), 0.53).status == "tracked"


def test_without_timestamps_frames_come_at_the_rate(model, rng) -> None:
    tracker = sc.Tracker(CAMERA, model=model, rate=50.0)
    times = [tracker.update(noisy(model, p, rng)).timestamp for p in walk(model, rng, 3)]
    np.testing.assert_allclose(times, [0.0, 0.02, 0.04])


def test_a_tracker_may_be_used_while_another_thread_fits(model, rng) -> None:
    people = walk(model, rng, 20)
    seen = [noisy(model, person, rng) for person in people]

    def run() -> np.ndarray:
        tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
        return np.array([tracker.update(each).joints for each in seen])

    alone = run()
    results: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: results.append(run())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for each in seen[:5]:
        sc.fit(each, CAMERA, model=model)
    for thread in threads:
        thread.join()
    for result in results:
        np.testing.assert_array_equal(result, alone)


def test_what_comes_later_tells_of_the_frames_of_the_window(model, rng) -> None:
    """Each frame as it was when it was the newest, and as it left the window. A window is shorter
    where a rival took the person's place."""
    at_first, at_last = [], []
    for lag in (1, 4):
        tracker = sc.Tracker(CAMERA, model=model, rate=RATE, lag=lag)
        people = walk(model, rng, 60)
        now: list[float] = []
        for frame, person in enumerate(people):
            tracked = tracker.update(noisy(model, person, rng), frame / RATE)
            now.append(root_error(model, tracked.joints, person))
            window = tracker.smoothed()
            assert 1 <= len(window) <= lag
            assert [time for time, _ in window] == [
                f / RATE for f in range(frame + 1 - len(window), frame + 1)
            ]
            np.testing.assert_allclose(model.joints(**window[-1][1]), tracked.joints, atol=1e-12)
            if 1 < len(window) == lag:
                at_first.append(now[frame - lag + 1])
                at_last.append(
                    root_error(model, model.joints(**window[0][1]), people[frame - lag + 1])
                )
    assert np.mean(at_last) < np.mean(at_first)


def test_shape_is_that_of_the_whole_window(model, rng) -> None:
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE, lag=3)
    for frame, person in enumerate(walk(model, rng, 5)):
        tracked = tracker.update(noisy(model, person, rng), frame / RATE)
    for _, parameters in tracker.smoothed():
        np.testing.assert_array_equal(parameters["betas"], tracked.betas)


def test_nobody_is_in_the_window_of_a_tracker_that_lost_the_person(model, rng) -> None:
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    assert tracker.smoothed() == []
    tracker.update(noisy(model, walk(model, rng, 1)[0], rng), 0.0)
    assert len(tracker.smoothed()) == 1
    tracker.update(None, 1.0)
    assert tracker.smoothed() == []


def told_by_priors(model, seen, state, priors):
    """J^T J of these priors, over [frame | betas]."""
    objective = _core.Objective(
        make_scene((View(seen, CAMERA),), model, model.default_prior, model.default_joint_limits),
        sc.tracker_stage(),
        state,
    )
    _, jacobian = objective.evaluate(objective.start, jacobian=True)
    names = np.concatenate([[term.name] * count for term, count in objective.rows])
    rows = jacobian[np.isin(names, priors), : 3 * model.num_joints + 3 + model.num_betas]
    return rows.T @ rows


def test_the_marginal_prior_is_the_schur_complement_of_the_frame_before(model, rng) -> None:
    """Two updates without keypoints: information falls as that of a random walk does. In one
    dimension, H and M of the walk leave H M / (H + M). What the prior of the shape says is no part
    of it, and of what those of the pose say a share: dt of a third of a second."""
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    seen = noisy(model, walk(model, rng, 1)[0], rng)
    tracker.update(seen, 0.0)
    of_pose = told_by_priors(
        model, seen, tracker._core.state(), ("pose_prior", "angle_prior", "joint_limits")
    )
    of_shape = told_by_priors(model, seen, tracker._core.state(), ("shape_prior",))
    told = of_pose + of_shape  # without keypoints; beside a prediction those of the pose count less
    beside = _core.tracker_stage().conditional_prior.unconditional * of_pose
    dt = 0.1
    H = tracker._core.information() - beside - of_shape + dt * 3.0 * beside
    tracker.update(None, dt)
    after = tracker._core.information()
    weight, (orient, pose, transl) = 0.5 * 5.5**2, (1.0, 1.0, 0.5)
    size, betas = len(H) - model.num_betas, model.num_betas
    sigma = np.full(size, pose)
    sigma[:3], sigma[-3:] = orient, transl
    M = np.diag(weight / (sigma**2 * dt))
    joint = np.zeros((2 * size + betas,) * 2)  # old frame, betas, new frame
    old, shape, new = np.split(np.arange(len(joint)), [size, size + betas])
    joint[: size + betas, : size + betas] = H
    for a, b, sign in ((old, old, 1), (new, new, 1), (old, new, -1), (new, old, -1)):
        joint[np.ix_(a, b)] += sign * M
    kept = np.r_[new, shape]
    expected = joint[np.ix_(kept, kept)] - joint[np.ix_(kept, old)] @ np.linalg.solve(
        joint[np.ix_(old, old)], joint[np.ix_(old, kept)]
    )
    fade = np.exp(-dt / 3.0)
    expected[size:, size:] *= fade
    expected[:size, size:] *= np.sqrt(fade)
    expected[size:, :size] *= np.sqrt(fade)
    expected += told
    np.testing.assert_allclose(after, expected, atol=1e-6 * np.abs(expected).max())


def test_two_people_keep_their_numbers_when_detections_change_order(model, rng) -> None:
    left, right = walk(model, rng, 12, at=-0.8), walk(model, rng, 12, at=0.8)
    people = sc.PeopleTracker(CAMERA, model=model, rate=RATE)
    for frame in range(12):
        seen = [noisy(model, left[frame], rng), noisy(model, right[frame], rng)]
        if frame % 2:
            seen.reverse()
        tracked = people.update(seen, frame / RATE)
        assert sorted(tracked) == [0, 1]
        assert tracked[0].transl[0] < tracked[1].transl[0]
    tracked = people.update([noisy(model, right[11], rng)], 12 / RATE)
    assert tracked[0].status == "predicted" and tracked[1].status == "tracked"
    assert people.update([], 20.0) == {}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"rate": 0.0}, "rate: expected frames per second > 0, got 0.0"),
        ({"rate": float("nan")}, "rate: expected frames per second > 0, got nan"),
        ({"budget_ms": 0.0}, "budget_ms: expected milliseconds > 0 or None, got 0.0"),
        ({"lag": 0}, "lag: expected at least one frame, got 0"),
        ({"lag": 1.5}, "lag: expected at least one frame, got 1.5"),
    ],
)
def test_bad_settings_are_one_clear_error(settings, told, model) -> None:
    with pytest.raises(ValueError, match=told):
        sc.Tracker(CAMERA, model=model, **settings)


def test_nobody_at_all_needs_a_format_and_is_lost(model) -> None:
    with pytest.raises(ValueError, match="keypoint_format: expected one to go with"):
        sc.Tracker(CAMERA, model=model).update(None, 0.0)
    tracker = sc.Tracker(CAMERA, model=model, keypoint_format="openpose_body25")
    assert tracker.update(None, 0.0).status == "lost"
    for each in (tracker, sc.Tracker(CAMERA, model=model)):
        with pytest.raises(ValueError, match="timestamp: expected a tracker that follows a person"):
            each.predict(0.0)


def test_memory_of_the_state_does_not_grow(model, rng) -> None:
    tracker = sc.Tracker(CAMERA, model=model, rate=RATE)
    sizes = set()
    for person in walk(model, rng, 10):
        tracker.update(noisy(model, person, rng))
        sizes.add(tracker._core.information().shape)
    assert sizes == {(75 + model.num_betas,) * 2}
    assert isinstance(tracker._core, _core.Tracker)
