"""The typed stub says what the binary has, no more and no less."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from importlib import resources
from typing import Any

import pytest

from smplceres._native import _core

STUB = resources.files("smplceres._native") / "_core.pyi"
TREE = ast.parse(STUB.read_text(encoding="utf-8"))

# (name, kind, has a default) of each parameter.
Signature = list[tuple[str, str, bool]]
# Of a class or of the module: functions with their signatures, and values: (type, may be set).
Members = tuple[dict[str, Signature], dict[str, tuple[str, bool]]]


def public(name: str) -> bool:
    """Names that a user may rely on; special methods only where a class has its own."""
    return not name.startswith("_") or name in ("__init__", "__len__", "__copy__")


def signature(function: ast.FunctionDef) -> Signature:
    arguments = function.args
    positional = arguments.posonlyargs + arguments.args
    with_default = len(positional) - len(arguments.defaults)
    listed = [
        (argument.arg, "positional", i >= with_default) for i, argument in enumerate(positional)
    ]
    listed += [
        (argument.arg, "keyword", default is not None)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return [parameter for parameter in listed if parameter[0] != "self"]


def plain_type(annotation: ast.expr | None) -> str:
    """A type as both sides write it; Any where the binary only says that it is some object."""
    assert annotation is not None
    text = ast.unparse(annotation).replace("smplceres._native._core.", "")
    return text.replace("numpy.typing.", "").replace("numpy.", "np.")


def members_of_stub(body: list[ast.stmt]) -> Members:
    functions: dict[str, Signature] = {}
    values: dict[str, tuple[str, bool]] = {}
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            values[node.target.id] = plain_type(node.annotation), True
        elif isinstance(node, ast.FunctionDef) and public(node.name):
            if "property" in [ast.unparse(decorator) for decorator in node.decorator_list]:
                values[node.name] = plain_type(node.returns), False
            else:
                first = functions.setdefault(node.name, signature(node))
                names = [[name for name, *_ in some] for some in (first, signature(node))]
                assert names[0] == names[1], f"overloads of {node.name} differ in their arguments"
    return functions, values


def declaration(function: Any) -> ast.FunctionDef:
    """What pybind11 writes into the docstring, parsed: `name(self: ..., a: ...) -> ...`."""
    line = function.__doc__.strip().splitlines()[0]
    name = line if not line.startswith("(") else "get" + line
    node = ast.parse(f"def {name}: ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def members_of_binary(owner: Any) -> Members:
    functions: dict[str, Signature] = {}
    values: dict[str, tuple[str, bool]] = {}
    for name, member in vars(owner).items():
        # A class that Python cannot make inherits an __init__ without a signature.
        if not public(name) or inspect.isclass(member) or type(member).__name__.startswith("wrap"):
            continue
        if isinstance(member, property):
            values[name] = plain_type(declaration(member.fget).returns), member.fset is not None
        elif callable(member):
            functions[name] = signature(declaration(member))
        else:
            values[name] = type(member).__name__, True
    return functions, values


CLASSES_OF_STUB = {
    node.name: node for node in TREE.body if isinstance(node, ast.ClassDef) and public(node.name)
}
CLASSES_OF_BINARY = {name: cls for name, cls in vars(_core).items() if inspect.isclass(cls)}


def test_stub_has_the_classes_of_the_binary() -> None:
    assert sorted(CLASSES_OF_STUB) == sorted(CLASSES_OF_BINARY)


def test_stub_has_the_functions_and_values_of_the_module() -> None:
    functions, values = members_of_stub(TREE.body)
    expected_functions, expected_values = members_of_binary(_core)
    assert functions == expected_functions
    assert values == expected_values


@pytest.mark.parametrize("name", sorted(CLASSES_OF_BINARY))
def test_stub_has_the_methods_and_arguments_of(name: str) -> None:
    functions, _ = members_of_stub(CLASSES_OF_STUB[name].body)
    expected, _ = members_of_binary(CLASSES_OF_BINARY[name])
    assert functions == expected


@pytest.mark.parametrize("name", sorted(CLASSES_OF_BINARY))
def test_stub_has_the_attributes_and_types_of(name: str) -> None:
    _, values = members_of_stub(CLASSES_OF_STUB[name].body)
    _, expected = members_of_binary(CLASSES_OF_BINARY[name])
    assert values == expected


def documented_attributes(name: str) -> dict[str, str]:
    """Attributes of a class that carry a docstring of their own."""
    body = CLASSES_OF_STUB[name].body
    return {
        node.target.id: following.value.value
        for node, following in itertools.pairwise(body)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
    }


OPTIONS = [*sorted(name for name in CLASSES_OF_BINARY if name.endswith("Options")), "Stage"]


@pytest.mark.parametrize("name", OPTIONS)
def test_documented_defaults_are_those_of_a_new_object(name: str) -> None:
    made = CLASSES_OF_BINARY[name]()
    documented = documented_attributes(name)
    for attribute, (kind, _) in members_of_binary(type(made))[1].items():
        if kind in OPTIONS:
            assert type(getattr(made, attribute)).__name__ == kind
            continue
        default = re.search(r"Default ([^\s]+)\.$", documented[attribute])
        assert default is not None, f"{name}.{attribute} ends without 'Default ...'"
        assert ast.literal_eval(default[1]) == getattr(made, attribute), attribute
