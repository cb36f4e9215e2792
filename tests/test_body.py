"""The body against the oracle: vertices, joints, skinned points and their Jacobians."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import reference
from checks import random_arrays
from smplceres import BodyModel, Camera, _core, load_body_model
from smplceres.keypoint_formats import FORMATS, KeypointFormat
from smplceres.skeleton import SMPL_JOINTS, SMPLX_JOINTS

# Sums of a few hundred products of numbers about 1 m: some 100 eps.
DOUBLE, SINGLE = 1e-12, 1e-5


@pytest.fixture(
    params=["default body", "random, 24 joints", "random, 55 joints", "random, 3 joints"]
)
def model(request: pytest.FixtureRequest, rng: np.random.Generator) -> BodyModel:
    if request.param == "default body":
        return load_body_model()
    names = {"24": SMPL_JOINTS, "55": SMPLX_JOINTS, "3 ": ("pelvis", "spine1", "neck")}
    return BodyModel(random_arrays(rng, names[request.param[8:10]]))


def random_parameters(model: BodyModel, rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "betas": rng.normal(0, 1.5, model.num_betas),
        "global_orient": rng.normal(0, 1.5, 3),
        "body_pose": rng.normal(0, 0.6, (model.num_joints - 1, 3)),
        "transl": rng.normal(0, 2, 3),
    }


def oracle(model: BodyModel, parameters: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    others = {name: value for name, value in parameters.items() if name != "global_orient"}
    return reference.smpl(model, root=reference.rodrigues(parameters["global_orient"]), **others)


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, DOUBLE), (np.float32, SINGLE)], ids=["double", "single"]
)
def test_vertices_and_joints_equal_the_oracle(model, dtype, tolerance, rng) -> None:
    parameters = random_parameters(model, rng)
    at_rest = {name: np.zeros_like(value) for name, value in parameters.items()}
    half_turns = parameters | {"body_pose": np.pi * np.eye(3)[np.arange(model.num_joints - 1) % 3]}
    for pose in (parameters, at_rest, half_turns):
        vertices, joints = oracle(model, pose)
        body = model(**pose, dtype=dtype)
        assert body.vertices.dtype == dtype
        np.testing.assert_allclose(body.vertices, vertices, rtol=0, atol=tolerance)
        np.testing.assert_allclose(body.joints, joints, rtol=0, atol=DOUBLE)
        np.testing.assert_allclose(model.joints(**pose), joints, rtol=0, atol=DOUBLE)


def test_parameters_left_out_are_zero(model, rng) -> None:
    parameters = random_parameters(model, rng)
    for name, value in parameters.items():
        zeros = {other: np.zeros_like(values) for other, values in parameters.items()}
        given, full = model(**{name: value}), model(**(zeros | {name: value}))
        np.testing.assert_array_equal(given.vertices, full.vertices)
        np.testing.assert_array_equal(given.joints, full.joints)
    np.testing.assert_allclose(model().vertices, model.v_template, rtol=0, atol=DOUBLE)


def test_body_pose_may_be_flat(model, rng) -> None:
    pose = rng.normal(0, 0.5, (model.num_joints - 1, 3))
    np.testing.assert_array_equal(
        model(body_pose=pose).vertices, model(body_pose=pose.ravel()).vertices
    )


def random_points(
    model: BodyModel, rng: np.random.Generator
) -> list[tuple[list[tuple[int, float]], list[tuple[int, float]]]]:
    """(joints, vertices) of points, each a list of (number, weight)."""
    J, V = model.num_joints, model.num_vertices

    def some(size: int, count: int, weights: np.ndarray) -> list[tuple[int, float]]:
        numbers = rng.choice(size, count, replace=False)
        return [(int(n), float(w)) for n, w in zip(numbers, weights, strict=True)]

    return [
        *(([(joint, 1.0)], []) for joint in range(J)),
        *(([], some(V, 1, np.ones(1))) for _ in range(5)),
        ([], some(V, 3, rng.dirichlet(np.ones(3)))),
        ([], some(V, 40, rng.dirichlet(np.ones(40)))),
        (some(J, 2, np.full(2, 0.5)), []),
        (some(J, 2, np.array([0.2, 0.3])), some(V, 2, np.array([0.1, 0.4]))),
        # Weights of any sign that do not sum to 1: a difference of points, or a multiple of one.
        (some(J, 2, rng.normal(size=2)), some(V, 30, rng.normal(size=30))),
        # The same vertex and joint twice.
        ([(J - 1, 0.25), (J - 1, 0.25)], [(V - 1, 0.2), (V - 1, 0.3)]),
    ]


def test_skinned_points_equal_the_oracle_and_their_jacobians_differences(model, rng) -> None:
    expected_points = random_points(model, rng)
    points = _core.SkinnedPoints(model._core)
    for number, (joints, vertices) in enumerate(expected_points):
        assert points.add(model._core, joints=joints, vertices=vertices) == number
    assert len(points) == len(expected_points)

    parameters = random_parameters(model, rng)
    unposed = parameters | {"body_pose": np.zeros_like(parameters["body_pose"])}
    upright = parameters | {"global_orient": np.zeros(3)}
    for pose in (parameters, unposed, upright):
        vertices, joints = oracle(model, pose)
        expected = [
            sum((w * joints[j] for j, w in of_joints), np.zeros(3))
            + sum((w * vertices[v] for v, w in of_vertices), np.zeros(3))
            for of_joints, of_vertices in expected_points
        ]
        at, by_pose, by_betas = points.evaluate(model._core, **pose, jacobian=True)
        np.testing.assert_allclose(at, expected, rtol=0, atol=10 * DOUBLE)
        np.testing.assert_allclose(
            points.evaluate(model._core, **pose), at, rtol=0, atol=10 * DOUBLE
        )

        # Differences of step h are exact to about h^2 + eps / h = 1e-10 + 2e-11 (times a few m).
        h = 1e-5
        for name, jacobian in (
            ("global_orient", by_pose[..., :3]),
            ("body_pose", by_pose[..., 3:]),
            ("betas", by_betas),
        ):
            for column, step in enumerate(h * np.eye(jacobian.shape[2])):
                ahead, behind = (
                    points.evaluate(model._core, **(pose | {name: moved}))
                    for moved in (
                        pose[name] + step.reshape(pose[name].shape),
                        pose[name] - step.reshape(pose[name].shape),
                    )
                )
                np.testing.assert_allclose(
                    jacobian[..., column], (ahead - behind) / (2 * h), rtol=0, atol=1e-8
                )


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_keypoints_of_a_format_are_where_its_names_say(name, rng) -> None:
    model = load_body_model()
    parameters = random_parameters(model, rng)
    expected = reference.keypoints(model, FORMATS[name], *oracle(model, parameters))
    points, point_of_keypoint, _ = model.keypoint_points(FORMATS[name])
    at = points.evaluate(model._core, **parameters)
    for k, point in enumerate(point_of_keypoint):
        if np.isnan(expected[k, 0]):
            assert point == -1
        else:
            np.testing.assert_allclose(at[point], expected[k], rtol=0, atol=DOUBLE)


def test_a_format_of_which_the_body_has_nothing_is_an_error(rng) -> None:
    model = BodyModel(replace(random_arrays(rng), landmarks={}))
    only_nose = KeypointFormat.from_mapping("own", {"tip": "nose"})
    with pytest.raises(ValueError, match="model: expected a body with points of own"):
        model.keypoint_points(only_nose)


# --- Errors ---


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("betas", np.zeros(9), r"betas: expected shape \(10,\), got \(9,\)"),
        ("global_orient", np.zeros((3, 3)), r"global_orient: expected shape \(3,\), got \(3, 3\)"),
        ("body_pose", np.zeros((24, 3)), r"body_pose: expected shape \(23, 3\), got \(24, 3\)"),
        ("body_pose", np.zeros((3, 23)), r"body_pose: expected shape \(23, 3\), got \(3, 23\)"),
        ("transl", 1.0, r"transl: expected shape \(3,\), got \(\)"),
        ("betas", np.full(10, np.nan), "betas: expected finite numbers, got NaN or infinity"),
        ("transl", [0, 0, np.inf], "transl: expected finite numbers, got NaN or infinity"),
        ("dtype", np.float16, "dtype: expected float64 or float32, got float16"),
        ("dtype", np.int32, "dtype: expected float64 or float32, got int32"),
    ],
)
def test_a_wrong_parameter_is_an_error(name, value, message) -> None:
    with pytest.raises(ValueError, match=message):
        load_body_model()(**{name: value})


def changed(array: np.ndarray, index, value) -> np.ndarray:
    array = array.copy()
    array[index] = value
    return array


WRONG_ARRAYS = {
    "a cycle": (lambda a: {"parents": changed(a.parents, 4, 7)}, r"parents.*parents\[4\] = 7"),
    "its own parent": (lambda a: {"parents": changed(a.parents, 4, 4)}, r"parents.*\[4\] = 4"),
    "children before parents": (
        lambda a: {"parents": changed(a.parents, 4, 9)},
        "parents: expected",
    ),
    "two roots": (lambda a: {"parents": changed(a.parents, 4, -1)}, r"parents.*\[4\] = -1"),
    "no root": (lambda a: {"parents": changed(a.parents, 0, 0)}, "parents: expected -1.*got 0"),
    "no joints": (lambda a: {"parents": a.parents[:0]}, "parents: expected"),
    "v_template flat": (
        lambda a: {"v_template": a.v_template.ravel()},
        r"v_template: expected shape \(n, 3\), got \(150,\)",
    ),
    "shapedirs of fewer vertices": (
        lambda a: {"shapedirs": a.shapedirs[1:]},
        r"shapedirs: expected shape \(50, 3, n\), got \(49, 3, 4\)",
    ),
    "shapedirs of no betas": (lambda a: {"shapedirs": a.shapedirs[..., :0]}, "shapedirs: expected"),
    "posedirs of fewer joints": (
        lambda a: {"posedirs": a.posedirs[..., 9:]},
        r"posedirs: expected shape \(50, 3, 207\), got \(50, 3, 198\)",
    ),
    "J_regressor transposed": (
        lambda a: {"J_regressor": a.J_regressor.T},
        r"J_regressor: expected shape \(24, 50\), got \(50, 24\)",
    ),
    "lbs_weights transposed": (
        lambda a: {"lbs_weights": a.lbs_weights.T},
        r"lbs_weights: expected shape \(50, 24\), got \(24, 50\)",
    ),
    "faces of quads": (
        lambda a: {"faces": np.zeros((5, 4), np.int32)},
        r"faces: expected shape \(n, 3\), got \(5, 4\)",
    ),
    "a face of no vertex": (
        lambda a: {"faces": changed(a.faces, (0, 0), 50)},
        "faces: expected.*49",
    ),
    "a negative vertex": (lambda a: {"faces": changed(a.faces, 0, -1)}, "faces: expected"),
    "NaN in posedirs": (
        lambda a: {"posedirs": changed(a.posedirs, (0, 0, 0), np.nan)},
        "posedirs: expected finite numbers, got NaN or infinity",
    ),
    "infinity in v_template": (
        lambda a: {"v_template": changed(a.v_template, (0, 0), np.inf)},
        "v_template: expected finite numbers, got NaN or infinity",
    ),
}


@pytest.mark.parametrize("wrong", WRONG_ARRAYS)
def test_a_wrong_model_is_one_clear_error(wrong, rng) -> None:
    arrays = random_arrays(rng)
    change, message = WRONG_ARRAYS[wrong]
    with pytest.raises(ValueError, match=message):
        BodyModel(replace(arrays, **change(arrays)))


@pytest.mark.parametrize(
    ("joints", "vertices", "message"),
    [
        ([(24, 1.0)], [], "joints: expected numbers from 0 to 23, got 24"),
        ([(-1, 1.0)], [], "joints: expected numbers from 0 to 23, got -1"),
        ([], [(50, 1.0)], "vertices: expected numbers from 0 to 49, got 50"),
        ([], [(0, float("nan"))], "vertices: expected finite weights, got NaN or infinity"),
        ([], [], "joints, vertices: expected at least one of either, got none"),
    ],
)
def test_a_wrong_point_is_an_error(joints, vertices, message, rng) -> None:
    model = BodyModel(random_arrays(rng))
    points = _core.SkinnedPoints(model._core)
    with pytest.raises(ValueError, match=message):
        points.add(model._core, joints=joints, vertices=vertices)
    assert len(points) == 0


def test_points_of_another_body_are_refused(rng) -> None:
    """Their numbers mean other joints there, or none."""
    model, other = (BodyModel(random_arrays(rng, names)) for names in (SMPL_JOINTS, SMPLX_JOINTS))
    points, point_of_keypoint, roles = model.keypoint_points(FORMATS["lsp14"])
    with pytest.raises(ValueError, match="model: expected the body that the points"):
        points.evaluate(other._core, **other.parameters(None, None, None, None))
    with pytest.raises(ValueError, match="model: expected the body that the points"):
        points.add(other._core, joints=[(0, 1.0)])
    with pytest.raises(ValueError, match="model: expected the body that the points"):
        view = _core.View(
            points=points,
            point_of_keypoint=point_of_keypoint,
            roles=roles,
            keypoints=np.ones((14, 2)),
            confidence=np.ones(14),
            camera=Camera.guess(640, 480).core,
        )
        _core.Observations(model=other._core, views=[view])
