#include "smplceres/fit/start/align3d.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "smplceres/body/kinematics.h"

namespace smplceres {
namespace {

// Metres, root mean square. Points closer to a line do not determine the rotation about it.
constexpr double kMinSpread = 0.01;

// Standard deviation of points from the line that fits them best, along the wider axis.
double SpreadAcross(const Points3d& points, const std::vector<int>& chosen) {
  if (chosen.empty()) return 0.0;
  Eigen::Vector3d mean = Eigen::Vector3d::Zero();
  for (const int i : chosen) mean += points.xyz.row(i).transpose();
  mean /= static_cast<double>(chosen.size());
  Eigen::Matrix3d scatter = Eigen::Matrix3d::Zero();
  for (const int i : chosen) {
    const Eigen::Vector3d d = points.xyz.row(i).transpose() - mean;
    scatter += d * d.transpose() / static_cast<double>(chosen.size());
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(scatter);
  return std::sqrt(std::max(0.0, solver.eigenvalues()[1]));
}

bool Spans(const Points3d& points, const std::vector<int>& chosen) {
  return static_cast<int>(chosen.size()) >= kMinPoints3d && SpreadAcross(points, chosen) > kMinSpread;
}

// The points of torso and head, or all points if those are too few or on a line.
std::vector<int> AlignedPoints(const Points3d& points) {
  const std::vector<int> used = points.Used();
  std::vector<int> torso;
  for (const int i : used)
    if (IsTorso(points.roles[static_cast<size_t>(i)])) torso.push_back(i);
  return Spans(points, torso) ? torso : used;
}

}  // namespace

bool CanAlign(const Scene& scene) { return scene.points3d && Spans(*scene.points3d, scene.points3d->Used()); }

void CheckAligns(const Points3d& points) {
  const std::vector<int> used = points.Used();
  if (static_cast<int>(used.size()) < kMinPoints3d)
    throw std::invalid_argument("keypoints3d: expected at least " + std::to_string(kMinPoints3d) +
                                " measured points (confidence > 0) that are on the body, got " +
                                std::to_string(used.size()));
  if (!Spans(points, used))
    throw std::invalid_argument("keypoints3d: expected measured points that are not on one line, got all " +
                                std::to_string(used.size()) + " within a centimetre of one");
}

Variables Align3d(const Scene& scene, const Eigen::VectorXd& start_pose) {
  const BodyModel& model = *scene.model;
  const Points3d& measured = *scene.points3d;
  Variables variables(model, scene.views.size());
  variables.BodyPose() = start_pose.head(model.num_angles());
  variables.betas = scene.StartBetas();
  const Eigen::VectorXd shape = variables.Shape(), pose = variables.Pose();
  Kinematics<double> kinematics;
  kinematics.Compute(
      model, Eigen::Matrix3d::Identity(), pose.data(), shape.data(), variables.Transl().data());
  RowMatrix at_rest(measured.points->size(), 3);
  measured.points->Evaluate(kinematics, shape.data(), at_rest.data());

  const std::vector<int> chosen = AlignedPoints(measured);
  double total = 0.0;
  Eigen::Vector3d mean_p = Eigen::Vector3d::Zero(), mean_x = Eigen::Vector3d::Zero();
  const auto weight = [&](int i) { return measured.whitening[static_cast<size_t>(i)].squaredNorm() / 3.0; };
  const auto p = [&](int i) -> Eigen::Vector3d {
    return at_rest.row(measured.point_of[static_cast<size_t>(i)]).transpose();
  };
  const auto x = [&](int i) -> Eigen::Vector3d { return measured.xyz.row(i).transpose(); };
  for (const int i : chosen) {
    total += weight(i);
    mean_p += weight(i) * p(i);
    mean_x += weight(i) * x(i);
  }
  mean_p /= total;
  mean_x /= total;
  Eigen::Matrix3d cross = Eigen::Matrix3d::Zero();
  for (const int i : chosen) cross += weight(i) / total * (x(i) - mean_x) * (p(i) - mean_p).transpose();
  const Eigen::JacobiSVD<Eigen::Matrix3d> svd(cross, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const double sign = (svd.matrixU() * svd.matrixV().transpose()).determinant() < 0.0 ? -1.0 : 1.0;
  const Eigen::Matrix3d rotation =
      svd.matrixU() * Eigen::Vector3d(1.0, 1.0, sign).asDiagonal() * svd.matrixV().transpose();

  // The root rotates about the pelvis, whose position without transl is that at rest.
  const Eigen::Vector3d pelvis = model.RestJoint(0, shape);
  variables.SetRootRotation(rotation);
  variables.Transl() = mean_x - rotation * (mean_p - pelvis) - pelvis;
  return variables;
}

}  // namespace smplceres
