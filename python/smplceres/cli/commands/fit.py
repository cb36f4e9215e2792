"""`smplceres fit`: people of images, videos and keypoint files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ...keypoints.files.reading import ENDINGS
from ...keypoints.formats import FORMATS
from ...media.images import IMAGES
from ...media.video_files import VIDEOS
from ..clips import add_clip_options, clip_of_video, fit_clips
from ..fit_lines import LINES_HELP, fit_lines
from ..fit_settings import settings_of
from ..inputs import found_inputs
from ..options import (
    DETECTED_MASK,
    Commands,
    add_body_options,
    add_camera_options,
    add_detector_options,
    add_export_option,
    add_format_option,
    add_report_option,
    add_rerun_option,
    add_run_options,
    add_solver_options,
    cameras_of_file,
    check_out,
    output_of,
)
from ..output import ALL_FITTED, EXIT_STATUSES, SOME_NOT_FITTED, Output
from ..report_page import report_run
from ..stills import common_status, failed_input, fit_stills

_HELP = """\
Fits a body to every person in images, videos or keypoint files.

Of an image or a keypoint file, for each person, it writes to DIR (out):

  <name>_person<N>.npz          pose, shape, position, joints, mesh (FitResult.load)
  <name>_person<N>.json         the same without the mesh
  <name>_person<N>.obj          the mesh
  <name>_person<N>.glb          for Blender and three.js; --export has more
  <name>_person<N>_overlay.png  the body over the image        (keypoint files: with --image)
  <name>_person<N>_side.png     from the side, to check depth                      (the same)
  <name>_person<N>_top.png      from above                                         (the same)
  <name>_keypoints.npz          the detected keypoints           (of images)
  <name>_report.html            a report page                    (keypoint files: with --image)
  <name>_run.toml               the options of the run, for smplceres fit --config

For a video, whose frames are fitted together (several videos with --cameras: one person who is
visible in all):

  <name>.npz, <name>.glb        motion of one person; <name>_person<N> for several
                                (SequenceResult.load)
  <name>_overlay.mp4            the bodies over the video
  <name>_keypoints.jsonl        the detected keypoints, frame by frame
  <name>_report.html            a report page
  <name>_checkpoint/            during the run: after Ctrl-C the same command continues from there
  <name>_run.toml

For several inputs the page is report.html. It needs pip install 'smplceres[report]'.
Images (png, jpg, webp) and videos (mp4, mov, avi, mkv, webm) need a detector:
pip install 'smplceres[detect]'. Keypoint files are those of smplceres.read_keypoints: OpenPose,
COCO, AlphaPose, MMPose, DeepLabCut and its .npz, .json, .csv, .h5; people of a file of many frames
are fitted independently, smplceres sequence fits the frames together.
INPUT may be a folder of any of these, a pattern such as 'shots/*.jpg', or - for lines of JSON:

"""

_EPILOG = f"""\
keypoint formats:
  {", ".join(list(FORMATS)[:4])},
  {", ".join(list(FORMATS)[4:8])},
  {", ".join(list(FORMATS)[8:])}

examples:
  smplceres fit photo.jpg
  smplceres fit walk.mp4 --focal 1450 --out walk
  smplceres fit cam01.mp4 cam02.mp4 --cameras Calib.toml
  smplceres fit 'shots/*.jpg' --json > people.jsonl
  smplceres fit frame_keypoints.json --image frame.jpg --export glb,bvh
  smplceres fit frame_keypoints.json --camera 1145 1144 514 506 --distortion -0.2 0.24 \\
      --image-size 1000 1002
  smplceres fit people.json --format openpose_body25b --image-size 1920 1080 --person 0
  smplceres fit --config out/photo_run.toml --out again
  detector | smplceres fit - --focal 1450 | consumer

{EXIT_STATUSES}"""


def add_command(commands: Commands) -> None:
    parser = commands.add_parser(
        "fit",
        help="fit bodies to the people of images, videos and keypoint files",
        description=_HELP + LINES_HELP,
        epilog=_EPILOG,
    )
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add(
        "inputs",
        metavar="INPUT",
        nargs="+",
        help="images, videos, keypoint files; folders and patterns of them; - for JSON lines",
    )
    add_run_options(parser)
    add("--image", metavar="IMG", type=Path, help="of a keypoint file: to draw the bodies over")
    add(
        "--mask",
        metavar="PNG|detect",
        help="mask of the person in the image (with --person if there are several), or "
        "detect: that of the detector. Masks include clothes and hair, which the body does not "
        "have: bodies are larger and keypoint residuals too",
    )
    add_format_option(parser)
    add("--person", metavar="N|all", type=_person, help="only this one, from 0 (default: all)")
    add_export_option(parser)
    add_report_option(parser)
    add_rerun_option(parser)
    add_detector_options(parser)
    add_camera_options(parser)
    _add_solving_options(parser)
    add_clip_options(parser)


def _person(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number from 0 or all, got {text!r}")
    return int(text)


def _add_solving_options(parser: Any) -> None:
    group = parser.add_argument_group("body and solver")
    add_body_options(group)
    add_solver_options(group)
    group.add_argument(
        "--check",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="look for inputs that cannot be right, such as keypoints in 0..1 (default: yes)",
    )
    group.add_argument(
        "--depth",
        metavar="FILE",
        type=Path,
        help="depth image of the same camera: .npy in metres, or .png of 16 bit in millimetres; 0 "
        "is not measured; with --camera or --focal",
    )


# Options of single images, with their defaults.
_OF_PICTURES = {
    **dict.fromkeys(("image", "mask", "person", "depth", "max_time")),
    **dict.fromkeys(("jacobian", "linear_solver", "minimizer")),
    **{"preset": "default", "starts": "auto", "check": True},
}


def _run(options: argparse.Namespace) -> int:
    output = output_of(options)
    if "-" in options.inputs:
        if options.inputs != ["-"]:
            raise ValueError("INPUT: expected - alone, got other inputs with it")
        _check_lines(options)
        # A stream has one focal length: lines estimate it only with --estimate-focal.
        settings = settings_of(options, bool(options.estimate_focal))
        return fit_lines(settings, options)
    paths = found_inputs(options.inputs, (IMAGES, VIDEOS, ENDINGS))
    videos = [path for path in paths if path.suffix.lower() in VIDEOS]
    stills = [path for path in paths if path not in videos]
    _check(options, stills, videos)
    check_out(options)
    statuses = []
    if stills:
        statuses.append(fit_stills(options, stills, output))
    if videos:
        statuses.append(_fit_videos(options, videos, output))
    report_run(options, output)
    mixed = ALL_FITTED in statuses and len(set(statuses)) > 1
    status = SOME_NOT_FITTED if mixed else max(statuses)
    return SOME_NOT_FITTED if status == ALL_FITTED and output.failures else status


def _check_lines(options: argparse.Namespace) -> None:
    for name in ("image", "mask", "depth", "person", "cameras", "rerun"):
        if getattr(options, name) is not None:
            raise ValueError(f"--{name}: expected files to go with it, got -")


def _check(options: argparse.Namespace, stills: list[Path], videos: list[Path]) -> None:
    for path in (*stills, *videos):
        if path.suffix.lower() in (*IMAGES, *VIDEOS) and not path.is_file():
            raise FileNotFoundError(f"INPUT: expected a file, found none at {path}")
        if path.suffix.lower() not in (*IMAGES, *VIDEOS, *ENDINGS) and path.exists():
            raise ValueError(
                f"INPUT: expected a file ending in {', '.join((*IMAGES, *VIDEOS, *ENDINGS))}, "
                f"got {path}"
            )
    names = [path.stem for path in (*stills, *videos)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"INPUT: expected different names, which are those of results; got {twice[0]} "
            f"{names.count(twice[0])} times"
        )
    if videos:
        given = [name for name, value in _OF_PICTURES.items() if getattr(options, name) != value]
        if given and not stills:
            raise ValueError(f"--{given[0].replace('_', '-')}: expected images, got videos")
    names_of_one = ("image", "mask", "depth", "rerun")
    of_one = [name for name in names_of_one if getattr(options, name) is not None]
    if len(stills) > 1 and of_one and not (of_one == ["mask"] and options.mask == DETECTED_MASK):
        raise ValueError(f"--{of_one[0]}: expected one image with it, got {len(stills)}")
    pictures = [path for path in stills if path.suffix.lower() in IMAGES]
    if options.rerun is not None and stills and videos:
        raise ValueError("--rerun: expected images or a video with it, got both")
    if options.image is not None and pictures:
        raise ValueError(f"--image: expected a keypoint file with it, got {pictures[0]}")
    if options.mask == DETECTED_MASK and len(pictures) < len(stills):
        raise ValueError("--mask: expected images to detect a mask in, got a keypoint file")


def _fit_videos(options: argparse.Namespace, videos: list[Path], output: Output) -> int:
    """Together for a calibration of several cameras, otherwise one by one."""
    several = len(videos) > 1 and (
        options.cameras is not None and len(cameras_of_file(options)) > 1
    )
    statuses = []
    groups = [videos] if several else [[video] for video in videos]
    if options.rerun is not None and len(groups) > 1:
        raise ValueError(f"--rerun: expected one video with it, got {len(groups)}")
    for group in groups:
        try:
            clips = [clip_of_video(options, video, output) for video in group]
            statuses.append(fit_clips(options, clips, output))
        except (ValueError, OSError) as error:
            if len(videos) == len(group):
                raise
            statuses.append(failed_input(output, group[0], error))
    return common_status(statuses)
