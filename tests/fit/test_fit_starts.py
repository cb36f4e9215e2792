"""fit: initial estimates, and whatever part of a person is seen."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from checks import seen_by, standing_person
from fit_checks import (
    CAMERA,
    PARAMETERS,
    RECOVERY_CAMERAS,
    assert_finite,
    assert_meets_keypoints,
    assert_plausible,
    weak_stages,
)
from smplceres import (
    KeypointFormat,
    Keypoints,
    WeakPerspectiveCamera,
    default_stages,
    fit,
    load_body_model,
)
from smplceres.fit.presets import PRESETS
from smplceres.keypoint_formats import FORMATS

BODY_25 = FORMATS["openpose_body25"]


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def test_an_earlier_result_is_a_start(model, rng) -> None:
    """Where the first fit ended there is little left to do."""
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    first = fit(keypoints, CAMERA, model=model)
    last_stage = default_stages()[-1:]
    second = fit(keypoints, CAMERA, model=model, initial=first, preset=last_stage)
    assert second.num_starts == 1
    np.testing.assert_allclose(second.joints, first.joints, atol=0.05)


def test_an_earlier_result_of_unknown_scale_is_a_start(model, rng) -> None:
    camera = WeakPerspectiveCamera.guess(1280, 720)
    keypoints = seen_by(camera, model, standing_person(model, rng), zoom=210.0)
    first = fit(keypoints, camera, model=model)
    second = fit(keypoints, camera, model=model, initial=first, preset=default_stages()[-1:])
    np.testing.assert_allclose(second.camera.scale, first.camera.scale, rtol=0.02)
    np.testing.assert_allclose(second.joints, first.joints, atol=0.05)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_start_of_one_parameter_alone_is_completed(name, model, rng) -> None:
    """`initial` takes any of the four; what it leaves out is looked for as ever."""
    person = standing_person(model, rng)
    keypoints = seen_by(CAMERA, model, person)
    result = fit(keypoints, CAMERA, model=model, initial={name: person[name]})
    assert_plausible(result)
    assert_meets_keypoints(result)


def test_a_start_behind_the_camera_gains_nothing(model, rng) -> None:
    """It is refused, or costs at least as much as the fit in front of the camera does."""
    person = standing_person(model, rng)
    keypoints = seen_by(CAMERA, model, person)
    in_front = fit(keypoints, CAMERA, model=model, initial=person)
    behind = person | {"transl": person["transl"] * [1, 1, -1]}
    try:
        result = fit(keypoints, CAMERA, model=model, initial=behind)
    except ValueError as error:
        assert re.match("initial: expected .*in front of the camera", str(error))
    else:
        assert_finite(result)
        assert sum(result.energies.values()) >= 0.999 * sum(in_front.energies.values())


@pytest.mark.parametrize("preset", ["weak priors", "default", "smplify"])
def test_a_picture_that_only_a_body_behind_the_camera_explains_is_fitted_in_front(
    preset, model, rng
) -> None:
    """Projected through the pinhole from behind, its keypoints are met exactly only there."""
    person = standing_person(model, rng)
    mirrored = seen_by(CAMERA, model, person | {"transl": np.array([0.0, 0.0, -4.0])})
    stages = weak_stages() if preset == "weak priors" else preset
    for initial in (None, person):
        result = fit(mirrored, CAMERA, model=model, initial=initial, preset=stages)
        assert_finite(result)
        assert result.joints[:, 2].min() > 0


def test_poses_come_back_as_rotations_by_at_most_half_a_turn(model, rng) -> None:
    """Three quarters of a turn to the left are a quarter to the right."""
    person = standing_person(model, rng)
    keypoints = seen_by(CAMERA, model, person)
    stage = default_stages()[0]
    assert not stage.free_body_pose
    axes = rng.normal(size=(23, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    long_way = person | {"body_pose": 1.5 * np.pi * axes}
    result = fit(keypoints, CAMERA, model=model, initial=long_way, preset=[stage])
    np.testing.assert_allclose(result.body_pose, -0.5 * np.pi * axes, atol=1e-12)


LEG = ("hip", "knee", "ankle", "heel", "big_toe")

PARTS = {
    "everything": BODY_25.names,
    "upper body": [name for name in BODY_25.names if not re.search("knee|ankle|toe|heel", name)],
    "above the hips": [
        name for name in BODY_25.names if not re.search("knee|ankle|toe|heel|hip", name)
    ],
    "one leg": [f"left_{name}" for name in LEG],
    "head": ["nose", "left_eye", "right_eye", "left_ear", "right_ear"],
    "feet": [name for name in BODY_25.names if re.search("toe|heel", name)],
    "three of an arm": ["right_shoulder", "right_elbow", "right_wrist"],
    "three of a face": ["nose", "left_eye", "right_eye"],
    "three of the midline": ["nose", "neck", "mid_hip"],
    "three far apart": ["left_ear", "right_wrist", "left_ankle"],
}


@pytest.mark.parametrize("preset", list(PRESETS))
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_person_gives_a_plausible_body(part, preset, model, rng) -> None:
    for yaw in (0.0, np.pi / 2, 2.5):
        keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=yaw))
        seen = [name in PARTS[part] for name in BODY_25.names]
        result = fit(
            replace(keypoints, confidence=np.array(seen, float)), CAMERA, model=model, preset=preset
        )
        assert_plausible(result)
        # What is seen is met to about a twentieth of a person who is some 600 px tall.
        assert result.reprojection_error() < 30


@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 6, endpoint=False))
def test_keypoints_on_one_line_give_a_plausible_body(angle, model, rng) -> None:
    along = rng.uniform(-250, 250, (25, 1)) * [np.cos(angle), np.sin(angle)]
    result = fit(np.array([640.0, 360.0]) + along, CAMERA, keypoint_format=BODY_25, model=model)
    assert_plausible(result)


def test_keypoints_that_are_one_point_of_the_body_are_one_clear_error(model) -> None:
    """A user's format may have such keypoints; they do not determine a size."""
    all_pelvis = KeypointFormat.from_mapping("own", dict.fromkeys("abc", "pelvis"))
    keypoints = Keypoints([[600, 300], [700, 300], [650, 400]], np.ones(3), all_pelvis)
    with pytest.raises(ValueError, match=r"^keypoints: expected"):
        fit(keypoints, CAMERA, model=model)


# Pixels (25, 2) and confidences (25,), drawn at random.
GARBAGE = {
    "noise": lambda g: (g.uniform(0, [1280, 720], (25, 2)), g.uniform(0, 1, 25)),
    "a megapixel wide": lambda g: (g.uniform(-1e6, 1e6, (25, 2)), g.uniform(0, 1, 25)),
    "a few a megapixel away": lambda g: (
        g.uniform(0, [1280, 720], (25, 2)) + 1e6 * (g.random((25, 1)) < 0.1),
        g.uniform(0, 1, 25),
    ),
    "all a megapixel away": lambda g: (g.uniform(0, 700, (25, 2)) + 1e6, np.ones(25)),
    "two pixels wide": lambda g: (g.uniform(300, 302, (25, 2)), np.ones(25)),
    "confidences of any size": lambda g: (
        g.uniform(0, [1280, 720], (25, 2)),
        10 ** g.uniform(-9, 3, 25),
    ),
    "three points": lambda g: (
        g.uniform(0, [1280, 720], (25, 2)),
        1.0 * (g.permutation(25) < 3),
    ),
}


@pytest.mark.parametrize("kind", ["plain", "distorted", "weak perspective of unknown scale"])
@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("preset", list(PRESETS))
def test_garbage_gives_a_finite_result_or_one_clear_error(
    preset, garbage, kind, model, rng
) -> None:
    camera = RECOVERY_CAMERAS[kind]
    for _ in range(20 if preset == "default" else 5):
        keypoints = Keypoints(*GARBAGE[garbage](rng), BODY_25)
        try:
            result = fit(keypoints, camera, model=model, preset=preset)
        except ValueError as error:
            assert str(error).startswith("keypoints: expected ")
        else:
            assert_finite(result)


@pytest.mark.parametrize("what", ["pixels", "confidences"])
@pytest.mark.parametrize("size", [1e20, 1e160, 1e300])
def test_numbers_near_the_end_of_float64_give_a_finite_result_or_one_clear_error(
    size, what, model, rng
) -> None:
    xy, confidence = GARBAGE["noise"](rng)
    if what == "pixels":
        xy[4] = size
    else:
        confidence[4] = size
    try:
        result = fit(Keypoints(xy, confidence, BODY_25), CAMERA, model=model)
    except ValueError as error:
        assert re.match("(keypoints|xy|confidence): expected ", str(error))
    else:
        assert_finite(result)


def test_nothing_is_printed(capfd, model, rng) -> None:
    for garbage in GARBAGE.values():
        keypoints = Keypoints(*garbage(rng), BODY_25)
        for minimizer in ("lm", "dogleg", "lbfgs"):
            fit(keypoints, CAMERA, model=model, minimizer=minimizer)
    person = standing_person(model, rng)
    behind = person | {"transl": person["transl"] * [1, 1, -1]}
    for linear_solver in ("CGNR", "SPARSE_SCHUR", "DENSE_QR"):
        fit(seen_by(CAMERA, model, person), CAMERA, model=model, linear_solver=linear_solver)
    for options in ({"linear_solver": "newton"}, {"initial": behind}, {"max_time": 1e-9}):
        try:
            fit(seen_by(CAMERA, model, person), CAMERA, model=model, **options)
        except ValueError:
            continue
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")
