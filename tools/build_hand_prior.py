#!/usr/bin/env python3
"""Makes the hand prior that smplceres ships, hand_prior.npz: principal components of hand poses.

    python tools/build_hand_prior.py --godot ../shared/data/whole_body/godot_xr_hands \\
        --signs FOLDER_OF_THE_WHEEL/spoken_to_signed/assets/fingerspelling_lexicon

Poses come from Godot XR Tools (CC0) and from hands that spell words in 19 sign languages (the wheel
spoken-to-signed 0.4.0, MIT), to which our own hand with hinges is fitted (hand_prior/refit.py).
Nothing is learned from four of the languages: what the components keep of their poses is printed.

The file: hands_meanl/r (45,), hands_componentsl/r (12, 45) of orthonormal rows, hands_sdl/r (12,):
pose = mean + components^T (sd * z) with z of unit variance, rotation vectors of SMPL-X's 15 joints;
thumb_bend_axes (2, 3), about which the left thumb's second and third joint bend.

Needs: pip install 'numpy<2' scipy pose-format
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from body_model.posed import WholeBody
from body_model.whole_file import write_arrays
from hand_prior.from_pixels import WIDTH_PX, tip_errors
from hand_prior.godot import poses_on
from hand_prior.hand import POINTS, LeftHand, left_hand
from hand_prior.languages import HELD_OUT
from hand_prior.refit import refit
from hand_prior.signs import Hands, read_hands

Floats = NDArray[np.float64]

NUM_COMPONENTS = 12
# Share of the signs in the sample; Godot's few poses have the rest.
SIGNS = 0.6
# Root mean square distance (m) of a refitted hand's points, at most: others are not hands.
WORST_FIT = 0.008
NUM_SEEN = 60  # hands that are also found in images
EVERY = 6  # frames of a clip hardly differ from the next
MIRROR = np.tile([1.0, -1.0, -1.0], 15)
DATA = Path(__file__).resolve().parents[1] / "python" / "smplceres" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--godot", type=Path, required=True)
    parser.add_argument("--signs", type=Path, required=True)
    parser.add_argument("--body", type=Path, default=DATA / "body_whole.npz")
    parser.add_argument("--every", type=int, default=EVERY, help="frame of a clip [%(default)s]")
    parser.add_argument("--poses", type=Path, help="also write the poses, by language")
    parser.add_argument("--out", type=Path, default=DATA / "hand_prior.npz")
    options = parser.parse_args()
    body = WholeBody(options.body)
    names, godot = poses_on(left_hand(body, np.eye(3)[:2]).rest, options.godot)
    hand = left_hand(body, _thumb_axes(godot))
    thumb = godot[:, 12].mean(axis=0)
    # The same hinges: a pose of Godot's is what its points are on them.
    hinged = refit(hand, hand.points(godot)[:, POINTS], thumb)
    print(
        f"Godot: {len(names)} poses; hinges give their points to "
        f"{1000 * np.median(hinged.error):.1f} mm median"
    )
    hands = _some(read_hands(options.signs), options.every)
    fitted = refit(hand, hands.points, thumb)
    good = fitted.error < WORST_FIT
    print(
        f"signs: {len(good)} hands, error {1000 * np.median(fitted.error):.1f} mm median, "
        f"{100 * good.mean():.0f} % kept"
    )
    signs, language = fitted.pose[good].reshape(-1, 45), hands.language[good]
    godot = hinged.pose.reshape(-1, 45)
    held_out = np.isin(language, HELD_OUT)
    _check(hand, signs[~held_out], godot, signs[held_out])
    mean, components, deviations = principal(signs[~held_out], godot, NUM_COMPONENTS)
    check_in_images(hand, signs[held_out], (mean, components, deviations))
    write_arrays(
        options.out,
        {
            "hands_meanl": mean.astype(np.float32),
            "hands_meanr": (mean * MIRROR).astype(np.float32),
            "hands_componentsl": components.astype(np.float32),
            "hands_componentsr": (components * MIRROR).astype(np.float32),
            "hands_sdl": deviations.astype(np.float32),
            "hands_sdr": deviations.astype(np.float32),
            "thumb_bend_axes": hand.bend_thumb.astype(np.float32),
        },
    )
    if options.poses:
        write_arrays(options.poses, {"signs": signs, "language": language, "godot": godot})


def _some(hands: Hands, every: int) -> Hands:
    return Hands(hands.points[::every], hands.language[::every], hands.clip[::every])


def _thumb_axes(godot: Floats) -> Floats:
    """The axes that Godot's thumbs bend about most at their second and third joint, so that both
    bends are positive together.
    """
    axes, bends = [], []
    for joint in (13, 14):
        turned = godot[:, joint] - godot[:, joint].mean(axis=0)
        axis = np.linalg.svd(turned, full_matrices=False)[2][0]
        axes.append(axis)
        bends.append(turned @ axis)
    # The second joint's usual bend is towards the palm.
    first = np.sign(godot[:, 13].mean(axis=0) @ axes[0])
    second = first * np.sign(bends[0] @ bends[1])
    return np.stack([first * axes[0], second * axes[1]])


def principal(signs: Floats, godot: Floats, number: int) -> tuple[Floats, Floats, Floats]:
    """Mean (45,), components (number, 45) and standard deviations of the weighted sample."""
    weights = np.concatenate(
        [np.full(len(signs), SIGNS / len(signs)), np.full(len(godot), (1 - SIGNS) / len(godot))]
    )
    sample = np.concatenate([signs, godot])
    mean = weights @ sample
    centred = (sample - mean) * np.sqrt(weights)[:, None]
    _, values, rows = np.linalg.svd(centred, full_matrices=False)
    rows = rows[:number] * np.where(rows[:number].sum(axis=1) < 0, -1.0, 1.0)[:, None]
    return mean, rows, values[:number]


def _check(hand: LeftHand, signs: Floats, godot: Floats, others: Floats) -> None:
    """Prints what components keep of poses of languages that they were not fitted to."""
    there = hand.points(others.reshape(-1, 15, 3))
    tips = POINTS[4::4]
    total = ((others - others.mean(axis=0)) ** 2).sum()
    for number in (6, 9, 12, 15):
        mean, rows, deviations = principal(signs, godot, number)
        kept = mean + (others - mean) @ rows.T @ rows
        share = 1 - ((kept - others) ** 2).sum() / total
        miss = 1000 * np.linalg.norm(hand.points(kept.reshape(-1, 15, 3)) - there, axis=2)[:, tips]
        spread = ((others - mean) @ rows.T / deviations).std(axis=0)
        print(
            f"  {number} components: R2 {share:.3f}, finger tips {miss.mean():.1f} mm mean on "
            f"{len(others)} hands of {', '.join(HELD_OUT)}; their coefficients' standard "
            f"deviations {spread.min():.2f} to {spread.max():.2f}"
        )


def check_in_images(hand: LeftHand, others: Floats, prior: tuple[Floats, Floats, Floats]) -> None:
    """Prints how far finger tips are off where a hand is found in one image."""
    for noise in (1.5, 3.0, 6.0):
        rng = np.random.default_rng(0)
        some = others[rng.choice(len(others), min(len(others), NUM_SEEN), replace=False)]
        errors = 1000 * tip_errors(hand, some, prior, noise, rng)
        print(
            f"  {len(some)} of them in an image, {noise:g} px of noise at {WIDTH_PX:g} px: finger "
            f"tips in the wrist's frame {np.median(errors):.1f} mm median, {errors.mean():.1f} mean"
        )


if __name__ == "__main__":
    main()
