"""A fit but its images: what is known, how it is solved, and what it starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from .._native import _core
from ..cameras.refinement import CameraRefinement
from ..evidence.views import View
from .doubts.warning import Warnings
from .from_core import fit_result
from .known import Known
from .result import FitResult
from .solving import Solving, solve


@dataclass(frozen=True, eq=False)
class Task:
    """A fit but its images; arguments as of `fit`.

    Attributes:
        known: of the person and the scene.
        solving: stages, initial estimates, threads and time.
        initial, sigma_px, estimate_focal, refinement: as of `solve`.
    """

    known: Known
    solving: Solving
    initial: FitResult | Mapping[str, ArrayLike] | None = None
    sigma_px: float | None = None
    estimate_focal: bool = False
    refinement: CameraRefinement | None = None

    def solve(self, views: Sequence[View], *, estimate_focal: bool = False) -> _core.Fit:
        """The solution for these images, with an estimated focal length if told so."""
        return solve(
            *(views, self.known, self.solving),
            initial=self.initial,
            sigma_px=self.sigma_px,
            estimate_focal=estimate_focal or self.estimate_focal,
            refinement=self.refinement,
        )

    def result(
        self,
        solved: _core.Fit,
        views: Sequence[View],
        begin: float,
        warnings: Warnings | None = None,
    ) -> FitResult:
        """The result of a solution of a fit that began at `begin` (`time.perf_counter`)."""
        refined = self.refinement is not None and self.refinement.focal_sigma > 0
        return fit_result(
            *(solved, views, self.known, begin),
            sigma_px=self.sigma_px,
            free_focal=self.estimate_focal or refined,
            warnings=warnings,
        )
