"""What every section is given, and the pictures of people that they share."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import accuracy
import fit
import smplceres as sc
from cases import pictures
from smplceres.body.motion_files import Clip, read_motions


class LeftOutError(Exception):
    """A section that cannot be measured here; says why."""


@dataclass(frozen=True)
class Given:
    """quick: a little of everything. data: folder of mocap/val.npz, or None."""

    quick: bool
    data: Path | None

    def count(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    @property
    def poses_from(self) -> str:
        return "recorded motions" if self.data else "the pose prior"

    def clips(self) -> list[Clip]:
        """Recorded motions, or one "clip" of poses drawn from the pose prior."""
        if self.data:
            return read_motions(self.data / "mocap" / "val.npz")
        poses = np.concatenate([np.zeros((1000, 1, 3)), _poses(1000)], axis=1)
        return [Clip("prior", poses, np.ones((24, 3), bool))]

    def cases(
        self, model: sc.BodyModel, count: int, keypoint_format: str = "openpose_body25"
    ) -> tuple[list[pictures.Case], Namespace]:
        """Pictures as benchmarks/accuracy.py makes them, 3 px of noise, and its arguments."""
        arguments = accuracy.parse(["-", f"--fits={count}", f"--format={keypoint_format}"])
        return pictures.make_cases(model, self.clips(), arguments), arguments

    def frames(self, model: sc.BodyModel, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Keypoints of people before the camera of benchmarks/fit.py, and of the same 1/30 s later
        in their motion; random steps where there are no motions."""
        if not self.data:
            return fit.random_frames(model, count)
        arguments = accuracy.parse(["-", "--noise=0"])
        clips, noise = self.clips(), np.random.default_rng(0)
        frames = []
        for seed in range(count):
            clip = clips[noise.integers(len(clips))]
            begin = noise.integers(len(clip.poses) - 1)
            # The same seed: the same body, direction and distance.
            pair = [
                pictures.make_case(model, pose, arguments, np.random.default_rng(seed)).keypoints
                for pose in clip.poses[begin : begin + 2]
            ]
            for keypoints in pair:
                keypoints[:, :2] += noise.normal(0, fit.NOISE_PX, keypoints[:, :2].shape)
            frames.append((pair[0], pair[1]))
        return frames


def _poses(count: int) -> np.ndarray:
    """(count, 23, 3) drawn from the package's pose prior."""
    prior = sc.load_pose_prior()
    rng = np.random.default_rng(0)
    components = rng.choice(len(prior.weights), count, p=prior.weights / prior.weights.sum())
    drawn = [rng.multivariate_normal(prior.means[k], prior.covars[k]) for k in components]
    return np.reshape(drawn, (count, 23, 3))
