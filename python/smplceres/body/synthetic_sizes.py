"""Tables of the synthetic body, and the effects of its coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .model_files import Floats

STATURE = 1.70
NUM_BETAS = 10

# Heights as fractions of stature; a body is stretched evenly between them.
# The shoulders' centres lie 2 cm below Drillis and Contini's 0.818.
ANKLE, KNEE, HIP, SHOULDER, NECK = 0.039, 0.285, 0.530, 0.806, 0.850
PELVIS, SPINE1, SPINE2, SPINE3, HEAD = 0.565, 0.625, 0.695, 0.735, 0.895

# Distance from the midline along the stretched arm: shoulder, elbow, wrist, knuckles.
ARM = np.array([0.0, 0.170, 0.446, 0.708, 0.804])

# The pelvis lies this far below the origin, as in SMPL, whose origin is near the chest.
PELVIS_BELOW_ORIGIN = 0.24

# Rows of a trunk, leg or arm: place along the axis; radii towards u, v, -u, -v; centre in (u, v).
# Trunk: height / stature; u = left, v = front.
TRUNK = np.array(
    [
        [0.490, 0.110, 0.070, 0.110, 0.095, 0.0, 0.000],
        [0.510, 0.155, 0.088, 0.155, 0.108, 0.0, 0.000],
        [0.530, 0.172, 0.098, 0.172, 0.112, 0.0, 0.000],
        [0.560, 0.171, 0.102, 0.171, 0.108, 0.0, 0.000],
        [0.595, 0.156, 0.104, 0.156, 0.094, 0.0, 0.000],
        [0.635, 0.139, 0.103, 0.139, 0.084, 0.0, 0.000],
        [0.680, 0.142, 0.110, 0.142, 0.090, 0.0, 0.000],
        [0.725, 0.155, 0.115, 0.155, 0.104, 0.0, 0.000],
        [0.765, 0.164, 0.112, 0.164, 0.112, 0.0, 0.000],
        [0.792, 0.170, 0.099, 0.170, 0.110, 0.0, 0.000],
        [0.813, 0.162, 0.082, 0.162, 0.099, 0.0, 0.000],
        [0.830, 0.130, 0.067, 0.130, 0.086, 0.0, 0.000],
        [0.846, 0.088, 0.057, 0.088, 0.072, 0.0, 0.000],
        [0.862, 0.061, 0.056, 0.061, 0.060, 0.0, 0.002],
        [0.870, 0.057, 0.078, 0.057, 0.056, 0.0, 0.004],
        [0.878, 0.059, 0.092, 0.059, 0.055, 0.0, 0.006],
        [0.895, 0.066, 0.092, 0.066, 0.062, 0.0, 0.010],
        [0.915, 0.071, 0.088, 0.071, 0.078, 0.0, 0.014],
        [0.938, 0.074, 0.086, 0.074, 0.092, 0.0, 0.016],
        [0.960, 0.075, 0.083, 0.075, 0.096, 0.0, 0.016],
    ]
)

# Leg: height / stature; u = outward, v = front.
LEG = np.array(
    [
        [0.022, 0.034, 0.040, 0.034, 0.044, 0.096, -0.012],
        [0.039, 0.034, 0.038, 0.034, 0.042, 0.096, -0.012],
        [0.065, 0.034, 0.037, 0.034, 0.040, 0.096, -0.011],
        [0.100, 0.036, 0.040, 0.036, 0.042, 0.096, -0.010],
        [0.150, 0.045, 0.047, 0.045, 0.053, 0.098, -0.008],
        [0.205, 0.054, 0.052, 0.055, 0.066, 0.100, -0.005],
        [0.245, 0.052, 0.053, 0.054, 0.061, 0.100, 0.000],
        [0.285, 0.055, 0.060, 0.056, 0.053, 0.100, 0.004],
        [0.325, 0.061, 0.065, 0.061, 0.058, 0.099, 0.006],
        [0.380, 0.073, 0.077, 0.071, 0.071, 0.098, 0.006],
        [0.440, 0.083, 0.086, 0.081, 0.084, 0.097, 0.003],
        [0.490, 0.087, 0.087, 0.084, 0.093, 0.095, 0.000],
        [0.530, 0.083, 0.084, 0.082, 0.095, 0.094, 0.000],
        [0.565, 0.070, 0.076, 0.075, 0.085, 0.092, 0.000],
    ]
)

# Arm: 0 at the shoulder, 1 elbow, 2 wrist, 3 knuckles; u = up, v = front. Centre over SHOULDER.
ARM_SECTIONS = np.array(
    [
        [-0.55, 0.036, 0.060, 0.064, 0.066, 0.000, -0.010],
        [-0.25, 0.045, 0.067, 0.074, 0.073, -0.001, -0.011],
        [0.00, 0.049, 0.063, 0.070, 0.067, -0.002, -0.012],
        [0.25, 0.051, 0.055, 0.056, 0.058, -0.003, -0.014],
        [0.55, 0.044, 0.047, 0.046, 0.048, -0.005, -0.014],
        [0.85, 0.038, 0.041, 0.039, 0.042, -0.005, -0.014],
        [1.00, 0.036, 0.043, 0.037, 0.042, -0.005, -0.013],
        [1.22, 0.038, 0.045, 0.040, 0.043, -0.005, -0.011],
        [1.60, 0.030, 0.036, 0.031, 0.035, -0.005, -0.007],
        [1.92, 0.022, 0.029, 0.022, 0.028, -0.005, -0.004],
        [2.15, 0.019, 0.030, 0.020, 0.029, -0.005, -0.002],
        [2.60, 0.015, 0.041, 0.016, 0.041, -0.005, 0.000],
        [3.00, 0.011, 0.041, 0.012, 0.041, -0.005, 0.000],
    ]
)

# Foot: metres before the ankle; half-width outward and inward, height of its top; centre outward.
FOOT = np.array(
    [
        [-0.050, 0.029, 0.029, 0.056, 0.000],
        [-0.020, 0.033, 0.033, 0.074, 0.000],
        [0.025, 0.036, 0.036, 0.084, 0.001],
        [0.075, 0.042, 0.040, 0.066, 0.002],
        [0.120, 0.048, 0.044, 0.044, 0.001],
        [0.155, 0.046, 0.043, 0.032, -0.002],
        [0.178, 0.036, 0.038, 0.025, -0.007],
    ]
)

# Digits: root (along the arm, up, front); direction; length, radius at root and tip.
DIGITS = np.array(
    [
        [2.96, -0.004, 0.031, 1.0, -0.02, 0.09, 0.072, 0.0098, 0.0074],
        [3.00, -0.003, 0.0105, 1.0, -0.02, 0.02, 0.081, 0.0102, 0.0076],
        [2.97, -0.004, -0.0105, 1.0, -0.02, -0.04, 0.075, 0.0098, 0.0074],
        [2.88, -0.005, -0.030, 1.0, -0.02, -0.12, 0.060, 0.0086, 0.0066],
        [2.20, -0.008, 0.010, 0.76, -0.14, 0.62, 0.090, 0.0150, 0.0095],
    ]
)

# Bumps on the trunk, of which those off the midline come in pairs: centre (height / stature, x, z),
# their widths (x, y, z) in metres, displacement (x, y, z) in metres.
BUMPS = np.array(
    [
        [0.923, 0.000, 0.105, 0.009, 0.014, 0.05, 0.000, 0.000, 0.009],  # bridge of the nose
        [0.905, 0.000, 0.110, 0.012, 0.010, 0.05, 0.000, 0.000, 0.021],  # tip of the nose
        [0.937, 0.034, 0.100, 0.015, 0.010, 0.05, 0.000, 0.000, -0.008],  # eyes
        [0.951, 0.025, 0.100, 0.030, 0.007, 0.05, 0.000, 0.000, 0.003],  # brows
        [0.915, 0.045, 0.080, 0.018, 0.014, 0.05, 0.002, 0.000, 0.004],  # cheeks
        [0.892, 0.000, 0.105, 0.022, 0.006, 0.05, 0.000, 0.000, 0.005],  # lips
        [0.876, 0.000, 0.100, 0.022, 0.011, 0.05, 0.000, 0.000, 0.010],  # chin
        [0.924, 0.080, 0.000, 0.020, 0.017, 0.011, 0.018, 0.000, -0.008],  # ears
        [0.755, 0.078, 0.100, 0.060, 0.055, 0.06, 0.000, 0.000, 0.010],  # breast
        [0.790, 0.080, -0.110, 0.045, 0.060, 0.06, 0.000, 0.000, -0.006],  # shoulder blades
        [0.690, 0.000, -0.090, 0.016, 0.170, 0.06, 0.000, 0.000, 0.008],  # spine
        [0.530, 0.078, -0.110, 0.055, 0.055, 0.06, 0.000, 0.000, -0.018],  # buttocks
    ]
)


@dataclass(frozen=True)
class Sizes:
    """Dimensions that the ten coefficients change: lengths are metres, scales factors."""

    heights: Floats  # of the sole, ankle, knee, hip, neck and crown
    arm: Floats  # like ARM
    trunk_scale: float
    arm_scale: float
    leg_scale: float
    head_scale: float
    hand_and_foot_scale: float
    wider_shoulders: float  # half
    wider_hips: float  # half
    deeper_belly: float


def sizes_of(betas: Floats) -> Sizes:
    stature, girth, limbs, shoulder, hip, legs, head, arm_girth, belly, extremities = betas
    scale = 1 + 0.07 / STATURE * stature
    # Girths scale less with stature than lengths.
    slender = 1 + 0.5 * (scale - 1)
    leg = HIP * STATURE * scale
    taller_legs = leg * 0.025 * legs
    longer_legs = leg * 0.025 * limbs
    head_scale = scale * (1 + 0.03 * head)
    hip_height = leg + taller_legs + longer_legs
    neck_height = hip_height - taller_legs + (NECK - HIP) * STATURE * scale
    heights = [0, *(hip_height / HIP * np.array([ANKLE, KNEE, HIP]))]
    heights += [neck_height, neck_height + (1 - NECK) * STATURE * head_scale]
    segments = np.diff(ARM) * scale
    segments += [
        0.010 * shoulder,
        *(0.025 * limbs * segments[1:3]),
        0.04 * extremities * segments[3],
    ]
    return Sizes(
        heights=np.array(heights),
        arm=np.concatenate([[0], np.cumsum(segments)]),
        trunk_scale=slender * (1 + 0.09 * girth),
        arm_scale=slender * (1 + 0.06 * girth + 0.08 * arm_girth),
        leg_scale=slender * (1 + 0.07 * girth),
        head_scale=head_scale * (1 + 0.01 * girth),
        hand_and_foot_scale=scale * (1 + 0.04 * extremities),
        wider_shoulders=0.010 * shoulder,
        wider_hips=0.009 * hip,
        deeper_belly=0.022 * belly,
    )
