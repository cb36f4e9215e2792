"""Report of a stage of a fit."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from ..body.parameters import Parameters
from .codec import PARAMETERS


@dataclass(frozen=True)
class StageReport:
    """One stage of a fit.

    Costs are energies, sum |r|^2; time in seconds; termination_type, minimizer and linear_solver as
    Ceres names them.

    Attributes:
        costs: of each solve (a stage has several if it has rounds or is balanced by the noise), at
            its start and after every iteration: the lowest so far.
        initial_energies, energies: sum |r|^2 of each term at the start and at the end of the stage,
            in its weights.
        parameters: at the end; None for several frames.
    """

    name: str
    iterations: int
    initial_cost: float
    final_cost: float
    time: float
    termination_type: str
    message: str
    minimizer: str
    linear_solver: str
    jacobian: str
    num_residuals: int
    num_parameters: int
    costs: tuple[tuple[float, ...], ...] = ()
    initial_energies: dict[str, float] = field(default_factory=dict)
    energies: dict[str, float] = field(default_factory=dict)
    parameters: Parameters | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, strings and dicts, for files."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return values | {"parameters": PARAMETERS.plain(self.parameters)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> StageReport:
        """Reads the output of `to_dict`, also of earlier versions."""
        costs = tuple(tuple(each) for each in values.get("costs", ()))
        parameters = PARAMETERS.read(values.get("parameters"))
        return cls(**values | {"costs": costs, "parameters": parameters})
