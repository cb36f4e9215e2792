// A body model in SMPL's form: the arrays of a model file, validated once, and quantities derived from them.
//
//   v(beta, theta) = skinning of  v_template + shapedirs beta + posedirs vec(R(theta) - I)
//   j(beta)        = J_regressor (v_template + shapedirs beta)
//
// Sizes come from the arrays: V vertices, J joints, B betas, F faces, P = 9 (J - 1) pose features.
// Reference: Loper et al., "SMPL: A Skinned Multi-Person Linear Model", 2015.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "smplceres/body/derived.h"
#include "smplceres/body/layout.h"
#include "smplceres/math/row_matrix.h"

namespace smplceres {

// Pose blend shapes as a sparse list of (vertex, joint) pairs; SMPL's are dense.
struct PoseBlendShapes {
  std::vector<int> begin = {0};  // V + 1; pairs begin[v] to begin[v + 1] - 1 are vertex v's
  std::vector<int> joint;        // N, from 1, ascending within a vertex
  RowMatrix directions;          // 3N x 9, metres per element of R_joint - I, row-major

  // From pairs in ascending order of (vertex, joint). Throws std::invalid_argument.
  static PoseBlendShapes FromPairs(const std::vector<int>& vertices,
                                   std::vector<int> joints,
                                   RowMatrix directions,
                                   int num_vertices);
  // From 3V x 9 (J - 1), as in model files; zero blocks are left out.
  static PoseBlendShapes FromDense(const RowMatrix& posedirs, int num_vertices);

  RowMatrix Dense(int num_joints) const;
};

// A further slice of the frame block: coefficients that move the vertices at rest linearly,
// like betas but per frame.
struct FrameDirections {
  std::string name;
  RowMatrix directions;     // 3V x n, metres per standard deviation
  double walk_sigma = 1.0;  // standard deviation of a coefficient's change over a second, for trackers
};

// The arrays of a model file. Metres; 3-vectors per vertex are flattened to rows 3 v + axis.
struct BodyModelArrays {
  RowMatrix v_template;  // V x 3
  RowMatrix shapedirs;   // 3V x B
  PoseBlendShapes posedirs;
  RowMatrix joint_regressor;  // J x V
  RowMatrix lbs_weights;      // V x J, rows sum to 1
  std::vector<int> parents;   // J, parents[0] = -1, parents[j] < j
  RowMatrixI faces;           // F x 3
  std::vector<FrameDirections> frame_slices = {};
  std::vector<PoseComponents> pose_components = {};
};

// Throws std::invalid_argument unless `parents` is a tree with parents before children, which one pass from 0
// to J - 1 poses.
void CheckParents(const std::vector<int>& parents);

// An edge of one face.
struct FaceSide {
  int low, high;  // vertices, low < high
  int face;
  int opposite;  // the face's third vertex
};

template <typename Scalar>
class Mesh;

class BodyModel {
 public:
  // Throws std::invalid_argument that names the array, the expected value and the given one.
  explicit BodyModel(BodyModelArrays arrays);
  BodyModel(const BodyModel&) = delete;  // derived data refer to it
  BodyModel& operator=(const BodyModel&) = delete;

  int num_vertices() const { return static_cast<int>(arrays_.v_template.rows()); }
  int num_joints() const { return static_cast<int>(arrays_.parents.size()); }
  int num_betas() const { return num_betas_; }
  // B + X: betas, then the coefficients of a frame.
  int num_directions() const { return static_cast<int>(arrays_.shapedirs.cols()); }
  int num_angles() const { return layout_.of(SliceKind::kRotations).size; }  // of the free joints
  int num_pose_angles() const { return layout_.num_pose_angles(); }          // of all joints but the root
  int num_pose_features() const { return 9 * (num_joints() - 1); }

  const RowMatrix& v_template() const { return arrays_.v_template; }
  const RowMatrix& shapedirs() const { return arrays_.shapedirs; }  // 3V x (B + X)
  const PoseBlendShapes& posedirs() const { return arrays_.posedirs; }
  const RowMatrix& joint_regressor() const { return arrays_.joint_regressor; }
  const RowMatrix& lbs_weights() const { return arrays_.lbs_weights; }
  const RowMatrixI& faces() const { return arrays_.faces; }
  const std::vector<int>& parents() const { return arrays_.parents; }

  // The layout of a frame's parameter block.
  const FrameLayout& layout() const { return layout_; }

  // j(beta) = joint_template + joint_shapedirs beta, with the coefficients of all directions.
  const RowMatrix& joint_template() const { return joint_template_; }    // J x 3
  const RowMatrix& joint_shapedirs() const { return joint_shapedirs_; }  // 3J x (B + X)

  // j_k(beta) of one joint.
  Eigen::Vector3d RestJoint(int joint, const Eigen::VectorXd& shape) const {
    return joint_template_.row(joint).transpose() + joint_shapedirs_.middleRows<3>(3 * joint) * shape;
  }

  // The evaluator of all vertices (mesh.h), in double or float; created on the first request.
  template <typename Scalar>
  const Mesh<Scalar>& mesh() const;
  // The sides of all faces, 3F, in ascending order of (low, high, face), so that faces that share an edge are
  // adjacent; sorted on the first request.
  const std::vector<FaceSide>& face_sides() const;

  // Further data computed from the body and cached with it.
  Derived& derived() const { return *derived_; }

 private:
  BodyModelArrays arrays_;
  int num_betas_;
  FrameLayout layout_;
  RowMatrix joint_template_;
  RowMatrix joint_shapedirs_;
  std::unique_ptr<Derived> derived_ = std::make_unique<Derived>();
};

extern template const Mesh<double>& BodyModel::mesh<double>() const;
extern template const Mesh<float>& BodyModel::mesh<float>() const;

}  // namespace smplceres
