"""One HTML page about a run: pictures, convergence, the worst first, outliers, the machine.

The page has all in it and fetches nothing. Needs matplotlib, Jinja2 and Pillow, which the package
itself does not: `pip install 'smplceres[report]'`.
"""

from __future__ import annotations

import base64
import importlib
import io
import itertools
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .body import BodyModel
from .build import build_info
from .fitting import checked_model
from .pictures import read_picture
from .result import FitResult
from .sequence import SequenceResult
from .video_files import video_pictures
from .views import keypoint_names

try:
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from PIL import Image

    from . import plots
    from .overlay import draw_overlay, draw_side_view, draw_top_view, uncertainty_colours

    jinja2: Any = importlib.import_module("jinja2")
except ImportError as error:
    raise ImportError(
        "reports need matplotlib, Jinja2 and Pillow: pip install 'smplceres[report]'"
    ) from error

# Frames of a sequence that are shown, and results of a folder that are told at length.
WORST_FRAMES = 6
AT_LENGTH = 12
# Pixels by which a video may differ from its calibration, as of `overlay_video`.
_BLOCK = 16
# Pixels: pictures in the page are no larger.
_LARGEST = 900

_PLOTS: dict[str, Callable[[Any], Figure]] = {
    "Cost by stage and iteration": plots.plot_costs,
    "Energies by stage and term: pale where the stage began": plots.plot_energies,
    "Each term over the stages, from where a stage began to its end": plots.plot_terms,
    "Residuals by keypoint: red are outliers, pale little trusted": plots.plot_residuals,
}

# A picture of a frame of a sequence, or None where there is none.
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

    The worst come first: results by their reprojection error, frames of a sequence by theirs. Of
    each: how it ended, the body over the picture, from the side and from above, cost and energies
    by stage and term, residuals by keypoint, what was treated as an outlier, the shape and how sure
    joints are; of a sequence also residuals and angles over time.

    Args:
        path: of the page, .html.
        results: one, or several by name.
        images: of a fit the picture (an array, a Pillow image or a path), of a sequence the path of
            its video, or a function from the frame's number to a picture or None, of several
            cameras a list of such; with several results, by their names. Without one, bodies are
            drawn over grey.
        overlays: of some results by name, the path of a picture or video with the body in it, shown
            as it is.
        model: the body of fits from files, which do not have it; None: the default. Where it is
            another than the fit's, how sure joints are is left out.
        title: of the page.
        command: how the results were made, shown as it is; or by their names.
        progress: called with what is being done, how many pictures and plots are made and how many
            there will be.

    Raises:
        ValueError: another ending, no results, images of names that no result has, a picture of
            another size than the camera's.
        OSError: a place that cannot be written to.
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
    path.write_text(page, encoding="utf-8")


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
    total = sum(_pieces(results[name]) for name in shown)

    def piece() -> None:
        if progress is not None:
            progress("report", next(made), total)

    sections = [
        _section(name, results[name], images.get(name), overlays.get(name), model, piece)
        for name in shown
    ]
    template = (files(__package__) / "data" / "report.html.jinja").read_text(encoding="utf-8")
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
    """Pixels, or metres of a fit to points in space; 0 where nothing tells."""
    error = result.reprojection_error()
    if np.isnan(error) and isinstance(result, FitResult) and result.measured3d is not None:
        error = float(np.nanmedian(result.residuals3d))
    return 0.0 if np.isnan(error) else error


def _overview(name: str, result: FitResult | SequenceResult) -> dict[str, Any]:
    return {
        "name": name,
        "frames": len(result) if isinstance(result, SequenceResult) else 1,
        "error": _number(result.reprojection_error()),
        "outliers": _count_outliers(result),
        "converged": result.converged,
        "seconds": f"{result.solve_time:.3g}",
    }


def _count_outliers(result: FitResult | SequenceResult) -> str:
    if not result.knows_outliers:
        return "unknown"
    return f"{result.outliers.sum()} of {np.isfinite(result.residuals).sum()}"


# --- A result ---


@dataclass
class _Section:
    """What the template shows of a result: figures and pictures are data URIs."""

    name: str
    facts: list[tuple[str, str]]
    shots: list[_Shot] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    outliers: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass
class _Shot:
    caption: str
    pictures: list[str]


def _pieces(result: FitResult | SequenceResult) -> int:
    """How many times making a section calls `piece`: rows of pictures, and plots."""
    if isinstance(result, FitResult):
        return 1 + len(_PLOTS)
    return len(worst_frames(result)[:WORST_FRAMES]) + len(_PLOTS)


def _section(
    name: str,
    result: FitResult | SequenceResult,
    image: Any,
    overlay: Any,
    model: BodyModel,
    piece: Callable[[], None],
) -> _Section:
    if isinstance(result, FitResult):
        section = _section_of_fit(name, result, image, overlay, model)
        piece()
    else:
        section = _section_of_sequence(name, result, image, overlay, piece)
    figures = []
    for caption, plot in _PLOTS.items():
        if _can_plot(plot, result):
            figures.append((caption, _svg(plot(result))))
        piece()
    section.figures[:0] = figures
    windows = [result.stages] if isinstance(result, FitResult) else result.stages
    section.stages = [
        {
            "window": number if len(windows) > 1 else "",
            "stage": stage,
            "initial_cost": _number(stage.initial_cost),
            "final_cost": _number(stage.final_cost),
            "ms": f"{1e3 * stage.time:.2f}",
        }
        for number, window in enumerate(windows)
        for stage in window
    ]
    return section


def _can_plot(plot: Callable[[Any], Figure], result: FitResult | SequenceResult) -> bool:
    """Whether the result has what the plot shows."""
    try:
        plot(result)
    except ValueError:
        return False
    return True


def _section_of_fit(
    name: str, result: FitResult, image: Any, overlay: Any, model: BodyModel
) -> _Section:
    seen = sum(int(view.keypoints.visible.sum()) for view in result.views)
    facts = [
        ("ended", f"{'converged' if result.converged else 'not converged'}: {result.message}"),
        ("reprojection error", f"{_number(result.reprojection_error())} px (median)"),
        ("keypoints seen", f"{seen} of {sum(len(view.keypoints) for view in result.views)}"),
        ("time", f"{1e3 * result.solve_time:.1f} ms, {result.num_starts} starts"),
        ("noise of the keypoints", f"{_number(result.sigma_px)} px"),
        ("camera", "; ".join(_camera(view.camera) for view in result.views) or "none"),
        ("body", result.model_name),
        ("penetration", _penetration(result, model)),
    ]
    if result.hypotheses:
        facts.append(
            ("other ends", f"{len(result.hypotheses) - 1}, {len(result.alternatives)} as likely")
        )
    section = _Section(name, facts)
    covariance = None
    if result.has_covariance:
        try:
            covariance = result.covariance(model=model)
        except ValueError as error:  # another body, or a prior of its own that is not saved
            facts.append(("how sure", f"unknown: {error}"))
    if covariance is not None:
        facts.append(("not told by the picture", f"{len(covariance.undetermined)} variables"))
    pictures = []
    for number, view in enumerate(result.views):
        if number == 0 and overlay is not None:
            pictures.append(_jpeg(read_picture(overlay)))
        else:
            picture = _picture(image if number == 0 else None, view.camera)
            pictures.append(_jpeg(draw_overlay(picture, result, number)))
    colours = None if covariance is None else uncertainty_colours(result, covariance, model)
    pictures += [_jpeg(draw_side_view(result)), _jpeg(draw_top_view(result))]
    if colours is not None and result.views:
        picture = _picture(image, result.views[0].camera)
        pictures.append(_jpeg(draw_overlay(picture, result, colours=colours)))
    caption = "Over the picture, from the side, from above"
    if colours is not None:
        caption += ", and how sure: yellow to purple, 0 to 10 cm across the picture"
    section.shots = [_Shot(caption, pictures)]
    section.figures.append(("Shape", _svg(plots.plot_shape(result, covariance))))
    if covariance is not None:
        section.figures.append(
            ("How sure joints are", _svg(plots.plot_uncertainty(result, covariance)))
        )
    section.outliers = list(_outliers_of_fit(result))
    return section


def _outliers_of_fit(result: FitResult) -> Iterator[dict[str, Any]]:
    """Of each keypoint that the last stage hardly listened to, the worst first."""
    if not result.knows_outliers:
        return
    names = keypoint_names(result.views)
    confidence = np.concatenate(
        [np.zeros(0), *(view.keypoints.confidence for view in result.views)]
    )
    outliers = np.flatnonzero(result.outliers)
    for k in outliers[np.argsort(-result.residuals[outliers])]:
        yield {
            "keypoint": names[k],
            "what": f"{result.residuals[k]:.1f} px off, confidence {confidence[k]:.2f}",
        }


def _section_of_sequence(
    name: str, result: SequenceResult, image: Any, overlay: Any, piece: Callable[[], None]
) -> _Section:
    residuals = result.residuals
    facts = [
        ("frames", f"{len(result)}, seen in {result.seen.sum()}"),
        ("ended", "converged" if result.converged else "not converged"),
        ("reprojection error", f"{_number(result.reprojection_error())} px (median)"),
        ("time", f"{result.solve_time:.1f} s"),
        ("camera", "; ".join(_camera(view.camera) for view in result.views[0])),
        ("body", result.model_name),
    ]
    section = _Section(name, facts)
    section.skipped = [f"frame {f}, camera {c}: {why}" for f, c, why in result.skipped]
    worst = worst_frames(result)[:WORST_FRAMES]
    videos = image if isinstance(image, list | tuple) else [image]
    views = [
        _frame_pictures(video, result, worst, view)
        for view, video in enumerate([overlay] if overlay is not None else videos)
    ]
    for frame in worst.tolist():
        row, fit = residuals[frame], result[frame]
        drawn = []
        for view, pictures in enumerate(views):
            picture = _picture(pictures.get(frame), fit.views[view].camera)
            if overlay is None or frame not in pictures:
                picture = draw_overlay(picture, fit, view)
            drawn.append(_jpeg(picture))
        section.shots.append(
            _Shot(
                f"Frame {frame}, {result.times[frame]:.3f} s: median "
                f"{np.nanmedian(row):.1f} px, largest {np.nanmax(row):.1f} px",
                [*drawn, _jpeg(draw_side_view(fit)), _jpeg(draw_top_view(fit))],
            )
        )
        piece()
    section.figures += [
        ("Residuals over time", _svg(plots.plot_frames(result))),
        ("Joint angles over time", _svg(plots.plot_joint_angles(result))),
        ("Shape", _svg(plots.plot_shape(result))),
    ]
    section.outliers = list(_outliers_of_sequence(result))
    return section


def worst_frames(result: SequenceResult) -> NDArray[np.int64]:
    """Numbers of the frames in which somebody was seen, that of the largest median residual
    first."""
    residuals = result.residuals
    seen = np.flatnonzero(np.isfinite(residuals).any(axis=1))
    return seen[np.argsort(-np.nanmedian(residuals[seen], axis=1), kind="stable")]


def _outliers_of_sequence(result: SequenceResult) -> Iterator[dict[str, Any]]:
    """Of each keypoint that was one in some frame, the most frequent first."""
    if not result.knows_outliers:
        return
    outliers = result.outliers
    names = keypoint_names(result.views[0])
    frames = outliers.sum(axis=0)
    seen = np.isfinite(result.residuals).sum(axis=0)
    for k in np.argsort(-frames, kind="stable"):
        if frames[k] == 0:
            return
        which = _ranges(np.flatnonzero(outliers[:, k]))
        yield {
            "keypoint": names[k],
            "what": f"{frames[k]} of {seen[k]} frames: {which}",
        }


def _ranges(numbers: NDArray[np.int64]) -> str:
    """1, 5-9, 12."""
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    texts = [str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts]
    return ", ".join(texts[:12]) + (" ..." if len(texts) > 12 else "")


def _penetration(result: FitResult, model: BodyModel) -> str:
    if len(result.vertices) != model.num_vertices:
        return "unknown"
    penetration = model.penetration(result.vertices)
    return f"{1e3 * penetration.max_depth:.0f} mm deepest"


def _camera(camera: Any) -> str:
    size = f"{camera.width} x {camera.height} px"
    scale = getattr(camera, "scale", None)
    if scale is not None:
        return f"weak perspective, {scale:.1f} px/m, {size}"
    return f"focal length {camera.fx:.0f}, {camera.fy:.0f} px, {size}"


def _number(value: float | None) -> str:
    return "unknown" if value is None or np.isnan(value) else f"{value:.4g}"


# --- Pictures ---


def _picture(image: Any, camera: Any) -> NDArray[np.uint8] | Image.Image:
    """A picture, read where it is a path; grey where there is none."""
    if image is None:
        return np.full((camera.height, camera.width, 3), 110, dtype=np.uint8)
    if isinstance(image, str | PathLike):
        return read_picture(image)
    picture: NDArray[np.uint8] | Image.Image = image
    return picture


def _frame_pictures(
    image: Any, result: SequenceResult, frames: NDArray[np.int64], view: int
) -> Mapping[int, NDArray[np.uint8] | Image.Image | None]:
    """A view's pictures of some frames, read from the video where it is a path."""
    if image is None:
        return {}
    if callable(image):
        return {frame: image(frame) for frame in frames.tolist()}
    if not isinstance(image, str | PathLike):
        raise ValueError(
            "images: expected the path of a sequence's video or a function, "
            f"got {type(image).__name__}"
        )
    first = int(result.frame_numbers[0])
    wanted = set((frames + first).tolist())
    camera = result.views[0][view].camera
    pictures = {}
    for number, picture in enumerate(video_pictures(image)):
        if number > max(wanted):
            break
        if number in wanted:
            pictures[number - first] = _of_size(picture, camera.width, camera.height)
    return pictures


def _of_size(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Cut or filled up on the right and below, by less than a block that video is coded in."""
    high, wide = picture.shape[:2]
    if max(abs(width - wide), abs(height - high)) >= _BLOCK:
        return picture  # of another camera, which drawing says
    filled = np.pad(picture, ((0, max(0, height - high)), (0, max(0, width - wide)), (0, 0)))
    return np.ascontiguousarray(filled[:height, :width])


def _jpeg(picture: NDArray[np.uint8] | Image.Image) -> str:
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    picture.thumbnail((_LARGEST, _LARGEST))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _svg(figure: Figure) -> str:
    buffer = io.BytesIO()
    about = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with rc_context({"svg.hashsalt": "smplceres"}):
        figure.savefig(buffer, format="svg", metadata=about)
    text = buffer.getvalue().decode()
    text = text[text.index("<svg") :]  # without the address of a document type
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()


# --- The machine ---


def _machine() -> list[tuple[str, str]]:
    """What the results depend on beside their input: nothing that names the machine."""
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
    """Its model's name, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return [name for name in (platform.processor(),) if name]
    return [line.partition(":")[2].strip() for line in lines if line.startswith("model name")][:1]
