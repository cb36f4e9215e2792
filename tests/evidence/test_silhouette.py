"""Masks, the outline of a body, and the terms between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

import reference
import smplceres as sc
from checks import Scene, State, check_term, random_arrays, seen_by, stage_with, standing_person
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View

CAMERA = sc.Camera(fx=700, fy=710, cx=179.5, cy=239.5, width=360, height=480)
WEAK = sc.WeakPerspectiveCamera(scale=190.0, cx=179.5, cy=239.5, width=360, height=480)
NAMES = ("global_orient", "body_pose", "betas", "transl")


@pytest.fixture(scope="module")
def model():
    return sc.load_body_model()


def rendered(camera, model, parameters) -> np.ndarray:
    size = {"width": camera.width, "height": camera.height}
    return _core.rasterise(camera.core, model(**parameters).vertices, model.faces, **size)[0] >= 0


def disc(radius=40.0, middle=(60.3, 50.6), size=(110, 120)) -> np.ndarray:
    y, x = np.mgrid[: size[0], : size[1]]
    return np.hypot(x - middle[0], y - middle[1]) <= radius


def variables_of(model, parameters, log_zoom=0.0) -> _core.Variables:
    return _core.Variables(model._core, **parameters, log_zoom=[log_zoom])


# --- A mask's distances and its outline ---


def test_distances_are_exact_on_whole_pixels_of_a_straight_edge() -> None:
    """Where the distance is linear the spline leaves it as it is: half pixels are exact."""
    pixels = np.zeros((40, 60), dtype=bool)
    pixels[:, :30] = True
    at = np.c_[np.linspace(24, 55, 40), np.full(40, 20.3)]
    distance, gradient = _core.Mask(pixels).signed_distance(at)
    # The border of picture and floor of depth are further than the spline's two pixels.
    np.testing.assert_allclose(distance, at[:, 0] - 29.5, atol=1e-6)
    np.testing.assert_allclose(gradient, np.tile([1.0, 0.0], (40, 1)), atol=1e-6)


def test_distances_are_those_of_the_euclidean_transform(rng) -> None:
    """Smoothed by the spline's weights 1/6, 2/3, 1/6 along both axes, at centres of pixels."""
    pixels = rng.random((50, 70)) < 0.02
    outside = distance_transform_edt(~pixels) - 0.5
    inside = np.maximum(0.5 - distance_transform_edt(pixels), -8)
    padded = np.pad(np.where(pixels, inside, outside), 1, mode="edge")
    smooth = padded[:-2] / 6 + padded[1:-1] * 2 / 3 + padded[2:] / 6
    smooth = smooth[:, :-2] / 6 + smooth[:, 1:-1] * 2 / 3 + smooth[:, 2:] / 6
    y, x = np.mgrid[:50, :70]
    distance, _ = _core.Mask(pixels).signed_distance(np.c_[x.ravel(), y.ravel()])
    # float32 distances up to 30 px.
    np.testing.assert_allclose(distance, smooth.ravel(), atol=1e-5)


def test_distance_and_gradient_are_smooth_between_pixels() -> None:
    """Along a line through the outline: differences of the value are the gradient's, and the
    gradient itself changes by no more than its slope allows, nowhere by a jump."""
    mask = _core.Mask(disc())
    h = 1e-3
    line = np.array([60.3, 50.6]) + np.outer(np.arange(35, 48, h), [np.cos(0.4), np.sin(0.4)])
    distance, gradient = mask.signed_distance(line)
    along = gradient @ [np.cos(0.4), np.sin(0.4)]
    slope = (distance[2:] - distance[:-2]) / (2 * h)
    np.testing.assert_allclose(slope, along[1:-1], atol=1e-5)  # h^2 times the third derivative
    # Second derivatives of a spline of pixels that differ by 1: below 2 per pixel.
    assert np.abs(np.diff(gradient, axis=0)).max() < 2 * h


def test_the_outline_of_a_disc_is_its_circle_below_a_pixel() -> None:
    mask = _core.Mask(disc())
    from_middle = mask.contour - [60.3, 50.6]
    radius = np.linalg.norm(from_middle, axis=1)
    # Pixels in or out place an edge within half a pixel; the smooth distance evens that out.
    assert abs(radius.mean() - 40) < 0.1
    assert radius.std() < 0.25
    outward = (mask.normals * from_middle).sum(axis=1) / radius
    assert outward.min() > 0.85
    np.testing.assert_allclose(np.linalg.norm(mask.normals, axis=1), 1, atol=1e-12)
    gaps = np.linalg.norm(np.diff(mask.contour, axis=0), axis=1)
    assert 220 <= len(gaps) <= 300, "a circumference of 251 px"
    assert gaps.max() < 2.0, "evenly: no two points further apart than two pixels"


def test_holes_have_an_outline_too() -> None:
    ring = disc() & ~disc(15.0)
    mask = _core.Mask(ring)
    radius = np.linalg.norm(mask.contour - [60.3, 50.6], axis=1)
    assert (np.abs(radius - 15) < 1).sum() > 50
    inner = np.abs(radius - 15) < 1
    towards = (mask.normals * (mask.contour - [60.3, 50.6])).sum(axis=1)
    assert (towards[inner] < 0).all(), "away from the person is into the hole"


def test_the_border_of_the_picture_is_no_outline_and_pulls_nothing_inwards() -> None:
    cut = disc(middle=(60.3, 100.0))  # the lower border cuts it
    mask = _core.Mask(cut)
    assert mask.contour[:, 1].max() < 109.4
    assert (mask.normals[:, 1] < 0.5).all(), "none points down, out of the picture"
    below = np.c_[np.full(20, 60.3), np.linspace(109.5, 400, 20)]
    distance, gradient = mask.signed_distance(below)
    assert (distance < 0).all(), "below the picture is as good as at its border"
    assert (gradient[1:][:, 1] == 0).all()
    beside = np.array([[115.0, 60.0], [119.5, 60.0], [150.0, 60.0], [1e6, 60.0]])
    distance, gradient = mask.signed_distance(beside)
    assert distance[0] < distance[1] == distance[2] == distance[3], "no more than at the border"
    np.testing.assert_array_equal(gradient[2:, 0], 0)


def test_a_mask_that_fills_the_picture_says_nothing() -> None:
    mask = _core.Mask(np.ones((20, 30), dtype=bool))
    assert mask.contour.shape == (0, 2)
    distance, _ = mask.signed_distance([[5.0, 5.0], [-40.0, 7.0]])
    assert (distance < 0).all()


# --- The body's outline ---


@pytest.mark.parametrize("camera", [CAMERA, WEAK], ids=["pinhole", "weak"])
def test_the_outline_of_a_body_is_that_of_its_mask(camera, model, rng) -> None:
    parameters = standing_person(model, rng, yaw=0.5)
    mask = _core.Mask(rendered(camera, model, parameters))
    edges, normals = _core.outline(model._core, camera.core, variables_of(model, parameters))
    uv = camera.project(model(**parameters).vertices)
    distance, gradient = mask.signed_distance(uv[edges].mean(axis=1))
    # Coarse pixels: one is 13 mm of the body, more than most gaps between its limbs and folds.
    assert np.median(np.abs(distance)) < 0.3
    assert np.percentile(np.abs(distance), 90) < 1.0
    assert np.mean((gradient * normals).sum(axis=1) > 0.7) > 0.85

    options = _core.SilhouetteContourOptions()
    numbers, ends, share = _core.match_contour(
        model._core, camera.core, variables_of(model, parameters), mask, options, unit=1.0
    )
    assert len(numbers) > 0.97 * len(mask.contour)
    points = uv[ends[:, 0]] * (1 - share)[:, None] + uv[ends[:, 1]] * share[:, None]
    off = ((points - mask.contour[numbers]) * mask.normals[numbers]).sum(axis=1)
    assert abs(off.mean()) < 0.1, "no bias: the outline is where the mask's is"
    assert np.median(np.abs(off)) < 0.3


def test_points_are_spread_over_outline_and_body(model, rng) -> None:
    parameters = standing_person(model, rng)
    at = variables_of(model, parameters)
    ends, share = _core.spread_points(model._core, CAMERA.core, at, count=200)
    assert len(ends) == 200
    on_outline = ends[:, 0] != ends[:, 1]
    assert on_outline.sum() == 100
    assert ((share >= 0) & (share <= 1)).all()
    body = model(**parameters)
    for joint in ("left_foot", "right_hand", "head"):
        place = body.joints[model.joint_names.index(joint)]
        assert np.linalg.norm(body.vertices[ends[:, 0]] - place, axis=1).min() < 0.2


def test_a_body_behind_the_camera_has_no_outline(model, rng) -> None:
    behind = standing_person(model, rng) | {"transl": np.array([0, 0, -3.0])}
    edges, _ = _core.outline(model._core, CAMERA.core, variables_of(model, behind))
    assert len(edges) == 0


# --- The terms ---


@dataclass(frozen=True)
class HeldScene(Scene):
    """Points and matches chosen at one state and held, as during a solve."""

    mask: sc.Mask = field(kw_only=True)
    at: State = field(kw_only=True)

    def evaluate(self, stage, state):
        at = self.at
        view = View(self.keypoints, self.camera, mask=self.mask)
        parameters = {name: getattr(at, name) for name in NAMES}
        objective = _core.Objective(
            make_scene([view], self.model, self.prior),
            stage,
            _core.State(
                variables_of(self.model, parameters, at.log_zoom),
                initial_transl=at.initial_transl,
                pixels_per_metre=[at.pixels_per_metre],
            ),
        )
        parts = (state.root_chart, state.body_pose.ravel(), state.transl, state.betas)
        x = np.concatenate([*parts, [state.log_zoom]])
        residuals, jacobian = objective.evaluate(x, jacobian=True)
        rows = {"rows": objective.rows, "residuals": residuals, "jacobian": jacobian}
        return {"evaluated": True, **rows}


def state_of(model, parameters) -> State:
    return State(
        **parameters,
        initial_transl=parameters["transl"],
        root_chart=np.zeros(3),
        log_zoom=0.02,
        pixels_per_metre=75.0,
        layout=model.layout,
    )


def pixels_of(scene, state, ends, share) -> np.ndarray:
    """Where the oracle has points on edges."""
    vertices = state.posed(scene.model)[0]
    points = vertices[ends[:, 0]] * (1 - share)[:, None] + vertices[ends[:, 1]] * share[:, None]
    return reference.project(scene.camera, points, np.exp(state.log_zoom))


@pytest.fixture(params=[CAMERA, WEAK], ids=["pinhole", "weak"])
def held(request, rng) -> HeldScene:
    """A small random body before a mask that it is partly beside."""
    model = sc.BodyModel(random_arrays(rng))
    parameters = standing_person(model, rng)
    camera = request.param
    pixels = np.zeros((480, 360), dtype=bool)
    u, v = camera.project(model(**parameters).vertices).mean(axis=0)
    pixels[int(v) - 40 : int(v) + 35, int(u) - 25 : int(u) + 30] = True
    return HeldScene(
        model,
        seen_by(camera, model, parameters),
        camera,
        sc.anatomical_prior(24),
        mask=sc.Mask(pixels),
        at=state_of(model, parameters),
    )


@pytest.mark.parametrize("robust", ["none", "huber", "geman_mcclure"])
def test_inside_holds(robust, held, rng) -> None:
    stage = stage_with(silhouette_inside=2.5)
    stage.silhouette_inside.robust, stage.silhouette_inside.sigma = robust, 30.0
    stage.silhouette_inside.points = 60
    stage.reprojection.pixels_per_metre = 150.0
    at = variables_of(held.model, {n: getattr(held.at, n) for n in NAMES}, held.at.log_zoom)
    ends, share = _core.spread_points(held.model._core, held.camera.core, at, count=60)

    def energy(state) -> float:
        uv = pixels_of(held, state, ends, share)
        error = 2.0 * np.maximum(held.mask.core.signed_distance(uv)[0], 0)
        return 2.5 / len(ends) * reference.rho(robust, 30.0, error**2).sum()

    check_term("silhouette_inside", held, stage, [held.at, moved(held.at, rng)], energy)


@pytest.mark.parametrize("robust", ["none", "huber", "geman_mcclure"])
def test_contour_holds(robust, held, rng) -> None:
    stage = stage_with(silhouette_contour=2.5)
    stage.silhouette_contour.robust, stage.silhouette_contour.sigma = robust, 30.0
    stage.reprojection.pixels_per_metre = 150.0
    at = variables_of(held.model, {n: getattr(held.at, n) for n in NAMES}, held.at.log_zoom)
    core = held.mask.core
    numbers, ends, share = _core.match_contour(
        held.model._core, held.camera.core, at, core, stage.silhouette_contour, unit=2.0
    )

    def energy(state) -> float:
        off = pixels_of(held, state, ends, share) - core.contour[numbers]
        error = 2.0 * (off * core.normals[numbers]).sum(axis=1)
        return 2.5 / len(core.contour) * reference.rho(robust, 30.0, error**2).sum()

    check_term("silhouette_contour", held, stage, [held.at, moved(held.at, rng)], energy)


def moved(state: State, rng) -> State:
    size = 3 + state.body_pose.size + 3 + state.betas.size + 1
    return state.moved(rng.normal(0, 0.02, size))


# --- Fits ---


def fitted(model, parameters, camera=CAMERA, **options) -> sc.FitResult:
    return sc.fit(seen_by(camera, model, parameters), camera, model=model, **options)


def shape_error(model, betas, truth) -> float:
    apart = model.shapedirs @ (betas - truth)
    return float(np.linalg.norm(apart - apart.mean(axis=0), axis=1).mean())


def test_a_mask_tells_the_shape(model, rng) -> None:
    """Exact keypoints say little of how stout somebody is; the mask does. Three people in the
    prior's mean pose: of one alone, pose and shape can still trade a little against one another."""
    errors, apart = [], []
    for yaw in (-0.6, 0.2, 0.9):
        parameters = standing_person(model, rng, yaw=yaw)
        parameters["body_pose"] = sc.anatomical_prior(24).mean.reshape(-1, 3)
        parameters["betas"] = np.zeros(model.num_betas)
        parameters["betas"][:3] = [0.5, 2.0, -1.0]
        mask = rendered(CAMERA, model, parameters)
        fits = [fitted(model, parameters), fitted(model, parameters, mask=mask)]
        errors.append([shape_error(model, fit.betas, parameters["betas"]) for fit in fits])
        apart.append([(rendered(CAMERA, model, fit.parameters) ^ mask).sum() for fit in fits])
        without, with_mask = fits
        assert {"silhouette_inside", "silhouette_contour"} <= set(with_mask.energies)
        assert not any(name.startswith("silhouette") for name in without.energies)
        assert with_mask.stages[-1].name == "silhouette"
    without, with_mask = np.mean(errors, axis=0)
    assert with_mask < 0.6 * without
    without, with_mask = np.mean(apart, axis=0)
    assert with_mask < 0.3 * without


def test_points_beyond_the_border_cost_nothing_where_it_cuts_the_person(model, rng) -> None:
    """At the truth, legs cut off by the frame: what is below the picture costs what the nearest
    place in it does, and feels no force upwards."""
    parameters = standing_person(model, rng)
    cut = CAMERA.crop(0, 0, 360, 330)
    mask = sc.Mask(rendered(cut, model, parameters))
    assert mask.pixels[-1].any()
    state = replace(state_of(model, parameters), log_zoom=0.0)
    keypoints = seen_by(CAMERA, model, parameters)
    scene = HeldScene(model, keypoints, cut, model.default_prior, mask=mask, at=state)
    stage = stage_with(silhouette_inside=1.0)
    stage.silhouette_inside.robust = "none"
    residuals, jacobian = scene.rows_of("silhouette_inside", stage, state)
    at = variables_of(model, parameters)
    uv = pixels_of(scene, state, *_core.spread_points(model._core, cut.core, at, count=300))
    below = uv[:, 1] > 330
    assert below.sum() > 20
    pixels = np.sqrt(300) * residuals
    assert pixels[~below].max() < 1.5, "in the picture the truth is inside, to the mask's precision"
    nearest = np.c_[uv[below, 0], np.full(below.sum(), 329.5)]
    expected = np.maximum(mask.core.signed_distance(nearest)[0], 0)
    np.testing.assert_allclose(pixels[below], expected, atol=1e-9)
    up = 3 + state.body_pose.size + 1  # transl y: the camera's v axis
    np.testing.assert_allclose(jacobian[below, up], 0, atol=1e-12)


def test_somebody_cut_by_the_frame_is_not_pulled_inwards(model, rng) -> None:
    """Feet and shins are out of the picture and no keypoint is seen there: with the mask they end
    no higher than without it."""
    parameters = standing_person(model, rng)
    parameters["body_pose"] = sc.anatomical_prior(24).mean.reshape(-1, 3)
    parameters["transl"] = np.array([0.0, 0.0, 4.0])
    cut = CAMERA.crop(0, 0, 360, 330)
    keypoints = seen_by(CAMERA, model, parameters)
    below = keypoints.xy[:, 1] > 329
    keypoints = replace(keypoints, confidence=np.where(below, 0.0, keypoints.confidence))
    mask = rendered(cut, model, parameters)
    assert mask[-1].any()
    ankles = [model.joint_names.index(f"{side}_ankle") for side in ("left", "right")]
    assert (CAMERA.project(model(**parameters).joints[ankles])[:, 1] > 335).all()
    lowest = [
        CAMERA.project(sc.fit(keypoints, cut, model=model, **options).joints[ankles])[:, 1]
        for options in ({}, {"mask": mask})
    ]
    # A pixel is 6 mm.
    assert (lowest[1] > lowest[0] - 3).all()


def test_views_have_masks_of_their_own(model, rng) -> None:
    parameters = standing_person(model, rng)
    turned = replace(
        CAMERA, rotation=reference.rodrigues([0, 1.2, 0]), translation=np.array([-3.7, 0, 2.5])
    )
    cameras = [CAMERA, turned]
    keypoints = [seen_by(camera, model, parameters) for camera in cameras]
    masks = [None, rendered(turned, model, parameters)]
    assert masks[1].sum() > 1000
    result = sc.fit(keypoints, cameras, model=model, mask=masks)
    assert result.views[0].mask is None
    assert result.views[1].mask is not None
    assert result.energies["silhouette_contour"] > 0


# --- Files, sizes and bad input ---


def test_masks_are_read_from_png(tmp_path) -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = disc()
    for number, values in enumerate((pixels, np.uint8(pixels), np.uint8(255 * pixels))):
        path = tmp_path / f"{number}.png"
        image.fromarray(values).save(path)
        np.testing.assert_array_equal(sc.Mask.read(path).pixels, pixels)
    image.fromarray(np.zeros((9, 9, 3), dtype=np.uint8)).save(tmp_path / "rgb.png")
    with pytest.raises(ValueError, match=r"mask: expected an image of one channel .* got RGB"):
        sc.Mask.read(tmp_path / "rgb.png")


def test_crop_and_resize_go_with_the_cameras(model, rng) -> None:
    parameters = standing_person(model, rng)
    mask = sc.Mask(rendered(CAMERA, model, parameters))
    part = (50, 30, 240, 420)
    expected = rendered(CAMERA.crop(*part), model, parameters)
    np.testing.assert_array_equal(mask.crop(*part).pixels, expected)
    half = rendered(CAMERA.resize(180, 240), model, parameters)
    # A pixel along the outline may fall either way.
    assert (mask.resize(180, 240).pixels ^ half).sum() < 0.05 * half.sum()


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.ones((360, 480), dtype=bool), r"mask: expected \[480, 360\], got \[360, 480\]"),
        (np.zeros((480, 360), dtype=bool), r"mask: expected pixels of a person, got none"),
        (np.zeros((480, 360, 3), dtype=bool), r"mask: expected \[height, width\], got \[480, 360"),
        (np.ones((480, 360)), r"mask: expected bool or uint8, got float64"),
        (
            np.tile(np.arange(240, dtype=np.uint8), (480, 1)),
            r"mask: expected 0 and one other number, got 240 from 0 to 239: threshold it",
        ),
        ([None, None], r"mask: expected one per camera, 1, got 2"),
    ],
)
def test_bad_masks_are_named(mask, message, model, rng) -> None:
    with pytest.raises(ValueError, match=message):
        fitted(model, standing_person(model, rng), mask=mask)


def test_a_mask_without_a_stage_for_it_is_refused(model, rng) -> None:
    with pytest.raises(ValueError, match=r"mask: expected stages that weight silhouette_inside"):
        fitted(model, standing_person(model, rng), mask=disc(size=(480, 360)), preset="smplify")


@pytest.mark.parametrize(
    ("term", "option", "value"),
    [
        ("silhouette_inside", "sigma", 0.0),
        ("silhouette_inside", "points", 1),
        ("silhouette_contour", "sigma", float("nan")),
        ("silhouette_contour", "max_turn", -0.1),
        ("silhouette_contour", "weight", -1.0),
    ],
)
def test_options_out_of_range_are_named(term, option, value, model, rng) -> None:
    stages = sc.default_stages(mask=True)
    setattr(getattr(stages[-1], term), option, value)
    with pytest.raises(ValueError, match=rf"{term}\.{option}: expected"):
        mask = disc(size=(480, 360))
        fitted(model, standing_person(model, rng), mask=mask, preset=stages)
