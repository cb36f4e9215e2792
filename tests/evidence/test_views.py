"""Several calibrated cameras: what they see together, some of them nothing, in any formats."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

from camera_ring import RING, SIZE, camera_about
from checks import seen_by, standing_person
from smplceres import (
    FORMATS,
    FitResult,
    Keypoints,
    WeakPerspectiveCamera,
    default_stages,
    fit,
    load_body_model,
    objective,
)
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View

BODY_25 = FORMATS["openpose_body25"]


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def seen_by_all(model, person, rng, cameras=RING, noise=0.0, formats=None):
    formats = formats or [BODY_25] * len(cameras)
    exact = [seen_by(c, model, person, f) for c, f in zip(cameras, formats, strict=True)]
    return [replace(k, xy=k.xy + rng.normal(0, noise, k.xy.shape)) for k in exact]


def joint_error(result: FitResult, model, person) -> float:
    """Metres, mean over joints, in the world."""
    return float(np.linalg.norm(result.joints - model.joints(**person), axis=1).mean())


@pytest.mark.parametrize("yaw", [0.0, 1.6, 3.1])
def test_four_cameras_find_the_body_in_the_world(yaw, model, rng) -> None:
    """With 2 px (7 mm) of noise in each picture to 3 cm, the default stages' priors in it; one
    picture has the depth of the whole body only to decimetres."""
    person = standing_person(model, rng, yaw=yaw)
    keypoints = seen_by_all(model, person, rng, noise=2.0)
    result = fit(keypoints, RING, model=model)
    assert len(result.views) == 4
    assert joint_error(result, model, person) < 0.03
    alone = fit(keypoints[0], RING[0], model=model)
    assert joint_error(result, model, person) < 0.5 * joint_error(alone, model, person)
    for view, camera, seen in zip(result.views, RING, keypoints, strict=True):
        assert view.camera.to_dict() == camera.to_dict()
        assert view.keypoints is seen
        body = seen_by(camera, model, result.parameters)
        np.testing.assert_allclose(view.keypoints2d, body.xy, atol=1e-6)
    assert result.reprojection_error() < 4
    assert len(result.residuals) == len(result.outliers) == 4 * len(BODY_25.names)


def test_one_view_in_a_list_is_one_view(model, rng) -> None:
    person = standing_person(model, rng, yaw=0.4)
    keypoints = seen_by(RING[1], model, person)
    one, listed = fit(keypoints, RING[1], model=model), fit([keypoints], [RING[1]], model=model)
    np.testing.assert_array_equal(one.joints, listed.joints)


def test_a_view_that_sees_nothing_changes_nothing(model, rng) -> None:
    """None, keypoints of confidence 0, and cameras that the body is behind of."""
    person = standing_person(model, rng, yaw=0.4)
    keypoints = seen_by_all(model, person, rng, noise=2.0)
    two = fit(keypoints[:2], RING[:2], model=model)
    behind = replace(RING[0], translation=np.array([0, 0, -9.0]))
    blind = replace(keypoints[2], confidence=np.zeros(len(keypoints[2])))
    result = fit([None, *keypoints[:2], blind], [behind, *RING[:2], RING[2]], model=model)
    np.testing.assert_allclose(result.joints, two.joints, atol=1e-9)
    assert not result.views[0].keypoints.visible.any()
    assert np.isnan(result.views[0].residuals).all()
    assert np.isfinite(result.covariance().joint_std).all()


def test_views_may_have_formats_and_lenses_of_their_own(model, rng) -> None:
    person = standing_person(model, rng, yaw=0.4)
    formats = [FORMATS["coco17"], BODY_25, FORMATS["mediapipe33"]]
    cameras = [
        RING[0],
        camera_about(1.4, fx=900, fy=950, cx=400, distortion=np.array([-0.2, 0.05, 1e-3, -1e-3])),
        camera_about(3.0, distance=6.0),
    ]
    keypoints = seen_by_all(model, person, rng, cameras, formats=formats)
    result = fit(keypoints, cameras, model=model)
    assert joint_error(result, model, person) < 0.02
    arrays = [np.c_[k.xy, k.confidence] for k in keypoints]
    names = [each.name for each in formats]
    again = fit(arrays, cameras, model=model, keypoint_format=names)
    np.testing.assert_array_equal(again.joints, result.joints)


def test_weak_perspective_views_find_their_scales(model, rng) -> None:
    person = standing_person(model, rng, yaw=0.4)
    truth = [
        WeakPerspectiveCamera(
            scale=scale,
            cx=500,
            cy=500,
            **SIZE,
            rotation=camera.rotation,
            translation=camera.translation,
        )
        for scale, camera in zip((200.0, 260.0), RING[:2], strict=True)
    ]
    keypoints = seen_by_all(model, person, rng, truth)
    result = fit(keypoints, [replace(camera, scale=None) for camera in truth], model=model)
    scales = [view.camera.scale for view in result.views]
    assert scales[1] / scales[0] == pytest.approx(1.3, rel=0.01)
    assert result.reprojection_error() < 2


def test_focal_lengths_of_several_cameras_are_found(model, rng) -> None:
    person = standing_person(model, rng, yaw=0.4)
    keypoints = seen_by_all(model, person, rng)
    guesses = [camera.zoomed(1.2) for camera in RING]
    stages = default_stages()
    for stage in stages[1:]:
        stage.rounds, stage.solver.max_iterations = 3, 100
        stage.solver.function_tolerance = 1e-9
        stage.focal_prior.weight = 0.0
    result = fit(keypoints, guesses, model=model, estimate_focal=True, preset=stages)
    found = [view.camera.fx for view in result.views]
    np.testing.assert_allclose(found, 1100, rtol=0.03)


def evaluated(model, views, stage, person, log_zoom):
    return _core.evaluate(
        make_scene(views, model, model.default_prior),
        stage,
        _core.State(
            _core.Variables(model._core, **person, log_zoom=log_zoom),
            initial_transl=person["transl"],
            pixels_per_metre=np.full(len(views), 250.0),
        ),
        root_chart=[0.1, -0.2, 0.05],
    )


@pytest.mark.parametrize(
    "formats", [["openpose_body25"] * 3, ["coco17", "openpose_body25", "lsp14"]]
)
def test_an_objective_of_views_is_the_sum_of_theirs(formats, model, rng) -> None:
    """Rows of each view as it has them alone, its zoom in its own column; both Jacobians agree."""
    person = standing_person(model, rng, yaw=0.4)
    cameras = RING[:3]
    keypoints = seen_by_all(model, person, rng, cameras, 5.0, [FORMATS[name] for name in formats])
    views = [View(k, c) for k, c in zip(keypoints, cameras, strict=True)]
    zooms = [0.1, -0.05, 0.02]
    stage = _core.Stage()
    stage.reprojection.weight = 1.0
    together = evaluated(model, views, stage, person, zooms)
    assert [term.name for term, _ in together["rows"]] == ["reprojection"] * 3
    begin, size = 0, together["jacobian"].shape[1]
    for number, (view, zoom) in enumerate(zip(views, zooms, strict=True)):
        alone = evaluated(model, [view], stage, person, [zoom])
        rows = slice(begin, begin + len(alone["residuals"]))
        begin = rows.stop
        np.testing.assert_allclose(together["residuals"][rows], alone["residuals"], rtol=1e-12)
        expected = np.zeros((len(alone["residuals"]), size))
        expected[:, : size - 3] = alone["jacobian"][:, :-1]
        expected[:, size - 3 + number] = alone["jacobian"][:, -1]
        np.testing.assert_allclose(together["jacobian"][rows], expected, atol=1e-9)
    assert begin == len(together["residuals"])

    autodiff = copy.copy(stage)
    autodiff.solver.jacobian = "autodiff"
    jets = evaluated(model, views, autodiff, person, zooms)
    np.testing.assert_allclose(jets["residuals"], together["residuals"], rtol=1e-9)
    largest = np.abs(together["jacobian"]).max()
    np.testing.assert_allclose(jets["jacobian"], together["jacobian"], atol=1e-9 * largest)


def test_more_views_are_surer(model, rng) -> None:
    """Depth before one camera is known badly; a second one across sees it."""
    person = standing_person(model, rng, yaw=0.4)
    keypoints = seen_by_all(model, person, rng, noise=2.0)
    one = fit(keypoints[0], RING[0], model=model).covariance(2.0)
    two = fit(keypoints[:2], RING[:2], model=model).covariance(2.0)
    assert two.joint_std.max() < 0.5 * one.joint_std.max()
    assert len(two.keypoints2d) == 50
    assert two.names[-2:] == ("zoom 0", "zoom 1")
    assert two.betas.shape == (model.num_betas, model.num_betas)


def test_a_fit_of_views_is_saved_and_is_a_start(tmp_path, model, rng) -> None:
    person = standing_person(model, rng, yaw=0.4)
    keypoints = seen_by_all(model, person, rng, noise=2.0)
    result = fit([*keypoints[:2], None], RING[:3], model=model)
    result.save(tmp_path / "person.npz")
    loaded = FitResult.load(tmp_path / "person.npz")
    assert len(loaded.views) == 3
    for view, other in zip(loaded.views, result.views, strict=True):
        np.testing.assert_array_equal(view.keypoints2d, other.keypoints2d)
        assert view.camera.to_dict() == other.camera.to_dict()
    again = fit([*keypoints[:2], None], RING[:3], model=model, initial=loaded)
    np.testing.assert_allclose(again.joints, result.joints, atol=5e-3)
    f = objective(keypoints[:2], RING[:2], model=model, initial=result.parameters)
    np.testing.assert_allclose(f.unpack(f.x0)["transl"], result.transl, atol=1e-12)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"camera": []}, ValueError, r"camera: expected at least one, got an empty list"),
        (
            {"camera": RING[:3]},
            ValueError,
            r"keypoints: expected one per camera, a list of 3, got 2",
        ),
        ({"camera": RING[0]}, ValueError, r"camera: expected a list of cameras .*, got one"),
        ({"camera": [RING[0], None]}, ValueError, r"camera: expected 2 cameras, got None at 1"),
        ({"camera": [RING[0], 3]}, TypeError, r"camera: expected a Camera or .*, got int"),
        (
            {"keypoints": [None, None]},
            ValueError,
            r"keypoints: expected those of at least one camera",
        ),
        ({"keypoints": 7.0}, ValueError, r"keypoints: expected one per camera, .* got no list"),
        ({"keypoint_format": ["coco17"] * 3}, ValueError, r"keypoint_format: .* \(2\), got 3"),
    ],
)
def test_views_that_do_not_fit_are_named(changed, error, message, model, rng) -> None:
    person = standing_person(model, rng)
    arguments = {"keypoints": seen_by_all(model, person, rng)[:2], "camera": RING[:2]} | changed
    with pytest.raises(error, match=message):
        fit(**arguments, model=model)


def test_views_with_too_little_in_each_are_refused(model, rng) -> None:
    person = standing_person(model, rng)
    few = [
        replace(k, confidence=k.confidence * (np.arange(len(k)) < 3))
        for k in seen_by_all(model, person, rng)[:2]
    ]
    few = [Keypoints(k.xy, k.confidence * (np.arange(25) > 0), k.format) for k in few]
    with pytest.raises(ValueError, match=r"keypoints: expected at least 3 visible .* got 2"):
        fit(few, RING[:2], model=model)
