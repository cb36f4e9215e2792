// Evaluates all vertices of one or many bodies, in double or float.
//
//   v = sum_k w_k (R_k u + o_k),     u = v_template + shapedirs beta + posedirs vec(R(theta) - I)
//
// Vertices are processed in blocks, with a vertex in each lane of a vector register. The model's data of a
// block are read once for all bodies. Dense pose blend shapes are most of those bytes, and reading them takes
// most of the time for a single body.
//
// In float they are stored as 16-bit integers q, with a step s for each block and joint:
//
//   posedirs = s q + e,     s = max |posedirs of the block and joint| / 32767,     |e| <= s / 2
//
// The error of a vertex is the sum of e x feature over nearby joints: up to a micrometre for directions of
// centimetres (0.1 um rms, including float's rounding). Double reads the model's arrays and is exact.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "smplceres/base/huge_pages.h"
#include "smplceres/body/body_model.h"
#include "smplceres/body/kinematics.h"
#include "smplceres/body/lanes.h"

namespace smplceres {

// Shapes and poses of N bodies, in the scalar of the mesh.
template <typename Scalar>
struct MeshPoses {
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  // shapes: N, or 1 if all bodies share it.
  MeshPoses(const BodyModel& model, Eigen::Index bodies, Eigen::Index shapes);

  void Set(Eigen::Index body, const Kinematics<double>& kinematics);

  Matrix shape;       // shapes x (B + X)
  Matrix feature;     // N x P
  Matrix transforms;  // N x 12 J: rows of [R_k | o_k]
};

// The model's arrays in lanes. The model must outlive it.
template <typename Scalar>
class Mesh {
 public:
  using Matrix = typename MeshPoses<Scalar>::Matrix;

  explicit Mesh(const BodyModel& model);

  int num_blocks() const { return static_cast<int>(pose_begin_.size()) - 1; }

  struct Range {
    int begin, end;
  };
  // Evaluates ranges of blocks and bodies. vertices: N x V x 3, metres, world. Results are bitwise identical
  // for any ranges.
  void Evaluate(const MeshPoses<Scalar>& poses, Range bodies, Range blocks, Scalar* vertices) const;

  // Evaluates all vertices of one body. vertices: V x 3.
  void Evaluate(const Kinematics<double>& kinematics, const Eigen::VectorXd& shape, Matrix* vertices) const;

 private:
  static constexpr bool kSingle = std::is_same_v<Scalar, float>;
  static constexpr int kWidth = kLanes<Scalar>;
  static constexpr int kJointSize = 9 * 3 * kWidth;  // nine features of a joint, for x, y and z of a block
  static constexpr int kBodiesAtOnce = 3;            // number of bodies whose sums fit in the registers
  using Numbers = Eigen::Array<Scalar, Eigen::Dynamic, 1>;  // aligned
  struct Block;

  Eigen::Index ShapeSize() const { return static_cast<Eigen::Index>(model_.num_directions()) * 3 * kWidth; }
  void StoreJoints(int blocks);
  void StoreDirections();

  // The model's directions of a block: 3 x B x lanes, and 3 x 9 x lanes of each of its pose joints.
  void ShapeInLanes(int block, Eigen::ArrayXd* lanes) const;
  void PoseInLanes(int block, Eigen::ArrayXd* lanes) const;

  void Rest(const Block& block, const Scalar* shape, Lanes<Scalar>* rest) const;
  template <int kBodies, typename Stored>
  void AddPoseBlend(const MeshPoses<Scalar>& poses,
                    int body,
                    int block,
                    const Stored* posedirs,
                    Lanes<Scalar> (*u)[3]) const;
  void Skin(const Scalar* transforms, int block, const Lanes<Scalar>* u, Scalar* vertices) const;
  template <int kBodies, typename Stored>
  void EvaluateBodies(const MeshPoses<Scalar>& poses,
                      int body,
                      const Block& block,
                      const Stored* posedirs,
                      Scalar* vertices) const;

  const BodyModel& model_;
  Numbers v_template_;             // blocks x 3 x lanes
  std::vector<int> weight_begin_;  // blocks + 1: entries of the joints that carry a block's vertices
  std::vector<int> weight_joint_;
  Numbers weight_;               // entries x lanes
  std::vector<int> pose_begin_;  // blocks + 1: entries of the joints whose pose features move them
  std::vector<int> pose_joint_;
  // Only in float; double converts the model's arrays during evaluation.
  Numbers shapedirs_;                                            // blocks x 3 x B x lanes
  std::vector<Scalar> pose_step_;                                // s of each entry
  std::vector<std::int16_t, HugePages<std::int16_t>> posedirs_;  // q, entries x 3 x 9 x lanes
};

extern template struct MeshPoses<double>;
extern template struct MeshPoses<float>;
extern template class Mesh<double>;
extern template class Mesh<float>;

}  // namespace smplceres
