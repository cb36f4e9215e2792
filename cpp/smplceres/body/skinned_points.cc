#include "smplceres/body/skinned_points.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

namespace smplceres {
namespace {

using Vector3d = Eigen::Vector3d;
using Matrix3d = Eigen::Matrix3d;

void CheckNumbers(const char* name, const Weighted& weighted, int size) {
  for (const auto& [number, weight] : weighted) {
    if (number < 0 || number >= size)
      throw std::invalid_argument(std::string(name) + ": expected numbers from 0 to " +
                                  std::to_string(size - 1) + ", got " + std::to_string(number));
    if (!std::isfinite(weight))
      throw std::invalid_argument(std::string(name) + ": expected finite weights, got NaN or infinity");
  }
}

// The joints whose nine columns of a 3 x 9 (J - 1) matrix are not all zero.
template <typename Matrix>
std::vector<int> NonzeroPoseJoints(const Matrix& pose, int num_joints) {
  std::vector<int> joints;
  for (int j = 1; j < num_joints; ++j)
    if (!pose.middleCols(9 * (j - 1), 9).isZero(0.0)) joints.push_back(j);
  return joints;
}

}  // namespace

void KinematicsJacobian::Compute(const BodyModel& model,
                                 const Kinematics<double>& kinematics,
                                 const Matrix3d& root_jacobian,
                                 const double* body_pose,
                                 bool with_betas) {
  const int J = model.num_joints();
  const size_t size = static_cast<size_t>(J);
  turn.resize(size);
  feature.resize(size);
  turn[0] = root_jacobian;
  for (int joint = 1; joint < J; ++joint) {
    const size_t k = static_cast<size_t>(joint);
    const size_t p = static_cast<size_t>(model.parents()[k]);
    const Matrix3d left = LeftJacobian(Eigen::Map<const Vector3d>(body_pose + 3 * (joint - 1)));
    turn[k].noalias() = kinematics.rotation[p] * left;
    for (int i = 0; i < 3; ++i) {  // dR/dtheta_i = [J_l e_i]_x R
      const Matrix3d derivative = Skew(left.col(i)) * kinematics.local[k];
      for (int row = 0; row < 3; ++row)
        for (int col = 0; col < 3; ++col) feature[k](3 * row + col, i) = derivative(row, col);
    }
  }
  if (!with_betas) return;
  position_betas.resize(size);
  origin_betas.resize(size);
  for (int joint = 0; joint < J; ++joint) {
    const size_t k = static_cast<size_t>(joint);
    const auto rest = model.joint_shapedirs().middleRows<3>(3 * joint);
    if (joint == 0) {
      position_betas[k] = rest;
    } else {
      const int parent = model.parents()[k];
      const size_t p = static_cast<size_t>(parent);
      position_betas[k] = position_betas[p];
      position_betas[k].noalias() +=
          kinematics.rotation[p].lazyProduct(rest - model.joint_shapedirs().middleRows<3>(3 * parent));
    }
    origin_betas[k] = position_betas[k];
    origin_betas[k].noalias() -= kinematics.rotation[k].lazyProduct(rest);
  }
}

SkinnedPoints::SkinnedPoints(const BodyModel& model)
    : num_joints_(model.num_joints()), num_betas_(model.num_betas()), parents_(model.parents()) {}

int SkinnedPoints::Add(const BodyModel& model, const Weighted& joints, const Weighted& vertices) {
  CheckNumbers("joints", joints, model.num_joints());
  CheckNumbers("vertices", vertices, model.num_vertices());
  if (joints.empty() && vertices.empty())
    throw std::invalid_argument("joints, vertices: expected at least one of either, got none");

  // Influences: w_k and v_k by joint.
  std::map<int, std::pair<double, double>> weights;
  for (const auto& [joint, weight] : joints) weights[joint].second += weight;
  for (const auto& [vertex, weight] : vertices)
    for (int k = 0; k < model.num_joints(); ++k)
      if (model.lbs_weights()(vertex, k) != 0.0) weights[k].first += weight * model.lbs_weights()(vertex, k);
  Point point;
  for (const auto& [joint, weight] : weights)
    point.influences.push_back({joint, weight.first, weight.second});

  // Materials: one per vertex, or one per joint, whichever is fewer.
  const auto add_material = [&](auto&& share_of, const Weighted& sources) {
    Material material;
    material.a.setZero();
    material.shape = Matrix3B::Zero(3, model.num_betas());
    material.pose = Matrix3B::Zero(3, model.num_pose_features());
    for (const Influence& influence : point.influences) material.share.push_back(share_of(influence.joint));
    for (const auto& [vertex, weight] : sources) {
      material.a += weight * model.v_template().row(vertex).transpose();
      material.shape += weight * model.shapedirs().middleRows<3>(3 * vertex);
      material.pose += weight * model.posedirs().middleRows<3>(3 * vertex);
    }
    material.pose_joints = NonzeroPoseJoints(material.pose, model.num_joints());
    point.materials.push_back(std::move(material));
  };
  if (vertices.size() <= point.influences.size()) {
    for (const auto& [vertex, weight] : vertices)
      add_material([&, v = vertex](int k) { return model.lbs_weights()(v, k); }, {{vertex, weight}});
  } else {
    for (const Influence& influence : point.influences) {
      Weighted sources;
      for (const auto& [vertex, weight] : vertices)
        if (model.lbs_weights()(vertex, influence.joint) != 0.0)
          sources.emplace_back(vertex, weight * model.lbs_weights()(vertex, influence.joint));
      if (!sources.empty())
        add_material([j = influence.joint](int k) { return k == j ? 1.0 : 0.0; }, sources);
    }
  }

  std::set<int> ancestors;
  point.translation_weight = 0.0;
  for (const Influence& influence : point.influences) {
    point.translation_weight += influence.skin_weight + influence.joint_weight;
    for (int j = influence.joint; j >= 0; j = parents_[static_cast<size_t>(j)]) ancestors.insert(j);
  }
  point.ancestors.assign(ancestors.rbegin(), ancestors.rend());
  for (const Material& material : point.materials)
    ancestors.insert(material.pose_joints.begin(), material.pose_joints.end());
  point.moving_joints.assign(ancestors.begin(), ancestors.end());
  points_.push_back(std::move(point));
  return size() - 1;
}

SkinnedPoints::Jacobian SkinnedPoints::MakeJacobian() const {
  return {RowMatrix::Zero(3 * size(), 3 * num_joints_), RowMatrix::Zero(3 * size(), num_betas_)};
}

void SkinnedPoints::Evaluate(const Kinematics<double>& kinematics,
                             const KinematicsJacobian& derivative,
                             const double* betas,
                             bool with_betas,
                             double* points,
                             Jacobian* jacobian) const {
  // Of what hangs on each joint: sum of y_k, and of its weights w_k + v_k.
  std::vector<Vector3d> hanging(static_cast<size_t>(num_joints_));
  std::vector<double> hanging_weight(static_cast<size_t>(num_joints_));

  for (int i = 0; i < size(); ++i) {
    const Point& point = points_[static_cast<size_t>(i)];
    auto pose_rows = jacobian->pose.middleRows<3>(3 * i);
    auto betas_rows = jacobian->betas.middleRows<3>(3 * i);
    for (const int j : point.moving_joints) pose_rows.middleCols<3>(3 * j).setZero();
    if (with_betas) betas_rows.setZero();
    for (const int j : point.ancestors) {
      hanging[static_cast<size_t>(j)].setZero();
      hanging_weight[static_cast<size_t>(j)] = 0.0;
    }
    for (const Influence& influence : point.influences) {
      const size_t k = static_cast<size_t>(influence.joint);
      const double w = influence.skin_weight, v = influence.joint_weight;
      hanging[k] += w * kinematics.origin[k] + v * kinematics.position[k];
      hanging_weight[k] += w + v;
      if (with_betas) {
        if (w != 0.0) betas_rows += w * derivative.origin_betas[k];
        if (v != 0.0) betas_rows += v * derivative.position_betas[k];
      }
    }
    for (const Material& material : point.materials) {
      const Vector3d u = MaterialPosition<double>(material, kinematics.feature, betas);
      Matrix3d blend = Matrix3d::Zero();  // M_m
      for (size_t k = 0; k < material.share.size(); ++k) {
        if (material.share[k] == 0.0) continue;
        const size_t joint = static_cast<size_t>(point.influences[k].joint);
        const Matrix3d rotation = material.share[k] * kinematics.rotation[joint];
        hanging[joint].noalias() += rotation * u;
        blend += rotation;
      }
      if (with_betas) betas_rows.noalias() += blend.lazyProduct(material.shape);
      for (const int j : material.pose_joints) {
        const Eigen::Matrix3d turned =
            material.pose.middleCols<9>(9 * (j - 1)).lazyProduct(derivative.feature[static_cast<size_t>(j)]);
        pose_rows.middleCols<3>(3 * j).noalias() += blend.lazyProduct(turned);
      }
    }
    Vector3d p = Vector3d::Zero();
    for (const int j : point.ancestors) {  // children first: each hands its sum to its parent
      const size_t joint = static_cast<size_t>(j);
      const Vector3d lever = hanging[joint] - hanging_weight[joint] * kinematics.position[joint];
      const Matrix3d& turn = derivative.turn[joint];
      for (int c = 0; c < 3; ++c) pose_rows.col(3 * j + c) += turn.col(c).cross(lever);
      if (j == 0) {
        p = hanging[joint];
      } else {
        const size_t parent = static_cast<size_t>(parents_[joint]);
        hanging[parent] += hanging[joint];
        hanging_weight[parent] += hanging_weight[joint];
      }
    }
    Eigen::Map<Vector3d>(points + 3 * i) = p;
  }
}

}  // namespace smplceres
