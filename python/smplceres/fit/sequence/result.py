"""The result of a sequence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import exports
from ...base.files.reading import naming
from ...body.measures import standing_height
from ...body.model import BodyModel, BodyOrigin
from ...body.motion import Motion
from ...body.parameters import Parameters
from ...cameras.camera import AnyCamera, Camera, camera_from_dict
from ...evidence.views import View, median_residual
from ...keypoints.formats import KeypointFormat
from ...keypoints.keypoints import Keypoints
from ..codec import (
    AS_IT_IS,
    BODY,
    TEXT,
    Part,
    optional,
    part_of,
    plain_parts,
    read_parts,
    read_slices,
    saved,
    several,
    slice_arrays,
    write_npz,
)
from ..doubts.warning import WARNINGS, FitWarning, Warnings
from ..from_core import fitted_view
from ..inputs import checked_model
from ..last_stage import LastStage
from ..result import FitResult
from ..stage_report import StageReport

Floats = NDArray[np.float64]

_ARRAYS = ("times", "global_orient", "body_pose", "betas", "transl", "joints", "seen")
# All else in a file, besides views.
_PARTS = {
    "skipped": several(Part(read=tuple)),
    "stages": several(several(part_of(StageReport))),
    **dict.fromkeys(("energies", "converged", "solve_time"), AS_IT_IS),
    "model_name": TEXT,
    "_last_stage": optional(part_of(LastStage)),
    "_warnings": WARNINGS,
    "_body": BODY,
}


@dataclass(frozen=True, eq=False)
class SequenceResult:
    """The motion of a person over F frames, with one shape. J joints, B betas.

    Attributes:
        times: (F,) seconds.
        global_orient: (F, 3) axis-angles of the root, radians.
        body_pose: (F, J-1, 3) axis-angles of the other joints, radians.
        betas: (B,) of all frames.
        transl: (F, 3) metres.
        joints: (F, J, 3) metres, in the frame of `FitResult.joints`.
        seen: (F,) whether any camera saw the person; other frames are interpolated by the motion.
        views: of each frame, the images, each with keypoints and camera, which may have been
            estimated.
        skipped: (frame, camera, reason) of keypoints that could not be read.
        stages: reports of the stages of each window.
        energies: sum |r|^2 of each term at the end, over all windows.
        converged: of the last stage of every window.
        solve_time: seconds.
        model_name: of the body.
        slices: (F, n) coefficients by name, for a body with further slices (`FrameSlice`).
    """

    times: Floats
    global_orient: Floats
    body_pose: Floats
    betas: Floats
    transl: Floats
    joints: Floats
    seen: NDArray[np.bool_]
    views: tuple[tuple[View, ...], ...]
    skipped: tuple[tuple[int, int, str], ...]
    stages: tuple[tuple[StageReport, ...], ...]
    energies: dict[str, float]
    converged: bool
    solve_time: float
    model_name: str
    _model: BodyModel = field(repr=False)
    _last_stage: LastStage | None = field(default=None, repr=False)
    slices: dict[str, Floats] = field(default_factory=dict)
    _warnings: Warnings = field(default_factory=Warnings, repr=False)

    @property
    def warnings(self) -> tuple[FitWarning, ...]:
        """As of `FitResult`, about the clip."""
        return self._warnings.found

    def __repr__(self) -> str:
        state = "converged" if self.converged else "not converged"
        start, end = ("({:.2f}, {:.2f}, {:.2f})".format(*at[0]) for at in self.joints[[0, -1]])
        return (
            f"SequenceResult: {self.model_name} in {len(self)} frames of "
            f"{self.times[-1] - self.times[0]:.2f} s, cameras: {len(self.views[0])}, {state}\n"
            f"  seen    in {int(self.seen.sum())} frames, the others are interpolated\n"
            f"  place   pelvis from {start} to {end} m\n"
            f"  height  {standing_height(self._model, self.betas):.2f} m"
        )

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, frame: int) -> FitResult:
        """One frame as a fit, without stages and energies. IndexError out of range.

        Its covariance is that of the frame alone, without the constraints of neighbouring frames.
        """
        frame = range(len(self))[frame]
        parameters = self._parameters(frame)
        return FitResult(
            **parameters,
            joints=self.joints[frame],
            views=tuple(
                fitted_view(view, 0.0, self._model, parameters) for view in self.views[frame]
            ),
            stages=(),
            energies={},
            converged=self.converged,
            message="a frame of a sequence",
            solve_time=self.solve_time / len(self),
            num_starts=0,
            model_name=self.model_name,
            _model=self._model,
            _last_stage=self._last_stage_of(frame),
        )

    def _parameters(self, frame: int) -> Parameters:
        return self._model.parameters(
            self.betas,
            self.global_orient[frame],
            self.body_pose[frame],
            self.transl[frame],
            {name: array[frame] for name, array in self.slices.items()},
        )

    @property
    def cameras(self) -> tuple[AnyCamera, ...]:
        """The cameras of all frames, which may have been estimated."""
        return tuple(view.camera for view in self.views[0])

    def __iter__(self) -> Iterator[FitResult]:
        return (self[frame] for frame in range(len(self)))

    def motion(self, *, world: str | None = None, model: BodyModel | None = None) -> Motion:
        """The motion of the body; arguments as of `FitResult.motion`."""
        motion = Motion(
            model=self._model if model is None else model,
            poses=np.concatenate([self.global_orient[:, None], self.body_pose], axis=1),
            betas=self.betas,
            transl=self.transl,
            times=self.times,
        )
        return motion.placed(world, [view.camera for views in self.views for view in views])

    def export(
        self,
        path: str | PathLike[str],
        *,
        coordinates: str | None = None,
        world: str | None = None,
        model: BodyModel | None = None,
        pose_correctives: bool | None = None,
        shape_morphs: bool = False,
        place: str = "camera",
        bones: str = "smpl",
    ) -> None:
        """Writes the motion for other programs, by the suffix of the path: .glb (glTF 2.0,
        animated), .bvh, .trc, .sto, .c3d, AMASS's .npz, .json, .csv. Arguments and errors as of
        `FitResult.export`, except:

        Args:
            pose_correctives: in .glb, the pose blend shapes of every frame as a morph target (up to
                240 frames; 150 kB each on the package's body); None: False.

        Raises:
            ValueError: .obj or .ply, which hold one pose: `result[frame].export` writes them;
                times that are not evenly spaced, which .bvh and .npz require.
        """
        motion = self.motion(world=world, model=model)
        settings = exports.Settings(pose_correctives, shape_morphs, place, bones)
        exports.export_motion(motion, path, coordinates, settings)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes all but the mesh to an .npz, which `load` reads back.

        Raises:
            ValueError: another ending.
        """
        path = Path(path)
        if path.suffix != ".npz":
            raise ValueError(f"path: expected a name ending in .npz, got {path.name!r}")
        arrays = {name: getattr(self, name) for name in _ARRAYS} | slice_arrays(self.slices)
        cameras = []
        for number, views in enumerate(zip(*self.views, strict=True)):
            arrays[f"keypoints_{number}"], described = _plain_views(views)
            cameras.append(described)
        write_npz(path, arrays, {"cameras": cameras} | plain_parts(self, _PARTS))

    @classmethod
    def load(
        cls,
        path: str | PathLike[str],
        model: BodyModel | str | PathLike[str] | None = None,
    ) -> SequenceResult:
        """Reads an .npz of `save`.

        Args:
            path: of the .npz.
            model: the body that was fitted, or the path of one; None: found by its name, or by the
                path and hash of its file.

        Raises:
            FileNotFoundError: no such file.
            ValueError: not such a file, or another body.
        """
        with saved(path, "sequence") as (arrays, described):
            clips = [
                _loaded_views(arrays[f"keypoints_{number}"], camera)
                for number, camera in enumerate(described["cameras"])
            ]
            parts = read_parts(described, _PARTS)
            body = parts.pop("_body", None)
            result = cls(
                **{name: arrays[name] for name in _ARRAYS},
                slices=read_slices(arrays),
                views=tuple(zip(*clips, strict=True)),
                **parts,
                _model=_loaded_body(body) if model is None else checked_model(model),
            )
        with naming(path):
            result._check_model()
        return result

    @property
    def _body(self) -> BodyOrigin | None:
        """Where the body comes from."""
        return self._model.origin

    def _check_model(self) -> None:
        """ValueError if the body does not have the fitted joints."""
        same = self._model.num_betas == len(self.betas)
        if same and self._model.num_joints == self.joints.shape[1]:
            joints = self._model.joints(**self._parameters(0))
            same = bool(np.allclose(joints, self.joints[0], atol=1e-6))
        else:
            same = False
        if not same:
            raise ValueError(
                f"model: expected the body that was fitted, {self.model_name}, "
                f"got {self._model.name}, whose joints differ"
            )

    @cached_property
    def keypoints2d(self) -> Floats:
        """(F, K, 2) pixels, projections of the keypoints of all views; NaN if not on the body."""
        return np.array([np.concatenate([v.keypoints2d for v in each.views]) for each in self])

    @property
    def residuals(self) -> Floats:
        """(F, K) pixels from observed to fitted keypoint; NaN if missing or not on the body."""
        seen = np.array([np.concatenate([v.keypoints.xy for v in each]) for each in self.views])
        distance = np.linalg.norm(self.keypoints2d - seen, axis=-1)
        return np.asarray(np.where(self._stacked("visible"), distance, np.nan))

    @property
    def confidence(self) -> Floats:
        """(F, K) of the keypoints of all views."""
        return np.asarray(self._stacked("confidence"))

    @property
    def own_model(self) -> BodyModel | None:
        """The body."""
        return self._model

    @property
    def joint_names(self) -> tuple[str, ...]:
        """J."""
        return self._model.joint_names

    @property
    def frame_numbers(self) -> NDArray[np.int64]:
        """(F,) frame numbers in the video, from `times`: tracks may begin later than the video."""
        step = float(np.median(np.diff(self.times))) if len(self) > 1 else 1.0
        return round(float(self.times[0]) / step) + np.arange(len(self))

    @property
    def knows_outliers(self) -> bool:
        """Whether `outliers` is available: not for files of earlier versions."""
        return self._last_stage is not None

    @property
    def outliers(self) -> NDArray[np.bool_]:
        """(F, K) visible keypoints with little weight in the last stage, as `FitResult.outliers`.

        Raises:
            ValueError: a file of an earlier version, which does not know its last stage.
        """
        if self._last_stage is None:
            raise ValueError("outliers: expected a sequence that knows its last stage, got another")
        nothing = np.zeros(self.confidence.shape[1], dtype=bool)
        rows = zip(self, self.seen, strict=True)
        return np.array([frame.outliers if seen else nothing for frame, seen in rows])

    def _last_stage_of(self, frame: int) -> LastStage | None:
        """As if the frame stood alone, its camera known; None of one in which nobody was seen."""
        if self._last_stage is None or not self.seen[frame]:
            return None
        cameras = [view.camera for view in self.views[frame]]
        pelvis = self.joints[frame, :1]
        return replace(
            self._last_stage,
            initial_transl=self.transl[frame],
            pixels_per_metre=np.array([_pixels_per_metre(camera, pelvis) for camera in cameras]),
            free_zoom=(False,) * len(cameras),
        )

    def _stacked(self, name: str) -> NDArray[Any]:
        return np.array(
            [np.concatenate([getattr(v.keypoints, name) for v in each]) for each in self.views]
        )

    def reprojection_error(self, min_confidence: float = 0.5) -> float:
        """Median residual over all frames, pixels, of keypoints of more than this confidence."""
        return median_residual([view for result in self for view in result.views], min_confidence)


def _loaded_body(origin: BodyOrigin | None) -> BodyModel:
    """The body of a file; ValueError if it is not there any more. None: a file of an earlier
    version, or of a body in no file."""
    if origin is None:
        return checked_model(None)
    try:
        return origin.load()
    except (OSError, ValueError) as error:
        raise ValueError(f"model: expected the body that was fitted, found none: {error}") from None


def _pixels_per_metre(camera: AnyCamera, pelvis: Floats) -> float:
    """In the image, at a body's depth; 0 behind the camera."""
    if not isinstance(camera, Camera):
        return camera.scale or 0.0
    depth = float(camera.to_camera(pelvis)[0, 2])
    return math.sqrt(camera.fx * camera.fy) / depth if depth > 0 else 0.0


def _plain_views(views: Sequence[View]) -> tuple[Floats, dict[str, Any]]:
    """The views of one camera: (F, K, 3) x, y, confidence of its keypoints, and all else."""
    keypoints = [view.keypoints for view in views]
    first = keypoints[0].format
    return np.array([np.c_[k.xy, k.confidence] for k in keypoints]), {
        "camera": views[0].camera.to_dict(),
        "format": first.name,
        "keypoints": [[k.name, list(k.location)] for k in first.keypoints],
        "image_sizes": [k.image_size for k in keypoints],
        "sources": [k.source for k in keypoints],
    }


def _loaded_views(keypoints: Floats, described: dict[str, Any]) -> list[View]:
    """The views of one camera, one per frame, from what `_plain_views` returned."""
    keypoint_format = KeypointFormat.from_mapping(described["format"], described["keypoints"])
    camera = camera_from_dict(described["camera"])
    rows = zip(keypoints, described["image_sizes"], described["sources"], strict=True)
    return [
        View(Keypoints(seen[:, :2], seen[:, 2], keypoint_format, size, source), camera)
        for seen, size, source in rows
    ]
