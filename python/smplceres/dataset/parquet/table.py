"""The table of results: its columns, and the Parquet file of a unit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...fit.result import FitResult
from ..report import FAILED, NOT_CONVERGED, OK
from .arrow import pa, pq

# Of the metadata of a file; the value is JSON.
METADATA = b"smplceres"
# Columns of text, whose values repeat.
_REPEATED = ("source", "status", "error", "row_id", "image")
# Covariances of a fit: none, standard deviations of the joints, also those of all variables.
COVARIANCES = ("none", "joints", "full")


@dataclass(frozen=True)
class BodySizes:
    """Sizes of the columns of a body.

    Attributes:
        joints, betas: numbers.
        slices: sizes of further slices by name.
        variables: of the covariance of one view.
    """

    joints: int
    betas: int
    slices: Mapping[str, int] = field(default_factory=dict)

    @property
    def variables(self) -> int:
        frame = 3 * self.joints + 3 + sum(self.slices.values())
        return frame + self.betas + 1

    def lists(self) -> dict[str, int]:
        """Lengths of the columns of parameters."""
        return {
            "global_orient": 3,
            "body_pose": 3 * (self.joints - 1),
            "betas": self.betas,
            "transl": 3,
            **self.slices,
            "joints": 3 * self.joints,
        }


@dataclass(frozen=True)
class TableFormat:
    """The columns of the output.

    Attributes:
        sizes: of the body.
        dtype: "float64" or "float32".
        covariance: of `COVARIANCES`.
    """

    sizes: BodySizes
    dtype: str
    covariance: str

    @property
    def lists(self) -> dict[str, int]:
        """Lengths of the columns of lists of numbers."""
        lists = self.sizes.lists()
        if self.covariance != "none":
            lists["joint_std"] = self.sizes.joints
        if self.covariance == "full":
            lists["covariance"] = self.sizes.variables**2
        return lists

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns of one number."""
        return ("sigma_px", "median_residual_px", "cost", "fx", "fy", "cx", "cy")

    @property
    def real(self) -> Any:
        """Arrow's type of numbers."""
        return pa.float64() if self.dtype == "float64" else pa.float32()

    def alternative(self) -> Any:
        """Arrow's type of another solution."""
        lists = [(name, pa.list_(self.real)) for name in self.sizes.lists()]
        return pa.struct([*lists, ("cost", self.real)])

    def names(self) -> list[str]:
        """All columns that do not come from the input."""
        first = ("row_id", "source", "source_row", "status", "error")
        return [*first, *self.lists, *self.numbers, "alternatives"]


def values_of(result: FitResult, covariance: str) -> dict[str, Any]:
    """The columns of a fit; lists of numbers flat."""
    values: dict[str, Any] = {
        **_solution(result),
        "status": OK if result.converged else NOT_CONVERGED,
        "sigma_px": result.sigma_px,
        "median_residual_px": _or_none(result.reprojection_error()),
        "alternatives": [_solution(each) for each in result.alternatives],
    }
    if result.camera is not None:
        values |= {name: getattr(result.camera, name) for name in ("fx", "fy", "cx", "cy")}
    if covariance != "none":
        uncertainty = result.covariance()
        values["joint_std"] = uncertainty.joint_std
        if covariance == "full":
            values["covariance"] = uncertainty.matrix.ravel()
    return values


def failure(error: str) -> dict[str, Any]:
    """The columns of a row that could not be fitted: nothing but why."""
    return {"status": FAILED, "error": error}


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _solution(body: Any) -> dict[str, Any]:
    """Pose, shape, position, joints and cost of a result or of a hypothesis."""
    names = ("global_orient", "body_pose", "betas", "transl", "joints")
    return {
        **{name: getattr(body, name).ravel() for name in names},
        **body.slices,
        "cost": float(sum(body.energies.values())),
    }


def make_table(
    rows: Sequence[Mapping[str, Any]],
    identity: Mapping[str, Any],
    carried: Mapping[str, Any],
    table_format: TableFormat,
) -> Any:
    """The table of some rows.

    Args:
        rows: of `values_of` or `failure`.
        identity: arrays row_id, source, source_row.
        carried: arrays of columns of the input.
    """
    columns: dict[str, Any] = dict(identity)
    for name in ("status", "error"):
        columns[name] = pa.array([row.get(name) for row in rows], pa.string())
    for name, size in table_format.lists.items():
        columns[name] = _lists([row.get(name) for row in rows], size, table_format)
    for name in table_format.numbers:
        columns[name] = pa.array([row.get(name) for row in rows], table_format.real)
    columns["alternatives"] = _alternatives([row.get("alternatives") for row in rows], table_format)
    return pa.table({**columns, **carried})


def _lists(values: Sequence[NDArray[Any] | None], size: int, table_format: TableFormat) -> Any:
    """A column of lists of one length; None becomes null.

    Not a fixed-size list: Arrow cannot read one with nulls from Parquet.
    """
    there = [value for value in values if value is not None]
    flat = np.array(there, dtype=table_format.dtype).reshape(len(there), size)
    null = np.array([value is None for value in values], dtype=bool)
    ends = np.cumsum([0, *np.where(null, 0, size)]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(ends), pa.array(flat.ravel(), table_format.real), mask=pa.array(null)
    )


def _alternatives(
    values: Sequence[Sequence[Mapping[str, Any]] | None], table_format: TableFormat
) -> Any:
    """A column of lists of solutions; None becomes null."""
    flat = [solution for row in values for solution in row or ()]
    fields = {
        name: _lists([solution[name] for solution in flat], size, table_format)
        for name, size in table_format.sizes.lists().items()
    }
    fields["cost"] = pa.array([solution["cost"] for solution in flat], table_format.real)
    kind = table_format.alternative()
    solutions = pa.StructArray.from_arrays(
        list(fields.values()), fields=[kind.field(i) for i in range(kind.num_fields)]
    )
    ends = np.cumsum([0, *(len(row or ()) for row in values)]).astype(np.int32)
    null = np.array([row is None for row in values], dtype=bool)
    return pa.ListArray.from_arrays(pa.array(ends), solutions, mask=pa.array(null))


def to_parquet(table: Any, metadata: Mapping[str, Any]) -> bytes:
    """The file of a table; equal tables and metadata give equal bytes."""
    text = json.dumps(metadata, sort_keys=True).encode()
    table = table.replace_schema_metadata({METADATA: text})
    names = set(table.schema.names)
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.combine_chunks(),
        sink,
        compression="zstd",
        use_dictionary=[name for name in _REPEATED if name in names],
        row_group_size=max(1, table.num_rows),
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content
