"""Steps of a clip's fit in a checkpoint, so that a stopped run can resume."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ..._native import _core
from ..from_core import stage_report, stage_summary
from ..stage_report import StageReport
from .checkpoint import Arrays, Checkpoint

_DESCRIBED = "described"  # of frames solved together: what arrays do not hold, as JSON


class ClipSteps:
    """Loads and saves the core's steps."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    def load(self, name: str) -> _core.ClipStep | None:
        arrays = self._checkpoint.load(name)
        return None if arrays is None else _step_of(arrays)

    def save(self, name: str, step: _core.ClipStep) -> None:
        self._checkpoint.save(name, _arrays_of(step))


def _arrays_of(step: _core.ClipStep) -> Arrays:
    arrays: Arrays = dict(step.arrays)
    if step.stages:
        described = {
            "stages": [stage_report(stage).to_dict() for stage in step.stages],
            "energies": step.energies,
            "converged": step.converged,
        }
        arrays[_DESCRIBED] = np.array(json.dumps(described))
    return arrays


def _step_of(arrays: Arrays) -> _core.ClipStep:
    numbers = {name: array for name, array in arrays.items() if name != _DESCRIBED}
    if _DESCRIBED not in arrays:
        return _core.ClipStep(numbers)
    described: dict[str, Any] = json.loads(str(arrays[_DESCRIBED]))
    return _core.ClipStep(
        numbers,
        stages=[stage_summary(StageReport.from_dict(stage)) for stage in described["stages"]],
        energies=described["energies"],
        converged=described["converged"],
    )
