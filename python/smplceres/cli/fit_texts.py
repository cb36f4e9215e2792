"""The text about a fit."""

from __future__ import annotations

import argparse
import math

from ..cameras.camera import AnyCamera, WeakPerspectiveCamera
from ..fit.result import FitResult
from ..fit.sequence.result import SequenceResult
from .options import estimates_focal
from .output import Output


def say_fit(options: argparse.Namespace, number: int, result: FitResult, output: Output) -> None:
    assert result.keypoints is not None and result.camera is not None  # this fits images
    seen, all_of_them = int(result.keypoints.visible.sum()), len(result.keypoints)
    output.say(
        f"person {number}: {seen} of {all_of_them} keypoints seen ({result.keypoints.format.name})"
    )
    output.say(f"  camera: {_described(options, result.camera)}")
    output.say(_stage_table(result))
    output.say(_verdict(result))
    say_warnings(result, output)


def say_warnings(result: FitResult | SequenceResult, output: Output) -> None:
    """What is likely wrong with the inputs, a line each."""
    for warning in result.warnings:
        output.say(f"  warning: {warning}")


def _described(options: argparse.Namespace, camera: AnyCamera) -> str:
    size = f"{camera.width} x {camera.height} px"
    if isinstance(camera, WeakPerspectiveCamera):
        return f"weak perspective, scale {camera.scale:.1f} px/m estimated, {size}"
    if options.camera or options.cameras or options.focal is not None:
        found = " estimated" if estimates_focal(options) else ""
        return f"focal length {camera.fx:g} {camera.fy:g} px{found}, {size}"
    if estimates_focal(options):
        return (
            f"focal length {camera.fx:.0f} px estimated, {size}; give --focal or --camera if known"
        )
    return (
        f"guessed, focal length {camera.fx:.0f} px (the diagonal of {size}); "
        "give --focal or --camera if known"
    )


def _stage_table(result: FitResult) -> str:
    wide = max(len(name) for name in ("stage", *(stage.name for stage in result.stages)))
    rows = [
        f"  {'stage':{wide}} {'iterations':>10} {'cost before':>12} {'cost after':>12} "
        f"{'ms':>7}  termination"
    ]
    rows += [
        f"  {stage.name:{wide}} {stage.iterations:10d} {stage.initial_cost:12.1f} "
        f"{stage.final_cost:12.1f} {1e3 * stage.time:7.2f}  {stage.termination_type}"
        for stage in result.stages
    ]
    return "\n".join(rows)


def _verdict(result: FitResult) -> str:
    error = result.reprojection_error()
    height = 0.0 if result.keypoints is None else result.keypoints.height_px
    if math.isnan(error):
        reprojection = "unknown, no keypoint of confidence above 0.5"
    else:
        reprojection = f"{error:.1f} px, median of keypoints of confidence above 0.5"
        if height > 0:
            reprojection += f" ({100 * error / height:.1f} % of their height, {height:.0f} px)"
    message = " ".join(result.message.split())
    ended = "converged" if result.converged else f"not converged ({message})"
    starts = f"{result.num_starts} start" + ("s" if result.num_starts > 1 else "")
    return (
        f"  reprojection error: {reprojection}\n"
        f"  {ended} in {1e3 * result.solve_time:.1f} ms, {starts}"
    )
