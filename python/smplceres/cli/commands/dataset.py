"""`smplceres dataset`: fits to the rows of Parquet files, resumed where they stopped."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...base.progress import ProgressBar
from ...cameras.camera import Camera
from ...dataset.engines.choice import ENGINES
from ...dataset.fit_dataset import (
    check_dataset,
    export_training,
    fit_dataset,
    keypoints_to_parquet,
)
from ..options import (
    Commands,
    Parser,
    add_format_option,
    add_model_options,
    add_solver_options,
    camera_of_options,
    keypoint_format_of,
)
from ..output import ALL_FITTED, SOME_NOT_FITTED

_HELP = """\
Fits a body to each row of the Parquet files IN (a file or a folder) and writes the folder OUT:

  OUT/_smplceres.json                      the configuration; another one is refused
  OUT/<file>/<row group>-<row>.parquet     a row for each row, in the same order

The same command again continues where the last one ended, whatever was killed; every row is written
exactly once. IN and OUT are paths or URIs (s3, gs, hdfs).

Columns of IN: keypoints (3K numbers x, y, confidence), and where present row_id, keypoint_format,
image, fx, fy, cx, cy, width, height, distortion, rotation, translation. Columns of OUT: status (ok,
not_converged, failed), error, pose, shape, position, joints, residuals; see
docs/guides/images_and_videos/data_sets.md. Needs pip install 'smplceres[dataset]'."""

_EPILOG = """\
examples:
  smplceres dataset in/ out/
  smplceres dataset in/ out/ --check
  smplceres dataset in/ out/ --only 3/64
  smplceres dataset in/ out/ --engine dask --address tcp://scheduler:8786
  smplceres dataset --from person_keypoints_val2017.json in/ out/ --export training.npz
  smplceres dataset s3://bucket/keypoints s3://bucket/bodies --columns keypoints=pose2d --keep split

exit status: 0 every row is written, failed ones included, 1 units are unfinished; --check: 0 each
row is in OUT exactly once, 1 the named units are to be redone; 2 wrong arguments or files; 130
stopped by Ctrl-C or SIGTERM after the units at hand (a second one: at once)"""

# Seconds between lines of progress where there is no terminal.
_BETWEEN_LINES = 60.0


def add_command(commands: Commands) -> None:
    parser = commands.add_parser(
        "dataset",
        help="fit bodies to the rows of Parquet files, on one machine or many",
        description=_HELP,
        epilog=_EPILOG,
    )
    parser.set_defaults(run=_run, weak_perspective=False)
    add = parser.add_argument
    add("inputs", metavar="IN OUT", nargs="+", help="with --from OUT may be left out")
    add("--config", metavar="TOML", type=Path, help="options of the run, as their names here")
    add("--quiet", action=argparse.BooleanOptionalAction, default=False, help="only errors")
    add(
        "--json",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="the report as a line of JSON on standard output, and nothing else there",
    )
    add("--check", action="store_true", help="fit nothing; whether each row is in OUT exactly once")
    add(
        "--from",
        metavar="PATH",
        type=Path,
        dest="converted",
        help="first convert a keypoint file (COCO, ...) or a folder of them (OpenPose, ...) to "
        "IN/keypoints.parquet",
    )
    add(
        "--export",
        metavar="NPZ",
        type=Path,
        help="afterwards write imgname, pose, shape, trans, cam_int of the rows that are ok",
    )
    _add_run_options(parser)
    _add_column_options(parser)
    _add_camera_options(parser)
    group = parser.add_argument_group("body and solver")
    add_model_options(group)
    add_solver_options(group)


def _add_run_options(parser: Parser) -> None:
    group = parser.add_argument_group("run")
    add = group.add_argument
    add(
        "--engine",
        choices=ENGINES,
        default="local",
        help="processes on this machine, or a cluster: pip install 'smplceres[dask]' or "
        "'smplceres[ray]' (default: %(default)s)",
    )
    add("--address", metavar="A", help="of a Dask scheduler or a Ray cluster (default: a new one)")
    add("--workers", metavar="N", type=int, help="on this machine (default: all available cores)")
    add(
        "--only",
        metavar="I/N",
        type=_part,
        help="the units I, I + N, I + 2N, ..., from 0: a part for a job of an array",
    )
    add(
        "--rows-per-unit",
        metavar="N",
        type=int,
        default=2000,
        help="rows of a file of OUT, at most (default: %(default)s)",
    )
    add("--redo", action="store_true", help="fit finished units again")
    add(
        "--on-error",
        choices=["row", "raise"],
        default="row",
        help="a row that fails is written as failed, or ends the run (default: %(default)s)",
    )


def _add_column_options(parser: Parser) -> None:
    group = parser.add_argument_group("columns")
    add = group.add_argument
    add(
        "--columns",
        metavar="WHAT=COLUMN",
        type=_pair,
        nargs="+",
        help="of IN, where they have other names, such as keypoints=pose2d",
    )
    add("--keep", metavar="COLUMN", nargs="+", default=[], help="of IN, copied to OUT")
    add(
        "--covariance",
        choices=["joints", "full"],
        help="also joint_std, the uncertainty of joints; full: and the covariance of all variables",
    )
    add("--dtype", choices=["float64", "float32"], default="float64", help="(default: %(default)s)")
    add_format_option(parser)


def _add_camera_options(parser: Parser) -> None:
    group = parser.add_argument_group(
        "camera",
        "Of rows without the column fx. Without any of these the focal length is the diagonal of\n"
        "the image of width and height; the distance of the body is proportional to it.",
    )
    add = group.add_argument
    add("--image-size", metavar=("W", "H"), type=int, nargs=2, help="pixels, of all rows")
    kind = group.add_mutually_exclusive_group()
    kind.add_argument("--focal", metavar="PX", type=float, help="focal length, with --image-size")
    kind.add_argument(
        "--camera", metavar=("FX", "FY", "CX", "CY"), type=float, nargs=4, help="pixels"
    )
    add("--distortion", metavar="K", type=float, nargs="+", help="up to 8 numbers, as of OpenCV")
    add(
        "--estimate-focal",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="take focal lengths as guesses",
    )


def _part(text: str) -> tuple[int, int]:
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and int(number) < int(count)):
        raise argparse.ArgumentTypeError(
            f"expected I/N with 0 <= I < N, such as 3/64, got {text!r}"
        )
    return int(number), int(count)


def _pair(text: str) -> tuple[str, str]:
    what, equals, column = text.partition("=")
    if not (what and equals and column):
        raise argparse.ArgumentTypeError(f"expected WHAT=COLUMN, got {text!r}")
    return what, column


def _run(options: argparse.Namespace) -> int:
    given: list[str] = options.inputs
    if len(given) > 2 or (len(given) == 1 and options.converted is None):
        raise ValueError(f"IN OUT: expected two paths, got {len(given)}")
    if options.converted is not None:
        _convert(options, Path(given[0]))
    if len(given) == 1:
        return ALL_FITTED
    source, out = given
    if options.check:
        return _check(options, source, out)
    report = fit_dataset(source, out, **_arguments(options))
    if options.json:
        print(json.dumps(dataclasses.asdict(report)), flush=True)
    elif not options.quiet:
        print(report, flush=True)
    for unit in report.unfinished:
        print(f"smplceres: unfinished: {unit.name}: {unit.error}", file=sys.stderr)
    if options.export is not None:
        count = export_training(out, options.export)
        if not (options.quiet or options.json):
            print(f"{count} rows in {options.export}", flush=True)
    return ALL_FITTED if report.complete else SOME_NOT_FITTED


def _convert(options: argparse.Namespace, folder: Path) -> None:
    """Once: a run that continues keeps its input."""
    path = folder / "keypoints.parquet"
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    count = keypoints_to_parquet(
        options.converted,
        path,
        keypoint_format=keypoint_format_of(options),
        image_size=options.image_size,
    )
    if not (options.quiet or options.json):
        print(f"{count} people in {path}", flush=True)


def _check(options: argparse.Namespace, source: str, out: str) -> int:
    check = check_dataset(source, out)
    if options.json:
        print(json.dumps(dataclasses.asdict(check)), flush=True)
    else:
        for kind in ("missing", "wrong", "foreign"):
            for name in getattr(check, kind):
                print(f"{kind}\t{name}")
        print(check, flush=True)
    return ALL_FITTED if check.ok else SOME_NOT_FITTED


def _arguments(options: argparse.Namespace) -> dict[str, Any]:
    """Those of `fit_dataset`."""
    return {
        "columns": dict(options.columns or ()),
        "keep": options.keep,
        "camera": _camera(options),
        "model": options.model,
        "executor": options.engine,
        "workers": options.workers,
        "address": options.address,
        "only": options.only,
        "rows_per_unit": options.rows_per_unit,
        "resume": not options.redo,
        "on_error": options.on_error,
        "covariance": options.covariance or False,
        "dtype": options.dtype,
        "progress": None if options.quiet else _progress(),
        "keypoint_format": keypoint_format_of(options),
        "pose_prior": options.pose_prior,
        "preset": options.preset,
        "starts": options.starts,
        "estimate_focal": options.estimate_focal,
        "jacobian": options.jacobian,
        "linear_solver": options.linear_solver,
        "minimizer": options.minimizer,
        "max_time": options.max_time,
    }


def _camera(options: argparse.Namespace) -> Camera | None:
    if options.image_size is None:
        if options.camera is not None or options.focal is not None:
            raise ValueError("--image-size: expected W H with --camera and --focal, got none")
        return None
    camera = camera_of_options(options, options.image_size)
    assert isinstance(camera, Camera)
    return camera


def _progress() -> Callable[[int, int], None]:
    """A bar on a terminal, a line a minute elsewhere."""
    bar = ProgressBar("rows")
    if sys.stderr.isatty():
        return lambda done, total: bar("fits", done, total)
    begin, first, last = time.monotonic(), -1, time.monotonic()

    def line(done: int, total: int) -> None:
        nonlocal first, last
        first, now = done if first < 0 else first, time.monotonic()
        if now - last < _BETWEEN_LINES:
            return
        last = now
        rate = (done - first) / (now - begin)
        left = f", {(total - done) / rate:.0f} s left" if rate > 0 else ""
        print(f"{done}/{total} rows, {rate:.0f} rows/s{left}", file=sys.stderr, flush=True)

    return line
