"""Bodies with hands and face: the same numbers as the `smplx` package, of files in its layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import smplceres as sc
from smplceres.base.skeleton import FACE_LANDMARKS, NUM_CONTOUR_LANDMARKS, joint_names

pytestmark = pytest.mark.peers

NUM_VERTICES = {"smplx": 10475, "smplh": 6890}
NUM_JOINTS = {"smplx": 55, "smplh": 52}
TIPS = [
    f"{side}_{finger}_tip"
    for side in ("left", "right")
    for finger in ("thumb", "index", "middle", "ring", "pinky")
]


def forged(kind: str, rng: np.random.Generator, columns: int) -> dict[str, np.ndarray]:
    """Random arrays under the keys and in the shapes of the files."""
    V, J = NUM_VERTICES[kind], NUM_JOINTS[kind]
    parents = np.array([-1, *(rng.integers(max(0, j - 5), j) for j in range(1, J))])
    weights = np.zeros((V, J))
    for _ in range(3):
        weights[np.arange(V), rng.integers(J, size=V)] += rng.random(V) + 0.1
    regressor = np.zeros((J, V))
    for row in regressor:
        row[rng.integers(V, size=8)] += 1 / 8
    arrays = {
        "v_template": rng.normal(0, 0.3, (V, 3)),
        "shapedirs": rng.normal(0, 0.01, (V, 3, columns)),
        "posedirs": rng.normal(0, 0.002, (V, 3, 9 * (J - 1))).astype(np.float32),
        "J_regressor": regressor,
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "kintree_table": np.stack([np.where(parents < 0, 2**32 - 1, parents), np.arange(J)]),
        "f": rng.integers(V, size=(500, 3)),
    }
    for side in "lr":
        arrays[f"hands_components{side}"] = np.linalg.qr(rng.normal(size=(45, 45)))[0]
        arrays[f"hands_mean{side}"] = rng.normal(0, 0.2, 45)
        arrays[f"hands_coeffs{side}"] = rng.normal(0, 0.5, (100, 45))
    if kind == "smplx":
        arrays |= {
            "lmk_faces_idx": rng.integers(500, size=51),
            "lmk_bary_coords": rng.dirichlet(np.ones(3), 51),
            "dynamic_lmk_faces_idx": rng.integers(500, size=(79, 17)),
            "dynamic_lmk_bary_coords": rng.dirichlet(np.ones(3), (79, 17)),
        }
    return arrays


def written(folder: Path, kind: str, rng: np.random.Generator, columns: int) -> Path:
    (folder / kind).mkdir()
    path = folder / kind / f"{kind.upper()}_NEUTRAL.npz"
    np.savez(path, **forged(kind, rng, columns))
    return path


@pytest.mark.parametrize("columns", [20, 400], ids=["10 + 10", "300 + 100"])
def test_smplx_files(columns, tmp_path, rng) -> None:
    """Vertices, joints, finger tips and the 51 landmarks inside the face."""
    torch, smplx = pytest.importorskip("torch"), pytest.importorskip("smplx")
    path = written(tmp_path, "smplx", rng, columns)
    count = 3
    theirs = smplx.create(
        tmp_path, "smplx", ext="npz", batch_size=count, dtype=torch.float64, use_pca=False,
        flat_hand_mean=True, use_face_contour=True,
    )  # fmt: skip
    ours = sc.load_body_model(path)
    poses = {
        "global_orient": (3,),
        "body_pose": (21, 3),
        "jaw_pose": (3,),
        "leye_pose": (3,),
        "reye_pose": (3,),
        "left_hand_pose": (15, 3),
        "right_hand_pose": (15, 3),
    }
    given = {name: rng.normal(0, 0.4, (count, *shape)) for name, shape in poses.items()}
    given["global_orient"] = np.zeros((count, 3))
    for name in ("betas", "expression"):
        given[name] = rng.normal(size=(count, 10))
    given["transl"] = rng.normal(size=(count, 3))
    flat = {name: torch.tensor(each.reshape(count, -1)) for name, each in given.items()}
    with torch.no_grad():
        expected = theirs(**flat)
    body = ours(**given)
    np.testing.assert_allclose(body.vertices, expected.vertices, rtol=0, atol=1e-6)
    joints = expected.joints.numpy()
    np.testing.assert_allclose(body.joints, joints[:, :55], rtol=0, atol=1e-6)
    for i in range(count):
        for name, place in zip(TIPS, joints[i, 66:76], strict=True):
            vertices, weights = ours.landmarks[name]
            np.testing.assert_allclose(weights @ body.vertices[i][vertices], place, atol=1e-6)
        for name, place in zip(
            FACE_LANDMARKS[NUM_CONTOUR_LANDMARKS:], joints[i, 76:127], strict=True
        ):
            vertices, weights = ours.landmarks[name]
            np.testing.assert_allclose(weights @ body.vertices[i][vertices], place, atol=1e-6)


def test_principal_components_of_hands(tmp_path, rng) -> None:
    """`use_pca=True` of smplx is a pose that our components reach."""
    torch, smplx = pytest.importorskip("torch"), pytest.importorskip("smplx")
    path = written(tmp_path, "smplh", rng, 16)
    theirs = smplx.create(
        tmp_path, "smplh", ext="npz", dtype=torch.float64, use_pca=True, num_pca_comps=12,
        flat_hand_mean=False,
    )  # fmt: skip
    ours = sc.load_body_model(path)
    components = rng.normal(size=(2, 12))
    hands = {}
    for (name, _, mean, directions), coefficients in zip(
        ours.layout.components, components, strict=True
    ):
        rows = np.load(path)[f"hands_components{name[0]}"][:12]
        sigma = np.load(path)[f"hands_coeffs{name[0]}"].std(axis=0)[:12]
        hands[f"{name}_pose"] = mean + directions @ (coefficients / sigma)
        np.testing.assert_allclose(
            hands[f"{name}_pose"].ravel(), mean.ravel() + coefficients @ rows, atol=1e-12
        )
    with torch.no_grad():
        expected = theirs(
            left_hand_pose=torch.tensor(components[:1]),
            right_hand_pose=torch.tensor(components[1:]),
        )
    body = ours(**hands)
    np.testing.assert_allclose(body.vertices, expected.vertices[0], rtol=0, atol=1e-6)


def test_names_of_joints_are_those_of_smplx() -> None:
    names = pytest.importorskip("smplx.joint_names")
    assert joint_names(55) == tuple(names.JOINT_NAMES[:55])
