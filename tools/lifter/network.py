"""The network: from keypoints to a distribution of poses, and its loss.

The equations stand in cpp/smplceres/lift/lifter.h, which evaluates the trained weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import smplceres as sc
from smplceres.base.skeleton import NUM_SHARED_JOINTS, SMPL_PARENTS

NUM_ANGLES = 3 * (NUM_SHARED_JOINTS - 1)
RANK = 8
JOINT_ERROR, LIKELIHOOD, SHAPE = 10.0, 0.02, 0.02  # weights in the loss


@dataclass(frozen=True, eq=False)
class Lifted:
    """N distributions.

    Attributes:
        root: (N, 3, 3) rotation of the root, in the axes of the input.
        pose: (N, 63) mean of body_pose, radians.
        betas: (N, B) expected shape.
        log_scale, factor: (N, 63), (N, 63, RANK) of the covariance, whitened axes.
    """

    root: Tensor
    pose: Tensor
    betas: Tensor
    log_scale: Tensor
    factor: Tensor


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        shown: Tensor = self.second(nn.functional.silu(self.first(self.norm(x))))
        return x + shown


class Lifter(nn.Module):
    """See the head of this file.

    Args:
        num_inputs, num_betas, width, blocks: sizes.
        mean, scale: (63,) of poses, radians; outputs are in units of `scale`.
    """

    def __init__(
        self,
        num_inputs: int,
        num_betas: int,
        width: int,
        blocks: int,
        mean: NDArray[np.float64],
        scale: NDArray[np.float64],
    ) -> None:
        super().__init__()
        self.num_betas = num_betas
        self.input = nn.Linear(num_inputs, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 6 + NUM_ANGLES + num_betas + NUM_ANGLES * (1 + RANK))
        self.whitening = nn.Parameter(torch.zeros(NUM_ANGLES, NUM_ANGLES))
        self.log_dof = nn.Parameter(torch.tensor(float(np.log(30.0))))
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))
        with torch.no_grad():
            self.head.weight *= 0.1
            self.head.bias.zero_()
            self.head.bias[0] = self.head.bias[4] = 1.0

    def forward(self, x: Tensor) -> Lifted:
        x = self.input(x)
        for block in self.blocks:
            x = block(x)
        out = self.head(nn.functional.silu(self.norm(x)))
        sizes = (6, NUM_ANGLES, self.num_betas, NUM_ANGLES, NUM_ANGLES * RANK)
        root, pose, betas, log_scale, factor = out.split(sizes, dim=1)
        return Lifted(
            rotation_of(root),
            self.mean + self.scale * pose,
            betas,
            3 * torch.tanh(log_scale / 3) - 1,
            factor.reshape(-1, NUM_ANGLES, RANK) * 0.3,
        )

    def rows_of_pose(self) -> Tensor:
        """Indices of the outputs without those of betas, which only help to train."""
        first = 6 + NUM_ANGLES
        return torch.cat(
            [torch.arange(first), torch.arange(first + self.num_betas, self.head.out_features)]
        )

    def triangle(self) -> Tensor:
        """(63, 63) C, unit upper triangular, of whitened = C (pose / scale)."""
        return torch.eye(NUM_ANGLES) + self.whitening.triu(1)

    def dof(self) -> Tensor:
        return 4 + self.log_dof.exp()

    def negative_log_likelihood(self, lifted: Lifted, pose: Tensor) -> Tensor:
        """(N,) of poses (N, 63), Student's t, in units of `scale`; nats."""
        e = ((pose - lifted.pose) / self.scale) @ self.triangle().T
        inverse = (-2 * lifted.log_scale).exp()
        weighted = lifted.factor * inverse[..., None]
        inner = torch.eye(RANK) + lifted.factor.mT @ weighted
        root = torch.linalg.cholesky(inner)
        projected = torch.linalg.solve_triangular(
            root, (weighted * e[..., None]).sum(dim=1)[..., None], upper=False
        )[..., 0]
        distance = (e * e * inverse).sum(dim=1) - (projected * projected).sum(dim=1)
        log_det = 2 * lifted.log_scale.sum(dim=1) + 2 * root.diagonal(dim1=1, dim2=2).log().sum(
            dim=1
        )
        dof = self.dof()
        constant = (
            torch.lgamma(dof / 2)
            - torch.lgamma((dof + NUM_ANGLES) / 2)
            + NUM_ANGLES / 2 * (dof * np.pi).log()
        )
        return (
            constant
            + log_det / 2
            + (dof + NUM_ANGLES) / 2 * torch.log1p(distance.clamp(min=0) / dof)
        )


def rotation_of(six: Tensor) -> Tensor:
    """(N, 3, 3) from its first two columns (N, 6), made orthonormal (Zhou et al. 2019)."""
    first = nn.functional.normalize(six[:, :3], dim=1)
    second = six[:, 3:] - (first * six[:, 3:]).sum(dim=1, keepdim=True) * first
    second = nn.functional.normalize(second, dim=1)
    return torch.stack([first, second, torch.linalg.cross(first, second)], dim=2)


def exp_map(axis_angles: Tensor) -> Tensor:
    """(..., 3, 3) of rotation vectors (..., 3)."""
    squared = (axis_angles * axis_angles).sum(dim=-1).clamp(min=1e-12)
    angle = squared.sqrt()
    a, b = angle.sin() / angle, (1 - angle.cos()) / squared
    x, y, z = axis_angles.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1)
    cross = cross.reshape(*x.shape, 3, 3)
    return torch.eye(3) + a[..., None, None] * cross + b[..., None, None] * (cross @ cross)


_LEVELS: list[list[int]] = []
for _joint, _parent in enumerate(SMPL_PARENTS):
    _depth = (
        0 if _parent < 0 else 1 + next(i for i, level in enumerate(_LEVELS) if _parent in level)
    )
    if _depth == len(_LEVELS):
        _LEVELS.append([])
    _LEVELS[_depth].append(_joint)


class Skeleton:
    """The joints of posed bodies, in torch."""

    def __init__(self, model: sc.BodyModel) -> None:
        at_rest = model.J_regressor @ model.v_template
        directions = np.einsum("jv,vcb->jcb", model.J_regressor, model.shapedirs)
        self._rest = torch.tensor(at_rest, dtype=torch.float32)
        self._directions = torch.tensor(directions, dtype=torch.float32)

    def joints(self, root: Tensor, pose: Tensor, betas: Tensor) -> Tensor:
        """(N, 24, 3) about the pelvis, metres, of root (N, 3, 3), pose (N, 63) and betas (N, B)."""
        rest = self._rest + torch.einsum("jcb,nb->njc", self._directions, betas)
        turns = exp_map(pose.reshape(len(pose), -1, 3))
        rotation: dict[int, Tensor] = {0: root}
        position: dict[int, Tensor] = {0: torch.zeros(len(pose), 3)}
        for level in _LEVELS[1:]:
            parents = [SMPL_PARENTS[joint] for joint in level]
            of_parents = torch.stack([rotation[parent] for parent in parents], dim=1)
            bones = rest[:, level] - rest[:, parents]
            ends = (of_parents @ bones[..., None])[..., 0]
            shown = [joint for joint in level if joint < NUM_SHARED_JOINTS]
            if shown:
                turned = of_parents[:, : len(shown)] @ turns[:, [joint - 1 for joint in shown]]
                rotation.update({joint: turned[:, i] for i, joint in enumerate(shown)})
            for i, joint in enumerate(level):
                position[joint] = position[parents[i]] + ends[:, i]
        return torch.stack([position[joint] for joint in range(len(SMPL_PARENTS))], dim=1)
