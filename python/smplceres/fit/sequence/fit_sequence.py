"""fit_sequence: many frames of one person, with one shape and smooth motion."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._native import _core
from ...base.checked_numbers import checked_threads
from ...body.model import BodyModel
from ...body.parameters import Parameters, parameters_of
from ...cameras.camera import AnyCamera
from ...cameras.refinement import CameraRefinement
from ...evidence.ground import Ground
from ...evidence.person import Person
from ...evidence.views import AnyFormat, View
from ...priors.joint_limits import JointLimits
from ...priors.lifter import Lifter
from ...priors.pose_prior import PosePrior
from ..doubts.clip import MendedClip, at_likely_rate, mended_clip
from ..doubts.examine import warnings_of_clip
from ..from_core import camera_changes, changed_camera, stage_report
from ..inputs import model_for, refinement_of
from ..known import Known
from ..last_stage import LastStage
from ..presets import default_stages, make_stages, sequence_stages, stage_to_dict
from .checkpoint import Checkpoint
from .clip import Clip, FrameKeypoints, checked_times, read_clip
from .result import SequenceResult
from .steps import ClipSteps

Floats = NDArray[np.float64]

# What is being done, how many frames of it are done, and how many there are.
Progress = Callable[[str, int, int], None]


def fit_sequence(
    keypoints: Sequence[FrameKeypoints]
    | Sequence[Sequence[FrameKeypoints]]
    | Mapping[str, Sequence[FrameKeypoints]]
    | ArrayLike,
    camera: AnyCamera | Sequence[AnyCamera] | Mapping[str, AnyCamera],
    *,
    fps: float | None = None,
    times: ArrayLike | None = None,
    time_unit: str = "s",
    model: BodyModel | str | PathLike[str] | None = None,
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None = None,
    pose_prior: PosePrior | str | PathLike[str] | None = None,
    joint_limits: JointLimits | None = None,
    lifter: Lifter | str | PathLike[str] | None = None,
    estimate_focal: bool = False,
    refine_cameras: bool | CameraRefinement = False,
    person: Person | None = None,
    ground: Ground | None = None,
    stages: Sequence[_core.Stage] | None = None,
    window: int = _core.DEFAULT_WINDOW,
    threads: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
    checkpoint: str | PathLike[str] | None = None,
    check: bool = True,
) -> SequenceResult:
    """Fits one body to all frames of one person: one shape, and motion that is smooth in time.

    First each frame is fitted alone, from the solutions of its neighbours and from its solution
    with parts mirrored in depth. Among these candidates the path of minimal energy with motion
    between frames is selected, which corrects limbs that flip for a few frames. Then all frames are
    solved together, long clips in overlapping windows.

    Args:
        keypoints: F frames: an array (F, K, 2 or 3), or a list of keypoints as in `fit`, paths of
            keypoint files (of the most visible person) and None for frames without the person.
            With a list of cameras, a list of such lists, one per camera; with cameras by name, a
            mapping of such lists for some of the names.
        camera: as of `fit`; static.
        fps: frames per second, > 0; or
        times: (F,), ascending. One of the two is needed.
        time_unit: of times, "s", "ms", "us" or "ns"; frames more than 5 s apart are warned of.
        model, keypoint_format, pose_prior, joint_limits, lifter, estimate_focal, person, ground:
            as of `fit`.
        refine_cameras: as of `fit`, for two or more static cameras. They are estimated first, with
            the bodies of frames from the whole clip; if it is one window, once more with all
            frames.
        stages: of all frames together; None: `sequence_stages()`. The weight of the shape prior
            is multiplied by the square root of the number of frames: errors of neighbouring frames
            are correlated, so that frames constrain the shape less than independent images
            (benchmarks/sequence.py on training motions of the prior: joint errors of 57 mm instead
            of 73; the number itself also gives 57).
        window: number of frames solved together, >= 60; longer clips are solved window by window,
            with the shape (and focal length) estimated from frames of the whole clip.
        threads: None: the number of cores. The motion is the same for any number up to rounding.
        strict: a file that cannot be read is an error; otherwise its frame has no person and is
            listed in `skipped`.
        progress: called with the name of the step, the number of finished frames and the total.
        checkpoint: a folder for finished steps: a stopped run with the same arguments continues
            from there, with the same result; None: nothing is stored.
        check: mend what neighbouring frames tell, and look for inputs that cannot be right:
            frames with exchanged sides are exchanged back, frames that jump away and back are left
            out, motion is smoothed at the likely rate where the given one is far off; `warnings`
            of the result names it. Inputs that make a fit meaningless are an error.

    Raises:
        ValueError: invalid input; names the argument, the expected and the actual value; no frame
            in which a body can be fitted; a checkpoint of another run.
        KeyboardInterrupt: Ctrl-C; the checkpoint keeps finished steps.
    """
    begin = time.perf_counter()
    clip = read_clip(keypoints, camera, keypoint_format, strict)
    body = model_for(model, (view.keypoints for views in clip.frames for view in views))
    known = Known.of(body, pose_prior, joint_limits, lifter, person=person, ground=ground)
    if isinstance(window, bool) or not isinstance(window, int) or window < _core.MIN_WINDOW:
        raise ValueError(f"window: expected a whole number >= {_core.MIN_WINDOW}, got {window!r}")
    refinement = refinement_of(clip.frames, refine_cameras, estimate_focal)
    seconds = checked_times(fps, times, len(clip.frames), time_unit)
    mended = mended_clip(clip.frames, seconds, known.model) if check else MendedClip(clip.frames)
    clip = replace(clip, frames=mended.frames)
    chosen = sequence_stages() if stages is None else make_stages(stages)
    inputs = _inputs(clip, seconds, known, chosen, window, estimate_focal, refinement)
    solver = _Solver(
        *(known, clip, seconds, chosen, window, checked_threads(threads)),
        *(estimate_focal, refinement, progress),
    )
    solved = solver.solve(mended.speed, Checkpoint(checkpoint, lambda: inputs))
    if check and stages is None:
        mended, solved = at_likely_rate(mended, seconds, solved, solver.solve)
    result = _sequence_result(known, seconds, clip, solved, chosen[-1], begin)
    return replace(result, _warnings=warnings_of_clip(known, mended)) if check else result


@dataclass(frozen=True, eq=False)
class _Solver:
    """All that the core needs for a clip but the rate of its times."""

    known: Known
    clip: Clip
    times: Floats
    stages: Sequence[_core.Stage]
    window: int
    threads: int
    estimate_focal: bool
    refinement: CameraRefinement | None
    progress: Progress | None

    def solve(self, speed: float, checkpoint: Checkpoint | None = None) -> _core.ClipFit:
        """The solution for the times multiplied by `speed`; its steps are kept in a checkpoint."""
        clip = self.clip
        steps = ClipSteps(checkpoint or Checkpoint(None, lambda: ()))
        return _core.fit_clip(
            (
                self.known.scene(
                    views, estimate_focal=self.estimate_focal, refinement=self.refinement
                )
                for views in clip.frames
            ),
            (speed * self.times).tolist(),
            self.stages,
            start_pose=self.known.start_pose,
            window=self.window,
            threads=self.threads,
            refined_cameras=None if self.refinement is None else partial(_core_cameras, clip),
            callbacks=_core.ClipCallbacks(progress=self.progress, load=steps.load, save=steps.save),
        )


def _cameras_at(clip: Clip, found: _core.Variables) -> list[AnyCamera]:
    """The cameras of a clip, zoomed and moved as a fit found them."""
    changes = zip(clip.frames[0], camera_changes(found), strict=True)
    return [changed_camera(view.camera, *change) for view, change in changes]


def _core_cameras(
    clip: Clip, found: _core.Variables
) -> list[_core.Pinhole | _core.WeakPerspective]:
    return [camera.core for camera in _cameras_at(clip, found)]


def _inputs(
    clip: Clip,
    times: Floats,
    known: Known,
    stages: Sequence[_core.Stage],
    window: int,
    estimate_focal: bool,
    refinement: CameraRefinement | None,
) -> Iterator[Any]:
    """All inputs of a result, for `Checkpoint`."""
    model = known.model
    yield from (model.name, model.v_template, model.num_betas, times)
    for settings in (known.pose_prior, known.joint_limits):
        yield from (
            () if settings is None else (getattr(settings, each.name) for each in fields(settings))
        )
    yield list(known.lifter.slots)
    yield from known.lifter.arrays.values()
    yield from (stage_to_dict(stage) for stage in (*default_stages(), *stages))
    yield from (window, estimate_focal)
    yield from (
        None if each is None else each.to_dict()
        for each in (known.person, known.ground, refinement)
    )
    for views in clip.frames:
        for view in views:
            yield from (view.keypoints.xy, view.keypoints.confidence, view.keypoints.format.name)
    for view in clip.frames[0]:
        yield view.camera.to_dict()


def _sequence_result(
    known: Known,
    times: Floats,
    clip: Clip,
    solved: _core.ClipFit,
    stage: _core.Stage,
    begin: float,
) -> SequenceResult:
    model = known.model
    frames = solved.frames
    parameters = [parameters_of(each) for each in frames]
    cameras = _cameras_at(clip, frames[0])
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
    if model.layout.further:
        poses["slices"] = {
            name: np.array([each["slices"][name] for each in parameters])
            for name, _ in model.layout.further
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
        stages=tuple(tuple(stage_report(stage) for stage in of) for of in solved.stages),
        energies=solved.energies,
        converged=solved.converged,
        solve_time=time.perf_counter() - begin,
        model_name=model.name,
        _model=model,
        _last_stage=LastStage(
            stage, known, initial_transl=np.zeros(3), pixels_per_metre=np.zeros(len(cameras))
        ),
    )
