"""A body for every frame of a stream: a webcam, a video file, or recorded keypoints at their pace.

    python examples/live.py --keypoints FOLDER [--fps 30]      OpenPose JSON, a file per frame
    python examples/live.py --video film.mp4                   needs opencv-python and mediapipe
    python examples/live.py --camera 0                         the same, of a webcam
        [--format openpose_body25b] [--focal PX] [--size W H] [--budget 5] [--fast] [--out FOLDER]
        [--show]

Prints, a second at a time, how the person is followed and what an update takes. --out writes an
overlay picture of every 10th frame (grey where there is no picture), --show opens a window. --fast
does not wait for the next frame's time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import smplceres as sc

# What a frame is: its time (s), keypoints of the people in it, and the picture (RGB) or None.
Frame = tuple[float, list[sc.Keypoints], np.ndarray | None]


def recorded(folder: Path, fps: float, keypoint_format: str | None) -> Iterator[Frame]:
    """Frames of a folder of keypoint files, in the order of their names."""
    files = sorted(folder.glob("*.json"))
    if not files:
        sys.exit(f"live: expected .json files in {folder}, found none")
    for number, file in enumerate(files):
        yield number / fps, sc.read_keypoints(file, format=keypoint_format), None


def detected(source: str | int) -> Iterator[Frame]:
    """Frames of a video or a webcam, with MediaPipe's landmarks."""
    try:
        import cv2  # noqa: PLC0415  # for pictures alone
        import mediapipe  # noqa: PLC0415  # likewise
    except ImportError as error:
        sys.exit(f"live: {error}; pip install opencv-python mediapipe")
    capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        sys.exit(f"live: expected a video or a webcam, could not open {source}")
    live, begin = isinstance(source, int), time.perf_counter()
    rate = capture.get(cv2.CAP_PROP_FPS) or 30.0
    number = 0
    with mediapipe.solutions.pose.Pose() as pose:
        while True:
            there, bgr = capture.read()
            if not there:
                return
            image = np.ascontiguousarray(bgr[..., ::-1])
            found = pose.process(image).pose_landmarks
            height, width = image.shape[:2]
            people = []
            if found is not None:
                rows = [(p.x * width, p.y * height, p.visibility) for p in found.landmark]
                people = [sc.Keypoints.from_array(np.array(rows), "mediapipe33")]
            yield (time.perf_counter() - begin if live else number / rate), people, image
            number += 1


def size_of(people: list[sc.Keypoints], image: np.ndarray | None) -> tuple[int, int]:
    """(width, height) of the picture, or what holds the keypoints."""
    if image is not None:
        return image.shape[1], image.shape[0]
    if people and people[0].image_size:
        return people[0].image_size
    far = max((p.xy[p.visible].max() for p in people), default=1000.0)
    return (1280, 720) if far <= 1280 else (1920, 1080)


def camera_of(arguments: argparse.Namespace, size: tuple[int, int]) -> sc.Camera:
    camera = sc.Camera.guess(*size)
    return camera if arguments.focal is None else camera.zoomed(arguments.focal / camera.fx)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--keypoints", type=Path, help="folder of keypoint files")
    source.add_argument("--video", help="a video file")
    source.add_argument("--camera", type=int, help="number of a webcam")
    parser.add_argument("--format", choices=sc.FORMATS, help="of --keypoints that leave it open")
    parser.add_argument("--fps", type=float, default=30.0, help="of --keypoints (default 30)")
    parser.add_argument("--focal", type=float, help="focal length, px (default: guessed)")
    parser.add_argument("--size", type=int, nargs=2, help="of the picture, where there is none")
    parser.add_argument("--budget", type=float, default=5.0, help="ms of an update (default 5)")
    parser.add_argument("--fast", action="store_true", help="as fast as it goes")
    parser.add_argument("--out", type=Path, help="folder for overlay pictures")
    parser.add_argument("--show", action="store_true", help="in a window; needs opencv-python")
    arguments = parser.parse_args()
    if arguments.keypoints is not None:
        frames = recorded(arguments.keypoints, arguments.fps, arguments.format)
    else:
        frames = detected(arguments.camera if arguments.video is None else arguments.video)
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)

    tracker: sc.Tracker | None = None
    times: list[float] = []
    begin = time.perf_counter()
    for number, (timestamp, people, image) in enumerate(frames):
        if not arguments.fast:
            time.sleep(max(0.0, timestamp - (time.perf_counter() - begin)))
        if tracker is None:
            if not people:
                continue
            size = tuple(arguments.size or size_of(people, image))
            tracker = sc.Tracker(camera_of(arguments, size), budget_ms=arguments.budget)
        person = max(people, key=lambda p: float(p.confidence.sum()), default=None)
        tracked = tracker.update(person, timestamp)
        times.append(1e3 * tracked.update_time)
        if number % 30 == 0:
            error = tracked.fit.reprojection_error()
            print(
                f"{timestamp:7.2f} s  {tracked.status:9s}  {np.median(times[-30:]):5.2f} ms  "
                f"{error:5.1f} px  joints known to {100 * np.median(tracked.joint_std):4.1f} cm"
            )
        if (arguments.out is not None and number % 10 == 0) or arguments.show:
            draw(tracked, image, arguments, number)
    if times:
        print(f"{len(times)} updates, median {np.median(times):.2f} ms, worst {max(times):.2f} ms")


def draw(
    tracked: sc.Tracked, image: np.ndarray | None, arguments: argparse.Namespace, number: int
) -> None:
    from smplceres.overlay import draw_overlay  # noqa: PLC0415  # needs Pillow

    camera = tracked.fit.camera
    if image is None:
        image = np.full((camera.height, camera.width, 3), 128, dtype=np.uint8)
    picture = draw_overlay(image, tracked.fit)
    if arguments.out is not None and number % 10 == 0:
        picture.convert("RGB").save(arguments.out / f"frame_{number:05d}.png")
    if arguments.show:
        import cv2  # noqa: PLC0415  # for a window alone

        cv2.imshow("smplceres", np.asarray(picture.convert("RGB"))[..., ::-1])
        cv2.waitKey(1)


if __name__ == "__main__":
    main()
