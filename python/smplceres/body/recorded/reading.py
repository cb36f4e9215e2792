"""`read_bodies`: the bodies that other programs estimated, to start from, export or compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...base.files.archives import ModelFileError
from ...base.files.contents import load_contents
from ...base.files.reading import missing, naming
from ...base.skeleton import SMPL_JOINTS
from ..model import BodyModel
from ..motion import Motion
from ..motion_files import shared_joints
from .programs import people_of

Floats = NDArray[np.float64]

_ENDINGS = (".pkl", ".npz", ".pt", ".pth")


@dataclass(frozen=True, eq=False)
class RecordedBody:
    """One person as another program estimated it, in F frames.

    Attributes:
        name: of the person in the file.
        poses: (F, J, 3) axis-angles of the joints of SMPL, SMPL-H or SMPL-X, radians; joint 0 is
            the root. Files with 22 joints have SMPL's 24, the hands at rest.
        betas: (B,) coefficients of the program's body, means over the frames.
        transl: (F, 3) metres; None: not in the file.
        frames: (F,) numbers of the frames.
        fps: frames per second; None: not in the file.
        coordinates: the frame: "opencv" (of the camera), "y-up", "z-up"; None: not known.
    """

    name: str
    poses: Floats
    betas: Floats
    transl: Floats | None
    frames: NDArray[np.int64]
    fps: float | None
    coordinates: str | None

    def __len__(self) -> int:
        return len(self.poses)

    def initial(self, index: int, model: BodyModel) -> Mapping[str, Floats]:
        """Initial values for `fit(initial=)` of one of the F frames.

        Betas are those of the program's body, and valid for `model` only if that has the same
        shapes; leave them out otherwise.

        Args:
            index: 0 to F - 1.
            model: the body that is fitted.

        Returns:
            global_orient (3,), body_pose (J - 1, 3), betas (B,), and transl (3,) where it is known,
            in the frame of the file.
        """
        poses = shared_joints(self.poses, model.num_joints)
        values = {
            "global_orient": poses[index, 0],
            "body_pose": poses[index, 1:],
            "betas": _resized(self.betas, model.num_betas),
        }
        return values if self.transl is None else values | {"transl": self.transl[index]}

    def motion(self, model: BodyModel, fps: float | None = None) -> Motion:
        """The motion on a body, for export; without translations the person stays in one place.

        Args:
            model: the body; betas as of `initial`.
            fps: frames per second; None: those of the file.

        Raises:
            ValueError: no frame rate; frame numbers that do not ascend.
        """
        rate = self.fps if fps is None else fps
        if rate is None:
            raise ValueError("fps: expected frames per second, as the file has none, got none")
        transl = np.zeros((len(self), 3)) if self.transl is None else self.transl
        return Motion(
            model=model,
            poses=shared_joints(self.poses, model.num_joints),
            betas=_resized(self.betas, model.num_betas),
            transl=transl,
            times=(self.frames - self.frames[0]) / rate,
            coordinates=self.coordinates,
        )


def read_bodies(path: str | PathLike[str], *, world: bool = False) -> list[RecordedBody]:
    """The people in the results of other programs; nothing in a file is executed.

    Read are 4D-Humans and PHALP (`.pkl` of tracks), WHAM, VIBE and PARE (`.pkl`), GVHMR
    (`hmr4d_results.pt`), ROMP (`.npz`), AIST++ (`.pkl`), SMPLify-X (`.pkl`), AMASS (`.npz`), and
    dicts with `global_orient` and `body_pose`, or `pose`. Rotations are axis-angles or matrices.

    Args:
        path: .pkl (also joblib's), .npz, .pt or .pth.
        world: the motion in the world of GVHMR and WHAM, and not that in the camera's frame.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; the file is damaged, or in another layout.
    """
    path = Path(path)
    if not path.exists():
        raise missing("bodies", path)
    with naming(path, ModelFileError):
        if path.suffix.lower() not in _ENDINGS or not path.is_file():
            got = "a file of another kind" if path.is_file() else "a folder"
            raise ValueError(f"expected a file ending in {', '.join(_ENDINGS)}, got {got}")
        people = people_of(load_contents(path), world)
    return [
        RecordedBody(
            each.name,
            shared_joints(each.poses, max(len(SMPL_JOINTS), each.poses.shape[1])),
            each.betas,
            each.transl,
            each.frames,
            each.fps,
            each.coordinates,
        )
        for each in people
    ]


def _resized(betas: Floats, count: int) -> Floats:
    """Cut or padded with zeros."""
    resized = np.zeros(count)
    resized[: min(count, len(betas))] = betas[:count]
    return resized
