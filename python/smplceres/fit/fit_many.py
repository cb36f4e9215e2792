"""fit_many: the people of many images, each fitted by itself, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..base.checked_numbers import checked_threads
from ..cameras.camera import AnyCamera
from ..evidence.views import AnyKeypoints
from .result import FitResult
from .single import fit


@dataclass(frozen=True)
class FitFailure:
    """In place of the result of a person that could not be fitted.

    Attributes:
        index: number of the person.
        error: what `fit` raised.
    """

    index: int
    error: Exception

    def __str__(self) -> str:
        return f"person {self.index}: {self.error}"


def fit_many(
    people: Iterable[AnyKeypoints],
    camera: AnyCamera | None = None,
    *,
    cameras: Sequence[AnyCamera | None] | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> list[FitResult | FitFailure]:
    """Fits a body to each of many people, as `fit` does, on several threads.

    Args:
        people: P, each what `fit` takes as keypoints.
        camera: of all of them, as of `fit`; or
        cameras: P, one for each.
        threads: that people are fitted on, >= 1; None: as many as there are cores.
        progress: called with how many are done and how many there are, from this thread.
        options: further arguments of `fit`, the same for all.

    Returns:
        P results in the order of the people, whatever the number of threads; a `FitFailure` where
        `fit` raised an error, which does not stop the others.

    Raises:
        ValueError: a number of cameras that is not that of the people, threads < 1.
        TypeError: an option that `fit` does not have.
        KeyboardInterrupt: Ctrl-C, after the fits under way.
    """
    everybody = list(people)
    if cameras is None:
        seen_by: Sequence[AnyCamera | None] = [camera] * len(everybody)
    elif camera is not None:
        raise ValueError("cameras: expected None beside a camera, got both")
    else:
        seen_by = cameras
    if len(seen_by) != len(everybody):
        raise ValueError(f"cameras: expected {len(everybody)}, one a person, got {len(seen_by)}")
    threads = checked_threads(threads)
    unknown = set(options) - set(fit.__annotations__)
    if unknown:
        raise TypeError(f"options: expected arguments of fit, got {', '.join(sorted(unknown))}")

    def fitted(index: int) -> FitResult | FitFailure:
        try:
            return fit(everybody[index], seen_by[index], threads=1, **options)
        except (ValueError, TypeError) as error:
            return FitFailure(index, error)

    results: list[FitResult | FitFailure] = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            for result in pool.map(fitted, range(len(everybody))):
                results.append(result)
                if progress is not None:
                    progress(len(results), len(everybody))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results
