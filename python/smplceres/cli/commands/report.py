"""`smplceres report`: one HTML page about saved results."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from ...body.load import load_body_model
from ...fit.load_result import kind_of
from ..options import Commands, add_result_options
from ..output import Output
from ..report_page import write_page

_HELP = """\
Writes one self-contained HTML page about saved results: the bodies over their images, costs of
stages and terms, the worst results and frames first, outliers, residuals by keypoint, machine and
versions. Needs: pip install 'smplceres[report]'

PATH is a result (.npz) of smplceres fit or sequence, or a folder of them. The run file beside a
result (..._run.toml) is shown, and bodies are drawn over the image or video that it names, or
that --image and --video give; otherwise the drawings of those commands are shown
(..._overlay.png, ..._overlay.mp4)."""

_EPILOG = """\
examples:
  smplceres report out/frame_person0.npz --image frame.jpg
  smplceres report out/clip.npz --video clip.mp4 --out clip.html
  smplceres report out"""


def add_command(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "report", help="write a page about results", description=_HELP, epilog=_EPILOG
    )
    parser.set_defaults(run=_run)
    add = parser.add_argument
    add("path", metavar="PATH", type=Path, help="result (.npz), or a folder of them")
    add(
        "--out",
        metavar="FILE",
        type=Path,
        help="of the page (default: <name>_report.html beside the result, report.html in a folder)",
    )
    add_result_options(parser)


def _run(options: argparse.Namespace) -> int:
    importlib.import_module("smplceres.look.report")  # first: it needs matplotlib and Jinja2
    path: Path = options.path
    model = load_body_model(options.model)
    if path.is_dir():
        files = [each for each in sorted(path.glob("*.npz")) if kind_of(each) is not None]
        if not files:
            raise ValueError(f"PATH: expected a folder with saved results, found none in {path}")
        if options.image or options.video:
            raise ValueError("--image, --video: expected one result with it, got a folder")
        out = options.out or path / "report.html"
    else:
        files = [path]
        out = options.out or path.with_name(f"{path.stem}_report.html")
    title = path.resolve().name if path.is_dir() else path.stem
    write_page(out, files, model, title, Output().progress, options.image or options.video)
    print(f"wrote {out}")
    return 0
