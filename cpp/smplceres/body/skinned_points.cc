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

// sum = start + R d, of 3 x size matrices that do not overlap.
void Rotated(const Matrix3d& R,
             const double* __restrict d,
             int size,
             const double* __restrict start,
             double* __restrict sum) {
  for (int b = 0; b < size; ++b) {
    const double x = d[b], y = d[b + size], z = d[b + 2 * size];
    sum[b] = start[b] + (R(0, 0) * x + R(0, 1) * y + R(0, 2) * z);
    sum[b + size] = start[b + size] + (R(1, 0) * x + R(1, 1) * y + R(1, 2) * z);
    sum[b + 2 * size] = start[b + 2 * size] + (R(2, 0) * x + R(2, 1) * y + R(2, 2) * z);
  }
}

// sum += R d.
void AddRotated(const Matrix3d& R, const double* __restrict d, int size, double* __restrict sum) {
  for (int b = 0; b < size; ++b) {
    const double x = d[b], y = d[b + size], z = d[b + 2 * size];
    sum[b] += R(0, 0) * x + R(0, 1) * y + R(0, 2) * z;
    sum[b + size] += R(1, 0) * x + R(1, 1) * y + R(1, 2) * z;
    sum[b + 2 * size] += R(2, 0) * x + R(2, 1) * y + R(2, 2) * z;
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
                                 bool with_shape) {
  const int J = model.num_joints();
  turn.resize(static_cast<size_t>(J));
  left.resize(static_cast<size_t>(J));
  turn[0] = root_jacobian;
  for (int joint = 1; joint < J; ++joint) {
    const size_t k = static_cast<size_t>(joint);
    left[k] = LeftJacobian(Eigen::Map<const Vector3d>(body_pose + 3 * (joint - 1)), kinematics.local[k]);
    turn[k].noalias() = kinematics.rotation[static_cast<size_t>(model.parents()[k])] * left[k];
  }
  if (with_shape) ComputeShape(model, kinematics);
}

// dx_k = do_p + R_p dj_k,  do_k = dx_k - R_k dj_k.
void KinematicsJacobian::ComputeShape(const BodyModel& model, const Kinematics<double>& kinematics) {
  const int J = model.num_joints(), B = model.num_directions();
  position_shape.resize(J, 3 * B);
  origin_shape.resize(J, 3 * B);
  for (int joint = 0; joint < J; ++joint) {
    const size_t k = static_cast<size_t>(joint);
    const double* rest = model.joint_shapedirs().data() + 3 * joint * B;
    double *position = position_shape.row(joint).data(), *origin = origin_shape.row(joint).data();
    if (joint == 0) {
      std::copy_n(rest, 3 * B, position);
    } else {
      const int parent = model.parents()[k];
      const Matrix3d& rotation = kinematics.rotation[static_cast<size_t>(parent)];
      Rotated(rotation, rest, B, origin_shape.row(parent).data(), position);
    }
    Rotated(-kinematics.rotation[k], rest, B, position, origin);
  }
}

SkinnedPoints::SkinnedPoints(const BodyModel& model)
    : num_joints_(model.num_joints()), num_directions_(model.num_directions()), parents_(model.parents()) {}

int SkinnedPoints::Add(const BodyModel& model,
                       const Weighted& joints,
                       const Weighted& vertices,
                       const Vector3d& offset) {
  CheckBody(model);
  CheckNumbers("joints", joints, model.num_joints());
  CheckNumbers("vertices", vertices, model.num_vertices());
  if (joints.empty() && vertices.empty())
    throw std::invalid_argument("joints, vertices: expected at least one of either, got none");
  if (!offset.allFinite())
    throw std::invalid_argument("offset: expected finite numbers, got NaN or infinity");
  if (!joints.empty() && !offset.isZero(0.0))
    throw std::invalid_argument("offset: expected of a point of vertices alone, got one of joints");
  Point point;
  point.influences = MakeInfluences(model, joints, vertices);
  point.materials = MakeMaterials(model, vertices, offset, point.influences);
  return Append(std::move(point));
}

int SkinnedPoints::AddCarried(const BodyModel& model,
                              const Weighted& joints,
                              const Vector3d& a,
                              const Matrix3B& S) {
  CheckBody(model);
  CheckNumbers("joints", joints, model.num_joints());
  if (joints.empty()) throw std::invalid_argument("joints: expected at least one, got none");
  if (S.cols() != num_directions_ || !S.allFinite() || !a.allFinite())
    throw std::invalid_argument("a, S: expected finite numbers, 3 and 3 x " +
                                std::to_string(num_directions_));
  Point point;
  Material material{{}, a, S, {}, {}};
  for (const auto& [joint, weight] : joints) {
    point.influences.push_back({joint, weight, 0.0});
    material.share.push_back(weight);
  }
  point.materials.push_back(std::move(material));
  if (joints.size() == 1 && joints[0].second == 1.0) {
    point.carried = true;
    carried_.point.push_back(size());
    carried_.joint.push_back(joints[0].first);
    carried_.a.insert(carried_.a.end(), a.begin(), a.end());
    carried_.S.insert(carried_.S.end(), S.data(), S.data() + S.size());
  }
  return Append(std::move(point));
}

void SkinnedPoints::CarryRange(const Kinematics<double>& kinematics,
                               const double* shape,
                               size_t begin,
                               size_t end,
                               double* points) const {
  const Eigen::Index size = static_cast<Eigen::Index>(3 * (end - begin));
  Eigen::VectorXd rest = Eigen::Map<const Eigen::VectorXd>(carried_.a.data() + 3 * begin, size);
  rest.noalias() +=
      Eigen::Map<const RowMatrix>(
          carried_.S.data() + 3 * begin * static_cast<size_t>(num_directions_), size, num_directions_) *
      Eigen::Map<const Eigen::VectorXd>(shape, num_directions_);
  for (size_t i = begin; i < end; ++i) {
    const size_t k = static_cast<size_t>(carried_.joint[i]);
    Vector3d::Map(points + 3 * carried_.point[i]) =
        kinematics.rotation[k] * rest.segment<3>(static_cast<Eigen::Index>(3 * (i - begin))) +
        kinematics.origin[k];
  }
}

void SkinnedPoints::EvaluateCarried(
    const Kinematics<double>& kinematics, const double* shape, int begin, int end, double* points) const {
  CarryRange(kinematics, shape, static_cast<size_t>(begin), static_cast<size_t>(end), points);
}

void SkinnedPoints::PullBack(const std::vector<PointGradient>& gradients,
                             const double* points,
                             const Kinematics<double>& kinematics,
                             const KinematicsJacobian& derivative,
                             bool with_shape,
                             int num_rows,
                             PulledBack* pulled_back) const {
  RowMatrix &pose = pulled_back->pose, &transl = pulled_back->transl, &shape = pulled_back->shape;
  // Sums of g and of p x g over each joint and its descendants.
  RowMatrix force = RowMatrix::Zero(num_rows, 3 * num_joints_);
  RowMatrix moment = RowMatrix::Zero(num_rows, 3 * num_joints_);
  pose.resize(num_rows, 3 * num_joints_);
  shape.setZero(num_rows, num_directions_);
  for (const auto& [row, i, g] : gradients) {
    const size_t n = static_cast<size_t>(i);
    const int k = carried_.joint[n];
    force.row(row).segment<3>(3 * k) += g.transpose();
    moment.row(row).segment<3>(3 * k) += Vector3d::Map(points + 3 * i).cross(g).transpose();
    if (!with_shape) continue;
    const Vector3d at_rest = kinematics.rotation[static_cast<size_t>(k)].transpose() * g;
    const double* S = carried_.S.data() + 3 * n * static_cast<size_t>(num_directions_);
    shape.row(row) += at_rest.transpose().lazyProduct(Eigen::Map<const Matrix3B>(S, 3, num_directions_));
    const double* origin = derivative.origin_shape.row(k).data();
    shape.row(row) += g.transpose().lazyProduct(Eigen::Map<const Matrix3B>(origin, 3, num_directions_));
  }
  for (int j = num_joints_ - 1; j >= 0; --j) {  // children first
    const size_t k = static_cast<size_t>(j);
    for (int row = 0; row < num_rows; ++row) {
      const Vector3d f = force.row(row).segment<3>(3 * j);
      const Vector3d m = moment.row(row).segment<3>(3 * j);
      pose.row(row).segment<3>(3 * j) =
          (m - kinematics.position[k].cross(f)).transpose() * derivative.turn[k];
      if (j == 0) continue;
      const int parent = parents_[k];
      force.row(row).segment<3>(3 * parent) += f.transpose();
      moment.row(row).segment<3>(3 * parent) += m.transpose();
    }
  }
  transl = force.leftCols<3>();
}

int SkinnedPoints::Append(Point point) {
  std::set<int> moving;
  point.translation_weight = 0.0;
  for (const Influence& influence : point.influences) {
    point.translation_weight += influence.skin_weight + influence.joint_weight;
    for (int j = influence.joint; j >= 0; j = parents_[static_cast<size_t>(j)]) moving.insert(j);
  }
  point.ancestors.assign(moving.rbegin(), moving.rend());
  for (const Material& material : point.materials) {
    moving.insert(material.pose_joints.begin(), material.pose_joints.end());
    point.reshaped |= !material.pose_joints.empty();
  }
  point.moving_joints.assign(moving.begin(), moving.end());
  points_.push_back(std::move(point));
  return size() - 1;
}

void SkinnedPoints::CheckBody(const BodyModel& model) const {
  if (model.num_joints() != num_joints_ || model.num_directions() != num_directions_)
    throw std::invalid_argument("model: expected the body that the points are on, got another");
}

// The influences w_k and v_k, by joint.
std::vector<SkinnedPoints::Influence> SkinnedPoints::MakeInfluences(const BodyModel& model,
                                                                    const Weighted& joints,
                                                                    const Weighted& vertices) {
  std::map<int, Influence> by_joint;
  const auto influence = [&](int joint) -> Influence& {
    return by_joint.try_emplace(joint, Influence{joint, 0.0, 0.0}).first->second;
  };
  for (const auto& [joint, weight] : joints) influence(joint).joint_weight += weight;
  for (const auto& [vertex, weight] : vertices)
    for (int k = 0; k < model.num_joints(); ++k)
      if (model.lbs_weights()(vertex, k) != 0.0)
        influence(k).skin_weight += weight * model.lbs_weights()(vertex, k);
  std::vector<Influence> influences;
  for (const auto& [joint, of_joint] : by_joint) influences.push_back(of_joint);
  return influences;
}

// One material per vertex or one per joint, whichever are fewer.
std::vector<SkinnedPoints::Material> SkinnedPoints::MakeMaterials(const BodyModel& model,
                                                                  const Weighted& vertices,
                                                                  const Vector3d& offset,
                                                                  const std::vector<Influence>& influences) {
  const RowMatrix& lbs_weights = model.lbs_weights();
  std::vector<Material> materials;
  if (vertices.size() <= influences.size()) {
    for (const auto& [vertex, weight] : vertices) {
      materials.push_back(MakeMaterial(model, {{vertex, weight}}, offset));
      for (const Influence& influence : influences)
        materials.back().share.push_back(lbs_weights(vertex, influence.joint));
    }
    return materials;
  }
  for (size_t k = 0; k < influences.size(); ++k) {
    Weighted moved;
    for (const auto& [vertex, weight] : vertices)
      if (const double w = lbs_weights(vertex, influences[k].joint); w != 0.0)
        moved.emplace_back(vertex, weight * w);
    if (moved.empty()) continue;
    materials.push_back(MakeMaterial(model, moved, offset));
    materials.back().share.assign(influences.size(), 0.0);
    materials.back().share[k] = 1.0;
  }
  return materials;
}

// The weighted sum of vertices at rest; the caller sets the shares.
SkinnedPoints::Material SkinnedPoints::MakeMaterial(const BodyModel& model,
                                                    const Weighted& vertices,
                                                    const Vector3d& offset) {
  Material material;
  material.a.setZero();
  material.shape = Matrix3B::Zero(3, model.num_directions());
  material.pose = Matrix3B::Zero(3, model.num_pose_features());
  for (const auto& [vertex, weight] : vertices) {
    material.a += weight * (model.v_template().row(vertex).transpose() + offset);
    material.shape += weight * model.shapedirs().middleRows<3>(3 * vertex);
    const PoseBlendShapes& posedirs = model.posedirs();
    const size_t v = static_cast<size_t>(vertex);
    for (int i = posedirs.begin[v]; i < posedirs.begin[v + 1]; ++i)
      material.pose.middleCols<9>(9 * (posedirs.joint[static_cast<size_t>(i)] - 1)) +=
          weight * posedirs.directions.middleRows<3>(3 * i);
  }
  material.pose_joints = NonzeroPoseJoints(material.pose, model.num_joints());
  return material;
}

SkinnedPoints::Jacobian SkinnedPoints::MakeJacobian(int num_points) const {
  return {RowMatrix::Zero(3 * num_points, 3 * num_joints_), RowMatrix::Zero(3 * num_points, num_directions_)};
}

void SkinnedPoints::Evaluate(const Kinematics<double>& kinematics,
                             const KinematicsJacobian& derivative,
                             const double* shape,
                             bool with_shape,
                             double* points,
                             Jacobian* jacobian) const {
  std::vector<SubtreeSum> subtree_sums(static_cast<size_t>(num_joints_));
  for (int i = 0; i < size(); ++i)
    Linearize(i, kinematics, derivative, shape, with_shape, &subtree_sums, points + 3 * i, jacobian, i);
}

void SkinnedPoints::EvaluateOne(int i,
                                const Kinematics<double>& kinematics,
                                const KinematicsJacobian& derivative,
                                const double* shape,
                                bool with_shape,
                                double* point,
                                Jacobian* jacobian) const {
  std::vector<SubtreeSum> subtree_sums(static_cast<size_t>(num_joints_));
  Linearize(i, kinematics, derivative, shape, with_shape, &subtree_sums, point, jacobian, 0);
}

void SkinnedPoints::Linearize(int i,
                              const Kinematics<double>& kinematics,
                              const KinematicsJacobian& derivative,
                              const double* shape,
                              bool with_shape,
                              std::vector<SubtreeSum>* sums_of_subtrees,
                              double* position,
                              Jacobian* jacobian,
                              int slot) const {
  std::vector<SubtreeSum>& subtree_sums = *sums_of_subtrees;
  const Point& point = points_[static_cast<size_t>(i)];
  auto pose = jacobian->pose.middleRows<3>(3 * slot);
  Eigen::Map<Eigen::ArrayXd> by_shape(jacobian->shape.row(3 * slot).data(), 3 * num_directions_);
  for (const int j : point.ancestors) subtree_sums[static_cast<size_t>(j)] = {};
  if (point.reshaped)
    for (const int j : point.moving_joints) pose.middleCols<3>(3 * j).setZero();
  if (with_shape) by_shape.setZero();

  for (const Influence& influence : point.influences) {
    const size_t k = static_cast<size_t>(influence.joint);
    const double w = influence.skin_weight, v = influence.joint_weight;
    subtree_sums[k].sum += w * kinematics.origin[k] + v * kinematics.position[k];
    subtree_sums[k].weight += w + v;
    if (with_shape && w != 0.0)
      by_shape += w * derivative.origin_shape.row(influence.joint).transpose().array();
    if (with_shape && v != 0.0)
      by_shape += v * derivative.position_shape.row(influence.joint).transpose().array();
  }
  for (const Material& material : point.materials) {
    const Matrix3d blend = AddMaterial(point, material, kinematics, shape, sums_of_subtrees);
    if (with_shape) AddRotated(blend, material.shape.data(), num_directions_, by_shape.data());
    for (const int j : material.pose_joints) {
      const size_t joint = static_cast<size_t>(j);
      Matrix3d moved;  // dP_mj
      for (int row = 0; row < 3; ++row) {
        using Features = Eigen::Matrix<double, 3, 3, Eigen::RowMajor>;
        const Eigen::Map<const Features> Q(material.pose.row(row).data() + 9 * (j - 1));
        moved.row(row) = Vee(Q * kinematics.local[joint].transpose()).transpose();
      }
      pose.middleCols<3>(3 * j).noalias() += blend * (moved * derivative.left[joint]).eval();
    }
  }
  for (const int j : point.ancestors) {  // children first, so that sums propagate to parents
    const size_t joint = static_cast<size_t>(j);
    const Vector3d lever = subtree_sums[joint].sum - subtree_sums[joint].weight * kinematics.position[joint];
    Matrix3d turned;
    for (int c = 0; c < 3; ++c) turned.col(c) = derivative.turn[joint].col(c).cross(lever);
    if (point.reshaped) {
      pose.middleCols<3>(3 * j) += turned;
    } else {
      pose.middleCols<3>(3 * j) = turned;
    }
    if (j == 0) continue;
    SubtreeSum& parent = subtree_sums[static_cast<size_t>(parents_[joint])];
    parent.sum += subtree_sums[joint].sum;
    parent.weight += subtree_sums[joint].weight;
  }
  Vector3d::Map(position) = subtree_sums[0].sum;
}

Eigen::Matrix3d SkinnedPoints::AddMaterial(const Point& point,
                                           const Material& material,
                                           const Kinematics<double>& kinematics,
                                           const double* shape,
                                           std::vector<SubtreeSum>* subtree_sums) {
  const Vector3d u = MaterialPosition<double>(material, kinematics.feature, shape);
  Matrix3d blend = Matrix3d::Zero();
  for (size_t k = 0; k < material.share.size(); ++k) {
    if (material.share[k] == 0.0) continue;
    const size_t joint = static_cast<size_t>(point.influences[k].joint);
    const Matrix3d rotation = material.share[k] * kinematics.rotation[joint];
    (*subtree_sums)[joint].sum.noalias() += rotation * u;
    blend += rotation;
  }
  return blend;
}

}  // namespace smplceres
