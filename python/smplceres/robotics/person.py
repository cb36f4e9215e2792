"""A tracked person as the rows of numbers that messages have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from ..body.model import BodyModel
from ..cameras.camera import Camera
from ..fit.from_core import places_of
from ..fit.live.tracked import Tracked
from ..keypoints.formats import HRI18, KeypointFormat
from .frames import BodyFrames, quaternions
from .joint_angles import Links, angles_of
from .skeleton2d import skeleton_points
from .uncertainty import Uncertainty, ellipsoid_axes

Floats = NDArray[np.float64]

_FLESH = 0.1  # metres about a joint that the region of interest includes


@dataclass(frozen=True, eq=False)
class PersonNow:
    """A tracked person at the time of an image. Each quantity is computed once.

    Args:
        id: as in `body_<id>` and in topics.
        tracked: status "tracked" or "predicted".
        model: of the tracker.
        camera: of the image.
        links: of `tracked.betas`.
    """

    id: str
    tracked: Tracked
    model: BodyModel
    camera: Camera
    links: Links

    @cached_property
    def frames(self) -> BodyFrames:
        turns = self.tracked.joint_transforms[:, :3, :3]
        return BodyFrames(self.tracked.joints, turns, self.model.joint_names)

    @cached_property
    def uncertainty(self) -> Uncertainty:
        return Uncertainty.of(self.tracked, self.model)

    @cached_property
    def mid_hips(self) -> Floats:
        return self.frames.mid_hips

    def transforms(self) -> Floats:
        """(1 + J, 7): of `body_<id>`, then of the joints, place and orientation (x, y, z, w)."""
        turns = self.frames.quaternions
        rows = np.empty((1 + len(turns), 7))
        rows[0, :3], rows[1:, :3] = self.mid_hips, self.frames.joints
        rows[0, 3:], rows[1:, 3:] = turns[0], turns
        return rows

    def ellipsoids(self) -> Floats:
        """(J, 10): of 90 % of each joint, place, orientation (x, y, z, w) and diameters."""
        diameters, axes = ellipsoid_axes(self.uncertainty.joints)
        return np.column_stack([self.frames.joints, quaternions(axes), diameters])

    def angles(self) -> Floats:
        """(20,) of `ANGLE_NAMES`, radians."""
        return np.array([*angles_of(self.frames, self.links).values()])

    def pose_with_covariance(self) -> Floats:
        """(43,): the middle of the hips, the orientation of the body, and their covariance."""
        turn, covariance = self.frames.quaternions[0], self.uncertainty.pose.ravel()
        return np.concatenate([self.mid_hips, turn, covariance])

    def twist_with_covariance(self) -> Floats:
        """(42,): the velocity of the middle of the hips, of the rotation, and their covariance."""
        return np.concatenate([self.uncertainty.velocity, self.uncertainty.twist.ravel()])

    def region(self) -> Floats:
        """(5,): xmin, ymin, xmax, ymax, fractions of the image, and the confidence; zeros where no
        joint is in front of the camera."""
        camera, joints = self.camera, self.frames.joints
        pixels = camera.project(joints)  # NaN where it is not in front of the camera
        depths = np.maximum(camera.to_camera(joints)[:, 2:], _FLESH)
        margin = np.array([camera.fx, camera.fy]) * _FLESH / depths
        low, high = np.fmin.reduce(pixels - margin), np.fmax.reduce(pixels + margin)
        if np.isnan(low[0]):
            return np.zeros(5)
        corners = (np.concatenate([low, high]) + 0.5) / (2 * (camera.width, camera.height))
        certain = 1.0 if self.tracked.status == "tracked" else 0.5
        return np.append(np.minimum(np.maximum(corners, 0.0), 1.0), certain)

    def skeleton(self) -> Floats:
        """(54,): x, y, confidence of hri18 on the fitted body; confidences are the detector's."""
        places = places_of(HRI18, self.model, self.tracked.parameters)
        seen = self.tracked.keypoints
        confidence = np.append(seen.confidence, 0.0)[_same_points(seen.format)]
        return skeleton_points(self.camera.project(places), confidence, self.camera).ravel()

    def corners(self) -> Floats:
        """(3 F, 3) metres, the corners of the triangles of the body."""
        vertices = self.model(**self.tracked.parameters).vertices
        return np.asarray(vertices[self.model.faces.reshape(-1)])


@cache
def _same_points(seen: KeypointFormat) -> NDArray[np.intp]:
    """(18,) for each of hri18 the index of the detector's keypoint at the same place; K: none."""
    index = {
        keypoint.location[0]: k for k, keypoint in enumerate(seen.keypoints) if keypoint.location
    }
    none = seen.num_keypoints
    return np.array([index.get(each.location[0], none) for each in HRI18.keypoints])
