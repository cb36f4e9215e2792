"""What the cases are computed on: bodies, people, cameras, keypoints, images, from fixed seeds."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

import smplceres as sc

Floats = NDArray[np.float64]
# The arguments that pose a body: betas, global_orient, body_pose, transl.
Person = dict[str, Any]

BODY_25 = sc.FORMATS["openpose_body25"]
CAMERA = sc.Camera(fx=1500, fy=1500, cx=640, cy=360, width=1280, height=720)
WEAK = sc.WeakPerspectiveCamera(scale=210.0, cx=640, cy=360, width=1280, height=720)
# A small image, for masks and depths.
SMALL_INTRINSICS: dict[str, Any] = {
    "fx": 350,
    "fy": 350,
    "cx": 119.5,
    "cy": 119.5,
    "width": 240,
    "height": 240,
}
SMALL = sc.Camera(**SMALL_INTRINSICS)
# Triangles are painted by points at multiples of 1 / _SPLATS of their sides: an edge of 2 cm at
# 3 m is 2 pixels of SMALL.
_SPLATS = 5


def rng_of(name: str) -> np.random.Generator:
    """Random numbers whose seed is the name."""
    return np.random.default_rng(zlib.crc32(name.encode()))


@cache
def body() -> sc.BodyModel:
    """The body of fits that are given none."""
    return sc.load_body_model()


@cache
def random_body() -> sc.BodyModel:
    """A tree of 24 joints over a cloud of 50 vertices, with dense pose blend shapes; by a file."""
    rng = rng_of("random body")
    J, V, B = 24, 50, 4
    weights = rng.random((V, J)) * (rng.random((V, J)) < 0.15)
    weights[np.arange(V), rng.integers(J, size=V)] += 0.1
    parents = np.array([-1, *(rng.integers(j) for j in range(1, J))])
    landmarks = ("nose", "left_big_toe", "right_big_toe", "left_heel", "right_heel", "head_top")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "random.npz"
        np.savez(
            path,
            v_template=rng.normal(0, 0.3, (V, 3)),
            shapedirs=rng.normal(0, 0.02, (V, 3, B)),
            posedirs=rng.normal(0, 0.01, (V, 3, 9 * (J - 1))),
            J_regressor=rng.dirichlet(np.full(V, 0.1), size=J),
            weights=weights / weights.sum(axis=1, keepdims=True),
            kintree_table=np.array([parents, np.arange(J)]),
            f=rng.integers(V, size=(V, 3)),
            landmark_names=np.array(landmarks),
            landmark_vertices=rng.choice(V, (len(landmarks), 3), replace=False),
            landmark_weights=rng.dirichlet(np.ones(3), len(landmarks)),
        )
        return sc.load_body_model(path)


def rotation(axis_angle: Sequence[float]) -> Floats:
    """(3, 3) by Rodrigues' formula."""
    vector = np.array(axis_angle, dtype=np.float64)
    angle = float(np.linalg.norm(vector))
    x, y, z = vector / (angle or 1.0)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def placed(camera: sc.Camera) -> dict[str, Any]:
    """The arguments of a camera, to be changed."""
    arguments = camera.to_dict()
    del arguments["kind"]
    return arguments


# A camera with distortion, and one with a place in a world whose y is up: 1.6 m above its ground,
# tilted down by 5 degrees.
DISTORTED = sc.Camera(**placed(CAMERA) | {"distortion": [-0.2, 0.05, 0.003, -0.002, 0.01]})
_TILTED = rotation([0.087, 0, 0]) @ np.diag([1.0, -1.0, -1.0])
WORLD = sc.Camera(
    **placed(CAMERA) | {"rotation": _TILTED, "translation": -_TILTED @ [0.3, 1.6, 4.0]}
)


def ring(count: int = 4, **intrinsics: Any) -> list[sc.Camera]:
    """Cameras on a circle of 4 m about (0, 0, 4), y down, looking there."""
    usual = {"fx": 1100, "fy": 1100, "cx": 500, "cy": 500, "width": 1000, "height": 1000}
    cameras = []
    for angle in (0.0, 1.4, 2.9, 4.5)[:count]:
        turn = rotation([0, angle, 0])
        translation = np.array([0, 0, 4]) - turn @ [0, 0, 4]
        cameras.append(sc.Camera(**usual | intrinsics, rotation=turn, translation=translation))
    return cameras


def person(
    rng: np.random.Generator,
    *,
    yaw: float = 0.3,
    spread: float = 0.2,
    depth: float = 4.0,
    num_betas: int = 10,
) -> Person:
    """Somebody upright before a camera at the origin, y down.

    yaw: 0 facing the camera, pi / 2 a side, radians. spread: of the pose, radians.
    """
    mean = sc.anatomical_prior(24).mean.reshape(-1, 3)
    return {
        "betas": rng.normal(0, 1, num_betas),
        "global_orient": np.pi * np.array([np.cos(yaw / 2), 0.0, np.sin(yaw / 2)]),
        "body_pose": mean + rng.normal(0, spread, mean.shape),
        "transl": np.array([0, 0, depth]) + rng.normal(0, 0.2, 3),
    }


def in_world(somebody: Person, yaw: float = 0.3) -> Person:
    """The same on the ground of WORLD's world, feet near y = 0."""
    upright = {"global_orient": np.array([0, yaw, 0]), "transl": np.array([0.2, 0.95, -0.3])}
    return somebody | upright


def crossed_arms(somebody: Person) -> Person:
    """The same with forearms that pass through chest and one another."""
    pose = somebody["body_pose"].copy()
    names = body().joint_names
    for name, turn in (
        ("left_shoulder", [0.2, -1.2, -0.6]),
        ("right_shoulder", [0.2, 1.2, 0.6]),
        ("left_elbow", [0, -1.9, 0]),
        ("right_elbow", [0, 1.9, 0]),
    ):
        pose[names.index(name) - 1] = turn
    return somebody | {"body_pose": pose}


def seen_by(
    camera: sc.Camera | sc.WeakPerspectiveCamera,
    somebody: Person,
    rng: np.random.Generator,
    *,
    noise: float = 3.0,
    model: sc.BodyModel | None = None,
    keypoint_format: sc.KeypointFormat = BODY_25,
) -> sc.Keypoints:
    """Keypoints of a body with Gaussian noise, pixels, and confidences from 0.5 to 1; those that
    the body does not have were not seen."""
    pixels = camera.project(points_of(keypoint_format, somebody, model))
    on_body = np.isfinite(pixels[:, 0])
    xy = np.where(on_body[:, None], pixels, 0) + rng.normal(0, noise, pixels.shape)
    confidence = on_body * rng.uniform(0.5, 1, len(xy))
    size = (camera.width, camera.height)
    return sc.Keypoints(xy, confidence, keypoint_format, image_size=size)


def points_of(
    keypoint_format: sc.KeypointFormat, somebody: Person, model: sc.BodyModel | None = None
) -> Floats:
    """(K, 3) metres, where a body has the points of a format; NaN where it has none."""
    model = body() if model is None else model
    posed = model(**somebody)
    places = []
    for keypoint in keypoint_format.keypoints:
        parts = []
        for location in keypoint.location:
            if location in model.landmarks:
                vertices, weights = model.landmarks[location]
                parts.append(weights @ posed.vertices[vertices])
            elif location in model.joint_names:
                parts.append(posed.joints[model.joint_names.index(location)])
        known = len(parts) == len(keypoint.location) > 0
        places.append(np.mean(parts, axis=0) if known else np.full(3, np.nan))
    return np.array(places)


def hidden(keypoints: sc.Keypoints, numbers: Sequence[int]) -> sc.Keypoints:
    """The same with some not seen."""
    confidence = keypoints.confidence.copy()
    confidence[list(numbers)] = 0
    return sc.Keypoints(keypoints.xy, confidence, keypoints.format, keypoints.image_size)


def legs() -> list[int]:
    """The keypoints of BODY_25 that lie below the hips."""
    below = ("knee", "ankle", "heel", "toe")
    return [k for k, name in enumerate(BODY_25.names) if any(part in name for part in below)]


def depth_image(camera: sc.Camera, somebody: Person) -> Floats:
    """(height, width) metres along the optical axis; 0 beside the body."""
    vertices = body()(**somebody).vertices
    steps = [(a, b, _SPLATS - a - b) for a in range(_SPLATS + 1) for b in range(_SPLATS + 1 - a)]
    corners = vertices[body().faces]
    points = np.einsum("sc,fcx->sfx", np.array(steps) / _SPLATS, corners).reshape(-1, 3)
    columns, rows = np.rint(camera.project(points)).astype(int).T
    depths = camera.to_camera(points)[:, 2]
    inside = (np.minimum(rows, columns) >= 0) & (rows < camera.height) & (columns < camera.width)
    image = np.full((camera.height, camera.width), np.inf)
    np.minimum.at(image, (rows[inside], columns[inside]), depths[inside])
    return np.asarray(np.where(np.isfinite(image), image, 0.0))


def mask_image(camera: sc.Camera, somebody: Person) -> NDArray[np.bool_]:
    """(height, width) where the body is."""
    return depth_image(camera, somebody) > 0


def surface_points(somebody: Person, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """(count, 3) points on the body from all around, off by 5 mm, and their outward normals."""
    corners = body()(**somebody).vertices[body().faces[rng.choice(len(body().faces), count)]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return corners.mean(axis=1) + rng.normal(0, 0.005, (count, 3)), normals


def clip(rng: np.random.Generator, times: Floats, *, at: float = 0.0) -> list[Person]:
    """Somebody who glides to the side, raises an arm and bends a knee."""
    somebody = person(rng, yaw=0.4, spread=0.1)
    names = body().joint_names
    motion = []
    for t in times:
        pose = somebody["body_pose"].copy()
        pose[names.index("left_shoulder") - 1] += [0, 0, 0.6 * np.sin(2 * t)]
        pose[names.index("left_elbow") - 1] += [0, -0.5 * np.sin(3 * t), 0]
        pose[names.index("left_knee") - 1] += [0.3 + 0.3 * np.sin(2.5 * t), 0, 0]
        moved = somebody["transl"] + [at + 0.3 * t, 0, 0]
        motion.append(somebody | {"body_pose": pose, "transl": moved})
    return motion


def stage_with(**weights: float) -> sc.Stage:
    """A stage of these terms alone, whatever weights a new stage has."""
    stage = sc.Stage()
    for name in vars(sc.Stage):
        options = getattr(stage, name)
        if hasattr(options, "weight"):
            options.weight = weights.pop(name, 0.0)
    if weights:
        raise ValueError(f"weights: expected terms of a stage, got {', '.join(weights)}")
    return stage
