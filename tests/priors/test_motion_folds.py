"""tools/motion_folds.py: the folds are apart by subject and action, and of about one size."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from motion_folds import NUM_FOLDS, fold_of_clip


def test_an_action_is_in_the_fold_of_the_subjects_who_perform_it() -> None:
    assert fold_of_clip("mb/train/basketball/basketball_1.txt") == fold_of_clip("a/06/06_02")
    assert fold_of_clip("mb/train/walking_extra/walking_13.txt") == fold_of_clip("a/08/08_02")
    assert fold_of_clip("mb/train/walking_extra/walking_18.txt") == fold_of_clip("any", "16_01")
    assert fold_of_clip("a/118/118_03") != fold_of_clip("a/08/08_03")


def test_a_clip_of_nobody_known_is_named() -> None:
    with pytest.raises(ValueError, match=r"clip a/14/14_01: expected .* got subject 14"):
        fold_of_clip("a/14/14_01")
    with pytest.raises(ValueError, match="got action 'juggling'"):
        fold_of_clip("mb/train/juggling/juggling_1.txt")


def test_each_fold_has_about_a_third_of_the_frames(data_folder) -> None:
    with np.load(data_folder / "mocap" / "train2.npz") as motions:
        folds = [
            fold_of_clip(*pair) for pair in zip(motions["names"], motions["trial"], strict=True)
        ]
        from_names = [fold_of_clip(name) for name in motions["names"]]
        share = np.bincount(folds, motions["lengths"], NUM_FOLDS) / motions["lengths"].sum()
    assert folds == from_names
    assert (share > 0.25).all()
