"""Options of several commands."""

from __future__ import annotations

import argparse
import errno
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import numpy as np

from ..base.files.reading import naming
from ..base.files.toml_files import load_toml
from ..base.numbered_names import names_like
from ..base.units import METRES
from ..body.load import WHOLE
from ..cameras.calibration.reading import read_cameras
from ..cameras.camera import AnyCamera, Camera, WeakPerspectiveCamera
from ..detect import DETECTORS, BoxSource, Detector, load_detector
from ..exports import BONES, PLACES, SUFFIXES
from ..fit.presets import PRESETS
from ..fit.result import FitResult
from ..fit.sequence.result import SequenceResult
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
    parser.add_argument(
        "--place",
        choices=PLACES,
        default="camera",
        help="of exported bodies: feet on the ground, or the pelvis at the origin, facing +z; or "
        "where the camera saw them (default: %(default)s)",
    )
    parser.add_argument(
        "--bones",
        choices=list(BONES),
        default="smpl",
        help="names of the bones of .glb and .bvh (default: %(default)s)",
    )


def export_as(options: argparse.Namespace, result: FitResult | SequenceResult, path: Path) -> None:
    """Writes an export with the options of `add_export_option`; --bones are of .glb and .bvh."""
    bones = options.bones if path.suffix in (".glb", ".bvh") else "smpl"
    result.export(path, place=options.place, bones=bones)


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
        help="mediapipe, and holistic, of one person with hands and face: pip install "
        "'smplceres[detect]'; rtmpose: pip install 'smplceres[rtmpose]', separate models (default: "
        "%(default)s)",
    )
    group.add_argument(
        "--detector-model",
        metavar="PATH",
        type=Path,
        help="mediapipe: a pose landmarker's .task file, several people; rtmpose: a folder with "
        "yolox*.onnx and rtmpose*.onnx (default: rtmlib's cache)",
    )
    group.add_argument(
        "--boxes",
        metavar="FILE|MODULE:FUNCTION",
        help="boxes of the people, from another detector: .json {image: [[left, top, right, "
        "bottom], ...]}, a YOLO or RT-DETR .onnx, or a Python function of an image",
    )
    group.add_argument(
        "--min-confidence",
        metavar="P",
        type=float,
        help="keypoints below are missing (default: 0.5 for mediapipe, otherwise 0)",
    )


def detector_of(
    options: argparse.Namespace, *, boxes: BoxSource | None = None, **settings: bool
) -> Detector:
    """The detector of the options; `settings` are `mask` and `video` of `load_detector`."""
    return load_detector(
        options.detector,
        model=options.detector_model,
        boxes=boxes,
        min_confidence=options.min_confidence,
        **settings,
    )


def detector_name(options: argparse.Namespace) -> str:
    """What detections depend on besides the image."""
    parts = (options.detector, options.detector_model, options.boxes, options.min_confidence)
    return " ".join(map(str, parts))


def nobody_found(options: argparse.Namespace, path: Path, where: str, detector: str) -> str:
    """The message of a miss of a detector, and what would find more."""
    if options.boxes is not None:
        more = "other boxes"
    elif options.detector == "mediapipe":
        more = "--boxes of another detector, --detector rtmpose"
    else:
        more = "--boxes of another detector"
    return (
        f"{path}: expected a person {where}, {detector} found none; {more}, a smaller "
        "--min-confidence or a keypoint file of another program may find more"
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
        help="calibration, Pose2Sim's or Anipose's .toml, OpenCV's or ROS's .yml, ...; of several "
        "cameras the one with the name of the input, such as cam01_json and cam01.mp4 for "
        "cam_01",
    )
    group.add_argument(
        "--calibration-unit",
        metavar="UNIT",
        choices=list(METRES),
        help="of translations in the file of --cameras: m, cm, mm (default: that of its program, "
        "or m)",
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


def cameras_of_file(options: argparse.Namespace) -> dict[str, Camera]:
    """The cameras of --cameras."""
    return read_cameras(options.cameras, options.calibration_unit)


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
    alike = names_like(name, list(cameras))
    if len(alike) != 1:
        raise ValueError(
            f"--cameras: expected one camera with the name of {name}, "
            f"got {', '.join(alike) or 'none'} of {', '.join(cameras)}"
        )
    return cameras[alike[0]]


class _Whole(argparse.Action):
    """Sets the two options that it stands for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, **more)

    def __call__(self, parser: Any, namespace: argparse.Namespace, *_: Any) -> None:
        namespace.model, namespace.detector = Path(WHOLE), "holistic"


def add_body_options(parser: argparse._ArgumentGroup | Parser) -> None:
    add_model_options(parser)
    parser.add_argument("--threads", metavar="N", type=int, help="(default: all cores)")


def add_model_options(parser: argparse._ArgumentGroup | Parser) -> None:
    parser.add_argument(
        "--model",
        metavar="PATH|whole",
        type=Path,
        help="SMPL file, .pkl or .npz; whole: the built-in body with hands and face (default: "
        "built in, whole if the keypoints show hands or a face)",
    )
    parser.add_argument(
        "--whole",
        action=_Whole,
        help="hands and face as well: --model whole --detector holistic",
    )
    parser.add_argument(
        "--pose-prior",
        metavar="PATH",
        type=Path,
        help="mixture of Gaussians, as SMPLify has it (default: one trained on motion capture)",
    )
    parser.add_argument(
        "--lifter",
        metavar="PATH",
        type=Path,
        help="network that predicts poses, of tools/train_lifter.py (default: the built-in one)",
    )


def add_solver_options(group: argparse._ArgumentGroup | Parser) -> None:
    """Options of the stages of a fit to one person."""
    group.add_argument(
        "--preset",
        choices=list(PRESETS),
        default="default",
        help="stages and weights; smplify: as published (default: %(default)s)",
    )
    group.add_argument(
        "--starts",
        metavar="N",
        type=_starts,
        default="auto",
        help="number of facing directions as initial estimates, the best is kept; auto: one, and "
        "for doubtful fits parts mirrored in depth and other poses (default: %(default)s)",
    )
    group.add_argument(
        "--jacobian", choices=["fast", "autodiff"], help="autodiff is slow, the reference"
    )
    group.add_argument(
        "--linear-solver", metavar="NAME", help="auto, or a name of Ceres, such as DENSE_QR"
    )
    group.add_argument("--minimizer", choices=["lm", "dogleg", "lbfgs"])
    group.add_argument(
        "--max-time",
        metavar="S",
        type=float,
        help="seconds per person; then the best state so far is used",
    )


def _starts(text: str) -> int | str:
    return text if text == "auto" else int(text)


def add_format_option(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        metavar="F",
        help="keypoint format, if a file does not state it or is wrong; or a .toml with a line "
        'name = "location" for each custom keypoint (docs/guides/observations/keypoints.md)',
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
    with naming(path):
        try:
            return KeypointFormat.from_mapping(path.stem, load_toml(path))
        except (ValueError, TypeError) as error:
            raise ValueError(f'--format: expected lines name = "location" ({error})') from error


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
