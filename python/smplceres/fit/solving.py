"""Settings of the solution of a fit: stages, starts, threads and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from .._native import _core
from ..base.checked_numbers import checked_threads, count_of
from ..cameras.refinement import CameraRefinement
from ..evidence.views import View
from .initial import initial_variables
from .known import Known
from .result import FitResult

# The iteration limits of a preset are for Gauss-Newton steps; L-BFGS needs many more, cheaper ones.
_LBFGS_ITERATIONS = 10


@dataclass(frozen=True, eq=False)
class Solving:
    """Settings of the solution of a fit.

    Attributes:
        stages: with their solver options.
        starts: number of facing directions as initial estimates.
        other_starts: try other initial estimates if the fit is doubtful.
        threads: for several initial estimates.
        max_time: seconds; infinity without a limit.
    """

    stages: list[_core.Stage]
    starts: int = 1
    other_starts: bool = False
    threads: int = 1
    max_time: float = float("inf")

    @classmethod
    def of(
        cls,
        stages: list[_core.Stage],
        starts: int | str,
        threads: int | None,
        max_time: float | None,
    ) -> Solving:
        """From the arguments of `fit`; ValueError for one out of range."""
        automatic = isinstance(starts, str) and starts == "auto"
        number = count_of(1 if automatic else starts)
        if number is None:
            raise ValueError(f"starts: expected a whole number >= 1 or 'auto', got {starts!r}")
        return cls(stages, number, automatic, checked_threads(threads), checked_seconds(max_time))


def set_solver_options(
    stages: Sequence[_core.Stage],
    jacobian: str | None,
    linear_solver: str | None,
    minimizer: str | None,
) -> None:
    """Sets options of all stages; None leaves those of the preset."""
    for stage in stages:
        if jacobian is not None:
            stage.solver.jacobian = jacobian
        if linear_solver is not None:
            stage.solver.linear_solver = linear_solver
        if minimizer is not None:
            if minimizer == "lbfgs" != stage.solver.minimizer:
                stage.solver.max_iterations *= _LBFGS_ITERATIONS
            stage.solver.minimizer = minimizer


def checked_seconds(max_time: float | None) -> float:
    """Seconds; infinity for None."""
    if max_time is not None and not max_time > 0:
        raise ValueError(f"max_time: expected seconds > 0 or None, got {max_time}")
    return float("inf") if max_time is None else float(max_time)


def solve(
    views: Sequence[View],
    known: Known,
    solving: Solving,
    *,
    initial: FitResult | Mapping[str, ArrayLike] | None = None,
    sigma_px: float | None = None,
    estimate_focal: bool = False,
    refinement: CameraRefinement | None = None,
) -> _core.Fit:
    """Fits the body to the views and to known quantities; arguments as of `fit`."""
    scene = known.scene(views, estimate_focal=estimate_focal, refinement=refinement)
    variables = None if initial is None else initial_variables(initial, known, views, scene)
    return _core.fit(
        scene,
        solving.stages,
        start_pose=known.start_pose,
        starts=solving.starts,
        other_starts=solving.other_starts,
        threads=solving.threads,
        sigma_px=sigma_px or 0.0,
        max_time=solving.max_time,
        initial=variables,
    )
