"""Many frames together: terms between frames, one shape, gaps, flips, windows, several cameras."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from checks import seen_by
from clips import CAMERA, joints_of, root_aligned, seen_frames, waving
from smplceres import Camera, SequenceResult, fit, fit_sequence, load_body_model, sequence_stages
from smplceres.fit.sequence.checkpoint import Checkpoint
from smplceres.keypoint_formats import FORMATS

BODY_25 = FORMATS["openpose_body25"]


@pytest.fixture(scope="module")
def model():
    return load_body_model()


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
    """The same second at 30 and at 60 frames, exact keypoints: where both have a frame, most people
    are much nearer to each other than to the truth. Predictions differ from frame to frame, and a
    limb may end in another mode."""
    apart, errors = [], []
    for _ in range(3):
        motion = waving(model, rng, np.arange(60) / 60)
        frames = seen_frames(model, motion, rng, noise=0.0)
        fast = fit_sequence(frames, CAMERA, fps=60, model=model)
        slow = fit_sequence(frames[::2], CAMERA, fps=30, model=model)
        apart.append(np.median(np.linalg.norm(fast.joints[::2] - slow.joints, axis=-1)))
        errors.append(root_aligned(fast.joints, joints_of(model, motion)))
    assert np.median(apart) < 0.5 * np.median(errors)


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


def test_ctrl_c_stops_within_a_step_and_the_run_resumes(tmp_path, model, rng) -> None:
    """Pressed while the frames are fitted from their other starts, of which there are many."""
    frames = seen_frames(model, waving(model, rng, np.arange(60) / 30), rng)
    fit_them = partial(fit_sequence, frames, CAMERA, fps=30, model=model, threads=1)
    pressed = []

    def press_ctrl_c() -> None:
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.1, press_ctrl_c)

    def progress(what, done, total) -> None:
        assert what == "frames alone"
        timer.start()

    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit_them(checkpoint=tmp_path, progress=progress)
        stopped = time.perf_counter()
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, former)
    # Signals are looked for every 20 ms; a busy machine may take its time.
    assert stopped - pressed[0] < 1.0
    assert [path.stem for path in tmp_path.glob("*.npz")] == ["frames_alone,_0"]
    assert_same(fit_them(checkpoint=tmp_path), fit_them())


def test_a_step_of_another_version_is_refused(tmp_path, model, rng, monkeypatch) -> None:
    """One that is whole, with the digest of its own arrays."""
    frames = seen_frames(model, waving(model, rng, np.arange(3) / 30), rng)
    fit_them = partial(fit_sequence, frames, CAMERA, fps=30, model=model, checkpoint=tmp_path)
    fit_them()
    load = Checkpoint.load
    for changed, message in (
        (
            {"betas": lambda betas: betas[:, :4]},
            "expected 3 rows of 10 numbers in array betas, got",
        ),
        ({"betas": lambda betas: betas[:2]}, "expected 3 rows of 10 numbers in array betas, got 2"),
        ({"transl": None}, "expected steps with an array transl"),
    ):

        def load_changed(checkpoint, name, changed=changed):
            arrays = load(checkpoint, name)
            if arrays is None or not name.startswith("frames_together"):
                return arrays
            (key, change), *_ = changed.items()
            value = arrays.pop(key)
            return arrays if change is None else arrays | {key: change(value)}

        monkeypatch.setattr(Checkpoint, "load", load_changed)
        with pytest.raises(ValueError, match=f"checkpoint: {message}"):
            fit_them()


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
        ({"fps": 0}, r"fps: expected frames per second > 0, got 0"),
        ({"fps": float("nan")}, r"fps: expected frames per second > 0, got nan"),
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
