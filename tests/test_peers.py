"""The same numbers as the packages that the field uses; `make peers` installs them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import reference
from smplceres import BodyModel, Camera, load_body_model
from smplceres.skeleton import SMPL_LANDMARKS
from smplceres.synthetic import make_body_model

pytestmark = pytest.mark.peers

# The first 11 points that smplx appends to SMPL's 24 joints, by our names.
APPENDED = (
    *("nose", "right_eye", "left_eye", "right_ear", "left_ear"),
    *("left_big_toe", "left_small_toe", "left_heel"),
    *("right_big_toe", "right_small_toe", "right_heel"),
)


def write_smpl_file(path, model: BodyModel) -> None:
    """The arrays under the names that SMPL's files give them."""
    kintree = np.stack([model.parents.astype(np.uint32), np.arange(24, dtype=np.uint32)])
    arrays = {
        "v_template": model.v_template,
        "shapedirs": model.shapedirs,
        "posedirs": model.posedirs,
        "J_regressor": model.J_regressor,
        "weights": model.lbs_weights,
        "kintree_table": kintree,
        "f": model.faces.astype(np.uint32),
    }
    path.parent.mkdir()
    path.write_bytes(pickle.dumps(arrays, protocol=2))


@pytest.mark.parametrize("seed", [0, 1], ids=["average person", "another person"])
def test_vertices_and_joints_equal_the_smplx_package(seed, tmp_path, rng) -> None:
    """At most 1e-6 m apart in float64, read by both from one file; points on the skin too."""
    torch = pytest.importorskip("torch")
    smplx = pytest.importorskip("smplx")
    path = tmp_path / "smpl" / "SMPL_NEUTRAL.pkl"
    write_smpl_file(path, make_body_model(seed))
    ours = load_body_model(path)
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
