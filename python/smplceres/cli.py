"""The command line: `smplceres fit`, `smplceres sequence`, `smplceres info`, `smplceres demo`."""

from __future__ import annotations

import argparse
import importlib
import math
import re
import shlex
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from .body import BodyModel
from .camera import AnyCamera, Camera, WeakPerspectiveCamera
from .exports import SUFFIXES
from .fitting import fit
from .keypoint_files import read_keypoints
from .keypoint_formats import FORMATS
from .keypoints import Keypoints
from .mask import Mask
from .models import load_body_model
from .point_cloud import read_depth
from .pose_prior import load_pose_prior
from .presets import PRESETS
from .result import FitResult

if TYPE_CHECKING:
    from PIL import Image

ALL_FITTED, SOME_NOT_FITTED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

# The endings of what --export writes: the suffix is the format's, and `FitResult.save` writes .npz
# and .json of its own.
EXPORT_ENDINGS = {
    suffix[1:]: {".npz": "_amass.npz", ".json": "_motion.json"}.get(suffix, suffix)
    for suffix in SUFFIXES
}

_FIT_HELP = """\
Fits a body to every person of a keypoint file and writes, for each, to DIR:

  <name>_person<N>.npz          everything: pose, shape, place, joints, mesh (FitResult.load)
  <name>_person<N>.json         the same without the mesh, to read
  <name>_person<N>.obj          the mesh
  <name>_person<N>_overlay.png  the body over the image        (with --image)
  <name>_person<N>_side.png     from the side, where wrong depth shows (with --image)

and what --export asks for: glb (glTF), bvh, ply, npz (AMASS's layout, <name>_person<N>_amass.npz),
json (<name>_person<N>_motion.json), csv (joints).

Keypoint files: OpenPose .json, COCO results and annotations .json, one person's .json, .npz, .csv;
smplceres.read_keypoints says what is in them."""

_FIT_EPILOG = f"""\
keypoint formats:
  {", ".join(list(FORMATS)[:4])},
  {", ".join(list(FORMATS)[4:])}

examples:
  smplceres fit frame_keypoints.json --image frame.jpg --out out
  smplceres fit frame_keypoints.json --image frame.jpg --out out --export glb,bvh
  smplceres fit frame_keypoints.json --camera 1145 1144 514 506 --distortion -0.2 0.24 \\
      --image-size 1000 1002 --out out
  smplceres fit people.json --format openpose_body25b --image-size 1920 1080 --person 0 --out out

exit status:
  0  everybody was fitted
  1  somebody could not be (too few keypoints seen); the others were
  2  wrong arguments, or a file that cannot be read; says which in one line"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: without the program's name; None: those of the process.

    Returns:
        the exit status: 0 all fitted, 1 somebody could not be, 2 wrong arguments or files.
    """
    options = make_parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (ValueError, TypeError, OSError, ImportError) as error:
        print(f"smplceres: error: {one_line(error)}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("smplceres: interrupted", file=sys.stderr)
        return INTERRUPTED
    return status


def one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    return " ".join(str(error).split())


# --- Arguments ---


class _Parser(argparse.ArgumentParser):
    """Errors in one line, and negative numbers in any notation."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **settings)
        # argparse's own takes -2.6e-05, as calibrations have it, for an option.
        self._negative_number_matcher = re.compile(r"^-\.?\d[\d.]*([eE][-+]?\d+)?$")

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"smplceres: error: {message} (see {self.prog} --help)\n")


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands; `run` of what it parses is the command."""
    from .cli_report import add_command as add_report  # noqa: PLC0415
    from .cli_rerun import add_command as add_rerun  # noqa: PLC0415
    from .cli_sequence import add_sequence  # noqa: PLC0415  # which has options of this file
    from .cli_view import add_command as add_view  # noqa: PLC0415

    parser = _Parser(
        prog="smplceres",
        description="Fits SMPL bodies to 2D keypoints, on a CPU, in milliseconds.",
        epilog="Each command has its own help: smplceres fit --help",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_fit(commands)
    add_sequence(commands)
    add_report(commands)
    add_view(commands)
    add_rerun(commands)
    _add_info(commands)
    _add_demo(commands)
    return parser


def _add_fit(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "fit",
        help="fit bodies to the people of a keypoint file",
        description=_FIT_HELP,
        epilog=_FIT_EPILOG,
    )
    parser.set_defaults(run=_run_fit)
    parser.add_argument("file", metavar="FILE", type=Path, help="keypoint file")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="made if needed")
    parser.add_argument("--image", metavar="IMG", type=Path, help="picture to draw the bodies over")
    parser.add_argument(
        "--mask",
        metavar="PNG",
        type=Path,
        help="where the person is in the picture; with --person, where the file has several",
    )
    parser.add_argument(
        "--format", metavar="F", help="keypoint format, where the file leaves it open or is wrong"
    )
    parser.add_argument(
        "--person", metavar="N|all", type=_person, help="only this one, from 0 (default: all)"
    )
    add_export_option(parser)
    add_camera_options(parser)
    _add_solving_options(parser)


def add_export_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--export",
        metavar="FORMAT[,FORMAT]",
        type=_export_formats,
        default=[],
        help=f"files for other programs: {', '.join(EXPORT_ENDINGS)}",
    )


def add_camera_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "camera",
        "Without any of these the focal length is guessed to be the image's diagonal; the body's\n"
        "distance is then wrong in proportion to it.",
    )
    group.add_argument(
        "--image-size",
        metavar=("W", "H"),
        type=int,
        nargs=2,
        help="pixels, where neither --image nor the keypoint file has it",
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
        help="scaled orthographic camera, its scale found by the fit",
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
        "--depth",
        metavar="FILE",
        type=Path,
        help="depth image of the same camera: .npy in metres, or .png of 16 bit in millimetres; 0 "
        "was not measured; with --camera or --focal",
    )


def _add_solving_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("body and solver")
    group.add_argument(
        "--model", metavar="PATH", type=Path, help="SMPL file, .pkl or .npz (default: built in)"
    )
    group.add_argument(
        "--pose-prior",
        metavar="PATH",
        type=Path,
        help="mixture of Gaussians, as SMPLify has it (default: anatomical ranges)",
    )
    group.add_argument(
        "--preset",
        choices=list(PRESETS),
        default="default",
        help="stages and weights: ours, or those of SMPLify (default: %(default)s)",
    )
    group.add_argument(
        "--starts",
        metavar="N",
        type=_starts,
        default="auto",
        help="facing directions tried, the cheapest kept; auto: one, and parts mirrored in depth "
        "where its fit looks doubtful (default: %(default)s)",
    )
    group.add_argument(
        "--threads", metavar="N", type=int, help="that starts are run on (default: all cores)"
    )
    group.add_argument(
        "--jacobian", choices=["fast", "autodiff"], help="autodiff is slow, the reference"
    )
    group.add_argument(
        "--linear-solver", metavar="NAME", help="auto, or as Ceres names it, such as DENSE_QR"
    )
    group.add_argument("--minimizer", choices=["lm", "dogleg", "lbfgs"])
    group.add_argument(
        "--max-time", metavar="S", type=float, help="seconds a person; the best state till then"
    )


def _add_info(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "info",
        help="describe a body model",
        description="Says what is in a body model's file: sizes, joints, landmarks, and which\n"
        "keypoint formats it can be fitted with. Nothing in the file is run.",
    )
    parser.set_defaults(run=_run_info)
    parser.add_argument(
        "model",
        metavar="MODEL",
        type=Path,
        nargs="?",
        help=".pkl or .npz (default: the built-in body)",
    )


def _add_demo(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="fit the people of two photographs",
        description="Fits the people of two photographs that come with scikit-image, from\n"
        "keypoints that come with smplceres. Needs: pip install 'smplceres[demo]'",
    )
    parser.set_defaults(run=_run_demo)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("out"), help="(default: %(default)s)"
    )


def _starts(text: str) -> int | str:
    return text if text == "auto" else int(text)


def _person(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number from 0 or all, got {text!r}")
    return int(text)


def _export_formats(text: str) -> list[str]:
    formats = text.split(",")
    unknown = [name for name in formats if name not in EXPORT_ENDINGS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"expected some of {', '.join(EXPORT_ENDINGS)}, got {unknown[0]!r}"
        )
    return formats


# --- fit ---


def _run_fit(options: argparse.Namespace) -> int:
    people = _chosen_people(options)
    if options.mask is not None and len(people) > 1:
        raise ValueError(f"--mask: expected --person with it, got {len(people)} people")
    mask = None if options.mask is None else Mask.read(options.mask)
    picture = None if options.image is None else _open_picture(options.image)
    cameras = [
        camera_of_options(options, _image_size(options, picture, person)) for _, person in people
    ]
    model = load_body_model(options.model)
    pose_prior = None if options.pose_prior is None else load_pose_prior(options.pose_prior)
    depth = _depth(options)
    options.out.mkdir(parents=True, exist_ok=True)

    statuses = [ALL_FITTED]
    for (number, person), camera in zip(people, cameras, strict=True):
        try:
            result = fit(
                person,
                camera,
                depth=depth,
                mask=mask,
                model=model,
                pose_prior=pose_prior,
                preset=options.preset,
                starts=options.starts,
                threads=options.threads,
                jacobian=options.jacobian,
                linear_solver=options.linear_solver,
                minimizer=options.minimizer,
                max_time=options.max_time,
            )
        except ValueError as error:
            if not str(error).startswith("keypoints:"):  # an argument's fault, not this person's
                raise
            print(f"person {number}: not fitted: {one_line(error)}")
            statuses.append(SOME_NOT_FITTED)
        else:
            _report(options, number, result)
            base = options.out / f"{options.file.stem}_person{number}"
            print(f"  wrote {base}{{{','.join(_write(result, base, picture, options.export))}}}")
    if not people:
        print(f"{options.file}: nobody in it, nothing to fit")
    return max(statuses)


def _chosen_people(options: argparse.Namespace) -> list[tuple[int, Keypoints]]:
    people = list(enumerate(read_keypoints(options.file, options.format)))
    if options.person is None:
        return people
    if options.person >= len(people):
        raise ValueError(
            f"--person: expected a number below {len(people)}, the people in {options.file}, "
            f"got {options.person}"
        )
    return [people[options.person]]


def _depth(options: argparse.Namespace) -> NDArray[np.float64] | None:
    if options.depth is None:
        return None
    if not options.camera and options.focal is None:
        raise ValueError("--depth: expected --camera or --focal with it, got neither")
    return read_depth(options.depth)


def _open_picture(path: Path) -> Image.Image:
    """The picture, upright as its EXIF data says, which is how detectors see it."""
    importlib.import_module("smplceres.overlay")  # says what to install where Pillow is missing
    from PIL import Image, ImageOps  # noqa: PLC0415  # needed for pictures alone

    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def _image_size(
    options: argparse.Namespace, picture: Image.Image | None, person: Keypoints
) -> tuple[int, int]:
    """(width, height), which all who know it must agree on."""
    known: dict[str, tuple[int, int]] = {}
    if picture is not None:
        known["--image"] = picture.size
    if options.image_size is not None:
        known["--image-size"] = (options.image_size[0], options.image_size[1])
    if person.image_size is not None:
        known["the keypoint file"] = person.image_size
    if not known:
        raise ValueError(
            "image size: expected --image, --image-size W H, or a keypoint file that has it, "
            "got none of them"
        )
    if len(set(known.values())) > 1:
        got = ", ".join(f"{source} {width} x {height}" for source, (width, height) in known.items())
        raise ValueError(f"image size: expected one size, got {got}")
    return next(iter(known.values()))


def camera_of_options(options: argparse.Namespace, size: tuple[int, int]) -> AnyCamera:
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


def _report(options: argparse.Namespace, number: int, result: FitResult) -> None:
    assert result.keypoints is not None and result.camera is not None  # this fits images
    seen, all_of_them = int(result.keypoints.visible.sum()), len(result.keypoints)
    print(
        f"person {number}: {seen} of {all_of_them} keypoints seen ({result.keypoints.format.name})"
    )
    print(f"  camera: {_described(options, result.camera)}")
    print(_stage_table(result))
    print(_verdict(result))


def _described(options: argparse.Namespace, camera: AnyCamera) -> str:
    size = f"{camera.width} x {camera.height} px"
    if isinstance(camera, WeakPerspectiveCamera):
        return f"weak perspective, scale {camera.scale:.1f} px/m found, {size}"
    if options.camera or options.focal is not None:
        return f"focal length {camera.fx:g} {camera.fy:g} px, {size}"
    return (
        f"guessed, focal length {camera.fx:.0f} px (the diagonal of {size}); "
        "give --focal or --camera if known"
    )


def _stage_table(result: FitResult) -> str:
    wide = max(len(name) for name in ("stage", *(stage.name for stage in result.stages)))
    rows = [
        f"  {'stage':{wide}} {'iterations':>10} {'cost before':>12} {'cost after':>12} "
        f"{'ms':>7}  termination"
    ]
    rows += [
        f"  {stage.name:{wide}} {stage.iterations:10d} {stage.initial_cost:12.1f} "
        f"{stage.final_cost:12.1f} {1e3 * stage.time:7.2f}  {stage.termination_type}"
        for stage in result.stages
    ]
    return "\n".join(rows)


def _verdict(result: FitResult) -> str:
    error = result.reprojection_error()
    height = 0.0 if result.keypoints is None else result.keypoints.height_px
    if math.isnan(error):
        reprojection = "unknown, no keypoint of confidence above 0.5"
    else:
        reprojection = f"{error:.1f} px, median of keypoints of confidence above 0.5"
        if height > 0:
            reprojection += f" ({100 * error / height:.1f} % of their height, {height:.0f} px)"
    message = " ".join(result.message.split())
    ended = "converged" if result.converged else f"not converged ({message})"
    starts = f"{result.num_starts} start" + ("s" if result.num_starts > 1 else "")
    return (
        f"  reprojection error: {reprojection}\n"
        f"  {ended} in {1e3 * result.solve_time:.1f} ms, {starts}"
    )


def _write(
    result: FitResult, base: Path, picture: Image.Image | None, formats: Sequence[str]
) -> list[str]:
    """Writes a person's files, whose names begin as `base` does; their endings."""

    def named(ending: str) -> Path:
        return base.with_name(base.name + ending)

    endings = [".npz", ".json"]
    result.save(named(".npz"))
    result.save(named(".json"))
    for ending in dict.fromkeys([".obj", *(EXPORT_ENDINGS[name] for name in formats)]):
        result.export(named(ending))
        endings += [ending]
    if picture is not None:
        from .overlay import draw_overlay, draw_side_view  # noqa: PLC0415  # needs Pillow

        endings += ["_overlay.png", "_side.png"]
        draw_overlay(picture, result).save(named("_overlay.png"))
        draw_side_view(result).save(named("_side.png"))
    return endings


# --- info ---


def _run_info(options: argparse.Namespace) -> int:
    model = load_body_model(options.model)
    height = float(np.ptp(model.v_template[:, 1]))
    print(f"{model.name}" + (" (the built-in body)" if options.model is None else ""))
    print(f"  vertices  {model.num_vertices}")
    print(f"  faces     {len(model.faces)}")
    print(f"  joints    {model.num_joints}")
    print(f"  betas     {model.num_betas}")
    print(f"  height    {height:.3f} m, of the mean body")
    print("joints")
    print("\n".join(_joint_tree(model)))
    print("landmarks")
    print("\n".join(_landmark_lines(model)))
    print("keypoint formats")
    print("\n".join(_format_lines(model)))
    return ALL_FITTED


def _joint_tree(model: BodyModel) -> list[str]:
    """A line per joint with its number, each below its parent and further in."""
    parents = model.parents.tolist()

    def lines(joint: int, depth: int) -> list[str]:
        own = [f"  {joint:3d}  {'  ' * depth}{model.joint_names[joint]}"]
        children = (child for child, parent in enumerate(parents) if parent == joint)
        return own + [line for child in children for line in lines(child, depth + 1)]

    return lines(parents.index(-1), 0)


def _landmark_lines(model: BodyModel) -> list[str]:
    if not model.landmarks:
        return ["  none known for this mesh: keypoints of the face and the feet are not fitted"]
    return [
        f"  {name:16s} "
        + (f"vertex {vertices[0]}" if len(vertices) == 1 else f"mean of {len(vertices)} vertices")
        for name, (vertices, _) in model.landmarks.items()
    ]


def _format_lines(model: BodyModel) -> list[str]:
    lines = []
    for name, keypoint_format in FORMATS.items():
        try:
            points = model.keypoint_points(keypoint_format).point_of_keypoint
        except ValueError:
            points = []
        on_body = sum(point >= 0 for point in points)
        lines.append(f"  {name:16s} {on_body} of {keypoint_format.num_keypoints} keypoints")
    return lines


# --- demo ---


def _run_demo(options: argparse.Namespace) -> int:
    try:
        photographs = importlib.import_module("skimage.data")
        overlay = importlib.import_module("smplceres.overlay")
    except ImportError as error:
        raise ImportError(
            "the demo needs scikit-image and Pillow: pip install 'smplceres[demo]'"
        ) from error
    options.out.mkdir(parents=True, exist_ok=True)
    landmarks = files("smplceres") / "data" / "photos"

    statuses, pictures = [], []
    for name, photograph in (("cameraman", "camera"), ("astronaut", "astronaut")):
        keypoints, image = (options.out / f"{name}{ending}" for ending in (".json", ".png"))
        keypoints.write_text((landmarks / f"{name}_mediapipe.json").read_text())
        overlay.Image.fromarray(getattr(photographs, photograph)()).save(image)
        arguments = ["fit", str(keypoints), "--image", str(image), "--out", str(options.out)]
        print("$ smplceres " + shlex.join(arguments))
        statuses.append(main(arguments))
        print()
        pictures += [f"{name}_person0_{kind}.png" for kind in ("overlay", "side")]
    print("Look at")
    for picture in pictures:
        print(f"  {options.out / picture}")
    return max(statuses)
