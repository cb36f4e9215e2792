"""`smplceres report`: one HTML page about saved results."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from .cli_options import Commands
from .models import load_body_model
from .result import FitResult
from .saved import kind_of, load_result
from .sequence import SequenceResult

_HELP = """\
Writes one HTML page about saved results, with everything in it: the bodies over their pictures,
what each stage and term did, the worst results and frames first, what was treated as an outlier,
residuals by keypoint, machine and versions. Needs: pip install 'smplceres[report]'

PATH is a result (.npz) of smplceres fit or sequence, or a folder of them. Pictures and videos that
those commands wrote beside a result (..._overlay.png, ..._overlay.mp4) are shown; --image and
--video give others to draw over. The run's .toml files beside them are shown as well."""

_EPILOG = """\
examples:
  smplceres report out/frame_person0.npz --image frame.jpg
  smplceres report out/clip.npz --video clip.mp4 --out clip.html
  smplceres report out"""


def add_command(commands: Commands) -> None:
    """The command among others."""
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
    pictures = parser.add_mutually_exclusive_group()
    pictures.add_argument("--image", metavar="IMG", type=Path, help="the picture of a fit")
    pictures.add_argument("--video", metavar="FILE", type=Path, help="the video of a sequence")
    add("--model", metavar="PATH", type=Path, help="the body that was fitted (default: built in)")


def _run(options: argparse.Namespace) -> int:
    from .report import write_report  # noqa: PLC0415  # needs matplotlib and Jinja2

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
    results = {each.stem: load_result(each, model) for each in files}
    given = options.image or options.video
    overlays = {}
    if given is None:
        beside = {each.stem: _overlay_beside(each, results[each.stem]) for each in files}
        overlays = {name: overlay for name, overlay in beside.items() if overlay is not None}
    folder = path if path.is_dir() else path.parent
    runs = [each.read_text(encoding="utf-8") for each in _runs_beside(folder, files)]
    write_report(
        out,
        results,
        images={} if given is None else {path.stem: given},
        overlays=overlays,
        model=model,
        title=path.resolve().name if path.is_dir() else path.stem,
        command="\n\n".join([*runs, f"smplceres report {shlex.quote(str(path))}"]),
    )
    print(f"wrote {out}")
    return 0


def _overlay_beside(path: Path, result: FitResult | SequenceResult) -> Path | None:
    """What smplceres fit or sequence drew; of several people of a video all are in one."""
    if isinstance(result, FitResult):
        names = [f"{path.stem}_overlay.png"]
    else:
        names = [f"{path.stem}_overlay.mp4", f"{path.stem.rpartition('_person')[0]}_overlay.mp4"]
    found = [path.with_name(name) for name in names if path.with_name(name).is_file()]
    return found[0] if found else None


def _runs_beside(folder: Path, files: list[Path]) -> list[Path]:
    """Files that hold the runs the results came from: of a folder all."""
    of_whole_runs = {each.stem.rpartition("_person")[0] or each.stem for each in files}
    names = {"run", *of_whole_runs, *(f"{name}_run" for name in of_whole_runs)}
    return sorted(each for each in folder.glob("*.toml") if each.stem in names)
