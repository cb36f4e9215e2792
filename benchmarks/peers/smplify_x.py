"""SMPLify-X's objective for SMPL and its schedule, restated in PyTorch.

Body: the `smplx` package's forward pass. Published (Pavlakos et al. 2019; the weights of its SMPL
configuration), weights of residuals unless said otherwise:

    camera  sum over shoulders and hips |projected - seen|^2 + (1e2 (z - z_0))^2; place, orientation
    body    sum c^2 rho(projected - seen), rho by coordinate (1000 / image height)^2, hips, neck out
            + w^2 min_k [ 1/2 (x - mu_k)^T Sigma_k^-1 (x - mu_k) - log w_k ]
            + 3.17 w sum exp(2 s a) of elbows and knees: its weight is not squared
            + v^2 |betas|^2;                         pose, orientation and betas, the place is held
            w = 404, 404, 57.4, 4.78 and v = 100, 50, 10, 5 over the four stages

rho(e) = sigma^2 e^2 / (sigma^2 + e^2), sigma = 100 px. A stage is up to 30 calls of L-BFGS with
strong Wolfe line search, each of up to 30 iterations, in float32, until the loss changes by at most
1e-9 of itself. Who is seen from the side (shoulders within 25 px) is fitted in both directions.

float32 is too coarse for it: the prior's constants are 1e7 in the first stages, the line search
loses its way in what is left, and many fits end in NaN; with `dtype=torch.float64` none do.

What differs: collisions are off, as in that configuration; 30 and 30 iterations, less work than the
64 in a version of it; and the start is given, where the published one faces the camera.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import smplx
import torch
from torch import Tensor

import smplceres as sc
from smplceres.base.rotations import compose
from smplceres.body.parameters import Parameters

POSE_WEIGHTS = (404.0, 404.0, 57.4, 4.78)
SHAPE_WEIGHTS = (100.0, 50.0, 10.0, 5.0)
ANGLE_OF_POSE = 3.17
DEPTH_WEIGHT = 1e2
SIGMA_PX = 100.0
MAX_ITERATIONS = 30
RELATIVE_CHANGE = 1e-9
SIDE_VIEW_PX = 25.0
# Of body_pose's 69 numbers: elbows about y, knees about x, and the signs that bend the wrong way.
BENT = ((52, 55, 9, 12), (1.0, -1.0, -1.0, -1.0))
# Where smplx looks for keypoints of its own on a body; their numbers do not matter here.
VERTEX_NAMES = (
    *("nose", "reye", "leye", "rear", "lear"),
    *("LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel"),
    *(side + tip for side in "lr" for tip in ("thumb", "index", "middle", "ring", "pinky")),
)


@dataclass(frozen=True, eq=False)
class Fitted:
    """joints: (24, 3) metres. finite: whether the loss stayed a number."""

    joints: np.ndarray
    finite: bool
    evaluations: int


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture: pixels (K, 2), confidences (K,) of all, and those of the two objectives."""

    xy: Tensor
    torso: Tensor
    body: Tensor
    data_weight: float
    camera: sc.Camera


class SmplifyX:
    """Fits pictures of one keypoint format, each keypoint a joint or a vertex of the body.

    Args:
        folder: of the body's file, for smplx.
        joints, vertices: (keypoint, joint) and (keypoint, vertex) pairs.
    """

    def __init__(
        self,
        folder: Path,
        keypoint_format: sc.KeypointFormat,
        joints: Sequence[tuple[int, int]],
        vertices: Sequence[tuple[int, int]],
        prior: sc.MixturePosePrior,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.dtype = dtype
        ids = dict.fromkeys(VERTEX_NAMES, 0)
        self.body = smplx.create(folder, "smpl", vertex_ids=ids, num_betas=10, dtype=dtype)
        self.body.requires_grad_(False)
        self.joints, self.vertices = (np.array(pairs).T for pairs in (joints, vertices))
        order = np.argsort(np.concatenate([self.joints[0], self.vertices[0]]))
        self.order = torch.tensor(order)
        locations = [keypoint.location for keypoint in keypoint_format.keypoints]
        self.shoulders = [locations.index((f"{side}_shoulder",)) for side in ("left", "right")]
        hips = [locations.index((f"{side}_hip",)) for side in ("left", "right")]
        self.torso = [*self.shoulders, *hips]
        self.left_out = [*hips, locations.index(("neck",))]
        self.prior = _Mixture(prior, dtype)

    def fit(self, keypoints: np.ndarray, camera: sc.Camera, start: Parameters) -> Fitted:
        seen = self._seen(keypoints, camera)
        turned = np.array([0.0, np.pi, 0.0])  # about the vertical, as good as the camera's y
        starts = [start["global_orient"]]
        left, right = keypoints[self.shoulders, :2]
        if np.linalg.norm(left - right) < SIDE_VIEW_PX:
            starts.append(compose(turned, start["global_orient"]))
        ends = [self._fit_from(seen, orient, start["transl"]) for orient in starts]
        evaluations = sum(end[2] for end in ends)
        variables, loss, _ = min(ends, key=lambda end: end[1] if math.isfinite(end[1]) else np.inf)
        with torch.no_grad():
            joints = self.body(**variables).joints[0, :24].numpy().astype(np.float64)
        return Fitted(joints, math.isfinite(loss), evaluations)

    def _seen(self, keypoints: np.ndarray, camera: sc.Camera) -> Seen:
        confidence = torch.tensor(keypoints[:, 2], dtype=self.dtype)
        torso, body = torch.zeros_like(confidence), confidence.clone()
        torso[self.torso] = 1.0
        body[self.left_out] = 0.0
        xy = torch.tensor(keypoints[:, :2], dtype=self.dtype)
        return Seen(xy, torso[:, None], body[:, None] ** 2, 1000.0 / camera.height, camera)

    def _fit_from(
        self, seen: Seen, orient: np.ndarray, place: np.ndarray
    ) -> tuple[dict[str, Tensor], float, int]:
        variables = {
            "global_orient": torch.tensor(orient[None], dtype=self.dtype),
            "transl": torch.tensor(place[None], dtype=self.dtype),
            "body_pose": self.prior.mean[None].clone(),
            "betas": torch.zeros(1, 10, dtype=self.dtype),
        }
        loss, evaluations = self._camera_stage(seen, variables)
        for weights in zip(POSE_WEIGHTS, SHAPE_WEIGHTS, strict=True):
            loss, more = self._body_stage(seen, variables, *weights)
            evaluations += more
        return variables, loss, evaluations

    def _camera_stage(self, seen: Seen, variables: dict[str, Tensor]) -> tuple[float, int]:
        z_0 = float(variables["transl"][0, 2])

        def loss() -> Tensor:
            error = self._pixels(seen, variables) - seen.xy
            depth = DEPTH_WEIGHT * (variables["transl"][0, 2] - z_0)
            return (seen.torso * error**2).sum() * seen.data_weight**2 + depth**2

        return _minimise(loss, [variables["global_orient"], variables["transl"]])

    def _body_stage(
        self, seen: Seen, variables: dict[str, Tensor], pose_weight: float, shape_weight: float
    ) -> tuple[float, int]:
        bent, signs = list(BENT[0]), torch.tensor(BENT[1], dtype=self.dtype)

        def loss() -> Tensor:
            squared = (self._pixels(seen, variables) - seen.xy) ** 2
            robust = SIGMA_PX**2 * squared / (SIGMA_PX**2 + squared)
            pose = variables["body_pose"][0]
            return (
                (seen.body * robust).sum() * seen.data_weight**2
                + pose_weight**2 * self.prior(pose)
                + ANGLE_OF_POSE * pose_weight * torch.exp(2 * signs * pose[bent]).sum()
                + shape_weight**2 * (variables["betas"] ** 2).sum()
            )

        free = ("global_orient", "body_pose", "betas")
        return _minimise(loss, [variables[name] for name in free])

    def _pixels(self, seen: Seen, variables: dict[str, Tensor]) -> Tensor:
        """(K, 2)."""
        posed = self.body(**variables)
        points = torch.cat([posed.joints[0, self.joints[1]], posed.vertices[0, self.vertices[1]]])
        points = points[self.order]
        camera = seen.camera
        focal = torch.tensor([camera.fx, camera.fy], dtype=self.dtype)
        centre = torch.tensor([camera.cx, camera.cy], dtype=self.dtype)
        return focal * points[:, :2] / points[:, 2:] + centre


class _Mixture:
    """min_k [ 1/2 (x - mu_k)^T Sigma_k^-1 (x - mu_k) - log w_k ]."""

    def __init__(self, prior: sc.MixturePosePrior, dtype: torch.dtype) -> None:
        log_det = np.linalg.slogdet(prior.covars)[1] / 2
        normaliser = prior.means.shape[1] / 2 * np.log(2 * np.pi) + log_det - log_det.min()
        self.log_weights = _float(np.log(prior.weights) - normaliser, dtype)
        self.means, self.mean = (_float(x, dtype) for x in (prior.means, prior.start_pose))
        self.precisions = _float(np.linalg.inv(prior.covars), dtype)

    def __call__(self, pose: Tensor) -> Tensor:
        away = pose - self.means
        squared = torch.einsum("ki,kij,kj->k", away, self.precisions, away)
        return (0.5 * squared - self.log_weights).min()


def _minimise(loss: Callable[[], Tensor], free: list[Tensor]) -> tuple[float, int]:
    """The last loss, and how often it was evaluated; `free` is changed in place."""
    for variable in free:
        variable.requires_grad_(True)
    optimizer = torch.optim.LBFGS(
        free, lr=1.0, max_iter=MAX_ITERATIONS, line_search_fn="strong_wolfe"
    )
    evaluations = 0

    def closure() -> Tensor:
        nonlocal evaluations
        evaluations += 1
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    previous = None
    for _ in range(MAX_ITERATIONS):
        value = optimizer.step(closure).item()
        if not math.isfinite(value):
            break
        if previous is not None:
            scale = max(abs(previous), abs(value), 1.0)
            if (previous - value) / scale <= RELATIVE_CHANGE:
                break
        previous = value
    for variable in free:
        variable.requires_grad_(False)
    finite = all(bool(variable.isfinite().all()) for variable in free)
    return value if finite else math.nan, evaluations


def _float(values: np.ndarray, dtype: torch.dtype) -> Tensor:
    return torch.tensor(values, dtype=dtype)
