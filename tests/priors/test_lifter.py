"""Files of networks, and fits with one."""

from __future__ import annotations

import numpy as np
import pytest

import lifter_reference as reference
import smplceres as sc
from smplceres.keypoints.formats import OPENPOSE_BODY25

CAMERA = sc.Camera(fx=900, fy=900, cx=400, cy=300, width=800, height=600)
SLOTS = tuple(sorted({"+".join(keypoint.location) for keypoint in OPENPOSE_BODY25.keypoints}))


@pytest.fixture
def keypoints(rng) -> sc.Keypoints:
    model = sc.load_body_model()
    pose = np.zeros((23, 3))
    pose[15, 2], pose[16, 2] = -1.2, 1.2  # arms down
    person = model.parameters(None, [np.pi, 0, 0], pose, [0, 0, 4])
    points = model.keypoint_points(OPENPOSE_BODY25).points.evaluate(model._core, **person)
    xy = CAMERA.project(points) + rng.normal(0, 1.5, (25, 2))
    return sc.Keypoints(xy, np.ones(25), OPENPOSE_BODY25)


def write(path, lifter: sc.Lifter, **changed) -> None:
    np.savez(path, **{"slots": np.array(lifter.slots), **lifter.arrays, **changed})


def test_file_gives_the_same_network(tmp_path, rng) -> None:
    lifter = reference.random_lifter(rng, SLOTS)
    write(tmp_path / "lifter.npz", lifter)
    read = sc.load_lifter(tmp_path / "lifter.npz")
    assert read.slots == lifter.slots
    assert read.arrays.keys() == lifter.arrays.keys()
    for name, array in lifter.arrays.items():
        np.testing.assert_array_equal(read.arrays[name], array)


def test_file_that_is_no_network(tmp_path, rng) -> None:
    lifter = reference.random_lifter(rng, SLOTS)
    write(tmp_path / "lifter.npz", lifter, head_weight=np.zeros((3, 16)))
    with pytest.raises(
        ValueError, match=r"lifter\.npz.*head_weight: expected 636 x 16, got 3 x 16"
    ):
        sc.load_lifter(tmp_path / "lifter.npz")
    np.savez(tmp_path / "other.npz", means=np.zeros(3))
    with pytest.raises(sc.ModelFileError, match=r"other\.npz"):
        sc.load_lifter(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError):
        sc.load_lifter(tmp_path / "missing.npz")


def test_shipped_network_is_the_default(keypoints) -> None:
    default = sc.fit(keypoints, CAMERA)
    given = sc.fit(keypoints, CAMERA, lifter=sc.load_lifter())
    assert default.energies["conditional_prior"] > 0
    np.testing.assert_array_equal(default.body_pose, given.body_pose)


def test_stages_without_the_term_do_not_use_it(keypoints, rng) -> None:
    other = reference.random_lifter(rng, SLOTS)
    for preset in ("smplify", sc.default_stages()):
        stages = preset
        if not isinstance(preset, str):
            for stage in preset:
                stage.conditional_prior.weight = 0.0
        first, second = (
            sc.fit(keypoints, CAMERA, preset=stages, lifter=each) for each in (None, other)
        )
        assert "conditional_prior" not in first.energies
        np.testing.assert_array_equal(first.body_pose, second.body_pose)


def test_wrong_prediction_does_not_rule(keypoints, rng) -> None:
    """Student's t gives way: with a network that knows nothing, a fit still explains its image."""
    fitted = sc.fit(keypoints, CAMERA, lifter=reference.random_lifter(rng, SLOTS))
    assert fitted.reprojection_error() < 6.0


def test_fit_that_is_certain_skips_early_stages(keypoints) -> None:
    stages = [stage.name for stage in sc.default_stages()]
    fitted = sc.fit(keypoints, CAMERA)
    assert [stage.name for stage in fitted.stages] == stages[-len(fitted.stages) :]
    assert len(fitted.stages) < len(stages)
    assert fitted.num_starts == 1


def test_own_network_is_named_when_it_is_missing(keypoints, tmp_path, rng) -> None:
    lifter = reference.random_lifter(rng, SLOTS)
    fitted = sc.fit(keypoints, CAMERA, lifter=lifter)
    fitted.save(tmp_path / "fit.npz")
    loaded = sc.load_result(tmp_path / "fit.npz")
    with pytest.raises(ValueError, match="lifter: expected that of the fit"):
        loaded.covariance(model=sc.load_body_model())
    np.testing.assert_allclose(
        loaded.covariance(model=sc.load_body_model(), lifter=lifter).matrix,
        fitted.covariance().matrix,
        atol=1e-12,
    )


def test_wrong_argument(keypoints) -> None:
    with pytest.raises(
        TypeError, match="lifter: expected a Lifter, the path of one or None, got int"
    ):
        sc.fit(keypoints, CAMERA, lifter=3)  # type: ignore[arg-type]
