"""`smplceres report`: one HTML page about saved results."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .body import BodyModel
from .cli_options import Commands, add_result_options
from .cli_output import Output, one_line
from .models import load_body_model
from .pictures import PICTURES, read_picture
from .result import FitResult
from .run_file import read_run
from .saved import kind_of, load_result
from .sequence import SequenceResult
from .video_files import VIDEOS

_HELP = """\
Writes one HTML page about saved results, with everything in it: the bodies over their pictures,
what each stage and term did, the worst results and frames first, what was treated as an outlier,
residuals by keypoint, machine and versions. Needs: pip install 'smplceres[report]'

PATH is a result (.npz) of smplceres fit or sequence, or a folder of them. The run file beside a
result (..._run.toml) is shown, and bodies are drawn over the picture or video that it names, or
that --image and --video give; where there is none, what those commands drew is shown
(..._overlay.png, ..._overlay.mp4)."""

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
    add_result_options(parser)


def _run(options: argparse.Namespace) -> int:
    importlib.import_module("smplceres.report")  # needs matplotlib and Jinja2, and says so first
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
    _write_page(out, files, model, title, Output().progress, options.image or options.video)
    print(f"wrote {out}")
    return 0


def report_run(options: argparse.Namespace, output: Output) -> None:
    """Writes the page of what a run wrote, where that are pictures or videos too. A run does
    without: what a page needs and is missing is told, and no failure."""
    drawn = [path for path in output.written if path.stem.endswith("_overlay")]
    if not options.report or not drawn:
        return
    files = [path for path in output.written if path.suffix == ".npz" and kind_of(path)]
    runs = [path for path in output.written if path.name.endswith("_run.toml")]
    name = runs[0].name.removesuffix("_run.toml") if len(runs) == 1 else ""
    page = options.out / (f"{name}_report.html" if name else "report.html")
    try:
        importlib.import_module("smplceres.report")
    except ImportError as error:
        output.say(f"  no {page}: {one_line(error)}")
        return
    model = load_body_model(options.model)
    title = name or options.out.resolve().name
    if output.attempt(page, lambda out: _write_page(out, files, model, title, output.progress)):
        output.say(f"  wrote {page}")


def _write_page(
    out: Path,
    files: Sequence[Path],
    model: BodyModel,
    title: str,
    progress: Callable[[str, int, int], None],
    given: Path | None = None,
) -> None:
    """Of saved results, over the picture or video that is given or that their runs name."""
    from .report import write_report  # noqa: PLC0415  # needs matplotlib and Jinja2

    results = {each.stem: load_result(each, model) for each in files}
    images: dict[str, Any] = {}
    overlays, runs = {}, {}
    for each in files:
        run = _run_beside(each)
        if run is not None:
            runs[each.stem] = run.read_text(encoding="utf-8")
        picture = given or (None if run is None else _picture_of(run, results[each.stem]))
        overlay = _overlay_beside(each, results[each.stem])
        if picture is not None:
            images[each.stem] = picture
        elif overlay is not None:
            overlays[each.stem] = overlay
    write_report(
        out,
        results,
        images=images,
        overlays=overlays,
        model=model,
        title=title,
        command=runs,
        progress=progress,
    )


def _overlay_beside(path: Path, result: FitResult | SequenceResult) -> Path | None:
    """What smplceres fit or sequence drew; of several people of a video all are in one."""
    if isinstance(result, FitResult):
        names = [f"{path.stem}_overlay.png"]
    else:
        names = [f"{path.stem}_overlay.mp4", f"{path.stem.rpartition('_person')[0]}_overlay.mp4"]
    found = [path.with_name(name) for name in names if path.with_name(name).is_file()]
    return found[0] if found else None


def _run_beside(path: Path) -> Path | None:
    """The run file of a result, of all people in one picture or video."""
    name = path.stem.rpartition("_person")[0] or path.stem
    run = path.with_name(f"{name}_run.toml")
    return run if run.is_file() else None


def _picture_of(run: Path, result: FitResult | SequenceResult) -> Path | list[Path] | None:
    """The picture of a fit or the video of a sequence (of several cameras the videos of all) that a
    run was told of, where it is still there, and still of the size it was."""
    endings = PICTURES if isinstance(result, FitResult) else VIDEOS
    values = read_run(run)
    named = [values.get("image"), *(values.get("video") or []), *(values.get("inputs") or [])]
    paths = [run.parent / name for name in named if isinstance(name, str)]
    found = [each for each in paths if each.suffix.lower() in endings and each.is_file()]
    if isinstance(result, SequenceResult) and 1 < len(found) == len(result.views[0]):
        return found
    if not found or not isinstance(result, FitResult):
        return found[0] if found else None
    camera = result.camera
    same = camera is not None and read_picture(found[0]).size == (camera.width, camera.height)
    return found[0] if same else None
