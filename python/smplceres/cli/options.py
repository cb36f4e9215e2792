"""Options of several commands."""

from __future__ import annotations

import argparse
import errno
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import numpy as np

from ..base.files.toml_files import load_toml
from ..cameras.camera import AnyCamera, Camera, WeakPerspectiveCamera
from ..detect import DETECTORS
from ..exports import SUFFIXES
from ..keypoints.formats import KeypointFormat
from .output import BAD_INPUT, Output

# Endings of files of --export: suffixes of the formats, except .npz and .json, which
# `FitResult.save` writes.
EXPORT_ENDINGS = {
    suffix[1:]: {".npz": "_amass.npz", ".json": "_motion.json"}.get(suffix, suffix)
    for suffix in SUFFIXES
}
DETECTED_MASK = "detect"


class Parser(argparse.ArgumentParser):
    """Errors in one line, and negative numbers in any notation."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **settings)
        # The pattern of argparse does not match -2.6e-05, which calibrations contain.
        self._negative_number_matcher = re.compile(r"^-\.?\d[\d.]*([eE][-+]?\d+)?$")

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"smplceres: error: {message} (see {self.prog} --help)\n")


# Not subscriptable at run time.
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_run_options(parser: Parser) -> None:
    """Options of output."""
    add = parser.add_argument
    add(
        "--out", metavar="DIR", type=Path, default=Path("out"), help="made if needed (default: out)"
    )
    add(
        "--config",
        metavar="TOML",
        type=Path,
        help="the options of a run, as written beside its results; options on the command line "
        "come before those of the file",
    )
    add("--quiet", action=argparse.BooleanOptionalAction, default=False, help="only errors")
    add(
        "--json",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="a line of JSON for each result on standard output, and nothing else there",
    )


def add_report_option(parser: Parser) -> None:
    parser.add_argument(
        "--report",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also a report page about results of images and videos (pip install "
        "'smplceres[report]')",
    )


def output_of(options: argparse.Namespace) -> Output:
    return Output(quiet=options.quiet, as_json=options.json)


def add_export_option(parser: Parser) -> None:
    parser.add_argument(
        "--export",
        metavar="FORMAT[,FORMAT]",
        type=_export_formats,
        default=["glb"],
        help=f"files for other programs: {', '.join(EXPORT_ENDINGS)}, or none (default: glb)",
    )


def _export_formats(text: str) -> list[str]:
    if text == "none":
        return []
    formats = text.split(",")
    unknown = [name for name in formats if name not in EXPORT_ENDINGS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"expected some of {', '.join(EXPORT_ENDINGS)}, or none; got {unknown[0]!r}"
        )
    return formats


def add_rerun_option(parser: Parser) -> None:
    parser.add_argument(
        "--rerun",
        metavar="FILE",
        type=Path,
        help="also a recording for the Rerun viewer, .rrd; pip install 'smplceres[rerun]'",
    )


def add_result_options(parser: Parser) -> None:
    """Options of commands that read results."""
    images = parser.add_mutually_exclusive_group()
    images.add_argument("--image", metavar="IMG", type=Path, help="the image of a fit")
    images.add_argument("--video", metavar="FILE", type=Path, help="the video of a sequence")
    parser.add_argument(
        "--model", metavar="PATH", type=Path, help="the body that was fitted (default: built in)"
    )


def add_detector_options(parser: Parser) -> None:
    group = parser.add_argument_group("detector", "Detection of keypoints in images and videos.")
    group.add_argument(
        "--detector",
        choices=list(DETECTORS),
        default="mediapipe",
        help="mediapipe: one person, pip install 'smplceres[detect]'; rtmpose: all people, "
        "pip install 'smplceres[rtmpose]', separate models (default: %(default)s)",
    )
    group.add_argument(
        "--detector-model",
        metavar="PATH",
        type=Path,
        help="mediapipe: a pose landmarker's .task file, several people; rtmpose: a folder with "
        "yolox*.onnx and rtmpose*.onnx (default: rtmlib's cache)",
    )


def add_camera_options(parser: Parser) -> None:
    group = parser.add_argument_group(
        "camera",
        "Without any of these the focal length is estimated, starting from the image diagonal;\n"
        "the distance of the body is proportional to it.",
    )
    group.add_argument(
        "--image-size",
        metavar=("W", "H"),
        type=int,
        nargs=2,
        help="pixels, if neither an image nor the keypoint file has it",
    )
    kind = group.add_mutually_exclusive_group()
    kind.add_argument(
        "--focal", metavar="PX", type=float, help="focal length; principal point in the middle"
    )
    kind.add_argument(
        "--camera", metavar=("FX", "FY", "CX", "CY"), type=float, nargs=4, help="pixels"
    )
    kind.add_argument(
        "--weak-perspective",
        action="store_true",
        help="scaled orthographic camera of estimated scale",
    )
    kind.add_argument(
        "--cameras",
        "--calibration",
        metavar="FILE",
        type=Path,
        help="calibration, Pose2Sim's or Anipose's .toml, OpenCV's or ROS's .yml; of several "
        "cameras the one with the name of the input, such as cam01_json and cam01.mp4 for "
        "cam_01",
    )
    group.add_argument(
        "--distortion",
        metavar="K",
        type=float,
        nargs="+",
        help="up to 8 numbers k1 k2 p1 p2 k3 k4 k5 k6, as OpenCV has them; "
        "with --camera or --focal",
    )
    group.add_argument(
        "--estimate-focal",
        action=argparse.BooleanOptionalAction,
        help="estimate the focal length (default: if none of these gives it)",
    )


def camera_of_options(options: argparse.Namespace, size: tuple[int, int]) -> AnyCamera:
    """The camera of an image (width, height), except for calibrations."""
    width, height = size
    if options.weak_perspective or not (options.camera or options.focal is not None):
        if options.distortion:
            raise ValueError("--distortion: expected --camera or --focal with it, got neither")
        kind = WeakPerspectiveCamera if options.weak_perspective else Camera
        return kind.guess(width, height)
    fx, fy, cx, cy = options.camera or (
        *(options.focal, options.focal),
        *((width - 1) / 2, (height - 1) / 2),
    )
    distortion = np.array(options.distortion or [])
    return Camera(fx=fx, fy=fy, cx=cx, cy=cy, width=width, height=height, distortion=distortion)


def estimates_focal(options: argparse.Namespace) -> bool:
    """Whether fits estimate the focal length: as requested, or if it is not given."""
    requested: bool | None = options.estimate_focal
    given = options.camera or options.cameras or options.focal is not None
    return not (given or options.weak_perspective) if requested is None else requested


def camera_named_like(
    name: str, cameras: Mapping[str, AnyCamera], *, alone: bool = True
) -> AnyCamera:
    """The camera of a calibration with the name of an input; `alone`: a single one always matches.

    Raises:
        ValueError: no camera matches, or several do.
    """
    if alone and len(cameras) == 1:
        return next(iter(cameras.values()))
    alike = [known for known in cameras if _plain(known) in _plain(name)]
    if len(alike) != 1:
        raise ValueError(
            f"--cameras: expected one camera with the name of {name}, "
            f"got {', '.join(alike) or 'none'} of {', '.join(cameras)}"
        )
    return cameras[alike[0]]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def add_body_options(parser: argparse._ArgumentGroup | Parser) -> None:
    parser.add_argument(
        "--model", metavar="PATH", type=Path, help="SMPL file, .pkl or .npz (default: built in)"
    )
    parser.add_argument(
        "--pose-prior",
        metavar="PATH",
        type=Path,
        help="mixture of Gaussians, as SMPLify has it (default: one trained on motion capture)",
    )
    parser.add_argument("--threads", metavar="N", type=int, help="(default: all cores)")


def add_format_option(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        metavar="F",
        help="keypoint format, if a file does not state it or is wrong; or a .toml with a line "
        'name = "location" for each custom keypoint (docs/guides/keypoints.md)',
    )


def keypoint_format_of(options: argparse.Namespace) -> str | KeypointFormat | None:
    """The value of --format: the name of a known format, or a format from a file.

    Raises:
        FileNotFoundError, ValueError: no such file, or one without locations.
    """
    given: str | None = options.format
    if given is None or not given.endswith(".toml"):
        return given
    path = Path(given)
    try:
        return KeypointFormat.from_mapping(path.stem, load_toml(path))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f'--format: expected lines name = "location", got {path} ({error})'
        ) from error


def check_out(options: argparse.Namespace) -> None:
    """Checks before any computation that --out is writable; it is created later.

    Raises:
        NotADirectoryError, PermissionError: it is not.
    """
    folder = options.out.resolve()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "--out: expected a folder, got a file", str(there))
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "--out: expected a writable folder", str(options.out))
