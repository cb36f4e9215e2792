#include "smplceres/body.h"

#ifdef SMPLCERES_HAVE_GLOG
#include <glog/logging.h>
#endif

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "body_data.h"
#include "smplceres/body/pose_bodies.h"
#include "smplceres/evidence/default_joint_limits.h"
#include "smplceres/evidence/default_joint_prior.h"
#include "smplceres/io/body_file.h"
#include "smplceres/io/pose_prior_file.h"
#include "smplceres/io/skeleton.h"
#include "smplceres/lift/lifter_file.h"

namespace smplceres {
namespace {

// Ceres logs to stderr through glog; its reports are in results. The level applies to the whole process.
void SilenceCeres() {
#ifdef SMPLCERES_HAVE_GLOG
  FLAGS_minloglevel = google::GLOG_FATAL;
#endif
}

// SMPL's joints, or those of a body whose fingers follow components.
void CheckJoints(const std::string& path, const NamedBody& body) {
  const std::vector<std::string>&names = body.joint_names, &smpl = SmplJoints();
  const bool has_components = body.model->layout().num_components() > 0;
  if (names.size() != smpl.size() && !has_components)
    throw std::invalid_argument(path + ": expected a body with " + std::to_string(smpl.size()) +
                                " joints, or with hands_componentsl and hands_componentsr, got " +
                                std::to_string(names.size()) + " joints without");
  if (has_components && !std::equal(smpl.begin(), smpl.begin() + kSharedJoints, names.begin()))
    throw std::invalid_argument(path + ": expected the joints of SMPL first, got " + names.front() + " ...");
}

// The marginal over the first angles.
MixtureMoments OverFirst(const std::string& path, MixtureMoments moments, Eigen::Index size) {
  if (moments.means.front().size() < size)
    throw std::invalid_argument(path + ": expected means of " + std::to_string(size) + " numbers, got " +
                                std::to_string(moments.means.front().size()));
  for (Eigen::VectorXd& mean : moments.means) mean.conservativeResize(size);
  for (Eigen::MatrixXd& covariance : moments.covariances) covariance.conservativeResize(size, size);
  return moments;
}

std::shared_ptr<const Body::Data> Load(const std::string& path,
                                       const std::string& pose_prior,
                                       int num_betas) {
  SilenceCeres();
  auto data = std::make_shared<Body::Data>();
  data->body = ReadBody(path, num_betas);
  CheckJoints(path, data->body);
  const std::string prior_path = pose_prior.empty() ? DataFolder() + "/pose_prior.npz" : pose_prior;
  const MixtureMoments moments =
      OverFirst(prior_path, ReadPosePrior(prior_path), NumPriorAngles(*data->body.model));
  try {
    data->priors.pose = std::make_shared<MixturePrior>(
        MixturePrior::FromMoments(moments.weights, moments.means, moments.covariances));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(prior_path + ": " + error.what());
  }
  data->priors.joint_limits = DefaultJointLimits(data->body);
  data->priors.joints = DefaultJointPrior(data->body);
  data->start_pose = Eigen::VectorXd::Zero(data->body.model->num_pose_angles());
  data->start_pose.head(moments.means.front().size()) = moments.Mean();
  data->lifter = ReadLifter(DataFolder() + "/lifter.npz");
  return data;
}

std::string PathOf(const std::string& gender) {
  if (gender != "neutral" && gender != "male" && gender != "female" && gender != "whole")
    throw std::invalid_argument("gender: expected neutral, male, female or whole, got '" + gender + "'");
  return DataFolder() + "/body_" + gender + ".npz";
}

void CheckSize(const char* name, Eigen::Index got, Eigen::Index expected) {
  if (got != expected)
    throw std::invalid_argument(std::string(name) + ": expected " + std::to_string(expected) +
                                " numbers, got " + std::to_string(got));
}

// vertices: may be null.
void PoseInto(const BodyModel& model, const BodyParameters& parameters, double* joints, double* vertices) {
  CheckSize("body_pose", parameters.body_pose.size(), model.num_pose_angles());
  CheckSize("betas", parameters.betas.size(), model.num_betas());
  const Eigen::VectorXd shape = ShapeOf(model, parameters);
  if (!parameters.global_orient.allFinite() || !parameters.body_pose.allFinite() || !shape.allFinite() ||
      !parameters.transl.allFinite())
    throw std::invalid_argument("parameters: expected finite numbers, got NaN or infinity");
  const BodyPoses poses{{shape.data(), 1, shape.size()},
                        {parameters.global_orient.data(), 1, 3},
                        {parameters.body_pose.data(), 1, parameters.body_pose.size()},
                        {parameters.transl.data(), 1, 3}};
  PoseBodies(model, poses, 1, {}, joints, vertices);
}

}  // namespace

const FormatOnBody& FormatsOnBody::Of(const NamedBody& body,
                                      const Lifter& lifter,
                                      const std::string& format) {
  const KeypointFormat& known = FormatNamed(format);
  const std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<const FormatOnBody>& made = formats_[known.name];
  if (made == nullptr) {
    FormatOnBody on_body{MakeKeypointPoints(body, known), {}};
    for (const FormatKeypoint& keypoint : known.keypoints)
      on_body.slots.push_back(lifter.SlotOf(keypoint.location));
    made = std::make_unique<const FormatOnBody>(std::move(on_body));
  }
  return *made;
}

Eigen::VectorXd ShapeOf(const BodyModel& model, const BodyParameters& parameters) {
  const FrameLayout& layout = model.layout();
  Eigen::VectorXd shape = Eigen::VectorXd::Zero(model.num_directions());
  shape.head(model.num_betas()) = parameters.betas;
  size_t known = 0;
  for (const Slice& slice : layout.slices()) {
    const auto given = parameters.coefficients.find(slice.name);
    if (slice.kind != SliceKind::kCoefficients || given == parameters.coefficients.end()) continue;
    CheckSize(slice.name.c_str(), given->second.size(), slice.size);
    shape.segment(model.num_betas() + slice.begin - layout.coefficients(), slice.size) = given->second;
    ++known;
  }
  if (known < parameters.coefficients.size())
    throw std::invalid_argument("coefficients: expected those that the body has, " + std::to_string(known) +
                                ", got " + std::to_string(parameters.coefficients.size()));
  return shape;
}

BodyParameters ParametersOf(const Variables& variables) {
  BodyParameters parameters;
  parameters.global_orient = variables.GlobalOrient();
  const Eigen::VectorXd pose = variables.Pose();
  parameters.body_pose = Eigen::Map<const Rows3>(pose.data(), pose.size() / 3, 3);
  parameters.betas = variables.betas;
  parameters.transl = variables.Transl();
  for (const Slice& slice : variables.layout.slices())
    if (slice.kind == SliceKind::kCoefficients) parameters.coefficients[slice.name] = variables.Of(slice);
  return parameters;
}

Body::Body(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Body::Body(const std::string& gender, int num_betas) : Body(Load(PathOf(gender), "", num_betas)) {}

Body Body::FromFile(const std::string& path, const std::string& pose_prior, int num_betas) {
  return Body(Load(path, pose_prior, num_betas));
}

int Body::num_joints() const { return data_->body.model->num_joints(); }
int Body::num_vertices() const { return data_->body.model->num_vertices(); }
int Body::num_betas() const { return data_->body.model->num_betas(); }
const std::string& Body::name() const { return data_->body.name; }
const std::vector<std::string>& Body::joint_names() const { return data_->body.joint_names; }
const std::vector<int>& Body::parents() const { return data_->body.model->parents(); }
Triangles Body::faces() const { return data_->body.model->faces(); }

BodyParameters Body::Zero() const {
  BodyParameters zero;
  zero.body_pose = Rows3::Zero(num_joints() - 1, 3);
  zero.betas = Eigen::VectorXd::Zero(num_betas());
  for (const Slice& slice : data_->body.model->layout().slices())
    if (slice.kind == SliceKind::kCoefficients)
      zero.coefficients[slice.name] = Eigen::VectorXd::Zero(slice.size);
  return zero;
}

PosedBody Body::Pose(const BodyParameters& parameters) const {
  PosedBody posed{Rows3(num_vertices(), 3), Rows3(num_joints(), 3)};
  PoseInto(*data_->body.model, parameters, posed.joints.data(), posed.vertices.data());
  return posed;
}

Rows3 Body::Joints(const BodyParameters& parameters) const {
  Rows3 joints(num_joints(), 3);
  PoseInto(*data_->body.model, parameters, joints.data(), nullptr);
  return joints;
}

}  // namespace smplceres
