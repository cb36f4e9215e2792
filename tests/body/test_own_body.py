"""The package's own bodies: human, symmetric, in SMPL's layout, landmarks where people point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import smplceres
from smplceres import load_body_model
from smplceres.base.skeleton import SMPL_JOINTS, SMPL_PARENTS
from smplceres.body.load import GENDERS
from smplceres.body.model_files import read_body_model, write_body_model
from smplceres.synthetic import make_body_model_arrays

DATA = Path(smplceres.__file__).parent / "data"

# Read off renders of the neutral body's mean with a grid of 2 cm over it, from the front, the
# left and above, without its landmarks drawn, to about 2 mm: x, y, z in metres, left side and
# middle. The acromion is the bony top of the shoulder, the crease the middle of the groin's fold.
POINTED_AT = {
    "nose": (0.000, 0.325, 0.194),
    "left_eye": (0.030, 0.361, 0.165),
    "left_ear": (0.072, 0.339, 0.084),
    "head_top": (0.000, 0.473, 0.085),
    "left_big_toe": (0.113, -1.210, 0.203),
    "left_small_toe": (0.185, -1.212, 0.163),
    "left_heel": (0.144, -1.185, -0.056),
    "left_acromion": (0.175, 0.203, 0.040),
    "left_hip_crease": (0.092, -0.341, 0.148),
}


@pytest.fixture(params=GENDERS)
def gender(request) -> str:
    return request.param


def test_the_own_body_is_the_default_and_the_same_object_every_time() -> None:
    assert load_body_model() is load_body_model(gender="neutral")
    assert load_body_model().name == "smplceres_neutral"


def test_layout_is_smpls(gender) -> None:
    model = load_body_model(gender=gender)
    assert model.joint_names == SMPL_JOINTS
    assert tuple(model.parents) == SMPL_PARENTS
    assert model.num_betas == 10
    assert load_body_model(gender=gender, num_betas=16).num_betas == 16


def test_files_are_small_and_say_where_they_come_from(gender) -> None:
    assert (DATA / f"body_{gender}.npz").stat().st_size <= 4e6
    assert "MakeHuman" in (DATA / "body.NOTICE.txt").read_text()
    assert "CC0 1.0 Universal" in (DATA / "body.CC0.txt").read_text()


def test_an_unknown_gender_is_an_error() -> None:
    with pytest.raises(
        ValueError, match="gender: expected one of neutral, male, female, got 'tall'"
    ):
        load_body_model(gender="tall")


@pytest.mark.parametrize("name", POINTED_AT)
def test_landmarks_are_within_two_centimetres_of_where_a_person_points(name) -> None:
    model = load_body_model()
    for side, mirror in (("left", 1), ("right", -1)):
        vertices, weights = model.landmarks[name.replace("left", side)]
        landmark = weights @ model.v_template[vertices]
        assert np.linalg.norm(landmark - POINTED_AT[name] * np.array([mirror, 1, 1])) < 0.02


def test_a_body_is_its_own_mirror_image(gender) -> None:
    model = load_body_model(gender=gender)
    mirror = np.array([-1.0, 1.0, 1.0])
    joints = model.joints()
    swapped = [
        SMPL_JOINTS.index(name.replace("left", "?").replace("right", "left").replace("?", "right"))
        for name in SMPL_JOINTS
    ]
    # float32 and float16 of the files
    np.testing.assert_allclose(joints, joints[swapped] * mirror, atol=1e-5)
    for name, (vertices, weights) in model.landmarks.items():
        if name.startswith("left"):
            others, other_weights = model.landmarks[name.replace("left", "right")]
            np.testing.assert_allclose(
                weights @ model.v_template[vertices],
                mirror * (other_weights @ model.v_template[others]),
                atol=1e-6,
            )


def test_surfaces_are_closed_and_face_outwards(gender) -> None:
    model = load_body_model(gender=gender)
    edges = np.concatenate([model.faces[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    forward = {tuple(edge) for edge in edges.tolist()}
    assert len(forward) == len(edges)
    assert all((b, a) in forward for a, b in forward)
    a, b, c = (model.v_template[model.faces[:, i]] for i in range(3))
    volume = np.einsum("fi,fi->", a, np.cross(b, c)) / 6
    assert 0.04 < volume < 0.12  # cubic metres: 40 to 120 kg


def test_betas_span_human_statures() -> None:
    """Standing height over standard normal betas, as published: Gordon et al. 2014, both sexes."""
    betas = np.random.default_rng(0).normal(size=(300, 16))
    model = load_body_model(num_betas=16)
    stature = [np.ptp(model(betas=b).vertices[:, 1]) for b in betas]
    assert np.mean(stature) == pytest.approx(1.69, abs=0.02)
    assert np.std(stature) == pytest.approx(0.09, abs=0.015)


def test_limbs_keep_their_thickness_where_they_twist_and_bend() -> None:
    """What plain skinning wrings and folds: a forearm twisted by 80 degrees, a knee bent by 120."""
    model = load_body_model()
    for joint, turn, region in (
        ("left_wrist", (np.radians(80), 0, 0), ("left_elbow", "left_wrist", 0.85)),
        ("left_knee", (np.radians(120), 0, 0), ("left_hip", "left_knee", 0.97)),
    ):
        pose = np.zeros((23, 3))
        pose[SMPL_JOINTS.index(joint) - 1] = turn
        girth = [_girth(model, p, *region) for p in (np.zeros((23, 3)), pose)]
        assert girth[1] > 0.75 * girth[0], joint


def _girth(model, pose, upper: str, lower: str, share: float) -> float:
    """Root mean square distance from the bone of the skin at a share of its length."""
    rest = model.joints()
    start, end = (rest[SMPL_JOINTS.index(name)] for name in (upper, lower))
    along = (end - start) / np.linalg.norm(end - start)
    place = (model.v_template - start) @ along / np.linalg.norm(end - start)
    beside = np.linalg.norm(np.cross(model.v_template - start, along), axis=1)
    ring = (np.abs(place - share) < 0.04) & (beside < 0.12)
    body = model(body_pose=pose)
    a, b = (body.joints[SMPL_JOINTS.index(name)] for name in (upper, lower))
    axis = (b - a) / np.linalg.norm(b - a)
    return float(np.sqrt((np.cross(body.vertices[ring] - a, axis) ** 2).sum(axis=1).mean()))


def test_a_file_of_another_body_goes_through_the_same_calls(tmp_path) -> None:
    """Own and foreign bodies are interchangeable: the same pose means the same on both."""
    write_body_model(tmp_path / "other.npz", make_body_model_arrays(0))
    other, own = load_body_model(tmp_path / "other.npz"), load_body_model()
    pose = np.zeros((23, 3))
    pose[SMPL_JOINTS.index("left_shoulder") - 1] = (0, 0, np.radians(-80))  # lowers the left arm
    pose[SMPL_JOINTS.index("right_knee") - 1] = (np.radians(90), 0, 0)  # shin to the back
    for model in (other, own):
        joints = dict(zip(SMPL_JOINTS, model.joints(body_pose=pose), strict=True))
        arm = joints["left_wrist"] - joints["left_shoulder"]
        shin = joints["right_ankle"] - joints["right_knee"]
        assert arm[1] / np.linalg.norm(arm) < -0.95
        assert shin[2] / np.linalg.norm(shin) < -0.95


def test_own_files_read_as_any_other() -> None:
    arrays = read_body_model(DATA / "body_neutral.npz", num_betas=3)
    assert arrays.shapedirs.shape[2] == 3
    assert np.allclose(arrays.J_regressor.sum(axis=1), 1, atol=1e-5)
