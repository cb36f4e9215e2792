"""Motion of a body: what is exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.coordinates import UP, checked_name, conversion
from ..base.rotations import compose, rotation_matrix
from ..cameras.camera import AnyCamera
from .convert_pose import convert_pose
from .model import Body, BodyModel
from .motion_files import read_amass, shared_joints

Floats = NDArray[np.float64]

# Frame rate of a single pose: that of most cameras.
_FPS_OF_ONE_POSE = 30.0
# Relative tolerance of evenly spaced frames: times are sums of rounded steps.
_EVEN = 1e-3
# Min cosine between the back and an axis that is taken for up: below 45 degrees the axis is unique.
_UPRIGHT = np.cos(np.radians(45))


@dataclass(frozen=True, eq=False)
class Motion:
    """A body of one shape in F poses; made by `FitResult.motion` and `SequenceResult.motion`.

    Args:
        model: the body, of J joints and B betas.
        poses: (F, J, 3) axis-angles, radians; joint 0 is the root.
        betas: (B,).
        transl: (F, 3) metres, added after the rotation of the root about the pelvis.
        times: (F,) seconds, ascending.
        coordinates: the frame of the motion: "opencv", "y-up" or "z-up"; None: unknown.
        cameras: that saw it, in the same frame.

    Raises:
        ValueError: inconsistent shapes, no frame, NaN, times that do not ascend, an unknown frame.
    """

    model: BodyModel
    poses: Floats
    betas: Floats
    transl: Floats
    times: Floats
    coordinates: str | None = None
    cameras: tuple[AnyCamera, ...] = ()

    def __post_init__(self) -> None:
        frames = len(np.atleast_1d(self.times))
        expected = {
            "poses": (frames, self.model.num_joints, 3),
            "betas": (self.model.num_betas,),
            "transl": (frames, 3),
            "times": (frames,),
        }
        for name, shape in expected.items():
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.shape != shape:
                raise ValueError(f"{name}: expected shape {list(shape)}, got {list(array.shape)}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")
            object.__setattr__(self, name, array)
        if frames == 0:
            raise ValueError("poses: expected at least one frame, got none")
        if not (np.diff(self.times) > 0).all():
            raise ValueError("times: expected ascending seconds, got others")
        if self.coordinates is not None:
            object.__setattr__(self, "coordinates", checked_name(self.coordinates, "coordinates"))

    def __len__(self) -> int:
        return len(self.times)

    @property
    def fps(self) -> float:
        """Frames per second; 30 for a single pose.

        Raises:
            ValueError: frames that are not evenly spaced.
        """
        if len(self) == 1:
            return _FPS_OF_ONE_POSE
        steps = np.diff(self.times)
        mean = (self.times[-1] - self.times[0]) / len(steps)
        if (abs(steps - mean) > _EVEN * mean).any():
            raise ValueError(
                "times: expected evenly spaced frames, which this format needs, got steps of "
                f"{steps.min():.4g} to {steps.max():.4g} s"
            )
        return float(1 / mean)

    def body(self, frame: int) -> Body:
        """Mesh and joints of a frame."""
        pose = self.poses[frame]
        return self.model(
            betas=self.betas,
            global_orient=pose[0],
            body_pose=pose[1:],
            transl=self.transl[frame],
        )

    @cached_property
    def joints(self) -> Floats:
        """(F, J, 3) metres."""
        return self.model.joints(
            betas=self.betas,
            global_orient=self.poses[:, 0],
            body_pose=self.poses[:, 1:],
            transl=self.transl,
        )

    @cached_property
    def rest_joints(self) -> Floats:
        """(J, 3) metres, of this shape at rest."""
        return self.model.joints(betas=self.betas)

    def to(self, coordinates: str) -> Motion:
        """The same motion in other coordinates, of `base.coordinates.COORDINATES`.

        Raises:
            ValueError: an unknown frame; the frame of this motion is unknown.
        """
        target = checked_name(coordinates, "coordinates")
        if self.coordinates is None:
            raise ValueError(
                "world: expected one of opencv, y-up, z-up, the axes of the cameras' world, which "
                "neither the cameras nor the person's back determine, got None"
            )
        orient, transl = convert_pose(
            self.model, self.betas, self.poses[:, 0], self.transl, self.coordinates, target
        )
        poses = np.concatenate([orient[:, None], self.poses[:, 1:]], axis=1)
        change = conversion(self.coordinates, target)
        cameras = tuple(_turned(camera, change, np.zeros(3)) for camera in self.cameras)
        return replace(self, poses=poses, transl=transl, coordinates=target, cameras=cameras)

    def moved(self, turn: ArrayLike, shift: ArrayLike) -> Motion:
        """The motion and its cameras after a rigid movement p' = R(turn) p + shift.

        Args:
            turn: (3,) axis-angle, radians.
            shift: (3,) metres.
        """
        rotation, pelvis = rotation_matrix(turn), self.rest_joints[0]
        root = compose(np.broadcast_to(turn, self.poses[:, 0].shape), self.poses[:, 0])
        return replace(
            self,
            poses=np.concatenate([root[:, None], self.poses[:, 1:]], axis=1),
            transl=(pelvis + self.transl) @ rotation.T + np.asarray(shift) - pelvis,
            cameras=tuple(_turned(camera, rotation, shift) for camera in self.cameras),
        )

    def placed(self, world: str | None, cameras: Sequence[AnyCamera]) -> Motion:
        """The same motion in the frame `world`; None: the frame of `coordinates_of`."""
        name = coordinates_of(self, cameras) if world is None else checked_name(world, "world")
        return replace(self, coordinates=name, cameras=tuple(cameras))

    @classmethod
    def read(cls, path: str | PathLike[str], model: BodyModel) -> Motion:
        """A recording in AMASS's layout (.npz), on a body.

        A recording of another body of the SMPL family is reduced to the 22 joints that all have.
        Betas are valid only for the body that they were estimated with: they are cut or padded
        with zeros to the number of the model.

        Args:
            path: .npz with poses, mocap_framerate, trans, betas. Its coordinates are z-up, as
                AMASS's are, if it does not name others.
            model: the body.

        Raises:
            FileNotFoundError: no such file.
            ModelFileError: a ValueError; the file is not in this layout.
        """
        recording = read_amass(path)
        betas = np.zeros(model.num_betas)
        kept = recording.betas[: len(betas)]
        betas[: len(kept)] = kept
        return cls(
            model=model,
            poses=shared_joints(recording.poses, model.num_joints),
            betas=betas,
            transl=recording.transl,
            times=np.arange(len(recording.poses)) / recording.fps,
            coordinates=recording.coordinates or "z-up",
        )


def _turned(camera: AnyCamera, rotation: Floats, shift: ArrayLike) -> AnyCamera:
    """The camera of the world of p' = R p + shift: R_c p + t_c = (R_c R^T) (p' - shift) + t_c."""
    turned = camera.rotation @ rotation.T
    return replace(
        camera, rotation=turned, translation=camera.translation - turned @ np.asarray(shift)
    )


def coordinates_of(motion: Motion, cameras: Sequence[AnyCamera]) -> str | None:
    """The name of the frame of fitted bodies.

    For cameras without a pose it is the camera frame, "opencv". In a world frame it is the one of
    the three whose up axis is within 45 degrees of the mean direction from pelvis to neck; None if
    there is none.
    """
    if cameras and all(
        np.array_equal(camera.rotation, np.eye(3)) and not camera.translation.any()
        for camera in cameras
    ):
        return "opencv"
    if "neck" not in motion.model.joint_names:
        return None
    backs = motion.joints[:, motion.model.joint_names.index("neck")] - motion.joints[:, 0]
    back = backs.sum(axis=0) / max(np.linalg.norm(backs, axis=1).sum(), 1e-9)
    name, up = max(UP.items(), key=lambda each: float(back @ np.array(each[1])))
    return name if back @ np.array(up) > _UPRIGHT else None
