"""Trackers over streams of keypoints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import smplceres as sc

from .cases import Values, case
from .inputs import (
    BODY_25,
    CAMERA,
    WEAK,
    WORLD,
    clip,
    hidden,
    in_world,
    legs,
    person,
    rng_of,
    seen_by,
)

_RATE = 30.0
# Milliseconds that no update comes near: the time of the machine then decides nothing.
_NEVER_BINDS = 1e6


def _stream(
    seed: str,
    frames: int,
    camera: sc.Camera | sc.WeakPerspectiveCamera = CAMERA,
    *,
    at: float = 0.0,
) -> list[sc.Keypoints | None]:
    rng = rng_of(seed)
    motion = clip(rng, np.arange(frames) / _RATE, at=at)
    if camera is WORLD:
        motion = [in_world(somebody) for somebody in motion]
    return [seen_by(camera, somebody, rng) for somebody in motion]


def _followed(tracker: sc.Tracker, stream: Sequence[sc.Keypoints | None]) -> Values:
    """Every update; of every fifth also covariance, window and prediction."""
    found: dict[str, object] = {}
    for frame, seen in enumerate(stream):
        tracked = tracker.update(seen, frame / _RATE)
        found[f"{frame:02}"] = tracked
        if frame % 5 == 0 and tracked.status in ("tracked", "predicted"):
            found[f"{frame:02}_more"] = {
                "covariance": tracked.covariance,
                "smoothed": [
                    {"time": when, "parameters": parameters}
                    for when, parameters in tracker.smoothed()
                ],
                "predicted": tracker.predict(tracked.timestamp + 0.05),
                "fit": tracked.fit,
            }
    return found


def _new(camera: sc.Camera | sc.WeakPerspectiveCamera = CAMERA, **settings: object) -> sc.Tracker:
    return sc.Tracker(camera, keypoint_format=BODY_25, **settings)  # type: ignore[arg-type]


@case("tracker/default")
def default() -> Values:
    """With frames in which nobody or no legs were seen."""
    stream = _stream("tracker", 45)
    for frame in (12, 13, 14, 15, 30):
        stream[frame] = None
    for frame in range(20, 26):
        keypoints = stream[frame]
        assert keypoints is not None
        stream[frame] = hidden(keypoints, legs())
    return _followed(_new(), stream)


@case("tracker/lost")
def lost() -> Values:
    """Somebody who is gone for a second, is forgotten, and is found at another place."""
    there, back = _stream("there", 8), _stream("back", 8, at=-0.6)
    return _followed(_new(), [*there, *[None] * 30, *back])


@case("tracker/budget")
def budget() -> Values:
    stream = [*_stream("budget", 10), *[None] * 20, *_stream("after", 10)]
    return _followed(_new(budget_ms=_NEVER_BINDS), stream)


@case("tracker/starved")
def starved() -> Values:
    """A budget that every update exceeds before its first stage: somebody who is never found."""
    return _followed(_new(budget_ms=1e-9), _stream("starved", 3))


@case("tracker/turned")
def turned() -> Values:
    """Somebody who faces another way from one frame to the next: a cold fit, a stage an update,
    takes the place of the person followed."""
    stream = _stream("turned", 8)
    rng = rng_of("turned")
    back = person(rng, yaw=np.pi, spread=0.4)
    return _followed(_new(), [*stream, *(seen_by(CAMERA, back, rng) for _ in range(20))])


@case("tracker/known")
def known() -> Values:
    """Ground, person, priors, other cameras and bodies, a longer window."""
    stream = _stream("known", 15, WORLD)
    usual = _stream("usual", 15)
    unknown = sc.WeakPerspectiveCamera.guess(1280, 720)
    limits = sc.smpl_joint_limits()
    narrow = sc.JointLimits(limits.axes, 0.3 * limits.lower, 0.3 * limits.upper)
    return {
        "ground": _followed(_new(WORLD, ground=sc.Ground()), stream),
        "height": _followed(_new(WORLD, person=sc.Person(height=1.8)), stream),
        "betas": _followed(_new(WORLD, person=sc.Person(betas=np.full(10, 0.3))), stream),
        "lag": _followed(_new(lag=5), usual),
        "gaussian": _followed(_new(pose_prior=sc.anatomical_prior(24), joint_limits=narrow), usual),
        "weak": _followed(_new(WEAK), _stream("weak", 15, WEAK)),
        "weak_unknown": _followed(_new(unknown), _stream("weak", 15, WEAK)),
        "synthetic": _followed(_new(model=sc.synthetic.make_body_model()), usual),
    }


@case("tracker/stage")
def stage() -> Values:
    stream = _stream("stage", 20)
    changed = sc.tracker_stage()
    changed.reprojection.sigma = 30.0
    changed.pose_prior.weight *= 0.5
    changed.solver.max_iterations = 5
    changed.depth_prior.weight = 2.0
    autodiff = sc.tracker_stage()
    autodiff.solver.jacobian = "autodiff"
    collisions = sc.tracker_stage()
    collisions.interpenetration.weight = 1e5
    collisions.interpenetration.overlap = "depth"
    return {
        "changed": _followed(_new(stage=changed), stream),
        "autodiff": _followed(_new(stage=autodiff), stream[:8]),
        "collisions": _followed(_new(stage=collisions), stream),
    }


@case("tracker/people")
def people() -> Values:
    """Two people; one comes later, the other leaves."""
    first, second = _stream("first", 40, at=-0.7), _stream("second", 40, at=0.5)
    tracker = sc.PeopleTracker(CAMERA, keypoint_format=BODY_25, forget_after=0.3)
    found: dict[str, object] = {}
    for frame, both in enumerate(zip(first, second, strict=True)):
        present = [each for each in both[:: (-1) ** frame] if each is not None]
        if frame < 5:
            present = [each for each in present if each is both[0]]
        elif frame > 25:
            present = [each for each in present if each is both[1]]
        tracked = tracker.update(present, frame / _RATE)
        found[f"{frame:02}"] = {str(number): each for number, each in tracked.items()}
    return found
