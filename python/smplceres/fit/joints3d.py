"""fit_joints3d: from points in space to a body."""

from __future__ import annotations

import time
from collections.abc import Sequence
from os import PathLike

from numpy.typing import ArrayLike

from .._native import _core
from ..body.model import BodyModel
from ..evidence.ground import Ground
from ..evidence.keypoints3d import SIGMA, Keypoints3D
from ..evidence.person import Person
from ..keypoints.formats import KeypointFormat
from ..keypoints.markers import MarkerFormat
from ..priors.joint_limits import JointLimits
from ..priors.pose_prior import PosePrior
from .doubts.examine import examined_fit, plain_fit
from .known import Known
from .presets import joints3d_stages, make_stages
from .result import FitResult
from .solving import Solving, checked_seconds
from .task import Task


def fit_joints3d(
    joints3d: Keypoints3D | ArrayLike,
    *,
    model: BodyModel | str | PathLike[str] | None = None,
    keypoint_format: str | KeypointFormat | MarkerFormat | None = None,
    sigma: float = SIGMA,
    unit: str = "m",
    person: Person | None = None,
    ground: Ground | None = None,
    pose_prior: PosePrior | str | PathLike[str] | None = None,
    joint_limits: JointLimits | None = None,
    stages: Sequence[_core.Stage] | None = None,
    max_time: float | None = None,
    check: bool = True,
) -> FitResult:
    """Fits a body to points in space alone: 3D joints, keypoints or markers of one person.

    Args:
        joints3d: `Keypoints3D`, as of `read_keypoints3d`, or an array (K, 3) of x, y, z or (K, 4)
            with confidence. Confidence 0 or NaN marks a missing point; at least three points that
            are not collinear are needed.
        model: a body, the path of one, or None for the default.
        keypoint_format: of an array: "smpl24" for SMPL's joints, "openpose_body25", ...; None: the
            only known format with K keypoints.
        sigma: of an array: standard deviation on each axis at confidence 1, metres, > 0. It
            sets the balance with the priors: give the noise of the points.
        unit: of an array, "m", "cm" or "mm"; implausible sizes are warned of.
        person, pose_prior, joint_limits: as of `fit`.
        ground: in the frame of the points.
        stages: None: `joints3d_stages()`.
        max_time, check: as of `fit`.

    Returns:
        A result in the frame of the points, of any axes; without camera, keypoints and keypoints2d.
        `residuals3d` are the distances of the points from the body.

    Raises:
        ValueError: invalid input; names the argument, the expected and the actual value.
        KeyboardInterrupt: Ctrl-C while solving.
    """
    begin = time.perf_counter()
    if not isinstance(joints3d, Keypoints3D):
        joints3d = Keypoints3D.from_array(joints3d, keypoint_format, sigma=sigma, unit=unit)
    known = Known.of(
        *(model, pose_prior, joint_limits), person=person, ground=ground, points3d=joints3d
    )
    chosen = joints3d_stages() if stages is None else make_stages(stages)
    task = Task(known, Solving(chosen, max_time=checked_seconds(max_time)))
    return (examined_fit if check else plain_fit)(task, (), begin)
