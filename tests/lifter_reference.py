"""The network of the conditional prior and its input in NumPy with 64 bits; a small random one."""

from __future__ import annotations

import numpy as np

from smplceres.priors.lifter import Lifter

ANGLES, RANK = 63, 8


def random_lifter(rng: np.random.Generator, slots: tuple[str, ...], *, width: int = 16) -> Lifter:
    """Two blocks; predictions are poses of some tenths of a radian."""
    outputs = 6 + ANGLES * (2 + RANK)
    shapes = {
        "input": (width, 3 * len(slots) + 4),
        "block0_first": (width, width),
        "block0_second": (width, width),
        "block1_first": (width, width),
        "block1_second": (width, width),
        "head": (outputs, width),
    }
    arrays = {}
    for name, (rows, columns) in shapes.items():
        arrays[f"{name}_weight"] = rng.normal(0, columns**-0.5, (rows, columns))
        arrays[f"{name}_bias"] = rng.normal(0, 0.1, rows)
    for name in ("norm", "block0_norm", "block1_norm"):
        arrays[f"{name}_weight"] = rng.uniform(0.5, 1.5, width)
        arrays[f"{name}_bias"] = rng.normal(0, 0.1, width)
    arrays["whitening"] = np.eye(ANGLES) + np.triu(rng.normal(0, 0.1, (ANGLES, ANGLES)), 1)
    arrays["mean"], arrays["scale"] = rng.normal(0, 0.1, ANGLES), rng.uniform(0.1, 0.4, ANGLES)
    arrays["degrees_of_freedom"] = np.array(5.0)
    return Lifter(
        {name: array.astype(np.float32).astype(float) for name, array in arrays.items()}, slots
    )


def lower_median(values: np.ndarray) -> float:
    return float(np.sort(values)[(len(values) - 1) // 2])


def network_input(
    rays: dict[int, tuple[np.ndarray, float]],
    num_slots: int,
    *,
    focal_known: bool,
    noise: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """The input and the rotation of its axes, of rays (2,) with confidences by slot."""
    all_rays = np.array([ray for ray, _ in rays.values()])
    axis = np.array([*(lower_median(column) for column in all_rays.T), 1.0])
    axis /= np.linalg.norm(axis)
    v = np.cross(axis, [0, 0, 1])
    cross = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    rotation = np.eye(3) + cross + cross @ cross / (1 + axis[2])
    turned = np.c_[all_rays, np.ones(len(all_rays))] @ rotation.T
    plane = turned[:, :2] / turned[:, 2:]
    size = lower_median(np.linalg.norm(plane, axis=1))
    places, confidences = np.zeros((num_slots, 2)), np.zeros(num_slots)
    for place, (slot, (_, confidence)) in zip(plane, rays.items(), strict=True):
        places[slot] = np.clip(place / size, -5, 5)
        confidences[slot] = min(confidence, 1.0)
    further = np.zeros(4)
    if focal_known:
        further[:2] = np.log(size / 0.1), 1.0
    if noise > 0:
        further[2:] = np.log(noise / size) + 3.0, 1.0
    return np.concatenate([places.ravel(), confidences, further]), rotation


def evaluate(lifter: Lifter, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Root (3, 3) in the axes of the input, mean (63,) and precision (63, 63)."""
    a = lifter.arrays

    def linear(name: str, h: np.ndarray) -> np.ndarray:
        return a[f"{name}_weight"] @ h + a[f"{name}_bias"]

    def norm(name: str, h: np.ndarray) -> np.ndarray:
        return (h - h.mean()) / np.sqrt(h.var() + 1e-5) * a[f"{name}_weight"] + a[f"{name}_bias"]

    def silu(h: np.ndarray) -> np.ndarray:
        return h / (1 + np.exp(-h))

    h = linear("input", x)
    for block in ("block0", "block1"):
        h = h + linear(f"{block}_second", silu(linear(f"{block}_first", norm(f"{block}_norm", h))))
    y = linear("head", silu(norm("norm", h)))
    six, mu, spread, factor = np.split(y, np.cumsum([6, ANGLES, ANGLES]))
    first = six[:3] / np.linalg.norm(six[:3])
    second = six[3:] - first @ six[3:] * first
    second /= np.linalg.norm(second)
    root = np.stack([first, second, np.cross(first, second)], axis=1)
    factor = 0.3 * factor.reshape(ANGLES, RANK)
    covariance = np.diag(np.exp(2 * (3 * np.tanh(spread / 3) - 1))) + factor @ factor.T
    whitening = a["whitening"] / a["scale"]
    precision = whitening.T @ np.linalg.inv(covariance) @ whitening
    return root, a["mean"] + a["scale"] * mu, precision
