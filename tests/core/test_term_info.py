"""What terms state about themselves, and that code asks that instead of their names."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import numpy as np
import pytest

import smplceres as sc
from checks import seen_by, standing_person
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View

ROOT = Path(__file__).resolve().parents[2]
CAMERA = sc.Camera(fx=800, fy=800, cx=320, cy=240, width=640, height=480)


@pytest.fixture(scope="module")
def model():
    return sc.load_body_model()


@pytest.fixture(scope="module")
def noisy(model):
    rng = np.random.default_rng(0)
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    xy = keypoints.xy + rng.normal(0, 6, keypoints.xy.shape)
    return sc.Keypoints(xy, keypoints.confidence, keypoints.format)


def test_a_new_stage_has_no_terms() -> None:
    stage = sc.Stage()
    assert {name: getattr(stage, name).weight for name in _core.TERMS} == dict.fromkeys(
        _core.TERMS, 0.0
    )


def test_every_options_member_of_a_stage_is_a_term() -> None:
    stage = sc.Stage()
    with_weight = {name for name in vars(sc.Stage) if hasattr(getattr(stage, name), "weight")}
    assert with_weight == set(_core.TERMS)


def test_every_term_has_a_header_that_states_it() -> None:
    headers = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "cpp/smplceres/terms").rglob("*.h")
    )
    stated = re.findall(r'inline constexpr TermInfo \w+\{"(\w+)"', headers)
    assert sorted(stated) == sorted(_core.TERMS)


def test_no_code_compares_names_of_terms() -> None:
    """Terms are members of Stage or rows of TermInfo; a quoted name stands beside its options alone
    in C++, and in Python is a key of _core.TERMS."""
    quoted = re.compile("|".join(f'"{name}"' for name in _core.TERMS))
    for path in (ROOT / "cpp/smplceres").rglob("*.*"):
        if path.suffix not in (".h", ".cc") or "terms" in path.parts:
            continue
        code = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
        code = re.sub(r'\bCheck\w*\("\w+"', "", code)  # an argument that a check names
        assert not quoted.search(code), f"{path.name}: {quoted.search(code).group()}"
    names = _core.TERMS.keys() - {"height"}  # the name of a length, too
    name = f"""["'](?:{"|".join(names)})["']"""
    compared = re.compile(rf"(?:==|!=|\bin \()\s*{name}|{name}\s*(?:==|!=)")
    for path in (ROOT / "python").rglob("*.py"):
        assert not compared.search(path.read_text(encoding="utf-8")), path.name


def scene_of(model, keypoints):
    views = [View(keypoints, CAMERA)]
    return make_scene(views, model, model.default_prior, model.default_joint_limits)


def test_the_balance_scales_all_terms_but_those_of_images_and_collisions(model, noisy) -> None:
    """The depth prior, too; noise.h says why not collisions."""
    stages = sc.default_stages()
    fitted = _core.fit(
        scene_of(model, noisy),
        stages,
        start_pose=model.default_prior.start_pose,
        starts=1,
        other_starts=False,
        threads=1,
        sigma_px=5.0,
        max_time=np.inf,
        initial=None,
    )
    units = stages[-1].reprojection.pixels_per_metre / fitted.state.pixels_per_metre[0]
    f = 5.0 * units / stages[-1].reference_noise
    assert 1.5 < f < 4.0
    for name, term in _core.TERMS.items():
        weight = getattr(stages[-1], name).weight
        factor = 1.0 if term.source in ("image", "collision") else f**2
        assert getattr(fitted.last_stage, name).weight == pytest.approx(factor * weight, rel=1e-12)
    assert stages[-1].interpenetration.weight > 0
    assert stages[-1].depth_prior.weight > 0


def test_priors_that_no_image_produced_are_reapplied_at_every_update() -> None:
    """Those of cameras, both."""
    sources = {"pose", "collision", "shape", "person", "place", "camera"}
    for term in _core.TERMS.values():
        assert term.is_reapplied == (term.source in sources)
    assert _core.TERMS["focal_prior"].is_reapplied
    assert _core.TERMS["camera_prior"].is_reapplied


def test_a_stage_of_a_sequence_is_solved_as_often_as_its_rounds_say(model) -> None:
    rng = np.random.default_rng(1)
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    start = sc.fit(keypoints, CAMERA, model=model)
    variables = _core.Variables(model._core, **start.parameters, log_zoom=[0.0])
    scene = scene_of(model, keypoints)
    stage = copy.copy(sc.sequence_stages()[-1])
    for rounds in (1, 3):
        stage.rounds = rounds
        fitted = _core.fit_sequence(
            [scene] * 3,
            [0.0, 0.1, 0.2],
            [stage],
            [variables] * 3,
            held=0,
            shared=True,
            max_time=np.inf,
        )
        assert len(fitted.stages[0].summary.costs) == rounds
    stage.rounds = 0
    with pytest.raises(ValueError, match="rounds: expected 1 to 1000"):
        _core.fit_sequence(
            [scene] * 3,
            [0.0, 0.1, 0.2],
            [stage],
            [variables] * 3,
            held=0,
            shared=True,
            max_time=np.inf,
        )
