"""Many frames together: terms between frames, one shape, gaps, flips, windows, several cameras."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import scipy.sparse

from checks import random_arrays, random_state, seen_by, stage_with, standing_person
from smplceres import (
    BodyModel,
    Camera,
    SequenceResult,
    _core,
    fit,
    fit_sequence,
    load_body_model,
    sequence_stages,
)
from smplceres.keypoint_formats import FORMATS
from smplceres.observations import observations
from smplceres.pose_prior import anatomical_prior
from smplceres.views import View

CAMERA = Camera(fx=1100, fy=1100, cx=500, cy=500, width=1000, height=1000)
BODY_25 = FORMATS["openpose_body25"]


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def waving(model, rng, seconds):
    """Somebody who stands as people do, glides slowly to the side and raises an arm, at these
    times."""
    person = standing_person(model, rng, yaw=0.5)
    person["body_pose"] = model.default_prior.start_pose.reshape(-1, 3)
    motion = []
    for t in seconds:
        pose = person["body_pose"].copy()
        pose[15] += [0, 0, 0.6 * np.sin(2 * t)]  # left shoulder
        pose[17] += [0, -0.4 * np.sin(3 * t), 0]  # left elbow
        pose[3] += [0.3 + 0.3 * np.sin(2.5 * t), 0, 0]  # left knee
        motion.append(person | {"body_pose": pose, "transl": person["transl"] + [0.2 * t, 0, 0]})
    return motion


def seen_frames(model, motion, rng, noise=2.0, camera=CAMERA):
    exact = [seen_by(camera, model, person) for person in motion]
    return [replace(k, xy=k.xy + rng.normal(0, noise, k.xy.shape)) for k in exact]


def joints_of(model, motion):
    return np.array([model.joints(**person) for person in motion])


def root_aligned(joints, truth):
    """Metres, mean over frames and joints."""
    apart = (joints - joints[:, :1]) - (truth - truth[:, :1])
    return float(np.linalg.norm(apart, axis=-1).mean())


# --- Frames that are coupled only by what they share ---


def solve_independent(model, seen, start, linear_solver, *, free_focal=False, held=0):
    stage = sequence_stages()[-1]
    stage.acceleration.weight = stage.rotation_walk.weight = 0.0
    stage.reprojection.sigma = 60.0  # that no early step is too far
    stage.solver.linear_solver = linear_solver
    stage.solver.function_tolerance = 1e-12
    return _core.fit_sequence(
        [observations((View(frame, CAMERA),), model, None, free_focal) for frame in seen],
        [f / 10 for f in range(len(seen))],
        model.default_prior.core,
        [stage],
        [start] * len(seen),
        held=held,
        shared=True,
        max_time=float("inf"),
        joint_limits=model.default_joint_limits.core,
    )


def compared_with_ceres(model, rng, **options):
    """Summaries of ours and theirs, of frames one of which is without a person."""
    seen = seen_frames(model, waving(model, rng, np.arange(5) / 10), rng)
    first = fit(seen[0], CAMERA, model=model)
    start = _core.Variables(model._core, **first.parameters, log_zoom=[0.0])
    seen[3] = replace(seen[3], confidence=np.zeros_like(seen[3].confidence))
    ours, theirs = (
        solve_independent(model, seen, start, solver, **options).stages[0].summary
        for solver in ("auto", "SPARSE_NORMAL_CHOLESKY")
    )
    assert ours.linear_solver == "NORMAL_EQUATIONS_SCHUR"
    assert theirs.linear_solver == "SPARSE_NORMAL_CHOLESKY"
    assert ours.num_parameters == theirs.num_parameters
    return ours, theirs


@pytest.mark.parametrize("held", [0, 2])
def test_frames_eliminated_one_by_one_go_where_ceres_goes(held, model, rng) -> None:
    """Step by step, until rounding at a kink decides, far below what is left to gain."""
    ours, theirs = compared_with_ceres(model, rng, held=held)
    (costs,), (of_ceres,) = ours.costs, theirs.costs
    same = min(len(costs), len(of_ceres))
    assert same > 5
    np.testing.assert_allclose(costs[:same], of_ceres[:same], rtol=1e-6)


def test_frames_that_share_a_focal_length_take_the_first_steps_of_ceres(model, rng) -> None:
    """Until one is not taken: Ceres then searches along it, because it has bounds."""
    ours, theirs = compared_with_ceres(model, rng, free_focal=True)
    np.testing.assert_allclose(ours.costs[0][:3], theirs.costs[0][:3], rtol=1e-9)
    assert ours.final_cost < ours.initial_cost


# --- The terms between frames ---


class Frames:
    """Three frames of a random body at uneven times, with nothing seen."""

    def __init__(self, rng):
        self.model = BodyModel(random_arrays(rng))
        first = random_state(self.model, rng)
        self.states = [replace(first, root_chart=np.zeros(3))]
        for _ in range(2):
            step = 0.1 * rng.normal(size=3 * 24 + 3 + self.model.num_betas + 1)
            step[:3] = 0  # the chart of the root, which variables made of a state have none of
            moved = self.states[-1].moved(step)
            self.states.append(replace(moved, betas=first.betas, log_zoom=first.log_zoom))
        self.times = [0.0, 0.03, 0.08]
        unseen = seen_by(CAMERA, self.model, standing_person(self.model, rng))
        unseen = replace(unseen, confidence=np.zeros(len(unseen)))
        self.observed = observations([View(unseen, CAMERA)], self.model)

    def evaluate(self, stage, states, times=None):
        variables = [
            _core.Variables(
                self.model._core,
                global_orient=state.global_orient,
                body_pose=state.body_pose,
                betas=states[0].betas,
                transl=state.transl,
                log_zoom=[0.0],
            )
            for state in states
        ]
        evaluated = _core.evaluate_sequence(
            [self.observed] * len(states),
            times or self.times,
            anatomical_prior(24).core,
            stage,
            variables,
            joint_limits=None,
        )
        assert evaluated["evaluated"]
        begin, columns, values = evaluated["jacobian"]
        width = 75 * len(states) + self.model.num_betas + 1
        shape = (len(evaluated["residuals"]), width)
        matrix = scipy.sparse.csr_matrix((values, columns, begin), shape=shape)
        return np.array(evaluated["residuals"]), matrix.toarray(), evaluated["energies"]

    def joints(self, state):
        return state.posed(self.model)[1]


def test_acceleration_holds(rng) -> None:
    """Value by the formula, both Jacobians alike, linearity in the weight."""
    frames = Frames(rng)
    stage = stage_with()
    stage.acceleration.weight, stage.acceleration.sigma = 3.0, 0.7
    residuals, jacobian, energies = frames.evaluate(stage, frames.states)
    a, b, c = (frames.joints(state)[:22] for state in frames.states)
    dt, after = 0.03, 0.05
    change = (c - b) / after - (b - a) / dt
    expected = 3.0 * (change**2).sum() / (0.7**2 * (dt + after) / 2)
    assert residuals @ residuals == pytest.approx(expected, rel=1e-9)
    assert energies["acceleration"] == pytest.approx(expected, rel=1e-9)

    autodiff = copy.copy(stage)
    autodiff.solver.jacobian = "autodiff"
    jets, jets_jacobian, _ = frames.evaluate(autodiff, frames.states)
    np.testing.assert_allclose(jets, residuals, atol=1e-9 * np.abs(residuals).max())
    largest = np.abs(jacobian).max()
    np.testing.assert_allclose(jets_jacobian, jacobian, atol=1e-9 * largest)

    double = copy.copy(stage)
    double.acceleration.weight *= 2
    doubled, _, _ = frames.evaluate(double, frames.states)
    assert doubled @ doubled == pytest.approx(2 * expected, rel=1e-12)


def test_acceleration_has_the_derivative_of_its_differences(rng) -> None:
    """Central differences over body_pose and transl of each frame, and betas."""
    frames = Frames(rng)
    stage = stage_with()
    stage.acceleration.weight = 2.0
    _, jacobian, _ = frames.evaluate(stage, frames.states)
    h, largest = 1e-5, np.abs(jacobian).max()
    B = frames.model.num_betas
    for column in [
        *range(3, 75, 7),
        *range(78, 150, 11),
        *range(153, 225, 13),
        *range(225, 225 + B),
    ]:
        sides = []
        for sign in (1, -1):
            states = list(frames.states)
            step = np.zeros(75 + B + 1)
            step[75 + column - 225 if column >= 225 else column % 75] = sign * h
            moved = range(3) if column >= 225 else [column // 75]
            for frame in moved:
                states[frame] = states[frame].moved(step)
            sides.append(frames.evaluate(stage, states)[0])
        difference = (sides[0] - sides[1]) / (2 * h)
        np.testing.assert_allclose(difference, jacobian[:, column], atol=1e-6 * largest)


def test_steady_motion_has_no_acceleration(rng) -> None:
    """Whatever the steps of time are."""
    frames = Frames(rng)
    still = replace(frames.states[0], root_chart=np.zeros(3))
    states = [replace(still, transl=still.transl + np.array([1.3 * t, 0, 0])) for t in frames.times]
    stage = stage_with()
    stage.acceleration.weight = 1.0
    residuals, _, _ = frames.evaluate(stage, states)
    assert np.abs(residuals).max() < 1e-9


def test_rotation_walk_holds(rng) -> None:
    frames = Frames(rng)
    stage = stage_with()
    stage.rotation_walk.weight, stage.rotation_walk.sigma = 3.0, 0.7
    residuals, jacobian, energies = frames.evaluate(stage, frames.states)
    poses = np.array([state.body_pose.ravel() for state in frames.states])
    steps = np.diff(poses, axis=0) / (0.7 * np.sqrt(np.diff(frames.times)))[:, None]
    np.testing.assert_allclose(residuals, np.sqrt(3.0) * steps.ravel(), rtol=1e-12)
    assert energies["rotation_walk"] == pytest.approx(3 * (steps**2).sum(), rel=1e-12)
    expected = np.zeros((69, 75))
    expected[:, 3:72] = np.sqrt(3.0) / (0.7 * np.sqrt(0.03)) * np.eye(69)
    np.testing.assert_allclose(jacobian[:69, 75:150], expected, rtol=1e-12)
    np.testing.assert_allclose(jacobian[:69, :75], -expected, rtol=1e-12)


def test_what_frames_share_counts_once(rng) -> None:
    frames = Frames(rng)
    stage = stage_with(shape_prior=2.0, pose_prior=1.0)
    _, jacobian, three = frames.evaluate(stage, frames.states)
    _, _, one = frames.evaluate(stage, frames.states[:1], [0.0])
    assert three["shape_prior"] == pytest.approx(one["shape_prior"], rel=1e-12)
    assert three["pose_prior"] > one["pose_prior"]
    assert np.count_nonzero(jacobian[:, 225:-1]) == frames.model.num_betas


# --- Fits ---


def test_clips_are_nearer_to_the_truth_than_their_frames_alone(model, rng) -> None:
    """The mean of three: of one clip, single fits may have the luck."""
    seconds = np.arange(40) / 30
    errors = []
    for _ in range(3):
        motion = waving(model, rng, seconds)
        frames = seen_frames(model, motion, rng, noise=4.0)
        result = fit_sequence(frames, CAMERA, fps=30, model=model)
        alone = np.array([fit(each, CAMERA, model=model).joints for each in frames])
        both = (result.joints, alone)
        errors.append([root_aligned(joints, joints_of(model, motion)) for joints in both])
        jerks = [np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1) for joints in both]
        assert np.percentile(jerks[0], 95) < 0.5 * np.percentile(jerks[1], 95)
        assert result.reprojection_error() < 8
    together, one_by_one = np.mean(errors, axis=0)
    assert together < 0.9 * one_by_one
    assert result.converged and len(result) == 40 and result.seen.all()
    assert result.betas.shape == (10,)
    one = result[7]
    np.testing.assert_allclose(one.joints, model.joints(**one.parameters), atol=1e-12)
    np.testing.assert_allclose(
        one.keypoints2d, seen_by(CAMERA, model, one.parameters).xy, atol=1e-6
    )


def test_gaps_are_bridged(model, rng) -> None:
    """Ten frames without anybody: the arm goes on where it was going, to 6 cm."""
    seconds = np.arange(40) / 30
    motion = waving(model, rng, seconds)
    frames = seen_frames(model, motion, rng)
    frames[15:25] = [None] * 10
    result = fit_sequence(frames, CAMERA, fps=30, model=model)
    assert not result.seen[15:25].any() and result.seen[:15].all()
    truth = joints_of(model, motion)
    seen, unseen = np.r_[0:15, 25:40], np.r_[15:25]
    error = root_aligned(result.joints[seen], truth[seen])
    assert root_aligned(result.joints[unseen], truth[unseen]) < error + 0.06


def test_a_frame_that_flips_is_set_right(model, rng) -> None:
    """Keypoints of one frame with left and right exchanged."""
    motion = waving(model, rng, np.arange(20) / 30)
    frames = seen_frames(model, motion, rng)
    names = BODY_25.names
    other = {"left": "right", "right": "left"}
    exchanged = [
        names.index("_".join([other.get(part, part) for part in name.split("_")])) for name in names
    ]
    frames[10] = replace(frames[10], xy=frames[10].xy[exchanged])
    result = fit_sequence(frames, CAMERA, fps=30, model=model)
    truth = joints_of(model, motion)
    apart = np.linalg.norm(result.joints - truth - (result.joints - truth)[:, :1], axis=-1).mean(
        axis=1
    )
    assert apart[10] < 2 * np.median(apart)


def test_windows_are_nearly_the_whole(model, rng) -> None:
    """Of one shape all along, without a step where one ends: as smooth there as elsewhere."""
    motion = waving(model, rng, np.arange(100) / 30)
    frames = seen_frames(model, motion, rng)
    whole = fit_sequence(frames, CAMERA, fps=30, model=model)
    parts = fit_sequence(frames, CAMERA, fps=30, model=model, window=60)
    assert len(whole.stages) == 1 and len(parts.stages) > 1
    assert len(parts) == 100
    truth = joints_of(model, motion)
    assert root_aligned(parts.joints, truth) < 1.2 * root_aligned(whole.joints, truth)
    jumps = np.linalg.norm(np.diff(parts.joints, 2, axis=0), axis=-1).max(axis=1)
    smooth = np.linalg.norm(np.diff(whole.joints, 2, axis=0), axis=-1).max(axis=1)
    assert jumps.max() < 2 * smooth.max()


def test_threads_change_nothing_but_rounding(model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, np.arange(20) / 30), rng)
    one, two = (fit_sequence(frames, CAMERA, fps=30, model=model, threads=n) for n in (1, 2))
    np.testing.assert_allclose(one.joints, two.joints, atol=1e-6)


def test_the_rate_does_not_change_the_motion(model, rng) -> None:
    """The same second at 30 and at 60 frames, exact keypoints: where both have a frame, they agree
    to a few millimetres, of most people; a limb may end in another mode."""
    apart = []
    for _ in range(3):
        motion = waving(model, rng, np.arange(60) / 60)
        frames = seen_frames(model, motion, rng, noise=0.0)
        fast = fit_sequence(frames, CAMERA, fps=60, model=model)
        slow = fit_sequence(frames[::2], CAMERA, fps=30, model=model)
        apart.append(np.median(np.linalg.norm(fast.joints[::2] - slow.joints, axis=-1)))
    assert np.median(apart) < 0.006


def test_several_cameras_and_a_focal_length_for_all_frames(model, rng) -> None:
    motion = waving(model, rng, np.arange(12) / 30)
    turned = Camera(
        **{"fx": 1000, "fy": 1000, "cx": 500, "cy": 500, "width": 1000, "height": 1000},
        rotation=np.array([[0, 0, -1.0], [0, 1, 0], [1, 0, 0]]),
        translation=np.array([4.0, 0, 4.0]),
    )
    cameras = [CAMERA, turned]
    clips = [seen_frames(model, motion, rng, camera=camera) for camera in cameras]
    clips[1][3] = None
    result = fit_sequence(clips, cameras, fps=30, model=model)
    truth = joints_of(model, motion)
    assert np.linalg.norm(result.joints - truth, axis=-1).mean() < 0.04
    guessed = fit_sequence(clips[0], CAMERA.zoomed(1.2), fps=30, model=model, estimate_focal=True)
    focal = {frame[0].camera.fx for frame in guessed.views}
    assert len(focal) == 1 and focal != {1.2 * CAMERA.fx}


# --- Long work ---


class StoppedError(Exception):
    """What Ctrl-C is here."""


def stop_after(calls):
    """A progress that stops the run when it has been called that often."""
    left = iter(range(calls))

    def progress(what, done, total):
        if next(left, None) is None:
            raise StoppedError

    return progress


def assert_same(one, other):
    """But for rounding: sparse Cholesky's sums depend on where its threads and memory lie."""
    for name in ("global_orient", "body_pose", "betas", "transl", "joints"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-8)
    assert one.energies == pytest.approx(other.energies, rel=1e-8)


def test_a_stopped_run_goes_on_where_it_was_and_ends_the_same(tmp_path, model, rng) -> None:
    """Stopped after each of several steps, in two windows; steps that are done are not repeated."""
    frames = seen_frames(model, waving(model, rng, np.arange(70) / 30), rng)
    frames[40] = None
    fit_them = partial(fit_sequence, frames, CAMERA, fps=30, model=model, window=60, threads=1)
    through = fit_them()
    for calls in (1, 5):
        with pytest.raises(StoppedError):
            fit_them(checkpoint=tmp_path, progress=stop_after(calls))
        steps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
        assert len(steps) >= calls
    done = fit_them(checkpoint=tmp_path)
    assert all(path.stat().st_mtime_ns == changed for path, changed in steps.items())
    assert_same(done, through)
    assert_same(fit_them(checkpoint=tmp_path), through)


def test_a_step_that_was_cut_off_is_done_again(tmp_path, model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, np.arange(4) / 30), rng)
    fit_them = partial(fit_sequence, frames, CAMERA, fps=30, model=model, checkpoint=tmp_path)
    through = fit_them(threads=1)
    (step,) = tmp_path.glob("frames_together*.npz")
    step.rename(step.with_suffix(".unfinished"))
    assert_same(fit_them(threads=1), through)


def test_a_checkpoint_of_another_run_is_refused(tmp_path, model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, np.arange(3) / 30), rng)
    fit_them = partial(fit_sequence, model=model, checkpoint=tmp_path / "run")
    fit_them(frames, CAMERA, fps=30)
    moved = [replace(frames[0], xy=frames[0].xy + 1), *frames[1:]]
    for others in (
        {"keypoints": moved, "camera": CAMERA, "fps": 30},
        {"keypoints": frames, "camera": CAMERA, "fps": 31},
        {"keypoints": frames, "camera": CAMERA.zoomed(2), "fps": 30},
        {"keypoints": frames, "camera": CAMERA, "fps": 30, "estimate_focal": True},
    ):
        with pytest.raises(ValueError, match="checkpoint: expected a run of the same keypoints"):
            fit_them(**others)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(ValueError, match="checkpoint: expected an empty folder"):
        fit_them(frames, CAMERA, fps=30, checkpoint=tmp_path / "other")
    with pytest.raises(ValueError, match="checkpoint: expected a folder, got the file"):
        fit_them(frames, CAMERA, fps=30, checkpoint=tmp_path / "other" / "file")


def test_a_saved_sequence_is_loaded_as_it_was(tmp_path, model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, np.arange(4) / 30), rng)
    frames[1] = None
    result = fit_sequence(frames, CAMERA, fps=30, model=model)
    result.save(tmp_path / "clip.npz")
    loaded = SequenceResult.load(tmp_path / "clip.npz", model)
    assert_same(loaded, result)
    np.testing.assert_array_equal(loaded.times, result.times)
    np.testing.assert_array_equal(loaded.seen, result.seen)
    assert loaded.stages == result.stages and loaded.converged == result.converged
    assert loaded.reprojection_error() == result.reprojection_error()
    np.testing.assert_array_equal(loaded[2].vertices, result[2].vertices)
    assert loaded.views[0][0].keypoints.format == result.views[0][0].keypoints.format


def test_what_is_no_saved_sequence_is_refused(tmp_path, model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, np.arange(2) / 30), rng)
    result = fit_sequence(frames, CAMERA, fps=30, model=model)
    with pytest.raises(ValueError, match=r"path: expected a name ending in \.npz"):
        result.save(tmp_path / "clip.json")
    with pytest.raises(FileNotFoundError, match="path: expected a saved sequence"):
        SequenceResult.load(tmp_path / "none.npz")
    result[0].save(tmp_path / "frame.npz")
    (tmp_path / "noise.npz").write_bytes(b"noise")
    for name in ("frame.npz", "noise.npz"):
        with pytest.raises(ValueError, match="path: expected a saved sequence"):
            SequenceResult.load(tmp_path / name)
    result.save(tmp_path / "clip.npz")
    with pytest.raises(ValueError, match="model: expected the body that was fitted"):
        SequenceResult.load(tmp_path / "clip.npz", load_body_model(gender="male"))


def test_a_shared_focal_length_is_found_and_told(model, rng) -> None:
    """From a guess 1.4 times too long, people near a wide lens: on the whole nearer the truth than
    before (of 16 such people to 0.12 in the logarithm, whose height is what the lens is not known
    by), the same in every frame, and in the saved cameras."""
    camera = replace(CAMERA, fx=700, fy=700)
    off = []
    for _ in range(3):
        motion = waving(model, rng, np.arange(12) / 30)
        frames = seen_frames(model, motion, rng, noise=1.0, camera=camera)
        result = fit_sequence(frames, camera.zoomed(1.4), fps=30, model=model, estimate_focal=True)
        focal = {view.camera.fx for views in result.views for view in views}
        assert len(focal) == 1
        off.append(abs(np.log(focal.pop() / 700)))
    assert np.mean(off) < 0.6 * np.log(1.4)


# --- Input ---


def test_files_that_cannot_be_read_are_skipped_and_told(tmp_path, model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, np.arange(6) / 30), rng)
    paths = []
    for number, frame in enumerate(frames):
        paths.append(tmp_path / f"{number}_keypoints.json")
        people = [{"pose_keypoints_2d": np.c_[frame.xy, frame.confidence].ravel().tolist()}]
        paths[-1].write_text(json.dumps({"people": people}))
    paths[2].write_text("{")
    paths[4] = tmp_path / "missing.json"
    result = fit_sequence(paths, CAMERA, fps=30, model=model, keypoint_format="openpose_body25")
    assert [(frame, camera) for frame, camera, _ in result.skipped] == [(2, 0), (4, 0)]
    assert result.seen.tolist() == [True, True, False, True, False, True]
    with pytest.raises(ValueError, match=r"keypoints: frame 2: "):
        fit_sequence(paths, CAMERA, fps=30, model=model, strict=True)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({}, r"fps, times: expected one of the two, got neither"),
        ({"fps": 30, "times": [0, 1, 2]}, r"fps, times: expected one of the two, got both"),
        ({"fps": 0}, r"fps: expected frames a second > 0, got 0"),
        ({"fps": float("nan")}, r"fps: expected frames a second > 0, got nan"),
        ({"times": [0, 1]}, r"times: expected shape \(3,\), got \(2,\)"),
        (
            {"times": [0, 2, 1]},
            r"times: expected ascending seconds, got 2.0 and then 1.0 at frame 1",
        ),
        ({"times": [0, 1, np.nan]}, r"times: expected ascending seconds"),
        ({"fps": 30, "window": 10}, r"window: expected a whole number >= 60, got 10"),
        ({"fps": 30, "keypoints": []}, r"keypoints: expected at least one frame, got none"),
        (
            {"fps": 30, "keypoints": np.ones((3, 3))},
            r"keypoints: expected \[F, K, 3\], got .*\[3, 3\]",
        ),
        ({"fps": 30, "keypoints": [None] * 3}, r"keypoints: expected those of at least one camera"),
        (
            {"fps": 30, "camera": [CAMERA] * 2},
            r"keypoints: expected the frames of each camera, .* 2",
        ),
    ],
)
def test_bad_input_is_named(changed, message, model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, [0.0, 0.1, 0.2]), rng)
    with pytest.raises(ValueError, match=message):
        fit_sequence(**({"keypoints": frames, "camera": CAMERA} | changed), model=model)


def test_views_with_another_number_of_frames_are_refused(model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, [0.0, 0.1, 0.2]), rng)
    with pytest.raises(
        ValueError, match=r"keypoints: expected as many frames of every .* \[3, 2\]"
    ):
        fit_sequence([frames, frames[:2]], [CAMERA] * 2, fps=30, model=model)


def test_a_clip_of_nobody_that_can_be_fitted_is_refused(model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, [0.0, 0.1]), rng)
    few = [replace(k, confidence=k.confidence * (np.arange(25) < 2)) for k in frames]
    with pytest.raises(
        ValueError, match=r"keypoints: expected a frame with a person that can be fitted"
    ):
        fit_sequence(few, CAMERA, fps=30, model=model)


def test_sequence_stages_can_be_changed(model, rng) -> None:
    frames = seen_frames(model, waving(model, rng, np.arange(8) / 30), rng, noise=5.0)
    loose, tight = sequence_stages(), sequence_stages()
    for stage in loose:
        stage.acceleration.weight = stage.rotation_walk.weight = 0.0
    for stage in tight:
        stage.acceleration.sigma = 0.1
    jumps = []
    for stages in (loose, tight):
        joints = fit_sequence(frames, CAMERA, fps=30, model=model, stages=stages).joints
        jumps.append(np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1).mean())
    assert jumps[1] < 0.2 * jumps[0]


def test_a_frame_has_the_covariance_and_outliers_of_a_fit_of_its_own(model, rng, tmp_path) -> None:
    """At the frame's solution, without its neighbours; saved and loaded as well."""
    frames = seen_frames(model, waving(model, rng, np.arange(4) / 30), rng)
    xy = frames[2].xy.copy()
    xy[4] += 400
    frames[2] = replace(frames[2], xy=xy)
    frames[1] = None
    result = fit_sequence(frames, CAMERA, fps=30, model=model)
    result.save(tmp_path / "clip.npz")
    loaded = SequenceResult.load(tmp_path / "clip.npz", model)
    for sequence in (result, loaded):
        assert sequence.outliers.shape == (4, 25) and sequence.outliers[2, 4]
        assert sequence.outliers.sum() == 1 and not sequence.outliers[1].any()
        assert not sequence[1].has_covariance
    frame = result[0]
    alone = fit(frames[0], CAMERA, model=model, initial=frame, preset=sequence_stages()[-1:])
    sigma = 3.0
    of_frame, of_fit = frame.covariance(sigma), alone.covariance(sigma)
    np.testing.assert_allclose(of_frame.joint_std, of_fit.joint_std, rtol=0.3)
    np.testing.assert_allclose(loaded[0].covariance(sigma).joints, of_frame.joints, rtol=1e-6)
