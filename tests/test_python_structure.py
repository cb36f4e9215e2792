"""The Python tree keeps its order; of all trees, the size of files and folders."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python" / "smplceres"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

EXTENSIONS = ("_native._cpu",)

# A package imports itself and those before it. Modules beside the packages are names for users.
ORDER = (
    *("_native", "base", "keypoints", "cameras", "priors", "body", "evidence", "media"),
    *("detect", "exports", "fit", "dataset", "look", "robotics", "cli"),
)
# Modules that need an optional dependency, or take long to import: functions may import them.
IMPORTED_LATE = ("look", "robotics", "detect.mediapipe", "detect.holistic", "detect.rtmpose")

SOURCE_FOLDERS = ("python", "cpp", "tests", "benchmarks", "tools", "examples", "docs")
SUFFIXES = (".py", ".h", ".cc", ".md")
SOURCES = sorted(
    path
    for folder in SOURCE_FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.suffix in SUFFIXES
)
MAX_FILES = 25
MAX_LINES = 500
MAX_FUNCTION = 60


def imports_of(name: str) -> list[tuple[str, bool]]:
    """Modules of the package that one of them imports, each with whether a function does it."""
    path = MODULES[name]
    parts = path.relative_to(PACKAGE).parts[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_top = {id(node) for node in tree.body}
    at_top |= {id(inner) for node in tree.body if isinstance(node, ast.Try) for inner in node.body}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*parts[: len(parts) - node.level + 1], *(node.module or "").split(".")]
            module = ".".join(part for part in base if part)
            for alias in node.names:
                inner = f"{module}.{alias.name}".removeprefix(".")
                found.append((inner if inner in MODULES else module, id(node) not in at_top))
    return found


def package_of(module: str) -> str:
    return module.partition(".")[0]


def test_every_folder_has_a_place_in_the_order() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(ORDER)


@pytest.mark.parametrize("name", MODULES)
def test_the_package_imports_itself_by_relative_names_alone(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    absolute = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and not node.level and node.module is not None)
        and package_of(node.module) == "smplceres"
    ]
    assert not absolute


@pytest.mark.parametrize("name", [name for name in MODULES if package_of(name) in ORDER])
def test_imports_run_one_way(name: str) -> None:
    for module, _ in imports_of(name):
        assert module in (*MODULES, *EXTENSIONS), f"{module}: no such module"
        assert package_of(module) in ORDER, f"{module or 'smplceres'} is for users alone"
        place, own = ORDER.index(package_of(module)), ORDER.index(package_of(name))
        assert place <= own, f"{module} does not come before {name}"


@pytest.mark.parametrize("name", MODULES)
def test_functions_import_what_is_optional_alone(name: str) -> None:
    late = [module for module, in_function in imports_of(name) if in_function]
    assert [module for module in late if not module.startswith(IMPORTED_LATE)] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {name: {module for module, _ in imports_of(name)} for name in MODULES}
    while True:
        free = [name for name, needed in left.items() if not needed & left.keys()]
        if not free:
            break
        for name in free:
            del left[name]
    assert not left, f"a circle among {', '.join(sorted(left))}"


def test_there_are_sources_in_every_tree() -> None:
    """Without any the two tests below would hold nothing."""
    trees = {path.relative_to(ROOT).parts[0] for path in SOURCES}
    assert trees == set(SOURCE_FOLDERS)
    assert {path.suffix for path in SOURCES} == set(SUFFIXES)


def test_folders_hold_at_most_25_files() -> None:
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in SOURCES)
    assert {folder: count for folder, count in counts.items() if count > MAX_FILES} == {}


def test_files_have_at_most_500_lines() -> None:
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    long = {path.relative_to(ROOT).as_posix(): n for path, n in lines.items() if n > MAX_LINES}
    assert long == {}


def lines_of(function: ast.FunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    count = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        count -= function.body[0].end_lineno - function.body[0].lineno + 1
    return count


@pytest.mark.parametrize("name", MODULES)
def test_functions_fit_on_a_screen(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert [each.name for each in functions if lines_of(each) > MAX_FUNCTION] == []
