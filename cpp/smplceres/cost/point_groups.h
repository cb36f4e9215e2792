// The groups of points of a cost function: where their points and parameter blocks are, and their residuals.
#pragma once

#include <algorithm>
#include <memory>
#include <variant>
#include <vector>

#include "smplceres/cost/points_cost.h"

namespace smplceres {

template <typename T>
bool AllInFront(const PointGroup& group, const T* points, size_t num_points) {
  if (!group.camera) return true;
  return std::visit(
      [&](const auto& camera) {
        for (size_t i = 0; i < num_points; ++i)
          if (!camera.InFront(points + 3 * i)) return false;
        return true;
      },
      *group.camera);
}

inline int NumRows(const PointTerm& term) { return term.num_functors() * term.num_residuals(); }

// 3D points have no camera, and their terms do not use the zoom.
constexpr double kNoZoom = 0.0;

constexpr int kNone = -1;

// The position of each group's points among all coordinates, and the parameter blocks of its camera.
struct Arrangement {
  explicit Arrangement(const FramePoints& frame_points)
      : num_frames(frame_points.frames.size()), betas(static_cast<int>(num_frames)) {
    int zooms = 0, motions = 0;
    for (const PointGroup& group : frame_points.groups) {
      const auto found = std::find(sets.begin(), sets.end(), group.points);
      const size_t set = static_cast<size_t>(found - sets.begin());
      if (found == sets.end()) {
        sets.push_back(group.points);
        begin.push_back(num_coordinates);
        num_coordinates += num_frames * 3 * static_cast<size_t>(group.points->size());
      }
      groups.push_back({set, group.camera ? zooms++ : kNone, group.moves() ? motions++ : kNone});
    }
    for (Group& group : groups) {
      if (group.zoom != kNone) group.zoom += betas + 1;
      if (group.motion != kNone) group.motion += betas + 1 + zooms;
    }
    const BodyModel& model = frame_points.model();
    block_sizes.assign(num_frames, model.layout().size());
    block_sizes.push_back(model.num_betas());
    block_sizes.resize(block_sizes.size() + static_cast<size_t>(zooms), 1);
    block_sizes.resize(block_sizes.size() + static_cast<size_t>(motions), kMotionSize);
  }

  struct Group {
    size_t set;
    int zoom, motion;  // indices of blocks
  };

  size_t num_frames;
  int betas;  // index of the block
  std::vector<std::shared_ptr<const SkinnedPoints>> sets;
  std::vector<size_t> begin;  // first coordinate of each set
  size_t num_coordinates = 0;
  std::vector<Group> groups;
  std::vector<int> block_sizes;
};

// The points of a group moved into the given camera's frame of reference (p' of camera_motion.h).
template <typename T>
const T* MovePoints(
    const PointGroup& group, const T* points, size_t num_points, const T* motion, std::vector<T>* moved) {
  const CamFromWorld& given = Extrinsics(*group.camera);
  moved->resize(3 * num_points);
  for (size_t i = 0; i < 3 * num_points; i += 3)
    Eigen::Map<Eigen::Matrix<T, 3, 1>>(moved->data() + i) = EquivalentPoint(given, motion, points + i);
  return moved->data();
}

// Evaluates all groups at their points; `moved` is scratch space.
template <typename T>
bool EvaluateResiduals(const FramePoints& frame_points,
                       const Arrangement& at,
                       const T* coordinates,
                       T const* const* parameters,
                       std::vector<T>* moved,
                       T* residuals) {
  const T no_zoom(kNoZoom);
  for (size_t g = 0; g < at.groups.size(); ++g) {
    const PointGroup& group = frame_points.groups[g];
    const auto& [set, zoom, motion] = at.groups[g];
    const size_t num_points = at.num_frames * static_cast<size_t>(group.points->size());
    const T* points = coordinates + at.begin[set];
    if (motion != kNone) points = MovePoints(group, points, num_points, parameters[motion], moved);
    if (!AllInFront(group, points, num_points)) return false;
    if (!group.term->Evaluate(points, zoom == kNone ? &no_zoom : parameters[zoom], residuals)) return false;
    residuals += NumRows(*group.term);
  }
  return true;
}

}  // namespace smplceres
