"""`smplceres rerun`: saved results as a recording for the Rerun viewer."""

from __future__ import annotations

import argparse
from pathlib import Path

from ...body.load import load_body_model
from ...fit.load_result import load_result
from ...fit.result import FitResult
from ..options import Commands, add_result_options

_HELP = """\
Writes saved results to a recording that the Rerun viewer plays: cameras, the image or the video,
observed and fitted keypoints, meshes and joints, for fits with covariances and stages, on
timelines. Needs: pip install 'smplceres[rerun]'; rerun FILE.rrd opens it."""

_EPILOG = """\
examples:
  smplceres rerun out/frame_person0.npz --image frame.jpg --out frame.rrd
  smplceres rerun out/clip_person0.npz out/clip_person1.npz --video clip.mp4 --out clip.rrd"""


def add_command(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "rerun", help="write results for the Rerun viewer", description=_HELP, epilog=_EPILOG
    )
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("results", metavar="RESULT", type=Path, nargs="+", help=".npz of smplceres fit or sequence")
    add("--out", metavar="FILE", type=Path, required=True, help="of the recording, .rrd")
    add_result_options(parser)


def _run(options: argparse.Namespace) -> int:
    from ...look.rerun_log import log_rerun  # noqa: PLC0415  # needs rerun-sdk

    model = load_body_model(options.model)
    results = {path.stem: load_result(path, model) for path in options.results}
    kinds = {isinstance(result, FitResult) for result in results.values()}
    if options.image is not None and kinds != {True}:
        raise ValueError("--image: expected fits, got a sequence; its video goes with --video")
    if options.video is not None and kinds != {False}:
        raise ValueError("--video: expected sequences, got a fit; its image goes with --image")
    log_rerun(results, options.out, model=model, image=options.image, video=options.video)
    print(f"wrote {options.out}")
    return 0
