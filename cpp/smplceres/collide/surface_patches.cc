#include "smplceres/collide/surface_patches.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "smplceres/body/parts.h"
#include "smplceres/collide/collision_spheres.h"
#include "smplceres/math/pi.h"

namespace smplceres {
namespace {

using Vector3d = Eigen::Vector3d;
using Matrix3B = KinematicsJacobian::Matrix3B;

constexpr double kSpacing = 1.3;      // spacing of cells' centres, in limb radii
constexpr double kMinSpacing = 0.03;  // metres
constexpr double kMaxSpacing = 0.1;   // metres
constexpr double kFarSide = 0.8;  // the other side begins at this fraction of the maximum depth below a disc
constexpr double kClearAtRest = 0.5;  // margin, as a fraction of the sum of two patches' radii
constexpr double kClearAcross = 9.0;  // squared lateral distance, in squared radii

std::vector<Vector3d> VertexNormals(const BodyModel& model) {
  std::vector<Vector3d> normals(static_cast<size_t>(model.num_vertices()), Vector3d::Zero());
  for (Eigen::Index f = 0; f < model.faces().rows(); ++f) {
    const auto face = model.faces().row(f);
    const Vector3d a = model.v_template().row(face[0]).transpose();
    const Vector3d ab = model.v_template().row(face[1]).transpose() - a;
    const Vector3d ac = model.v_template().row(face[2]).transpose() - a;
    for (int corner = 0; corner < 3; ++corner) normals[static_cast<size_t>(face[corner])] += ab.cross(ac);
  }
  for (Vector3d& normal : normals) normal.normalize();
  return normals;
}

class Fitter {
 public:
  explicit Fitter(const BodyModel& model)
      : model_(model),
        part_of_vertices_(PartOfVertices(model)),
        limb_of_joints_(LimbOfJoints(model, part_of_vertices_)),
        areas_(VertexAreas(model)),
        normals_(VertexNormals(model)),
        result_(std::make_shared<SurfacePatches>()) {}

  // Fits patches to the limbs that have spheres, whose radii determine the size of patches.
  std::shared_ptr<const SurfacePatches> Fit(const CollisionSpheres& spheres) {
    for (const Limb& limb : spheres.limbs.limbs) {
      double radius = 0.0;
      for (int i = limb.begin; i < limb.end; ++i) radius += spheres.spheres[static_cast<size_t>(i)].radius;
      radius /= limb.end - limb.begin;
      FitLimb(limb.joint, std::clamp(kSpacing * radius, kMinSpacing, kMaxSpacing));
    }
    PairLimbs(
        model_, limb_of_joints_, [this](int i, int j) { return ClearAtRest(i, j); }, &result_->limbs);
    BoundLimbs(model_, result_->carried, &result_->limbs);
    result_->points = CarryPoints(model_, result_->carried);
    return result_;
  }

 private:
  Vector3d Rest(int v) const { return model_.v_template().row(v).transpose(); }
  const Vector3d& Normal(int v) const { return normals_[static_cast<size_t>(v)]; }
  int num_patches() const { return static_cast<int>(result_->radii.size()); }

  std::vector<int> VerticesOf(int limb) const {
    std::vector<int> vertices;
    for (int v = 0; v < model_.num_vertices(); ++v) {
      const int part = part_of_vertices_[static_cast<size_t>(v)];
      if (limb_of_joints_[static_cast<size_t>(part)] == limb && areas_[v] > 0.0) vertices.push_back(v);
    }
    return vertices;
  }

  // The cell of each of the limb's vertices, that of the nearest centre. Each centre is the vertex farthest
  // from the previous centres.
  std::vector<int> Cells(const std::vector<int>& vertices, double spacing, int* num_cells) const {
    std::vector<int> cells(vertices.size(), 0);
    std::vector<double> nearest(vertices.size(), std::numeric_limits<double>::infinity());
    size_t centre = 0;
    for (*num_cells = 0; *num_cells == 0 || nearest[centre] > spacing; ++*num_cells) {
      const Vector3d at = Rest(vertices[centre]), normal = Normal(vertices[centre]);
      for (size_t i = 0; i < vertices.size(); ++i) {
        const double turn = spacing * (1.0 - normal.dot(Normal(vertices[i])));
        const double distance = std::hypot((Rest(vertices[i]) - at).norm(), turn);
        if (distance >= nearest[i]) continue;
        nearest[i] = distance;
        cells[i] = *num_cells;
      }
      centre = static_cast<size_t>(std::max_element(nearest.begin(), nearest.end()) - nearest.begin());
    }
    return cells;
  }

  void FitLimb(int joint, double spacing) {
    Limb limb{joint, num_patches(), 0, 0, {}};
    const std::vector<int> vertices = VerticesOf(joint);
    int num_cells = 0;
    const std::vector<int> cells = Cells(vertices, spacing, &num_cells);
    for (int cell = 0; cell < num_cells; ++cell) {
      std::vector<int> of_cell;
      for (size_t i = 0; i < vertices.size(); ++i)
        if (cells[i] == cell) of_cell.push_back(vertices[i]);
      FitPatch(of_cell, vertices);
    }
    limb.end = num_patches();
    if (limb.end > limb.begin) result_->limbs.limbs.push_back(limb);
  }

  void FitPatch(const std::vector<int>& cell, const std::vector<int>& limb) {
    double area = 0.0;
    Vector3d centre = Vector3d::Zero(), normal = Vector3d::Zero();
    Matrix3B shapedirs = Matrix3B::Zero(3, model_.num_directions());
    std::map<int, double> share;
    for (const int v : cell) {
      area += areas_[v];
      centre += areas_[v] * Rest(v);
      normal += areas_[v] * Normal(v);
      shapedirs += areas_[v] * model_.shapedirs().middleRows<3>(3 * v);
      share[part_of_vertices_[static_cast<size_t>(v)]] += areas_[v];
    }
    if (!(normal.norm() > 0.1 * area)) return;  // crumpled, without a common normal
    centre /= area;
    shapedirs /= area;
    normal.normalize();
    const double radius = std::sqrt(area / kPi);
    double thickness = 0.0;
    Matrix3B other_side = shapedirs;
    if (!FindOtherSide(limb, centre, normal, radius, &thickness, &other_side)) return;
    const int joint = std::max_element(share.begin(), share.end(), [](const auto& a, const auto& b) {
                        return a.second < b.second;
                      })->first;
    result_->radii.push_back(radius);
    result_->carried.push_back({joint, centre - 0.5 * thickness * normal, 0.5 * (shapedirs + other_side)});
    result_->carried.push_back({joint, centre, shapedirs});
  }

  // False if the limb has no other side below the disc.
  bool FindOtherSide(const std::vector<int>& limb,
                     const Vector3d& centre,
                     const Vector3d& normal,
                     double radius,
                     double* thickness,
                     Matrix3B* shapedirs) const {
    std::vector<std::pair<double, int>> below;
    double max_depth = 0.0;
    for (const int v : limb) {
      const Vector3d from_centre = Rest(v) - centre;
      const double depth = -normal.dot(from_centre);
      if ((from_centre + depth * normal).squaredNorm() > radius * radius) continue;
      below.emplace_back(depth, v);
      max_depth = std::max(max_depth, depth);
    }
    if (!(max_depth > 0.25 * radius)) return false;
    double area = 0.0;
    shapedirs->setZero();
    for (const auto& [depth, v] : below) {
      if (depth < kFarSide * max_depth) continue;
      area += areas_[v];
      *thickness += areas_[v] * depth;
      *shapedirs += areas_[v] * model_.shapedirs().middleRows<3>(3 * v);
    }
    *thickness /= area;
    *shapedirs /= area;
    return true;
  }

  bool ClearAtRest(int i, int j) const {
    double points[12];
    for (int k = 0; k < 2; ++k) {
      Vector3d::Map(points + 3 * k) = result_->carried[static_cast<size_t>(2 * i + k)].a;
      Vector3d::Map(points + 6 + 3 * k) = result_->carried[static_cast<size_t>(2 * j + k)].a;
    }
    const double s_i = result_->radii[static_cast<size_t>(i)], s_j = result_->radii[static_cast<size_t>(j)];
    PatchContact<double> contact;
    return !FindContact(points, kClearAtRest * (s_i + s_j), &contact) ||
           contact.lateral > kClearAcross * (s_i * s_i + s_j * s_j);
  }

  const BodyModel& model_;
  std::vector<int> part_of_vertices_;
  std::vector<int> limb_of_joints_;
  Eigen::VectorXd areas_;
  std::vector<Vector3d> normals_;
  std::shared_ptr<SurfacePatches> result_;
};

}  // namespace

std::shared_ptr<const SurfacePatches> FitSurfacePatches(const BodyModel& model) {
  const CollisionSpheres* spheres = CollisionSpheresOf(model);
  return spheres == nullptr ? nullptr : Fitter(model).Fit(*spheres);
}

const SurfacePatches* SurfacePatchesOf(const BodyModel& model) {
  return model.derived().Get<SurfacePatches>([&] { return FitSurfacePatches(model); });
}

}  // namespace smplceres
