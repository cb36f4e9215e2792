"""Plots of a fit or a sequence: stages, residuals, motion, shape, uncertainty.

Each function returns a `matplotlib.figure.Figure` (`figure.savefig("cost.svg")`) and does not use
pyplot. Needs the optional matplotlib: `pip install 'smplceres[report]'`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..evidence.views import keypoint_names
from ..fit.covariance import Covariance
from ..fit.result import FitResult
from ..fit.sequence.result import SequenceResult
from ..fit.stage_report import StageReport

try:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError as error:
    raise ImportError("plots need matplotlib: pip install 'smplceres[report]'") from error

Floats = NDArray[np.float64]

_WIDTH = 8.0  # inches
_BLUE, _RED, _GREY = "#3b75af", "#d1343e", "#888888"
_TERMS = ("#3b75af", "#ef8636", "#519e3e", "#c53a32", "#8d69b8", "#84584e", "#d57dbe", "#7f7f7f")
# Max number of joints in a plot of angles.
_JOINTS_SHOWN = 12
# Max number of keypoints in a plot of residuals.
_KEYPOINTS_SHOWN = 40


def plot_costs(result: FitResult | SequenceResult) -> Figure:
    """The cost, sum |r|^2 of all terms, over the iterations of all stages; a line per solve.

    Weights change between stages, so that lines are not continuous. The windows of a long sequence
    are concatenated.

    Raises:
        ValueError: a result without stages, or of an earlier version without costs.
    """
    stages = _stages(result)
    if not any(stage.costs for stage in stages):
        raise ValueError("result: expected one that has the costs of its iterations, got none")
    figure, axes = _figure(3.2)
    begin = 0
    for number, stage in enumerate(stages):
        first = begin
        for costs in stage.costs:
            at = begin + np.arange(len(costs))
            axes.plot(at, costs, "-o", color=_TERMS[number % len(_TERMS)], markersize=2.5)
            begin += len(costs)
        if number % 2:
            axes.axvspan(first - 0.5, begin - 0.5, color="#f2f2f2", zorder=0)
        if len(stages) <= 12:
            axes.text(
                (first + begin - 1) / 2,
                1.01,
                stage.name.replace(", ", ",\n"),
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=7,
            )
    axes.set_yscale("log")
    axes.set_xlabel("iterations, one solve after the other")
    axes.set_ylabel("cost, sum |r|²")
    axes.set_xlim(-0.5, begin - 0.5)
    return figure


def plot_energies(result: FitResult | SequenceResult) -> Figure:
    """The energies of the terms, sum |r|^2, at the start (pale) and at the end of each stage.

    For a sequence they are summed over all windows.

    Raises:
        ValueError: a result without stages, or of an earlier version without energies.
    """
    stages = _merged(result)
    terms = sorted({term for stage in stages for term in stage.energies})
    if not terms:
        raise ValueError("result: expected one that has the energies of its stages, got none")
    figure, axes = _figure(3.2)
    for shift, alpha, of in ((-0.2, 0.45, "initial_energies"), (0.2, 1.0, "energies")):
        below = np.zeros(len(stages))
        for number, term in enumerate(terms):
            height = np.array([getattr(stage, of).get(term, 0.0) for stage in stages])
            axes.bar(
                np.arange(len(stages)) + shift,
                height,
                0.36,
                bottom=below,
                color=_TERMS[number % len(_TERMS)],
                alpha=alpha,
                label=term if alpha == 1.0 else None,
            )
            below += height
    ends = [sum(stage.energies.values()) for stage in stages]
    starts = [sum(stage.initial_energies.values()) for stage in stages]
    most = max(*ends, *np.sort(starts)[: max(1, len(starts) - 1)])
    axes.set_ylim(0, 1.15 * most)  # the first initial estimate has large energies
    axes.set_xticks(range(len(stages)), [s.name.replace(", ", ",\n") for s in stages], fontsize=7)
    axes.set_ylabel("energy, sum |r|²")
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def plot_terms(result: FitResult | SequenceResult) -> Figure:
    """The energy of each term, sum |r|^2, as a line from the start to the end of each stage.

    Logarithmic, clipped at a millionth of the largest. Weights change between stages, so that lines
    are not continuous. For a sequence they are summed over all windows.

    Raises:
        ValueError: as of `plot_energies`.
    """
    stages = _merged(result)
    terms = sorted({term for stage in stages for term in stage.energies})
    if not terms:
        raise ValueError("result: expected one that has the energies of its stages, got none")
    figure, axes = _figure(3.6)
    least = 1e-6 * max(
        energy
        for stage in stages
        for energies in (stage.initial_energies, stage.energies)
        for energy in energies.values()
    )
    for number, term in enumerate(terms):
        for place, stage in enumerate(stages):
            if term not in stage.energies:
                continue
            ends = [stage.initial_energies.get(term, 0.0), stage.energies[term]]
            axes.plot(
                [place - 0.35, place + 0.35],
                np.maximum(ends, least),
                "-o",
                color=_TERMS[number % len(_TERMS)],
                markersize=3,
                linewidth=1.4,
            )
        axes.plot([], [], "-o", color=_TERMS[number % len(_TERMS)], markersize=3, label=term)
    for place in range(1, len(stages), 2):
        axes.axvspan(place - 0.5, place + 0.5, color="#f2f2f2", zorder=0)
    axes.set_yscale("log")
    axes.set_xticks(range(len(stages)), [s.name.replace(", ", ",\n") for s in stages], fontsize=7)
    axes.set_ylabel("energy, sum |r|²")
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def plot_residuals(result: FitResult | SequenceResult) -> Figure:
    """Residuals of visible keypoints, pixels, the largest on top, up to 40.

    For a fit as bars: outliers of the last stage are red, keypoints of low confidence pale. For a
    sequence the median (bar), the 95 % quantile (line) and the fraction of frames in which it is an
    outlier. Several cameras are shown separately.

    Raises:
        ValueError: a fit to points in space alone.
    """
    names, residuals, confidence, outliers = _residuals(result)
    seen = np.isfinite(residuals).any(axis=0)
    if not seen.any():
        raise ValueError("result: expected keypoints that were seen and are on the body, got none")
    median = np.full(len(names), np.nan)
    median[seen] = np.nanmedian(residuals[:, seen], axis=0)
    order = np.flatnonzero(seen)[np.argsort(median[seen])][-_KEYPOINTS_SHOWN:]
    figure, axes = _figure(1.0 + 0.17 * len(order))
    share = np.where(np.isfinite(residuals), outliers, 0).sum(axis=0) / np.maximum(
        np.isfinite(residuals).sum(axis=0), 1
    )
    for place, k in enumerate(order):
        trust = float(np.mean(confidence[np.isfinite(residuals[:, k]), k]))
        colour = _RED if share[k] >= 0.5 else _BLUE
        axes.barh(place, median[k], color=colour, alpha=0.3 + 0.7 * min(trust, 1.0))
        if len(residuals) > 1:
            high = np.nanpercentile(residuals[:, k], 95)
            axes.plot([median[k], high], [place, place], color=_GREY, linewidth=1)
            if share[k] > 0:
                axes.text(
                    high, place, f" {100 * share[k]:.0f} %", va="center", fontsize=6, color=_RED
                )
    axes.set_yticks(range(len(order)), [names[k] for k in order], fontsize=7)
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.set_xlabel("px from observed to fitted" + (", median" if len(residuals) > 1 else ""))
    return figure


def plot_frames(result: SequenceResult) -> Figure:
    """The residuals of every frame of a sequence: median and max, pixels, over time; frames without
    the person are grey."""
    residuals = result.residuals
    seen = np.isfinite(residuals).any(axis=1)
    median, largest = np.full(len(result), np.nan), np.full(len(result), np.nan)
    median[seen] = np.nanmedian(residuals[seen], axis=1)
    largest[seen] = np.nanmax(residuals[seen], axis=1)
    figure, axes = _figure(2.6)
    axes.plot(result.times, largest, color=_GREY, linewidth=0.8, label="largest")
    axes.plot(result.times, median, color=_BLUE, linewidth=1.2, label="median")
    half = np.median(np.diff(result.times)) / 2 if len(result) > 1 else 0.5
    for time in result.times[~seen]:
        axes.axvspan(time - half, time + half, color="#dddddd", linewidth=0)
    axes.set_yscale("log")
    axes.set_xlabel("s")
    axes.set_ylabel("px from observed to fitted")
    axes.legend(fontsize=7, frameon=False)
    return figure


def plot_joint_angles(result: SequenceResult, joints: Sequence[str] | None = None) -> Figure:
    """Rotation angles of joints from the rest pose, degrees, over time.

    Args:
        result: of a sequence.
        joints: names from `BodyModel.joint_names`; None: the twelve with the largest motion.

    Raises:
        ValueError: an unknown name.
    """
    names = result.joint_names
    unknown = [joint for joint in joints or () if joint not in names]
    if unknown:
        raise ValueError(f"joints: expected some of {', '.join(names)}, got {unknown[0]!r}")
    poses = np.concatenate([result.global_orient[:, None], result.body_pose], axis=1)
    angles = np.degrees(np.linalg.norm(poses, axis=2))
    if joints is None:
        moving = np.argsort(-angles[:, 1:].std(axis=0), kind="stable")[:_JOINTS_SHOWN] + 1
        joints = [names[joint] for joint in sorted(moving)]
    figure, axes = _figure(3.6)
    styles = ("-", "--")
    for number, joint in enumerate(joints):
        axes.plot(
            result.times,
            angles[:, names.index(joint)],
            styles[number // len(_TERMS) % 2],
            color=_TERMS[number % len(_TERMS)],
            linewidth=1,
            label=joint,
        )
    axes.set_xlabel("s")
    axes.set_ylabel("degrees from rest")
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def plot_shape(result: FitResult | SequenceResult, covariance: Covariance | None = None) -> Figure:
    """The shape: betas, in standard deviations of people.

    Args:
        result: a fit or a sequence.
        covariance: `result.covariance()` of a fit, for error bars of one standard deviation.
    """
    figure, axes = _figure(2.2)
    numbers = np.arange(len(result.betas))
    axes.bar(numbers, result.betas, color=_BLUE)
    if covariance is not None:
        std = np.sqrt(np.diag(covariance.betas))
        axes.errorbar(
            numbers, result.betas, std, fmt="none", ecolor="black", capsize=3, linewidth=1
        )
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(numbers, [str(number) for number in numbers])
    axes.set_xlabel("shape component")
    axes.set_ylabel("standard deviations")
    return figure


def plot_uncertainty(result: FitResult, covariance: Covariance) -> Figure:
    """Uncertainty of every joint: standard deviations along the axes of the camera, centimetres; ∞
    if unconstrained, such as depth under weak perspective.

    Args:
        result: a fit.
        covariance: its `covariance()`.
    """
    turn = np.eye(3) if result.camera is None else result.camera.rotation
    std = 100 * covariance.joint_std_along(turn)
    unconstrained = np.isinf(std)
    most = std[~unconstrained].max(initial=1.0)
    figure, axes = _figure(3.0)
    numbers = np.arange(len(std))
    for axis, (name, colour) in enumerate((("across", _BLUE), ("down", "#519e3e"), ("away", _RED))):
        at = numbers + 0.27 * (axis - 1)
        axes.bar(at, np.where(unconstrained, 0, std)[:, axis], 0.27, color=colour, label=name)
        for place in at[unconstrained[:, axis]]:
            axes.text(place, 0, "∞", color=colour, fontsize=7, ha="center", va="bottom")
    axes.set_ylim(0, 1.1 * most)
    names = result.joint_names
    axes.set_xticks(numbers, names, rotation=60, ha="right", fontsize=7)
    axes.set_ylabel("cm")
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure, axes


def _stages(result: FitResult | SequenceResult) -> list[StageReport]:
    """The stages of all windows."""
    if isinstance(result, FitResult):
        return list(result.stages)
    return [stage for window in result.stages for stage in window]


def _merged(result: FitResult | SequenceResult) -> list[_Energies]:
    """Energies of each stage, summed over windows."""
    merged: list[_Energies] = []
    for window in [result.stages] if isinstance(result, FitResult) else result.stages:
        for number, stage in enumerate(window):
            if number == len(merged):
                merged.append(_Energies(stage.name))
            merged[number].add(stage)
    return merged


class _Energies:
    """Energies of a stage by term."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.initial_energies: dict[str, float] = {}
        self.energies: dict[str, float] = {}

    def add(self, stage: StageReport) -> None:
        for of in ("initial_energies", "energies"):
            summed = getattr(self, of)
            for term, energy in getattr(stage, of).items():
                summed[term] = summed.get(term, 0.0) + energy


def _residuals(
    result: FitResult | SequenceResult,
) -> tuple[list[str], Floats, Floats, NDArray[np.bool_]]:
    """Names of the keypoints of all views; residuals, confidences, outliers, (F, K) each."""
    views = result.views if isinstance(result, FitResult) else result.views[0]
    names = keypoint_names(views)
    if isinstance(result, SequenceResult):
        residuals, confidence = result.residuals, result.confidence
    else:
        confidences = [view.keypoints.confidence for view in result.views]
        confidence = np.concatenate([np.zeros(0), *confidences])[None]
        residuals = result.residuals[None]
    known = result.knows_outliers
    outliers = np.atleast_2d(result.outliers) if known else np.zeros(residuals.shape, dtype=bool)
    return names, residuals, confidence, outliers
