"""The C++ tree keeps its order: what includes what, and that nothing in it prints or aborts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CPP = Path(__file__).resolve().parents[1] / "cpp"
SOURCES = sorted(path for path in CPP.rglob("*") if path.suffix in (".h", ".cc"))

# Folders of cpp/smplceres from the bottom up: a file includes its own folder and lower ones.
LEVELS = (
    {"math"},
    {"body"},
    {"camera"},  # sees meshes
    {"terms", "solve"},
    {"problem"},  # a stage carries the options of its terms and of its solver
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


def test_there_are_sources_in_every_folder() -> None:
    """Without any the tests below would hold nothing."""
    folders = {path.parent.name for path in SOURCES if path.parent.parent.name == "smplceres"}
    assert folders == set(LEVEL)
    assert any(path.parent.name == "bindings" for path in SOURCES)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_includes_run_one_way(path) -> None:
    folder = path.parent.name
    for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
        if included.startswith("smplceres/"):
            assert (CPP / included).is_file()
            other = included.split("/")[1]
            lower = folder == "bindings" or LEVEL[other] < LEVEL[folder]
            assert lower or other == folder, f"{included} does not stand below {folder}"
        elif folder != "bindings":
            assert not (path.parent / included).exists(), f"{included}: include by its full path"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_bindings_know_python(path) -> None:
    if path.parent.name != "bindings":
        included = INCLUDE.findall(path.read_text(encoding="utf-8"))
        assert not [name for name in included if re.match("pybind11|Python|numpy", name)]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
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
