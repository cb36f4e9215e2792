"""The files of the ROS package agree; the launch file is read with stand-ins for its classes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import yaml

PACKAGE = Path(__file__).parents[2] / "ros2" / "smplceres_ros"
NODE = PACKAGE / "smplceres_ros" / "node.py"


def module_of(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.name.partition(".")[0], path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def parameters() -> dict:
    return module_of(PACKAGE / "smplceres_ros" / "parameters.py").PARAMETERS


def recording(kind: str):
    """A class whose objects keep the arguments that they are made with."""
    return lambda *args, **named: SimpleNamespace(kind=kind, args=args, **named)


@pytest.fixture
def launched(monkeypatch) -> list[SimpleNamespace]:
    """The actions of the launch file."""
    classes = {
        "launch": ["LaunchDescription"],
        "launch.actions": ["DeclareLaunchArgument"],
        "launch.substitutions": ["LaunchConfiguration", "PathJoinSubstitution"],
        "launch_ros": [],
        "launch_ros.actions": ["Node"],
        "launch_ros.parameter_descriptions": ["ParameterValue"],
        "launch_ros.substitutions": ["FindPackageShare"],
    }
    for name, kinds in classes.items():
        module = ModuleType(name)
        vars(module).update({kind: recording(kind) for kind in kinds})
        monkeypatch.setitem(sys.modules, name, module)
    launch = module_of(PACKAGE / "launch" / "body_tracker.launch.py")
    [actions] = launch.generate_launch_description().args
    return actions


def test_the_configuration_has_all_parameters_with_their_defaults(parameters) -> None:
    text = (PACKAGE / "config" / "body_tracker.yaml").read_text(encoding="utf-8")
    configured = yaml.safe_load(text)["/**"]["ros__parameters"]
    assert configured == {name: default for name, (default, _) in parameters.items()}
    assert {name: type(value) for name, value in configured.items()} == {
        name: type(default) for name, (default, _) in parameters.items()
    }


def test_the_launch_file_sets_parameters_and_topics_of_the_node(launched, parameters) -> None:
    [node] = [action for action in launched if action.kind == "Node"]
    assert (node.package, node.executable) == ("smplceres_ros", "body_tracker")
    config, chosen = node.parameters
    assert config.args[0][1:] == ["config", "body_tracker.yaml"]
    assert chosen.keys() <= parameters.keys()
    source = NODE.read_text(encoding="utf-8")
    assert all(f'"{topic}"' in source for topic, _ in node.remappings)
    declared = {action.args[0] for action in launched if action.kind == "DeclareLaunchArgument"}
    used = {*chosen, *("camera", "image", "keypoints")}
    assert declared == used


def test_defaults_of_launches_are_those_of_the_node(launched, parameters) -> None:
    given = {
        action.args[0]: action.default_value
        for action in launched
        if action.kind == "DeclareLaunchArgument"
    }
    for name in given.keys() & parameters.keys():
        assert yaml.safe_load(given[name]) == parameters[name][0], name


def test_the_node_is_short() -> None:
    assert len(NODE.read_text(encoding="utf-8").splitlines()) < 150
