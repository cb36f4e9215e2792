#include "smplceres/collide/penetration.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>

#include "smplceres/body/parts.h"
#include "smplceres/math/pi.h"

namespace smplceres {
namespace {

using Vector3d = Eigen::Vector3d;

constexpr double kTwoPi = 2.0 * kPi;

struct Part {
  std::vector<int> faces;
  std::vector<int> vertices;             // of the faces
  std::vector<std::pair<int, int>> rim;  // directed edges without an opposite one in the part
  std::vector<int> rim_piece;            // connected piece of each edge of the rim
  int num_pieces = 0;
};

class Surface {
 public:
  explicit Surface(const BodyModel& model) : model_(model), parts_(static_cast<size_t>(model.num_joints())) {
    const std::vector<int> part_of_faces = PartOfFaces(model);
    for (size_t f = 0; f < part_of_faces.size(); ++f)
      parts_[static_cast<size_t>(part_of_faces[f])].faces.push_back(static_cast<int>(f));
    for (Part& part : parts_) {
      std::set<int> vertices;
      for (const int f : part.faces)
        for (int corner = 0; corner < 3; ++corner) vertices.insert(model.faces()(f, corner));
      part.vertices.assign(vertices.begin(), vertices.end());
      FindRim(&part);
    }
  }

  const std::vector<Part>& parts() const { return parts_; }

  // The winding number: 1 inside a part, 0 outside, up to rounding.
  double Winding(const Part& part,
                 const RowMatrix& at,
                 const std::vector<Vector3d>& rim_centres,
                 const Vector3d& p) const {
    double angle = 0.0;
    for (const int f : part.faces)
      angle += HalfSolidAngle(Corner(at, f, 0) - p, Corner(at, f, 1) - p, Corner(at, f, 2) - p);
    for (size_t i = 0; i < part.rim.size(); ++i)
      angle += HalfSolidAngle(at.row(part.rim[i].second).transpose() - p,
                              at.row(part.rim[i].first).transpose() - p,
                              rim_centres[static_cast<size_t>(part.rim_piece[i])] - p);
    return angle / kTwoPi;
  }

  // The mean of each piece of the part's rim.
  static std::vector<Vector3d> RimCentres(const Part& part, const RowMatrix& at) {
    std::vector<Vector3d> rim_centres(static_cast<size_t>(part.num_pieces), Vector3d::Zero());
    std::vector<int> counts(rim_centres.size(), 0);
    for (size_t i = 0; i < part.rim.size(); ++i) {
      const size_t piece = static_cast<size_t>(part.rim_piece[i]);
      rim_centres[piece] += at.row(part.rim[i].first).transpose();
      ++counts[piece];
    }
    for (size_t piece = 0; piece < rim_centres.size(); ++piece) rim_centres[piece] /= counts[piece];
    return rim_centres;
  }

  double Distance(const Part& part, const RowMatrix& at, const Vector3d& p) const {
    double squared = std::numeric_limits<double>::infinity();
    for (const int f : part.faces)
      squared = std::min(squared, SquaredDistance(p, Corner(at, f, 0), Corner(at, f, 1), Corner(at, f, 2)));
    return std::sqrt(squared);
  }

 private:
  Vector3d Corner(const RowMatrix& at, int face, int corner) const {
    return at.row(model_.faces()(face, corner)).transpose();
  }

  static double HalfSolidAngle(const Vector3d& a, const Vector3d& b, const Vector3d& c) {
    const double la = a.norm(), lb = b.norm(), lc = c.norm();
    const double volume = a.dot(b.cross(c));
    return std::atan2(volume, la * lb * lc + a.dot(b) * lc + b.dot(c) * la + c.dot(a) * lb);
  }

  static double SquaredDistanceToEdge(const Vector3d& p, const Vector3d& a, const Vector3d& b) {
    const Vector3d edge = b - a;
    const double length = edge.squaredNorm();
    const double t = length > 0.0 ? std::clamp((p - a).dot(edge) / length, 0.0, 1.0) : 0.0;
    return (p - a - t * edge).squaredNorm();
  }

  // Distance from the triangle's plane if p projects into the triangle, else from its edges.
  static double SquaredDistance(const Vector3d& p, const Vector3d& a, const Vector3d& b, const Vector3d& c) {
    const Vector3d normal = (b - a).cross(c - a);
    const bool over = normal.dot((b - a).cross(p - a)) > 0.0 && normal.dot((c - b).cross(p - b)) > 0.0 &&
                      normal.dot((a - c).cross(p - c)) > 0.0;
    if (over) {
      const double height = normal.dot(p - a);
      return height * height / normal.squaredNorm();
    }
    return std::min(
        {SquaredDistanceToEdge(p, a, b), SquaredDistanceToEdge(p, b, c), SquaredDistanceToEdge(p, c, a)});
  }

  // Inner edges cancel, (a, b) with (b, a); the remaining ones are the rim, in connected pieces.
  void FindRim(Part* part) const {
    std::map<std::pair<int, int>, int> count;  // for a < b: number of edges (a, b) minus that of (b, a)
    for (const int f : part->faces)
      for (int corner = 0; corner < 3; ++corner) {
        const int a = model_.faces()(f, corner), b = model_.faces()(f, (corner + 1) % 3);
        if (a != b) count[{std::min(a, b), std::max(a, b)}] += a < b ? 1 : -1;
      }
    std::map<int, int> leader;  // union-find parent of each vertex on the rim
    const auto find = [&leader](int v) {
      while (leader.try_emplace(v, v).first->second != v) v = leader[v];
      return v;
    };
    for (const auto& [edge, runs] : count)
      for (int i = 0; i < std::abs(runs); ++i) {
        part->rim.push_back(runs > 0 ? edge : std::make_pair(edge.second, edge.first));
        leader[find(edge.first)] = find(edge.second);
      }
    std::map<int, int> piece_of_leader;
    for (const auto& edge : part->rim) {
      const int piece = piece_of_leader.try_emplace(find(edge.first), part->num_pieces).first->second;
      part->num_pieces = std::max(part->num_pieces, piece + 1);
      part->rim_piece.push_back(piece);
    }
  }

  const BodyModel& model_;
  std::vector<Part> parts_;
};

Eigen::AlignedBox3d BoxOf(const Part& part, const RowMatrix& at) {
  Eigen::AlignedBox3d box;
  for (const int v : part.vertices) box.extend(at.row(v).transpose());
  return box;
}

}  // namespace

std::vector<InsideVertex> FindPenetration(const BodyModel& model, const RowMatrix& vertices) {
  if (vertices.rows() != model.num_vertices() || vertices.cols() != 3)
    throw std::invalid_argument("vertices: expected shape (" + std::to_string(model.num_vertices()) +
                                ", 3), got (" + std::to_string(vertices.rows()) + ", " +
                                std::to_string(vertices.cols()) + ")");
  const Surface surface(model);
  const std::vector<int> part_of_vertices = PartOfVertices(model);
  std::vector<InsideVertex> inside;
  for (int other = 0; other < model.num_joints(); ++other) {
    const Part& part = surface.parts()[static_cast<size_t>(other)];
    if (part.faces.empty()) continue;
    const Eigen::AlignedBox3d box = BoxOf(part, vertices);
    const std::vector<Vector3d> rim_centres = Surface::RimCentres(part, vertices);
    for (int v = 0; v < model.num_vertices(); ++v) {
      const Vector3d p = vertices.row(v).transpose();
      const int part_of_vertex = part_of_vertices[static_cast<size_t>(v)];
      if (!box.contains(p) || AlwaysTouch(model.parents(), part_of_vertex, other)) continue;
      if (!(surface.Winding(part, vertices, rim_centres, p) > 0.5)) continue;
      if (surface.Distance(part, model.v_template(), model.v_template().row(v).transpose()) < kNearAtRest)
        continue;
      inside.push_back({v, part_of_vertex, other, surface.Distance(part, vertices, p)});
    }
  }
  std::stable_sort(
      inside.begin(), inside.end(), [](const auto& a, const auto& b) { return a.vertex < b.vertex; });
  return inside;
}

}  // namespace smplceres
