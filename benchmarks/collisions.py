"""What the collision term is worth: fits of people who touch themselves, with and without it.

    python benchmarks/collisions.py --data FOLDER [--motions val] [--fits 200] [--json FILE]

FOLDER holds mocap/val.npz and train.npz (poses (N, 24, 3) of SMPL, axis-angle; lengths of its
clips; suspect). Poses are taken where, on the body at hand, an arm or a leg nearly touches what it
may not pass through: the smallest gap between their spheres is within 3 cm of none. Each is seen
once, from anywhere around, with 3 px of noise on BODY_25 in an image of 1000 x 1000 px, focal
length known, and fitted from one start by the default preset without its collision term, with it,
and with patches of the skin instead of spheres in it. Penetration is that of the mesh
(`result.penetration`): the deepest vertex of a fit, the mean over a fit's vertices that are inside,
how many are; 0 where none is. Times are CPU time, the least of three.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

import smplceres as sc
from cases.pictures import matrix_of
from smplceres._native import _core

PROXIES = ("none", "spheres", "patches")
FORMAT = sc.FORMATS["openpose_body25"]
CAMERA = sc.Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)
NOISE_PX = 3.0
NEAR_M = 0.03  # a gap of this size, or an overlap, is a contact
# Chosen on train.npz, for the balance of what is taken out with the error of reprojection.
PATCHES_INFLATE = 1.15
PATCHES_WEIGHT = 2.0  # times that of the spheres
EVERY = 5  # frames between two that are looked at: clips are at 30 Hz


class Gaps:
    """Gaps between the collision spheres of a posed body."""

    def __init__(self, model: sc.BodyModel) -> None:
        self.model = model
        self.spheres = _core.CollisionSpheres(model._core)
        pairs = np.array(self.spheres.pairs)
        limbs = np.array(self.spheres.limbs)[pairs]
        kinds = np.array([kind_of(*(model.joint_names[i] for i in pair)) for pair in limbs])
        self.first, self.second = pairs[kinds != "other"].T
        self.radii = self.spheres.radii[self.first] + self.spheres.radii[self.second]

    def smallest(self, body_pose: np.ndarray) -> tuple[float, str]:
        """Metres, and which kind of limbs are nearest; of the mean shape."""
        rest = self.model.joints()
        joints, rotations = self.model.joints(body_pose=body_pose), [*map(matrix_of, body_pose)]
        world = [np.eye(3)]
        for joint in range(1, len(joints)):
            world.append(world[self.model.parents[joint]] @ rotations[joint - 1])
        carried = np.array(self.spheres.joints)
        arms = self.spheres.centres - rest[carried]
        centres = joints[carried] + np.einsum("nab,nb->na", np.array(world)[carried], arms)
        gaps = np.linalg.norm(centres[self.first] - centres[self.second], axis=1) - self.radii
        nearest = int(np.argmin(gaps))
        limbs = [self.spheres.limbs[i] for i in (self.first[nearest], self.second[nearest])]
        return float(gaps[nearest]), kind_of(*(self.model.joint_names[limb] for limb in limbs))


def kind_of(*limbs: str) -> str:
    arms = sum(name.endswith(("shoulder", "elbow", "wrist")) for name in limbs)
    legs = sum(name.endswith(("hip", "knee", "ankle")) for name in limbs)
    if arms == 2:
        return "arm and arm"
    if legs == 2:
        return "leg and leg"
    if arms:
        return "arm and leg" if legs else "arm and trunk or head"
    return "other"


def contact_poses(model: sc.BodyModel, path: Path, count: int) -> list[tuple[np.ndarray, str]]:
    """body_poses in which limbs touch or nearly do: kinds of contact in turn, clips at random."""
    gaps = Gaps(model)
    found: dict[str, dict[int, list[np.ndarray]]] = defaultdict(lambda: defaultdict(list))
    with np.load(path) as archive:
        poses, suspect = archive["poses"].astype(float), archive["suspect"]
        clip_of = np.repeat(np.arange(len(archive["lengths"])), archive["lengths"])
    for frame in range(0, len(poses), EVERY):
        if suspect[frame]:
            continue
        gap, kind = gaps.smallest(poses[frame, 1:])
        if abs(gap) < NEAR_M:
            found[kind][clip_of[frame]].append(poses[frame, 1:])
    rng = np.random.default_rng(0)
    for clips in found.values():
        for of_clip in clips.values():
            rng.shuffle(of_clip)
    chosen = []
    while len(chosen) < count and any(found.values()):
        for kind, clips in list(found.items()):
            if not clips:
                continue
            clip = rng.choice(list(clips))
            chosen.append((clips[clip].pop(), kind))
            if not clips[clip]:
                del clips[clip]
    return chosen[:count]


def seen(model: sc.BodyModel, body_pose: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(25, 3) noisy keypoints of somebody upright before the camera, from anywhere around."""
    points = model.keypoint_points(FORMAT).points
    facing = rng.uniform(-np.pi, np.pi)
    parameters = model.parameters(
        0.7 * rng.normal(size=model.num_betas),
        np.pi * np.array([np.cos(facing / 2), 0, np.sin(facing / 2)]),
        body_pose,
        [rng.normal(0, 0.1), rng.normal(0, 0.1), rng.uniform(2.5, 4)],
    )
    pixels = CAMERA.project(points.evaluate(model._core, **parameters))
    return np.c_[pixels + rng.normal(0, NOISE_PX, pixels.shape), np.ones(len(pixels))]


def stages(proxies: str) -> list[_core.Stage]:
    """The default preset without collisions, with its spheres, or with patches instead."""
    made = sc.default_stages()
    for stage in made:
        if proxies == "none":
            stage.interpenetration.weight = 0.0
        elif proxies == "patches":
            stage.interpenetration.overlap = "patches"
            stage.interpenetration.inflate = PATCHES_INFLATE
            stage.interpenetration.weight *= PATCHES_WEIGHT
    return made


def measure(
    model: sc.BodyModel, people: list[np.ndarray], presets: list[list[_core.Stage]]
) -> list[dict[str, np.ndarray]]:
    """Figures of each preset, person by person in turn, so that all meet the same machine."""
    rows: list[list[tuple[float, ...]]] = [[] for _ in presets]
    for keypoints in people:
        for preset, of_preset in zip(presets, rows, strict=True):
            times = []
            for _ in range(3):  # the least CPU time: the machine does other work too
                begin = time.process_time()
                result = sc.fit(
                    keypoints,
                    CAMERA,
                    model=model,
                    keypoint_format=FORMAT,
                    preset=preset,
                    starts=1,
                )
                times.append(1e3 * (time.process_time() - begin))
            found, error = result.penetration, result.reprojection_error()
            depths = (1e3 * found.max_depth, 1e3 * found.mean_depth, found.num_vertices)
            of_preset.append((*depths, error, min(times)))
    names = ("deepest_mm", "mean_depth_mm", "vertices_inside", "reprojection_px", "ms")
    return [dict(zip(names, np.array(of_preset).T, strict=True)) for of_preset in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds mocap/")
    parser.add_argument("--motions", choices=("val", "train"), default="val")
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--json", help="also write the figures here")
    arguments = parser.parse_args()
    model = sc.load_body_model()
    chosen = contact_poses(
        model, arguments.data / "mocap" / f"{arguments.motions}.npz", arguments.fits
    )
    rng = np.random.default_rng(1)
    people = [seen(model, body_pose, rng) for body_pose, _ in chosen]
    kinds = Counter(kind for _, kind in chosen)
    print(f"{len(people)} poses on {model.name}:", dict(kinds))
    measured = measure(model, people, [stages(proxies) for proxies in PROXIES])
    figures = report(dict(zip(PROXIES, measured, strict=True)))
    if arguments.json:
        Path(arguments.json).write_text(json.dumps({**figures, "kinds": dict(kinds)}, indent=1))


def report(measured: dict[str, dict[str, np.ndarray]]) -> dict[str, object]:
    figures: dict[str, object] = {}
    print(f"{'':34s}{'none':>10s}" + "".join(f"{name:>10s}{'':10s}" for name in PROXIES[1:]))
    for label, name, statistic in (
        ("penetration, deepest point, mm", "deepest_mm", np.mean),
        ("penetration, mean depth, mm", "mean_depth_mm", np.mean),
        ("vertices inside, mean", "vertices_inside", np.mean),
        ("reprojection error, median, px", "reprojection_px", np.median),
        ("time of a fit, median, ms", "ms", np.median),
        ("time of a fit, mean, ms", "ms", np.mean),
    ):
        values = {proxies: float(statistic(of[name])) for proxies, of in measured.items()}
        before, *others = values.values()
        changes = [f"{after:10.2f}{100 * (after / before - 1):+9.1f}%" for after in others]
        print(f"{label:34s}{before:10.2f}" + "".join(changes))
        figures[label] = values
    return figures


if __name__ == "__main__":
    main()
