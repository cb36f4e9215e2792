"""`smplceres sequence`: the people of a video, or one person of several cameras."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .calibration import read_cameras
from .camera import AnyCamera, Camera
from .cli import (
    ALL_FITTED,
    EXPORT_ENDINGS,
    SOME_NOT_FITTED,
    add_camera_options,
    add_export_option,
    camera_of_options,
    one_line,
)
from .keypoint_files import read_keypoints
from .keypoints import Keypoints
from .models import load_body_model
from .pose_prior import load_pose_prior
from .sequence import SequenceResult, fit_sequence
from .sequence_solver import WINDOW
from .tracks import Track, fit_people, link_people

if TYPE_CHECKING:
    from .cli import _Parser

_HELP = """\
Fits bodies to all frames of a clip together: of one camera everybody in it, each with a shape of
their own; of several calibrated cameras the one person whom all of them see. Writes to DIR:

  <name>.npz            everything but the mesh (SequenceResult.load); <name> is that of the first
                        FOLDER, with _person<N> where there are several
  <FOLDER>_overlay.mp4  the bodies over the video   (with --video)
  checkpoint/           what is done: the same command goes on from there after Ctrl-C

and what --export asks for. FOLDER: a keypoint file per frame, in the order of the numbers in their
names."""

_EPILOG = """\
examples:
  smplceres sequence keypoints/ --fps 30 --image-size 1920 1080 --out out
  smplceres sequence keypoints/ --fps 30 --video clip.mp4 --out out --export glb
  smplceres sequence cam01_json cam02_json --cameras Calib.toml --fps 60 \\
      --format openpose_body25b --video cam01.mp4 cam02.mp4 --out out

exit status: as of smplceres fit; 1 where a file could not be read and its frame was skipped"""


def add_sequence(commands: argparse._SubParsersAction[_Parser]) -> None:
    """The command among others."""
    parser = commands.add_parser(
        "sequence",
        help="fit bodies to all frames of a video together",
        description=_HELP,
        epilog=_EPILOG,
    )
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("folders", metavar="FOLDER", type=Path, nargs="+", help="of keypoint files; one per camera")
    add("--out", metavar="DIR", type=Path, required=True, help="made if needed")
    add("--fps", metavar="N", type=float, required=True, help="frames a second")
    add("--format", metavar="F", help="keypoint format, where files leave it open or are wrong")
    add(
        "--cameras",
        metavar="FILE",
        type=Path,
        help="calibration, Pose2Sim's or Anipose's .toml, OpenCV's or ROS's .yml; of several "
        "cameras each is that which the folder is named like, as cam01_json is like cam_01",
    )
    add("--video", metavar="FILE", type=Path, nargs="+", help="to draw over; one per folder")
    add(
        "--window",
        metavar="N",
        type=int,
        default=WINDOW,
        help="frames solved at once",
    )
    add("--estimate-focal", action="store_true", help="the focal length is a guess: find it")
    add("--strict", action="store_true", help="a file that cannot be read is an error")
    add("--quiet", action="store_true", help="no progress bar")
    add("--model", metavar="PATH", type=Path, help="SMPL file, .pkl or .npz (default: built in)")
    add("--pose-prior", metavar="PATH", type=Path, help="mixture of Gaussians, as SMPLify has it")
    add_export_option(parser)
    add_camera_options(parser)


def _run(options: argparse.Namespace) -> int:
    begin = time.perf_counter()
    clips = [_frame_files(folder) for folder in options.folders]
    if options.video is not None and len(options.video) != len(clips):
        raise ValueError(
            f"--video: expected one per folder, {len(clips)}, got {len(options.video)}"
        )
    cameras = _cameras(options, clips)
    progress = None if options.quiet else ProgressBar()
    settings = {
        "model": load_body_model(options.model),
        "pose_prior": None if options.pose_prior is None else load_pose_prior(options.pose_prior),
        "window": options.window,
        "estimate_focal": options.estimate_focal,
        "progress": progress,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint"
    fitted: list[tuple[Track | None, SequenceResult]] = []
    try:
        if len(clips) > 1:
            together = fit_sequence(
                clips,
                cameras,
                fps=options.fps,
                keypoint_format=options.format,
                strict=options.strict,
                checkpoint=checkpoint,
                **settings,
            )
            fitted.append((None, together))
            unread = len(together.skipped)
        else:
            people, unread = _people(clips[0], options.format, options.strict)
            tracks = link_people(people, min_frames=min(5, len(people)))
            fitted += fit_people(
                tracks, cameras[0], fps=options.fps, checkpoint=checkpoint, **settings
            )
    except KeyboardInterrupt:
        print(f"\nwhat is done is in {checkpoint}: the same command goes on", file=sys.stderr)
        raise
    if not fitted:
        print(f"{options.folders[0]}: nobody in it, nothing to fit")
    for number, (track, result) in enumerate(fitted):
        name = options.folders[0].name + (f"_person{number}" if len(fitted) > 1 else "")
        _write(options, name, track, result)
    if fitted and options.video is not None:
        _write_videos(options, fitted, progress)
    print(f"{time.perf_counter() - begin:.1f} s in all")
    return SOME_NOT_FITTED if unread else ALL_FITTED


def _frame_files(folder: Path) -> list[Path]:
    """Keypoint files, by the numbers in their names."""
    if not folder.is_dir():
        raise ValueError(f"FOLDER: expected a folder of keypoint files, got {folder}")
    files = [path for path in folder.iterdir() if path.suffix in (".json", ".npz", ".csv")]
    if not files:
        raise ValueError(f"FOLDER: expected keypoint files, found none in {folder}")

    def order(path: Path) -> list[tuple[int, str]]:
        return [
            (int(part), "") if part.isdecimal() else (0, part)
            for part in re.split(r"(\d+)", path.stem)
        ]

    return sorted(files, key=order)


def _people(
    files: Sequence[Path], keypoint_format: str | None, strict: bool
) -> tuple[list[list[Keypoints]], int]:
    """Of each frame, and how many frames could not be read; each is told."""
    people: list[list[Keypoints]] = []
    unread = 0
    for path in files:
        try:
            people.append(list(read_keypoints(path, keypoint_format)))
        except (OSError, ValueError) as error:
            if strict:
                raise
            print(f"skipped: {one_line(error)}")
            people.append([])
            unread += 1
    return people, unread


def _cameras(options: argparse.Namespace, clips: Sequence[Sequence[Path]]) -> list[AnyCamera]:
    """One per folder."""
    if options.cameras is None:
        if len(clips) > 1:
            raise ValueError("--cameras: expected a calibration of several cameras, got none")
        return [camera_of_options(options, _image_size(options, clips[0]))]
    known = read_cameras(options.cameras)
    if len(clips) == len(known) == 1:
        return list(known.values())
    cameras: list[AnyCamera] = []
    for folder in options.folders:
        alike = [name for name in known if _plain(name) in _plain(folder.resolve().name)]
        if len(alike) != 1:
            raise ValueError(
                f"--cameras: expected one camera that {folder.name} is named like, "
                f"got {', '.join(alike) or 'none'} of {', '.join(known)}"
            )
        cameras.append(known[alike[0]])
    return cameras


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _image_size(options: argparse.Namespace, files: Sequence[Path]) -> tuple[int, int]:
    if options.image_size is not None:
        return options.image_size[0], options.image_size[1]
    if options.video is not None:
        from .overlay_video import video_size  # noqa: PLC0415  # needs PyAV

        return video_size(options.video[0])
    for path in files:
        try:
            people = read_keypoints(path, options.format)
        except (OSError, ValueError):
            continue
        if people and people[0].image_size is not None:
            return people[0].image_size
        if people:
            break
    raise ValueError(
        "image size: expected --image-size W H, --video, --cameras or keypoint files that have it, "
        "got none of them"
    )


def _write(
    options: argparse.Namespace, name: str, track: Track | None, result: SequenceResult
) -> None:
    base = options.out / name
    result.save(base.with_name(f"{name}.npz"))
    endings = [EXPORT_ENDINGS[each] for each in options.export]
    for ending in endings:
        result.export(base.with_name(name + ending))
    frames = f"{len(result)} frames"
    if track is not None:
        frames += f" ({track.first} to {track.last}, seen in {track.num_seen})"
    focal = ""
    camera = result.views[0][0].camera
    if options.estimate_focal and isinstance(camera, Camera):
        focal = f", focal length {camera.fx:.0f} px found"
    print(
        f"{name}: {frames}, reprojection error {result.reprojection_error():.1f} px{focal}, "
        f"{'converged' if result.converged else 'not converged'} in {result.solve_time:.1f} s"
    )
    for frame, number, why in result.skipped:
        print(f"  skipped frame {frame} of {options.folders[number].name}: {why}")
    print(f"  wrote {base}{{{','.join(['.npz', *endings])}}}")


def _write_videos(
    options: argparse.Namespace,
    fitted: Sequence[tuple[Track | None, SequenceResult]],
    progress: Callable[[str, int, int], None] | None,
) -> None:
    from .overlay_video import overlay_video  # noqa: PLC0415  # needs PyAV and Pillow

    for view, (folder, video) in enumerate(zip(options.folders, options.video, strict=True)):
        path = options.out / f"{folder.name}_overlay.mp4"
        tracks = [(track, result) for track, result in fitted if track is not None]
        overlay_video(video, tracks or fitted[0][1], path, view=view, progress=progress)
        print(f"  wrote {path}")


class ProgressBar:
    """What is being done and when it will be over, on standard error; nothing where that is no
    terminal."""

    _WIDTH = 30

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._what, self._begin, self._first = "", 0.0, 0

    def __call__(self, what: str, done: int, total: int) -> None:
        if not self._shown:
            return
        now = time.perf_counter()
        if what != self._what:
            self._what, self._begin, self._first = what, now, done
        sys.stderr.write(f"\r\033[K{self.line(done, total, now - self._begin)}")
        if done >= total:
            sys.stderr.write("\r\033[K")
        sys.stderr.flush()

    def line(self, done: int, total: int, seconds: float) -> str:
        """The bar; the first report of a step begins its time, and the rate is of those after."""
        full = int(self._WIDTH * done / max(total, 1))
        bar = "#" * full + "." * (self._WIDTH - full)
        since = done - self._first
        left = f", {(total - done) * seconds / since:.0f} s left" if since > 0 else ""
        return f"{self._what:28s} [{bar}] {done}/{total}{left}"
