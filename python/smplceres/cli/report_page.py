"""The page about saved results."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..base.files.reading import one_line
from ..body.load import load_body_model
from ..body.model import BodyModel
from ..fit.load_result import kind_of, load_result
from ..fit.result import FitResult
from ..fit.sequence.result import SequenceResult
from ..media.images import IMAGES, read_image
from ..media.video_files import VIDEOS
from .output import Output
from .run_file import read_run


def report_run(options: argparse.Namespace, output: Output) -> None:
    """Writes the page about the results of a run with images or videos.

    Missing packages are reported and are no failure of the run.
    """
    drawn = [path for path in output.written if path.stem.endswith("_overlay")]
    if not options.report or not drawn:
        return
    files = [path for path in output.written if path.suffix == ".npz" and kind_of(path)]
    runs = [path for path in output.written if path.name.endswith("_run.toml")]
    name = runs[0].name.removesuffix("_run.toml") if len(runs) == 1 else ""
    page = options.out / (f"{name}_report.html" if name else "report.html")
    try:
        importlib.import_module("smplceres.look.report")
    except ImportError as error:
        output.say(f"  no {page}: {one_line(error)}")
        return
    model = load_body_model(options.model)
    title = name or options.out.resolve().name
    if output.attempt(page, lambda out: write_page(out, files, model, title, output.progress)):
        output.say(f"  wrote {page}")


def write_page(
    out: Path,
    files: Sequence[Path],
    model: BodyModel,
    title: str,
    progress: Callable[[str, int, int], None],
    given: Path | None = None,
) -> None:
    """Writes the page about saved results, over the given image or video or those of their runs."""
    from ..look.report import write_report  # noqa: PLC0415  # needs matplotlib and Jinja2

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
    """The drawing of smplceres fit or sequence; a video shows all people."""
    if isinstance(result, FitResult):
        names = [f"{path.stem}_overlay.png"]
    else:
        names = [f"{path.stem}_overlay.mp4", f"{path.stem.rpartition('_person')[0]}_overlay.mp4"]
    found = [path.with_name(name) for name in names if path.with_name(name).is_file()]
    return found[0] if found else None


def _run_beside(path: Path) -> Path | None:
    """The run file of a result, of all people in one image or video."""
    name = path.stem.rpartition("_person")[0] or path.stem
    run = path.with_name(f"{name}_run.toml")
    return run if run.is_file() else None


def _picture_of(run: Path, result: FitResult | SequenceResult) -> Path | list[Path] | None:
    """The image of a fit or the videos of a sequence, as named by its run file, if they still exist
    and an image has the same size."""
    endings = IMAGES if isinstance(result, FitResult) else VIDEOS
    values = read_run(run)
    named = [values.get("image"), *(values.get("video") or []), *(values.get("inputs") or [])]
    paths = [run.parent / name for name in named if isinstance(name, str)]
    found = [each for each in paths if each.suffix.lower() in endings and each.is_file()]
    if isinstance(result, SequenceResult) and 1 < len(found) == len(result.views[0]):
        return found
    if not found or not isinstance(result, FitResult):
        return found[0] if found else None
    camera = result.camera
    same = camera is not None and read_image(found[0]).size == (camera.width, camera.height)
    return found[0] if same else None
