"""The arithmetic of tools/build_body_model.py, without the package that its people come from."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from body_model.correctives import twist
from body_model.shapes import (
    joint_regressor,
    mirrored_vertices,
    principal_shapes,
    symmetric,
)
from body_model.tpose import axis_angle, between, frame, rotation_vector


@pytest.fixture
def people(rng) -> np.ndarray:
    """200 random symmetric clouds of 240 points with 3 ways to vary."""
    half = rng.normal(0, 0.3, (120, 3)) + np.array([0.5, 0, 0])
    mean = np.concatenate([half, half * [-1, 1, 1]])
    ways = rng.normal(0, 0.05, (3, 120, 3))
    ways = np.concatenate([ways, ways * [-1, 1, 1]], axis=1)
    return mean + np.einsum("nb,bvi->nvi", rng.normal(size=(200, 3)), ways)


def test_betas_are_standard_normal_and_rebuild_the_sample(people) -> None:
    space = principal_shapes(people, 3)
    betas = space.betas(people)
    np.testing.assert_allclose(betas.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.cov(betas.T), np.eye(3), atol=1e-9)
    rebuilt = space.mean + np.einsum("vib,nb->nvi", space.directions, betas)
    np.testing.assert_allclose(rebuilt, people, atol=1e-9)
    assert space.explained.sum() == pytest.approx(1)


def test_a_joint_regressor_finds_joints_of_other_people_and_mirrors_itself(people, rng) -> None:
    mirror = mirrored_vertices(people.mean(axis=0))
    people = symmetric(people, mirror)
    weights = np.zeros(240)
    weights[:120] = rng.dirichlet(np.ones(120))
    left = np.einsum("v,nvi->ni", weights, people)
    joints = np.stack([left, left * [-1, 1, 1]], axis=1)
    regressor = joint_regressor(people[:150], joints[:150], mirror, np.array([1, 0]))
    np.testing.assert_allclose(regressor.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(regressor[1, mirror], regressor[0])
    found = np.einsum("jv,nvi->nji", regressor, people[150:])
    np.testing.assert_allclose(found, joints[150:], atol=1e-3)


def test_a_mesh_that_does_not_mirror_itself_is_refused(rng) -> None:
    with pytest.raises(ValueError, match="expected a mesh that mirrors itself"):
        mirrored_vertices(rng.normal(size=(50, 3)))


def test_rotations(rng) -> None:
    for vector in rng.normal(size=(20, 3)):
        np.testing.assert_allclose(rotation_vector(axis_angle(vector)), vector, atol=1e-9)
        a, b = rng.normal(size=(2, 3))
        turned = between(a, b) @ a
        np.testing.assert_allclose(turned / np.linalg.norm(a), b / np.linalg.norm(b), atol=1e-9)
        np.testing.assert_allclose(frame(a, b).T @ frame(a, b), np.eye(3), atol=1e-9)


def test_twist_is_the_turn_about_the_axis_apart_from_tilting_it(rng) -> None:
    axis = np.array([1.0, 0.0, 0.0])
    for angle, (y, z) in zip(rng.uniform(-2, 2, 20), rng.normal(0, 0.5, (20, 2)), strict=True):
        rotation = axis_angle(np.array([0, y, z])) @ axis_angle(angle * axis)
        assert twist(rotation, axis) == pytest.approx(angle, abs=1e-9)
