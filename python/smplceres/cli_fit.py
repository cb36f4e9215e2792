"""`smplceres fit`: the people of pictures, videos and keypoint files."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .body import BodyModel
from .calibration import read_cameras
from .camera import AnyCamera, WeakPerspectiveCamera
from .cli_lines import LINES_HELP, fit_lines
from .cli_options import (
    DETECTED_MASK,
    EXPORT_ENDINGS,
    Commands,
    add_body_options,
    add_camera_options,
    add_detector_options,
    add_export_option,
    add_format_option,
    add_report_option,
    add_rerun_option,
    add_run_options,
    camera_named_like,
    camera_of_options,
    check_out,
    estimates_focal,
    found_inputs,
    keypoint_format_of,
    output_of,
)
from .cli_output import (
    ALL_FITTED,
    BAD_INPUT,
    EXIT_STATUSES,
    NOBODY_FOUND,
    SOME_NOT_FITTED,
    NobodyFoundError,
    Output,
    one_line,
    result_record,
)
from .cli_report import report_run
from .cli_sequence import add_clip_options, clip_of_video, fit_clips
from .detect import Detection, Detector, load_detector
from .fitting import fit
from .keypoint_files import ENDINGS, read_keypoints, write_keypoints
from .keypoint_formats import FORMATS
from .keypoints import Keypoints
from .mask import Mask
from .models import load_body_model
from .pictures import PICTURES, read_picture
from .point_cloud import read_depth
from .pose_prior import PosePrior, load_pose_prior
from .presets import PRESETS
from .result import FitResult
from .run_file import write_run
from .video_files import VIDEOS

if TYPE_CHECKING:
    from PIL import Image

_HELP = """\
Fits a body to every person in pictures, videos or keypoint files.

Of a picture or a keypoint file, for each person, it writes to DIR (out):

  <name>_person<N>.npz          everything: pose, shape, place, joints, mesh (FitResult.load)
  <name>_person<N>.json         the same without the mesh, to read
  <name>_person<N>.obj          the mesh
  <name>_person<N>.glb          for Blender and three.js; --export has more
  <name>_person<N>_overlay.png  the body over the picture        (keypoint files: with --image)
  <name>_person<N>_side.png     from the side, where wrong depth shows             (the same)
  <name>_person<N>_top.png      from above                                         (the same)
  <name>_keypoints.npz          what the detector saw            (of pictures)
  <name>_report.html            a page about all of it           (keypoint files: with --image)
  <name>_run.toml               this run: smplceres fit --config makes it again

Of a video, whose frames are fitted together (several, with --cameras: of one person whom all of
them see):

  <name>.npz, <name>.glb        motion of one person; <name>_person<N> where there are several
                                (SequenceResult.load)
  <name>_overlay.mp4            the bodies over the video
  <name>_keypoints.jsonl        what the detector saw, frame by frame
  <name>_report.html            a page about all of it
  <name>_checkpoint/            while it runs: after Ctrl-C the same command goes on from there
  <name>_run.toml

Of several inputs the page is report.html. It needs pip install 'smplceres[report]'.
Pictures (png, jpg, webp) and videos (mp4, mov, avi, mkv, webm) are looked at by a detector:
pip install 'smplceres[detect]'. Keypoint files are those that smplceres.read_keypoints knows:
OpenPose, COCO, AlphaPose, MMPose, DeepLabCut and its own, .json, .npz, .csv, .h5; of a file of
many frames everybody is fitted alone, smplceres sequence fits the frames together.
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
        help="fit bodies to the people of pictures, videos and keypoint files",
        description=_HELP + LINES_HELP,
        epilog=_EPILOG,
    )
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add(
        "inputs",
        metavar="INPUT",
        nargs="+",
        help="pictures, videos, keypoint files; folders and patterns of them; - for JSON lines",
    )
    add_run_options(parser)
    add("--image", metavar="IMG", type=Path, help="of a keypoint file: to draw the bodies over")
    add(
        "--mask",
        metavar="PNG|detect",
        help="where the person is in the picture (with --person, where there are several), or "
        "detect: as the detector says. Masks have clothes and hair on, which a body has not: with "
        "one the body is stouter and keypoints are farther off",
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


def _starts(text: str) -> int | str:
    return text if text == "auto" else int(text)


def _add_solving_options(parser: Any) -> None:
    group = parser.add_argument_group("body and solver")
    add_body_options(group)
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
        help="facing directions tried, the cheapest kept; auto: one, and where its fit looks "
        "doubtful parts mirrored in depth and poses of other kinds (default: %(default)s)",
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
    group.add_argument(
        "--depth",
        metavar="FILE",
        type=Path,
        help="depth image of the same camera: .npy in metres, or .png of 16 bit in millimetres; 0 "
        "was not measured; with --camera or --focal",
    )


# --- The run ---

# Options of single pictures, with their values where nobody gives them.
_OF_PICTURES = {
    **dict.fromkeys(("image", "mask", "person", "depth", "max_time")),
    **dict.fromkeys(("jacobian", "linear_solver", "minimizer")),
    **{"preset": "default", "starts": "auto"},
}


def _run(options: argparse.Namespace) -> int:
    output = output_of(options)
    if "-" in options.inputs:
        if options.inputs != ["-"]:
            raise ValueError("INPUT: expected - alone, got other inputs with it")
        _check_lines(options)
        # Of a stream the focal length is one: no line finds its own, unless it is told to.
        settings = settings_of(options, bool(options.estimate_focal))
        return fit_lines(settings, options)
    paths = found_inputs(options.inputs, (PICTURES, VIDEOS, ENDINGS))
    videos = [path for path in paths if path.suffix.lower() in VIDEOS]
    stills = [path for path in paths if path not in videos]
    _check(options, stills, videos)
    check_out(options)
    statuses = []
    if stills:
        statuses.append(_fit_stills(options, stills, output))
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
        if path.suffix.lower() in (*PICTURES, *VIDEOS) and not path.is_file():
            raise FileNotFoundError(f"INPUT: expected a file, found none at {path}")
        if path.suffix.lower() not in (*PICTURES, *VIDEOS, *ENDINGS) and path.exists():
            raise ValueError(
                f"INPUT: expected a file ending in {', '.join((*PICTURES, *VIDEOS, *ENDINGS))}, "
                f"got {path}"
            )
    names = [path.stem for path in (*stills, *videos)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"INPUT: expected names that differ, as results are named like them; got {twice[0]} "
            f"{names.count(twice[0])} times"
        )
    if videos:
        given = [name for name, value in _OF_PICTURES.items() if getattr(options, name) != value]
        if given and not stills:
            raise ValueError(f"--{given[0].replace('_', '-')}: expected pictures, got videos")
    names_of_one = ("image", "mask", "depth", "rerun")
    of_one = [name for name in names_of_one if getattr(options, name) is not None]
    if len(stills) > 1 and of_one and not (of_one == ["mask"] and options.mask == DETECTED_MASK):
        raise ValueError(f"--{of_one[0]}: expected one picture with it, got {len(stills)}")
    pictures = [path for path in stills if path.suffix.lower() in PICTURES]
    if options.rerun is not None and stills and videos:
        raise ValueError("--rerun: expected pictures or a video with it, got both")
    if options.image is not None and pictures:
        raise ValueError(f"--image: expected a keypoint file with it, got {pictures[0]}")
    if options.mask == DETECTED_MASK and len(pictures) < len(stills):
        raise ValueError("--mask: expected pictures to detect a mask in, got a keypoint file")


def _fit_videos(options: argparse.Namespace, videos: list[Path], output: Output) -> int:
    """Together, where a calibration has several cameras; one by one otherwise."""
    several = len(videos) > 1 and (
        options.cameras is not None and len(read_cameras(options.cameras)) > 1
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
            statuses.append(_lost(output, group[0], error))
    return _together(statuses)


# --- Pictures and keypoint files ---


@dataclass(frozen=True)
class _Still:
    """A picture, or a keypoint file, and who is in it."""

    path: Path
    picture: Image.Image | None
    people: list[tuple[int, Detection]]


@dataclass(frozen=True)
class Settings:
    """What all fits of a run have in common."""

    model: BodyModel
    pose_prior: PosePrior | None
    options: argparse.Namespace
    estimate_focal: bool

    def fit(self, keypoints: Keypoints, camera: AnyCamera, **more: Any) -> FitResult:
        options = self.options
        return fit(
            keypoints,
            camera,
            model=self.model,
            pose_prior=self.pose_prior,
            preset=options.preset,
            starts=options.starts,
            threads=options.threads,
            estimate_focal=self.estimate_focal,
            jacobian=options.jacobian,
            linear_solver=options.linear_solver,
            minimizer=options.minimizer,
            max_time=options.max_time,
            **more,
        )


def settings_of(options: argparse.Namespace, estimate_focal: bool) -> Settings:
    model = load_body_model(options.model)
    prior = None if options.pose_prior is None else load_pose_prior(options.pose_prior)
    return Settings(model, prior, options, estimate_focal)


def _fit_stills(options: argparse.Namespace, paths: list[Path], output: Output) -> int:
    settings = settings_of(options, estimates_focal(options))
    statuses = []
    with ExitStack() as stack:
        detector = None
        if any(path.suffix.lower() in PICTURES for path in paths):
            detector = load_detector(
                options.detector,
                model=options.detector_model,
                mask=options.mask == DETECTED_MASK,
            )
            stack.enter_context(detector)
        for number, path in enumerate(paths):
            output.progress("pictures", number, len(paths))
            try:
                still = _read(options, path, detector)
                statuses.append(_fit_still(settings, still, output, brief=len(paths) > 1))
            except (ValueError, OSError) as error:
                if len(paths) == 1:
                    raise
                statuses.append(_lost(output, path, error))
        output.progress("pictures", len(paths), len(paths))
    return _together(statuses)


def _lost(output: Output, path: Path, error: ValueError | OSError) -> int:
    """Tells of an input of several that could not be fitted; its status."""
    said = one_line(error)
    named = said if str(path) in said else f"{path}: {said}"
    output.failure(named, {"input": str(path), "error": said})
    return NOBODY_FOUND if isinstance(error, NobodyFoundError) else BAD_INPUT


def _together(statuses: Sequence[int]) -> int:
    """Of several inputs: what all of them had, or that some were not fitted."""
    return statuses[0] if len(set(statuses)) == 1 else SOME_NOT_FITTED


def _read(options: argparse.Namespace, path: Path, detector: Detector | None) -> _Still:
    if path.suffix.lower() in PICTURES and detector is not None:
        picture: Image.Image | None = read_picture(path)
        people = detector(np.asarray(picture))
        if not people:
            raise NobodyFoundError(
                f"{path}: expected a person in the picture, {detector.name} found none"
            )
    else:
        people = [Detection(each) for each in read_keypoints(path, keypoint_format_of(options))]
        picture = None if options.image is None else read_picture(options.image)
    numbered = list(enumerate(people))
    if options.person is not None:
        if options.person >= len(people):
            raise ValueError(
                f"--person: expected a number below {len(people)}, the people in {path}, "
                f"got {options.person}"
            )
        numbered = [numbered[options.person]]
    return _Still(path, picture, numbered)


def _fit_still(settings: Settings, still: _Still, output: Output, brief: bool) -> int:
    options = settings.options
    mask = _mask_file(options, still)
    cameras = [
        _camera(options, still, _image_size(options, still.picture, person.keypoints))
        for _, person in still.people
    ]
    depth = _depth(options)
    options.out.mkdir(parents=True, exist_ok=True)
    base = options.out / still.path.stem
    output.attempt(
        base.with_name(f"{base.name}_run.toml"),
        lambda path: write_run(path, options, [still.path]),
    )
    if still.path.suffix.lower() in PICTURES:
        found = [person.keypoints for _, person in still.people]
        output.attempt(
            base.with_name(f"{base.name}_keypoints.npz"),
            lambda path: write_keypoints(path, found),
        )
    statuses = [ALL_FITTED]
    fitted: dict[str, FitResult] = {}
    for (number, person), camera in zip(still.people, cameras, strict=True):
        try:
            result = settings.fit(person.keypoints, camera, mask=mask or person.mask, depth=depth)
        except ValueError as error:
            if not str(error).startswith("keypoints:"):  # an argument's fault, not this person's
                raise
            said = f"not fitted: {one_line(error)}"
            where = f"{still.path.name} " if brief else ""
            record = {"input": str(still.path), "person": number, "error": one_line(error)}
            output.failure(f"{where}person {number}: {said}", record)
            statuses.append(SOME_NOT_FITTED)
            continue
        if not brief:
            _report(options, number, result, output)
        own = base.with_name(f"{base.name}_person{number}")
        fitted[own.name] = result
        endings = _write(result, own, still.picture, options.export, output)
        files = f"{own}{{{','.join(endings)}}}"
        if brief:
            off = result.reprojection_error()
            output.say(f"{still.path.name} person {number}: {off:.1f} px, wrote {files}")
        else:
            output.say(f"  wrote {files}")
        written = [f"{own}{ending}" for ending in endings]
        record = {"input": str(still.path), "person": number, **result_record(result)}
        output.result(record | {"files": written})
    if options.rerun is not None and fitted:
        output.attempt(options.rerun, lambda path: _log(fitted, still.picture, path))
    if not still.people:
        output.say(f"{still.path}: nobody in it, nothing to fit")
    return max(statuses)


def _mask_file(options: argparse.Namespace, still: _Still) -> Mask | None:
    if options.mask is None:
        return None
    if len(still.people) > 1 and options.mask != DETECTED_MASK:
        raise ValueError(f"--mask: expected --person with it, got {len(still.people)} people")
    return None if options.mask == DETECTED_MASK else Mask.read(options.mask)


def _depth(options: argparse.Namespace) -> Any:
    if options.depth is None:
        return None
    if not options.camera and options.focal is None:
        raise ValueError("--depth: expected --camera or --focal with it, got neither")
    return read_depth(options.depth)


def _camera(options: argparse.Namespace, still: _Still, size: tuple[int, int]) -> AnyCamera:
    if options.cameras is not None:
        return camera_named_like(still.path.stem, read_cameras(options.cameras))
    return camera_of_options(options, size)


def _image_size(
    options: argparse.Namespace, picture: Image.Image | None, person: Keypoints
) -> tuple[int, int]:
    """(width, height), which all who know it must agree on."""
    known: dict[str, tuple[int, int]] = {}
    if picture is not None:
        known["the picture" if options.image is None else "--image"] = picture.size
    if options.image_size is not None:
        known["--image-size"] = (options.image_size[0], options.image_size[1])
    if person.image_size is not None:
        known["the keypoint file" if options.image or not picture else "detection"] = (
            person.image_size
        )
    if not known and options.cameras is None:
        raise ValueError(
            "image size: expected --image, --image-size W H, or a keypoint file that has it, "
            "got none of them"
        )
    if len(set(known.values())) > 1:
        got = ", ".join(f"{source} {width} x {height}" for source, (width, height) in known.items())
        raise ValueError(f"image size: expected one size, got {got}")
    return next(iter(known.values()), (0, 0))


# --- What is told ---


def _report(options: argparse.Namespace, number: int, result: FitResult, output: Output) -> None:
    assert result.keypoints is not None and result.camera is not None  # this fits images
    seen, all_of_them = int(result.keypoints.visible.sum()), len(result.keypoints)
    output.say(
        f"person {number}: {seen} of {all_of_them} keypoints seen ({result.keypoints.format.name})"
    )
    output.say(f"  camera: {_described(options, result.camera)}")
    output.say(_stage_table(result))
    output.say(_verdict(result))


def _described(options: argparse.Namespace, camera: AnyCamera) -> str:
    size = f"{camera.width} x {camera.height} px"
    if isinstance(camera, WeakPerspectiveCamera):
        return f"weak perspective, scale {camera.scale:.1f} px/m found, {size}"
    if options.camera or options.cameras or options.focal is not None:
        found = " found" if estimates_focal(options) else ""
        return f"focal length {camera.fx:g} {camera.fy:g} px{found}, {size}"
    if estimates_focal(options):
        return f"focal length {camera.fx:.0f} px found, {size}; give --focal or --camera if known"
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
    result: FitResult,
    base: Path,
    picture: Image.Image | None,
    formats: Sequence[str],
    output: Output,
) -> list[str]:
    """Writes a person's files, whose names begin as `base` does; their endings."""
    writers: dict[str, Callable[[Path], object]] = {".npz": result.save, ".json": result.save}
    for ending in (".obj", *(EXPORT_ENDINGS[name] for name in formats)):
        writers[ending] = result.export
    if picture is not None:
        writers["_overlay.png"] = lambda path: _draw_overlay(picture, result, path)
        writers["_side.png"] = lambda path: _draw_side_view(result, path)
        writers["_top.png"] = lambda path: _draw_top_view(result, path)
    return [
        ending
        for ending, write in writers.items()
        if output.attempt(base.with_name(base.name + ending), write)
    ]


def _draw_overlay(picture: Image.Image, result: FitResult, path: Path) -> None:
    from .overlay import draw_overlay  # noqa: PLC0415  # needs Pillow

    draw_overlay(picture, result).save(path)


def _draw_side_view(result: FitResult, path: Path) -> None:
    from .overlay import draw_side_view  # noqa: PLC0415  # needs Pillow

    draw_side_view(result).save(path)


def _draw_top_view(result: FitResult, path: Path) -> None:
    from .overlay import draw_top_view  # noqa: PLC0415  # needs Pillow

    draw_top_view(result).save(path)


def _log(fitted: dict[str, FitResult], picture: Image.Image | None, path: Path) -> None:
    from .rerun_log import log_rerun  # noqa: PLC0415  # needs rerun-sdk

    log_rerun(fitted, path, image=None if picture is None else np.asarray(picture))
