"""Trackers used by several threads, and updates that move everybody or nobody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import smplceres as sc
from checks import seen_by, standing_person

CAMERA = sc.Camera(fx=1000, fy=1000, cx=500, cy=500, width=1000, height=1000)
RATE = 30.0
THREADS = 3
UPDATES = 40


def rows_of(rng: np.random.Generator, at: float = 0.0) -> sc.Keypoints:
    model = sc.load_body_model()
    person = standing_person(model, rng)
    return seen_by(CAMERA, model, {**person, "transl": person["transl"] + [at, 0, 0]})


def in_threads(task) -> list:
    """What each thread returns; all begin at once."""
    barrier = threading.Barrier(THREADS)

    def run(_: int):
        barrier.wait()
        return task()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_updates_without_time_stamps_from_three_threads_are_one_frame_apart(rng) -> None:
    keypoints = rows_of(rng)
    tracker = sc.Tracker(CAMERA, rate=RATE)
    times = in_threads(lambda: [tracker.update(keypoints).timestamp for _ in range(UPDATES)])
    expected = np.arange(THREADS * UPDATES) / RATE
    np.testing.assert_allclose(np.sort(np.concatenate(times)), expected, atol=1e-9)
    assert all((np.diff(each) > 0).all() for each in times)


def test_predictions_and_windows_while_another_thread_updates_are_of_whole_updates(rng) -> None:
    keypoints = rows_of(rng)
    tracker = sc.Tracker(CAMERA, rate=RATE)
    tracker.update(keypoints, 0.0)
    done = threading.Event()

    def read() -> int:
        read = 0
        while not done.is_set() or read == 0:
            try:
                predicted = tracker.predict(1e3)
            except ValueError as error:
                assert "tracker that follows a person" in str(error)
            else:
                assert all(np.isfinite(each).all() for each in predicted.values())
            times = [when for when, _ in tracker.smoothed()]
            assert times == sorted(times)
            read += 1
        return read

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for frame in range(1, UPDATES):
                tracker.update(keypoints, frame / RATE)
        finally:
            done.set()
        assert all(each.result() > 0 for each in readers)


def test_people_updated_from_three_threads_take_every_time_once(rng) -> None:
    people = [rows_of(rng, at) for at in (-0.7, 0.7)]
    tracker = sc.PeopleTracker(CAMERA, rate=RATE)
    lock, frames = threading.Lock(), iter(range(THREADS * UPDATES))

    def update() -> list[float]:
        times = []
        for _ in range(UPDATES):
            with lock:  # the order of the frames is the caller's
                time = next(frames) / RATE
                tracked = tracker.update(people, time)
            assert len(tracked) == 2
            assert {each.timestamp for each in tracked.values()} == {time}
            times.append(time)
        return times

    times = np.sort(np.concatenate(in_threads(update)))
    np.testing.assert_allclose(times, np.arange(THREADS * UPDATES) / RATE)


@pytest.mark.parametrize("bad", ["keypoints", "time"])
def test_nobody_moves_if_one_person_or_the_time_is_refused(bad: str, rng) -> None:
    people = [rows_of(rng, at) for at in (-0.7, 0.7)]
    moved = [rows_of(rng, at) for at in (-0.6, 0.8)]
    damaged, other = (sc.PeopleTracker(CAMERA, rate=RATE) for _ in range(2))
    for frame in range(5):
        for tracker in (damaged, other):
            tracker.update(people, frame / RATE)
    # No format places these keypoints on the body: they are valid, but no tracker takes them.
    nowhere = sc.KeypointFormat.from_mapping("odd", {"a": None, "b": None, "c": None})
    odd = sc.Keypoints.from_array(np.ones((3, 3)), nowhere)
    with pytest.raises(ValueError, match="points of odd" if bad == "keypoints" else "timestamp"):
        if bad == "time":
            damaged.update(moved, 4 / RATE)
        else:
            damaged.update([*moved, odd], 5 / RATE)
    for frame in range(5, 8):
        ours, theirs = (tracker.update(moved, frame / RATE) for tracker in (damaged, other))
        assert ours.keys() == theirs.keys()
        for number, tracked in ours.items():
            np.testing.assert_array_equal(tracked.body_pose, theirs[number].body_pose)
            np.testing.assert_array_equal(tracked.transl, theirs[number].transl)
