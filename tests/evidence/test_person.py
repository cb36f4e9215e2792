"""What is known of a person: measures, and fits told of height, limbs, betas or the ground."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp

import reference
import smplceres as sc
from checks import (
    Scene,
    check_term,
    random_arrays,
    seen_by,
    stage_with,
    standing_person,
    states_to_check,
)
from smplceres.body.measures import LIMBS, height_vertices, limb_lengths, standing_height
from smplceres.evidence.ground import sole_vertices

CAMERA = sc.Camera(fx=1500, fy=1500, cx=640, cy=360, width=1280, height=720)


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


# --- The terms ---


@pytest.fixture
def cloud(rng) -> sc.BodyModel:
    return sc.BodyModel(random_arrays(rng))


def scene_without_picture(model: sc.BodyModel) -> Scene:
    keypoints = sc.Keypoints(np.zeros((25, 2)), np.zeros(25), sc.FORMATS["openpose_body25b"])
    return Scene(model, keypoints, CAMERA, model.default_prior)


def at_rest(model: sc.BodyModel, betas: np.ndarray):
    """Vertices and joints by the oracle."""
    pose = np.zeros((model.num_joints - 1, 3))
    return reference.smpl(model, betas=betas, root=np.eye(3), body_pose=pose, transl=np.zeros(3))


def test_height_holds(cloud, rng) -> None:
    scene = replace(scene_without_picture(cloud), person=sc.Person(height=1.1, height_sigma=0.03))
    top, left, right = height_vertices(cloud.v_template)

    def energy(state) -> float:
        y = at_rest(cloud, state.betas)[0][:, 1]
        return 2.5 * ((y[top] - (y[left] + y[right]) / 2 - 1.1) / 0.03) ** 2

    check_term("height", scene, stage_with(height=2.5), states_to_check(cloud, rng), energy)


def test_limb_lengths_hold(cloud, rng) -> None:
    lengths = {"right_shin": 0.4, "left_upper_arm": 0.3, "hip_width": 0.21}
    person = sc.Person(limb_lengths=lengths, limb_sigma=0.02)
    scene = replace(scene_without_picture(cloud), person=person)

    def energy(state) -> float:
        joints = at_rest(cloud, state.betas)[1]
        ends = [[cloud.joint_names.index(end) for end in LIMBS[limb]] for limb in lengths]
        of_body = [np.linalg.norm(joints[a] - joints[b]) for a, b in ends]
        return 0.7 * (((np.array(of_body) - [*lengths.values()]) / 0.02) ** 2).sum()

    stage = stage_with(limb_lengths=0.7)
    check_term("limb_lengths", scene, stage, states_to_check(cloud, rng), energy)


def test_expected_betas_are_the_shape_prior(cloud, rng) -> None:
    betas = rng.normal(size=cloud.num_betas)
    scene = replace(scene_without_picture(cloud), person=sc.Person(betas=betas, betas_sigma=0.3))

    def energy(state) -> float:
        return 4.0 * (((state.betas - betas) / 0.3) ** 2).sum()

    check_term(
        "shape_prior", scene, stage_with(shape_prior=4.0), states_to_check(cloud, rng), energy
    )


def soft_min(values: np.ndarray) -> float:
    return -0.005 * (logsumexp(-np.array(values) / 0.005) - np.log(len(values)) / 2)


@pytest.mark.parametrize("contact", [True, False])
@pytest.mark.parametrize("where", ["under both feet", "over one", "over both"])
def test_ground_holds(where, contact, rng) -> None:
    model = sc.load_body_model()
    soles = np.array(sole_vertices(model))
    for state in states_to_check(model, rng):
        normal = rng.normal(size=3)
        heights = state.posed(model)[0][soles] @ normal / np.linalg.norm(normal)
        feet = sorted([heights[:4].min(), heights[4:].min()])
        offset = {"under both feet": feet[0] - 0.03, "over one": np.mean(feet)}.get(
            where, feet[1] + 0.05
        )
        if offset > 0:  # the camera, at the origin, is to be above the plane
            normal, offset = -normal, -offset
            heights = -heights
        ground = sc.Ground(normal, offset, sigma=0.05, contact=contact)

        def energy(at, ground=ground) -> float:
            heights = ground.height_of(at.posed(model)[0][soles])
            feet = [soft_min(heights[:4]), soft_min(heights[4:])]
            lowest = max(0, soft_min(feet)) if contact else 0
            return 1.5 * (np.minimum(feet, 0) @ np.minimum(feet, 0) + lowest**2) / 0.05**2

        scene = replace(scene_without_picture(model), ground=ground)
        stage = stage_with(ground=1.5)
        if energy(state) > 0:
            check_term("ground", scene, stage, [state], energy)
        else:
            rows, jacobian = scene.rows_of("ground", stage, state)
            assert not rows.any()
            assert not jacobian.any()
            assert not contact


def test_soles_are_where_a_standing_body_touches_the_ground() -> None:
    """All within 3 mm of the lowest vertex: shoes are not modelled, feet at rest are flat."""
    for gender in ("neutral", "male", "female"):
        model = sc.load_body_model(gender=gender)
        soles = model.v_template[sole_vertices(model)]
        assert len(np.unique(soles, axis=0)) == 8
        assert (soles[:, 1] < model.v_template[:, 1].min() + 3e-3).all()
        assert (soles[:4, 0] > 0).all()
        assert (soles[4:, 0] < 0).all()


# --- Fits ---


def tall(model: sc.BodyModel, rng) -> dict[str, np.ndarray]:
    """Somebody of 1.9 m, 4 m away, upright before a level camera."""
    someone = standing_person(model, rng)
    per_beta = standing_height(model, np.eye(model.num_betas)[0]) - standing_height(model)
    someone["betas"][0] += (1.9 - standing_height(model, someone["betas"])) / per_beta
    np.testing.assert_allclose(standing_height(model, someone["betas"]), 1.9)
    return someone


def test_a_known_height_is_met_and_brings_the_depth(rng) -> None:
    """A picture alone does not tell how tall somebody is; 1 cm of standard deviation means 1 cm."""
    model = sc.load_body_model()
    off = []
    for _ in range(5):
        someone = tall(model, rng)
        seen = seen_by(CAMERA, model, someone)
        seen = replace(seen, xy=seen.xy + rng.normal(0, 3, seen.xy.shape))
        alone = sc.fit(seen, CAMERA, sigma_px=3.0)
        told = sc.fit(seen, CAMERA, sigma_px=3.0, person=sc.Person(height=1.9))
        assert abs(standing_height(model, told.betas) - 1.9) < 0.01
        assert abs(standing_height(model, alone.betas) - 1.9) > 0.03  # three of its sigmas
        off.append([abs(result.transl[2] - someone["transl"][2]) for result in (told, alone)])
    with_height, without = np.median(off, axis=0)
    assert with_height < without / 2
    assert told.energies["height"] < 25  # a standard deviation, times the weight of the stage
    assert "height" not in alone.energies


@pytest.mark.parametrize("preset", ["default", "smplify"])
def test_limb_lengths_are_met(preset, rng) -> None:
    model = sc.load_body_model()
    someone = standing_person(model, rng)
    lengths = limb_lengths(model, someone["betas"])
    seen = seen_by(CAMERA, model, someone)
    result = sc.fit(seen, CAMERA, preset=preset, person=sc.Person(limb_lengths=lengths))
    for limb, length in limb_lengths(model, result.betas).items():
        assert abs(length - lengths[limb]) < 0.02, limb  # two standard deviations
    assert result.energies["limb_lengths"] >= 0


def test_given_betas_stay_as_they_are(rng) -> None:
    model = sc.load_body_model()
    someone = standing_person(model, rng)
    person = sc.Person(betas=someone["betas"], height=standing_height(model, someone["betas"]))
    seen = seen_by(CAMERA, model, someone)
    joints = model.joints(**someone)
    for result in (
        sc.fit(seen, CAMERA, person=person),
        sc.fit(seen, CAMERA, person=person, preset="smplify"),
        sc.fit(seen, CAMERA, person=person, initial={"betas": np.ones(10)}),
        sc.fit(seen, CAMERA, person=person, initial=sc.fit(seen, CAMERA)),
        sc.fit_joints3d(joints, keypoint_format="smpl24", person=person),
    ):
        np.testing.assert_array_equal(result.betas, someone["betas"])
        assert "height" not in result.energies
    objective = sc.objective(seen, CAMERA, person=person)
    np.testing.assert_array_equal(objective.unpack(objective.x0)["betas"], someone["betas"])


def test_betas_with_a_sigma_are_near_what_was_given(rng) -> None:
    """Nearer the smaller it is; of exact keypoints of somebody else neither wins wholly."""
    model = sc.load_body_model()
    someone = standing_person(model, rng)
    given = someone["betas"] + 1
    seen = seen_by(CAMERA, model, someone)
    off = [
        np.linalg.norm(
            sc.fit(seen, CAMERA, person=sc.Person(betas=given, betas_sigma=sigma)).betas - given
        )
        for sigma in (0.01, 0.3, 3.0)
    ]
    assert 0 < off[0] < 0.1 < off[1] < off[2]


def test_height_is_met_in_fits_to_points_in_space(rng) -> None:
    """Of wrong limbs' noise, the height is what was told."""
    model = sc.load_body_model()
    someone = tall(model, rng)
    joints = model.joints(**someone) + rng.normal(0, 0.05, (24, 3))
    fits = [
        sc.fit_joints3d(joints, keypoint_format="smpl24", sigma=0.05, person=person)
        for person in (None, sc.Person(height=1.9))
    ]
    off = [abs(standing_height(model, result.betas) - 1.9) for result in fits]
    assert off[1] < 0.01 < off[0]


STUDIO = sc.Camera(  # 1.5 m above the ground y = 0 of a world whose y is up
    fx=1500,
    fy=1500,
    cx=640,
    cy=360,
    width=1280,
    height=720,
    rotation=np.diag([1.0, -1.0, -1.0]),
    translation=np.array([0.0, 1.5, 0.0]),
)


def standing_in_studio(model: sc.BodyModel, rng) -> dict[str, np.ndarray]:
    """On y = 0, facing the camera, 5 m before it."""
    someone = standing_person(model, rng)
    someone |= {"global_orient": np.zeros(3), "transl": np.array([0.0, 0.0, -5.0])}
    soles = model(**someone).vertices[sole_vertices(model)]
    someone["transl"][1] -= soles[:, 1].min()
    return someone


def test_feet_stand_on_the_ground_and_bring_the_depth(rng) -> None:
    model = sc.load_body_model()
    someone = standing_in_studio(model, rng)
    someone["betas"][0] = 2.0
    someone["transl"][1] -= model(**someone).vertices[sole_vertices(model), 1].min()
    seen = seen_by(STUDIO, model, someone)
    alone = sc.fit(seen, STUDIO)
    told = sc.fit(seen, STUDIO, ground=sc.Ground())
    lowest = [result.vertices[sole_vertices(model), 1].min() for result in (told, alone)]
    assert abs(lowest[0]) < 0.02  # the standard deviation
    assert abs(lowest[1]) > 0.02
    off = [abs(result.transl[2] - someone["transl"][2]) for result in (told, alone)]
    assert off[0] < off[1]
    assert told.energies["ground"] >= 0


def test_feet_above_the_ground_stay_there_unless_they_are_to_touch_it(rng) -> None:
    model = sc.load_body_model()
    joints = model.joints(**standing_in_studio(model, rng)) + np.array([0, 0.4, 0])  # a jump
    fits = {
        contact: sc.fit_joints3d(
            joints, keypoint_format="smpl24", sigma=0.05, ground=sc.Ground(contact=contact)
        )
        for contact in (True, False)
    }
    without = sc.fit_joints3d(joints, keypoint_format="smpl24", sigma=0.05)
    assert fits[False].energies["ground"] == 0
    # Rows of zeros may change the order in which others are summed.
    np.testing.assert_allclose(fits[False].joints, without.joints, atol=1e-9)
    lowest = {contact: fit.vertices[sole_vertices(model), 1].min() for contact, fit in fits.items()}
    assert lowest[True] < lowest[False] - 0.05


def test_no_foot_is_under_the_ground(rng) -> None:
    model = sc.load_body_model()
    joints = model.joints(**standing_in_studio(model, rng)) - np.array([0, 0.1, 0])
    known = {"keypoint_format": "smpl24", "sigma": 0.2}
    ground = sc.Ground(contact=False)
    lowest = [
        fit.vertices[sole_vertices(model), 1].min()
        for fit in (
            sc.fit_joints3d(joints, **known),
            sc.fit_joints3d(joints, **known, ground=ground),
        )
    ]
    assert lowest[0] < -0.08
    assert lowest[1] > -0.02


def test_a_fit_far_from_any_start_is_the_same_with_jets(rng) -> None:
    """The whole fit by automatic differentiation ends where the fast one does."""
    model = sc.load_body_model()
    seen = seen_by(STUDIO, model, standing_in_studio(model, rng))
    known = {"person": sc.Person(height=1.8), "ground": sc.Ground()}
    fast = sc.fit(seen, STUDIO, **known)
    jets = sc.fit(seen, STUDIO, **known, jacobian="autodiff")
    np.testing.assert_allclose(jets.joints, fast.joints, atol=1e-6)


def test_covariance_knows_what_was_told_and_a_saved_fit_too(rng, tmp_path) -> None:
    model = sc.load_body_model()
    someone = standing_in_studio(model, rng)
    seen = seen_by(STUDIO, model, someone)
    height = standing_height(model, someone["betas"])
    per_beta = [standing_height(model, b) - standing_height(model) for b in np.eye(10)]
    spread = []
    for person in (None, sc.Person(height=height), sc.Person(betas=someone["betas"])):
        result = sc.fit(seen, STUDIO, person=person, ground=sc.Ground(sigma=0.05))
        covariance = result.covariance(sigma_px=3.0)
        spread.append(np.sqrt(per_beta @ covariance.betas @ per_beta))
        result.save(tmp_path / "fit.npz")
        loaded = sc.FitResult.load(tmp_path / "fit.npz").covariance(sigma_px=3.0, model=model)
        np.testing.assert_allclose(loaded.matrix, covariance.matrix, rtol=1e-6, atol=1e-12)
    assert spread[0] > 0.012
    assert 0.005 < spread[1] < 0.01  # at most what was told
    assert spread[2] == 0


# --- Bad input ---


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"height": -1.8}, r"height: expected metres from 0.3 to 2.8, got -1.8"),
        ({"height": 182}, r"height: expected metres from 0.3 to 2.8, got 182"),
        ({"height": np.nan}, r"height: expected metres from 0.3 to 2.8, got nan"),
        ({"limb_lengths": {"left_thigh": 3.0}}, r"limb_lengths\['left_thigh'\]: expected metres"),
        ({"limb_lengths": {"thigh": 0.4}}, r"limb_lengths: expected names of .*; got 'thigh'"),
        ({"height": 1.8, "height_sigma": 0.0}, "height_sigma: expected metres > 0, got 0.0"),
        ({"limb_sigma": np.nan}, "limb_sigma: expected metres > 0, got nan"),
        ({"betas": np.zeros(10), "betas_sigma": -1.0}, "betas_sigma: expected standard deviat"),
        ({"betas_sigma": 1.0}, "betas_sigma: expected betas to go with it, got none"),
    ],
)
def test_a_person_who_is_none_is_an_error(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        sc.Person(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"normal": (0, 0, 0)}, r"normal: expected a vector of any length but 0, got \(0, 0, 0\)"),
        ({"normal": (0, np.nan, 0)}, "normal: expected 3 finite numbers"),
        ({"normal": (0, 1)}, "normal: expected 3 finite numbers"),
        ({"offset": np.inf}, "offset: expected finite metres, got inf"),
        ({"sigma": 0.0}, "sigma: expected metres > 0, at least 1e-06, got 0.0"),
    ],
)
def test_a_ground_that_is_none_is_an_error(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        sc.Ground(**arguments)


def test_what_contradicts_or_does_not_fit_is_an_error(rng) -> None:
    model = sc.load_body_model()
    someone = standing_person(model, rng)
    seen = seen_by(CAMERA, model, someone)

    def error_of(message: str, **known) -> None:
        with pytest.raises(ValueError, match=message):
            sc.fit(seen, CAMERA, **known)
        with pytest.raises(ValueError, match=message):
            sc.objective(seen, CAMERA, **known)

    betas = np.zeros(10)
    too_tall = standing_height(model) + 0.031
    error_of(
        r"person: expected a height within 0.03 m .* of the betas",
        person=sc.Person(betas=betas, height=too_tall),
    )
    error_of(
        "person: expected a left_shin within 0.03 m",
        person=sc.Person(betas=betas, limb_lengths={"left_shin": 0.6}),
    )
    sc.fit(seen, CAMERA, person=sc.Person(betas=betas, height=too_tall, height_sigma=0.02))
    error_of(r"betas: expected shape \(10,\), got \(3,\)", person=sc.Person(betas=np.zeros(3)))
    error_of("ground: expected a plane under the camera", ground=sc.Ground((0, 1, 0), 1.5))
    with pytest.raises(TypeError, match="person: expected a Person or None, got float"):
        sc.fit(seen, CAMERA, person=1.8)
    with pytest.raises(TypeError, match="ground: expected a Ground or None, got float"):
        sc.fit(seen, CAMERA, ground=0.0)


def test_a_body_without_names_has_no_limbs_and_no_soles(rng) -> None:
    model = sc.BodyModel(random_arrays(rng, tuple(f"joint_{j}" for j in range(5))))
    with pytest.raises(ValueError, match="ground: expected a body with left_ankle"):
        sc.Ground().for_body(model, [])
    with pytest.raises(ValueError, match="limb_lengths: expected names of no limb, got 'left_th"):
        sc.Person(limb_lengths={"left_thigh": 0.4}).for_body(model)
