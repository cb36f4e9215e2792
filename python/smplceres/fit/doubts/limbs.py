"""Limbs that nothing told: their pose is that of the prior."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ...keypoints.formats import KeypointFormat
from .fitted import Fitted
from .warning import FitWarning

# So many keypoints of limbs are missing at once by structure, not by chance; of a leg, so many of
# formats without feet.
_FEWEST, _FEWEST_OF_LEG = 3, 2
# Confidences below this part of the highest tell nothing.
_NOTHING = 0.02

_LIMBS = {
    f"{side} {limb}": tuple(f"{side}_{part}" for part in parts)
    for side in ("left", "right")
    for limb, parts in {
        "leg": ("knee", "ankle", "foot", "heel", "big_toe", "small_toe"),
        "arm": ("elbow", "wrist", "hand"),
    }.items()
}


@cache
def _keypoints_of(chosen: KeypointFormat) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Limbs, and the keypoints on each."""
    return tuple(
        (
            limb,
            tuple(k for k, each in enumerate(chosen.keypoints) if set(each.location) & set(places)),
        )
        for limb, places in _LIMBS.items()
    )


def unseen_limbs(fitted: Fitted) -> Iterator[FitWarning]:
    """Whole limbs without a keypoint in any image; for fits to keypoints alone."""
    if fitted.result.measured3d is not None:
        return
    unseen: dict[str, int] | None = None
    for number in fitted.seeing:
        keypoints = fitted.views[number].keypoints
        confidence = keypoints.confidence.tolist()
        least = _NOTHING * max(confidence)
        here = {
            limb: len(places)
            for limb, places in _keypoints_of(keypoints.format)
            if places and max(confidence[k] for k in places) <= least
        }
        unseen = here if unseen is None else {n: c for n, c in here.items() if n in unseen}
    if not unseen or not (
        sum(unseen.values()) >= _FEWEST
        or any("leg" in limb and count >= _FEWEST_OF_LEG for limb, count in unseen.items())
    ):
        return
    names = ", ".join(unseen)
    yield FitWarning(
        "unseen_limbs",
        f"no keypoint tells where the {names} {'is' if len(unseen) == 1 else 'are'}",
        "the pose there is what people usually do",
        "use covariance() for its uncertainty, or give keypoints of all of the body",
    )
