"""smplceres: SMPL bodies from 2D keypoints, solved by Ceres.

people = smplceres.read_keypoints("frame_keypoints.json")
result = smplceres.fit(people[0], smplceres.Camera.guess(1280, 720))
"""

import importlib
from importlib.metadata import version
from types import ModuleType

from ._native._core import Stage
from ._native.build import build_info
from .base.coordinates import convert_points, convert_rotations
from .base.files.archives import ModelFileError
from .base.input_warnings import InputWarning
from .body.convert_pose import convert_pose
from .body.load import load_body_model
from .body.measures import limb_lengths, standing_height
from .body.model import Body, BodyModel
from .body.motion import Motion
from .body.penetration import PartPair, Penetration
from .body.recorded.reading import RecordedBody, read_bodies
from .body.torch_layer import torch_layer
from .cameras.calibration.reading import CalibrationError, read_cameras
from .cameras.camera import Camera, WeakPerspectiveCamera
from .cameras.refinement import CameraRefinement
from .dataset.fit_dataset import (
    check_dataset,
    export_training,
    fit_dataset,
    keypoints_to_parquet,
)
from .dataset.report import DatasetCheck, DatasetReport
from .evidence.ground import Ground
from .evidence.keypoints3d import Keypoints3D
from .evidence.mask import Mask
from .evidence.person import Person
from .evidence.point_cloud import PointCloud, read_depth
from .evidence.points_files.reading import read_keypoints3d
from .evidence.views import FittedView
from .fit.covariance import Covariance
from .fit.doubts.warning import FitWarning
from .fit.fit_many import FitFailure, fit_many
from .fit.fitted_body import FittedBody
from .fit.joints3d import fit_joints3d
from .fit.live.tracked import Tracked
from .fit.live.tracker import PeopleTracker, Tracker, tracker_stage
from .fit.load_result import load_result
from .fit.measurements import Measurements, measure
from .fit.objective import Objective, objective
from .fit.presets import (
    cloud_stages,
    default_stages,
    joints3d_stages,
    sequence_stages,
    smplify_stages,
    smplify_x_stages,
    whole_body_stages,
)
from .fit.result import FitResult
from .fit.sequence.fit_sequence import fit_sequence
from .fit.sequence.people import fit_people
from .fit.sequence.result import SequenceResult
from .fit.single import fit
from .fit.stage_report import StageReport
from .keypoints.files.reading import KeypointFileError, read_frames, read_keypoints
from .keypoints.files.writing import write_keypoints
from .keypoints.formats import FORMATS, KeypointFormat
from .keypoints.keypoints import Keypoints
from .keypoints.markers import MarkerFormat
from .keypoints.sides import set_sides_right
from .keypoints.tracks import Track, link_people
from .priors.joint_limits import JointLimits, smpl_joint_limits
from .priors.lifter import Lifter, load_lifter
from .priors.pose_prior import (
    GaussianPosePrior,
    MixturePosePrior,
    anatomical_prior,
    load_pose_prior,
)

__version__ = version("smplceres")


def __getattr__(name: str) -> ModuleType:
    """`smplceres.synthetic` and `smplceres.robotics`, imported at their first use, as they take a
    while."""
    if name in ("synthetic", "robotics"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "FORMATS",
    "Body",
    "BodyModel",
    "CalibrationError",
    "Camera",
    "CameraRefinement",
    "Covariance",
    "DatasetCheck",
    "DatasetReport",
    "FitFailure",
    "FitResult",
    "FitWarning",
    "FittedBody",
    "FittedView",
    "GaussianPosePrior",
    "Ground",
    "InputWarning",
    "JointLimits",
    "KeypointFileError",
    "KeypointFormat",
    "Keypoints",
    "Keypoints3D",
    "Lifter",
    "MarkerFormat",
    "Mask",
    "Measurements",
    "MixturePosePrior",
    "ModelFileError",
    "Motion",
    "Objective",
    "PartPair",
    "Penetration",
    "PeopleTracker",
    "Person",
    "PointCloud",
    "RecordedBody",
    "SequenceResult",
    "Stage",
    "StageReport",
    "Track",
    "Tracked",
    "Tracker",
    "WeakPerspectiveCamera",
    "anatomical_prior",
    "build_info",
    "check_dataset",
    "cloud_stages",
    "convert_points",
    "convert_pose",
    "convert_rotations",
    "default_stages",
    "export_training",
    "fit",
    "fit_dataset",
    "fit_joints3d",
    "fit_many",
    "fit_people",
    "fit_sequence",
    "joints3d_stages",
    "keypoints_to_parquet",
    "limb_lengths",
    "link_people",
    "load_body_model",
    "load_lifter",
    "load_pose_prior",
    "load_result",
    "measure",
    "objective",
    "read_bodies",
    "read_cameras",
    "read_depth",
    "read_frames",
    "read_keypoints",
    "read_keypoints3d",
    "robotics",
    "sequence_stages",
    "set_sides_right",
    "smpl_joint_limits",
    "smplify_stages",
    "smplify_x_stages",
    "standing_height",
    "synthetic",
    "torch_layer",
    "tracker_stage",
    "whole_body_stages",
    "write_keypoints",
]
