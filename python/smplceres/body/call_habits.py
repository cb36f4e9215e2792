"""Arguments of a body as the `smplx` package takes them: tensors of PyTorch, rotation matrices,
`full_pose`, and fewer or more betas than the body has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.rotations import axis_angle, quaternion_of_matrix

Floats = NDArray[np.float64]

# Max deviation of R R^T from 1 of a rotation matrix: float32 of a network.
_ROTATION_TOLERANCE = 1e-3
# Metres, radians, coefficients. Beyond it energies would not be finite.
_MAX_PARAMETER = 1e6


def is_tensor(value: object) -> bool:
    """Whether it is a tensor of PyTorch, which need not be installed."""
    return hasattr(value, "detach") and type(value).__module__.partition(".")[0] == "torch"


def first_tensor(*values: object) -> Any:
    """The first tensor among arguments; None without any."""
    return next((value for value in values if is_tensor(value)), None)


def array_of(name: str, value: Any) -> Any:
    """A tensor as an array, anything else unchanged.

    Raises:
        ValueError: a tensor that requires a gradient, which would be lost.
    """
    if not is_tensor(value):
        return value
    if value.requires_grad:
        raise ValueError(
            f"{name}: expected a tensor without gradient, got one with; "
            "smplceres.torch_layer(model) has gradients"
        )
    return value.cpu().numpy()


def like(tensor: Any, array: NDArray[Any]) -> Any:
    """An array as a tensor with the type and on the device of another."""
    return array if tensor is None else tensor.new_tensor(array)


def with_num_betas(value: ArrayLike, num_betas: int) -> Floats:
    """(..., B) betas, fewer filled up with 0.

    Raises:
        ValueError: more than B, of which one further is not 0.
    """
    betas = np.asarray(value, dtype=np.float64)
    given = betas.shape[-1] if betas.ndim else num_betas
    if given > num_betas and np.any(betas[..., num_betas:]):
        raise ValueError(
            f"betas: expected shape (..., {num_betas}), got {betas.shape}, of which further ones "
            f"are not 0; load_body_model(path, num_betas={given}) keeps more"
        )
    if given < num_betas:
        return np.concatenate([betas, np.zeros((*betas.shape[:-1], num_betas - given))], axis=-1)
    return betas[..., :num_betas] if given > num_betas else betas


def axis_angles_of_matrices(name: str, value: ArrayLike, num_joints: int) -> Floats:
    """(..., J, 3) axis-angles of rotation matrices (..., J, 3, 3); of one joint (..., 3, 3) too.

    Raises:
        ValueError: another shape, or matrices that are no rotations.
    """
    matrices = np.asarray(value, dtype=np.float64)
    if num_joints == 1 and (matrices.ndim < 3 or matrices.shape[-3] != 1):
        matrices = matrices[..., None, :, :]
    if matrices.ndim < 3 or matrices.shape[-3:] != (num_joints, 3, 3):
        raise ValueError(
            f"{name}: expected matrices (..., {num_joints}, 3, 3) with pose2rot=False, "
            f"got {np.shape(value)}"
        )
    off = np.abs(matrices @ np.swapaxes(matrices, -1, -2) - np.eye(3))
    if not (off < _ROTATION_TOLERANCE).all() or (np.linalg.det(matrices) < 0).any():
        raise ValueError(f"{name}: expected rotation matrices, got others")
    return axis_angle(quaternion_of_matrix(matrices))


def split_full_pose(
    full_pose: ArrayLike, num_joints: int, others: Mapping[str, object]
) -> tuple[Floats, Floats]:
    """global_orient (..., 3) and body_pose (..., J-1, 3) of (..., J, 3) or (..., 3J).

    Raises:
        ValueError: another shape, or another argument for the same joints.
    """
    for name, other in others.items():
        if other is not None:
            raise ValueError(f"{name}: expected None with full_pose, got both")
    pose = np.asarray(full_pose, dtype=np.float64)
    if pose.shape[-1:] == (3 * num_joints,):
        pose = pose.reshape(*pose.shape[:-1], num_joints, 3)
    if pose.shape[-2:] != (num_joints, 3):
        raise ValueError(f"full_pose: expected shape (..., {num_joints}, 3), got {pose.shape}")
    return pose[..., 0, :], pose[..., 1:, :]


def of_one_body(name: str, value: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
    """An argument of one body as an array of this shape; None: zeros."""
    array = np.zeros(shape) if value is None else np.asarray(value, dtype=np.float64)
    if array.shape not in (shape, (math.prod(shape),)):
        raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")
    if (np.abs(array) > _MAX_PARAMETER).any():
        largest = array.flat[np.abs(array).argmax()]
        raise ValueError(f"{name}: expected numbers within {_MAX_PARAMETER:g}, got {largest:g}")
    return array.reshape(shape)


def of_bodies(name: str, value: ArrayLike | None, shape: tuple[int, ...]) -> Floats:
    """(..., *shape), of one body or many. The core checks for NaN."""
    value = array_of(name, value)
    array = np.zeros(shape) if value is None else np.asarray(value, dtype=np.float64)
    if name == "betas" and array.ndim:
        array = with_num_betas(array, *shape)
    if array.shape[-len(shape) :] == shape:
        return array
    if array.shape[-1:] == (math.prod(shape),):
        return array.reshape(array.shape[:-1] + shape)
    expected = ", ".join(map(str, shape))
    raise ValueError(f"{name}: expected shape (..., {expected}), got {array.shape}")
