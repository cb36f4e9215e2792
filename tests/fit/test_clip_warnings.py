"""What clips and streams say against themselves: jumps, exchanged sides, rates that are wrong."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import smplceres as sc

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from cases.people import posed
from cases.postures import STANDING, WALKING
from smplceres.evidence.views import View
from smplceres.fit.doubts.clip import mended_clip
from smplceres.fit.doubts.rate import characteristic_frames
from smplceres.fit.doubts.stream import Stream

CAMERA = sc.Camera(fx=1100, fy=1100, cx=639.5, cy=359.5, width=1280, height=720)
FRAMES, RATE = 60, 30.0
TIMES = np.arange(FRAMES) / RATE
SWAP = sc.FORMATS["openpose_body25"].left_right_swap


@pytest.fixture(scope="module")
def model():
    return sc.load_body_model()


@pytest.fixture(scope="module")
def clip(model):
    """(F, 25, 3) keypoints, with noise of 2 px, and joints (F, 24, 3) of somebody who steps from
    one leg to the other while gliding aside."""
    rng, keypoints = np.random.default_rng(0), []
    for frame in range(FRAMES):
        swing = 0.5 + 0.5 * np.sin(2 * np.pi * frame / RATE)
        pose = STANDING + swing * (WALKING - STANDING)
        places, _ = posed(model, pose, "openpose_body25", depth=5.0)
        pixels = CAMERA.project(places + np.array([0.01 * frame - 0.3, 0, 0]))
        keypoints.append(np.c_[pixels + rng.normal(0, 2, pixels.shape), np.ones(len(pixels))])
    return np.array(keypoints)


def jumps(rows):
    return rows + np.array([180.0, 40.0, 0.0])


def is_another(rows):
    """Somebody who is smaller, elsewhere, and turned the other way."""
    middle = rows[:, :, :2].mean(axis=1, keepdims=True)
    away = (rows[..., :2] - middle) * [-0.6, 0.6] + middle + [90, 30]
    return np.concatenate([away, rows[..., 2:]], axis=2)


def changed(clip, change, first, count):
    rows = clip.copy()
    rows[first : first + count] = change(rows[first : first + count])
    return [sc.Keypoints.from_array(each, "openpose_body25") for each in rows]


def mended(keypoints, model, times=TIMES):
    return mended_clip([(View(each, CAMERA),) for each in keypoints], times, model)


def left_out(of):
    return [frame for frame, (view,) in enumerate(of.frames) if not view.keypoints.visible.any()]


@pytest.mark.parametrize("change", [jumps, is_another])
@pytest.mark.parametrize(("first", "count"), [(25, 10), (40, 1), (3, 6)])
def test_frames_that_jump_away_and_back_are_left_out_and_named(
    model, clip, change, first, count
) -> None:
    of = mended(changed(clip, change, first, count), model)
    assert left_out(of) == list(range(first, first + count))
    (said,) = of.warnings
    shown = f"{first} to {first + count - 1}" if count > 1 else f"{first}"
    assert (said.code, said.evidence) == ("other_in_frames", f"frames {shown}")


@pytest.mark.parametrize("every", [1, 2, 4])
def test_a_clip_that_is_right_is_left_as_it_is(model, clip, every) -> None:
    of = mended(changed(clip, lambda rows: rows, 0, 0)[::every], model, TIMES[::every])
    assert of.warnings == () and left_out(of) == []


def test_a_person_who_goes_elsewhere_for_good_is_no_jump(model, clip) -> None:
    assert left_out(mended(changed(clip, jumps, 30, 30), model)) == []


def test_exchanged_sides_are_exchanged_back(model, clip) -> None:
    of = mended(changed(clip, lambda rows: rows[:, SWAP], 20, 8), model)
    assert [(each.code, each.evidence) for each in of.warnings] == [
        ("sides_of_frames", "frames 20 to 27")
    ]
    xy = np.array([view.keypoints.xy for (view,) in of.frames])
    np.testing.assert_array_equal(xy, clip[..., :2])


def of_stream(keypoints):
    stream = Stream()
    return [stream.accepted(each, time) for each, time in zip(keypoints, TIMES, strict=True)]


@pytest.mark.parametrize("change", [jumps, is_another])
def test_a_stream_leaves_out_what_jumps_away_and_back(clip, change) -> None:
    accepted = of_stream(changed(clip, change, 25, 10))
    unseen = [frame for frame, each in enumerate(accepted) if not each.visible.any()]
    assert unseen == list(range(25, 35))


def test_a_stream_believes_what_stays(clip) -> None:
    accepted = of_stream(changed(clip, jumps, 25, 35))
    unseen = [frame for frame, each in enumerate(accepted) if not each.visible.any()]
    assert unseen == list(range(25, 25 + round(0.6 * RATE)))


def test_a_stream_has_the_sides_of_its_last_frame(clip) -> None:
    given = changed(clip, lambda rows: rows, 0, 0)
    for accepted, right in zip(
        of_stream(changed(clip, lambda rows: rows[:, SWAP], 25, 10)), given, strict=True
    ):
        np.testing.assert_array_equal(accepted.xy, right.xy)


def test_a_rate_that_is_four_times_too_high_is_named_and_mended(model, clip) -> None:
    """Of somebody whose limbs move too little to tell their speed."""
    rows = clip[:40].copy()
    rows[..., :2] = rows[:1, :, :2] + 0.7 * (rows[..., :2] - rows[:1, :, :2])
    rows[..., :2] += np.random.default_rng(1).normal(0, 2, rows[..., :2].shape)
    keypoints = [sc.Keypoints.from_array(each, "openpose_body25") for each in rows]
    assert characteristic_frames(keypoints, 1 / RATE) is None
    right = sc.fit_sequence(keypoints, CAMERA, fps=RATE, model=model)
    fast = sc.fit_sequence(keypoints, CAMERA, fps=4 * RATE, model=model)
    assert right.warnings == ()
    assert [each.code for each in fast.warnings] == ["frame_rate"]
    assert np.linalg.norm(fast.joints - right.joints, axis=2).mean() < 0.01
    unchecked = sc.fit_sequence(keypoints, CAMERA, fps=4 * RATE, model=model, check=False)
    assert unchecked.warnings == ()


def test_a_person_who_is_missing_in_frames_is_no_jump(model, clip) -> None:
    keypoints = changed(clip, lambda rows: rows, 0, 0)
    for frame in range(20, 30):
        none = np.zeros(len(keypoints[frame].confidence))
        keypoints[frame] = replace(keypoints[frame], confidence=none)
    assert left_out(mended(keypoints, model)) == list(range(20, 30))
    assert mended(keypoints, model).warnings == ()
