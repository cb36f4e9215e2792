"""Tracker: tracking of a person in real time, within a time budget per frame."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..base.checked_numbers import count_of
from ..body.model import BodyModel, Parameters, parameters_of
from ..cameras.camera import AnyCamera
from ..evidence.ground import Ground
from ..evidence.person import Person
from ..evidence.views import AnyFormat, AnyKeypoints, View
from ..keypoints.formats import KeypointFormat, format_named
from ..keypoints.keypoints import Keypoints
from ..keypoints.tracks import assignment
from ..priors.joint_limits import JointLimits
from ..priors.pose_prior import PosePrior
from .from_core import fitted_view
from .inputs import checked_model
from .known import Known
from .result import FitResult

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tracked:
    """A person at one time.

    Attributes:
        timestamp: seconds.
        status: "tracked"; "predicted", not visible; "starting", a cold fit is in progress; "lost",
            no person is tracked and the other attributes have no meaning.
        global_orient, body_pose, betas, transl, slices: parameters, as of `FitResult`.
        velocity: of the frame's numbers in the order of the model's `layout`, per second: radians
            of a rotation about world axes, radians of axis-angles, metres, coefficients.
        energies: sum |r|^2 of each term of the update.
        update_time: seconds of the update.
    """

    timestamp: float
    status: str
    global_orient: Floats
    body_pose: Floats
    betas: Floats
    transl: Floats
    velocity: Floats
    energies: dict[str, float]
    update_time: float
    _information: Floats = field(repr=False)  # in the units of energies
    _scale: float = field(repr=False)  # of an energy, that halves a squared standard deviation
    _view: View = field(repr=False)
    _zoom: float = field(repr=False)
    _model: BodyModel = field(repr=False)
    slices: dict[str, Floats] = field(default_factory=dict)

    @property
    def _known(self) -> bool:
        return self.status in ("tracked", "predicted")

    @property
    def parameters(self) -> Parameters:
        """Arguments of the model."""
        return parameters_of(self)

    @cached_property
    def joints(self) -> Floats:
        """(J, 3) metres, in the world."""
        return self._model.joints(**self.parameters)

    @cached_property
    def covariance(self) -> Floats:
        """(N, N) of the frame's numbers in the order of the model's `layout` and betas, given this
        and all earlier frames and the priors: radians about world axes, radians, metres, standard
        deviations; infinite variances while no person is tracked."""
        if not self._known:
            return np.diag(np.full(len(self._information), np.inf))
        information = self._scale * self._information
        return np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)

    @cached_property
    def joint_std(self) -> Floats:
        """(J,) metres, root of the mean variance over the axes; infinite while no person is
        tracked."""
        if not self._known:
            return np.full(self._model.num_joints, np.inf)
        _, frame, betas = self._model.frame_jacobian(self.parameters)
        jacobian = np.concatenate([frame, betas], axis=-1)
        variances = np.einsum("jai,ik,jak->ja", jacobian, self.covariance, jacobian)
        return np.asarray(np.sqrt(variances.mean(axis=1)), dtype=np.float64)

    @cached_property
    def fit(self) -> FitResult:
        """The same as a `FitResult`: keypoints in the image, residuals, mesh, files."""
        return FitResult(
            **self.parameters,
            joints=self.joints,
            views=(fitted_view(self._view, self._zoom, self._model, self.parameters),),
            stages=(),
            energies=self.energies,
            converged=self.status == "tracked",
            message=self.status,
            solve_time=self.update_time,
            num_starts=0,
            model_name=self._model.name,
            _model=self._model,
        )


def tracker_stage() -> _core.Stage:
    """One update: the last default stage with a few iterations and without collisions, which cost
    more time than they are worth between two frames."""
    return _core.tracker_stage()


class Tracker:
    """Tracks one person in a stream of keypoints.

    Each update starts from the predicted state and solves for pose, position and shape together
    with a few previous frames and the prior from all earlier frames: frames that leave the window
    are marginalised, so that no frame is fitted again and the shape becomes more certain with time.
    A person who is not visible is predicted for half a second. A lost person is found again by a
    cold fit, whose stages are distributed over updates as the budget allows. Updates may be called
    from any thread, one at a time.

    Args:
        camera: static.
        model, pose_prior, joint_limits, person, ground: as of `fit`.
        keypoint_format: of arrays.
        rate: expected frames per second, > 0; the interval of updates without timestamps.
        budget_ms: time limit of the solution of an update, > 0; the best state so far is then
            returned. Other work takes half a millisecond more. None: no limit, and a cold fit is
            done within one update.
        lag: number of previous frames that each update solves with the newest, >= 1; each takes
            0.1 ms. `smoothed()` returns them.
        stage: of an update, solved by "lm" and the linear solver "auto"; None: `tracker_stage()`.

    Raises:
        ValueError: a number out of range, as `fit`.
    """

    def __init__(
        self,
        camera: AnyCamera,
        *,
        model: BodyModel | str | PathLike[str] | None = None,
        keypoint_format: AnyFormat | None = None,
        rate: float = 30.0,
        budget_ms: float | None = None,
        pose_prior: PosePrior | str | PathLike[str] | None = None,
        joint_limits: JointLimits | None = None,
        person: Person | None = None,
        ground: Ground | None = None,
        lag: int = 2,
        stage: _core.Stage | None = None,
    ) -> None:
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"rate: expected frames per second > 0, got {rate}")
        if budget_ms is not None and not budget_ms > 0:
            raise ValueError(f"budget_ms: expected milliseconds > 0 or None, got {budget_ms}")
        if count_of(lag) is None:
            raise ValueError(f"lag: expected at least one frame, got {lag!r}")
        self.camera = camera
        self._known = Known.of(model, pose_prior, joint_limits, person=person, ground=ground)
        self.model = self._known.model
        self._format: KeypointFormat | None = (
            None if keypoint_format is None else format_named(keypoint_format)
        )
        self._period = 1.0 / rate
        self._stage = tracker_stage() if stage is None else copy(stage)
        self._core = _core.Tracker(
            model=self.model._core,
            cold=_core.tracker_cold_stages(),
            stage=self._stage,
            start_pose=self._known.pose_prior.start_pose,
            budget=math.inf if budget_ms is None else 1e-3 * budget_ms,
            lag=lag,
        )
        self._time: float | None = None
        self._status = "lost"
        self._lock = threading.Lock()

    def update(self, keypoints: AnyKeypoints | None, timestamp: float | None = None) -> Tracked:
        """Updates the state by the keypoints of a frame.

        Args:
            keypoints: as of `fit`; None: no detection.
            timestamp: seconds, later than the last; None: one frame interval later.

        Raises:
            ValueError: invalid keypoints, a timestamp that is not later than the last; the state
                does not change.
        """
        begin = time.perf_counter()
        if timestamp is None:
            timestamp = 0.0 if self._time is None else self._time + self._period
        view = View(self._checked(keypoints), self.camera)
        scene = self._known.scene((view,))
        with self._lock:
            self._status = self._core.update(scene, float(timestamp))
            self._time = float(timestamp)
            return self._tracked(view, self._status, self._core.state(), begin)

    def predict(self, timestamp: float) -> Parameters:
        """Predicted parameters at a later time, to compensate latency.

        Raises:
            ValueError: no person is tracked, or the time is not finite.
        """
        if not math.isfinite(timestamp):
            raise ValueError(f"timestamp: expected seconds, got {timestamp}")
        if self._status not in ("tracked", "predicted"):
            raise ValueError(
                "timestamp: expected a tracker that follows a person, "
                f"got one that is {self._status}"
            )
        return parameters_of(self._core.predict(float(timestamp)))

    def smoothed(self) -> list[tuple[float, Parameters]]:
        """The frames of the window, the oldest first, as timestamps (seconds) and parameters of the
        model, estimated from all frames since. The last is that of the last update with a
        detection. Empty while no person is tracked."""
        return [(when, parameters_of(at)) for when, at in self._core.smoothed()]

    def reset(self) -> None:
        """Resets the state and the time."""
        with self._lock:
            self._core.reset()
            self._time, self._status = None, "lost"

    def _checked(self, keypoints: AnyKeypoints | None) -> Keypoints:
        if keypoints is None:
            if self._format is None:
                raise ValueError(
                    "keypoint_format: expected one to go with keypoints that are None, got none"
                )
            count = self._format.num_keypoints
            return Keypoints(np.zeros((count, 2)), np.zeros(count), self._format)
        if not isinstance(keypoints, Keypoints):
            keypoints = Keypoints.from_array(keypoints, self._format)
        self._format = keypoints.format
        return keypoints

    def _tracked(self, view: View, status: str, state: _core.Variables, begin: float) -> Tracked:
        scale = 2.0 / (self._stage.pose_prior.weight or 2.0)
        return Tracked(
            timestamp=self._time or 0.0,
            status=status,
            **parameters_of(state),
            velocity=self._core.velocity(),
            energies=self._core.energies(),
            update_time=time.perf_counter() - begin,
            _information=self._core.information(),
            _scale=scale,
            _view=view,
            _zoom=float(state.log_zoom[0]) if len(state.log_zoom) else 0.0,
            _model=self.model,
        )


class PeopleTracker:
    """Tracks several people in one stream, each by a `Tracker`.

    Detections are assigned to people at minimal total distance of keypoints from their predictions,
    in heights of the person; each remaining detection starts a new person.

    Args:
        camera, settings: as of `Tracker`.
        max_distance: in heights, > 0; detections at larger distances are not assigned.
        forget_after: seconds without a detection, > 0, after which a person is removed.

    Raises:
        ImportError: SciPy is missing.
        ValueError: as `Tracker`.
    """

    def __init__(
        self,
        camera: AnyCamera,
        *,
        max_distance: float = 0.3,
        forget_after: float = 1.0,
        **settings: Any,
    ) -> None:
        for name, value in (("max_distance", max_distance), ("forget_after", forget_after)):
            if not value > 0:
                raise ValueError(f"{name}: expected a number > 0, got {value!r}")
        self._assign = assignment()
        self._camera, self._settings = camera, settings
        self._settings["model"] = checked_model(settings.get("model"))
        Tracker(camera, **settings)  # errors are raised now
        self._max_distance, self._forget_after = max_distance, forget_after
        self._going: dict[
            int, tuple[Tracker, float]
        ] = {}  # and the time of the last detection of each
        self._next = 0
        self._time: float | None = None

    def update(self, people: Sequence[AnyKeypoints], timestamp: float) -> dict[int, Tracked]:
        """All tracked people, by a number that does not change.

        Args:
            people: detections in any order, each as of `Tracker.update`.
            timestamp: seconds, later than the last.

        Raises:
            ValueError: as `Tracker.update`; no state changes.
        """
        if not math.isfinite(timestamp) or (self._time is not None and timestamp <= self._time):
            raise ValueError(f"timestamp: expected more than {self._time} s, got {timestamp}")
        seen = [
            each if isinstance(each, Keypoints) else Keypoints.from_array(each, self._format)
            for each in people
        ]
        self._time = timestamp
        for number, (_, last) in list(self._going.items()):
            if timestamp - last > self._forget_after:
                del self._going[number]
        of_person = self._assigned(seen, timestamp)
        tracked = {}
        for number, (tracker, _) in self._going.items():
            if number in of_person:
                tracked[number] = tracker.update(seen[of_person[number]], timestamp)
                self._going[number] = (tracker, timestamp)
            else:
                tracked[number] = tracker.update(None, timestamp)
        for taken, each in enumerate(seen):
            if taken in of_person.values():
                continue
            newcomer = Tracker(self._camera, **self._settings)
            tracked[self._next] = newcomer.update(each, timestamp)
            self._going[self._next] = (newcomer, timestamp)
            self._next += 1
        return tracked

    @property
    def _format(self) -> AnyFormat | None:
        return self._settings.get("keypoint_format")

    def _assigned(self, seen: Sequence[Keypoints], timestamp: float) -> dict[int, int]:
        """Number of a person -> index of the detection."""
        numbers = list(self._going)
        costs = np.array(
            [
                [self._distance(self._going[number][0], each, timestamp) for each in seen]
                for number in numbers
            ]
        ).reshape(len(numbers), len(seen))
        far = costs > self._max_distance
        rows, columns = self._assign(np.where(far, 1e3, costs))
        return {
            numbers[row]: int(column)
            for row, column in zip(rows, columns, strict=True)
            if not far[row, column]
        }

    def _distance(self, tracker: Tracker, keypoints: Keypoints, timestamp: float) -> float:
        """Mean over visible keypoints, in heights of the person; infinite without any."""
        try:
            parameters = tracker.predict(timestamp)
        except ValueError:  # lost or starting: any detection is accepted
            return self._max_distance
        expected = fitted_view(View(keypoints, self._camera), 0.0, tracker.model, parameters)
        height = keypoints.height_px
        residuals = expected.residuals[np.isfinite(expected.residuals)]
        return float(residuals.mean() / height) if len(residuals) and height > 0 else math.inf
