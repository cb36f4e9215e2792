"""From pictures alone: MediaPipe's keypoints, fitted; with masks, and with the camera unknown.

    python benchmarks/detection.py --data FOLDER      (pip install 'smplceres[detect,demo]')

FOLDER has pose2sim/ (four videos of one person, calibrated, and points triangulated from OpenPose's
detections in the same videos: a check, no truth).

- photographs: scikit-image's two, median reprojection error with keypoints alone and with the
  detector's mask as well.
- videos: four views together, distance of fitted keypoints from the triangulated; each video alone
  without a camera, the focal length that is found, and Procrustes-aligned joints from those of the
  four views.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import skimage.data

import smplceres as sc
from cases.errors import procrustes_aligned
from smplceres.detect import load_detector
from smplceres.detect.video import people_of_video
from video import CALIBRATION, FPS, TRIAL, fitted_points, triangulated


def photographs() -> None:
    print("photograph, median reprojection error px: keypoints alone, with the mask")
    with load_detector(mask=True) as detector:
        for name in ("camera", "astronaut"):
            picture = getattr(skimage.data, name)()
            if picture.ndim == 2:
                picture = np.repeat(picture[..., None], 3, axis=2)
            (person,) = detector(picture)
            errors = [
                sc.fit(person.keypoints, mask=mask, estimate_focal=True).reprojection_error()
                for mask in (None, person.mask)
            ]
            print(f"  {name:10s} {errors[0]:5.1f} {errors[1]:5.1f}", flush=True)


def videos(data: Path) -> None:
    cameras = sc.read_cameras(data / CALIBRATION)
    model = sc.load_body_model()
    seen, sizes = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for number in (1, 2, 3, 4):
            begin = time.perf_counter()
            found = people_of_video(
                data / TRIAL / "videos" / f"cam{number:02d}.mp4",
                lambda: load_detector(video=True),
                Path(folder) / f"{number}.jsonl",
            )
            rate = len(found.people) / (time.perf_counter() - begin)
            name = f"cam_{number:02d}"
            first = [people[0] if people else None for people in found.people]
            seen[name], exchanged = sc.set_sides_right(first)
            sizes[name] = (found.video.width, found.video.height)
            print(
                f"{name}: somebody in {sum(map(bool, found.people))} frames, sides set right in "
                f"{len(exchanged)}, {rate:.0f} frames a second"
            )
    together = sc.fit_sequence(seen, cameras, fps=FPS, model=model)
    names, points = triangulated(data)
    # The videos begin a frame later: detections in single pictures of them are nearest to those.
    fitted = fitted_points(together, model, names)
    apart = 1e3 * np.linalg.norm(fitted[1:] - points[:-1], axis=-1)
    print(
        f"four views: {np.nanmedian(apart):.1f} mm from the triangulated points (median; 95 %: "
        f"{np.nanpercentile(apart, 95):.1f})"
    )
    print("one video without a camera: focal length found of true, px; joints off, mm (median)")
    for name, frames in seen.items():
        for free in (True, False):
            camera = sc.Camera.guess(*sizes[name])
            alone = sc.fit_sequence(frames, camera, fps=FPS, model=model, estimate_focal=free)
            pairs = zip(alone.joints, together.joints, strict=True)
            off = np.median([procrustes_aligned(*pair) for pair in pairs])
            print(
                f"  {name} {'found' if free else 'guess'} {alone.views[0][0].camera.fx:6.0f} of "
                f"{cameras[name].fx:6.0f}, {off:6.1f}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    photographs()
    videos(options.data)


if __name__ == "__main__":
    main()
