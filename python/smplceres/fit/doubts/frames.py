"""Frames of a clip: how far people in them are apart, and runs of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...keypoints.keypoints import Keypoints


def apart(one: Keypoints, other: Keypoints) -> float:
    """Mean distance of keypoints that both have, pixels; 0 without any."""
    weight = np.minimum(one.confidence, other.confidence)
    total = float(weight.sum())
    off = np.linalg.norm(one.xy - other.xy, axis=1)
    return float(weight @ off) / total if total > 0 else 0.0


def joined(frames: Sequence[int]) -> list[range]:
    """Runs of successive frames."""
    runs: list[range] = []
    for frame in frames:
        if runs and frame == runs[-1].stop:
            runs[-1] = range(runs[-1].start, frame + 1)
        else:
            runs.append(range(frame, frame + 1))
    return runs


def as_text(frames: Sequence[int]) -> str:
    """As `3, 7 to 9`."""
    runs = joined(frames)
    shown = [f"{r.start}" if len(r) == 1 else f"{r.start} to {r.stop - 1}" for r in runs[:8]]
    return ", ".join(shown) + (f" and {len(runs) - 8} more runs" if len(runs) > 8 else "")
