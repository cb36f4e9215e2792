"""People whose fits are right, for inputs that are made wrong: one image, several, a clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import smplceres as sc

from .pictures import Floats, matrix_of, turn


@dataclass(frozen=True, eq=False)
class Single:
    """A person in one image: keypoints (K, 3), format, camera, and the image's size if known."""

    keypoints: Floats
    camera: sc.Camera
    format: str
    image_size: tuple[int, int] | None = None

    def fit(self) -> sc.FitResult:
        seen = sc.Keypoints.from_array(self.keypoints, self.format, self.image_size)
        return sc.fit(seen, self.camera)


@dataclass(frozen=True, eq=False)
class Several:
    """A person in several images at once."""

    keypoints: Sequence[sc.Keypoints]
    cameras: Sequence[sc.Camera]

    def fit(self) -> sc.FitResult:
        return sc.fit(list(self.keypoints), list(self.cameras))


@dataclass(frozen=True, eq=False)
class Walk:
    """A clip of a person: keypoints (F, K, 3), and frames per second or times."""

    keypoints: Floats
    camera: sc.Camera
    format: str
    fps: float | None = 30.0
    times: Floats | None = None

    def fit(self) -> sc.SequenceResult:
        return sc.fit_sequence(
            list(self.keypoints),
            self.camera,
            fps=self.fps,
            times=self.times,
            keypoint_format=self.format,
        )


def posed(
    model: sc.BodyModel,
    pose: Floats,
    keypoint_format: str,
    *,
    yaw: float = 0.5,
    pitch: float = 0.1,
    depth: float = 4.0,
    scale: float = 1.0,
) -> tuple[Floats, Floats]:
    """Keypoints (K, 3) in a camera's frame, and which of them (K,) the body has.

    Args:
        pose: (24, 3), its root in a world whose y is up.
        scale: of the body; a child is not an adult made smaller, but as small.
    """
    points, point_of, _ = model.keypoint_points(sc.FORMATS[keypoint_format])
    at_rest = model.parameters(None, None, pose[1:], None)
    places = points.evaluate(model._core, **at_rest) - model.joints(**at_rest)[0]
    moved = turn(0, np.pi + pitch) @ turn(1, yaw) @ matrix_of(pose[0])
    places = scale * places @ moved.T + [0, 0, depth]
    numbers = np.array(point_of)
    found = np.where((numbers >= 0)[:, None], places[numbers], 0.0)
    return found, numbers >= 0


def single(
    model: sc.BodyModel,
    pose: Floats,
    keypoint_format: str,
    camera: sc.Camera,
    rng: np.random.Generator,
    **place: Any,
) -> Single:
    """With noise of 2 px."""
    places, has = posed(model, pose, keypoint_format, **place)
    pixels = camera.project(places) + rng.normal(0, 2, (len(places), 2))
    return Single(
        np.where(has[:, None], np.c_[pixels, np.ones(len(has))], 0.0), camera, keypoint_format
    )


def ring(width: int = 1280, height: int = 720) -> list[sc.Camera]:
    """Four cameras about a person at the world's origin, y down, 4 m away, with distortion."""
    cameras = []
    for angle in (0.3, 1.7, 3.2, 4.8):
        rotation = turn(0, 0.15) @ turn(1, angle)
        cameras.append(
            sc.Camera(
                fx=700,
                fy=700,
                cx=(width - 1) / 2 + 12,
                cy=(height - 1) / 2 - 8,
                width=width,
                height=height,
                distortion=[-0.28, 0.08],
                rotation=rotation,
                translation=np.array([0.9 * np.sin(3 * angle), 0.1, 4.0]),
            )
        )
    return cameras


def several(
    model: sc.BodyModel,
    pose: Floats,
    keypoint_format: str,
    cameras: Sequence[sc.Camera],
    rng: np.random.Generator,
    scale: float = 1.0,
    aside: float = 0.0,
) -> Several:
    """With noise of 2 px; metres aside of where the cameras look."""
    places, has = posed(model, pose, keypoint_format, depth=0.0, pitch=0.0, scale=scale)
    places += np.array([aside, 0, -aside])
    seen = []
    for camera in cameras:
        pixels = camera.project(places) + rng.normal(0, 2, (len(places), 2))
        rows = np.where(has[:, None], np.c_[pixels, np.ones(len(has))], 0.0)
        seen.append(sc.Keypoints.from_array(rows, keypoint_format))
    return Several(seen, list(cameras))
