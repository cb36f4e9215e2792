"""What is known of a person: measures, and fits told of height, limbs, betas or the ground."""

from __future__ import annotations

import numpy as np
import pytest

import reference
import smplceres as sc
from checks import random_arrays
from smplceres.measures import LIMBS, limb_lengths, standing_height


@pytest.fixture(scope="module", params=["neutral", "male", "female"])
def body(request) -> sc.BodyModel:
    return sc.load_body_model(gender=request.param)


def test_standing_height_is_that_of_the_mesh_within_7_mm(body, rng) -> None:
    """Fixed vertices for all shapes: others may be lower or higher by a little, never the reverse
    by more than the two soles differ."""
    for _ in range(100):
        betas = rng.normal(size=body.num_betas)
        of_mesh = np.ptp(body(betas=betas).vertices[:, 1])
        assert -1e-3 < of_mesh - standing_height(body, betas) < 7e-3


def test_standing_height_is_linear_in_betas(body, rng) -> None:
    b, c = rng.normal(size=(2, body.num_betas))
    mean = standing_height(body)
    together = standing_height(body, b + c) - mean
    apart = standing_height(body, b) + standing_height(body, c) - 2 * mean
    np.testing.assert_allclose(together, apart, rtol=1e-9)


def test_limb_lengths_are_distances_of_the_joints_in_any_pose(rng) -> None:
    """Bones keep their lengths when they turn."""
    model = sc.load_body_model()
    betas = rng.normal(size=model.num_betas)
    pose = rng.normal(0, 0.5, (model.num_joints - 1, 3))
    lengths = limb_lengths(model, betas)
    assert set(lengths) == set(LIMBS)
    _, joints = reference.smpl(
        model, betas=betas, root=np.eye(3), body_pose=pose, transl=np.zeros(3)
    )
    for limb in set(LIMBS) - {"shoulder_width"}:  # collars turn between the shoulders
        a, b = (joints[model.joint_names.index(end)] for end in LIMBS[limb])
        np.testing.assert_allclose(lengths[limb], np.linalg.norm(a - b), rtol=1e-9)


def test_a_body_without_names_has_a_height_and_no_limbs(rng) -> None:
    model = sc.BodyModel(random_arrays(rng, tuple(f"joint_{j}" for j in range(5))))
    assert limb_lengths(model) == {}
    assert standing_height(model) > 0


def test_measures_of_a_wrong_number_of_betas_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"betas: expected shape \(10,\), got \(3,\)"):
        standing_height(sc.load_body_model(), np.zeros(3))
    with pytest.raises(ValueError, match="betas: expected finite numbers"):
        limb_lengths(sc.load_body_model(), np.full(10, np.nan))
