"""smplceres: SMPL bodies from 2D keypoints, solved by Ceres.

people = smplceres.read_keypoints("frame_keypoints.json")
result = smplceres.fit(people[0], smplceres.Camera.guess(1280, 720))
"""

from importlib.metadata import version

from . import synthetic
from ._core import Stage
from .anthropometry import Measurements, measure
from .body import Body, BodyModel
from .build import build_info
from .calibration import CalibrationError, read_cameras
from .camera import Camera, WeakPerspectiveCamera
from .camera_refinement import CameraRefinement
from .coordinates import convert_points, convert_pose, convert_rotations
from .covariance import Covariance
from .fitting import fit, fit_joints3d
from .ground import Ground
from .joint_limits import JointLimits, smpl_joint_limits
from .keypoint_files import KeypointFileError, read_keypoints, write_keypoints
from .keypoint_formats import FORMATS, KeypointFormat
from .keypoints import Keypoints
from .keypoints3d import Keypoints3D
from .many import FitFailure, fit_many
from .markers import MarkerFormat
from .mask import Mask
from .measures import limb_lengths, standing_height
from .model_files import ModelFileError
from .models import load_body_model
from .motion import Motion
from .objective import Objective, objective
from .penetration import PartPair, Penetration
from .person import Person
from .point_cloud import PointCloud, read_depth
from .pose_prior import (
    GaussianPosePrior,
    MixturePosePrior,
    anatomical_prior,
    load_pose_prior,
)
from .presets import cloud_stages, default_stages, joints3d_stages, sequence_stages, smplify_stages
from .result import FitResult, StageReport
from .sequence import SequenceResult, fit_sequence
from .tracker import PeopleTracker, Tracked, Tracker, tracker_stage
from .tracks import Track, fit_people, link_people
from .views import FittedView

__version__ = version("smplceres")

__all__ = [
    "FORMATS",
    "Body",
    "BodyModel",
    "CalibrationError",
    "Camera",
    "CameraRefinement",
    "Covariance",
    "FitFailure",
    "FitResult",
    "FittedView",
    "GaussianPosePrior",
    "Ground",
    "JointLimits",
    "KeypointFileError",
    "KeypointFormat",
    "Keypoints",
    "Keypoints3D",
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
    "SequenceResult",
    "Stage",
    "StageReport",
    "Track",
    "Tracked",
    "Tracker",
    "WeakPerspectiveCamera",
    "anatomical_prior",
    "build_info",
    "cloud_stages",
    "convert_points",
    "convert_pose",
    "convert_rotations",
    "default_stages",
    "fit",
    "fit_joints3d",
    "fit_many",
    "fit_people",
    "fit_sequence",
    "joints3d_stages",
    "limb_lengths",
    "link_people",
    "load_body_model",
    "load_pose_prior",
    "measure",
    "objective",
    "read_cameras",
    "read_depth",
    "read_keypoints",
    "sequence_stages",
    "smpl_joint_limits",
    "smplify_stages",
    "standing_height",
    "synthetic",
    "tracker_stage",
    "write_keypoints",
]
