"""The description of a person as URDF, with the links and joints of REP-155 and own lengths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from ..body.model import BodyModel
from .joint_angles import LIMBS, Limb, Links

Floats = NDArray[np.float64]

# Radians: any pose of a person is within. ros4hri/human_description has narrower ones (0.7 for the
# hip's flexion), which a person who sits exceeds.
_LIMIT = math.pi
_RADIUS = 0.03  # of the cylinders that are drawn, metres
_HEAD_RADIUS = 0.11
_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def urdf(model: BodyModel, betas: Floats, person: str) -> str:
    """The URDF of the person of these betas: the kinematic tree of ros4hri/human_description with
    own lengths, limits of +-pi and simple shapes. Its root is `body_<person>`.

    The frame `head_<person>` of that tree is not among its links: it is published with the joints.

    Args:
        person: the id that is appended to all names.

    Raises:
        ValueError: a body without SMPL's joints.
    """
    return urdf_of(Links.of(model, betas), person)


def urdf_of(links: Links, person: str) -> str:
    """`urdf` from the lengths of a person."""
    tree = _Tree(person)
    tree.link("body")
    tree.hinge("waist", "body", (0, 0, 0), _Y, link="waist")
    tree.fixed("torso", "waist", links.torso)
    height = float(links.torso[2])
    tree.cylinder("torso", (0, 0, -height / 2), height)
    tree.hinge("r_head", "torso", links.neck, _X)
    tree.hinge("y_head", "r_head", (0, 0, 0), _Z)
    tree.hinge("p_head", "y_head", (0, 0, 0), _reversed(_Y))
    tree.sphere("p_head", (0, 0, _HEAD_RADIUS + float(links.head[2])), _HEAD_RADIUS)
    for limb, root, (upper, lower) in zip(LIMBS, links.roots, links.lengths, strict=True):
        _add_limb(tree, limb, root, upper, lower)
    return tree.text()


def _add_limb(tree: _Tree, limb: Limb, root: Floats, upper: float, lower: float) -> None:
    side = 1.0 if limb.prefix == "l" else -1.0
    name, hinge, end = ("shoulder", "elbow", "wrist") if limb.is_arm else ("hip", "knee", "ankle")
    name, hinge, end = (f"{limb.prefix}_{each}" for each in (name, hinge, end))
    first, second, third = (f"{limb.prefix}_{axis}_{name[2:]}" for axis in "ypr")
    axes: tuple[tuple[float, ...], ...]
    if limb.is_arm:
        axes = (0.0, 0.0, -side), (side, 0.0, 0.0), (0.0, 0.0, side)
    else:
        axes = (0.0, 0.0, -1.0), (side, 0.0, 0.0), _reversed(_Y)
    tree.hinge(first, "torso" if limb.is_arm else "body", root, axes[0])
    tree.hinge(second, first, (0, 0, 0), axes[1])
    tree.hinge(third, second, (0, 0, 0), axes[2], link=name)
    tree.cylinder(name, (0, 0, -upper / 2), upper)
    tree.hinge(hinge, name, (0, 0, -upper), _reversed(_Y))
    tree.cylinder(hinge, (0, 0, -lower / 2), lower)
    tree.fixed(end, hinge, (0, 0, -lower))


def _reversed(axis: Sequence[float]) -> tuple[float, ...]:
    return tuple(-each if each else 0.0 for each in axis)


class _Tree:
    """A URDF in the making; names get the person's id."""

    def __init__(self, person: str) -> None:
        self._person = person
        self._shapes: dict[str, list[str]] = {}  # by link
        self._joints: list[str] = []

    def link(self, name: str) -> None:
        self._shapes[name] = []

    def hinge(
        self,
        name: str,
        parent: str,
        origin: Iterable[float],
        axis: Iterable[float],
        link: str | None = None,
    ) -> None:
        """A joint with one angle, and its link, of the same name where none is given."""
        self._joint(
            *(name, parent, link or name, origin, "revolute"),
            f'<axis xyz="{_numbers(axis)}" />',
            f'<limit effort="1000" velocity="100" lower="{-_LIMIT:.9g}" upper="{_LIMIT:.9g}" />',
        )

    def fixed(self, name: str, parent: str, origin: Iterable[float]) -> None:
        self._joint(name, parent, name, origin, "fixed")

    def cylinder(self, link: str, centre: Iterable[float], length: float) -> None:
        """Along z."""
        self._shape(link, centre, f'<cylinder length="{abs(length):.9g}" radius="{_RADIUS:.9g}" />')

    def sphere(self, link: str, centre: Iterable[float], radius: float) -> None:
        self._shape(link, centre, f'<sphere radius="{radius:.9g}" />')

    def text(self) -> str:
        links = [
            part
            for name, shapes in self._shapes.items()
            for part in (f"  <link name={self._own(name)}>", *shapes, "  </link>")
        ]
        robot = f"<robot name={quoteattr(f'human_{self._person}')}>"
        return "\n".join(['<?xml version="1.0"?>', robot, *links, *self._joints, "</robot>"])

    def _joint(
        self,
        name: str,
        parent: str,
        link: str,
        origin: Iterable[float],
        kind: str,
        *further: str,
    ) -> None:
        self.link(link)
        parts = (
            f"<parent link={self._own(parent)} />",
            f"<child link={self._own(link)} />",
            f'<origin rpy="0 0 0" xyz="{_numbers(origin)}" />',
            *further,
        )
        self._joints += [
            f'  <joint name={self._own(name)} type="{kind}">',
            *(f"    {part}" for part in parts),
            "  </joint>",
        ]

    def _shape(self, link: str, centre: Iterable[float], geometry: str) -> None:
        self._shapes[link] += [
            "    <visual>",
            f'      <origin rpy="0 0 0" xyz="{_numbers(centre)}" />',
            f"      <geometry>{geometry}</geometry>",
            "    </visual>",
        ]

    def _own(self, name: str) -> str:
        return quoteattr(f"{name}_{self._person}")


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:.9g}" for value in values)
