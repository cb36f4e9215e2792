"""Several people: who is who from frame to frame, and each fitted with a shape of their own."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from checks import seen_by, standing_person
from smplceres import (
    Camera,
    Keypoints,
    Track,
    fit_people,
    fit_sequence,
    link_people,
    load_body_model,
)

CAMERA = Camera(fx=1100, fy=1100, cx=960, cy=540, width=1920, height=1080)


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def walkers(model, rng, frames, lines):
    """Keypoints [person][frame] of people who glide; lines: x at the first and last frame, z."""
    people = []
    for x0, x1, z in lines:
        person = standing_person(model, rng)
        way = np.linspace(x0, x1, frames)
        people.append(
            [seen_by(CAMERA, model, person | {"transl": np.array([x, 0.1, z])}) for x in way]
        )
    return people


def shuffled(people, rng):
    """The frames of a detector, that has people in any order."""
    frames = [list(of_frame) for of_frame in zip(*people, strict=True)]
    return [[frame[i] for i in rng.permutation(len(frame))] for frame in frames]


def is_of(track, person):
    """All detections of a track are those of one person."""
    return all(
        seen is None or seen is person[track.first + number]
        for number, seen in enumerate(track.keypoints)
    )


def test_people_in_any_order_are_linked_to_their_own_tracks(model, rng) -> None:
    people = walkers(model, rng, 20, [(-1.5, -1.0, 5), (0.0, 0.3, 5), (1.2, 1.6, 6)])
    tracks = link_people(shuffled(people, rng))
    assert len(tracks) == 3 and all(track.num_seen == 20 for track in tracks)
    for person in people:
        assert sum(is_of(track, person) for track in tracks) == 1


def test_people_who_cross_keep_who_they_are(model, rng) -> None:
    """They pass before one another, each going on as before."""
    people = walkers(model, rng, 40, [(-1.5, 1.5, 4.5), (1.5, -1.5, 5.5)])
    tracks = link_people(shuffled(people, rng))
    assert len(tracks) == 2
    assert all(any(is_of(track, person) for person in people) for track in tracks)


def test_a_gap_is_bridged_and_a_long_one_is_somebody_else(model, rng) -> None:
    (person,) = walkers(model, rng, 30, [(0.0, 0.3, 5)])
    frames = [[k] for k in person]
    for f in range(10, 18):
        frames[f] = []
    (track,) = link_people(frames)
    assert (track.first, track.last, track.num_seen) == (0, 29, 22)
    assert track.keypoints[10] is None and track.keypoints[18] is person[18]
    assert len(link_people(frames, max_gap=7)) == 2


def test_people_who_come_and_go_have_tracks_of_their_frames(model, rng) -> None:
    people = walkers(model, rng, 20, [(-1.0, -1.0, 5), (1.0, 1.0, 5)])
    frames = [[people[0][f]] * (f < 15) + [people[1][f]] * (f >= 6) for f in range(20)]
    first, second = link_people(frames)
    assert (first.first, first.last, second.first, second.last) == (0, 14, 6, 19)


def test_what_is_seen_for_few_frames_alone_is_dropped(model, rng) -> None:
    people = walkers(model, rng, 12, [(-1.0, -1.0, 5), (1.0, 1.0, 5)])
    frames = [[people[0][f]] + [people[1][f]] * (f in (3, 4)) for f in range(12)]
    assert len(link_people(frames)) == 1
    assert len(link_people(frames, min_frames=2)) == 2


def test_each_person_is_fitted_as_their_track_is(model, rng) -> None:
    people = walkers(model, rng, 8, [(-1.0, -0.9, 5), (1.0, 1.1, 5)])
    frames = [[people[0][f]] + [people[1][f]] * (f >= 2) for f in range(8)]
    fitted = fit_people(frames, CAMERA, fps=30, model=model)
    assert [(track.first, len(result)) for track, result in fitted] == [(0, 8), (2, 6)]
    alone = fit_sequence(people[1][2:], CAMERA, fps=30, model=model)
    np.testing.assert_allclose(fitted[1][1].joints, alone.joints, atol=1e-6)
    np.testing.assert_allclose(fitted[1][1].times, np.arange(2, 8) / 30)
    again = fit_people([track for track, _ in fitted], CAMERA, fps=30, model=model)
    np.testing.assert_allclose(again[0][1].joints, fitted[0][1].joints, atol=1e-6)


def test_files_are_read_and_those_that_cannot_be_are_told(tmp_path, model, rng) -> None:
    people = walkers(model, rng, 6, [(-1.0, -0.9, 5), (1.0, 1.1, 5)])
    paths = []
    for f in range(6):
        seen = [np.c_[p[f].xy, p[f].confidence].ravel().tolist() for p in people]
        paths.append(tmp_path / f"{f}.json")
        paths[-1].write_text(json.dumps({"people": [{"pose_keypoints_2d": k} for k in seen]}))
    paths[3].write_text("{")
    with pytest.warns(UserWarning, match="frame 3 skipped"):
        tracks = link_people(paths)
    assert [track.num_seen for track in tracks] == [5, 5]
    with pytest.raises(ValueError, match="frames: frame 3: "):
        link_people(paths, strict=True)


def test_bad_input_is_named(model, rng) -> None:
    ((seen,),) = walkers(model, rng, 1, [(0, 0, 5)])
    for changed, message in (
        ({"frames": []}, "frames: expected at least one"),
        ({"frames": [[np.ones((25, 3))]]}, "frames: frame 0: expected Keypoints, got ndarray"),
        ({"max_gap": -1}, "max_gap: expected a whole number >= 0, got -1"),
        ({"min_frames": 0}, "min_frames: expected a whole number >= 1, got 0"),
        ({"max_distance": 0.0}, "max_distance: expected a number > 0"),
    ):
        with pytest.raises(ValueError, match=message):
            link_people(**({"frames": [[seen]]} | changed))
    with pytest.raises(ValueError, match="fps: expected frames per second > 0, got 0"):
        fit_people([[seen]], CAMERA, fps=0)
    with pytest.raises(ValueError, match="frames: expected tracks alone"):
        fit_people([Track(0, (seen,)), [seen]], CAMERA, fps=30)


def test_nobody_is_no_track() -> None:
    assert link_people([[], []]) == []
    unseen = Keypoints(np.zeros((25, 2)), np.zeros(25), "openpose_body25")
    assert link_people([[unseen]] * 6) == []


def test_without_scipy_the_error_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ImportError, match=r"pip install 'smplceres\[tracks\]'"):
        link_people([[]])


def upside_down(keypoints):
    """What a detector finds in a person that it takes for one whose head is below the feet."""
    y = keypoints.xy[:, 1]
    return replace(keypoints, xy=keypoints.xy * [1, -1] + [0, y.min() + y.max()])


def sides_exchanged(keypoints):
    swap = keypoints.format.left_right_swap
    return replace(keypoints, xy=keypoints.xy[swap], confidence=keypoints.confidence[swap])


def test_an_acrobat_is_one_track(model, rng) -> None:
    """Head below feet and back, sides that change, a person who is found twice, a gap."""
    (person,) = walkers(model, rng, 40, [(-0.6, 0.6, 4)])
    frames = [[keypoints] for keypoints in person]
    for f in (*range(10, 16), 22):
        frames[f] = [upside_down(person[f])]
    for f in range(0, 40, 3):
        frames[f] = [sides_exchanged(each) for each in frames[f]]
    for f in range(4, 36, 2):
        weaker = replace(person[f], confidence=0.5 * person[f].confidence)
        frames[f] = [sides_exchanged(weaker), *frames[f]]
    frames[16:25] = [[]] * 9
    frames[25] = [upside_down(person[25])]
    (track,) = link_people(frames)
    assert (track.first, track.last, track.num_seen) == (0, 39, 31)


def test_two_acrobats_side_by_side_are_two_tracks(model, rng) -> None:
    people = walkers(model, rng, 30, [(-0.6, -0.2, 4), (0.5, 0.9, 4)])
    given = [
        [upside_down(each) if (f + n) % 7 < 3 else each for f, each in enumerate(person)]
        for n, person in enumerate(people)
    ]
    tracks = link_people(shuffled(given, rng))
    assert len(tracks) == 2 and all(track.num_seen == 30 for track in tracks)
    for person in given:
        assert sum(is_of(track, person) for track in tracks) == 1


def test_a_person_behind_another_is_no_repetition(model, rng) -> None:
    people = walkers(model, rng, 20, [(0.0, 0.1, 4), (0.5, 0.6, 5)])
    assert [track.num_seen for track in link_people(shuffled(people, rng))] == [20, 20]
