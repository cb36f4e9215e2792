"""Solving a clip: every frame alone, the cheapest path through what was found, all together."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._native import _core
from ...base.rotations import between_rotations, nearest_axis_angles
from ...body.model import BodyModel, Parameters, parameters_of
from ..from_core import stage_report
from ..known import Known
from ..presets import default_stages, make_stages
from ..stage_report import StageReport
from .checkpoint import Arrays, Checkpoint

Floats = NDArray[np.float64]

_VARIABLES = ("global_orient", "body_pose", "betas", "transl", "log_zoom", "camera_motion")

# What is being done, how many frames of it are done, and how many there are.
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
# Frames that tell where cameras are, and how often they and the bodies take turns: with cameras a
# few degrees off, bodies of frames fitted alone are off as well.
_CAMERA_FRAMES = 60
_CAMERA_ROUNDS = 2
# Candidates of a frame that are kept of those from its other starts, and how near in energy two are
# one. Without parts mirrored in depth among the starts joints of 36 training motions as in
# benchmarks/sequence.py are off by 51 mm instead of 48.
_FEW = 10
_SAME = 1e-5
# How the way between candidates of successive frames is weighed against their energies: a joint's
# place wanders by this, metres / s^0.5 (half a metre in 1/30 s, as a flipped limb moves, is then
# far out), and this much energy of the default stages is one of the posterior's negative log.
_WALK = 0.5
_ENERGY_OF_LOG = 2 * _core.GAUSSIAN_WEIGHT


@dataclass(frozen=True)
class Candidate:
    """What a frame may be: a fit of its own.

    Attributes:
        variables: of the fit.
        energy, data: sum |r|^2 of all terms, and of the keypoints'.
        pixels_per_metre: (views,) of the pixels that data is in.
    """

    variables: _core.Variables
    energy: float
    data: float
    pixels_per_metre: Floats

    @classmethod
    def of(cls, fit: _core.Fit) -> Candidate:
        return cls(
            fit.variables,
            sum(fit.energies.values()),
            fit.energies.get("reprojection", 0.0),
            fit.pixels_per_metre,
        )


@dataclass(frozen=True)
class Solved:
    """All frames, with one shape and one set of zooms.

    Attributes:
        variables: of each frame.
        stages: of each window.
        energies: sum |r|^2 of each term at the end, over all windows.
        converged: the last stage of every window did.
    """

    variables: list[_core.Variables]
    stages: list[tuple[StageReport, ...]]
    energies: dict[str, float]
    converged: bool


@dataclass
class SequenceSolver:
    known: Known
    frames: list[_core.Observations]
    times: Floats
    stages: list[_core.Stage]
    threads: int
    progress: Progress
    checkpoint: Checkpoint
    path: list[_core.Variables] = field(default_factory=list)
    # Of frames fitted alone, with the cameras found; and those, as variables.
    alone: list[_core.Observations] = field(default_factory=list)
    cameras: _core.Variables | None = None

    def refine_cameras(self, placed: Callable[[int, _core.Variables], _core.Observations]) -> None:
        """Finds where cameras are, with the bodies of frames from all over the clip, free of one
        another; `placed` is a frame with its cameras where variables have them."""
        count = len(self.frames)
        chosen = np.unique(np.linspace(0, count - 1, _CAMERA_FRAMES).round().astype(int)).tolist()
        self.alone = self.frames
        for number in range(_CAMERA_ROUNDS):
            what = f"cameras, round {number + 1}"
            fits = self._fit_frames(what, self._stages_alone(), chosen, lambda _: [None])
            found = {f: fit.variables for f, fits_of in fits.items() for fit in fits_of}
            if not found:
                raise _nobody(count)

            def solve(found: dict[int, _core.Variables] = found) -> Arrays:
                initial = [self._with_cameras(variables) for variables in found.values()]
                solved = self._solve(list(found), initial, 0, True, self._stages_uncoupled())
                return _packed_variables(solved.frames[:1])

            arrays = self.checkpoint.step(f"cameras_{number}", solve)
            (self.cameras,) = _unpacked_variables(self.known.model, arrays)
            self.alone = [placed(f, self.cameras) for f in range(count)]

    def _with_cameras(self, variables: _core.Variables, **changed: Floats) -> _core.Variables:
        """With the cameras that were found."""
        parameters = parameters_of(variables) | changed
        cameras = variables if self.cameras is None else self.cameras
        return _core.Variables(
            self.known.model._core,
            **parameters,  # type: ignore[arg-type]  # of the same keys
            log_zoom=cameras.log_zoom,
            camera_motion=cameras.camera_motion,
        )

    def _stages_alone(self) -> list[_core.Stage]:
        stages = default_stages()
        stages[-1].reference_noise = 0.0  # candidates of one frame are compared by one balance
        for stage in stages:
            stage.free_cameras = False
        return stages

    def _stages_uncoupled(self) -> list[_core.Stage]:
        stages = make_stages(self.stages)
        for stage in stages:
            stage.acceleration.weight = stage.rotation_walk.weight = 0.0
        return stages

    def fit_alone(self) -> None:
        """Every frame by itself, then the cheapest path through what was found."""
        stages = self._stages_alone()
        if self.cameras is None:
            self.alone = self.frames
        count = len(self.frames)
        cold = self._fit_frames("frames alone", stages, range(count), lambda _: [None])
        found = [f for f in range(count) if cold[f]]
        if not found:
            raise _nobody(count)

        def other_starts(frame: int) -> list[_core.Variables]:
            near = [*cold.get(frame - 1, []), *cold.get(frame + 1, [])]
            (mine,) = cold[frame]
            flips = _core.depth_flips(self.alone[frame], mine.variables)
            return [each.variables for each in near] + [flipped for _, flipped in flips]

        what = "frames from other starts"
        others = self._fit_frames(what, stages[-1:], found, other_starts)
        best = self._cheapest_path([cold[f] + others[f] for f in found], self.times[found])
        self.path = self._filled(dict(zip(found, best, strict=True)))

    def _fit_frames(
        self,
        what: str,
        stages: list[_core.Stage],
        chosen: Sequence[int],
        starts: Callable[[int], Sequence[_core.Variables | None]],
    ) -> dict[int, list[Candidate]]:
        """Of every frame chosen, from each of its starts: the few with the least energy, none where
        it cannot be fitted."""
        candidates: dict[int, list[Candidate]] = {}
        for first in range(0, len(chosen), _CHUNK):
            chunk = chosen[first : first + _CHUNK]

            def fit(chunk: Sequence[int] = chunk) -> Arrays:
                return self._packed(self._fit_chunk(stages, chunk, starts))

            arrays = self.checkpoint.step(f"{what}, {first}".replace(" ", "_"), fit)
            candidates.update(zip(chunk, self._unpacked(arrays), strict=True))
            self.progress(what, first + len(chunk), len(chosen))
        return candidates

    def _fit_chunk(
        self,
        stages: list[_core.Stage],
        chunk: Sequence[int],
        starts: Callable[[int], Sequence[_core.Variables | None]],
    ) -> list[list[Candidate]]:
        initial = [(f, start) for f in chunk for start in starts(f)]
        solved = _core.fit_frames(
            [self.alone[f] for f, _ in initial],
            self.known.pose_prior.core,
            stages,
            start_pose=self.known.pose_prior.start_pose,
            starts=1,
            sigma_px=0.0,
            max_time=float("inf"),
            initial=[start for _, start in initial],
            joint_limits=self.known.core_limits,
            threads=self.threads,
        )
        found: dict[int, list[Candidate]] = {f: [] for f in chunk}
        for (f, _), each in zip(initial, solved, strict=True):
            if each.fit is not None:
                found[f].append(Candidate.of(each.fit))
        return [_few(found[f]) for f in chunk]

    def _packed(self, candidates: Sequence[list[Candidate]]) -> Arrays:
        found = [candidate for of_frame in candidates for candidate in of_frame]
        return {
            "counts": np.array([len(of_frame) for of_frame in candidates]),
            "energies": np.array([[c.energy, c.data] for c in found]),
            "pixels_per_metre": np.array([c.pixels_per_metre for c in found]),
            **_packed_variables([c.variables for c in found]),
        }

    def _unpacked(self, arrays: Arrays) -> list[list[Candidate]]:
        variables = _unpacked_variables(self.known.model, arrays)
        rows = zip(variables, arrays["energies"], arrays["pixels_per_metre"], strict=True)
        found = iter(Candidate(v, float(e[0]), float(e[1]), p) for v, e, p in rows)
        return [list(islice(found, count)) for count in arrays["counts"].tolist()]

    def _cheapest_path(
        self, candidates: list[list[Candidate]], times: Floats
    ) -> list[_core.Variables]:
        """Viterbi's: of each frame one candidate, the sum of their energies and of the ways between
        them least."""
        every = _packed_variables([each.variables for of_frame in candidates for each in of_frame])
        bodies = {name: every[name] for name in Parameters.__annotations__}
        ends = np.cumsum([len(of_frame) for of_frame in candidates])
        joints = np.split(self.known.model.joints(**bodies, threads=self.threads), ends[:-1])
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
                self._with_cameras(
                    _core.Variables(
                        self.known.model._core,
                        global_orient=between_rotations(roots[before], roots[after], share),
                        body_pose=(1 - share) * poses[before] + share * poses[after],
                        betas=betas,
                        transl=(1 - share) * transl[before] + share * transl[after],
                        log_zoom=zooms,
                    )
                )
            )
        return filled

    def fit_together(self, window: int) -> Solved:
        count = len(self.frames)
        whole = count <= window
        if not whole:
            self._share_shape()
        done: list[_core.Variables] = []
        reports, energies, converged = [], dict[str, float](), True
        while len(done) < count:
            first = 0 if whole else max(len(done) - 2, 0)
            last = min(first + window, count)
            held = len(done) - first
            kept = last if last == count else last - OVERLAP // 2
            initial = done[first:] + self.path[len(done) : last]

            def solve(
                frames: Sequence[int] = range(first, last),
                initial: list[_core.Variables] = initial,
                held: int = held,
                kept: int = kept,
            ) -> Arrays:
                fit = self._solve(frames, initial, held, whole)
                described = {
                    "stages": [stage_report(stage).to_dict() for stage in fit.stages],
                    "energies": dict(fit.energies),
                    "converged": fit.converged,
                }
                return {
                    "described": np.array(json.dumps(described)),
                    **_packed_variables(fit.frames[held : kept - frames[0]]),
                }

            arrays = self.checkpoint.step(f"frames_together,_{first}", solve)
            done += _unpacked_variables(self.known.model, arrays)
            described: dict[str, Any] = json.loads(str(arrays["described"]))
            reports.append(tuple(StageReport.from_dict(stage) for stage in described["stages"]))
            for name, energy in described["energies"].items():
                energies[name] = energies.get(name, 0.0) + energy
            converged = converged and described["converged"]
            self.progress("frames together", len(done), count)
        return Solved(done, reports, energies, converged)

    def _share_shape(self) -> None:
        """Shape and cameras of the whole path, from frames of all of it without the way between."""
        chosen = np.unique(np.linspace(0, len(self.frames) - 1, _SHAPE_FRAMES).round().astype(int))

        def solve() -> Arrays:
            initial = [self.path[f] for f in chosen]
            solved = self._solve(chosen.tolist(), initial, 0, True, self._stages_uncoupled())
            return _packed_variables(solved.frames[:1])

        (self.cameras,) = _unpacked_variables(
            self.known.model, self.checkpoint.step("shape", solve)
        )
        shape = self.cameras.betas
        self.path = [self._with_cameras(each, betas=shape) for each in self.path]
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
            stage.camera_prior.weight *= len(chosen) ** 0.5
        return _core.fit_sequence(
            [self.frames[f] for f in chosen],
            self.times[list(chosen)].tolist(),
            self.known.pose_prior.core,
            stages,
            initial,
            held=held,
            shared=shared,
            max_time=float("inf"),
            joint_limits=self.known.core_limits,
        )


def _packed_variables(variables: Sequence[_core.Variables]) -> Arrays:
    """Arrays (N, ...) of N frames' variables."""
    return {name: np.array([getattr(each, name) for each in variables]) for name in _VARIABLES}


def _unpacked_variables(model: BodyModel, arrays: Arrays) -> list[_core.Variables]:
    rows = zip(*(arrays[name] for name in _VARIABLES), strict=True)
    return [_core.Variables(model._core, **dict(zip(_VARIABLES, row, strict=True))) for row in rows]


def _nobody(count: int) -> ValueError:
    return ValueError(
        f"keypoints: expected a frame with a person that can be fitted, got none in {count}"
    )


def _few(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The cheapest, of those with the same energy one."""
    few: list[Candidate] = []
    for each in sorted(candidates, key=lambda candidate: candidate.energy):
        if len(few) < _FEW and (not few or each.energy > few[-1].energy * (1 + _SAME)):
            few.append(each)
    return few


def _energies(candidates: Sequence[Candidate]) -> Floats:
    """Of a frame's candidates, in the pixels of the first: each was solved in those of its own."""
    unit = candidates[0].pixels_per_metre
    energies = []
    for candidate in candidates:
        seen = candidate.pixels_per_metre > 0
        ratio = np.mean((candidate.pixels_per_metre[seen] / unit[seen]) ** 2)
        energies.append(candidate.energy + (ratio - 1) * candidate.data)
    return np.array(energies)
