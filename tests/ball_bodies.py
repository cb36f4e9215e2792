"""Bodies made of balls, and poses whose limbs collide."""

from __future__ import annotations

import numpy as np

from checks import stage_with
from smplceres import BodyModel, Camera
from smplceres._native import _core
from smplceres.base.skeleton import SMPL_JOINTS
from smplceres.body.model_arrays import BodyModelArrays

CAMERA = Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)


def crossed_arms(inwards: float) -> np.ndarray:
    """Arms stretched forwards and turned inwards by an angle past parallel, radians."""
    pose = np.zeros((23, 3))
    pose[SMPL_JOINTS.index("left_shoulder") - 1, 1] = -(np.pi / 2 + inwards)
    pose[SMPL_JOINTS.index("right_shoulder") - 1, 1] = np.pi / 2 + inwards
    return pose


def stage_of(overlap: str, *, shape: bool) -> _core.Stage:
    stage = stage_with(interpenetration=2.5)
    stage.interpenetration.overlap = overlap
    stage.interpenetration.shape = shape
    return stage


RADIUS = 0.1


def ball() -> tuple[np.ndarray, np.ndarray]:
    """Vertices and outward faces of a ball of RADIUS: rings of 24 between two poles on x."""
    rings, columns = 23, 24
    polar = np.linspace(0, np.pi, rings + 2)[1:-1, None]
    around = np.arange(columns) * 2 * np.pi / columns
    ring = np.stack(
        np.broadcast_arrays(
            np.cos(polar), np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around)
        ),
        axis=-1,
    )
    vertices = np.concatenate([ring.reshape(-1, 3), [[1, 0, 0], [-1, 0, 0]]])
    number = np.arange(rings * columns).reshape(rings, columns)
    after = np.roll(number, -1, axis=1)
    first, last = np.full(columns, len(vertices) - 2), np.full(columns, len(vertices) - 1)
    faces = [
        np.stack([number[:-1], number[1:], after[1:]], axis=-1).reshape(-1, 3),
        np.stack([number[:-1], after[1:], after[:-1]], axis=-1).reshape(-1, 3),
        np.stack([first, number[0], after[0]], axis=-1),
        np.stack([last, after[-1], number[-1]], axis=-1),
    ]
    return RADIUS * vertices, np.concatenate(faces)


def ball_body(parents: list[int]) -> BodyModel:
    """A ball for each joint: the root's at the origin, others 1 m from it along x, z and -x, their
    joints at the origin too, so that they swing about it."""
    places = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1], [-1, 0, 0]], dtype=float)[: len(parents)]
    vertices, faces = ball()
    J, n = len(parents), len(vertices)
    J_regressor = np.zeros((J, J * n))
    J_regressor[:, :n] = 1 / n
    arrays = BodyModelArrays(
        name="balls",
        v_template=np.concatenate([vertices + place for place in places]),
        shapedirs=0.01 * np.tile(vertices, (J, 1))[:, :, None],
        posedirs=np.zeros((J * n, 3, 9 * (J - 1))),
        J_regressor=J_regressor,
        lbs_weights=np.repeat(np.eye(J), n, axis=0),
        parents=np.array(parents, np.int32),
        faces=np.concatenate([faces + i * n for i in range(J)]).astype(np.int32),
        joint_names=SMPL_JOINTS[:J],
        landmarks={},
    )
    return BodyModel(arrays)
