"""Further slices of a frame: a body with three more coefficients is fitted, saved, given a
covariance and tracked by code without special cases for them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import smplceres as sc
from ball_bodies import crossed_arms
from checks import Scene, State, projected, random_arrays, random_state, stage_with, standing_person
from smplceres._native import _core
from smplceres.base.files.package_data import DATA
from smplceres.body.model_arrays import FrameSlice
from smplceres.body.model_files import read_body_model
from smplceres.keypoints.formats import FORMATS
from smplceres.keypoints.markers import MarkerFormat

CAMERA = sc.Camera(fx=1000, fy=1000, cx=500, cy=500, width=1000, height=1000)
NAME = "bulges"
TRUTH = {NAME: np.array([0.8, -0.5, 1.1])}


def bodies(rng: np.random.Generator, size: int = 3) -> tuple[sc.BodyModel, sc.BodyModel]:
    """A small random body with a slice, and the same body with that slice as its last betas."""
    return bodies_of(random_arrays(rng), rng, size)


def bodies_of(arrays, rng: np.random.Generator, size: int = 3):
    directions = rng.normal(0, 0.05, (len(arrays.v_template), 3, size))
    joined = np.concatenate([arrays.shapedirs, directions], axis=-1)
    sliced = replace(arrays, frame_slices=(FrameSlice(NAME, directions),))
    return sc.BodyModel(sliced), sc.BodyModel(replace(arrays, shapedirs=joined))


def joined_betas(parameters) -> dict[str, np.ndarray]:
    others = {name: value for name, value in parameters.items() if name != "slices"}
    betas = np.concatenate([parameters["betas"], *parameters["slices"].values()], axis=-1)
    return others | {"betas": betas}


def marker_places(model, markers, parameters) -> np.ndarray:
    return model(**parameters).vertices[list(markers.vertices)]


@pytest.fixture
def measured(rng):
    """A body with a slice, a state of it, and exact positions of all its vertices."""
    model, _ = bodies(rng)
    truth = standing_person(model, rng) | {"slices": TRUTH}
    markers = MarkerFormat(range(model.num_vertices))
    return model, truth, sc.Keypoints3D(marker_places(model, markers, truth), format=markers)


def exact_stage() -> sc.Stage:
    stage = sc.Stage()
    for part in vars(_core.Stage):
        options = getattr(stage, part)
        if hasattr(options, "weight"):
            options.weight = 0.0
    stage.points3d.weight = 1.0
    stage.points3d.robust = "none"
    stage.solver.max_iterations = 100
    stage.solver.function_tolerance = 1e-14
    return stage


def fit_from(start, model, truth, points, stage) -> sc.FitResult:
    return sc.fit(
        seen(model, truth), CAMERA, model=model, keypoints3d=points, initial=start, preset=[stage]
    )


def fitted(model, truth, points, **changed) -> sc.FitResult:
    near = {name: truth[name] for name in ("global_orient", "transl")}
    start = near | {"body_pose": truth["body_pose"] + 0.05, "betas": np.zeros(model.num_betas)}
    stage = exact_stage()
    for name, value in changed.items():
        setattr(stage, name, value)
    return fit_from(start, model, truth, points, stage)


def test_the_layout_names_all_numbers(rng) -> None:
    model, _ = bodies(rng)
    layout = model.layout
    assert [name for name, _, _ in layout.slices] == ["global_orient", "body_pose", "transl", NAME]
    ends = np.cumsum([size for _, _, size in layout.slices])
    assert [begin for _, begin, _ in layout.slices] == [0, *ends[:-1]]
    assert layout.size == ends[-1]
    names = layout.names(model.joint_names)
    assert names[:3] == ["global_orient x", "global_orient y", "global_orient z"]
    assert names[3] == f"{model.joint_names[1]} x"
    assert names[-4:] == ["transl z", f"{NAME} 0", f"{NAME} 1", f"{NAME} 2"]
    assert sc.load_body_model().layout.further == []


def test_a_slice_moves_the_body_as_betas_do(rng) -> None:
    sliced, joined = bodies(rng)
    parameters = {
        "betas": rng.normal(size=(5, sliced.num_betas)),
        "global_orient": rng.normal(size=(5, 3)),
        "body_pose": rng.normal(0, 0.4, (5, sliced.num_joints - 1, 3)),
        "transl": rng.normal(size=3),
        "slices": {NAME: rng.normal(size=(5, 3))},
    }
    for dtype in (np.float64, np.float32):
        by_slice = sliced(**parameters, dtype=dtype)
        by_betas = joined(**joined_betas(parameters), dtype=dtype)
        np.testing.assert_array_equal(by_slice.vertices, by_betas.vertices)
        np.testing.assert_array_equal(by_slice.joints, by_betas.joints)
    shared = parameters | {"slices": {NAME: [0.5, 0.0, -1.0]}}
    repeated = parameters | {"slices": {NAME: np.tile(shared["slices"][NAME], (5, 1))}}
    np.testing.assert_array_equal(sliced.joints(**shared), sliced.joints(**repeated))


def scene_of(model, rng) -> Scene:
    """Keypoints at random positions, since residuals need not be small."""
    pixels, confidence = rng.uniform(0, 1000, (25, 2)), rng.uniform(0.3, 1, 25)
    keypoints = sc.Keypoints(pixels, confidence, FORMATS["openpose_body25"])
    return Scene(model, keypoints, CAMERA, sc.anatomical_prior(24))


@pytest.mark.parametrize("jacobian", ["fast", "autodiff"])
def test_derivatives_are_those_of_betas(jacobian, rng) -> None:
    """Both agree in the frame's columns, including collisions', whose shape is free here."""
    sliced, joined = bodies_of(read_body_model(DATA / "body_neutral.npz", num_betas=4), rng)
    scene = scene_of(sliced, rng)
    state = replace(random_state(sliced, rng), body_pose=crossed_arms(0.5))
    stage = stage_with(reprojection=1.0, interpenetration=1e3, pose_prior=1.0)
    stage.solver.jacobian = jacobian
    stage.interpenetration.shape = True
    expected = scene_with(scene, joined).evaluate(stage, as_betas(state, joined))
    found = scene.evaluate(stage, state)
    assert found["evaluated"]
    assert "interpenetration" in [term.name for term, _ in found["rows"]]
    np.testing.assert_allclose(found["residuals"], expected["residuals"], rtol=1e-12)
    begin = {name: begin for name, begin, _ in sliced.layout.slices}[NAME]
    B = sliced.num_betas
    order = [*range(begin), *range(begin + 3, begin + 3 + B), *range(begin, begin + 3), -1]
    scale = np.abs(expected["jacobian"]).max()
    np.testing.assert_allclose(
        found["jacobian"][:, order], expected["jacobian"], rtol=0, atol=1e-12 * scale
    )
    assert np.abs(found["jacobian"][:, begin : begin + 3]).max() > 0


def scene_with(scene: Scene, model: sc.BodyModel) -> Scene:
    return replace(scene, model=model)


def as_betas(state: State, joined: sc.BodyModel) -> State:
    betas = np.concatenate([state.betas, state.slices[NAME]])
    return replace(state, betas=betas, slices={}, layout=joined.layout)


def test_the_shape_prior_holds_a_slice_at_zero(rng) -> None:
    model, _ = bodies(rng)
    state = random_state(model, rng)
    stage = stage_with(shape_prior=2.5)
    scene = scene_of(model, rng)
    residuals, _ = scene.rows_of("shape_prior", stage, state)
    psi = state.slices[NAME]
    np.testing.assert_allclose(
        residuals @ residuals, 2.5 * (state.betas @ state.betas + psi @ psi), rtol=1e-12
    )
    h = 1e-5
    _, jacobian = scene.rows_of("shape_prior", stage, state)
    for column, step in enumerate(h * np.eye(jacobian.shape[1])):
        ahead, _ = scene.rows_of("shape_prior", stage, state.moved(step))
        behind, _ = scene.rows_of("shape_prior", stage, state.moved(-step))
        np.testing.assert_allclose((ahead - behind) / (2 * h), jacobian[:, column], atol=1e-8)


def test_a_slice_is_fitted(measured) -> None:
    result = fitted(*measured)
    _, truth, _ = measured
    np.testing.assert_allclose(result.slices[NAME], TRUTH[NAME], atol=1e-5)
    np.testing.assert_allclose(result.betas, truth["betas"], atol=1e-5)
    np.testing.assert_allclose(result.vertices, measured[2].xyz, atol=1e-6)


@pytest.mark.parametrize("minimizer", ["lm", "dogleg", "lbfgs"])
def test_every_minimizer_moves_a_slice(minimizer, measured) -> None:
    model, truth, points = measured
    stage = exact_stage()
    stage.solver.minimizer = minimizer
    stage.solver.max_iterations = 1000
    start = truth | {"slices": {NAME: np.zeros(3)}}
    result = fit_from(start, model, truth, points, stage)
    np.testing.assert_allclose(result.slices[NAME], TRUTH[NAME], atol=1e-3)


def test_a_slice_stays_where_a_stage_holds_it(measured) -> None:
    held = fitted(*measured, held_slices=[NAME])
    np.testing.assert_array_equal(held.slices[NAME], np.zeros(3))
    without_pose = fitted(*measured, free_body_pose=False)
    np.testing.assert_array_equal(without_pose.slices[NAME], np.zeros(3))
    with pytest.raises(ValueError, match=f"held_slices: expected .*{NAME}.*, got jaw"):
        fitted(*measured, held_slices=["jaw"])


def test_initial_takes_a_slice(measured) -> None:
    model, truth, points = measured
    start = truth | {"slices": {NAME: [0.1, 0.2, 0.3]}}
    stage = exact_stage()
    stage.held_slices = [NAME]
    result = fit_from(start, model, truth, points, stage)
    np.testing.assert_array_equal(result.slices[NAME], [0.1, 0.2, 0.3])
    again = fit_from(result, model, truth, points, stage)
    np.testing.assert_array_equal(again.slices[NAME], [0.1, 0.2, 0.3])


def test_a_slice_is_saved_and_loaded(measured, tmp_path) -> None:
    result = fitted(*measured, held_slices=[])
    result.save(tmp_path / "fit.npz")
    loaded = sc.FitResult.load(tmp_path / "fit.npz")
    for name in ("global_orient", "body_pose", "betas", "transl", "vertices"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(result, name))
    assert set(loaded.slices) == {NAME}
    np.testing.assert_array_equal(loaded.slices[NAME], result.slices[NAME])
    np.testing.assert_array_equal(
        loaded.stages[-1].parameters["slices"][NAME], result.stages[-1].parameters["slices"][NAME]
    )
    result.save(tmp_path / "fit.json")
    plain = json.loads((tmp_path / "fit.json").read_text())
    assert plain[f"slices/{NAME}"] == result.slices[NAME].tolist()


def test_a_slice_has_a_covariance(measured, tmp_path) -> None:
    model, _, _ = measured
    result = fitted(*measured)
    covariance = result.covariance()
    assert len(covariance.names) == len(covariance.matrix)
    columns = [covariance.names.index(f"{NAME} {i}") for i in range(3)]
    of_slice = covariance.of(NAME)
    np.testing.assert_array_equal(of_slice, covariance.matrix[np.ix_(columns, columns)])
    assert np.isfinite(of_slice).all() and (np.linalg.eigvalsh(of_slice) > 0).all()
    assert np.isfinite(covariance.joint_std).all()
    result.save(tmp_path / "fit.npz")
    loaded = sc.FitResult.load(tmp_path / "fit.npz").covariance(model=model)
    np.testing.assert_array_equal(loaded.matrix, covariance.matrix)
    with pytest.raises(ValueError, match=r"expected some of .*, got .*jaw"):
        covariance.of("jaw")


def test_a_covariance_is_that_of_betas(rng) -> None:
    """The variances equal those of the same coefficients as betas, since the prior is the same."""
    sliced, joined = bodies(rng)
    person = standing_person(sliced, rng) | {"slices": TRUTH}
    markers = MarkerFormat(range(sliced.num_vertices))
    points = sc.Keypoints3D(marker_places(sliced, markers, person), format=markers)
    stage = exact_stage()
    stage.shape_prior.weight = stage.pose_prior.weight = 1.0
    stage.solver.max_iterations = 0
    by_slice, by_betas = (
        fit_from(start, model, start, points, stage).covariance(1.0)
        for model, start in ((sliced, person), (joined, joined_betas(person)))
    )
    kept = [i for i, name in enumerate(by_slice.names) if not name.startswith(NAME)]
    same = [by_betas.names.index(by_slice.names[i]) for i in kept]
    np.testing.assert_allclose(
        by_slice.matrix[np.ix_(kept, kept)],
        by_betas.matrix[np.ix_(same, same)],
        rtol=1e-6,
        atol=1e-12,
    )
    last = [by_betas.names.index(f"betas {sliced.num_betas + i}") for i in range(3)]
    np.testing.assert_allclose(
        by_slice.of(NAME), by_betas.matrix[np.ix_(last, last)], rtol=1e-6, atol=1e-12
    )


def test_a_slice_is_tracked(rng) -> None:
    """A slice that oscillates is tracked. With one camera priors determine its offset."""
    model, _ = bodies(rng)
    person = standing_person(model, rng)
    columns = [
        begin + i for name, begin, size in model.layout.slices for i in range(size) if name == NAME
    ]
    tracker = sc.Tracker(CAMERA, model=model, rate=30.0)
    followed, truth, variances = [], [], []
    for frame in range(60):
        truth.append(TRUTH[NAME] * np.sin(2 * np.pi * frame / 40))
        swung = person | {"slices": {NAME: truth[-1]}}
        tracked = tracker.update(seen(model, swung), frame / 30.0)
        assert tracked.status == "tracked"
        followed.append(tracked.slices[NAME])
        variances.append(np.diag(tracked.covariance)[columns])
    for of_truth, of_tracked in zip(np.transpose(truth), np.transpose(followed), strict=True):
        assert np.corrcoef(of_truth[20:], of_tracked[20:])[0, 1] > 0.95
    assert np.isfinite(variances).all() and (np.array(variances) > 0).all()
    assert (variances[20] < variances[0]).all(), "surer with every frame"

    assert len(tracked.velocity) == model.layout.size
    assert np.abs(tracked.velocity[columns]).max() > 0
    later = tracker.predict(59 / 30 + 1e-3)["slices"][NAME]
    expected = tracked.slices[NAME] + 1e-3 * tracked.velocity[columns]
    np.testing.assert_allclose(later, expected, rtol=0.02)
    assert all(set(parameters["slices"]) == {NAME} for _, parameters in tracker.smoothed())
    np.testing.assert_array_equal(tracked.fit.slices[NAME], tracked.slices[NAME])


def seen(model, parameters) -> sc.Keypoints:
    return projected(CAMERA, model, parameters, FORMATS["openpose_body25b"])


def test_a_sequence_has_the_slices_of_its_frames(rng, tmp_path) -> None:
    """Resumed from its checkpoint, saved and loaded; each frame's is its own."""
    model, _ = bodies(rng)
    person = standing_person(model, rng)
    swung = [person | {"slices": {NAME: factor * TRUTH[NAME]}} for factor in (-1.0, -0.5, 0.5, 1.0)]
    keypoints = [seen(model, each) for each in swung]
    settings = {"fps": 30.0, "model": model, "checkpoint": tmp_path / "clip"}
    result = sc.fit_sequence(keypoints, CAMERA, **settings)
    assert result.slices[NAME].shape == (4, 3)
    assert np.isfinite(result.slices[NAME]).all()
    change = result.slices[NAME][-1] - result.slices[NAME][0]
    assert change @ TRUTH[NAME] > 0
    again = sc.fit_sequence(keypoints, CAMERA, **settings)
    np.testing.assert_array_equal(again.slices[NAME], result.slices[NAME])

    result.save(tmp_path / "sequence.npz")
    loaded = sc.SequenceResult.load(tmp_path / "sequence.npz", model)
    np.testing.assert_array_equal(loaded.slices[NAME], result.slices[NAME])
    np.testing.assert_array_equal(loaded[2].slices[NAME], result.slices[NAME][2])
    names = loaded[2].covariance().names
    assert [name for name in names if name.startswith(NAME)] == [f"{NAME} {i}" for i in range(3)]


@pytest.mark.parametrize(
    ("slices", "message"),
    [
        ([("jaw", 2), ("jaw", 1)], "different names.*got 'jaw'"),
        ([("transl", 1)], "different names.*got 'transl'"),
        ([("betas", 1)], "different names.*got 'betas'"),
        ([("", 1)], "different names.*got ''"),
    ],
)
def test_names_are_taken_once(slices, message, rng) -> None:
    arrays = random_arrays(rng)
    directions = tuple(FrameSlice(name, np.ones((50, 3, size))) for name, size in slices)
    with pytest.raises(ValueError, match=message):
        sc.BodyModel(replace(arrays, frame_slices=directions))


@pytest.mark.parametrize("walk_sigma", [0.0, -1.0, np.nan, np.inf])
def test_a_walk_has_a_positive_sigma(walk_sigma, rng) -> None:
    arrays = random_arrays(rng)
    with pytest.raises(ValueError, match="walk_sigma"):
        sc.BodyModel(
            replace(arrays, frame_slices=(FrameSlice("jaw", np.ones((50, 3, 1)), walk_sigma),))
        )


def test_a_body_without_the_slice_refuses_it(rng) -> None:
    model, _ = bodies(rng)
    with pytest.raises(ValueError, match=r"slices: expected .*bulges.*, got .*jaw"):
        model(slices={"jaw": [1.0]})
    with pytest.raises(ValueError, match=r"slices: expected .*, got .*jaw"):
        sc.load_body_model().joints(slices={"jaw": [1.0]})
    with pytest.raises(ValueError, match="bulges: expected shape"):
        model(slices={NAME: [1.0]})
