"""fit_sequence: many frames of one person, with one shape and motion between them."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core, exports
from .body import BodyModel, Parameters, parameters_of
from .camera import AnyCamera, Camera, camera_from_dict
from .camera_refinement import CameraRefinement, checked_refinement
from .checkpoint import Checkpoint
from .counts import checked_threads
from .fitting import (
    camera_changes,
    changed_camera,
    checked_limits,
    checked_model,
    checked_prior,
    fitted_view,
)
from .ground import Ground
from .joint_limits import JointLimits
from .keypoint_files import read_keypoints
from .keypoint_formats import KeypointFormat
from .keypoints import Keypoints
from .motion import Motion
from .observations import observations
from .person import Person
from .pose_prior import PosePrior
from .presets import (
    default_stages,
    make_stages,
    sequence_stages,
    stage_to_dict,
)
from .result import FitResult, LastStage, StageReport
from .sequence_solver import OVERLAP, WINDOW, Progress, SequenceSolver, Solved
from .views import (
    AnyFormat,
    AnyKeypoints,
    View,
    checked_views,
    in_order,
    median_residual,
)

Floats = NDArray[np.float64]

# One frame of one camera: keypoints, the path of a file of them, or nobody.
FrameKeypoints = AnyKeypoints | str | PathLike[str] | None


_ARRAYS = ("times", "global_orient", "body_pose", "betas", "transl", "joints", "seen")


@dataclass(frozen=True, eq=False)
class SequenceResult:
    """A person's motion over F frames, of one shape. J joints, B betas.

    Attributes:
        times: (F,) seconds.
        global_orient: (F, 3) axis-angles of the root, radians.
        body_pose: (F, J-1, 3) axis-angles of the other joints, radians.
        betas: (B,) of all frames.
        transl: (F, 3) metres.
        joints: (F, J, 3) metres, in the frame of `FitResult.joints`.
        seen: (F,) whether any camera saw the person; the other frames are told by their neighbours.
        views: of each frame, the pictures, each with its camera, as found where that was asked
            for, and keypoints.
        skipped: (frame, camera, why) of keypoints that could not be read.
        stages: what the stages of each window did.
        energies: sum |r|^2 of each term at the end, over all windows.
        converged: the last stage of every window did.
        solve_time: seconds.
        model_name: of the body.
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

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, frame: int) -> FitResult:
        """One frame as a fit of its own, without stages and energies. IndexError out of range.

        Its covariance is that of the frame alone: what the neighbours in time tell, which a
        sequence is surer for, is not in it.
        """
        frame = range(len(self))[frame]
        parameters = self._model.parameters(
            self.betas, self.global_orient[frame], self.body_pose[frame], self.transl[frame]
        )
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

    @property
    def cameras(self) -> tuple[AnyCamera, ...]:
        """Of all frames, as found where that was asked for."""
        return tuple(view.camera for view in self.views[0])

    def __iter__(self) -> Iterator[FitResult]:
        return (self[frame] for frame in range(len(self)))

    def motion(self, *, world: str | None = None, model: BodyModel | None = None) -> Motion:
        """The body's motion, apart from how it was found; arguments as of `FitResult.motion`."""
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
    ) -> None:
        """Writes the motion for other programs, by the path's suffix: .glb (glTF 2.0, animated),
        .bvh, AMASS's .npz, .json, .csv. Arguments and errors as of `FitResult.export`, but:

        Args:
            pose_correctives: of .glb, the pose blend shapes of every frame as a morph target (up to
                240 frames; 150 kB each on the package's body); None: False.

        Raises:
            ValueError: .obj or .ply, which are of one pose: `result[frame].export` writes them;
                times that are not evenly apart, which .bvh and .npz need.
        """
        motion = self.motion(world=world, model=model)
        exports.export_motion(motion, path, coordinates, pose_correctives)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes all but the mesh to an .npz, which `load` reads back.

        Raises:
            ValueError: another ending.
        """
        path = Path(path)
        if path.suffix != ".npz":
            raise ValueError(f"path: expected a name ending in .npz, got {path.name!r}")
        cameras = []
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        for number, first in enumerate(self.views[0]):
            seen = [frame[number].keypoints for frame in self.views]
            arrays[f"keypoints_{number}"] = np.array([np.c_[k.xy, k.confidence] for k in seen])
            cameras.append(
                {
                    "camera": first.camera.to_dict(),
                    "format": first.keypoints.format.name,
                    "keypoints": [[k.name, list(k.location)] for k in seen[0].format.keypoints],
                    "image_sizes": [k.image_size for k in seen],
                    "sources": [k.source for k in seen],
                }
            )
        described = {
            "cameras": cameras,
            "skipped": self.skipped,
            "stages": [[stage.to_dict() for stage in window] for window in self.stages],
            "energies": self.energies,
            "converged": self.converged,
            "solve_time": self.solve_time,
            "model_name": self.model_name,
            "last_stage": None if self._last_stage is None else self._last_stage.to_dict(),
        }
        np.savez_compressed(path, **arrays, description=np.array(json.dumps(described)))

    @classmethod
    def load(
        cls,
        path: str | PathLike[str],
        model: BodyModel | str | PathLike[str] | None = None,
    ) -> SequenceResult:
        """Reads what `save` wrote.

        Args:
            path: of the .npz.
            model: the body that was fitted, or the path of one; None: the default.

        Raises:
            FileNotFoundError: no such file.
            ValueError: a file that `save` did not write, or another body.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"path: expected a saved sequence, found no file {path}")
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive}
            described = json.loads(str(arrays.pop("description")))
            clips = [
                _loaded_views(arrays.pop(f"keypoints_{number}"), camera)
                for number, camera in enumerate(described.pop("cameras"))
            ]
            stages = [
                tuple(StageReport.from_dict(stage) for stage in window)
                for window in described.pop("stages")
            ]
            last_stage = described.pop("last_stage", None)
            result = cls(
                **arrays,
                views=tuple(zip(*clips, strict=True)),
                skipped=tuple((f, c, why) for f, c, why in described.pop("skipped")),
                stages=tuple(stages),
                **described,
                _model=checked_model(model),
                _last_stage=None if last_stage is None else LastStage.from_dict(last_stage),
            )
        except (KeyError, TypeError, ValueError, EOFError, OSError, BadZipFile) as error:
            raise ValueError(f"path: expected a saved sequence, got {path} ({error})") from error
        result._check_model()
        return result

    def _check_model(self) -> None:
        """ValueError where the body does not have the joints that were fitted."""
        same = self._model.num_betas == len(self.betas)
        if same and self._model.num_joints == self.joints.shape[1]:
            parameters = self._model.parameters(
                self.betas, self.global_orient[0], self.body_pose[0], self.transl[0]
            )
            same = bool(np.allclose(self._model.joints(**parameters), self.joints[0], atol=1e-6))
        else:
            same = False
        if not same:
            raise ValueError(
                f"model: expected the body that was fitted, {self.model_name}, "
                f"got {self._model.name}, whose joints differ"
            )

    @cached_property
    def keypoints2d(self) -> Floats:
        """(F, K, 2) pixels, where the body has all views' keypoints; NaN where it has none."""
        return np.array([np.concatenate([v.keypoints2d for v in each.views]) for each in self])

    @property
    def residuals(self) -> Floats:
        """(F, K) pixels from observed to fitted keypoint; NaN where not seen or not on the body."""
        seen = np.array([np.concatenate([v.keypoints.xy for v in each]) for each in self.views])
        distance = np.linalg.norm(self.keypoints2d - seen, axis=-1)
        return np.asarray(np.where(self._stacked("visible"), distance, np.nan))

    @property
    def confidence(self) -> Floats:
        """(F, K) of the keypoints of all views."""
        return np.asarray(self._stacked("confidence"))

    @property
    def own_model(self) -> BodyModel | None:
        """The body; None of a fit from a file."""
        return self._model

    @property
    def joint_names(self) -> tuple[str, ...]:
        """J."""
        return self._model.joint_names

    @property
    def frame_numbers(self) -> NDArray[np.int64]:
        """(F,) in the video, from `times`: a track of somebody who came later begins later."""
        step = float(np.median(np.diff(self.times))) if len(self) > 1 else 1.0
        return round(float(self.times[0]) / step) + np.arange(len(self))

    @property
    def knows_outliers(self) -> bool:
        """Whether `outliers` can be asked for: not of files of earlier versions."""
        return self._last_stage is not None

    @property
    def outliers(self) -> NDArray[np.bool_]:
        """(F, K) keypoints seen that the last stage hardly listened to: as `FitResult.outliers`.

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


def _pixels_per_metre(camera: AnyCamera, pelvis: Floats) -> float:
    """In the picture, at a body's depth; 0 behind the camera."""
    if not isinstance(camera, Camera):
        return camera.scale or 0.0
    depth = float(camera.to_camera(pelvis)[0, 2])
    return math.sqrt(camera.fx * camera.fy) / depth if depth > 0 else 0.0


def fit_sequence(
    keypoints: Sequence[FrameKeypoints]
    | Sequence[Sequence[FrameKeypoints]]
    | Mapping[str, Sequence[FrameKeypoints]]
    | ArrayLike,
    camera: AnyCamera | Sequence[AnyCamera] | Mapping[str, AnyCamera],
    *,
    fps: float | None = None,
    times: ArrayLike | None = None,
    model: BodyModel | str | PathLike[str] | None = None,
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None = None,
    pose_prior: PosePrior | str | PathLike[str] | None = None,
    joint_limits: JointLimits | None = None,
    estimate_focal: bool = False,
    refine_cameras: bool | CameraRefinement = False,
    person: Person | None = None,
    ground: Ground | None = None,
    stages: Sequence[_core.Stage] | None = None,
    window: int = WINDOW,
    threads: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
    checkpoint: str | PathLike[str] | None = None,
) -> SequenceResult:
    """Fits one body to all frames of one person: one shape, and motion that is smooth in time.

    Each frame is fitted alone, from its neighbours' fits and from its own with parts mirrored in
    depth; of these the path is taken that is cheapest with the way between frames counted, so that
    a limb that flips for a few frames is set right; then all frames are solved together, long clips
    in windows that go on from one another.

    Args:
        keypoints: F frames: an array (F, K, 2 or 3), or a list of what `fit` takes, paths of
            keypoint files (the person seen most is taken) and None where nobody is. With a list of
            cameras, a list of such lists, one per camera; with cameras by name, a mapping of such
            lists of some of the names.
        camera: as of `fit`; it does not move.
        fps: frames a second, > 0; or
        times: (F,) seconds, ascending. One of the two is needed.
        model, keypoint_format, pose_prior, joint_limits, estimate_focal, person, ground: as of
            `fit`.
        refine_cameras: as of `fit`: of two or more cameras, none of which moves. They are found
            first, with the bodies of frames from all over the clip; where it is one window, once
            more with all of them.
        stages: of all frames together; None: `sequence_stages()`. The shape prior's weight is
            multiplied by the root of the number of frames: what is wrong with a frame's pose is
            wrong with its neighbours', so that many frames do not tell the shape as well as many
            pictures would (benchmarks/sequence.py on the prior's own motions: with the root joints
            are off by 57 mm instead of 73, with the number itself also by 57).
        window: frames that are solved together, at least 60; clips of more go window by window, of
            the shape (and focal length) that frames from all over the clip say.
        threads: None: as many as there are cores. The motion is the same for any number, but for
            rounding.
        strict: a file that cannot be read is an error; otherwise its frame counts as one of nobody
            and is listed in `skipped`.
        progress: called with what is being done, how many frames of it are done and how many there
            are.
        checkpoint: a folder that every finished step is written to, so that a run that was stopped
            goes on from there when it is called with the same again, and ends as one that was not;
            None: nothing is kept.

    Raises:
        ValueError: input that cannot be fitted, naming the argument, what was expected, what came;
            no frame in which a body can be found; a checkpoint of another run.
        KeyboardInterrupt: Ctrl-C; finished steps stay in the checkpoint.
    """
    begin = time.perf_counter()
    model = checked_model(model)
    clip = _read_clip(keypoints, camera, keypoint_format, strict)
    if estimate_focal and not all(isinstance(view.camera, Camera) for view in clip.frames[0]):
        raise ValueError("estimate_focal: expected Cameras to go with it, got another kind")
    if isinstance(window, bool) or not isinstance(window, int) or window < 2 * OVERLAP:
        raise ValueError(f"window: expected a whole number >= {2 * OVERLAP}, got {window!r}")
    prior, limits = checked_prior(pose_prior, model), checked_limits(joint_limits, model)
    refinement = checked_refinement(
        refine_cameras,
        [view.camera for view in clip.frames[0]],
        [
            any(view.keypoints.visible.any() for view in of_camera)
            for of_camera in zip(*clip.frames, strict=True)
        ],
    )
    frames = [
        observations(
            views,
            model,
            None,
            estimate_focal,
            person=person,
            ground=ground,
            refinement=refinement,
        )
        for views in clip.frames
    ]

    def placed(frame: int, found: _core.Variables) -> _core.Observations:
        views = [
            View(view.keypoints, changed_camera(view.camera, *change))
            for view, change in zip(clip.frames[frame], camera_changes(found), strict=True)
        ]
        return observations(views, model, person=person, ground=ground)

    seconds = _checked_times(fps, times, len(clip.frames))
    chosen = sequence_stages() if stages is None else make_stages(stages)
    what_it_depends_on = _inputs(
        clip,
        seconds,
        model,
        prior,
        limits,
        chosen,
        window,
        estimate_focal,
        refinement,
        person,
        ground,
    )
    solver = SequenceSolver(
        model=model,
        frames=frames,
        times=seconds,
        prior=prior,
        limits=limits,
        stages=chosen,
        threads=checked_threads(threads),
        progress=progress or (lambda what, done, total: None),
        checkpoint=Checkpoint(checkpoint, lambda: what_it_depends_on),
    )
    if refinement is not None:
        solver.refine_cameras(placed)
    solver.fit_alone()
    solved = solver.fit_together(window)
    last_stage = LastStage(
        stage=chosen[-1],
        initial_transl=np.zeros(3),
        pixels_per_metre=np.zeros(len(clip.frames[0])),
        sigma_px=None,
        free_zoom=(),
        own_pose_prior=pose_prior is not None,
        own_joint_limits=joint_limits is not None,
        person=person,
        ground=ground,
        pose_prior=prior,
        joint_limits=limits,
    )
    return _sequence_result(model, seconds, clip, solved, last_stage, begin)


def _inputs(
    clip: _Clip,
    times: Floats,
    model: BodyModel,
    prior: PosePrior,
    limits: JointLimits | None,
    stages: Sequence[_core.Stage],
    window: int,
    estimate_focal: bool,
    refinement: CameraRefinement | None,
    person: Person | None,
    ground: Ground | None,
) -> Iterator[Any]:
    """All that a result depends on, for `Checkpoint`."""
    yield from (model.name, model.v_template, model.num_betas, times)
    for settings in (prior, limits):
        yield from (
            () if settings is None else (getattr(settings, each.name) for each in fields(settings))
        )
    yield from (stage_to_dict(stage) for stage in (*default_stages(), *stages))
    yield from (window, estimate_focal)
    yield from (
        None if known is None else known.to_dict() for known in (person, ground, refinement)
    )
    for views in clip.frames:
        for view in views:
            yield from (view.keypoints.xy, view.keypoints.confidence, view.keypoints.format.name)
    for view in clip.frames[0]:
        yield view.camera.to_dict()


# --- Input ---


@dataclass(frozen=True)
class _Clip:
    frames: list[tuple[View, ...]]
    skipped: list[tuple[int, int, str]]


def _read_clip(
    keypoints: object,
    camera: AnyCamera | Sequence[AnyCamera] | Mapping[str, AnyCamera],
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None,
    strict: bool,
) -> _Clip:
    keypoints, camera = in_order(keypoints, camera)
    cameras: list[AnyCamera]
    if isinstance(camera, list | tuple):
        cameras, per_camera = list(camera), keypoints
    else:
        cameras, per_camera = [camera], [keypoints]  # type: ignore[list-item]  # it is no list
    if not isinstance(per_camera, Sequence | np.ndarray) or len(per_camera) != len(cameras):
        raise ValueError(
            f"keypoints: expected the frames of each camera, a list of {len(cameras)}, "
            f"got {len(per_camera) if isinstance(per_camera, Sequence) else 'no list'}"
        )
    clips = [_frames_of(each) for each in per_camera]
    lengths = [len(frames) for frames in clips]
    if len(set(lengths)) != 1:
        raise ValueError(f"keypoints: expected as many frames of every camera, got {lengths}")
    if lengths[0] == 0:
        raise ValueError("keypoints: expected at least one frame, got none")
    formats = _formats_of(keypoint_format, clips)
    skipped: list[tuple[int, int, str]] = []
    frames = []
    for frame in range(lengths[0]):
        seen = []
        for number, clip in enumerate(clips):
            try:
                seen.append(_read_frame(clip[frame], formats[number]))
            except (OSError, ValueError) as error:
                if strict or not isinstance(clip[frame], str | PathLike):
                    raise ValueError(f"keypoints: frame {frame}: {error}") from error
                skipped.append((frame, number, str(error)))
                seen.append(None)
        frames.append(checked_views(seen, cameras, formats))
    return _Clip(frames, skipped)


def _frames_of(keypoints: object) -> Sequence[FrameKeypoints]:
    if isinstance(keypoints, np.ndarray):
        if keypoints.ndim != 3:
            raise ValueError(
                f"keypoints: expected [F, K, 3], got an array of shape {list(keypoints.shape)}"
            )
        return list(keypoints)
    if not isinstance(keypoints, list | tuple):
        raise ValueError(
            f"keypoints: expected a list of frames or an array [F, K, 3], got {keypoints!r:.60}"
        )
    return keypoints


def _formats_of(
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None,
    clips: Sequence[Sequence[FrameKeypoints]],
) -> list[AnyFormat | None]:
    """Of each camera: as given, or that of its first frame with somebody in it."""
    if keypoint_format is not None and not isinstance(keypoint_format, AnyFormat):
        formats: list[AnyFormat | None] = list(keypoint_format)
        if len(formats) != len(clips):
            raise ValueError(
                f"keypoint_format: expected one per camera ({len(clips)}), got {len(formats)}"
            )
        return formats
    formats = [keypoint_format] * len(clips)
    for number, clip in enumerate(clips):
        if formats[number] is not None:
            continue
        for frame in clip:
            try:
                found = _read_frame(frame, None)
            except (OSError, ValueError):
                continue
            if found is not None:
                formats[number] = found.format
                break
    return formats


def _read_frame(frame: FrameKeypoints, keypoint_format: AnyFormat | None) -> Keypoints | None:
    if frame is None or isinstance(frame, Keypoints):
        return frame
    if isinstance(frame, str | PathLike):
        people = read_keypoints(frame, keypoint_format)
        return max(people, key=lambda person: float(person.confidence.sum()), default=None)
    return Keypoints.from_array(frame, keypoint_format)


def _checked_times(fps: float | None, times: ArrayLike | None, count: int) -> Floats:
    if (fps is None) == (times is None):
        got = "neither" if fps is None else "both"
        raise ValueError(f"fps, times: expected one of the two, got {got}")
    if fps is not None:
        if not (np.isfinite(fps) and fps > 0):
            raise ValueError(f"fps: expected frames a second > 0, got {fps}")
        return np.arange(count) / fps
    seconds = np.array(times, dtype=np.float64)
    if seconds.shape != (count,):
        raise ValueError(f"times: expected shape ({count},), got {seconds.shape}")
    wrong = ~(np.diff(seconds) > 0)
    if not np.isfinite(seconds).all() or wrong.any():
        frame = int(wrong.argmax()) if wrong.any() else 0
        raise ValueError(
            f"times: expected ascending seconds, got {seconds[frame]} and then "
            f"{seconds[min(frame + 1, count - 1)]} at frame {frame}"
        )
    return seconds


# --- Output ---


def _loaded_views(keypoints: Floats, described: dict[str, Any]) -> list[View]:
    """Of a camera, one per frame."""
    keypoint_format = KeypointFormat.from_mapping(described["format"], described["keypoints"])
    camera = camera_from_dict(described["camera"])
    rows = zip(keypoints, described["image_sizes"], described["sources"], strict=True)
    return [
        View(Keypoints(seen[:, :2], seen[:, 2], keypoint_format, size, source), camera)
        for seen, size, source in rows
    ]


def _sequence_result(
    model: BodyModel,
    times: Floats,
    clip: _Clip,
    solved: Solved,
    last_stage: LastStage,
    begin: float,
) -> SequenceResult:
    parameters = [parameters_of(each) for each in solved.variables]
    cameras = [
        changed_camera(view.camera, *change)
        for view, change in zip(clip.frames[0], camera_changes(solved.variables[0]), strict=True)
    ]
    views = [
        tuple(View(view.keypoints, camera) for view, camera in zip(frame, cameras, strict=True))
        for frame in clip.frames
    ]
    poses: Parameters = {
        "betas": parameters[0]["betas"],
        "global_orient": np.array([each["global_orient"] for each in parameters]),
        "body_pose": np.array([each["body_pose"] for each in parameters]),
        "transl": np.array([each["transl"] for each in parameters]),
    }
    return SequenceResult(
        times=times,
        **poses,
        joints=model.joints(**poses),
        seen=np.array(
            [any(view.keypoints.visible.any() for view in frame) for frame in clip.frames]
        ),
        views=tuple(views),
        skipped=tuple(clip.skipped),
        stages=tuple(solved.stages),
        energies=solved.energies,
        converged=solved.converged,
        solve_time=time.perf_counter() - begin,
        model_name=model.name,
        _model=model,
        _last_stage=last_stage,
    )
