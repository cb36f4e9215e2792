"""Covariances tell measurements from prior knowledge by what terms state about themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import smplceres as sc
from checks import seen_by, standing_person

CAMERA = sc.Camera(fx=500, fy=500, cx=160, cy=120, width=320, height=240)


@pytest.fixture(scope="module")
def model():
    return sc.load_body_model()


@pytest.fixture(scope="module")
def person(model):
    return standing_person(model, np.random.default_rng(0))


def noisy(model, person):
    keypoints = seen_by(CAMERA, model, person)
    xy = keypoints.xy + np.random.default_rng(1).normal(0, 2, keypoints.xy.shape)
    return sc.Keypoints(xy, keypoints.confidence, keypoints.format)


@pytest.fixture(scope="module")
def masked(model, person):
    """A fit to keypoints and to a mask, a box about them."""
    keypoints = noisy(model, person)
    seen = keypoints.xy[keypoints.visible]
    (left, top), (right, bottom) = (
        np.maximum(seen.min(axis=0).astype(int) - 3, 0),
        seen.max(axis=0).astype(int) + 3,
    )
    mask = np.zeros((CAMERA.height, CAMERA.width), dtype=bool)
    mask[top:bottom, left:right] = True
    return sc.fit(keypoints, CAMERA, model=model, mask=mask)


def std_of(covariance, name: str) -> float:
    return float(covariance.prior_std[covariance.names.index(name)])


def test_a_mask_is_no_prior_knowledge(masked) -> None:
    """By the priors alone betas have the standard deviation of people, to what collisions add."""
    assert masked.energies["silhouette_inside"] > 0
    covariance = masked.covariance()
    # The mask and the keypoints narrow what is known of the stature.
    assert covariance.betas[0, 0] < 0.8
    for beta in range(len(masked.betas)):
        assert std_of(covariance, f"betas {beta}") == pytest.approx(1, rel=0.02)


def test_a_loaded_fit_has_its_mask_and_its_covariance(masked, model, tmp_path) -> None:
    masked.save(tmp_path / "fit.npz")
    loaded = sc.FitResult.load(tmp_path / "fit.npz")
    np.testing.assert_array_equal(loaded.views[0].mask.pixels, masked.views[0].mask.pixels)
    np.testing.assert_array_equal(loaded.covariance(model=model).matrix, masked.covariance().matrix)


def test_a_file_without_the_mask_of_its_fit_has_no_covariance(masked) -> None:
    """As files of earlier versions are."""
    views = tuple(replace(view, mask=None) for view in masked.views)
    with pytest.raises(
        ValueError, match=r"covariance: expected a fit with all of its observations"
    ):
        replace(masked, views=views).covariance()


def test_noise_is_estimated_with_the_points_in_space(model, person) -> None:
    """A saved fit and the fit itself agree, and another estimate results without the points."""
    keypoints = noisy(model, person)
    joints = model.joints(**person)
    measured = sc.Keypoints3D.from_array(joints, "smpl24", sigma=0.01)
    fitted = sc.fit(keypoints, CAMERA, model=model, keypoints3d=measured)
    with_points = fitted.covariance().sigma_px
    without = replace(fitted, measured3d=None, energies={}).covariance().sigma_px
    assert with_points == pytest.approx(2, rel=0.5)
    assert with_points != without
