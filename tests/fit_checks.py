"""What fits are compared by."""

from __future__ import annotations

import numpy as np

import reference
from smplceres import Camera, FitResult, Stage, WeakPerspectiveCamera

INTRINSICS = {"fx": 1500.0, "fy": 1500.0, "cx": 640.0, "cy": 360.0, "width": 1280, "height": 720}
CAMERA = Camera(**INTRINSICS)
PARAMETERS = ("global_orient", "body_pose", "betas", "transl")


def distance(a: FitResult, b: FitResult) -> float:
    """The largest difference of any parameter."""
    return max(np.abs(getattr(a, name) - getattr(b, name)).max() for name in PARAMETERS)


def assert_finite(result: FitResult) -> None:
    """No NaN where there is a number to have."""
    for name in (*PARAMETERS, "joints"):
        assert np.isfinite(getattr(result, name)).all(), name
    on_body = [bool(keypoint.location) for keypoint in result.keypoints.format.keypoints]
    assert np.isfinite(result.keypoints2d[on_body]).all()
    assert np.isfinite(list(result.energies.values())).all()
    costs = [cost for stage in result.stages for cost in (stage.initial_cost, stage.final_cost)]
    assert np.isfinite(costs).all()
    assert (np.array(costs) >= 0).all()
    assert result.message


def assert_plausible(result: FitResult) -> None:
    """Finite, and every joint at a distance at which people are photographed."""
    assert_finite(result)
    depth = result.camera.to_camera(result.joints)[:, 2]
    assert 0.3 < depth.min() <= depth.max() < 100


def assert_meets_keypoints(result: FitResult) -> None:
    """Exact ones of a person some 600 px tall, to what the priors leave that pull at the pose."""
    assert result.reprojection_error() < 10
    assert np.nanmax(result.residuals) < 60


def weak_stages() -> list[Stage]:
    """Priors that fade until keypoints alone decide: they lead along the valley of what one picture
    does not tell, in which a single stage would creep."""
    stages = []
    for weight in (1.0, 1e-1, 1e-2, 1e-3, 1e-4):
        stage = Stage()
        stage.name = f"priors {weight:g}"
        stage.reprojection.weight = 1.0
        stage.reprojection.robust = "none"
        stage.pose_prior.weight = stage.shape_prior.weight = weight
        stage.solver.max_iterations = 200
        stage.solver.function_tolerance = 1e-9
        stages.append(stage)
    return stages


RECOVERY_CAMERAS = {
    "plain": CAMERA,
    "distorted": Camera(**INTRINSICS, distortion=[-0.2, 0.05, 0.003, -0.002, 0.01]),
    "in a world": Camera(
        **INTRINSICS,
        rotation=reference.rodrigues([1.2, -0.7, 0.9]),
        translation=[0.4, -0.3, 1.0],
    ),
    "weak perspective": WeakPerspectiveCamera(
        scale=210.0, cx=640.0, cy=360.0, width=1280, height=720
    ),
    "weak perspective of unknown scale": WeakPerspectiveCamera.guess(1280, 720),
}
