"""Whether `result.warnings` names wrong inputs, and is empty for right ones.

    python benchmarks/inputs/wrong.py --data FOLDER [--poses N] [--only wrong good] [--verbose]

FOLDER has mocap/, openpose_video/, pose2sim/ and photos/. Wrong inputs are made of made-up people
(one image, four cameras, points in space) and of recorded ones (pose2sim's four cameras, clips).
Good fits are --poses recorded poses as of benchmarks/accuracy.py, frames of the clips and of
pose2sim in one and in four cameras, the photographs, and the clips as sequences.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import smplceres as sc

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import wrong
from cases.people import Several, Single, Walk, posed, ring, several, single
from cases.pictures import camera_of, make_cases
from cases.postures import SITTING, STANDING, WALKING
from smplceres.body.motion_files import read_motions
from video import CALIBRATION, FPS, trial_keypoints

SEED = 0
EVERY = 10  # frames of recorded clips that are fitted alone


def wrong_inputs(model: sc.BodyModel, data: Path) -> Iterator[wrong.Wrong]:
    rng = np.random.default_rng(SEED)
    landscape = sc.Camera(fx=1100, fy=1100, cx=639.5, cy=359.5, width=1280, height=720)
    portrait = sc.Camera(fx=1100, fy=1100, cx=359.5, cy=639.5, width=720, height=1280)
    walker = single(model, WALKING, "openpose_body25", landscape, rng, depth=5.0)
    yield from wrong.in_one_picture("walking", walker)
    yield from wrong.in_one_picture(
        "standing, coco17", single(model, STANDING, "coco17", landscape, rng, depth=5.0, yaw=-0.6)
    )
    yield from wrong.in_formats(
        "walking", lambda name: single(model, WALKING, name, landscape, rng, depth=5.0)
    )
    yield from wrong.in_portrait(
        "sitting", single(model, SITTING, "openpose_body25", portrait, rng)
    )
    cameras = ring()
    yield from wrong.in_several_pictures(
        "made up", several(model, WALKING, "openpose_body25", cameras, rng)
    )
    yield from wrong.in_several_pictures("pose2sim", trial(data, 40))
    aside = several(model, WALKING, "openpose_body25", cameras, rng, aside=0.8)
    yield from wrong.in_lenses("made up, aside", aside)
    yield from wrong.of_size(
        "made up", lambda scale: several(model, WALKING, "openpose_body25", cameras, rng, scale)
    )
    points, _ = posed(model, WALKING, "smpl24", depth=0.0, pitch=np.pi)
    yield from wrong.in_space("walking", points + rng.normal(0, 0.005, points.shape))
    for name, clip in clips(data).items():
        yield from wrong.in_time(name, clip)


def trial(data: Path, frame: int) -> Several:
    """A frame of pose2sim."""
    cameras, seen = sc.read_cameras(data / CALIBRATION), trial_keypoints(data)
    names = [name for name, frames in seen.items() if frames[frame] is not None]
    return Several([seen[name][frame] for name in names], [cameras[name] for name in names])  # type: ignore[misc]  # None is left out


def clips(data: Path) -> dict[str, Walk]:
    """Recorded clips in one camera."""
    cameras, seen = sc.read_cameras(data / CALIBRATION), trial_keypoints(data)
    rows = np.array(
        [np.c_[each.xy, each.confidence] for each in seen["cam_02"] if each is not None]
    )
    return {"pose2sim, one camera": Walk(rows, cameras["cam_02"], "openpose_body25b", FPS)}


def video_clip(data: Path, name: str) -> Walk:
    files = sorted((data / "openpose_video" / name).glob("*.json"))
    frames = [
        max(sc.read_keypoints(path), key=lambda k: float(k.confidence.sum()), default=None)
        for path in files
    ]
    rows = np.array([np.c_[each.xy, each.confidence] for each in frames if each is not None])
    seen = rows[rows[..., 2] > 0]
    width, height = (int(np.ceil(seen[:, axis].max())) + 1 for axis in (0, 1))
    return Walk(rows, sc.Camera.guess(width, height), "openpose_body25")


def good_fits(model: sc.BodyModel, data: Path, poses: int) -> Iterator[tuple[str, Any]]:
    """Name and function of each."""
    options = argparse.Namespace(
        size=1000,
        focal=1.2,
        noise=3.0,
        missing=0.1,
        pitch=10.0,
        format="openpose_body25",
        seed=SEED,
        fits=poses,
    )
    camera = camera_of(options)
    for number, case in enumerate(
        make_cases(model, read_motions(data / "mocap" / "val.npz"), options)
    ):
        yield f"val {number}", Single(case.keypoints, camera, options.format).fit
    for name in ("clip_a", "clip_b"):
        clip = video_clip(data, name)
        for frame in range(0, len(clip.keypoints), EVERY):
            yield f"{name} {frame}", Single(clip.keypoints[frame], clip.camera, clip.format).fit
        yield f"{name}, sequence", clip.fit
    for frame in range(0, 100, EVERY):
        yield f"pose2sim {frame}", trial(data, frame).fit
    for name, clip in clips(data).items():
        for frame in range(0, len(clip.keypoints), EVERY):
            yield f"{name} {frame}", Single(clip.keypoints[frame], clip.camera, clip.format).fit
        yield f"{name}, sequence", clip.fit
    for name in ("astronaut", "cameraman"):
        described = json.loads((data / "photos" / f"{name}_mediapipe.json").read_text())
        size = tuple(described["image_size"])
        yield (
            name,
            Single(np.array(described["keypoints"]), sc.Camera.guess(*size), "mediapipe33").fit,
        )


def outcome(each: wrong.Wrong) -> tuple[bool, str]:
    """Whether a wrong input was named rightly, and what was said."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sc.InputWarning)
        try:
            result = each.fit()
        except ValueError as error:
            return bool(each.refused) and each.refused in str(error), f"error: {error}"
    said = [warning.code for warning in result.warnings]
    named = bool(said) and said[0] in each.codes
    return named, ", ".join(said) or "nothing"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", type=Path, required=True)
    add("--poses", type=int, default=500, help="recorded poses among the good fits (default 500)")
    add("--only", nargs="+", choices=("wrong", "good"), default=("wrong", "good"))
    add("--verbose", action="store_true", help="every wrong input")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    model = sc.load_body_model()
    if "wrong" in arguments.only:
        outcomes = [(each, *outcome(each)) for each in wrong_inputs(model, arguments.data)]
        for each, named, said in outcomes:
            if arguments.verbose or not named:
                print(f"{'named' if named else 'MISSED':8s}{each.name:55s}{said:.100}")
        rightly = sum(named for _, named, _ in outcomes)
        print(f"wrong inputs: {rightly} of {len(outcomes)} named rightly", flush=True)
    if "good" in arguments.only:
        count = warned = 0
        for name, fit in good_fits(model, arguments.data, arguments.poses):
            result = fit()
            count += 1
            warned += bool(result.warnings)
            for warning in result.warnings:
                print(f"{name}: {warning.code}: {warning}", flush=True)
        print(f"good fits: {warned} of {count} with warnings")


if __name__ == "__main__":
    sys.exit(main())
