"""Measurements of a person: lengths and girths of a shape, and their uncertainty."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull

import smplceres as sc
from checks import random_arrays, seen_by, standing_person
from smplceres.body.girths import GIRTHS, convex_hull
from smplceres.body.measures import LIMBS
from smplceres.body.model_arrays import BodyModelArrays

CAMERA = sc.Camera(fx=900, fy=900, cx=319.5, cy=239.5, width=640, height=480)


@pytest.fixture(scope="module")
def model():
    return sc.load_body_model()


@pytest.fixture(scope="module")
def result(model):
    person = standing_person(model, np.random.default_rng(2))
    person["betas"] = np.random.default_rng(3).normal(size=10)
    return sc.fit(seen_by(CAMERA, model, person), CAMERA, model=model)


def test_convex_hulls_are_scipys(rng) -> None:
    points = rng.normal(size=(200, 2))
    hull = convex_hull(points)
    expected = points[ConvexHull(points).vertices]
    np.testing.assert_array_equal(np.sort(hull, axis=0), np.sort(expected, axis=0))
    ring = np.linalg.norm(hull - np.roll(hull, 1, axis=0), axis=1).sum()
    assert ring == pytest.approx(ConvexHull(points).area)


def test_heights_and_limbs_are_those_of_measures(model, rng) -> None:
    betas = rng.normal(size=10)
    measured = sc.measure(model, betas)
    assert measured["height"] == pytest.approx(sc.standing_height(model, betas))
    for name, length in sc.limb_lengths(model, betas).items():
        assert measured[name] == pytest.approx(length)
    assert set(measured) == {"height", *LIMBS, *GIRTHS}
    assert measured.std == {} and measured.covariance is None


def test_girths_are_those_that_trimesh_cuts(model, rng) -> None:
    """All the way round, of the ring about the line between the joints."""
    betas = rng.normal(size=10)
    measured = sc.measure(model, betas)
    body = model(betas=betas)
    mesh = trimesh.Trimesh(body.vertices, model.faces, process=False)
    for name, girth in GIRTHS.items():
        if girth.level:
            continue
        first, second = (body.joints[model.joint_names.index(end)] for end in girth.ends)
        place = first + girth.along * (second - first)
        section = mesh.section(second - first, place)
        ring = min(section.discrete, key=lambda ring: np.linalg.norm(ring.mean(axis=0) - place))
        across = np.linalg.svd((second - first)[None])[2][1:]
        assert measured[name] == pytest.approx(ConvexHull(ring @ across.T).area, abs=1e-6)


def test_a_pipe_has_the_girth_of_a_pipe() -> None:
    """A thigh of 64 sides and radius 8 cm: 2 pi r, less what corners cut off."""
    sides, r = 64, 0.08
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    rings = [
        np.column_stack([r * np.cos(angle), np.full(sides, y), r * np.sin(angle)])
        for y in (0.5, 0.0)
    ]
    i = np.arange(sides)
    j = (i + 1) % sides
    faces = np.concatenate(
        [np.column_stack([i, j, i + sides]), np.column_stack([j, j + sides, i + sides])]
    )
    regressor = np.zeros((3, 2 * sides))
    regressor[0, :sides] = regressor[1, :sides] = regressor[2, sides:] = 1 / sides
    weights = np.zeros((2 * sides, 3))
    weights[:sides, 1] = weights[sides:, 2] = 1
    growing = np.concatenate(rings) * [1, 0, 1]
    arrays = BodyModelArrays(
        name="pipe",
        v_template=np.concatenate(rings),
        shapedirs=growing[:, :, None],
        posedirs=np.zeros((2 * sides, 3, 18)),
        J_regressor=regressor,
        lbs_weights=weights,
        parents=np.array([-1, 0, 1], dtype=np.int32),
        faces=faces.astype(np.int32),
        joint_names=("pelvis", "left_hip", "left_knee"),
        landmarks={},
    )
    pipe = sc.BodyModel(arrays)
    round_it = 2 * sides * r * np.sin(np.pi / sides)
    measured = sc.measure(pipe, [0.1], covariance=[[0.04]])
    assert measured["left_thigh_girth"] == pytest.approx(1.1 * round_it)
    assert measured.std["left_thigh_girth"] == pytest.approx(0.2 * round_it)
    assert set(measured) == {"height", "left_thigh", "left_thigh_girth"}


@pytest.mark.parametrize(
    ("gender", "name", "low", "high"),
    [  # metres, what most adults have: a tape in a wrong place is off by more
        ("female", "chest_girth", 0.81, 1.10),
        ("female", "waist_girth", 0.68, 1.04),
        ("female", "hip_girth", 0.89, 1.16),
        ("female", "left_thigh_girth", 0.45, 0.66),
        ("female", "left_calf_girth", 0.32, 0.43),
        ("male", "chest_girth", 0.91, 1.21),
        ("male", "waist_girth", 0.75, 1.13),
        ("male", "hip_girth", 0.89, 1.16),
        ("male", "left_thigh_girth", 0.45, 0.66),
        ("male", "left_calf_girth", 0.34, 0.45),
    ],
)
def test_mean_bodies_have_girths_of_people(gender, name, low, high) -> None:
    assert low < sc.measure(sc.load_body_model(gender=gender))[name] < high


def test_both_sides_are_alike(model) -> None:
    measured = sc.measure(model)
    for name in GIRTHS:
        if name.startswith("left_"):
            other = measured[name.replace("left_", "right_")]
            assert measured[name] == pytest.approx(other, rel=0.01)


def test_the_uncertainty_is_that_of_drawn_betas(result, model) -> None:
    """Against shapes drawn from the covariance, made to have it exactly: what is left is what is
    not linear, 6 % at the neck and 3 % at the chest, below 2 % elsewhere."""
    measured = sc.measure(result)
    drawn = np.random.default_rng(0).normal(size=(60, 10))
    drawn -= drawn.mean(axis=0)
    drawn = np.linalg.solve(np.linalg.cholesky(drawn.T @ drawn / 60), drawn.T)
    betas = result.betas + (np.linalg.cholesky(result.covariance().betas) @ drawn).T
    lengths = np.array([list(sc.measure(model, each).values()) for each in betas])
    np.testing.assert_allclose(list(measured.std.values()), lengths.std(axis=0), rtol=0.1)
    assert measured.covariance.shape == (len(measured), len(measured))


def test_what_betas_leave_open_is_infinitely_unsure(model) -> None:
    of_betas = np.diag([np.inf, *np.ones(9)])
    measured = sc.measure(model, covariance=of_betas)
    assert np.isinf(list(measured.std.values())).all()  # the first moves all


def test_measurements_print_as_a_table(result) -> None:
    lines = str(sc.measure(result)).splitlines()
    assert len(lines) == len(sc.measure(result))
    assert lines[0].startswith("height") and " cm +- " in lines[0]


def test_a_loaded_fit_is_measured_with_its_model(result, model, tmp_path) -> None:
    result.save(tmp_path / "person.npz")
    loaded = sc.FitResult.load(tmp_path / "person.npz")
    before = sc.measure(result)
    for again in (sc.measure(loaded), sc.measure(loaded, model=model)):
        assert dict(again) == dict(before)
        np.testing.assert_allclose(again.covariance, before.covariance)


def test_what_a_body_has_no_joints_for_is_left_out(rng) -> None:
    body = sc.BodyModel(random_arrays(rng, tuple(f"joint_{i}" for i in range(5))))
    assert set(sc.measure(body)) == {"height"}


def test_wrong_betas_and_covariances_are_errors(model, result) -> None:
    with pytest.raises(ValueError, match=r"betas: expected shape \(10,\), got \(3,\)"):
        sc.measure(model, np.zeros(3))
    with pytest.raises(ValueError, match="betas: expected none with a fit"):
        sc.measure(result, np.zeros(10))
    with pytest.raises(ValueError, match=r"covariance: expected shape \[10, 10\], got \[3, 3\]"):
        sc.measure(model, covariance=np.eye(3))
