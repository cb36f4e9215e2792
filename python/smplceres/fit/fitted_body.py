"""A fitted body and the views that it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..body.parameters import Parameters, parameters_of
from ..body.whole_parts import EXPRESSION, part_of
from ..cameras.camera import AnyCamera
from ..evidence.keypoints3d import Keypoints3D
from ..evidence.views import FittedView, median_residual
from ..keypoints.keypoints import Keypoints

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedBody:
    """Pose, shape and position of a body, and the observations that they were fitted to.

    J joints, B betas, K keypoints (concatenated over all views).

    Positions are in the camera frame (x right, y down, z forward), or in the world frame if the
    camera has a rotation and translation: there `model(**parameters)` has these joints. A fit to
    points in space alone is in their frame and has no views.

    Attributes:
        global_orient: (3,) axis-angle of the root, radians, length <= pi.
        body_pose: (J-1, 3) axis-angles of the other joints, radians.
        betas: (B,) shape coefficients, standard deviations.
        transl: (3,) metres.
        joints: (J, 3) metres.
        views: the images, each with camera, keypoints and projections of the fitted body.
        model_name: of the body.
        energies: sum |r|^2 of each term at the end, in the last stage's weights.
        measured3d: the points measured in space; None without such points.
        slices: coefficients by name, for a body with further slices (`FrameSlice`); {} for others.
    """

    global_orient: Floats
    body_pose: Floats
    betas: Floats
    transl: Floats
    joints: Floats
    views: tuple[FittedView, ...]
    model_name: str
    energies: dict[str, float]
    measured3d: Keypoints3D | None = field(default=None, kw_only=True)
    slices: dict[str, Floats] = field(default_factory=dict, kw_only=True)

    @property
    def parameters(self) -> Parameters:
        """Arguments of the model for the fitted pose."""
        return parameters_of(self)

    @property
    def expression(self) -> Floats:
        """(10,) expression coefficients, standard deviations.

        Raises:
            ValueError: a body without a face.
        """
        if EXPRESSION not in self.slices:
            raise ValueError("expression: expected a body with a face, got one without")
        return self.slices[EXPRESSION]

    @property
    def left_hand_pose(self) -> Floats:
        """(15, 3) axis-angles of the fingers, rows of body_pose, radians; ValueError for a body
        without them, as the four below."""
        return part_of("left_hand_pose", self.body_pose)

    @property
    def right_hand_pose(self) -> Floats:
        """(15, 3) axis-angles of the fingers, radians."""
        return part_of("right_hand_pose", self.body_pose)

    @property
    def jaw_pose(self) -> Floats:
        """(3,) axis-angle of the jaw, radians."""
        return part_of("jaw_pose", self.body_pose)

    @property
    def leye_pose(self) -> Floats:
        """(3,) axis-angle of the left eye, radians."""
        return part_of("leye_pose", self.body_pose)

    @property
    def reye_pose(self) -> Floats:
        """(3,) axis-angle of the right eye, radians."""
        return part_of("reye_pose", self.body_pose)

    @property
    def camera(self) -> AnyCamera | None:
        """The camera of the first view; None without images, like `keypoints` and `keypoints2d`."""
        return self.views[0].camera if self.views else None

    @property
    def keypoints(self) -> Keypoints | None:
        """The observed keypoints of the first view."""
        return self.views[0].keypoints if self.views else None

    @property
    def keypoints2d(self) -> Floats | None:
        """Projections of the fitted keypoints in the first view, pixels; NaN if not on the body."""
        return self.views[0].keypoints2d if self.views else None

    @property
    def residuals(self) -> Floats:
        """(K,) pixels from observed to fitted keypoint; NaN if missing or not on the body."""
        return np.concatenate([np.zeros(0), *(view.residuals for view in self.views)])

    def reprojection_error(self, min_confidence: float = 0.5) -> float:
        """Median residual, pixels, of keypoints of more than this confidence; NaN without any."""
        return median_residual(self.views, min_confidence)
