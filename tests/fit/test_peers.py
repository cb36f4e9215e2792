"""The same numbers as the packages that the field uses; `make peers` installs them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import reference
import smplify_reference
from smplceres import Camera, load_body_model, load_pose_prior
from smplceres.base.skeleton import SMPL_LANDMARKS
from smplceres.synthetic import make_body_model

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from peers import numpy_body, smpl_files

pytestmark = pytest.mark.peers

# The first 11 points that smplx appends to SMPL's 24 joints, by our names.
APPENDED = (
    *("nose", "right_eye", "left_eye", "right_ear", "left_ear"),
    *("left_big_toe", "left_small_toe", "left_heel"),
    *("right_big_toe", "right_small_toe", "right_heel"),
)


@pytest.mark.parametrize("seed", [0, 1], ids=["average person", "another person"])
def test_vertices_and_joints_equal_the_smplx_package(seed, tmp_path, rng) -> None:
    """At most 1e-6 m apart in float64, read by both from one file; points on the skin too."""
    torch = pytest.importorskip("torch")
    smplx = pytest.importorskip("smplx")
    smpl_files.write_for_smplx(tmp_path, smpl_files.smpl_arrays(make_body_model(seed)))
    ours = load_body_model(tmp_path / "smpl" / "SMPL_NEUTRAL.pkl")
    count = 20
    theirs = smplx.create(tmp_path, "smpl", batch_size=count, dtype=torch.float64)
    parameters = {
        "betas": rng.normal(0, 2, (count, 10)),
        "global_orient": rng.normal(0, 2, (count, 3)),
        "body_pose": rng.normal(0, 0.7, (count, 23, 3)),
        "transl": rng.normal(0, 3, (count, 3)),
    }
    parameters["body_pose"][0] = 0.0
    with torch.no_grad():
        expected = theirs(
            **{name: torch.tensor(values.reshape(count, -1)) for name, values in parameters.items()}
        )
    assert expected.vertices.dtype == torch.float64
    for i in range(count):
        body = ours(**{name: values[i] for name, values in parameters.items()})
        joints = expected.joints[i].numpy()
        np.testing.assert_allclose(body.vertices, expected.vertices[i].numpy(), rtol=0, atol=1e-6)
        np.testing.assert_allclose(body.joints, joints[:24], rtol=0, atol=1e-6)
        skin = body.vertices[[SMPL_LANDMARKS[name] for name in APPENDED]]
        np.testing.assert_allclose(skin, joints[24 : 24 + len(APPENDED)], rtol=0, atol=1e-6)


@pytest.mark.parametrize("coefficients", [0, 4, 5, 8])
def test_projection_equals_opencv(coefficients, rng) -> None:
    """At most 1e-6 px apart."""
    cv2 = pytest.importorskip("cv2")
    for _ in range(10):
        distortion = rng.normal(0, [0.2, 0.1, 0.01, 0.01, 0.05, 0.1, 0.05, 0.02])[:coefficients]
        rotation, translation = rng.normal(0, 1.5, 3), rng.normal(0, 1, 3)
        fx, fy, cx, cy = rng.uniform([800, 800, 500, 300], [2000, 2000, 700, 400])
        camera = Camera(
            fx=fx,
            fy=fy,
            cx=cx,
            cy=cy,
            width=1280,
            height=720,
            distortion=distortion,
            rotation=reference.rodrigues(rotation),
            translation=translation,
        )
        depth = rng.uniform(1, 10, (200, 1))
        in_camera = np.hstack([rng.uniform(-0.5, 0.5, (200, 2)) * depth, depth])
        points = (in_camera - translation) @ camera.rotation
        matrix = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
        expected, _ = cv2.projectPoints(points, rotation, translation, matrix, distortion)
        np.testing.assert_allclose(camera.project(points), expected[:, 0], rtol=0, atol=1e-6)


def test_the_restated_smplify_x_sees_what_we_see(rng) -> None:
    """benchmarks/peers/smplify_x.py in float32: keypoints of a pose on its body and on the one cut
    down to them within 0.01 px of ours, its pose prior that of the reference."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("smplx")
    from sections.smplify_x import CUT, FORMAT, WHOLE, make_peers  # noqa: PLC0415

    model = make_body_model(0)
    camera = Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)
    pose = {
        "betas": rng.normal(size=10),
        "global_orient": rng.normal(size=3),
        "body_pose": rng.normal(0, 0.3, (23, 3)),
        "transl": np.array([0.1, -0.2, 4.0]),
    }
    points = model.keypoint_points(FORMAT).points.evaluate(model._core, **pose)
    peers = make_peers(model)
    variables = {
        name: torch.tensor(values.reshape(1, -1), dtype=torch.float32)
        for name, values in pose.items()
    }
    for name in (WHOLE, CUT):
        seen = peers[name]._seen(np.ones((25, 3)), camera)
        pixels = peers[name]._pixels(seen, variables).numpy()
        np.testing.assert_allclose(pixels, camera.project(points), rtol=0, atol=0.01)
    prior = load_pose_prior()
    expected = smplify_reference.pose_prior(
        pose["body_pose"], prior.weights, prior.means, prior.covars, 1.0
    )
    restated = float(peers[WHOLE].prior(variables["body_pose"][0]))
    np.testing.assert_allclose(restated, expected, rtol=1e-4)


def test_the_numpy_body_equals_ours(rng) -> None:
    """benchmarks/peers/numpy_body.py, poses in a batch, at most 1e-9 m apart."""
    model = make_body_model(0)
    body = numpy_body.NumpyBody(smpl_files.smpl_arrays(model))
    betas, pose, transl = (rng.normal(size=(3, *shape)) for shape in ((10,), (24, 3), (3,)))
    for i, vertices in enumerate(body(betas, pose, transl)):
        ours = model(
            betas=betas[i], global_orient=pose[i, 0], body_pose=pose[i, 1:], transl=transl[i]
        )
        np.testing.assert_allclose(vertices, ours.vertices, rtol=0, atol=1e-9)
