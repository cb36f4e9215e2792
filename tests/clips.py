"""Clips of a person who moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from checks import seen_by, standing_person
from smplceres import Camera

CAMERA = Camera(fx=1100, fy=1100, cx=500, cy=500, width=1000, height=1000)


def waving(model, rng, seconds):
    """Somebody who stands as people do, glides slowly to the side and raises an arm, at these
    times."""
    person = standing_person(model, rng, yaw=0.5)
    person["body_pose"] = model.default_prior.start_pose.reshape(-1, 3)
    motion = []
    for t in seconds:
        pose = person["body_pose"].copy()
        pose[15] += [0, 0, 0.6 * np.sin(2 * t)]  # left shoulder
        pose[17] += [0, -0.4 * np.sin(3 * t), 0]  # left elbow
        pose[3] += [0.3 + 0.3 * np.sin(2.5 * t), 0, 0]  # left knee
        motion.append(person | {"body_pose": pose, "transl": person["transl"] + [0.2 * t, 0, 0]})
    return motion


def seen_frames(model, motion, rng, noise=2.0, camera=CAMERA):
    exact = [seen_by(camera, model, person) for person in motion]
    return [replace(k, xy=k.xy + rng.normal(0, noise, k.xy.shape)) for k in exact]


def joints_of(model, motion):
    return np.array([model.joints(**person) for person in motion])


def root_aligned(joints, truth):
    """Metres, mean over frames and joints."""
    apart = (joints - joints[:, :1]) - (truth - truth[:, :1])
    return float(np.linalg.norm(apart, axis=-1).mean())
