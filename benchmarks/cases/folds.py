"""Clips in folds, and a pose prior and a network for each that have not seen it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from smplceres.body.motion_files import Clip

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from motion_folds import NUM_FOLDS, fold_of_clip


def in_folds(clips: Sequence[Clip]) -> list[list[Clip]]:
    """Clips of each fold; ValueError for a clip of none."""
    of_fold: list[list[Clip]] = [[] for _ in range(NUM_FOLDS)]
    for clip in clips:
        of_fold[fold_of_clip(clip.name)].append(clip)
    return of_fold


def prior_without(fold: int, clips: Sequence[Clip], folder: Path) -> Path:
    """The file of a mixture trained on the clips of all other folds, of `folder` or made there."""
    path = folder / f"pose_prior_without_{fold}.npz"
    if not path.is_file():
        import train_pose_prior  # noqa: PLC0415  # needs scikit-learn

        print(f"training {path} ...", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        options = train_pose_prior.Options()
        others = [clip for clip in clips if fold_of_clip(clip.name) != fold]
        prior = train_pose_prior.train(train_pose_prior.training_rows(others, options), options)
        train_pose_prior.write(path, prior, "")
    return path


def lifter_without(fold: int, folder: Path) -> Path:
    """The file of a network trained on the clips of all other folds; FileNotFoundError: none."""
    path = folder / f"lifter_without_{fold}.npz"
    if not path.is_file():
        made = f"tools/train_lifter.py --hold-out {fold} --out {path}"
        raise FileNotFoundError(f"{path}: expected a network of {made}, got none")
    return path
