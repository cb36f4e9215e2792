#include "smplceres/body.h"

#ifdef SMPLCERES_HAVE_GLOG
#include <glog/logging.h>
#endif

#include <stdexcept>
#include <utility>

#include "body_data.h"
#include "smplceres/body/pose_bodies.h"
#include "smplceres/evidence/default_joint_limits.h"
#include "smplceres/io/body_file.h"
#include "smplceres/io/pose_prior_file.h"
#include "smplceres/lift/lifter_file.h"

namespace smplceres {
namespace {

constexpr int kSmplJoints = 24;

// Ceres logs to stderr through glog; its reports are in results. The level applies to the whole process.
void SilenceCeres() {
#ifdef SMPLCERES_HAVE_GLOG
  FLAGS_minloglevel = google::GLOG_FATAL;
#endif
}

std::shared_ptr<const Body::Data> Load(const std::string& path,
                                       const std::string& pose_prior,
                                       int num_betas) {
  SilenceCeres();
  auto data = std::make_shared<Body::Data>();
  data->body = ReadBody(path, num_betas);
  const int J = data->body.model->num_joints();
  if (J != kSmplJoints)
    throw std::invalid_argument(path + ": expected a body with " + std::to_string(kSmplJoints) +
                                " joints, got " + std::to_string(J));
  const std::string prior_path = pose_prior.empty() ? DataFolder() + "/pose_prior.npz" : pose_prior;
  const MixtureMoments moments = ReadPosePrior(prior_path);
  if (moments.means.front().size() != 3 * (J - 1))
    throw std::invalid_argument(prior_path + ": expected means of " + std::to_string(3 * (J - 1)) +
                                " numbers, got " + std::to_string(moments.means.front().size()));
  try {
    data->priors.pose = std::make_shared<MixturePrior>(
        MixturePrior::FromMoments(moments.weights, moments.means, moments.covariances));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(prior_path + ": " + error.what());
  }
  data->priors.joint_limits = DefaultJointLimits(data->body);
  data->start_pose = moments.Mean();
  data->lifter = ReadLifter(DataFolder() + "/lifter.npz");
  return data;
}

std::string PathOf(const std::string& gender) {
  if (gender != "neutral" && gender != "male" && gender != "female")
    throw std::invalid_argument("gender: expected neutral, male or female, got '" + gender + "'");
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
  if (!parameters.global_orient.allFinite() || !parameters.body_pose.allFinite() ||
      !parameters.betas.allFinite() || !parameters.transl.allFinite())
    throw std::invalid_argument("parameters: expected finite numbers, got NaN or infinity");
  const Eigen::VectorXd shape = ShapeOf(model, parameters.betas);
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

Eigen::VectorXd ShapeOf(const BodyModel& model, const Eigen::VectorXd& betas) {
  Eigen::VectorXd shape = Eigen::VectorXd::Zero(model.num_directions());
  shape.head(model.num_betas()) = betas;
  return shape;
}

BodyParameters ParametersOf(const Variables& variables) {
  BodyParameters parameters;
  parameters.global_orient = variables.GlobalOrient();
  const Eigen::VectorXd pose = variables.Pose();
  parameters.body_pose = Eigen::Map<const Rows3>(pose.data(), pose.size() / 3, 3);
  parameters.betas = variables.betas;
  parameters.transl = variables.Transl();
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
