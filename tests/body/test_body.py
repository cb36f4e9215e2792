"""The body against the oracle: vertices, joints, skinned points and their Jacobians."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import reference
from checks import random_arrays
from smplceres import BodyModel, Camera, load_body_model
from smplceres._native import _core
from smplceres.base.skeleton import SMPL_JOINTS, SMPLX_JOINTS
from smplceres.keypoint_formats import FORMATS, KeypointFormat

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


# --- Many bodies at once ---


def some_bodies(model: BodyModel, rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    each = [random_parameters(model, rng) for _ in range(count)]
    return {name: np.array([pose[name] for pose in each]) for name in each[0]}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bodies_of_a_batch_are_those_alone_to_the_bit(model, dtype, rng) -> None:
    poses = some_bodies(model, rng, 8)  # threes together, and two that are left over
    for count in (1, 2, 8):
        batch = model(**{name: values[:count] for name, values in poses.items()}, dtype=dtype)
        assert batch.vertices.shape == (count, model.num_vertices, 3)
        assert batch.joints.shape == (count, model.num_joints, 3)
        for i in range(count):
            alone = model(**{name: values[i] for name, values in poses.items()}, dtype=dtype)
            np.testing.assert_array_equal(batch.vertices[i], alone.vertices)
            np.testing.assert_array_equal(batch.joints[i], alone.joints)
    np.testing.assert_array_equal(model.joints(**poses), model(**poses).joints)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_threads_change_no_bit(dtype, rng) -> None:
    model = load_body_model()
    poses = some_bodies(model, rng, 70)  # more than one job's bodies
    one, many = (model(**poses, dtype=dtype, threads=threads) for threads in (1, 5))
    np.testing.assert_array_equal(one.vertices, many.vertices)
    np.testing.assert_array_equal(one.joints, many.joints)


def test_leading_dimensions_broadcast(model, rng) -> None:
    poses = some_bodies(model, rng, 6)
    J = model.num_joints
    given = {
        "betas": poses["betas"][0],
        "global_orient": poses["global_orient"][:2, None],
        "body_pose": poses["body_pose"][:3],
    }
    batch = model(**given)
    assert batch.vertices.shape == (2, 3, model.num_vertices, 3)
    assert model.joints(**given).shape == (2, 3, J, 3)
    for i, j in np.ndindex(2, 3):
        alone = model(
            betas=given["betas"],
            global_orient=poses["global_orient"][i],
            body_pose=poses["body_pose"][j],
        )
        np.testing.assert_array_equal(batch.vertices[i, j], alone.vertices)
    flat = given | {"body_pose": given["body_pose"].reshape(3, -1)}
    np.testing.assert_array_equal(model(**flat).vertices, batch.vertices)
    assert model(transl=np.zeros((1, 3))).vertices.shape == (1, model.num_vertices, 3)
    assert model(transl=np.zeros((0, 3))).vertices.shape == (0, model.num_vertices, 3)


def test_float32_is_off_by_its_rounding_and_that_of_the_pose_blend_shapes(rng) -> None:
    """Blend shapes of up to 3 cm on all vertices and joints: more than bodies have."""
    small = random_arrays(rng)
    posedirs = rng.normal(size=small.posedirs.shape)
    model = BodyModel(replace(small, posedirs=0.03 * posedirs / np.abs(posedirs).max()))
    poses = some_bodies(model, rng, 20) | {"transl": None}
    exact, rounded = (model(**poses, dtype=dtype).vertices for dtype in (np.float64, np.float32))
    # Integers of steps s = 0.03 / 32767 m are off by 0.3 s each (standard deviation), and a pose's
    # 207 features have a length of about 6: 1.6 um, four of which no coordinate of these exceeds.
    assert 1e-8 < np.abs(rounded - exact).max() < 7e-6
    assert np.sqrt(np.mean((rounded - exact) ** 2)) < 2e-6


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
        at, by_pose, by_betas = points.evaluate_with_jacobian(model._core, **pose)
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
        ("betas", np.ones(11), r"betas: expected shape \(..., 10\), got \(11,\)"),
        ("global_orient", np.eye(4), r"global_orient: expected shape \(..., 3\), got \(4, 4\)"),
        (
            "body_pose",
            np.zeros((24, 3)),
            r"body_pose: expected shape \(..., 23, 3\), got \(24, 3\)",
        ),
        (
            "body_pose",
            np.zeros((3, 23)),
            r"body_pose: expected shape \(..., 23, 3\), got \(3, 23\)",
        ),
        ("body_pose", np.zeros(3), r"body_pose: expected shape \(..., 23, 3\), got \(3,\)"),
        ("transl", 1.0, r"transl: expected shape \(..., 3\), got \(\)"),
        ("betas", np.full(10, np.nan), "betas: expected finite numbers, got NaN or infinity"),
        ("transl", [0, 0, np.inf], "transl: expected finite numbers, got NaN or infinity"),
        ("dtype", np.float16, "dtype: expected float64 or float32, got float16"),
        ("dtype", np.int32, "dtype: expected float64 or float32, got int32"),
        ("threads", 0, "threads: expected a whole number >= 1 or None, got 0"),
    ],
)
def test_a_wrong_parameter_is_an_error(name, value, message) -> None:
    with pytest.raises(ValueError, match=message):
        load_body_model()(**{name: value})


def test_numbers_of_bodies_that_do_not_fit_are_one_clear_error(rng) -> None:
    model = load_body_model()
    poses = {"betas": np.zeros((4, 10)), "transl": np.zeros((5, 3))}
    message = r"betas, .*: expected .* that broadcast, got \(4,\), \(\), \(\), \(5,\)"
    for call in (model, model.joints):
        with pytest.raises(ValueError, match=message):
            call(**poses)
    core = poses | {"global_orient": np.zeros((1, 3)), "body_pose": np.zeros((1, 23, 3))}
    for call in (model._core.pose, model._core.joints):
        with pytest.raises(ValueError, match="as many bodies of each, or one, got 4, 1, 1"):
            call(**core)
        with pytest.raises(ValueError, match=r"transl: expected shape \(n, 3\), got \(3,\)"):
            call(**core | {"transl": np.zeros(3)})


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
        _core.Scene(model=other._core, pose_prior=other.default_prior.core, views=[view])
