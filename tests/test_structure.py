"""The C++ tree keeps its order: what includes what, and that nothing in it prints or aborts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CPP = Path(__file__).resolve().parents[1] / "cpp"
CORE = CPP / "smplceres"
FACADE = CPP / "include" / "smplceres"
SOURCES = sorted(path for path in CPP.rglob("*") if path.suffix in (".h", ".cc"))
IN_CORE = [path for path in SOURCES if CORE in path.parents]
# Programs print.
LIBRARY = [path for path in SOURCES if not {"examples", "fuzz", "tests"} & set(path.parts[-2:-1])]

# Folders of cpp/smplceres from the bottom up: a file includes its own folder and lower ones.
LEVELS = (
    {"base"},
    {"math"},
    {"body"},
    {"collide", "camera"},
    {"raster", "io"},
    {"solve"},  # its options are a part of a stage
    {"terms"},
    {"lift"},
    {"evidence"},
    {"match"},
    {"cost"},
    {"objective"},
    {"equations"},
    {"fit"},
)
LEVEL = {folder: level for level, folders in enumerate(LEVELS) for folder in folders}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)


def code_of(path: Path) -> str:
    """A source file without its comments and strings."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)


def name_of(path: Path) -> str:
    return path.relative_to(CPP).as_posix()


def room_of(path: Path) -> str:
    """The folder of cpp/smplceres that a file is in."""
    return path.relative_to(CORE).parts[0]


def test_there_are_sources_in_every_folder() -> None:
    """Without any the tests below would hold nothing."""
    assert {room_of(path) for path in IN_CORE} == set(LEVEL)
    for folder in ("bindings", "facade", "include/smplceres", "tests", "examples", "fuzz"):
        assert list((CPP / folder).glob("*.*"))


@pytest.mark.parametrize("path", IN_CORE, ids=name_of)
def test_includes_run_one_way(path) -> None:
    for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
        if included.startswith("smplceres/"):
            assert (CPP / included).is_file()
            other = included.split("/")[1]
            lower = LEVEL[other] < LEVEL[room_of(path)]
            assert lower or other == room_of(path), f"{included} does not stand below {path}"
        else:
            assert not (path.parent / included).exists(), f"{included}: include by its full path"


@pytest.mark.parametrize("path", sorted(FACADE.glob("*.h")), ids=name_of)
def test_public_headers_include_eigen_and_each_other(path) -> None:
    for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
        public = (FACADE.parent / included).is_file()
        assert public or re.fullmatch(r"Eigen/\w+|[a-z_]+", included), included


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_bindings_know_python(path) -> None:
    if CPP / "bindings" not in path.parents:
        included = INCLUDE.findall(path.read_text(encoding="utf-8"))
        assert not [name for name in included if re.match("pybind11|Python|numpy", name)]


@pytest.mark.parametrize("path", LIBRARY, ids=name_of)
def test_no_source_prints_or_aborts(path) -> None:
    """Errors are exceptions, and what is to be told comes back in summaries."""
    forbidden = (
        r"\bD?CHECK(_\w+)?\s*\(",
        r"\bLOG\s*\(",
        r"\b(abort|exit|quick_exit|_Exit|terminate|assert)\s*\(",
        r"\bstd::(cout|cerr|clog)\b",
        r"\b(f|s|v|vf)?printf\s*\(",
        r"\b(puts|putchar|fputs|perror)\s*\(",
        r"#\s*include\s*<(iostream|cstdio|cassert|stdio\.h|assert\.h)>",
    )
    found = [found.group() for each in forbidden for found in re.finditer(each, code_of(path))]
    assert not found


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_source_names_a_machine(path) -> None:
    """No absolute paths, hosts or addresses: what is built here is built anywhere."""
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"(?<![\w.])/(?:home|root|usr|opt|tmp|work|Users)/\S*", text)
    assert not re.findall(r"https?://\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\blocalhost\b", text)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_headers_are_included_once(path) -> None:
    assert path.suffix == ".cc" or re.search(
        r"^#pragma once$", path.read_text(encoding="utf-8"), re.M
    )


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_layout_computes_columns_of_a_frame(path) -> None:
    """Everyone else asks it for a slice (body/layout.h), points for derivatives of rotations."""
    if path.parent.name == "body":
        return
    of_a_frame = r"\b(?:frame|step|predicted_step|velocity_?|state_?\.frame)"
    forbidden = (
        of_a_frame + r"\.(?:head|tail)(?:<\d+>\(\)|\()",
        of_a_frame + r"\.segment(?:<\d+>)?\(\s*\d",
        r"information_\.(?:top|bottom|left|right)\w*<\d+>\(\)",
        r"\b3 \* \(?[\w.>-]*num_joints",
    )
    found = [found.group() for each in forbidden for found in re.finditer(each, code_of(path))]
    assert not found
