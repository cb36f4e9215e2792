"""Images of bodies, as detectors see them, and the network's input made of them.

The input is defined in cpp/smplceres/lift/lifter_input.h, of which `network_input` is the batched
form. All tensors are float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import smplceres as sc
from smplceres.keypoints.formats import KeypointRole

# How often each format is drawn.
FORMAT_SHARES = {
    "openpose_body25": 0.30,
    "coco17": 0.25,
    "mediapipe33": 0.14,
    "halpe26": 0.08,
    "openpose_body25b": 0.05,
    "openpose_coco18": 0.05,
    "human36m17": 0.03,
    "lsp14": 0.03,
    "smpl24": 0.03,
    "coco_wholebody133": 0.04,
}
LARGEST = 5.0  # of an input coordinate
TYPICAL_SIZE = 0.1  # of a person as a ray's coordinate, from the axis

# What happens to images, as shares of them.
KNOWN_FOCAL = 0.7
KNOWN_NOISE = 0.4
TILTED, ANY_ORIENTATION = 0.15, 0.15  # others: upright as recorded, within degrees
CROPPED, SOME_MISSING = 0.15, 0.35
WITH_OUTLIERS, SWAPPED = 0.12, 0.04
OF_LOW_CONFIDENCE = 0.25
NOISE_M = (0.002, 0.04)  # standard deviation at the person, metres
DISTANCE_M = (1.5, 15.0)
# Fingers and detailed faces are no input of the network.
_DETAILS = (KeypointRole.HAND, KeypointRole.FACE, KeypointRole.CONTOUR)


@dataclass(frozen=True, eq=False)
class Slots:
    """The input's places for keypoints: locations on the body, each of one or several parts.

    Attributes:
        names: (S,) a location's parts joined by "+".
        of_format: (F, S) bool, the slots of each of FORMAT_SHARES.
    """

    names: tuple[str, ...]
    of_format: NDArray[np.bool_]

    @classmethod
    def of_formats(cls) -> Slots:
        formats = [
            [
                "+".join(keypoint.location)
                for keypoint in sc.FORMATS[name].keypoints
                if keypoint.location and keypoint.role not in _DETAILS
            ]
            for name in FORMAT_SHARES
        ]
        names = tuple(sorted({slot for slots in formats for slot in slots}))
        return cls(names, np.array([[name in slots for name in names] for slots in formats]))

    @cached_property
    def format(self) -> sc.KeypointFormat:
        """A keypoint in each slot."""
        return sc.KeypointFormat.from_mapping(
            "slots", [(name, name.split("+")) for name in self.names]
        )


def random_rotations(count: int, generator: torch.Generator) -> Tensor:
    """(count, 3, 3) uniform over all rotations."""
    q = torch.randn(count, 4, generator=generator)
    w, x, y, z = (q / q.norm(dim=1, keepdim=True)).unbind(1)
    rows = (
        *(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        *(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        *(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return torch.stack(rows, dim=1).reshape(-1, 3, 3)


def about_axis(axis: int, angles: Tensor) -> Tensor:
    """(N, 3, 3) rotations about x (0), y (1) or z (2)."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrices = torch.eye(3).repeat(len(angles), 1, 1)
    matrices[:, first, first] = matrices[:, second, second] = angles.cos()
    matrices[:, second, first] = angles.sin()
    matrices[:, first, second] = -angles.sin()
    return matrices


def draw_cameras(count: int, generator: torch.Generator) -> Tensor:
    """(N, 3, 3) camera (y down, z forward) from world (y up)."""

    def normal(degrees: float) -> Tensor:
        return float(np.radians(degrees)) * torch.randn(count, generator=generator)

    chance = torch.rand(count, generator=generator)
    tilted = (chance < TILTED).float()
    yaw = 2 * np.pi * torch.rand(count, generator=generator)
    pitch, roll = np.pi + normal(8) + tilted * normal(30), normal(4) + tilted * normal(12)
    upright = about_axis(2, roll) @ about_axis(0, pitch) @ about_axis(1, yaw)
    any_way = (chance > 1 - ANY_ORIENTATION)[:, None, None]
    return torch.where(any_way, random_rotations(count, generator), upright)


@dataclass(frozen=True, eq=False)
class Images:
    """N images: the network's input (N, I), and the rotation (N, 3, 3) of its axes from the
    world's."""

    input: Tensor
    rotation: Tensor


def median_of(values: Tensor, seen: Tensor) -> Tensor:
    """(N,) the lower median of each row's seen values."""
    ordered = torch.where(seen, values, torch.inf).sort(dim=1).values
    middle = (seen.sum(dim=1, keepdim=True) - 1).clamp(min=0) // 2
    return ordered.gather(1, middle)[:, 0]


def axis_rotation(centre: Tensor) -> Tensor:
    """(N, 3, 3) the smallest rotations that turn the rays (centre, 1) onto the z axis."""
    rays = torch.cat([centre, torch.ones(len(centre), 1)], dim=1)
    x, y, z = (rays / rays.norm(dim=1, keepdim=True)).unbind(1)
    k = 1 / (1 + z)
    rows = (1 - x * x * k, -x * y * k, -x, -x * y * k, 1 - y * y * k, -y, x, y, z)
    return torch.stack(rows, dim=1).reshape(-1, 3, 3)


def network_input(
    rays: Tensor, confidence: Tensor, known_focal: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor]:
    """The input (N, 3 S + 4) and the rotation (N, 3, 3) of its axes from the camera's.

    Args:
        rays: (N, S, 2) normalised coordinates; any number where the confidence is 0.
        confidence: (N, S) from 0, not seen, to 1.
        known_focal: (N,) bool.
        noise: (N,) standard deviation of a coordinate as a ray's; 0: unknown.
    """
    seen = confidence > 0
    centre = torch.stack([median_of(rays[..., i], seen) for i in (0, 1)], dim=1)
    rotation = axis_rotation(centre)
    turned = torch.cat([rays, torch.ones_like(rays[..., :1])], dim=2) @ rotation.mT
    plane = turned[..., :2] / turned[..., 2:].clamp(min=0.1)
    size = median_of(plane.norm(dim=2), seen).clamp(min=1e-6)
    plane = (plane / size[:, None, None]).clamp(-LARGEST, LARGEST) * seen[..., None]
    log_size = (size / TYPICAL_SIZE).log() * known_focal
    log_noise = torch.where(noise > 0, (noise / size).clamp(min=1e-4).log() + 3, torch.zeros(()))
    further = torch.stack([log_size, known_focal.float(), log_noise, (noise > 0).float()], dim=1)
    return torch.cat([plane.flatten(1), confidence.clamp(max=1), further], dim=1), rotation


class Photographer:
    """Makes images of bodies' points.

    Args:
        slots: of the input.
        seed: of all that is drawn.
    """

    def __init__(self, slots: Slots, seed: int) -> None:
        self.slots = slots
        self.generator = torch.Generator().manual_seed(seed)
        self._of_format = torch.from_numpy(slots.of_format)
        self._shares = torch.tensor(list(FORMAT_SHARES.values()))
        self._mirrored = torch.from_numpy(slots.format.left_right_swap.copy())
        self._sides = self._mirrored != torch.arange(len(slots.names))
        legs = ("hip", "knee", "ankle", "heel", "toe", "foot")
        self._is_leg = torch.tensor([any(part in name for part in legs) for name in slots.names])

    def _chance(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self.generator)

    def take(self, points: Tensor) -> Images:
        """Images of points (N, S, 3), world axes, about the pelvis, metres."""
        count, num_slots, _ = points.shape
        normal = lambda *shape: torch.randn(*shape, generator=self.generator)  # noqa: E731
        turn = draw_cameras(count, self.generator)
        confidence = self._draw_confidence(count)
        at = points @ turn.mT
        confidence = self._cropped(at, confidence)
        low, high = np.log(DISTANCE_M)
        depth = torch.exp(low + (high - low) * self._chance(count))
        depth = torch.maximum(depth, 0.4 - at[..., 2].amin(dim=1))
        sideways = 0.5 * (self._chance(count, 2) - 0.5) * depth[:, None]
        place = torch.cat([sideways, depth[:, None]], dim=1)
        low, high = np.log(NOISE_M)
        sigma = torch.exp(low + (high - low) * self._chance(count))
        shifts = (
            sigma[:, None, None]
            / confidence.clamp(min=0.05)[..., None]
            * normal(count, num_slots, 2)
        )
        outlier = (self._chance(count, 1) < WITH_OUTLIERS) & (self._chance(count, num_slots) < 0.1)
        shifts = shifts + outlier[..., None] * 0.3 * normal(count, num_slots, 2)
        at = self._swapped(at)
        rays = (at[..., :2] + shifts + place[:, None, :2]) / (at[..., 2:] + depth[:, None, None])
        known_focal = self._chance(count) < KNOWN_FOCAL
        zoom = torch.where(known_focal, torch.zeros(count), 0.35 * normal(count)).exp()
        noise = torch.where(
            self._chance(count) < KNOWN_NOISE, sigma / depth * zoom, torch.zeros(count)
        )
        made, axes = network_input(rays * zoom[:, None, None], confidence, known_focal, noise)
        return Images(made, axes @ turn)

    def _draw_confidence(self, count: int) -> Tensor:
        drawn = torch.multinomial(self._shares, count, replacement=True, generator=self.generator)
        confidence = self._of_format[drawn].float()
        uneven = (self._chance(count, 1) < OF_LOW_CONFIDENCE) & (
            self._chance(*confidence.shape) < 0.5
        )
        confidence = torch.where(
            uneven, confidence * (0.15 + 0.85 * self._chance(*confidence.shape)), confidence
        )
        missing = (self._chance(count, 1) < SOME_MISSING) * 0.6 * self._chance(count, 1)
        kept = confidence * (self._chance(*confidence.shape) >= missing)
        enough = (kept > 0).sum(dim=1, keepdim=True) >= 6
        return torch.where(enough, kept, confidence)

    def _cropped(self, at: Tensor, confidence: Tensor) -> Tensor:
        """Cut off, at a line in the image, often at the legs."""
        count = len(at)
        angle = torch.where(
            self._chance(count) < 0.8, torch.zeros(count), 2 * np.pi * self._chance(count)
        )
        along = at[..., 0] * angle.sin()[:, None] + at[..., 1] * angle.cos()[:, None]
        seen = confidence > 0
        low = torch.where(seen, along, torch.inf).amin(dim=1, keepdim=True)
        high = torch.where(seen, along, -torch.inf).amax(dim=1, keepdim=True)
        cut = low + (0.3 + 0.7 * self._chance(count, 1)) * (high - low)
        is_cropped = self._chance(count, 1) < CROPPED
        kept = confidence * ~(is_cropped & (along > cut))
        enough = (kept > 0).sum(dim=1, keepdim=True) >= 5
        return torch.where(enough, kept, confidence)

    def _swapped(self, at: Tensor) -> Tensor:
        """Left and right exchanged for legs, for all else, or for both."""
        count = len(at)
        legs, others = (
            (self._chance(count, 1) < SWAPPED) & part & self._sides
            for part in (self._is_leg, ~self._is_leg)
        )
        return torch.where((legs | others)[..., None], at[:, self._mirrored], at)
