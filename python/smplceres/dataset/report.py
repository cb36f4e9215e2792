"""What a run over a data set reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

# The statuses of a row.
OK, NOT_CONVERGED, FAILED = STATUSES = ("ok", "not_converged", "failed")


class UnfinishedUnit(NamedTuple):
    """A unit whose file could not be written.

    Attributes:
        name: of its file, relative to the folder of outputs.
        error: of the last attempt.
    """

    name: str
    error: str


@dataclass(frozen=True)
class DatasetReport:
    """The outcome of `fit_dataset`.

    Attributes:
        rows: of the input, of the part that `only` chose.
        ok, not_converged, failed: numbers of rows by status, those of earlier runs included.
        units: number of units.
        resumed_units: of these, finished by earlier runs.
        unfinished: units without a file, each with the error of its last attempt; the same call
            tries them again.
        seconds: of this run.
    """

    rows: int
    ok: int
    not_converged: int
    failed: int
    units: int
    resumed_units: int
    unfinished: tuple[UnfinishedUnit, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether every row is in the output, failed ones included."""
        return not self.unfinished

    def __str__(self) -> str:
        parts = [
            f"{self.rows} rows: {self.ok} ok, {self.not_converged} not converged, "
            f"{self.failed} failed; {self.units} units"
        ]
        if self.resumed_units:
            parts.append(f", {self.resumed_units} of them by earlier runs")
        if self.unfinished:
            parts.append(f", {len(self.unfinished)} unfinished")
        return "".join(parts) + f"; {self.seconds:.1f} s"


@dataclass(frozen=True)
class DatasetCheck:
    """The outcome of `check_dataset`.

    Attributes:
        rows: of the input.
        rows_found: of these, in files of the output that are whole and belong to the input.
        missing: names of units without a file.
        wrong: names of files that are damaged, or of an input that has changed since.
        foreign: names of Parquet files in the folder that are no unit of the input.
    """

    rows: int
    rows_found: int
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether each row of the input is in the output exactly once, and nothing else is."""
        return not (self.missing or self.wrong or self.foreign)

    def __str__(self) -> str:
        return (
            f"{self.rows_found} of {self.rows} rows exactly once; units to redo: "
            f"{len(self.missing)} missing, {len(self.wrong)} damaged or of another input; "
            f"{len(self.foreign)} foreign files"
        )
