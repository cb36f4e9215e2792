#include "smplceres/collide/collision_spheres.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "smplceres/body/parts.h"
#include "smplceres/math/clamped_int.h"

namespace smplceres {
namespace {

constexpr int kMinVertices = 8;        // minimum for a limb to have spheres
constexpr int kMaxSpheres = 6;         // per limb
constexpr double kSpacing = 1.3;       // spacing of centres, in radii
constexpr double kClearAtRest = 1.25;  // minimum distance at rest / sum of the radii
constexpr double kBoneCos = 0.85;      // a limb is longest along its bone if within 32 degrees of it

// The vertices of one limb, weighted by area.
struct LimbSurface {
  std::vector<int> vertices;
  Eigen::VectorXd areas;  // normalised to sum 1
};

Eigen::Matrix<double, Eigen::Dynamic, 3> RestPositions(const BodyModel& model,
                                                       const std::vector<int>& vertices,
                                                       int beta,
                                                       double value) {
  Eigen::Matrix<double, Eigen::Dynamic, 3> rest(vertices.size(), 3);
  for (size_t i = 0; i < vertices.size(); ++i) {
    const Eigen::Index row = static_cast<Eigen::Index>(i);
    rest.row(row) = model.v_template().row(vertices[i]);
    if (value != 0.0)
      rest.row(row) += value * model.shapedirs().block<3, 1>(3 * vertices[i], beta).transpose();
  }
  return rest;
}

Eigen::Vector3d LongestDirection(const Eigen::Matrix<double, Eigen::Dynamic, 3>& rest,
                                 const Eigen::VectorXd& weights) {
  const Eigen::RowVector3d mean = weights.transpose() * rest;
  const Eigen::Matrix<double, Eigen::Dynamic, 3> centred = rest.rowwise() - mean;
  const Eigen::Matrix3d covariance = centred.transpose() * weights.asDiagonal() * centred;
  return Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(covariance).eigenvectors().col(2);
}

// mean - half a standard deviation of the distances from the axis through `centre`.
double SliceRadius(const Eigen::Matrix<double, Eigen::Dynamic, 3>& rest,
                   const Eigen::VectorXd& window,
                   const Eigen::Vector3d& axis) {
  const Eigen::RowVector3d centre = window.transpose() * rest;
  const Eigen::Matrix<double, Eigen::Dynamic, 3> from_centre = rest.rowwise() - centre;
  const Eigen::VectorXd along = from_centre * axis;
  const Eigen::ArrayXd distance = (from_centre - along * axis.transpose()).rowwise().norm().array();
  const double mean = window.dot(distance.matrix());
  const double variance = window.dot((distance - mean).square().matrix());
  return mean - 0.5 * std::sqrt(std::max(variance, 0.0));
}

class Fitter {
 public:
  explicit Fitter(const BodyModel& model)
      : model_(model),
        part_of_vertices_(PartOfVertices(model)),
        limb_of_joints_(LimbOfJoints(model, part_of_vertices_)),
        areas_(VertexAreas(model)),
        result_(std::make_shared<CollisionSpheres>()) {}

  std::shared_ptr<const CollisionSpheres> Fit() {
    for (int joint = 0; joint < model_.num_joints(); ++joint)
      if (limb_of_joints_[static_cast<size_t>(joint)] == joint) FitLimb(joint);
    if (result_->spheres.empty()) return nullptr;
    PairLimbs(
        model_, limb_of_joints_, [this](int i, int j) { return ClearAtRest(i, j); }, &result_->limbs);
    MakePoints();
    return result_;
  }

 private:
  LimbSurface SurfaceOf(int limb) const {
    LimbSurface surface;
    std::vector<double> areas;
    for (int v = 0; v < model_.num_vertices(); ++v) {
      const int part = part_of_vertices_[static_cast<size_t>(v)];
      if (limb_of_joints_[static_cast<size_t>(part)] != limb || areas_[v] == 0.0) continue;
      surface.vertices.push_back(v);
      areas.push_back(areas_[v]);
    }
    surface.areas = Eigen::Map<const Eigen::VectorXd>(areas.data(), static_cast<Eigen::Index>(areas.size()));
    surface.areas /= surface.areas.sum();
    return surface;
  }

  Eigen::Vector3d Axis(int limb, const Eigen::Vector3d& longest) const {
    for (int child = limb + 1; child < model_.num_joints(); ++child) {
      if (model_.parents()[static_cast<size_t>(child)] != limb) continue;
      const Eigen::Vector3d bone =
          (model_.joint_template().row(child) - model_.joint_template().row(limb)).normalized();
      if (std::abs(bone.dot(longest)) > kBoneCos) return bone;
    }
    return longest;
  }

  void FitLimb(int joint) {
    const LimbSurface surface = SurfaceOf(joint);
    if (static_cast<int>(surface.vertices.size()) < kMinVertices) return;
    const auto rest = RestPositions(model_, surface.vertices, 0, 0.0);
    const Eigen::Vector3d axis = Axis(joint, LongestDirection(rest, surface.areas));
    const double radius = SliceRadius(rest, surface.areas, axis);
    if (!(radius > 0.0)) return;  // flat
    const Eigen::VectorXd along = rest * axis;
    // The outermost centres are half a radius from the ends, because limbs continue where they are cut.
    const double begin = along.minCoeff() + 0.5 * radius, end = along.maxCoeff() - 0.5 * radius;
    const int count = 1 + ClampedInt(std::round((end - begin) / (kSpacing * radius)), 0, kMaxSpheres - 1);
    Limb limb{joint, static_cast<int>(result_->spheres.size()), 0, 0, {}};
    for (int i = 0; i < count; ++i) {
      const double place = count == 1 ? 0.5 * (begin + end) : begin + (end - begin) * i / (count - 1);
      FitSphere(surface, along.array() - place, 0.5 * (end - begin) / std::max(count - 1, 1), radius, axis);
    }
    limb.end = static_cast<int>(result_->spheres.size());
    if (limb.end > limb.begin) result_->limbs.limbs.push_back(limb);
  }

  // distance: of each vertex from the sphere's plane. half: half the distance between planes.
  void FitSphere(const LimbSurface& surface,
                 const Eigen::ArrayXd& distance,
                 double half,
                 double limb_radius,
                 const Eigen::Vector3d& axis) {
    const double width = std::max(half, 0.3 * limb_radius);
    Eigen::VectorXd window = surface.areas.array() * (-0.5 * (distance / width).square()).exp();
    if (!(window.sum() > 1e-9)) return;  // a limb in two pieces with nothing between
    window /= window.sum();
    CollisionSphere sphere;
    const auto rest = RestPositions(model_, surface.vertices, 0, 0.0);
    sphere.centre = rest.transpose() * window;
    sphere.radius = SliceRadius(rest, window, axis);
    if (!(sphere.radius > 0.0)) return;
    sphere.joint = CarryingJoint(surface, window);
    sphere.shapedirs.setZero(3, model_.num_directions());
    sphere.radius_shapedirs.resize(model_.num_directions());
    for (size_t i = 0; i < surface.vertices.size(); ++i)
      sphere.shapedirs +=
          window[static_cast<Eigen::Index>(i)] * model_.shapedirs().middleRows<3>(3 * surface.vertices[i]);
    for (int b = 0; b < model_.num_directions(); ++b)
      sphere.radius_shapedirs[b] =
          0.5 * (SliceRadius(RestPositions(model_, surface.vertices, b, 1.0), window, axis) -
                 SliceRadius(RestPositions(model_, surface.vertices, b, -1.0), window, axis));
    result_->spheres.push_back(std::move(sphere));
  }

  int CarryingJoint(const LimbSurface& surface, const Eigen::VectorXd& window) const {
    std::map<int, double> share;
    for (size_t i = 0; i < surface.vertices.size(); ++i)
      share[part_of_vertices_[static_cast<size_t>(surface.vertices[i])]] +=
          window[static_cast<Eigen::Index>(i)];
    return std::max_element(
               share.begin(), share.end(), [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }

  bool ClearAtRest(int i, int j) const {
    const CollisionSphere &a = result_->spheres[static_cast<size_t>(i)],
                          &b = result_->spheres[static_cast<size_t>(j)];
    return (a.centre - b.centre).norm() > kClearAtRest * (a.radius + b.radius);
  }

  void MakePoints() {
    std::vector<CarriedPoint> carried;
    for (const CollisionSphere& sphere : result_->spheres) {
      carried.push_back({sphere.joint, sphere.centre, sphere.shapedirs});
      carried.push_back(carried.back());
      carried.back().a += sphere.radius * Eigen::Vector3d::UnitX();
      carried.back().S.row(0) += sphere.radius_shapedirs;
    }
    BoundLimbs(model_, carried, &result_->limbs);
    result_->points = CarryPoints(model_, carried);
  }

  const BodyModel& model_;
  std::vector<int> part_of_vertices_;
  std::vector<int> limb_of_joints_;
  Eigen::VectorXd areas_;
  std::shared_ptr<CollisionSpheres> result_;
};

}  // namespace

std::shared_ptr<const CollisionSpheres> FitCollisionSpheres(const BodyModel& model) {
  return Fitter(model).Fit();
}

const CollisionSpheres* CollisionSpheresOf(const BodyModel& model) {
  return model.derived().Get<CollisionSpheres>([&] { return FitCollisionSpheres(model); });
}

}  // namespace smplceres
