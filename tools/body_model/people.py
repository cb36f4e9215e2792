"""Adults drawn at random from the anny package's CC0 body, by published human statistics.

Stature and body mass are drawn as the 2012 survey of U.S. Army personnel measured them (Gordon et
al., 2012 Anthropometric Survey of U.S. Army Personnel, NATICK/TR-15/007, 2014); the body's `height`
and `weight` sliders are then solved for them. Everything else varies about its middle with spreads
set by hand.
"""

from __future__ import annotations

import anny
import numpy as np
import torch
from numpy.typing import NDArray

from .mesh import Floats, Integers, Mesh, People

# Mean and standard deviation of stature (m) and body mass (kg), and the correlation of stature and
# log mass.
STATURE = {"male": (1.756, 0.0686), "female": (1.629, 0.0642)}
MASS = {"male": (85.5, 14.2), "female": (67.8, 11.0)}
CORRELATION = 0.47
STATURE_RANGE = (1.48, 1.97)  # metres; outside of it nobody is kept
# Of a whole body with air in its lungs (kg/m^3): people just float or just sink.
DENSITY = 1000.0

# The sliders' age is 2/3 at 25 years and 1 at 90.
AGE_RANGE = (2 / 3, 2 / 3 + (65 - 25) / (90 - 25) / 3)
# Where the search for these two ends; 1 is the slider's own end, which is lighter than many people
# are.
MOST = {"height": 1.0, "weight": 1.6}
# Sliders in their middle: mean, standard deviation, least, most.
SLIDERS = {
    "muscle": (0.55, 0.16, 0.1, 0.95),
    "proportions": (0.5, 0.2, 0.0, 1.0),
    "cupsize": (0.5, 0.2, 0.1, 0.9),
    "firmness": (0.5, 0.2, 0.1, 0.9),
}
# Local changes, with standard deviations: -1 and +1 are the ends of their sliders. "{}" stands for
# l and r, which go together: a body that leans to one side is a pose.
LOCAL_CHANGES = {
    "measure-upperarm-length-incr": 0.25,
    "measure-lowerarm-length-incr": 0.25,
    "measure-upperleg-height-incr": 0.25,
    "measure-lowerleg-height-incr": 0.25,
    "measure-napetowaist-dist-incr": 0.25,
    "measure-shoulder-dist-incr": 0.30,
    "measure-bust-circ-incr": 0.25,
    "measure-waist-circ-incr": 0.30,
    "measure-hips-circ-incr": 0.30,
    "measure-thigh-circ-incr": 0.30,
    "measure-calf-circ-incr": 0.30,
    "measure-upperarm-circ-incr": 0.30,
    "measure-neck-circ-incr": 0.30,
    "measure-neck-height-incr": 0.20,
    "torso-vshape-incr": 0.30,
    "torso-scale-depth-incr": 0.25,
    "hip-scale-horiz-incr": 0.25,
    "hip-scale-depth-incr": 0.25,
    "buttocks-volume-incr": 0.30,
    "stomach-tone-incr": 0.40,
    "pelvis-tone-incr": 0.30,
    "head-scale-horiz-incr": 0.30,
    "head-scale-vert-incr": 0.30,
    "head-scale-depth-incr": 0.30,
    "{}-lowerarm-fat-incr": 0.30,
    "{}-hand-scale-incr": 0.30,
    "{}-foot-scale-incr": 0.30,
}


class Population:
    """The body that people are drawn from."""

    def __init__(self) -> None:
        changes = [name.format(side) for name in LOCAL_CHANGES for side in _sides(name)]
        self._model = anny.Anny(
            rig="makehuman",
            topology="anny",
            phenotypes="all",
            local_changes=changes,
            extrapolate_phenotypes=True,
            skinning_method="lbs",
        ).float()

    @property
    def mesh(self) -> Mesh:
        model = self._model
        return Mesh(
            faces=model.faces.numpy().astype(np.int64),
            bone_names=tuple(model.bone_labels),
            bone_parents=np.array(model.bone_parents, dtype=np.int64),
            weight_bones=model.vertex_bone_indices.numpy().astype(np.int64),
            weights=model.vertex_bone_weights.numpy().astype(np.float64),
            base_vertices=np.asarray(model.base_mesh_vertex_indices, dtype=np.int64),
            kept=np.arange(len(model.template_vertices)),
        )

    def sample(self, number: int, rng: np.random.Generator, sex: str | None = None) -> People:
        """`number` adults; half of them women, or all of one sex ("male", "female")."""
        drawn: list[People] = []
        missing = number
        while missing > 0:
            batch = self._draw(max(missing + missing // 8, 16), rng, sex)
            batch = _take(batch, np.arange(min(missing, len(batch.mass))))
            drawn.append(batch)
            missing -= len(batch.mass)
        return People(*(np.concatenate([getattr(p, name) for p in drawn]) for name in _FIELDS))

    def _draw(self, number: int, rng: np.random.Generator, sex: str | None) -> People:
        is_female = np.arange(number) % 2 == 1 if sex is None else np.full(number, sex == "female")
        stature, mass = _wanted(is_female, rng)
        sliders = _sliders(is_female, rng)
        changes = {}
        for name, deviation in LOCAL_CHANGES.items():
            value = np.clip(rng.normal(0, deviation, number), -1, 1)
            changes.update(
                {
                    name.format(side): torch.tensor(value, dtype=torch.float32)
                    for side in _sides(name)
                }
            )
        self._solve(sliders, changes, stature, mass)
        vertices, bones = self._evaluate(sliders, changes)
        people = People(vertices, bones, is_female, self._mass(vertices))
        # A slider at its end cannot reach what was drawn: such a person is not kept.
        reached = (np.abs(people.stature - stature) < 0.01) & (
            np.abs(people.mass / mass - 1) < 0.03
        )
        kept = reached & (STATURE_RANGE[0] < stature) & (stature < STATURE_RANGE[1])
        return _take(people, np.flatnonzero(kept))

    def _solve(
        self,
        sliders: dict[str, Floats],
        changes: dict[str, torch.Tensor],
        stature: Floats,
        mass: Floats,
    ) -> None:
        """Sets `height` and `weight`, each by bisection in turn; both grow with their slider."""
        for _ in range(2):
            for name, wanted, measure in (
                ("height", stature, lambda v: np.ptp(v[:, :, 1], axis=1)),
                ("weight", mass, self._mass),
            ):
                low, high = np.zeros_like(wanted), np.full_like(wanted, MOST[name])
                for _ in range(7):
                    sliders[name] = (low + high) / 2
                    less = measure(self._evaluate(sliders, changes)[0]) < wanted
                    low, high = (
                        np.where(less, sliders[name], low),
                        np.where(less, high, sliders[name]),
                    )

    @torch.no_grad()
    def _evaluate(
        self, sliders: dict[str, Floats], changes: dict[str, torch.Tensor]
    ) -> tuple[Floats, Floats]:
        model = self._model
        coefficients = model.get_phenotype_blendshape_coefficients(
            **{name: torch.tensor(value, dtype=model.dtype) for name, value in sliders.items()},
            local_changes=changes,
        )
        vertices, bones = (
            (coefficients @ shapes.flatten(1)).reshape(-1, *template.shape) + template
            for template, shapes in (
                (model.template_vertices, model.blendshapes),
                (model.template_bone_heads, model.bone_heads_blendshapes),
            )
        )
        return _y_up(vertices.numpy()), _y_up(bones.numpy())

    def _mass(self, vertices: Floats) -> Floats:
        a, b, c = (vertices[:, self._model.faces.numpy()[:, i]] for i in range(3))
        return DENSITY * np.einsum("nfi,nfi->n", a, np.cross(b, c)) / 6


_FIELDS = ("vertices", "bones", "is_female", "mass")


def _take(people: People, rows: Integers) -> People:
    return People(*(getattr(people, name)[rows] for name in _FIELDS))


def _sides(name: str) -> tuple[str, ...]:
    return ("l", "r") if "{}" in name else ("",)


def _y_up(points: Floats) -> Floats:
    """From anny's frame: z up, facing -y."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def _wanted(is_female: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Stature normal, mass log-normal, correlated."""
    sexes = np.where(is_female, "female", "male")
    a, b = rng.normal(size=(2, len(sexes)))
    b = CORRELATION * a + np.sqrt(1 - CORRELATION**2) * b
    stature = np.array([STATURE[sex] for sex in sexes])
    mass = np.array([MASS[sex] for sex in sexes])
    spread = np.sqrt(np.log1p((mass[:, 1] / mass[:, 0]) ** 2))
    return stature[:, 0] + stature[:, 1] * a, mass[:, 0] * np.exp(spread * b - spread**2 / 2)


def _sliders(is_female: NDArray[np.bool_], rng: np.random.Generator) -> dict[str, Floats]:
    number = len(is_female)
    sliders = {
        name: np.clip(rng.normal(mean, deviation, number), least, most)
        for name, (mean, deviation, least, most) in SLIDERS.items()
    }
    towards_other_sex = np.abs(rng.normal(0, 0.1, number)).clip(0, 0.3)
    sliders["gender"] = np.where(is_female, 1 - towards_other_sex, towards_other_sex)
    sliders["age"] = rng.uniform(*AGE_RANGE, number)
    races = rng.dirichlet(np.ones(3), number).T
    sliders.update(zip(("african", "asian", "caucasian"), races, strict=True))
    return sliders
