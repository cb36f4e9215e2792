"""fit_many: independent fits to many people, on all cores."""

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
    """Replaces the result of a person that could not be fitted.

    Attributes:
        index: number of the person.
        error: raised by `fit`.
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
        people: P, each the keypoints argument of `fit`.
        camera: of all people, as in `fit`; or
        cameras: P, one for each.
        threads: >= 1; None: the number of cores.
        progress: called in this thread with the number of finished people and the total.
        options: further arguments of `fit`, the same for all.

    Returns:
        P results in the order of the people, for any number of threads; a `FitFailure` for each
        error of `fit`, which does not stop the others.

    Raises:
        ValueError: a number of cameras other than that of people, threads < 1.
        TypeError: an option that `fit` does not have.
        KeyboardInterrupt: Ctrl-C, after the running fits.
    """
    persons = list(people)
    if cameras is None:
        seen_by: Sequence[AnyCamera | None] = [camera] * len(persons)
    elif camera is not None:
        raise ValueError("cameras: expected None beside a camera, got both")
    else:
        seen_by = cameras
    if len(seen_by) != len(persons):
        raise ValueError(f"cameras: expected {len(persons)}, one a person, got {len(seen_by)}")
    threads = checked_threads(threads)
    unknown = set(options) - set(fit.__annotations__)
    if unknown:
        raise TypeError(f"options: expected arguments of fit, got {', '.join(sorted(unknown))}")

    def fitted(index: int) -> FitResult | FitFailure:
        try:
            return fit(persons[index], seen_by[index], threads=1, **options)
        except (ValueError, TypeError) as error:
            return FitFailure(index, error)

    results: list[FitResult | FitFailure] = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            for result in pool.map(fitted, range(len(persons))):
                results.append(result)
                if progress is not None:
                    progress(len(results), len(persons))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results
