"""The layouts of programs: where a file has the parameters of its people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.skeleton import NUM_SHARED_JOINTS
from .rotations import axis_angles_of, numbers_of

Floats = NDArray[np.float64]
Content = Mapping[str, Any]

# Names of the same parameter; the first that a file has is read.
_POSE = ("poses", "pose", "smpl_poses", "smpl_thetas", "thetas", "theta", "full_pose", "fullpose")
_ORIENT = ("global_orient", "root_orient", "orient", "Rh")
_BODY = ("body_pose", "pose_body")
_BETAS = ("betas", "smpl_betas", "beta", "shape", "shapes")
_TRANSL = (
    "transl",
    "trans",
    "smpl_trans",
    "cam_trans",
    "camera_translation",
    "cam_t",
    "translation",
)
_RATES = ("mocap_framerate", "mocap_frame_rate", "fps", "frame_rate")


@dataclass(frozen=True, eq=False)
class Parameters:
    """Parameters of one person in F frames.

    Attributes:
        name: of the person.
        poses: (F, J, 3) axis-angles, J >= 22.
        betas: (B,) mean of the frames.
        transl: (F, 3) metres; None: not in the file.
        frames: (F,) numbers.
        fps: None: not in the file.
        coordinates: None: not known.
    """

    name: str
    poses: Floats
    betas: Floats
    transl: Floats | None = None
    frames: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    fps: float | None = None
    coordinates: str | None = None


def people_of(content: object, world: bool) -> list[Parameters]:
    """The people of the content of a file; ValueError for a layout that is not known."""
    if isinstance(content, dict):
        for holds, read in _LAYOUTS:
            if holds(content):
                return list(read(content, world))
    got = ", ".join(list(content)[:6]) if isinstance(content, dict) else type(content).__name__
    raise ValueError(
        "expected poses of 4D-Humans, WHAM, GVHMR, ROMP, AIST++, SMPLify-X, AMASS or a dict with "
        f"global_orient and body_pose, got {got}"
    )


def _first(content: Content, names: Sequence[str]) -> tuple[str, Any]:
    name = next((name for name in names if content.get(name) is not None), "")
    return name, content.get(name)


def _has_pose(content: object) -> bool:
    return isinstance(content, dict) and (
        _first(content, _POSE)[0] != "" or _first(content, _BODY)[0] != ""
    )


def _person(content: Content, name: str = "0", coordinates: str | None = None) -> Parameters:
    poses = _poses(content)
    frames = len(poses)
    key, value = _first(content, _BETAS)
    betas = numbers_of(key, value) if key else np.zeros(0)
    if betas.ndim > 1:
        betas = betas.reshape(-1, betas.shape[-1]).mean(axis=0)
    key, value = _first(content, _TRANSL)
    transl = None if not key else numbers_of(key, value).reshape(-1, 3)
    if transl is not None and len(transl) != frames:
        raise ValueError(f"{key}: expected ({frames}, 3), got {list(transl.shape)}")
    key, value = _first(content, ("frame_ids", "frame_id", "frames"))
    numbers = numbers_of(key, value).astype(np.int64).ravel() if key else np.arange(frames)
    if len(numbers) != frames:
        raise ValueError(f"{key}: expected {frames} numbers, got {len(numbers)}")
    key, value = _first(content, _RATES)
    fps = float(numbers_of(key, value).ravel()[0]) if key else None
    return Parameters(name, poses, betas, transl, numbers, fps, coordinates)


def _poses(content: Content) -> Floats:
    """(F, J, 3) of all joints, or of the root and the body."""
    body_name, body = _first(content, _BODY)
    if body_name:
        orient_name, orient = _first(content, _ORIENT)
        if not orient_name:
            raise ValueError(f"{_ORIENT[0]}: expected beside {body_name}, got none")
        if np.shape(body)[-1] == _VPOSER:
            raise ValueError(
                f"{body_name}: expected rotations of joints, got {_VPOSER} numbers of VPoser's code"
            )
        root = axis_angles_of(orient_name, orient, 1)
        joints = axis_angles_of(body_name, body)
        if len(root) != len(joints):
            raise ValueError(f"{body_name}: expected {len(root)} frames, got {len(joints)}")
        poses = np.concatenate([root, joints], axis=1)
    else:
        name, value = _first(content, _POSE)
        body_name, poses = name, axis_angles_of(name, value)
        if poses.shape[1] == _BODY_ALONE:
            raise ValueError(f"{name}: expected the root beside {_BODY_ALONE} joints, got none")
    if poses.shape[1] < NUM_SHARED_JOINTS:
        raise ValueError(
            f"{body_name}: expected at least {NUM_SHARED_JOINTS} joints, got {poses.shape[1]}"
        )
    return poses


# SMPL's joints without the root.
_BODY_ALONE = 23
# Numbers of a code of the pose prior VPoser, which SMPLify-X optimises.
_VPOSER = 32


def _one(content: Content, world: bool) -> Iterator[Parameters]:
    yield _person(content)


def _amass(content: Content, world: bool) -> Iterator[Parameters]:
    named = content.get("coordinates")
    yield _person(content, coordinates="z-up" if named is None else str(np.asarray(named).item()))


def _aist(content: Content, world: bool) -> Iterator[Parameters]:
    """Centimetres, which `smpl_scaling` makes those of the body; 60 frames per second."""
    person = _person(content, coordinates="y-up")
    scaling = float(numbers_of("smpl_scaling", content.get("smpl_scaling", 1.0)).ravel()[0])
    if not scaling > 0:
        raise ValueError(f"smpl_scaling: expected a number > 0, got {scaling}")
    transl = None if person.transl is None else person.transl / scaling
    yield replace(person, transl=transl, fps=person.fps or 60.0)


def _gvhmr(content: Content, world: bool) -> Iterator[Parameters]:
    key = "smpl_params_global" if world else "smpl_params_incam"
    if not isinstance(content.get(key), dict):
        raise ValueError(f"{key}: expected a dict of parameters, got none")
    yield _person(content[key], coordinates="y-up" if world else "opencv")


def _smplify_x(content: Content, world: bool) -> Iterator[Parameters]:
    """The camera's rotation is applied to the body."""
    person = _person(content, coordinates="opencv")
    turn = np.array(content.get("camera_rotation", np.eye(3)), dtype=np.float64).reshape(-1, 3, 3)
    if not np.allclose(turn, np.eye(3)):
        raise ValueError("camera_rotation: expected the identity, got another rotation")
    yield person


def _wham(content: Content, world: bool) -> Iterator[Parameters]:
    """WHAM's, VIBE's and PARE's people by their numbers."""
    for name, each in content.items():
        in_world = {"pose": each.get("pose_world"), "trans": each.get("trans_world")}
        yield _person({**each, **(in_world if world else {})}, name, None if world else "opencv")


def _is_wham(content: Content) -> bool:
    return bool(content) and all(_has_pose(each) for each in content.values())


def _romp(content: Content, world: bool) -> Iterator[Parameters]:
    """`results` of an image, or of the images of a video by their names."""
    results = content["results"]
    if _has_pose(results):
        results = {"0": results}
    if not isinstance(results, dict) or not all(_has_pose(each) for each in results.values()):
        raise ValueError("results: expected ROMP's parameters, got others")
    people: dict[str, list[tuple[int, Content]]] = {}
    for frame, each in enumerate(results.values()):
        poses = _poses(each)
        ids = np.ravel(each.get("track_ids", np.arange(len(poses))))
        for p, id in enumerate(ids[: len(poses)]):
            own = {"poses": poses[p][None]}
            for names in (_BETAS, _TRANSL):
                key, value = _first(each, names)
                if key:
                    own[names[0]] = numbers_of(key, value)[p : p + 1]
            people.setdefault(str(id), []).append((frame, own))
    yield from _joined(people)


def _phalp(content: Content, world: bool) -> Iterator[Parameters]:
    """4D-Humans' and PHALP's images by their names, each with people `smpl` and tracks `tid`."""
    people: dict[str, list[tuple[int, Content]]] = {}
    for frame, image in enumerate(content.values()):
        bodies, ids = image.get("smpl") or [], image.get("tid") or []
        for p, body in enumerate(bodies):
            if not _has_pose(body):
                continue
            own = dict(body)
            camera = image.get("camera") or []
            if p < len(camera):
                own["transl"] = camera[p]
            id = ids[p] if p < len(ids) else p
            people.setdefault(str(np.asarray(id).item()), []).append((frame, own))
    yield from _joined(people)


def _joined(people: Mapping[str, list[tuple[int, Content]]]) -> Iterator[Parameters]:
    for name, seen in people.items():
        each = [_person(own) for _, own in seen]
        placed = [one.transl for one in each if one.transl is not None]
        yield Parameters(
            name,
            np.concatenate([one.poses for one in each]),
            np.mean([one.betas for one in each], axis=0),
            np.concatenate(placed) if len(placed) == len(each) else None,
            np.array([frame for frame, _ in seen]),
            coordinates="opencv",
        )


def _is_phalp(content: Content) -> bool:
    return bool(content) and all(
        isinstance(each, dict) and "smpl" in each and "tid" in each for each in content.values()
    )


# In the order in which they are tried.
_LAYOUTS: tuple[tuple[Any, Any], ...] = (
    (lambda content: {"smpl_params_incam", "smpl_params_global"} & content.keys(), _gvhmr),
    (lambda content: "results" in content, _romp),
    (lambda content: "smpl_poses" in content, _aist),
    (lambda content: "camera_translation" in content and _has_pose(content), _smplify_x),
    (lambda content: _has_pose(content) and _first(content, _RATES)[0] != "", _amass),
    (_has_pose, _one),
    (_is_phalp, _phalp),
    (_is_wham, _wham),
)
