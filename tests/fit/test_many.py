"""fit_many: results in order, whatever the threads; one that fails does not stop the rest."""

from __future__ import annotations

import numpy as np
import pytest

import smplceres as sc
from checks import seen_by, standing_person

CAMERA = sc.Camera(fx=1500, fy=1500, cx=640, cy=360, width=1280, height=720)


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


def people(model, rng, count: int) -> list[sc.Keypoints]:
    return [
        seen_by(CAMERA, model, standing_person(model, rng, yaw=rng.uniform(-3, 3)))
        for _ in range(count)
    ]


@pytest.mark.parametrize("threads", [None, 1, 3])
def test_results_are_those_of_fit_in_order(threads, model, rng) -> None:
    everybody = people(model, rng, 6)
    done = []
    results = sc.fit_many(
        everybody, CAMERA, model=model, threads=threads, progress=lambda *told: done.append(told)
    )
    for keypoints, result in zip(everybody, results, strict=True):
        np.testing.assert_array_equal(result.joints, sc.fit(keypoints, CAMERA, model=model).joints)
    assert done == [(i + 1, 6) for i in range(6)]


def test_one_that_cannot_be_fitted_does_not_stop_the_others(model, rng) -> None:
    first, last = people(model, rng, 2)
    results = sc.fit_many([first, np.full((25, 3), np.nan), last], CAMERA, model=model)
    assert isinstance(results[0], sc.FitResult) and isinstance(results[2], sc.FitResult)
    failure = results[1]
    assert isinstance(failure, sc.FitFailure)
    assert failure.index == 1
    assert str(failure).startswith("person 1: keypoints: expected at least 3 visible keypoints")


def test_each_may_have_a_camera_of_its_own(model, rng) -> None:
    keypoints = people(model, rng, 1)[0]
    near, far = sc.fit_many(
        [keypoints, keypoints], cameras=[CAMERA, CAMERA.zoomed(2.0)], model=model
    )
    assert near.camera.fx == 1500 and far.camera.fx == 3000


def test_nobody_is_an_empty_list() -> None:
    assert sc.fit_many([], CAMERA) == []


def test_bad_arguments_are_one_clear_error(model, rng) -> None:
    keypoints = people(model, rng, 1)
    with pytest.raises(ValueError, match="cameras: expected 1, one a person, got 2"):
        sc.fit_many(keypoints, cameras=[CAMERA, CAMERA])
    with pytest.raises(ValueError, match="cameras: expected None beside a camera"):
        sc.fit_many(keypoints, CAMERA, cameras=[CAMERA])
    with pytest.raises(ValueError, match="threads: expected a whole number >= 1 or None, got 0"):
        sc.fit_many(keypoints, CAMERA, threads=0)
    with pytest.raises(TypeError, match="options: expected arguments of fit, got presets"):
        sc.fit_many(keypoints, CAMERA, presets="default")
