"""The presets: published numbers, mixtures from files, what stages report."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import reference
from checks import seen_by, standing_person
from fit_checks import CAMERA, assert_plausible
from smplceres import Stage, default_stages, fit, load_body_model, smplify_stages


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def roots(stages: list[Stage], term: str) -> list[float]:
    """Weights of residuals: the square roots of the energies'."""
    return [np.sqrt(getattr(stage, term).weight) for stage in stages]


def test_the_smplify_preset_has_the_published_numbers() -> None:
    """Bogo et al. 2016 and its code: weights of residuals, of the camera stage and four more."""
    stages = smplify_stages()
    assert len(stages) == 5
    camera, body = stages[0], stages[1:]
    np.testing.assert_allclose(roots(body, "pose_prior"), [404, 404, 57.4, 4.78])
    np.testing.assert_allclose(
        roots(body, "angle_prior"), np.multiply(3.17, [404, 404, 57.4, 4.78])
    )
    np.testing.assert_allclose(roots(body, "shape_prior"), [100, 50, 10, 5])
    np.testing.assert_allclose(roots(body, "reprojection"), 1)
    np.testing.assert_allclose(roots(body, "depth_prior"), 0)
    np.testing.assert_allclose(roots(body, "interpenetration"), 1e3)
    for stage in body:
        assert stage.interpenetration.overlap == "gaussian"
        assert stage.interpenetration.width == 0.3
        assert not stage.interpenetration.shape
    for stage in body:
        assert stage.reprojection.robust == "geman_mcclure"
        assert stage.reprojection.sigma == 100
        assert not stage.reprojection.per_point
        assert stage.reprojection.hip_weight == 0
        assert stage.free_global_orient
        assert stage.free_body_pose
        assert stage.free_betas
        assert not stage.free_transl

    np.testing.assert_allclose(roots([camera], "depth_prior"), 1e2)
    for term in ("pose_prior", "angle_prior", "shape_prior", "interpenetration"):
        assert getattr(camera, term).weight == 0
    assert camera.free_global_orient
    assert camera.free_transl
    assert not camera.free_body_pose
    assert not camera.free_betas
    assert camera.reprojection.limb_weight == camera.reprojection.head_weight == 0
    assert camera.reprojection.shoulder_weight == camera.reprojection.hip_weight == 1

    for stage in stages:
        assert stage.reprojection.pixels_per_metre == 0
        assert stage.reprojection.neck_weight == 0  # the 12 joints of LSP's limbs, and the crown
        assert stage.solver.minimizer == "dogleg"
        assert stage.solver.max_iterations == 100


def test_the_default_preset_ends_with_everything_free_and_its_priors_weakest() -> None:
    stages = default_stages()
    assert len(stages) == 5
    assert not stages[0].free_body_pose
    assert not stages[0].free_betas
    last = stages[-1]
    assert last.free_global_orient
    assert last.free_body_pose
    assert last.free_transl
    assert last.free_betas
    pose_weights = roots(stages[1:], "pose_prior")
    assert pose_weights == sorted(pose_weights, reverse=True)
    widths = [stage.reprojection.sigma for stage in stages]
    assert widths == sorted(widths, reverse=True)
    assert all(stage.reprojection.pixels_per_metre > 0 for stage in stages)


@pytest.mark.parametrize("preset", [default_stages, smplify_stages])
def test_a_preset_is_made_anew_each_time(preset) -> None:
    preset()[0].reprojection.weight = 77.0
    assert preset()[0].reprojection.weight != 77.0


def mixture_arrays(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Eight components over 69 numbers, as SMPLify's file has."""
    roots = rng.normal(0, 0.05, (8, 69, 69)) + 0.2 * np.eye(69)
    return {
        "means": rng.normal(0, 0.2, (8, 69)),
        "covars": roots @ roots.transpose(0, 2, 1),
        "weights": rng.dirichlet(np.ones(8)),
    }


@pytest.mark.parametrize("ending", [".pkl", ".npz"])
def test_the_smplify_preset_takes_a_mixture_from_a_file(ending, tmp_path, model, rng) -> None:
    arrays = mixture_arrays(rng)
    path = tmp_path / f"gmm_08{ending}"
    if ending == ".npz":
        np.savez(path, **arrays)
    else:
        path.write_bytes(pickle.dumps(arrays, protocol=2))
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    result = fit(keypoints, CAMERA, model=model, preset="smplify", pose_prior=path)
    assert_plausible(result)
    # The last stage's weight and terms; the energy is the oracle's.
    expected = 4.78**2 * reference.mixture_prior(result.body_pose.ravel(), **arrays)
    np.testing.assert_allclose(result.energies["pose_prior"], expected, rtol=1e-6)
    # Hips and neck are left out; a mixture of 69 numbers has 70 rows.
    assert result.stages[-1].num_residuals == 2 * (25 - 4) + 70 + 4 + 10 + 7


def test_stages_tell_costs_of_every_iteration_and_energies_of_every_term(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    stages = default_stages()
    for stage in stages:  # a prediction would start with a later stage
        stage.conditional_prior.weight = 0.0
    result = fit(keypoints, CAMERA, model=model, preset=stages, starts=1)
    for stage in result.stages:
        assert len(stage.costs) >= 1
        for costs in stage.costs:
            assert (np.diff(costs) <= 0).all(), "the lowest so far"
        assert sum(len(costs) - 1 for costs in stage.costs) == stage.iterations
        assert stage.costs[-1][0] == pytest.approx(stage.initial_cost)
        assert stage.costs[-1][-1] == pytest.approx(stage.final_cost)
        assert sum(stage.initial_energies.values()) == pytest.approx(stage.initial_cost)
        assert sum(stage.energies.values()) == pytest.approx(stage.final_cost)
    assert result.stages[-1].energies == result.energies
    for name, value in result.stages[-1].parameters.items():
        np.testing.assert_array_equal(value, getattr(result, name))
    first = result.stages[0].parameters
    np.testing.assert_array_equal(first["body_pose"], result.start["body_pose"])  # camera alone
    assert not np.array_equal(first["transl"], result.start["transl"])
