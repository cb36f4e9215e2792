"""The balance of picture and priors follows the keypoints' noise, told or estimated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import smplceres as sc
from checks import seen_by, standing_person

CAMERA = sc.Camera(fx=1500, fy=1500, cx=640, cy=360, width=1280, height=720)
PRIORS = ("pose_prior", "angle_prior", "joint_limits", "shape_prior", "focal_prior")
KNOWN = ("height", "limb_lengths", "ground", "points3d")


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


def noisy_person(model, rng, sigma: float) -> sc.Keypoints:
    exact = seen_by(CAMERA, model, standing_person(model, rng, yaw=rng.uniform(-3, 3)))
    return replace(exact, xy=exact.xy + rng.normal(0, sigma, exact.xy.shape))


def balance(result: sc.FitResult) -> float:
    """f, by which what is not of the picture was weighted more than the preset says."""
    return np.sqrt(result._last_stage.stage.pose_prior.weight / 5.5**2)


def unit(result: sc.FitResult) -> float:
    return float(result._last_stage.units[0])


@pytest.mark.parametrize("sigma", [2.0, 12.0])
def test_the_estimate_is_near_the_truth(sigma, model, rng) -> None:
    """Of 20 default fits' median, to 20 %: one is off by 28 %, their median by 8 %."""
    estimates = [sc.fit(noisy_person(model, rng, sigma), CAMERA).sigma_px for _ in range(20)]
    assert 0.8 < np.median(estimates) / sigma < 1.2


def test_keypoints_that_a_detector_guesses_at_do_not_make_the_noise_small(model, rng) -> None:
    """Ten of 25 at confidence 0.03, 30 px off: they are better than 4 px / 0.03 would have them."""
    estimates = []
    for _ in range(12):
        seen = noisy_person(model, rng, 4.0)
        guessed = rng.choice(len(seen), 10, replace=False)
        xy, confidence = seen.xy.copy(), seen.confidence.copy()
        xy[guessed] += rng.normal(0, 30, (10, 2))
        confidence[guessed] = 0.03
        estimates.append(sc.fit(replace(seen, xy=xy, confidence=confidence), CAMERA).sigma_px)
    assert 2 < np.median(estimates) < 6


def test_a_told_noise_sets_the_balance(model, rng) -> None:
    """f = sigma / 2.5 in residual units, from 1/2 to 4, for all terms but images and collisions."""
    keypoints = noisy_person(model, rng, 3.0)
    plain = sc.default_stages()[-1]
    for sigma in (0.1, 3.0, 6.0, 300.0):
        result = sc.fit(keypoints, CAMERA, sigma_px=sigma)
        assert result.sigma_px == sigma
        expected = np.clip(sigma * unit(result) / 2.5, 0.5, 4.0)
        stage = result._last_stage.stage
        for term in (*PRIORS, *KNOWN, "depth_prior"):
            assert getattr(stage, term).weight == pytest.approx(
                expected**2 * getattr(plain, term).weight
            )
        for term in ("reprojection", "interpenetration"):
            assert getattr(stage, term).weight == getattr(plain, term).weight
        assert result.covariance().sigma_px == sigma


def test_an_estimate_within_its_error_of_the_reference_changes_nothing(model, rng) -> None:
    """2.5 units: f differs from 1 only where the estimate is off by more than a standard error."""
    first = sc.fit(noisy_person(model, rng, 3.0), CAMERA)
    sigma = 2.5 / unit(first)
    kept = [balance(sc.fit(noisy_person(model, rng, sigma), CAMERA)) for _ in range(12)]
    assert sum(f == 1.0 for f in kept) >= 5  # two thirds of a Gaussian's are within one
    assert 0.6 < np.median(kept) < 1.5


def test_noisier_keypoints_weigh_less(model, rng) -> None:
    person = standing_person(model, rng, yaw=0.5)
    exact = seen_by(CAMERA, model, person)
    fs = []
    for sigma in (1.0, 30.0):
        noise = rng.normal(0, sigma, exact.xy.shape)
        fs.append(balance(sc.fit(replace(exact, xy=exact.xy + noise), CAMERA)))
    assert fs[0] < 1 < fs[1]


def test_noise_of_each_keypoint_is_its_confidence(model, rng) -> None:
    keypoints = noisy_person(model, rng, 3.0)
    sigma = np.full(len(keypoints), 3.0)
    sigma[4] = 30.0
    told = sc.fit(keypoints, CAMERA, sigma_px=sigma)
    mean = np.exp(np.log(sigma).mean())
    same = sc.fit(
        replace(keypoints, confidence=keypoints.confidence * mean / sigma), CAMERA, sigma_px=mean
    )
    assert told.sigma_px == pytest.approx(mean)
    np.testing.assert_allclose(told.joints, same.joints, atol=1e-12)
    np.testing.assert_allclose(told.keypoints.confidence, keypoints.confidence * mean / sigma)


def test_several_cameras_have_noises_of_their_own(model, rng) -> None:
    person = standing_person(model, rng)
    views = [seen_by(CAMERA, model, person), seen_by(CAMERA, model, person)]
    result = sc.fit(views, [CAMERA, CAMERA], sigma_px=[1.0, 4.0])
    assert result.sigma_px == pytest.approx(2.0)
    first, second = (view.keypoints.confidence for view in result.views)
    np.testing.assert_allclose(first, 4.0 * second)


def test_stages_without_a_reference_keep_their_weights(model, rng) -> None:
    keypoints = noisy_person(model, rng, 30.0)
    result = sc.fit(keypoints, CAMERA, preset="smplify")
    assert result.sigma_px is None
    published = sc.smplify_stages()[-1]
    assert result._last_stage.stage.pose_prior.weight == published.pose_prior.weight
    assert sc.fit(keypoints, CAMERA, preset="smplify", sigma_px=2.0).covariance().sigma_px == 2.0


def test_the_noise_is_saved_with_a_fit(model, rng, tmp_path) -> None:
    result = sc.fit(noisy_person(model, rng, 6.0), CAMERA, sigma_px=6.0)
    result.save(tmp_path / "fit.npz")
    loaded = sc.FitResult.load(tmp_path / "fit.npz")
    assert loaded.sigma_px == 6.0
    assert loaded.covariance(model=model).sigma_px == 6.0


@pytest.mark.parametrize(
    ("sigma", "told"),
    [
        (0.0, "expected pixels > 0, got 0.0"),
        (-1.0, "expected pixels > 0, got -1.0"),
        (np.nan, "expected pixels > 0, got nan"),
        (np.inf, "expected pixels > 0, got inf"),
        (np.ones(7), r"expected a number or \(25,\), got \(7,\)"),
        (np.zeros(25), "expected pixels > 0, got 0.0"),
    ],
)
def test_a_noise_that_is_none_is_one_clear_error(sigma, told, model, rng) -> None:
    with pytest.raises(ValueError, match=f"sigma_px: {told}"):
        sc.fit(noisy_person(model, rng, 3.0), CAMERA, sigma_px=sigma)


def test_a_noise_for_some_cameras_alone_is_one_clear_error(model, rng) -> None:
    keypoints = noisy_person(model, rng, 3.0)
    for sigma in ([1.0], [1.0, None]):
        with pytest.raises(ValueError, match="sigma_px: expected"):
            sc.fit([keypoints, keypoints], [CAMERA, CAMERA], sigma_px=sigma)
