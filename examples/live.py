"""A body for every frame of a stream: a webcam, a video at its own pace, or recorded keypoints.

    python examples/live.py --camera 0                    a webcam; needs opencv-python
    python examples/live.py --video film.mp4              pip install 'smplceres[detect]'
    python examples/live.py --keypoints FOLDER [--fps 30] OpenPose JSON and others, a file a frame
        [--detector rtmpose] [--format openpose_body25b] [--focal PX] [--size W H] [--budget 5]
        [--fast] [--out live.mp4] [--show]

Of a webcam and a video a detector finds the person, and frames that come while it is busy are left
out, as they would be live; --fast takes all, as fast as it goes. Prints, a second at a time, how
the person is followed, and at the end what detector, tracker and drawing took. --out writes a video
with the body drawn in (over grey where there is no picture), --show opens a window (opencv-python).
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import smplceres as sc
from smplceres.detect import DETECTORS, load_detector
from smplceres.video_files import read_video, video_pictures

_TICKS = 1000  # of a second, in which frames of --out are timed


class Frame(NamedTuple):
    """Its time, seconds; the picture (H, W, 3), red first, or None; who is in it, once asked."""

    timestamp: float
    picture: np.ndarray | None
    people: Callable[[], list[sc.Keypoints]]


class Clock:
    """CPU time of the whole process, seconds, by what it was spent on."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        begin = time.process_time()
        yield
        self.spent[part] += time.process_time() - begin


# --- Where frames come from ---


def recorded(folder: Path, fps: float, keypoint_format: str | None) -> Iterator[Frame]:
    """Keypoint files, in the order of their names."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ValueError(f"--keypoints: expected .json files, found none in {folder}")
    for number, file in enumerate(files):
        people = sc.read_keypoints(file, format=keypoint_format)
        yield Frame(number / fps, None, lambda people=people: people)


def filmed(video: Path, detect: Callable[[np.ndarray], list[sc.Keypoints]]) -> Iterator[Frame]:
    fps = read_video(video).fps
    for number, picture in enumerate(video_pictures(video)):
        yield Frame(number / fps, picture, lambda picture=picture: detect(picture))


def watched(webcam: int, detect: Callable[[np.ndarray], list[sc.Keypoints]]) -> Iterator[Frame]:
    capture = opencv().VideoCapture(webcam)
    if not capture.isOpened():
        raise ValueError(f"--camera: expected the number of a webcam, could not open {webcam}")
    capture.set(opencv().CAP_PROP_BUFFERSIZE, 1)  # none that are old by the time they are read
    begin = time.perf_counter()
    try:
        while True:
            there, bgr = capture.read()
            if not there:
                return
            picture = np.ascontiguousarray(bgr[..., ::-1])
            now = time.perf_counter() - begin
            yield Frame(now, picture, lambda picture=picture: detect(picture))
    finally:
        capture.release()


def paced(frames: Iterator[Frame], period: float) -> Iterator[Frame]:
    """Each at its time; those that are late by more than a period are left out. Time runs once the
    first is done with, for which detectors take long."""
    begin: float | None = None
    for frame in frames:
        if begin is None:
            yield frame
            begin = time.perf_counter() - frame.timestamp
            continue
        wait = frame.timestamp - (time.perf_counter() - begin)
        if wait >= -period:
            time.sleep(max(0.0, wait))
            yield frame


def opencv() -> Any:
    try:
        return importlib.import_module("cv2")
    except ImportError as error:
        raise ImportError("webcams and windows need OpenCV: pip install opencv-python") from error


# --- Where pictures go to ---


def drawn(frame: Frame, tracked: sc.Tracked | None, size: tuple[int, int]) -> np.ndarray:
    """The picture with the body in it, while somebody is followed."""
    from smplceres.overlay import paint_overlay  # noqa: PLC0415  # needs Pillow

    picture = np.full((size[1], size[0], 3), 128, dtype=np.uint8)
    if frame.picture is not None:
        picture = np.require(frame.picture, requirements=["C", "W"])
    if tracked is not None and tracked.status in ("tracked", "predicted"):
        paint_overlay(picture, tracked.fit)
    return picture


@contextmanager
def written(path: Path, fps: float) -> Iterator[Callable[[np.ndarray, float], None]]:
    """Takes pictures with their times, and makes a video of them, of an even number of pixels."""
    av: Any = importlib.import_module("av")
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=Fraction(fps).limit_denominator(_TICKS))
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS)
        last = -1

        def write(picture: np.ndarray, timestamp: float) -> None:
            nonlocal last
            height, width = (side - side % 2 for side in picture.shape[:2])
            if last < 0:
                stream.width, stream.height = width, height
            frame = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(picture[:height, :width]), format="rgb24"
            )
            last = max(last + 1, round(_TICKS * timestamp))
            frame.pts, frame.time_base = last, Fraction(1, _TICKS)
            target.mux(stream.encode(frame))

        yield write
        if last >= 0:
            target.mux(stream.encode())


def show(picture: np.ndarray) -> bool:
    """In a window; False once q or Escape is pressed."""
    opencv().imshow("smplceres", picture[..., ::-1])
    return opencv().waitKey(1) not in (ord("q"), 27)


# --- The stream ---


def follow(options: argparse.Namespace) -> None:
    clock = Clock()
    tracker: sc.Tracker | None = None
    size: tuple[int, int] | None = None if options.size is None else tuple(options.size)
    times: list[float] = []
    latest, second = 0.0, -1
    with ExitStack() as stack:
        frames, fps = source(options, stack)
        if not options.fast and options.camera is None:
            frames = paced(frames, 1 / fps)
        write = None if options.out is None else stack.enter_context(written(options.out, fps))
        begin = time.perf_counter()
        for frame in frames:
            with clock.of("detector"):
                people = frame.people()
            size = size or size_of(frame.picture, people)
            if size is None:
                continue
            if tracker is None:
                tracker = sc.Tracker(camera_of(options, size), rate=fps, budget_ms=options.budget)
            person = max(people, key=lambda p: float(p.confidence.sum()), default=None)
            if person is None and not times:
                tracked = None  # nobody was there yet
            else:
                with clock.of("tracker"):
                    tracked = tracker.update(person, frame.timestamp)
                times.append(1e3 * tracked.update_time)
            if tracked is not None and int(frame.timestamp) > second:
                second = int(frame.timestamp)
                tell(tracked, times)
            latest = frame.timestamp
            if write is None and not options.show:
                continue
            with clock.of("drawing"):
                picture = drawn(frame, tracked, size)
            if write is not None:
                with clock.of("encoding"):
                    write(picture, frame.timestamp)
            if options.show and not show(picture):
                break
        took = time.perf_counter() - begin
    if not times:
        print("nobody was seen")
        return
    print(
        f"{len(times)} updates in {took:.1f} s of {latest:.1f} s of stream; an update: "
        f"median {np.median(times):.2f} ms, worst {max(times):.2f} ms"
    )
    share = ", ".join(f"{part} {1e3 * cpu / len(times):.1f}" for part, cpu in clock.spent.items())
    print(f"CPU time, ms an update: {share}")


def source(options: argparse.Namespace, stack: ExitStack) -> tuple[Iterator[Frame], float]:
    """The frames, and how many are expected a second."""
    if options.keypoints is not None:
        return recorded(options.keypoints, options.fps, options.format), options.fps
    detector = stack.enter_context(
        load_detector(options.detector, model=options.detector_model, video=True)
    )

    def detect(picture: np.ndarray) -> list[sc.Keypoints]:
        return [found.keypoints for found in detector(picture)]

    if options.video is not None:
        return filmed(options.video, detect), read_video(options.video).fps
    return watched(options.camera, detect), options.fps


def size_of(picture: np.ndarray | None, people: Sequence[sc.Keypoints]) -> tuple[int, int] | None:
    """(width, height) of the picture, or what holds the keypoints; None where nobody is."""
    if picture is not None:
        return picture.shape[1], picture.shape[0]
    if not people or people[0].image_size is not None:
        return people[0].image_size if people else None
    far = max((p.xy[p.visible].max() for p in people if p.visible.any()), default=1000.0)
    return (1280, 720) if far <= 1280 else (1920, 1080)


def camera_of(options: argparse.Namespace, size: tuple[int, int]) -> sc.Camera:
    camera = sc.Camera.guess(*size)
    return camera if options.focal is None else camera.zoomed(options.focal / camera.fx)


def tell(tracked: sc.Tracked, times: Sequence[float]) -> None:
    error = tracked.fit.reprojection_error()
    known = 100 * np.median(tracked.joint_std)
    print(
        f"{tracked.timestamp:7.2f} s  {tracked.status:9s}  {np.median(times[-30:]):5.2f} ms  "
        f"{error:5.1f} px  joints known to {known:4.1f} cm",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    inputs = parser.add_mutually_exclusive_group(required=True)
    inputs.add_argument("--keypoints", type=Path, help="folder of keypoint files")
    inputs.add_argument("--video", type=Path, help="a video file")
    inputs.add_argument("--camera", type=int, help="number of a webcam")
    add = parser.add_argument
    add("--detector", choices=list(DETECTORS), default="mediapipe", help="(default: mediapipe)")
    add("--detector-model", type=Path, help="its model's file or folder")
    add("--format", choices=sc.FORMATS, help="of --keypoints that leave it open")
    add("--fps", type=float, default=30.0, help="of --keypoints and --camera (default: 30)")
    add("--focal", type=float, help="focal length, px (default: guessed)")
    add("--size", type=int, nargs=2, metavar=("W", "H"), help="of the picture, where there is none")
    add("--budget", type=float, default=5.0, help="ms of an update (default: 5)")
    add("--fast", action="store_true", help="every frame, as fast as it goes")
    add("--out", type=Path, help="video with the body drawn in, .mp4")
    add("--show", action="store_true", help="in a window; q or Escape ends; needs opencv-python")
    try:
        follow(parser.parse_args(arguments))
    except (ValueError, OSError, ImportError) as error:
        sys.exit(f"live: {error}")
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
