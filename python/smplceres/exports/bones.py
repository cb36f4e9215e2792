"""Names of bones in other programs: Mixamo's rigs and VRM's humanoids."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_LIMBS = {
    "hip": ("UpLeg", "UpperLeg"),
    "knee": ("Leg", "LowerLeg"),
    "ankle": ("Foot", "Foot"),
    "foot": ("ToeBase", "Toes"),
    "collar": ("Shoulder", "Shoulder"),
    "shoulder": ("Arm", "UpperArm"),
    "elbow": ("ForeArm", "LowerArm"),
    "wrist": ("Hand", "Hand"),
}
_FINGERS = {"index": "Index", "middle": "Middle", "pinky": "Pinky", "ring": "Ring"}
# VRM's names of the three joints of a finger, from the palm.
_OF_FINGER = ("Proximal", "Intermediate", "Distal")
_OF_THUMB = ("Metacarpal", "Proximal", "Distal")


def _mixamo() -> dict[str, str]:
    names = {"pelvis": "Hips", "spine1": "Spine", "spine2": "Spine1", "spine3": "Spine2"}
    names |= {"neck": "Neck", "head": "Head"}
    for side in ("left", "right"):
        own = side.capitalize()
        names |= {f"{side}_{joint}": own + name for joint, (name, _) in _LIMBS.items()}
        for finger, name in (*_FINGERS.items(), ("thumb", "Thumb")):
            for k in (1, 2, 3):
                names[f"{side}_{finger}{k}"] = f"{own}Hand{name}{k}"
    return {joint: f"mixamorig:{name}" for joint, name in names.items()}


def _vrm() -> dict[str, str]:
    names = {"pelvis": "hips", "spine1": "spine", "spine2": "chest", "spine3": "upperChest"}
    names |= {"neck": "neck", "head": "head", "jaw": "jaw"}
    names |= {"left_eye_smplhf": "leftEye", "right_eye_smplhf": "rightEye"}
    for side in ("left", "right"):
        names |= {f"{side}_{joint}": side + name for joint, (_, name) in _LIMBS.items()}
        for finger, name in {**_FINGERS, "pinky": "Little"}.items():
            for k, part in enumerate(_OF_FINGER, start=1):
                names[f"{side}_{finger}{k}"] = f"{side}{name}{part}"
        for k, part in enumerate(_OF_THUMB, start=1):
            names[f"{side}_thumb{k}"] = f"{side}Thumb{part}"
    return names


# A name of `--bones`, and the bones of joints; other joints keep their names.
BONES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"smpl": {}, "mixamo": _mixamo(), "vrm": _vrm()}
)


def checked_bones(name: str) -> Mapping[str, str]:
    """The names of bones by joint; ValueError for an unknown set."""
    if name not in BONES:
        raise ValueError(f"bones: expected one of {', '.join(BONES)}, got {name!r}")
    return BONES[name]
