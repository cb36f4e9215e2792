"""Where a mesh passes through itself."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from ball_bodies import CAMERA, RADIUS, ball, ball_body, crossed_arms, stage_of
from checks import seen_by, standing_person
from smplceres import BodyModel, FitResult, fit, load_body_model
from smplceres._native import _core
from smplceres.base.skeleton import SMPL_JOINTS
from smplceres.body.model_arrays import BodyModelArrays
from smplceres.synthetic import make_body_model_arrays


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel(make_body_model_arrays(0))


def moved(model: BodyModel, ball_number: int, place: list[float]) -> np.ndarray:
    """The body at rest, one ball elsewhere."""
    vertices, (single, _) = model.v_template.copy(), ball()
    start = ball_number * len(single)
    vertices[start : start + len(single)] = single + place
    return vertices


@pytest.mark.parametrize("depth", [0.005, 0.03, 0.08])
def test_two_balls_are_as_deep_in_each_other_as_they_are(depth, rng) -> None:
    """Their nearest points are vertices, the poles on the x axis. Facets of 7.5 degrees lie within
    1 - cos(3.75 degrees) = 0.2 % of the radius of the ball, twice as far at corners."""
    model = ball_body([-1, 0, 0])
    found = model.penetration(moved(model, 2, [1 + 2 * RADIUS - depth, 0, 0]))
    assert found.max_depth == pytest.approx(depth, abs=0.006 * RADIUS)
    assert 0 < found.mean_depth <= found.max_depth
    (pair,) = found.pairs
    assert pair.parts == ("left_hip", "right_hip")
    assert pair.max_depth == found.max_depth
    assert pair.num_vertices == found.num_vertices
    # Of either ball, the vertices within the other: the cap of height depth / 2 and a bit beyond.
    single, _ = ball()
    inside = np.linalg.norm(single - [2 * RADIUS - depth, 0, 0], axis=1) < RADIUS
    assert 2 * inside.sum() == pytest.approx(found.num_vertices, abs=2 * 24)
    assert set(found.vertices) <= set(range(len(single), 3 * len(single)))


def test_a_body_clear_of_itself_has_no_penetration(model) -> None:
    found = model.penetration(model().vertices)
    assert (found.num_vertices, found.max_depth, found.mean_depth) == (0, 0.0, 0.0)
    assert found.pairs == ()


def test_a_joint_and_its_parent_do_not_count() -> None:
    model = ball_body([-1, 0, 0])
    assert model.penetration(moved(model, 1, [0.15, 0, 0])).pairs == ()
    chained = ball_body([-1, 0, 1])  # ball 2 and the root are two joints apart
    pairs = chained.penetration(moved(chained, 2, [0.15, 0, 0])).pairs
    assert [pair.parts for pair in pairs] == [("pelvis", "right_hip")]


def test_a_hanging_arm_lies_in_the_arm_pit(model) -> None:
    """Arms down: the upper arm's skin is within the chest's, and neither counts; the forearm in the
    hip does."""
    pose = np.zeros((23, 3))
    pose[SMPL_JOINTS.index("left_shoulder") - 1, 2] = -np.pi / 2 - 0.2
    found = model.penetration(model(body_pose=pose).vertices)
    assert found.max_depth > 0.01
    trunk = {"spine1", "spine2", "spine3"}
    assert not [
        pair
        for pair in found.pairs
        if {"left_shoulder"} <= set(pair.parts) <= trunk | {"left_shoulder"}
    ]


def test_arms_that_hang_touch_nothing_on_the_own_body() -> None:
    """Recorded people hang their arms 80 degrees under the horizontal; on the built-in body spine1
    reaches up to the arm pits."""
    pose = np.zeros((23, 3))
    pose[[15, 16], 2] = np.radians([-80, 80])
    model = load_body_model()
    assert model.penetration(model(body_pose=pose).vertices).pairs == ()
    spheres = _core.CollisionSpheres(model._core)
    limbs = [{model.joint_names[spheres.limbs[i]] for i in pair} for pair in spheres.pairs]
    assert {"left_shoulder", "spine1"} not in limbs and {"left_elbow", "spine1"} in limbs


def test_what_is_near_at_rest_does_not_count() -> None:
    """The same balls, touching at rest: only vertices that were 5 cm off count."""
    apart = ball_body([-1, 0, 0])
    v_template = moved(apart, 2, [1 + 2 * RADIUS, 0, 0])
    arrays = {
        name: getattr(apart, name)
        for name in ("shapedirs", "posedirs", "J_regressor", "lbs_weights", "parents", "faces")
    }
    touching = BodyModel(
        BodyModelArrays(
            name="touching",
            v_template=v_template,
            joint_names=apart.joint_names,
            landmarks={},
            **arrays,
        )
    )
    posed = moved(apart, 2, [1 + 2 * RADIUS - 0.04, 0, 0])
    assert apart.penetration(posed).num_vertices > 0
    assert touching.penetration(posed).num_vertices == 0


def test_the_report_does_not_depend_on_the_place(model, rng) -> None:
    pose = crossed_arms(0.45)
    here = model.penetration(model(body_pose=pose).vertices)
    there = model.penetration(
        model(body_pose=pose, global_orient=[1.0, -2.0, 0.5], transl=[3.0, 4.0, 5.0]).vertices
    )
    assert here.max_depth > 0.02
    np.testing.assert_array_equal(there.vertices, here.vertices)
    np.testing.assert_allclose(there.depths, here.depths, atol=1e-9)


@pytest.mark.parametrize(
    ("vertices", "message"),
    [
        (np.zeros((7, 3)), r"vertices: expected shape \(6890, 3\), got \(7, 3\)"),
        (np.full((6890, 3), np.nan), r"vertices: expected finite numbers, got NaN or infinity"),
    ],
    ids=["shape", "nan"],
)
def test_vertices_that_are_none_are_an_error(vertices, message, model) -> None:
    with pytest.raises(ValueError, match=message):
        model.penetration(vertices)


def test_a_result_from_a_file_says_whom_to_ask(model, tmp_path, rng) -> None:
    result = fit(seen_by(CAMERA, model, standing_person(model, rng)), CAMERA, model=model)
    result.save(tmp_path / "person.npz")
    loaded = FitResult.load(tmp_path / "person.npz")
    with pytest.raises(ValueError, match=r"penetration: expected a result with its body"):
        _ = loaded.penetration
    expected = result.penetration
    assert model.penetration(loaded.vertices).max_depth == expected.max_depth


def test_a_copied_stage_has_collision_options_of_its_own() -> None:
    stage = stage_of("depth", shape=True)
    copied = copy.copy(stage)
    copied.interpenetration.overlap = "gaussian"
    assert stage.interpenetration.overlap == "depth"
