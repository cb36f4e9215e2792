// A body model in SMPL's form, with its pose prior and joint limits.
//
// Metres and radians. Body frame: y up, facing +z, left = +x.
#pragma once

#include <Eigen/Core>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "smplceres/export.h"

namespace smplceres {

// N points in 2D or 3D, one per row.
using Rows2 = Eigen::Matrix<double, Eigen::Dynamic, 2, Eigen::RowMajor>;
using Rows3 = Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>;
using Triangles = Eigen::Matrix<int, Eigen::Dynamic, 3, Eigen::RowMajor>;

// Pose, shape and position of a body with J joints and B betas. Fingers are joints: fits move them by
// components of the hand.
struct BodyParameters {
  Eigen::Vector3d global_orient = Eigen::Vector3d::Zero();  // axis-angle of the root about the pelvis
  Rows3 body_pose;                                          // (J - 1) x 3, axis-angles of the other joints
  Eigen::VectorXd betas;                                    // B, standard deviations
  Eigen::Vector3d transl = Eigen::Vector3d::Zero();         // metres
  // By name, those that also move the vertices at rest, such as "expression"; zero where they are left out.
  std::map<std::string, Eigen::VectorXd> coefficients = {};
};

struct PosedBody {
  Rows3 vertices;  // V x 3, metres
  Rows3 joints;    // J x 3, metres
};

// Immutable, cheap to copy and thread-safe.
class SMPLCERES_EXPORT Body {
 public:
  // A body of the package and its pose prior. gender: "neutral", "male" or "female", or "whole", the body
  // with hands and face: 55 joints in SMPL-X's order and an expression. The data folder is the environment
  // variable SMPLCERES_DATA_DIR, or share/smplceres beside the library's folder. Like all functions below,
  // throws std::invalid_argument with a message that names the argument or file.
  explicit Body(const std::string& gender = "neutral", int num_betas = 10);

  // Reads .npz files. The body has SMPL's keys and 24 joints, or is one of SMPL-H or SMPL-X with components
  // of its hands (hands_componentsl and so on); the pose prior has weights, means and covars. If pose_prior
  // is empty, the package's is used.
  static Body FromFile(const std::string& path, const std::string& pose_prior = "", int num_betas = 10);

  int num_joints() const;    // J
  int num_vertices() const;  // V
  int num_betas() const;     // B
  const std::string& name() const;
  const std::vector<std::string>& joint_names() const;
  const std::vector<int>& parents() const;  // -1 at the root, parents before their children
  Triangles faces() const;                  // vertices, counter-clockwise from outside

  // The mean body at rest: parameters of this body's sizes, all zero.
  BodyParameters Zero() const;

  PosedBody Pose(const BodyParameters& parameters) const;
  Rows3 Joints(const BodyParameters& parameters) const;  // without the mesh

  struct Data;
  const Data& data() const { return *data_; }

 private:
  explicit Body(std::shared_ptr<const Data> data);

  std::shared_ptr<const Data> data_;
};

// The folder of the package's data. Throws std::invalid_argument if there is none.
SMPLCERES_EXPORT std::string DataFolder();

}  // namespace smplceres
