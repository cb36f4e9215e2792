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
from .body.convert_pose import convert_pose
from .body.load import load_body_model
from .body.measures import limb_lengths, standing_height
from .body.model import Body, BodyModel
from .body.motion import Motion
from .body.penetration import PartPair, Penetration
from .cameras.calibration import CalibrationError, read_cameras
from .cameras.camera import Camera, WeakPerspectiveCamera
from .cameras.refinement import CameraRefinement
from .evidence.ground import Ground
from .evidence.keypoints3d import Keypoints3D
from .evidence.mask import Mask
from .evidence.person import Person
from .evidence.point_cloud import PointCloud, read_depth
from .evidence.views import FittedView
from .fit.covariance import Covariance
from .fit.fit_many import FitFailure, fit_many
from .fit.fitted_body import FittedBody
from .fit.joints3d import fit_joints3d
from .fit.load_result import load_result
from .fit.measurements import Measurements, measure
from .fit.objective import Objective, objective
from .fit.presets import (
    cloud_stages,
    default_stages,
    joints3d_stages,
    sequence_stages,
    smplify_stages,
)
from .fit.result import FitResult
from .fit.sequence.fit_sequence import fit_sequence
from .fit.sequence.people import fit_people
from .fit.sequence.result import SequenceResult
from .fit.single import fit
from .fit.stage_report import StageReport
from .fit.tracker import PeopleTracker, Tracked, Tracker, tracker_stage
from .keypoints.files.reading import KeypointFileError, read_frames, read_keypoints
from .keypoints.files.writing import write_keypoints
from .keypoints.formats import FORMATS, KeypointFormat
from .keypoints.keypoints import Keypoints
from .keypoints.markers import MarkerFormat
from .keypoints.sides import set_sides_right
from .keypoints.tracks import Track, link_people
from .priors.joint_limits import JointLimits, smpl_joint_limits
from .priors.pose_prior import (
    GaussianPosePrior,
    MixturePosePrior,
    anatomical_prior,
    load_pose_prior,
)

__version__ = version("smplceres")


def __getattr__(name: str) -> ModuleType:
    """`smplceres.synthetic`, imported at its first use, as its tables take a while."""
    if name == "synthetic":
        return importlib.import_module(".synthetic", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    "FittedBody",
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
    "load_result",
    "measure",
    "objective",
    "read_cameras",
    "read_depth",
    "read_frames",
    "read_keypoints",
    "sequence_stages",
    "set_sides_right",
    "smpl_joint_limits",
    "smplify_stages",
    "standing_height",
    "synthetic",
    "tracker_stage",
    "write_keypoints",
]
