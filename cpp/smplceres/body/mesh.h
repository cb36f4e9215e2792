// All vertices of one body or of many at once, in double or float.
//
//   v = sum_k w_k (R_k u + o_k),     u = v_template + shapedirs beta + posedirs vec(R(theta) - I)
//
// Vertices go through it in blocks of as many as a vector register holds numbers, a vertex in each lane. What
// a block needs of the model is read once for all bodies: dense pose blend shapes are most of the bytes, and
// of one body's time their stream from memory.
//
// In float that stream is of 16-bit integers q, with a step s of each block and joint:
//
//   posedirs = s q + e,     s = max |posedirs of the block and joint| / 32767,     |e| <= s / 2
//
// A vertex is off by the sum of e x feature, of which those of joints near it count: up to a micrometre where
// directions are centimetres (0.1 um rms, rounding of metres included). Double reads the model's own arrays
// and is exact.
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

// What moves the mesh of N bodies, in its scalar.
template <typename Scalar>
struct MeshPoses {
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  // shapes: N, or 1 that all bodies share.
  MeshPoses(const BodyModel& model, Eigen::Index bodies, Eigen::Index shapes);

  void Set(Eigen::Index body, const Kinematics<double>& kinematics);

  Matrix shape;       // shapes x (B + X)
  Matrix feature;     // N x P
  Matrix transforms;  // N x 12 J: rows of [R_k | o_k]
};

// The model's arrays in lanes. Must not outlive the model.
template <typename Scalar>
class Mesh {
 public:
  using Matrix = typename MeshPoses<Scalar>::Matrix;

  explicit Mesh(const BodyModel& model);

  int num_blocks() const { return static_cast<int>(pose_begin_.size()) - 1; }

  struct Range {
    int begin, end;
  };
  // Vertices of some of the blocks of some of the bodies. vertices: N x V x 3, metres, world. A vertex is the
  // same to the bit whatever else is asked for with it.
  void Evaluate(const MeshPoses<Scalar>& poses, Range bodies, Range blocks, Scalar* vertices) const;

  // Of one body, all. vertices: V x 3.
  void Evaluate(const Kinematics<double>& kinematics, const Eigen::VectorXd& shape, Matrix* vertices) const;

 private:
  static constexpr bool kSingle = std::is_same_v<Scalar, float>;
  static constexpr int kWidth = kLanes<Scalar>;
  static constexpr int kJointSize = 9 * 3 * kWidth;  // a joint's nine features, in x, y and z of a block
  static constexpr int kTogether = 3;                // bodies whose sums fit in the registers
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
  // In float; double brings the model's own into lanes.
  Numbers shapedirs_;                                            // blocks x 3 x B x lanes
  std::vector<Scalar> pose_step_;                                // s of each entry
  std::vector<std::int16_t, HugePages<std::int16_t>> posedirs_;  // q, entries x 3 x 9 x lanes
};

extern template struct MeshPoses<double>;
extern template struct MeshPoses<float>;
extern template class Mesh<double>;
extern template class Mesh<float>;

}  // namespace smplceres
