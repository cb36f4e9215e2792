"""What cannot be right about inputs is named by the result, or refused; right inputs are not."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import smplceres as sc

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from cases import wrong
from cases.people import Several, Single, posed, ring, several, single
from cases.postures import SITTING, STANDING, WALKING

LANDSCAPE = sc.Camera(fx=1100, fy=1100, cx=639.5, cy=359.5, width=1280, height=720)
PORTRAIT = sc.Camera(fx=1100, fy=1100, cx=359.5, cy=639.5, width=720, height=1280)
# One image does not tell a mirrored person.
UNTOLD = ("mirrored picture", "labels exchanged")


def cases() -> list[wrong.Wrong]:
    model, rng = sc.load_body_model(), np.random.default_rng(0)

    def walker(name: str) -> Single:
        return single(model, WALKING, name, LANDSCAPE, rng, depth=5.0)

    def walkers(scale: float = 1.0, aside: float = 0.0) -> Several:
        return several(model, WALKING, "openpose_body25", ring(), rng, scale, aside)

    points, _ = posed(model, WALKING, "smpl24", depth=0.0, pitch=np.pi)
    of_one = wrong.in_one_picture("walking", walker("openpose_body25"))
    return [
        *(each for each in of_one if not each.name.endswith(UNTOLD)),
        *wrong.in_formats("walking", walker),
        *wrong.in_portrait("sitting", single(model, SITTING, "openpose_body25", PORTRAIT, rng)),
        *wrong.in_several_pictures("walking", walkers()),
        *wrong.in_lenses("walking aside", walkers(aside=0.8)),
        *wrong.of_size("walking", walkers),
        *wrong.in_space("walking", points + rng.normal(0, 0.005, points.shape)),
    ]


CASES = cases()


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


@pytest.mark.parametrize("each", CASES, ids=[each.name for each in CASES])
@pytest.mark.filterwarnings("ignore::smplceres.InputWarning")
def test_a_wrong_input_is_named(each) -> None:
    if each.refused:
        with pytest.raises(ValueError, match=f"{each.refused}: expected .*check=False"):
            each.fit()
        return
    warnings = each.fit().warnings
    assert warnings and warnings[0].code in each.codes
    assert all(warning.sentence and warning.evidence and warning.remedy for warning in warnings)


@pytest.mark.parametrize("name", ["openpose_body25", "coco17", "mediapipe33"])
@pytest.mark.parametrize("pose", [STANDING, WALKING, SITTING], ids=["stand", "walk", "sit"])
def test_nothing_is_said_about_right_inputs(model, pose, name) -> None:
    rng = np.random.default_rng(len(name))
    assert single(model, pose, name, PORTRAIT, rng).fit().warnings == ()
    assert several(model, pose, name, ring(), rng).fit().warnings == ()
    points, _ = posed(model, pose, "smpl24")
    assert sc.fit_joints3d(points, keypoint_format="smpl24").warnings == ()


def test_cameras_that_were_exchanged_are_exchanged_back(model) -> None:
    right = several(model, WALKING, "openpose_body25", ring(), np.random.default_rng(0))
    seen = list(right.keypoints)
    fitted = replace(right, keypoints=[seen[1], seen[0], *seen[2:]]).fit()
    assert np.abs(fitted.joints - right.fit().joints).max() < 1e-6
    assert "exchanged back" in str(fitted.warnings[0])


def test_an_image_of_another_person_is_left_out(model) -> None:
    rng = np.random.default_rng(0)
    right = several(model, WALKING, "openpose_body25", ring(), rng)
    other = several(model, SITTING, "openpose_body25", ring(), rng)
    stranger = replace(other.keypoints[2], xy=other.keypoints[2].xy + np.array([300, 40]))
    fitted = replace(right, keypoints=[*right.keypoints[:2], stranger, right.keypoints[3]]).fit()
    assert [each.code for each in fitted.warnings] == ["view_disagrees"]
    assert "image 2" in fitted.warnings[0].sentence
    assert np.linalg.norm(fitted.joints - right.fit().joints, axis=1).mean() < 0.02


def test_an_unchecked_fit_says_and_refuses_nothing(model) -> None:
    walker = single(model, WALKING, "openpose_body25", LANDSCAPE, np.random.default_rng(0))
    up = walker.keypoints * [1, -1, 1] + [0, 719, 0]
    assert sc.fit(up, LANDSCAPE, check=False).warnings == ()
    assert sc.fit(walker.keypoints * [1, 1, 100], LANDSCAPE, check=False).sigma_px > 50
    points, _ = posed(model, WALKING, "smpl24")
    far = sc.Keypoints3D(1000 * points, format="smpl24")
    assert sc.fit_joints3d(far, check=False).warnings == ()


def test_warnings_are_saved_with_a_fit(model, tmp_path) -> None:
    walker = single(model, WALKING, "openpose_body25", LANDSCAPE, np.random.default_rng(0))
    fitted = replace(walker, keypoints=walker.keypoints * [1, -1, 1] + [0, 719, 0]).fit()
    fitted.save(tmp_path / "fit.npz")
    assert sc.FitResult.load(tmp_path / "fit.npz").warnings == fitted.warnings
    assert fitted.to_dict()["warnings"][0]["code"] == "y_up"


def test_confidences_of_another_scale_give_the_same_fit(model) -> None:
    walker = single(model, WALKING, "openpose_body25", LANDSCAPE, np.random.default_rng(0))
    low = replace(walker, keypoints=walker.keypoints * [1, 1, 0.01]).fit()
    assert np.allclose(low.joints, walker.fit().joints)
    assert [each.code for each in low.warnings] == ["confidence_scale"]
    given = sc.fit(walker.keypoints * [1, 1, 0.01], LANDSCAPE, sigma_px=0.02)
    assert given.warnings == ()  # they are meant so


def test_a_point_in_space_that_is_far_off_is_left_out(model) -> None:
    points, _ = posed(model, WALKING, "smpl24")
    right = sc.fit_joints3d(points, keypoint_format="smpl24")
    points[4] += [0.7, 0, 0]  # the left knee
    fitted = sc.fit_joints3d(points, keypoint_format="smpl24")
    assert [each.code for each in fitted.warnings] == ["outlying_points"]
    assert "left_knee" in fitted.warnings[0].evidence
    assert np.linalg.norm(fitted.joints - right.joints, axis=1).mean() < 0.01


def test_zeros_are_missing(model) -> None:
    points, _ = posed(model, WALKING, "smpl24")
    points[[7, 20]] = 0
    seen = sc.Keypoints3D.from_array(points, "smpl24").visible
    assert np.flatnonzero(~seen).tolist() == [7, 20]
    rooted = points - points[0]
    assert sc.Keypoints3D.from_array(rooted, "smpl24").visible.all()  # a root is no missing point
    walker = single(model, WALKING, "openpose_body25", LANDSCAPE, np.random.default_rng(0))
    walker.keypoints[3] = [0, 0, 1]
    fitted = walker.fit()
    assert [each.code for each in fitted.warnings] == ["keypoints_at_origin"]
    assert not fitted.keypoints.visible[3]


@pytest.mark.parametrize("order", [(1, 2, 0, 3), (3, 0, 1, 2), (1, 0, 3, 2)])
def test_cameras_in_any_order_are_put_right(model, order) -> None:
    right = several(model, WALKING, "openpose_body25", ring(), np.random.default_rng(0))
    fitted = replace(right, keypoints=[right.keypoints[n] for n in order]).fit()
    assert [each.code for each in fitted.warnings] == ["cameras_exchanged"]
    assert np.abs(fitted.joints - right.fit().joints).max() < 1e-6


def test_images_that_nothing_explains_are_told(model) -> None:
    rng = np.random.default_rng(0)
    right = several(model, WALKING, "openpose_body25", ring(), rng)
    moved = [
        replace(camera, translation=camera.translation + off)
        for camera, off in zip(right.cameras, rng.uniform(-1, 1, (4, 3)), strict=True)
    ]
    (said, *_) = replace(right, cameras=moved).fit().warnings
    assert said.code == "views_disagree"


@pytest.mark.parametrize("far", [[0.7, 0, 0], [0, 0.7, 0], [0, 0, -0.7]])
def test_a_head_that_is_far_off_is_left_out(model, far) -> None:
    """The neck reaches for it, with a shape that no person has."""
    points, _ = posed(model, WALKING, "smpl24")
    right = sc.fit_joints3d(points, keypoint_format="smpl24")
    points[15] += far
    fitted = sc.fit_joints3d(points, keypoint_format="smpl24")
    assert [each.evidence for each in fitted.warnings] == ["head"]
    assert np.linalg.norm(fitted.joints - right.joints, axis=1).mean() < 0.01


def test_a_leg_of_two_keypoints_is_told(model) -> None:
    walker = single(model, WALKING, "coco17", LANDSCAPE, np.random.default_rng(0))
    walker.keypoints[[13, 15]] = 0  # left knee and ankle
    assert [each.code for each in walker.fit().warnings] == ["unseen_limbs"]
