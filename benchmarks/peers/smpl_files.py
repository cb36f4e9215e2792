"""Our bodies as files that the field's packages read: SMPL's, under the names they look for."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np

from smplceres import BodyModel
from smplceres.base.skeleton import SMPL_PARENTS

Arrays = dict[str, np.ndarray]


def smpl_arrays(model: BodyModel) -> Arrays:
    """The arrays under SMPL's names."""
    return {
        "v_template": model.v_template,
        "shapedirs": model.shapedirs,
        "posedirs": model.posedirs,
        "J_regressor": model.J_regressor,
        "weights": model.lbs_weights,
        "kintree_table": _kintree(),
        "f": model.faces.astype(np.uint32),
    }


def points_only(model: BodyModel, vertices: list[int]) -> Arrays:
    """The same body with no vertices but these, and one at each joint, which then takes the place
    of the many that it is regressed from: for joints and these vertices the numbers are the same,
    at a hundredth of the arithmetic."""
    regressor, joints = model.J_regressor, model.num_joints
    count = len(vertices)
    posedirs = np.zeros((count + joints, 3, 9 * (joints - 1)))
    posedirs[:count] = model.posedirs[vertices]
    to_joints = np.zeros((joints, count + joints))
    to_joints[:, count:] = np.eye(joints)
    shapedirs = np.tensordot(regressor, model.shapedirs, axes=1)
    return {
        "v_template": np.concatenate([model.v_template[vertices], regressor @ model.v_template]),
        "shapedirs": np.concatenate([model.shapedirs[vertices], shapedirs]),
        "posedirs": posedirs,
        "J_regressor": to_joints,
        "weights": np.concatenate([model.lbs_weights[vertices], np.eye(joints)]),
        "kintree_table": _kintree(),
        "f": np.array([[0, 1, 2]], dtype=np.uint32),
    }


def write_for_smplx(folder: Path, arrays: Arrays) -> Path:
    """A folder for `smplx.create(folder, "smpl")`."""
    return _write(folder / "smpl" / "SMPL_NEUTRAL.pkl", arrays, folder)


def write_for_smplfitter(folder: Path, arrays: Arrays) -> Path:
    """A folder for smplfitter's `BodyModel("smpl", model_root=folder)`; no kid template."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "kid_template.npy", np.zeros_like(arrays["v_template"]))
    return _write(folder / "basicmodel_neutral_lbs_10_207_0_v1.1.0.pkl", arrays, folder)


def _kintree() -> np.ndarray:
    parents = np.array(SMPL_PARENTS, dtype=np.int64).astype(np.uint32)
    return np.stack([parents, np.arange(len(parents), dtype=np.uint32)])


def _write(path: Path, arrays: Arrays, folder: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(arrays, protocol=2))
    return folder
