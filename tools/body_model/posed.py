"""The whole body's file posed by NumPy alone: for pictures, landmarks and statistics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from .mesh import Floats, Integers


class WholeBody:
    """body_whole.npz.

    Attributes:
        template: (V, 3).
        faces: (F, 3).
        joints: (55, 3) at rest.
        names: 55.
        arrays: the file's members.
    """

    def __init__(self, source: Path | Mapping[str, NDArray[Any]]) -> None:
        """The file, or its members."""
        if isinstance(source, Path):
            with np.load(source) as members:
                source = {key: members[key] for key in members.files}
        self.arrays = dict(source)
        self.template = self.arrays["v_template"].astype(np.float64)
        self.faces = self.arrays["f"].astype(np.int64)
        self.names = tuple(self.arrays["joint_names"])
        self.parents = self.arrays["kintree_table"][0]
        self._weights = self.arrays["weights"].astype(np.float64)
        self._directions = self.arrays["shapedirs"].astype(np.float64)
        self._num_betas = int(self.arrays["num_betas"].sum())
        self.joints = self.regressed(self.template)

    def landmark(self, name: str) -> Integers:
        """The vertices that a landmark is the mean of."""
        row = list(self.arrays["landmark_names"]).index(name)
        used = self.arrays["landmark_weights"][row] > 0
        return self.arrays["landmark_vertices"][row][used].astype(np.int64)

    def regressed(self, vertices: Floats) -> Floats:
        """(55, 3) joints of vertices at rest."""
        weights = self.arrays["J_regressor"].astype(np.float64)
        return np.einsum("jn,jni->ji", weights, vertices[self.arrays["J_regressor_vertices"]])

    def rest(self, betas: ArrayLike = (), expression: ArrayLike = ()) -> Floats:
        """(V, 3) at rest."""
        betas, expression = np.asarray(betas, np.float64), np.asarray(expression, np.float64)
        first = self._num_betas
        vertices = self.template + self._directions[:, :, : len(betas)] @ betas
        return np.asarray(
            vertices + self._directions[:, :, first : first + len(expression)] @ expression
        )

    def __call__(
        self, pose: ArrayLike | None = None, betas: ArrayLike = (), expression: ArrayLike = ()
    ) -> tuple[Floats, Floats]:
        """Vertices (V, 3) and joints (55, 3) of a pose (55, 3) of rotation vectors."""
        vertices = self.rest(betas, expression)
        joints = self.regressed(vertices)
        pose = np.zeros((len(self.names), 3)) if pose is None else np.asarray(pose, np.float64)
        turns = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix()
        features = (turns - np.eye(3)).reshape(-1, 9)
        chosen = self.arrays["posedirs_vertices"]
        moved = np.einsum(
            "nif,nf->ni",
            self.arrays["posedirs"].astype(np.float64),
            features[self.arrays["posedirs_joints"]],
        )
        np.add.at(vertices, chosen, moved)
        world, places = turns.copy(), joints.copy()
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                world[joint] = world[parent] @ turns[joint]
                places[joint] = places[parent] + world[parent] @ (joints[joint] - joints[parent])
        offsets = places - np.einsum("jab,jb->ja", world, joints)
        blended = np.tensordot(self._weights, world, 1)
        return (
            np.einsum("vab,vb->va", blended, vertices) + self._weights @ offsets,
            places,
        )
