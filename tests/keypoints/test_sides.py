"""Left and right over time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from smplceres import KeypointFormat, Keypoints, set_sides_right
from stand_in_detector import standing


def walking(frames=20):
    return [standing(-0.4 + 0.04 * frame) for frame in range(frames)]


def exchanged(one):
    swap = one.format.left_right_swap
    return replace(one, xy=one.xy[swap], confidence=one.confidence[swap])


@pytest.mark.parametrize("wrong", [[], [0], [19], range(7, 13), [3, 4, 15], range(0, 9)])
def test_frames_with_sides_mistaken_are_found_and_set_right(wrong) -> None:
    truth = walking()
    given = [exchanged(one) if frame in wrong else one for frame, one in enumerate(truth)]
    given[10] = None if 10 not in wrong else given[10]
    right, frames = set_sides_right(given)
    assert frames == list(wrong)
    for one, expected, before in zip(right, truth, given, strict=True):
        assert (one is None) == (before is None)
        if one is not None:
            np.testing.assert_array_equal(one.xy, expected.xy)


def test_somebody_who_turns_round_is_left_as_they_are() -> None:
    """From the front to the back in a second: sides change places, but no faster than they can."""
    turning = []
    for angle in np.linspace(0, np.pi, 31):
        one = standing()
        middle = one.xy[one.visible, 0].mean()
        xy = one.xy.copy()
        xy[:, 0] = middle + np.cos(angle) * (xy[:, 0] - middle)
        turning.append(replace(one, xy=xy))
    assert set_sides_right(turning)[1] == []


def test_noise_and_outliers_do_not_exchange_frames(rng) -> None:
    noisy = []
    for one in walking(60):
        xy = one.xy + rng.normal(0, 3, one.xy.shape)
        xy[rng.integers(len(xy))] += rng.normal(0, 80, 2)
        noisy.append(replace(one, xy=xy))
    assert set_sides_right(noisy)[1] == []


def test_formats_without_sides_and_nobody_come_back_as_they_are() -> None:
    own = KeypointFormat.from_mapping("own", {"LKnee": "left_knee", "RKnee": "right_knee"})
    frames = [Keypoints.from_array(np.ones((2, 3)), own)] * 3
    assert set_sides_right(frames) == (frames, [])
    assert set_sides_right([None, None]) == ([None, None], [])
    assert set_sides_right([]) == ([], [])
    assert set_sides_right([standing()])[1] == []
