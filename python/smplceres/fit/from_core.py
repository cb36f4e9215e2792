"""Results from the return values of the core."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..body.model import BodyModel
from ..body.parameters import Parameters, parameters_of
from ..cameras.camera import AnyCamera, Camera
from ..evidence.views import FittedView, View
from ..keypoints.formats import KeypointFormat
from ..keypoints.markers import MarkerFormat
from .doubts.warning import NO_WARNINGS, Warnings
from .hypotheses import hypotheses_of
from .initial import scale_is_unknown
from .known import Known
from .last_stage import LastStage
from .result import FitResult
from .stage_report import StageReport


def fit_result(
    solved: _core.Fit,
    views: Sequence[View],
    known: Known,
    begin: float,
    *,
    sigma_px: float | None = None,
    free_focal: bool = False,
    warnings: Warnings | None = None,
) -> FitResult:
    """The result of a fit that began at `begin` (`time.perf_counter`).

    Args:
        sigma_px: the noise that the fit was given, pixels.
        free_focal: focal lengths were estimated.
        warnings: about the inputs; None: none.
    """
    variables, model, measured = solved.state.variables, known.model, known.points3d
    parameters = parameters_of(variables)
    places = None if measured is None else places_of(measured.format, model, parameters)
    return FitResult(
        **parameters,
        joints=model.joints(**parameters),
        views=tuple(
            fitted_view(view, zoom, model, parameters, motion)
            for view, (zoom, motion) in zip(views, camera_changes(variables), strict=True)
        ),
        stages=tuple(stage_report(stage) for stage in solved.stages),
        energies=dict(solved.energies),
        converged=solved.converged,
        message=solved.message,
        num_starts=solved.num_starts,
        hypotheses=hypotheses_of(solved, model) if len(solved.hypotheses) > 1 else (),
        sigma_px=solved.sigma_px or None,
        model_name=model.name,
        keypoints3d=places,
        measured3d=measured,
        start=parameters_of(solved.start),
        solve_time=time.perf_counter() - begin,
        _model=model,
        _last_stage=_last_stage(solved, views, known, sigma_px, free_focal),
        _warnings=warnings or NO_WARNINGS,
    )


def _last_stage(
    solved: _core.Fit,
    views: Sequence[View],
    known: Known,
    sigma_px: float | None,
    free_focal: bool,
) -> LastStage | None:
    """None if no stage ran."""
    if not solved.stages:
        return None
    return LastStage(
        stage=solved.last_stage,
        known=known,
        initial_transl=solved.state.initial_transl,
        pixels_per_metre=solved.state.pixels_per_metre,
        free_zoom=tuple(free_focal or scale_is_unknown(view.camera) for view in views),
        sigma_px=sigma_px,
    )


def camera_changes(
    variables: _core.Variables,
) -> list[tuple[float, NDArray[np.float64] | None]]:
    """For each view: log zoom and motion (6,) of its camera, None without moving cameras."""
    motions = list(variables.camera_motion) or [None] * len(variables.log_zoom)
    return [(float(zoom), motion) for zoom, motion in zip(variables.log_zoom, motions, strict=True)]


def changed_camera(
    camera: AnyCamera, log_zoom: float, motion: NDArray[np.float64] | None
) -> AnyCamera:
    """A camera with estimated zoom and motion."""
    if isinstance(camera, Camera):
        if log_zoom != 0.0:
            camera = camera.zoomed(math.exp(log_zoom))
        if motion is not None and np.any(motion):
            camera = camera.moved(motion[:3], motion[3:])
        return camera
    # The bounds keep the scale finite in fits to garbage.
    return camera.scaled(math.exp(min(max(log_zoom, -600.0), 600.0)))


def fitted_view(
    view: View,
    log_zoom: float,
    model: BodyModel,
    parameters: Parameters,
    motion: NDArray[np.float64] | None = None,
) -> FittedView:
    """A view with a fitted body, its camera zoomed and moved."""
    camera = changed_camera(view.camera, log_zoom, motion)
    places = places_of(view.keypoints.format, model, parameters)
    on_body = np.isfinite(places[:, 0])
    keypoints2d = np.full((len(view.keypoints), 2), np.nan)
    keypoints2d[on_body] = camera.project(places[on_body])
    return FittedView(view.keypoints, camera, keypoints2d, mask=view.mask)


def places_of(
    point_format: KeypointFormat | MarkerFormat, model: BodyModel, parameters: Parameters
) -> NDArray[np.float64]:
    """(K, 3) metres, the points of a format on a posed body; NaN for points it does not have."""
    points, point_of, _ = model.keypoint_points(point_format)
    numbers = np.array(point_of)
    on_body = numbers >= 0
    places = np.full((len(numbers), 3), np.nan)
    places[on_body] = points.evaluate(model._core, **parameters)[numbers[on_body]]
    return places


def stage_report(stage: _core.StageSummary) -> StageReport:
    summary = stage.summary
    return StageReport(
        name=stage.name,
        iterations=summary.num_iterations,
        initial_cost=summary.initial_cost,
        final_cost=summary.final_cost,
        time=summary.time,
        termination_type=summary.termination_type,
        message=summary.message,
        minimizer=summary.minimizer,
        linear_solver=summary.linear_solver,
        jacobian=summary.jacobian,
        num_residuals=summary.num_residuals,
        num_parameters=summary.num_parameters,
        costs=tuple(tuple(each) for each in summary.costs),
        initial_energies=dict(stage.initial_energies),
        energies=dict(stage.energies),
        parameters=None if stage.variables is None else parameters_of(stage.variables),
    )


def stage_summary(report: StageReport) -> _core.StageSummary:
    """The core's object that a report was made from, without variables."""
    return _core.StageSummary(
        name=report.name,
        num_iterations=report.iterations,
        initial_cost=report.initial_cost,
        final_cost=report.final_cost,
        time=report.time,
        termination_type=report.termination_type,
        message=report.message,
        minimizer=report.minimizer,
        linear_solver=report.linear_solver,
        jacobian=report.jacobian,
        num_residuals=report.num_residuals,
        num_parameters=report.num_parameters,
        costs=[list(each) for each in report.costs],
        initial_energies=report.initial_energies,
        energies=report.energies,
    )
