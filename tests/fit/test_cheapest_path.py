"""The cheapest path through candidates against the enumeration of all paths."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from smplceres._native import _core


def total(costs, steps, path) -> float:
    between = sum(
        step[now, before] for step, (before, now) in zip(steps, pairwise(path), strict=True)
    )
    return sum(cost[c] for cost, c in zip(costs, path, strict=True)) + between


def random_case(rng, counts):
    costs = [rng.normal(size=n) for n in counts]
    steps = [rng.exponential(size=(now, before)) for before, now in pairwise(counts)]
    return costs, steps


@pytest.mark.parametrize("counts", [(1,), (4,), (3, 1), (1, 3), (2, 3, 4), (4, 1, 5, 2, 3)])
def test_the_path_is_the_cheapest_of_all(counts, rng) -> None:
    for _ in range(20):
        costs, steps = random_case(rng, counts)
        path = _core.cheapest_path(costs, steps)
        every = [total(costs, steps, each) for each in product(*map(range, counts))]
        assert total(costs, steps, path) == pytest.approx(min(every), abs=1e-12)


def test_steps_outweigh_the_energy_of_one_frame() -> None:
    """A candidate that is cheapest in its frame, but far from both neighbours, is left out."""
    costs = [np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0])]
    far = np.array([[0.0, 5.0], [5.0, 0.0]])
    assert _core.cheapest_path(costs, [far, far]) == [0, 0, 0]
    assert _core.cheapest_path(costs, [0.01 * far, 0.01 * far]) == [0, 1, 0]


def test_of_equal_paths_the_first_candidates_are_taken() -> None:
    assert _core.cheapest_path([np.zeros(3)] * 3, [np.zeros((3, 3))] * 2) == [0, 0, 0]


def test_no_frames_have_no_path() -> None:
    assert _core.cheapest_path([], []) == []


@pytest.mark.parametrize(
    ("counts", "shape", "message"),
    [
        ((2, 0), (0, 2), "costs: expected a candidate of every frame, got none of frame 1"),
        ((2, 3), (2, 3), "steps: expected 3 x 2 for frame 1, got 2 x 3"),
    ],
)
def test_other_sizes_are_refused(counts, shape, message) -> None:
    with pytest.raises(ValueError, match=message):
        _core.cheapest_path([np.zeros(n) for n in counts], [np.zeros(shape)])
