"""Sections of the page about results, one for each result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..body.model import BodyModel
from ..evidence.views import keypoint_names
from ..fit.result import FitResult
from ..fit.sequence.result import SequenceResult
from ..media.images import read_image
from . import plots
from .overlay import draw_overlay, draw_side_view, draw_top_view, uncertainty_colours
from .report_images import jpeg_uri, picture_of, pictures_of_frames, svg_uri

# Frames of a sequence that are shown.
WORST_FRAMES = 6

_PLOTS: dict[str, Callable[[Any], Figure]] = {
    "Cost by stage and iteration": plots.plot_costs,
    "Energies by stage and term: pale at the start of the stage": plots.plot_energies,
    "Each term over the stages, from start to end": plots.plot_terms,
    "Residuals by keypoint: red are outliers, pale of low confidence": plots.plot_residuals,
}


@dataclass
class _Section:
    """The data of a result for the template: figures and images are data URIs."""

    name: str
    facts: list[tuple[str, str]]
    shots: list[_Shot] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    outliers: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass
class _Shot:
    caption: str
    pictures: list[str]


def pieces_of(result: FitResult | SequenceResult) -> int:
    """The number of calls of `piece` for a section: rows of images, and plots."""
    if isinstance(result, FitResult):
        return 1 + len(_PLOTS)
    return len(worst_frames(result)[:WORST_FRAMES]) + len(_PLOTS)


def section_of(
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
            figures.append((caption, svg_uri(plot(result))))
        piece()
    section.figures[:0] = figures
    section.warnings = [str(warning) for warning in result.warnings]
    windows = [result.stages] if isinstance(result, FitResult) else result.stages
    section.stages = [
        {
            "window": number if len(windows) > 1 else "",
            "stage": stage,
            "initial_cost": number_text(stage.initial_cost),
            "final_cost": number_text(stage.final_cost),
            "ms": f"{1e3 * stage.time:.2f}",
        }
        for number, window in enumerate(windows)
        for stage in window
    ]
    return section


def _can_plot(plot: Callable[[Any], Figure], result: FitResult | SequenceResult) -> bool:
    """Whether the result has the data of the plot."""
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
        ("reprojection error", f"{number_text(result.reprojection_error())} px (median)"),
        ("keypoints seen", f"{seen} of {sum(len(view.keypoints) for view in result.views)}"),
        ("time", f"{1e3 * result.solve_time:.1f} ms, {result.num_starts} starts"),
        ("noise of the keypoints", f"{number_text(result.sigma_px)} px"),
        ("camera", "; ".join(_camera(view.camera) for view in result.views) or "none"),
        ("body", result.model_name),
        ("penetration", _penetration(result, model)),
    ]
    if result.hypotheses:
        facts.append(
            (
                "other solutions",
                f"{len(result.hypotheses) - 1}, {len(result.alternatives)} as likely",
            )
        )
    section = _Section(name, facts)
    covariance = None
    if result.has_covariance:
        try:
            covariance = result.covariance(model=model)
        except ValueError as error:  # another body, or a prior that is not saved
            facts.append(("uncertainty", f"unknown: {error}"))
    if covariance is not None:
        facts.append(
            ("not constrained by observations", f"{len(covariance.undetermined)} variables")
        )
    pictures = []
    for number, view in enumerate(result.views):
        if number == 0 and overlay is not None:
            pictures.append(jpeg_uri(read_image(overlay)))
        else:
            picture = picture_of(image if number == 0 else None, view.camera)
            pictures.append(jpeg_uri(draw_overlay(picture, result, number)))
    colours = None if covariance is None else uncertainty_colours(result, covariance, model)
    pictures += [jpeg_uri(draw_side_view(result)), jpeg_uri(draw_top_view(result))]
    if colours is not None and result.views:
        picture = picture_of(image, result.views[0].camera)
        pictures.append(jpeg_uri(draw_overlay(picture, result, colours=colours)))
    caption = "Over the image, from the side, from above"
    if colours is not None:
        caption += ", and uncertainty: yellow to purple, 0 to 10 cm in the image plane"
    section.shots = [_Shot(caption, pictures)]
    section.figures.append(("Shape", svg_uri(plots.plot_shape(result, covariance))))
    if covariance is not None:
        section.figures.append(
            ("Uncertainty of joints", svg_uri(plots.plot_uncertainty(result, covariance)))
        )
    section.outliers = list(_outliers_of_fit(result))
    return section


def _outliers_of_fit(result: FitResult) -> Iterator[dict[str, Any]]:
    """The outliers of the last stage, the worst first."""
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
        ("reprojection error", f"{number_text(result.reprojection_error())} px (median)"),
        ("time", f"{result.solve_time:.1f} s"),
        ("camera", "; ".join(_camera(view.camera) for view in result.views[0])),
        ("body", result.model_name),
    ]
    section = _Section(name, facts)
    section.skipped = [f"frame {f}, camera {c}: {why}" for f, c, why in result.skipped]
    worst = worst_frames(result)[:WORST_FRAMES]
    videos = image if isinstance(image, list | tuple) else [image]
    views = [
        pictures_of_frames(video, result, worst, view)
        for view, video in enumerate([overlay] if overlay is not None else videos)
    ]
    for frame in worst.tolist():
        row, fit = residuals[frame], result[frame]
        drawn = []
        for view, pictures in enumerate(views):
            picture = picture_of(pictures.get(frame), fit.views[view].camera)
            if overlay is None or frame not in pictures:
                picture = draw_overlay(picture, fit, view)
            drawn.append(jpeg_uri(picture))
        section.shots.append(
            _Shot(
                f"Frame {frame}, {result.times[frame]:.3f} s: median "
                f"{np.nanmedian(row):.1f} px, max {np.nanmax(row):.1f} px",
                [*drawn, jpeg_uri(draw_side_view(fit)), jpeg_uri(draw_top_view(fit))],
            )
        )
        piece()
    section.figures += [
        ("Residuals over time", svg_uri(plots.plot_frames(result))),
        ("Joint angles over time", svg_uri(plots.plot_joint_angles(result))),
        ("Shape", svg_uri(plots.plot_shape(result))),
    ]
    section.outliers = list(_outliers_of_sequence(result))
    return section


def worst_frames(result: SequenceResult) -> NDArray[np.int64]:
    """Numbers of the frames with the person, by median residual, the largest first."""
    residuals = result.residuals
    seen = np.flatnonzero(np.isfinite(residuals).any(axis=1))
    return seen[np.argsort(-np.nanmedian(residuals[seen], axis=1), kind="stable")]


def _outliers_of_sequence(result: SequenceResult) -> Iterator[dict[str, Any]]:
    """Keypoints that are outliers in some frames, the most frequent first."""
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


def number_text(value: float | None) -> str:
    return "unknown" if value is None or np.isnan(value) else f"{value:.4g}"
