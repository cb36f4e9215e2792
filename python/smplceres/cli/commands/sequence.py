"""`smplceres sequence`, and videos of `smplceres fit`: all frames of a clip together."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...detect.video import read_detections
from ...keypoints.files.reading import frame_files, read_frames
from ...media.video_files import VIDEOS, read_video
from ..clips import Clip, add_clip_options, clip_of_video, fit_clips
from ..options import (
    Commands,
    add_body_options,
    add_camera_options,
    add_detector_options,
    add_export_option,
    add_format_option,
    add_report_option,
    add_rerun_option,
    add_run_options,
    check_out,
    keypoint_format_of,
    output_of,
)
from ..output import SOME_NOT_FITTED, Output
from ..report_page import report_run

_HELP = """\
Fits bodies to all frames of a clip together: for one camera all people, each with one shape; for
several calibrated cameras the one person who is visible in all. Writes to DIR (out):

  <name>.npz            all but the mesh (SequenceResult.load); <name> is that of the first INPUT,
                        with _person<N> for several people
  <name>.glb            for Blender and three.js; --export has more
  <INPUT>_overlay.mp4   the bodies over the video   (of videos, and with --video)
  <name>_report.html    a report page               (the same; pip install 'smplceres[report]')
  <name>_checkpoint/    during the run: after Ctrl-C the same command continues from there
  <name>_run.toml       the options of the run, for smplceres sequence --config

INPUT: a folder with a keypoint file per frame, in the order of the numbers in their names, of which
missing ones are frames without people; a file of all frames (DeepLabCut, AlphaPose, MMPose); a
video, whose people are detected first; or the <name>_keypoints.jsonl of a video."""

_EPILOG = """\
examples:
  smplceres sequence keypoints/ --fps 30 --image-size 1920 1080
  smplceres sequence keypoints/ --video clip.mp4
  smplceres sequence alphapose-results.json --video clip.mp4
  smplceres sequence cam01_json cam02_json --cameras Calib.toml --fps 60 \\
      --format openpose_body25b --video cam01.mp4 cam02.mp4 --out out

exit status: as of smplceres fit; 1 also if a file could not be read and its frame was skipped"""


def add_command(commands: Commands) -> None:
    parser = commands.add_parser(
        "sequence",
        help="fit bodies to all frames of a clip together",
        description=_HELP,
        epilog=_EPILOG,
    )
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("inputs", metavar="INPUT", nargs="+", help="keypoint files or video, per camera")
    add_run_options(parser)
    add_format_option(parser)
    add("--video", metavar="FILE", type=Path, nargs="+", help="to draw over; one per INPUT")
    add("--strict", action="store_true", help="a file that cannot be read is an error")
    add_export_option(parser)
    add_report_option(parser)
    add_rerun_option(parser)
    add_detector_options(parser)
    add_camera_options(parser)
    add_body_options(parser)
    add_clip_options(parser)


def _run(options: argparse.Namespace) -> int:
    output = output_of(options)
    check_out(options)
    given = [Path(each) for each in options.inputs]
    if options.video is not None and len(options.video) != len(given):
        raise ValueError(f"--video: expected one per INPUT, {len(given)}, got {len(options.video)}")
    videos: Sequence[Path | None] = options.video or [None] * len(given)
    if len(given) > 1 and options.cameras is None:
        raise ValueError("--cameras: expected a calibration of several cameras, got none")
    clips = [_clip(options, path, video, output) for path, video in zip(given, videos, strict=True)]
    status = fit_clips(options, clips, output)
    report_run(options, output)
    return SOME_NOT_FITTED if output.failures else status


def _clip(options: argparse.Namespace, path: Path, video: Path | None, output: Output) -> Clip:
    if path.suffix.lower() in VIDEOS:
        return clip_of_video(options, path, output)
    if path.suffix.lower() == ".jsonl":
        known, people = read_detections(path)
        name = path.stem.removesuffix("_keypoints")
        size = (known.width, known.height)
        return Clip(path, name, people, options.fps or known.fps, size, video)
    if path.is_file():
        format = keypoint_format_of(options)
        frames: Any = read_frames(path, format, image_size=options.image_size)
    else:
        frames = _frame_files(path)
    fps = options.fps
    if fps is None and video is not None:
        fps = read_video(video).fps
    if fps is None:
        raise ValueError("--fps: expected frames per second of keypoints without --video, got none")
    name = path.stem if path.is_file() else path.resolve().name
    return Clip(path, name, frames, fps, None, video)


def _frame_files(folder: Path) -> list[Path | None]:
    """Keypoint files, by the numbers in their names; None for a number that is missing."""
    if not folder.is_dir():
        raise ValueError(
            f"INPUT: expected a folder of keypoint files, a file or a video, got {folder}"
        )
    return frame_files(folder)
