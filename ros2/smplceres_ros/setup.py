"""The package as colcon builds it. smplceres itself comes from pip."""

from setuptools import setup

NAME = "smplceres_ros"

setup(
    name=NAME,
    version="0.1.0",
    packages=[NAME],
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", ["launch/body_tracker.launch.py"]),
        (f"share/{NAME}/config", ["config/body_tracker.yaml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=True,
    description="Bodies of people in a camera's stream: TF, REP-155, covariances",
    license="Apache-2.0",
    entry_points={"console_scripts": [f"body_tracker = {NAME}.node:main"]},
)
