"""One HTML page about a run: images, convergence, the worst first, outliers, the machine.

The page is self-contained. Needs the optional matplotlib, Jinja2 and Pillow:
`pip install 'smplceres[report]'`.
"""

from __future__ import annotations

import importlib
import itertools
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._native.build import build_info
from ..base.files.package_data import DATA
from ..base.files.writing import write_whole
from ..body.model import BodyModel
from ..fit.inputs import checked_model
from ..fit.result import FitResult
from ..fit.sequence.result import SequenceResult

try:
    from PIL import Image

    from .report_sections import number_text, pieces_of, section_of

    jinja2: Any = importlib.import_module("jinja2")
except ImportError as error:
    raise ImportError(
        "reports need matplotlib, Jinja2 and Pillow: pip install 'smplceres[report]'"
    ) from error

# Results of a folder that have a section each, the worst first.
AT_LENGTH = 12

# The image of a frame of a sequence, or None.
FramePictures = Callable[[int], NDArray[np.uint8] | Image.Image | None]
AnyVideo = str | PathLike[str] | FramePictures
AnyImage = NDArray[np.uint8] | Image.Image | AnyVideo | Sequence[AnyVideo | None]


def write_report(
    path: str | PathLike[str],
    results: FitResult | SequenceResult | Mapping[str, FitResult | SequenceResult],
    *,
    images: AnyImage | Mapping[str, AnyImage] | None = None,
    overlays: Mapping[str, str | PathLike[str]] | None = None,
    model: BodyModel | str | PathLike[str] | None = None,
    title: str = "smplceres",
    command: str | Mapping[str, str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> None:
    """Writes one self-contained HTML page about results.

    Results and frames are sorted by reprojection error, the worst first. Each section shows the
    termination, the body over the image, from the side and from above, cost and energies by stage
    and term, residuals by keypoint, outliers, shape and uncertainty of joints; for a sequence also
    residuals and angles over time.

    Args:
        path: of the page, .html.
        results: one, or several by name.
        images: for a fit the image (an array, a Pillow image or a path), for a sequence the path of
            its video, or a function from the frame number to an image or None, for several cameras
            a list of these; for several results, by their names. Without one, bodies are drawn over
            grey.
        overlays: for some results by name, the path of an image or video with the drawn body, shown
            unchanged.
        model: the body of loaded fits, which do not have it; None: the default. If it is not that
            of the fit, the uncertainty of joints is left out.
        title: of the page.
        command: the command of the results, shown unchanged; or by their names.
        progress: called with the name of the step, the number of finished images and plots and the
            total.

    Raises:
        ValueError: another ending, no results, unknown names, an image of another size than the
            camera's.
        OSError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix not in (".html", ".htm"):
        raise ValueError(f"path: expected a name ending in .html, got {path.name!r}")
    named = dict(results) if isinstance(results, Mapping) else {title: results}
    pictures: Any = {} if images is None else images
    if images is not None and not isinstance(results, Mapping):
        pictures = {title: images}
    drawn = overlays or {}
    if not named:
        raise ValueError("results: expected at least one, got none")
    runs: Any = command if isinstance(command, Mapping) else {}
    for argument, given in (("images", pictures), ("overlays", drawn), ("command", runs)):
        if not isinstance(given, Mapping) or set(given) - set(named):
            got = ", ".join(map(str, given)) if isinstance(given, Mapping) else "no mapping"
            raise ValueError(f"{argument}: expected some of {', '.join(named)}, got {got}")
    page = _page(named, pictures, drawn, checked_model(model), title, command, runs, progress)
    write_whole(path, page)


def _page(
    results: Mapping[str, FitResult | SequenceResult],
    images: Mapping[str, Any],
    overlays: Mapping[str, Any],
    model: BodyModel,
    title: str,
    command: str | Mapping[str, str] | None,
    runs: Mapping[str, str],
    progress: Callable[[str, int, int], None] | None,
) -> str:
    worst_first = sorted(results, key=lambda name: -_error(results[name]))
    shown = worst_first[:AT_LENGTH]
    made = itertools.count(1)
    total = sum(pieces_of(results[name]) for name in shown)

    def piece() -> None:
        if progress is not None:
            progress("report", next(made), total)

    sections = [
        section_of(name, results[name], images.get(name), overlays.get(name), model, piece)
        for name in shown
    ]
    template = (DATA / "report.html.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page: str = environment.from_string(template).render(
        title=title,
        command=command if isinstance(command, str) else None,
        runs=[runs.get(name) for name in shown],
        written=time.strftime("%Y-%m-%d %H:%M"),
        overview=[_overview(name, results[name]) for name in worst_first],
        left_out=len(worst_first) - len(sections),
        sections=sections,
        machine=_machine(),
    )
    return page


def _error(result: FitResult | SequenceResult) -> float:
    """Error for sorting: pixels, or metres for a fit to points in space; 0 if unknown."""
    error = result.reprojection_error()
    if np.isnan(error) and isinstance(result, FitResult) and result.measured3d is not None:
        error = float(np.nanmedian(result.residuals3d))
    return 0.0 if np.isnan(error) else error


def _overview(name: str, result: FitResult | SequenceResult) -> dict[str, Any]:
    return {
        "name": name,
        "frames": len(result) if isinstance(result, SequenceResult) else 1,
        "error": number_text(result.reprojection_error()),
        "outliers": _count_outliers(result),
        "converged": result.converged,
        "seconds": f"{result.solve_time:.3g}",
    }


def _count_outliers(result: FitResult | SequenceResult) -> str:
    if not result.knows_outliers:
        return "unknown"
    return f"{result.outliers.sum()} of {np.isfinite(result.residuals).sum()}"


# --- The machine ---


def _machine() -> list[tuple[str, str]]:
    """Versions and hardware, without anything that identifies the machine."""
    rows = [(name, str(value)) for name, value in build_info().items()]
    rows += [
        ("python", platform.python_version()),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("cores", str(os.cpu_count())),
        *(("processor", name) for name in _processor()),
    ]
    for package in ("numpy", "scipy", "matplotlib", "pillow"):
        try:
            rows.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return rows


def _processor() -> Sequence[str]:
    """The model of the processor, if the system has it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return [name for name in (platform.processor(),) if name]
    return [line.partition(":")[2].strip() for line in lines if line.startswith("model name")][:1]
