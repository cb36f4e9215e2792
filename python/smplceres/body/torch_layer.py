"""The body as a layer of PyTorch, for people who train networks.

The derivatives are the Jacobians of the core's skinned points, the same that fits use.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from .model import BodyModel
from .parameters import Parameters

Floats = NDArray[np.float64]

_INPUTS = ("betas", "global_orient", "body_pose", "transl")


def torch_layer(model: BodyModel, vertices: ArrayLike | None = None) -> Any:
    """A differentiable function of a body: `layer(betas, global_orient, body_pose, transl)` returns
    joints (N, J, 3), or vertices (N, n, 3) and joints.

    Its arguments are tensors of N bodies, betas (N, B) standard deviations, global_orient (N, 3)
    and body_pose (N, J-1, 3) or (N, 3(J-1)) axis-angles in radians, transl (N, 3) metres; None is
    zero, and one body broadcasts to N. Results have the type and device of the first tensor.
    Computation is on the CPU in double precision. Joints take about 0.1 ms a body, with their
    gradients; vertices take 2 us each. First derivatives only.

    Args:
        model: the body.
        vertices: numbers of n vertices to return before the joints; None: joints alone. All:
            `range(model.num_vertices)`.

    Raises:
        ImportError: PyTorch is missing.
        ValueError: a vertex that the body does not have; when called, a wrong shape.
    """
    try:
        torch = importlib.import_module("torch")
    except ImportError as error:
        raise ImportError("torch_layer needs PyTorch: pip install torch") from error
    numbers = np.zeros(0, np.int64) if vertices is None else np.asarray(vertices, dtype=np.int64)
    points = _points(model, numbers)
    function = _function(torch, model, points)

    def layer(
        betas: Any = None, global_orient: Any = None, body_pose: Any = None, transl: Any = None
    ) -> Any:
        given = _bodies(torch, model, (betas, global_orient, body_pose, transl))
        moved = function.apply(*given)
        if vertices is None:
            return moved
        return moved[:, : len(numbers)], moved[:, len(numbers) :]

    return layer


def _points(model: BodyModel, vertices: NDArray[np.int64]) -> _core.SkinnedPoints:
    """Some vertices, and all joints."""
    wrong = vertices[(vertices < 0) | (vertices >= model.num_vertices)]
    if vertices.ndim != 1 or len(wrong):
        got = f"shape {vertices.shape}" if vertices.ndim != 1 else str(wrong[0])
        raise ValueError(
            f"vertices: expected numbers from 0 to {model.num_vertices - 1}, got {got}"
        )
    points = _core.SkinnedPoints(model._core)
    for vertex in vertices.tolist():
        points.add(model._core, vertices=[(vertex, 1.0)])
    for joint in range(model.num_joints):
        points.add(model._core, joints=[(joint, 1.0)])
    return points


def _bodies(torch: Any, model: BodyModel, given: tuple[Any, ...]) -> list[Any]:
    """All arguments with a row for each body."""
    shapes = [(model.num_betas,), (3,), (model.num_joints - 1, 3), (3,)]
    first = next((value for value in given if isinstance(value, torch.Tensor)), None)
    if first is None:
        raise ValueError("betas, global_orient, body_pose, transl: expected a tensor, got none")
    rows = []
    for name, value, shape in zip(_INPUTS, given, shapes, strict=True):
        size = int(np.prod(shape))
        row = first.new_zeros((1, *shape)) if value is None else value
        if tuple(row.shape[1:]) not in (shape, (size,)):
            raise ValueError(f"{name}: expected shape (N, {size}), got {tuple(row.shape)}")
        rows.append(row.reshape(-1, *shape))
    count = max(len(row) for row in rows)
    for name, row in zip(_INPUTS, rows, strict=True):
        if len(row) not in (1, count):
            raise ValueError(f"{name}: expected 1 or {count} bodies, got {len(row)}")
    return [row.expand(count, *row.shape[1:]) for row in rows]


def _function(torch: Any, model: BodyModel, points: _core.SkinnedPoints) -> Any:
    """The autograd function of the points' positions (N, n, 3)."""

    def numbers(row: Any) -> Floats:
        return np.asarray(row.detach().cpu().double().numpy())

    def parameters(rows: list[Floats], body: int) -> Parameters:
        betas, global_orient, body_pose, transl = (row[body] for row in rows)
        return {
            "betas": betas,
            "global_orient": global_orient,
            "body_pose": body_pose,
            "transl": transl,
        }

    class Function(torch.autograd.Function):  # type: ignore[misc]  # PyTorch is imported late
        @staticmethod
        def forward(ctx: Any, *given: Any) -> Any:
            ctx.save_for_backward(*given)
            rows = [numbers(row) for row in given]
            moved = [
                points.evaluate(model._core, **parameters(rows, body))
                for body in range(len(rows[0]))
            ]
            return given[0].new_tensor(np.array(moved))

        @staticmethod
        @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
        def backward(ctx: Any, gradient: Any) -> tuple[Any, ...]:
            given = ctx.saved_tensors
            rows, upstream = [numbers(row) for row in given], numbers(gradient)
            pulled = [np.empty(row.shape) for row in rows]
            for body, g in enumerate(upstream):
                _, pose, shape = points.evaluate_with_jacobian(
                    model._core, **parameters(rows, body)
                )
                by_pose = np.tensordot(g, pose, 2)
                pulled[0][body] = np.tensordot(g, shape, 2)[: model.num_betas]
                pulled[1][body], pulled[2][body] = by_pose[:3], by_pose[3:].reshape(-1, 3)
                pulled[3][body] = g.sum(axis=0)
            return tuple(
                row.new_tensor(grad) if needed else None
                for row, grad, needed in zip(given, pulled, ctx.needs_input_grad, strict=True)
            )

    return Function
