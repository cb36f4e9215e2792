"""Tracker: tracking of a person in real time, within a time budget per frame."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from copy import copy
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._native import _core
from ...base.checked_numbers import count_of
from ...body.model import BodyModel
from ...body.parameters import Parameters, parameters_of
from ...cameras.camera import AnyCamera
from ...evidence.ground import Ground
from ...evidence.person import Person
from ...evidence.views import AnyFormat, AnyKeypoints, View
from ...keypoints.formats import KeypointFormat, format_named
from ...keypoints.keypoints import Keypoints
from ...keypoints.sides import exchanged
from ...keypoints.tracks import assignment
from ...priors.joint_limits import JointLimits
from ...priors.lifter import Lifter
from ...priors.pose_prior import PosePrior
from ..doubts.stream import Stream
from ..from_core import fitted_view
from ..inputs import checked_model
from ..known import Known
from .tracked import Motion, Tracked

Floats = NDArray[np.float64]


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

    A copy, or a pickled tracker, processes the last second of keypoints again: it follows the same
    person, with the shape known less well than by the original.

    Args:
        camera: static.
        model, pose_prior, joint_limits, lifter, person, ground: as of `fit`.
        keypoint_format: of arrays.
        rate: expected frames per second, > 0; the interval of updates without timestamps.
        budget_ms: time limit of the solution of an update, > 0; the best state so far is then
            returned. Other work takes half a millisecond more. None: no limit, and a cold fit is
            done within one update.
        lag: number of previous frames that each update solves with the newest, >= 1; each takes
            0.1 ms. `smoothed()` returns them.
        stage: of an update, solved by "lm" and the linear solver "auto"; None: `tracker_stage()`.
        check: exchange sides back that change places for less than 0.6 s.

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
        lifter: Lifter | str | PathLike[str] | None = None,
        person: Person | None = None,
        ground: Ground | None = None,
        lag: int = 2,
        stage: _core.Stage | None = None,
        check: bool = True,
    ) -> None:
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"rate: expected frames per second > 0, got {rate}")
        if budget_ms is not None and not budget_ms > 0:
            raise ValueError(f"budget_ms: expected milliseconds > 0 or None, got {budget_ms}")
        if count_of(lag) is None:
            raise ValueError(f"lag: expected at least one frame, got {lag!r}")
        self.camera = camera
        self._known = Known.of(
            model, pose_prior, joint_limits, lifter, person=person, ground=ground
        )
        self.model = self._known.model
        self._format: KeypointFormat | None = (
            None if keypoint_format is None else format_named(keypoint_format)
        )
        self._period = 1.0 / rate
        self._settings = {
            "model": self.model,
            "keypoint_format": self._format,
            "rate": rate,
            "budget_ms": budget_ms,
            "pose_prior": pose_prior,
            "joint_limits": joint_limits,
            "lifter": lifter,
            "person": person,
            "ground": ground,
            "lag": lag,
            "stage": None if stage is None else copy(stage),
        }
        self._recent: deque[tuple[Keypoints, float]] = deque(maxlen=math.ceil(rate))
        self._stage = tracker_stage() if stage is None else copy(stage)
        self._core = _core.Tracker(
            model=self.model._core,
            cold=_core.tracker_cold_stages(),
            stage=self._stage,
            start_pose=self._known.start_pose,
            budget=math.inf if budget_ms is None else 1e-3 * budget_ms,
            lag=lag,
        )
        self._stream = Stream() if check else None
        self._time: float | None = None
        self._status = "lost"
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        since = "" if self._time is None else f" at {self._time:.2f} s"
        return f"Tracker({self.model.name}: {self._status}{since})"

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
        with self._lock:
            if timestamp is None:
                timestamp = 0.0 if self._time is None else self._time + self._period
            stream = copy(self._stream)
            view, scene = self._accepted(stream, keypoints, float(timestamp))
            self._status = self._core.update(scene, float(timestamp))
            self._time, self._stream = float(timestamp), stream
            self._format = view.keypoints.format
            self._recent.append((view.keypoints, self._time))
            return self._tracked(view, self._status, self._core.state(), begin)

    def __reduce__(self) -> tuple[Any, ...]:
        with self._lock:
            return Tracker._continued, (self.camera, self._settings, list(self._recent))

    @classmethod
    def _continued(
        cls,
        camera: AnyCamera,
        settings: dict[str, Any],
        recent: list[tuple[Keypoints, float]],
    ) -> Tracker:
        tracker = cls(camera, **settings)
        for keypoints, timestamp in recent:
            tracker.update(keypoints, timestamp)
        return tracker

    def _check(self, keypoints: AnyKeypoints | None) -> None:
        """Raises the errors of `update` for these keypoints, without an update."""
        with self._lock:
            self._seen(keypoints)

    def predict(self, timestamp: float) -> Parameters:
        """Predicted parameters at a later time, to compensate latency.

        Raises:
            ValueError: no person is tracked, or the time is not finite.
        """
        if not math.isfinite(timestamp):
            raise ValueError(f"timestamp: expected seconds, got {timestamp}")
        with self._lock:
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
        with self._lock:
            return [(when, parameters_of(at)) for when, at in self._core.smoothed()]

    def reset(self) -> None:
        """Resets the state and the time."""
        with self._lock:
            self._core.reset()
            self._recent.clear()
            self._time, self._status = None, "lost"
            self._stream = None if self._stream is None else Stream()

    def _accepted(
        self, stream: Stream | None, keypoints: AnyKeypoints | None, timestamp: float
    ) -> tuple[View, _core.Scene]:
        """What is tracked of a frame."""
        checked = self._checked(keypoints)
        if stream is not None:
            checked = stream.accepted(checked, timestamp)
        return self._seen(checked)

    def _seen(self, keypoints: AnyKeypoints | None) -> tuple[View, _core.Scene]:
        view = View(self._checked(keypoints), self.camera)
        return view, self._known.scene((view,))

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
        return keypoints

    def _motion(self) -> Motion | None:
        step = self._core.newest_step()
        if step is None:
            return None
        return Motion(*step, self._core.walk_information(), self._core.velocity_time)

    def _tracked(self, view: View, status: str, state: _core.Variables, begin: float) -> Tracked:
        scale = 2.0 / (self._stage.pose_prior.weight or 2.0)
        return Tracked(
            timestamp=self._time or 0.0,
            status=status,
            **parameters_of(state),
            velocity=self._core.velocity(),
            energies=self._core.energies(),
            update_time=time.perf_counter() - begin,
            _motion=self._motion(),
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
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def update(self, people: Sequence[AnyKeypoints], timestamp: float) -> dict[int, Tracked]:
        """All tracked people, by a number that does not change.

        Args:
            people: detections in any order, each as of `Tracker.update`.
            timestamp: seconds, later than the last.

        Raises:
            ValueError: as `Tracker.update`; no state changes.
        """
        with self._lock:
            return self._update(people, timestamp)

    def _update(self, people: Sequence[AnyKeypoints], timestamp: float) -> dict[int, Tracked]:
        if not math.isfinite(timestamp) or (self._time is not None and timestamp <= self._time):
            raise ValueError(f"timestamp: expected more than {self._time} s, got {timestamp}")
        seen = [
            each if isinstance(each, Keypoints) else Keypoints.from_array(each, self._format)
            for each in people
        ]
        going = {
            number: (tracker, last)
            for number, (tracker, last) in self._going.items()
            if timestamp - last <= self._forget_after
        }
        of_person = self._assigned(going, seen, timestamp)
        assigned = set(of_person.values())
        new = [index for index in range(len(seen)) if index not in assigned]
        for number, index in enumerate(new, self._next):
            going[number] = (Tracker(self._camera, **self._settings), timestamp)
            of_person[number] = index
        # All keypoints are checked first: nobody moves if one person is refused.
        if len(going) > 1:
            for number, index in of_person.items():
                going[number][0]._check(seen[index])
        tracked = {}
        for number, (tracker, last) in going.items():
            taken = of_person.get(number)
            tracked[number] = tracker.update(None if taken is None else seen[taken], timestamp)
            going[number] = (tracker, last if taken is None else timestamp)
        self._going, self._time, self._next = going, timestamp, self._next + len(new)
        return tracked

    @property
    def _format(self) -> AnyFormat | None:
        return self._settings.get("keypoint_format")

    def _assigned(
        self,
        going: dict[int, tuple[Tracker, float]],
        seen: Sequence[Keypoints],
        timestamp: float,
    ) -> dict[int, int]:
        """Number of a person -> index of the detection."""
        numbers = list(going)
        costs = np.array(
            [
                [self._distance(going[number][0], each, timestamp) for each in seen]
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
        """Mean over visible keypoints, in heights of the person, with their sides as they are or
        exchanged; infinite without any."""
        try:
            parameters = tracker.predict(timestamp)
        except ValueError:  # lost or starting: any detection is accepted
            return self._max_distance
        expected = fitted_view(View(keypoints, self._camera), 0.0, tracker.model, parameters)
        height = keypoints.height_px
        places = expected.keypoints2d
        distances = [
            np.linalg.norm(places - each.xy, axis=1)[each.visible]
            for each in (keypoints, exchanged(keypoints))
        ]
        means = [each[np.isfinite(each)].mean() for each in distances if np.isfinite(each).any()]
        return float(min(means) / height) if means and height > 0 else math.inf
