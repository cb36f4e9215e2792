// What was observed of one person at one time: keypoints in the pictures of any number of cameras, the
// skinned points that they are on the body, masks of the person, and points and surfaces measured in space.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <optional>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/camera/camera.h"
#include "smplceres/camera/mask.h"
#include "smplceres/problem/cloud.h"
#include "smplceres/problem/person.h"
#include "smplceres/problem/points3d.h"

namespace smplceres {

// One camera's picture.
struct View {
  // Throws std::invalid_argument naming what is wrong: sizes, NaN, negative confidences, a focal length
  // that is not positive.
  void Check(const BodyModel& model) const;

  // Keypoints that take part: seen (confidence > 0) and on the body.
  std::vector<int> Visible() const;

  std::shared_ptr<const SkinnedPoints> points;  // one per keypoint that is on the body
  std::vector<int> point_of_keypoint;           // K; -1 where the body has no such point
  std::vector<KeypointRole> roles;              // K
  RowMatrix keypoints;                          // K x 2, pixels
  Eigen::VectorXd confidence;                   // K, >= 0; 0: not seen
  Camera camera;
  std::shared_ptr<const Mask> mask;  // where the person is in the picture; null: not known
};

struct Observations {
  // Throws std::invalid_argument as View::Check and those of the members.
  void Check() const;

  // Numbers of the views that see the person: those of which a keypoint takes part. The others are of no
  // account; the body may even be behind their camera.
  std::vector<size_t> SeeingViews() const;

  // Whether any camera's pose is unknown: variables then have motions.
  bool CamerasMove() const;

  // Betas that a fit starts from: those known or expected of the person, the mean shape otherwise.
  Eigen::VectorXd StartBetas() const;

  std::shared_ptr<const BodyModel> model;
  std::vector<View> views;
  std::optional<Points3d> points3d;
  std::optional<KnownPerson> person;
  std::optional<Ground> ground;
  std::vector<Cloud> clouds;
};

}  // namespace smplceres
