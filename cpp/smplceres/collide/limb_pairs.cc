#include "smplceres/collide/limb_pairs.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "smplceres/body/parts.h"

namespace smplceres {
namespace {

// SMPL's joints that are part of the feet.
constexpr int kSmplToes[2] = {10, 11};
constexpr int kMinVertices = 8;  // minimum for a joint to be a separate limb

// The next limb towards the root, -1 for the first.
int ParentLimb(const BodyModel& model, const std::vector<int>& limb_of_joints, int joint) {
  const int parent = model.parents()[static_cast<size_t>(joint)];
  return parent < 0 ? -1 : limb_of_joints[static_cast<size_t>(parent)];
}

void NumberChains(const BodyModel& model, const std::vector<int>& limb_of_joints, LimbPairs* limbs) {
  std::map<int, int> children, chain_of_joint;
  for (const Limb& limb : limbs->limbs) ++children[ParentLimb(model, limb_of_joints, limb.joint)];
  for (Limb& limb : limbs->limbs) {
    const int parent = ParentLimb(model, limb_of_joints, limb.joint);
    const bool follows = children[parent] == 1 && chain_of_joint.count(parent) > 0;
    limb.chain = follows ? chain_of_joint[parent] : limbs->num_chains++;
    chain_of_joint[limb.joint] = limb.chain;
  }
}

// Grows the bound to enclose a point. A point that the limb's first joint carries has a fixed
// distance from the centre. For another joint of the limb, the distance is bounded by the path
// through the joints in between.
void Enclose(const BodyModel& model, const CarriedPoint& point, LimbBound* bound) {
  double reach = 0.0;
  Eigen::VectorXd reach_betas = Eigen::VectorXd::Zero(model.num_directions());
  const auto add = [&](const Eigen::Vector3d& a, const KinematicsJacobian::Matrix3B& S) {
    reach += a.norm();
    reach_betas += S.colwise().norm().transpose();
  };
  Eigen::Vector3d from = point.a;
  KinematicsJacobian::Matrix3B from_betas = point.S;
  for (int j = point.joint; j != bound->joint; j = model.parents()[static_cast<size_t>(j)]) {
    const Eigen::Vector3d at = model.joint_template().row(j).transpose();
    const KinematicsJacobian::Matrix3B at_betas = model.joint_shapedirs().middleRows<3>(3 * j);
    add(from - at, from_betas - at_betas);
    from = at;
    from_betas = at_betas;
  }
  add(from - bound->centre, from_betas - bound->shapedirs);
  bound->reach = std::max(bound->reach, reach);
  bound->reach_betas = bound->reach_betas.cwiseMax(reach_betas);
}

}  // namespace

std::vector<int> LimbOfJoints(const BodyModel& model, const std::vector<int>& part_of_vertices) {
  const std::vector<int>& parents = model.parents();
  const bool smpl = IsSmplTree(parents);
  std::vector<int> limbs(parents.size());
  for (size_t j = 0; j < parents.size(); ++j) {
    const int joint = static_cast<int>(j);
    const bool small =
        smpl ? joint >= 22 || std::count(std::begin(kSmplToes), std::end(kSmplToes), joint) > 0
             : std::count(part_of_vertices.begin(), part_of_vertices.end(), joint) < kMinVertices;
    limbs[j] = small && joint > 0 ? limbs[static_cast<size_t>(parents[j])] : joint;
  }
  return limbs;
}

void PairLimbs(const BodyModel& model,
               const std::vector<int>& limb_of_joints,
               const std::function<bool(int, int)>& clear,
               LimbPairs* limbs) {
  NumberChains(model, limb_of_joints, limbs);
  const int count = static_cast<int>(limbs->limbs.size());
  for (int second = 1; second < count; ++second)
    for (int first = 0; first < second; ++first) {
      const Limb& a = limbs->limbs[static_cast<size_t>(first)];
      const Limb& b = limbs->limbs[static_cast<size_t>(second)];
      const bool follows = ParentLimb(model, limb_of_joints, b.joint) == a.joint;
      if (follows || AlwaysTouch(model.parents(), a.joint, b.joint)) continue;
      LimbPair pair{first, second, {}};
      for (int i = a.begin; i < a.end; ++i)
        for (int j = b.begin; j < b.end; ++j) pair.may_collide.push_back(clear(i, j));
      if (std::count(pair.may_collide.begin(), pair.may_collide.end(), 1) > 0)
        limbs->pairs.push_back(std::move(pair));
    }
}

std::shared_ptr<const SkinnedPoints> CarryPoints(const BodyModel& model,
                                                 const std::vector<CarriedPoint>& points) {
  auto skinned = std::make_shared<SkinnedPoints>(model);
  for (const CarriedPoint& point : points) skinned->AddCarried(model, {{point.joint, 1.0}}, point.a, point.S);
  return skinned;
}

void BoundLimbs(const BodyModel& model, const std::vector<CarriedPoint>& points, LimbPairs* limbs) {
  for (Limb& limb : limbs->limbs) {
    LimbBound& bound = limb.bound;
    bound.joint = limb.joint;
    bound.shapedirs.setZero(3, model.num_directions());
    bound.reach_betas.setZero(model.num_directions());
    bound.radius_betas.setZero(model.num_directions());
    const double share = 1.0 / (limb.end - limb.begin);
    for (int i = limb.begin; i < limb.end; ++i) {
      bound.centre += share * points[static_cast<size_t>(2 * i)].a;
      bound.shapedirs += share * points[static_cast<size_t>(2 * i)].S;
    }
    for (int i = limb.begin; i < limb.end; ++i) {
      const CarriedPoint &p = points[static_cast<size_t>(2 * i)], &q = points[static_cast<size_t>(2 * i + 1)];
      Enclose(model, p, &bound);
      bound.radius = std::max(bound.radius, (p.a - q.a).norm());
      bound.radius_betas = bound.radius_betas.cwiseMax((p.S - q.S).colwise().norm().transpose());
    }
  }
}

}  // namespace smplceres
