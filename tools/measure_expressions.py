#!/usr/bin/env python3
"""Measures how people move the units of their faces: body_model/face_moments.csv.

    python tools/measure_expressions.py \\
        --faces FOLDER_OF_THE_WHEEL/spoken_to_signed/assets/fingerspelling_lexicon

Faces are those of people who sign and mouth words in 19 sign languages (the wheel spoken-to-signed
0.4.0, MIT), MediaPipe's 478 points in space. A person's face at rest is the median of their frames;
what a frame differs by is solved for activations of MakeHuman's face units, none negative:

    min_a |sum_u a_u U_u - d|^2 + ridge |a|^2,  a >= 0,

with U_u the unit's displacement of the 478 points (face_points.csv). The file holds the mean of
a a^T over frames and their mirror images, and the same of the angle that opens the jaw.

Needs: pip install smplceres anny==0.6.2 torch scipy pose-format
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pose_format import Pose

from body_model.expressions import moments_of
from body_model.face_landmarks import read_face_points
from body_model.face_units import expression_units, face_unit
from body_model.jaw import OPEN
from body_model.people import Population
from body_model.posed import WholeBody
from body_model.seen import drop_unseen
from build_whole_body import DATA, skin_first
from hand_prior.languages import HELD_OUT

Floats = NDArray[np.float64]

JAW_UNIT = "jawOpen"
# Variance of a point's noise (2 mm, in parts the same for points beside each other, as if of ten
# points one counted) over that of an activation (0.6; 1 is the unit's own end).
RIDGE = 10 * 0.002**2 / 0.6**2
ROUNDS = 60
EVERY = 8  # frames of a clip hardly differ from the next
# Frames whose face differs from its rest by more than this, metres mean, are mistakes.
WORST = 0.008
# Points that hardly move with expression and so place the head: forehead, bridge of the nose,
# temples.
STILL = (10, 338, 297, 109, 67, 103, 332, 151, 9, 8, 168, 6, 127, 356, 162, 389, 21, 251, 54, 284)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--body", type=Path, default=DATA / "body_whole.npz")
    default = Path(__file__).resolve().parent / "body_model" / "face_moments.csv"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args()
    rest, names, units = units_on_points(WholeBody(options.body))
    used = np.isfinite(rest).all(axis=1)
    activations = []
    for folder in sorted(path for path in options.faces.iterdir() if path.is_dir()):
        faces = [face for path in sorted(folder.glob("*.pose")) for face in faces_of(path)]
        if len(faces) < 20:
            continue
        moved = displacements(np.array(faces), rest)
        solved = solve_activations(units[:, used], moved[:, used])
        kept = np.linalg.norm(moved[:, used], axis=2).mean(axis=1) < WORST
        left = moved[:, used] - np.einsum("nu,upi->npi", solved, units[:, used])
        print(
            f"  {folder.name}: {kept.sum()} of {len(kept)} faces; "
            f"{1000 * np.linalg.norm(moved[kept][:, used], axis=2).mean():.2f} mm from rest, "
            f"{1000 * np.linalg.norm(left[kept], axis=2).mean():.2f} mm left",
            flush=True,
        )
        if folder.name not in HELD_OUT:
            activations.append(solved[kept])
    sample = np.concatenate(activations)  # of all languages but those held out
    print(f"{len(sample)} faces; activations' root mean squares:")
    for name, value in sorted(zip(names, np.sqrt((sample**2).mean(axis=0)), strict=True)):
        print(f"  {name} {value:.2f}")
    jaw = np.degrees(OPEN) * sample[:, names.index(JAW_UNIT)]
    print(f"jaw: {jaw.mean():.1f} degrees mean, {jaw.std():.1f} sd, {np.max(jaw):.1f} most")
    write_moments(options.out, sample, names)


def units_on_points(body: WholeBody) -> tuple[Floats, tuple[str, ...], Floats]:
    """The 478 points at rest, names, and units (U, 478, 3): the expression's and the open jaw."""
    mesh = Population().mesh
    mesh = skin_first(mesh, drop_unseen(mesh))
    rows = np.loadtxt(Path(__file__).parent / "body_model" / "face_points.csv", delimiter=",")
    names = (*expression_units(), JAW_UNIT)
    units = np.zeros((len(names), 478, 3))
    for number, name in enumerate(names):
        corners = face_unit(mesh, name)[rows[:, 1:4].astype(np.int64)]
        units[number, rows[:, 0].astype(np.int64)] = np.einsum("nk,nki->ni", rows[:, 4:], corners)
    return read_face_points(body), names, units


def faces_of(path: Path) -> Floats:
    """(N, 478, 3) of some frames: x right, y up, z to the viewer."""
    pose = Pose.read(path.read_bytes())
    first = 0
    for component in pose.header.components:
        last = first + len(component.points)
        if component.name == "FACE_LANDMARKS" and last - first == 478:
            seen = pose.body.confidence[:, 0, first:last].min(axis=1) > 0
            found = np.asarray(pose.body.data[seen, 0, first:last], np.float64)[::EVERY]
            return (found - found.mean(axis=1, keepdims=True)) * [1, -1, -1]
        first = last
    return np.zeros((0, 478, 3))


def displacements(faces: Floats, rest: Floats) -> Floats:
    """(N, 478, 3) metres, from the median of one person's faces, on our head at rest."""
    still = np.array([point for point in STILL if np.isfinite(rest[point]).all()])
    used = np.isfinite(rest).all(axis=1)
    # Depth has a scale of its own: that which makes the median face as deep as ours is.
    median = np.median(faces, axis=0)
    across = np.ptp(rest[used][:, 0]) / np.ptp(median[used][:, 0])
    faces = faces * [1, 1, np.ptp(rest[used][:, 2]) / np.ptp(median[used][:, 2]) / across]
    placed = faces
    target = np.where(used[:, None], rest, 0.0)
    for _ in range(3):
        placed = _placed(placed, target, still)
        target = np.median(placed, axis=0)
    # The median face, on our head: its frame is that of the mesh.
    turned = _placed(target[None], np.where(used[:, None], rest, 0.0), np.flatnonzero(used))[0]
    scale = np.ptp(turned[used][:, 0]) / np.ptp(target[used][:, 0])
    return np.asarray((placed - target) * scale)


def _placed(faces: Floats, target: Floats, some: NDArray[np.int64]) -> Floats:
    """Faces turned, moved and scaled so that some of their points meet the target's (Umeyama)."""
    middle, aim = faces[:, some].mean(axis=1, keepdims=True), target[some].mean(axis=0)
    centred, aimed = faces[:, some] - middle, target[some] - aim
    u, s, vt = np.linalg.svd(np.einsum("pi,npj->nij", aimed, centred))
    sign = np.ones_like(s)
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    turn = (u * sign[:, None]) @ vt
    scale = (s * sign).sum(axis=1) / (centred**2).sum(axis=(1, 2))
    return scale[:, None, None] * ((faces - middle) @ np.swapaxes(turn, 1, 2)) + aim


def solve_activations(units: Floats, moved: Floats) -> Floats:
    """(N, U) not negative, by coordinate descent on all faces together."""
    # Depth is worth half: MediaPipe guesses it.
    worth = np.array([1.0, 1.0, 0.5])
    design = (units * worth).reshape(len(units), -1)
    normal = design @ design.T + RIDGE * np.eye(len(units))
    right = (moved * worth).reshape(len(moved), -1) @ design.T
    solved = np.zeros_like(right)
    for _ in range(ROUNDS):
        for unit in range(len(units)):
            gradient = solved @ normal[unit] - right[:, unit]
            solved[:, unit] = np.clip(solved[:, unit] - gradient / normal[unit, unit], 0, 1.5)
    return solved


def write_moments(path: Path, sample: Floats, names: tuple[str, ...]) -> None:
    moments = moments_of(sample, names)
    lines = ["# mean products of activations; tools/measure_expressions.py", ",".join(names)]
    lines += [",".join(f"{value:.5g}" for value in row) for row in moments]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
