"""The same objective by other solvers: SciPy's least squares, BFGS and Powell, and CMA-ES.

    pip install "smplceres[solvers]"
    python examples/other_solvers.py [--seconds 20]

A person of the built-in body is seen with 3 px of noise; every solver starts at the same place and
minimises the energy of the default preset's last stage. Without derivatives 85 variables take long:
Powell and CMA-ES stop after --seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable

import cma
import numpy as np
import scipy.optimize

import smplceres as sc


def seen_person(camera: sc.Camera, model: sc.BodyModel) -> sc.Keypoints:
    """Somebody at ease, 4 m away, half turned, with 3 px of noise."""
    rng = np.random.default_rng(0)
    parameters = model.parameters(
        None,
        np.pi * np.array([np.cos(0.3), 0, np.sin(0.3)]),
        model.default_prior.start_pose + rng.normal(0, 0.2, 3 * (model.num_joints - 1)),
        [0.1, 0.0, 4.0],
    )
    pixels = camera.project(model.joints(**parameters))
    return sc.Keypoints.from_array(pixels + rng.normal(0, 3, pixels.shape), "smpl24")


class OutOfTimeError(Exception):
    """Raised through a solver that knows no time limit."""


def until(objective: sc.Objective, seconds: float) -> tuple[Callable, dict[str, float]]:
    """The objective, counted, raising OutOfTimeError after `seconds`; and the least energy seen."""
    end, seen = time.perf_counter() + seconds, {"energy": np.inf, "calls": 0}

    def energy(x: np.ndarray) -> float:
        if time.perf_counter() > end:
            raise OutOfTimeError
        value = objective(x)
        seen["energy"] = min(seen["energy"], value)
        seen["calls"] += 1
        return value

    return energy, seen


def least_squares(f: sc.Objective, seconds: float) -> str:
    found = scipy.optimize.least_squares(f.residuals, f.x0, jac=f.jacobian, x_scale="jac")
    return f"energy {2 * found.cost:9.2f}, {found.nfev} residuals"


def bfgs(f: sc.Objective, seconds: float) -> str:
    found = scipy.optimize.minimize(f, f.x0, jac=f.gradient, method="BFGS")
    return f"energy {found.fun:9.2f}, {found.nfev} energies"


def powell(f: sc.Objective, seconds: float) -> str:
    energy, seen = until(f, seconds)
    with contextlib.suppress(OutOfTimeError):
        scipy.optimize.minimize(energy, f.x0, method="Powell")
    return f"energy {seen['energy']:9.2f}, {seen['calls']} energies"


def cma_es(f: sc.Objective, seconds: float) -> str:
    options = {"timeout": seconds, "seed": 1, "verbose": -9}
    evolution = cma.CMAEvolutionStrategy(f.x0, 0.1, options)
    evolution.optimize(f)
    result = evolution.result
    return f"energy {result.fbest:9.2f}, {result.evaluations} energies"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="of Powell and of CMA-ES")
    seconds = parser.parse_args().seconds
    model = sc.load_body_model()
    camera = sc.Camera(fx=1500, fy=1500, cx=639.5, cy=359.5, width=1280, height=720)
    keypoints = seen_person(camera, model)

    begin = time.perf_counter()
    result = sc.fit(keypoints, camera, model=model)
    took = time.perf_counter() - begin
    print(f"{'smplceres.fit':14s} {took:7.3f} s  energy {sum(result.energies.values()):9.2f}")

    f = sc.objective(keypoints, camera, model=model)
    print(f"{'the start':14s} {'':9s}  energy {f(f.x0):9.2f}")
    for solve in (least_squares, bfgs, powell, cma_es):
        begin = time.perf_counter()
        told = solve(f, seconds)
        print(f"{solve.__name__:14s} {time.perf_counter() - begin:7.3f} s  {told}")


if __name__ == "__main__":
    main()
