"""fit_sequence: many frames of one person, with one shape and motion between them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core, exports
from .body import BodyModel, parameters_of
from .camera import AnyCamera, Camera
from .fitting import (
    checked_limits,
    checked_model,
    checked_prior,
    fitted_view,
    stage_report,
)
from .ground import Ground
from .joint_limits import JointLimits
from .keypoint_files import read_keypoints
from .keypoints import Keypoints
from .motion import Motion
from .observations import observations
from .person import Person
from .pose_prior import PosePrior
from .presets import default_stages, make_stages, sequence_stages
from .result import FitResult, StageReport
from .rotations import between_rotations, nearest_axis_angles
from .views import AnyFormat, AnyKeypoints, View, checked_views, in_order

Floats = NDArray[np.float64]

# One frame of one camera: keypoints, the path of a file of them, or nobody.
FrameKeypoints = AnyKeypoints | str | PathLike[str] | None
Progress = Callable[[str, int, int], None]

# Frames that are fitted together; longer clips go window by window.
WINDOW = 240
# Frames that a window has in common with the next: far from where it is cut, its motion no longer
# depends on the cut. The last two of the first half of them are what the next window goes on from.
OVERLAP = 30
# Frames that tell the shape of a clip of several windows, spread over all of it.
_SHAPE_FRAMES = 100
# Frames that are handed to the core at a time.
_CHUNK = 64
# How the way between candidates of successive frames is weighed against their energies: a joint's
# place wanders by this, metres / s^0.5 (half a metre in 1/30 s, as a flipped limb moves, is then
# far out), and this much energy of the default stages is one of the posterior's negative log.
_WALK = 0.5
_ENERGY_OF_LOG = 5.5**2


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
        views: of each frame, the pictures, each with its camera and keypoints.
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

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, frame: int) -> FitResult:
        """One frame as a fit of its own, without stages and energies. IndexError out of range."""
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
        )

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

    def reprojection_error(self, min_confidence: float = 0.5) -> float:
        """Median residual over all frames, pixels, of keypoints of more than this confidence."""
        residuals = np.concatenate(
            [
                view.residuals[view.keypoints.confidence > min_confidence]
                for result in self
                for view in result.views
            ]
        )
        residuals = residuals[np.isfinite(residuals)]
        return float(np.median(residuals)) if len(residuals) else float("nan")


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
    person: Person | None = None,
    ground: Ground | None = None,
    stages: Sequence[_core.Stage] | None = None,
    window: int = WINDOW,
    threads: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> SequenceResult:
    """Fits one body to all frames of one person: one shape, and motion that is smooth in time.

    Each frame is fitted alone and from its neighbours' fits; of these the path is taken that is
    cheapest with the way between frames counted, so that a limb that flips for a few frames is set
    right; then all frames are solved together, long clips in windows that go on from one another.

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

    Raises:
        ValueError: input that cannot be fitted, naming the argument, what was expected, what came;
            no frame in which a body can be found.
        KeyboardInterrupt: Ctrl-C.
    """
    begin = time.perf_counter()
    model = checked_model(model)
    clip = _read_clip(keypoints, camera, keypoint_format, strict)
    if estimate_focal and not all(isinstance(view.camera, Camera) for view in clip.frames[0]):
        raise ValueError("estimate_focal: expected Cameras to go with it, got another kind")
    if isinstance(window, bool) or not isinstance(window, int) or window < 2 * OVERLAP:
        raise ValueError(f"window: expected a whole number >= {2 * OVERLAP}, got {window!r}")
    prior, limits = checked_prior(pose_prior, model), checked_limits(joint_limits, model)
    solver = _Solver(
        model=model,
        frames=[
            observations(views, model, None, estimate_focal, person=person, ground=ground)
            for views in clip.frames
        ],
        times=_checked_times(fps, times, len(clip.frames)),
        prior=prior,
        limits=limits,
        stages=sequence_stages() if stages is None else make_stages(stages),
        threads=(os.cpu_count() or 1) if threads is None else threads,
        progress=progress or (lambda what, done, total: None),
    )
    solver.fit_alone()
    variables, reports, energies, converged = solver.fit_together(window)
    return _sequence_result(
        model, solver.times, clip, variables, reports, energies, converged, begin
    )


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


# --- Solving ---


@dataclass
class _Solver:
    model: BodyModel
    frames: list[_core.Observations]
    times: Floats
    prior: PosePrior
    limits: JointLimits | None
    stages: list[_core.Stage]
    threads: int
    progress: Progress
    path: list[_core.Variables] = field(default_factory=list)

    def fit_alone(self) -> None:
        """Every frame by itself, then the cheapest path through what was found."""
        stages = default_stages()
        cold = self._fit_frames("frames alone", stages, [None] * len(self.frames))
        found = [f for f, fit in enumerate(cold) if fit is not None]
        if not found:
            raise ValueError(
                "keypoints: expected a frame with a person that can be fitted, got none in "
                f"{len(cold)}"
            )
        candidates: list[list[_core.Fit]] = [[] if fit is None else [fit] for fit in cold]
        for step in (-1, 1):
            others = [
                cold[f + step] if 0 <= f + step < len(cold) else None for f in range(len(cold))
            ]
            initial = [
                None if fit is None or other is None else other.variables
                for fit, other in zip(cold, others, strict=True)
            ]
            chosen = [f for f, start in enumerate(initial) if start is not None]
            warm = self._fit_frames(
                "frames from their neighbours",
                stages[-1:],
                [initial[f] for f in chosen],
                chosen,
            )
            for f, fit in zip(chosen, warm, strict=True):
                if fit is not None:
                    candidates[f].append(fit)
        best = self._cheapest_path([candidates[f] for f in found], self.times[found])
        self.path = self._filled(dict(zip(found, best, strict=True)))

    def _fit_frames(
        self,
        what: str,
        stages: list[_core.Stage],
        initial: Sequence[_core.Variables | None],
        chosen: Sequence[int] | None = None,
    ) -> list[_core.Fit | None]:
        frames = self.frames if chosen is None else [self.frames[f] for f in chosen]
        fits: list[_core.Fit | None] = []
        for first in range(0, len(frames), _CHUNK):
            chunk = slice(first, first + _CHUNK)
            solved = _core.fit_frames(
                frames[chunk],
                self.prior.core,
                stages,
                start_pose=self.prior.start_pose,
                starts=1,
                max_time=float("inf"),
                initial=list(initial[chunk]),
                joint_limits=None if self.limits is None else self.limits.core,
                threads=self.threads,
            )
            fits += [each.fit for each in solved]
            self.progress(what, len(fits), len(frames))
        return fits

    def _cheapest_path(
        self, candidates: list[list[_core.Fit]], times: Floats
    ) -> list[_core.Variables]:
        """Viterbi's: of each frame one candidate, the sum of their energies and of the ways between
        them least."""
        joints = [
            np.array([self.model.joints(**parameters_of(fit.variables)) for fit in of_frame])
            for of_frame in candidates
        ]
        cost = _energies(candidates[0])
        back = []
        for f in range(1, len(candidates)):
            apart = joints[f][:, None] - joints[f - 1][None]
            way = (apart**2).sum(axis=(2, 3)) / (2 * _WALK**2 * (times[f] - times[f - 1]))
            total = way * _ENERGY_OF_LOG + cost[None]
            back.append(total.argmin(axis=1))
            cost = _energies(candidates[f]) + total.min(axis=1)
        chosen = [int(cost.argmin())]
        for before in reversed(back):
            chosen.append(int(before[chosen[-1]]))
        return [
            of_frame[i].variables for of_frame, i in zip(candidates, reversed(chosen), strict=True)
        ]

    def _filled(self, found: dict[int, _core.Variables]) -> list[_core.Variables]:
        """Variables of all frames: between those found on the way from one to the next, axis-angles
        without jumps of a turn."""
        frames = np.array(sorted(found))
        parameters = [parameters_of(found[int(f)]) for f in frames]
        betas = np.median([each["betas"] for each in parameters], axis=0)
        zooms = np.median([found[int(f)].log_zoom for f in frames], axis=0)
        poses = nearest_axis_angles(np.array([each["body_pose"] for each in parameters]))
        transl = np.array([each["transl"] for each in parameters])
        roots = [each["global_orient"] for each in parameters]
        filled = []
        for f, seconds in enumerate(self.times):
            after = int(np.clip(np.searchsorted(frames, f), 0, len(frames) - 1))
            before = max(after - 1, 0) if frames[after] > f else after
            gap = self.times[frames[after]] - self.times[frames[before]]
            share = (
                float(np.clip((seconds - self.times[frames[before]]) / gap, 0, 1)) if gap else 0.0
            )
            filled.append(
                _core.Variables(
                    self.model._core,
                    global_orient=between_rotations(roots[before], roots[after], share),
                    body_pose=(1 - share) * poses[before] + share * poses[after],
                    betas=betas,
                    transl=(1 - share) * transl[before] + share * transl[after],
                    log_zoom=zooms,
                )
            )
        return filled

    def fit_together(
        self, window: int
    ) -> tuple[list[_core.Variables], list[tuple[StageReport, ...]], dict[str, float], bool]:
        count = len(self.frames)
        if count <= window:
            solved = self._solve(range(count), self.path, 0, True)
            self.progress("frames together", count, count)
            reports = [tuple(stage_report(stage) for stage in solved.stages)]
            return list(solved.frames), reports, dict(solved.energies), solved.converged

        self._share_shape()
        done: list[_core.Variables] = []
        reports, converged = [], True
        energies: dict[str, float] = {}
        while len(done) < count:
            first = max(len(done) - 2, 0)
            last = min(first + window, count)
            held = len(done) - first
            initial = done[first:] + self.path[len(done) : last]
            solved = self._solve(range(first, last), initial, held, False)
            kept = last if last == count else last - OVERLAP // 2
            done += solved.frames[held : kept - first]
            reports.append(tuple(stage_report(stage) for stage in solved.stages))
            for name, energy in solved.energies.items():
                energies[name] = energies.get(name, 0.0) + energy
            converged = converged and solved.converged
            self.progress("frames together", len(done), count)
        return done, reports, energies, converged

    def _share_shape(self) -> None:
        """Shape and zooms of the whole path, from frames of all of it without the way between."""
        chosen = np.unique(np.linspace(0, len(self.frames) - 1, _SHAPE_FRAMES).round().astype(int))
        stages = make_stages(self.stages)
        for stage in stages:
            stage.acceleration.weight = stage.rotation_walk.weight = 0.0
        solved = self._solve(chosen.tolist(), [self.path[f] for f in chosen], 0, True, stages)
        shape, zooms = solved.frames[0].betas, solved.frames[0].log_zoom
        self.path = [
            _core.Variables(
                self.model._core, **(parameters_of(each) | {"betas": shape}), log_zoom=zooms
            )
            for each in self.path
        ]
        self.progress("shape", len(chosen), len(chosen))

    def _solve(
        self,
        chosen: Sequence[int],
        initial: list[_core.Variables],
        held: int,
        shared: bool,
        stages: list[_core.Stage] | None = None,
    ) -> _core.SequenceFit:
        stages = make_stages(self.stages if stages is None else stages)
        for stage in stages:
            stage.solver.num_threads = self.threads
            stage.shape_prior.weight *= len(chosen) ** 0.5
        return _core.fit_sequence(
            [self.frames[f] for f in chosen],
            self.times[list(chosen)].tolist(),
            self.prior.core,
            stages,
            initial,
            held=held,
            shared=shared,
            max_time=float("inf"),
            joint_limits=None if self.limits is None else self.limits.core,
        )


def _energies(candidates: Sequence[_core.Fit]) -> Floats:
    """Of a frame's candidates, in the pixels of the first: each was solved in those of its own."""
    unit = candidates[0].pixels_per_metre
    energies = []
    for fit in candidates:
        seen = fit.pixels_per_metre > 0
        ratio = np.mean((fit.pixels_per_metre[seen] / unit[seen]) ** 2)
        data = fit.energies.get("reprojection", 0.0)
        energies.append(sum(fit.energies.values()) + (ratio - 1) * data)
    return np.array(energies)


def _sequence_result(
    model: BodyModel,
    times: Floats,
    clip: _Clip,
    variables: list[_core.Variables],
    reports: list[tuple[StageReport, ...]],
    energies: dict[str, float],
    converged: bool,
    begin: float,
) -> SequenceResult:
    parameters = [parameters_of(each) for each in variables]
    zooms = variables[0].log_zoom
    views = [
        tuple(
            View(view.keypoints, fitted_view(view, float(zoom), model, parameters[0]).camera)
            for view, zoom in zip(frame, zooms, strict=True)
        )
        for frame in clip.frames
    ]
    return SequenceResult(
        times=times,
        global_orient=np.array([each["global_orient"] for each in parameters]),
        body_pose=np.array([each["body_pose"] for each in parameters]),
        betas=parameters[0]["betas"],
        transl=np.array([each["transl"] for each in parameters]),
        joints=np.array([model.joints(**each) for each in parameters]),
        seen=np.array(
            [any(view.keypoints.visible.any() for view in frame) for frame in clip.frames]
        ),
        views=tuple(views),
        skipped=tuple(clip.skipped),
        stages=tuple(reports),
        energies=energies,
        converged=converged,
        solve_time=time.perf_counter() - begin,
        model_name=model.name,
        _model=model,
    )
