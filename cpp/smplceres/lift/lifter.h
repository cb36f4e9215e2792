// The network that predicts a pose from the keypoints of one image (tools/train_lifter.py).
//
//   h_0 = W x + b,   h_i = h_{i-1} + W2_i silu( W1_i norm(h_{i-1}) ),   y = W silu( norm(h_n) ) + b
//
//   norm     layer normalisation with gain and bias;  silu(a) = a / (1 + e^-a)
//   x        the input (lift/lifter_input.h)
//   y        [ root 6 | mu 63 | lambda 63 | F 63 x 8 ]
//
// It stands for Student's t distribution of the axis-angles theta of SMPL's 21 joints after the pelvis:
//
//   z = C (theta - mean - scale mu) / scale,   E[z z^T] ~ Sigma = diag(e^{2 lambda'}) + F' F'^T
//   lambda' = 3 tanh(lambda / 3) - 1,   F' = 0.3 F
//
//   C            unit upper triangular, the same for all images
//   mean, scale  mean and standard deviation of the poses trained on; `scale` multiplies each coordinate
//
// The square root A of its precision matrix, A^T A, follows without a factorisation of 63 x 63:
//
//   A = ( I - M V diag( (1 - 1 / sqrt(1 + g)) / g ) V^T M^T ) diag(e^-lambda') C diag(1 / scale)
//   M = diag(e^-lambda') F',   M^T M = V diag(g) V^T
//
// Reference: Martinez et al., A simple yet effective baseline for 3d human pose estimation, 2017 (networks of
// this kind); Zhou et al., On the Continuity of Rotation Representations in Neural Networks, 2019 (root).
#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "smplceres/terms/priors/conditional_prior.h"

namespace smplceres {

// The prediction for an image.
struct LiftedBody {
  Eigen::Matrix3d root;  // rotation of the pelvis, in the axes of the input
  ConditionalPose pose;
};

using LifterMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class Lifter {
 public:
  // arrays: by the names that tools/train_lifter.py writes; vectors are columns. slots: the locations on the
  // body that inputs have, "+" between the parts of a mean. Throws std::invalid_argument that names the array
  // for arrays that are missing, do not fit or are not finite.
  Lifter(const std::map<std::string, LifterMatrix>& arrays, std::vector<std::string> slots);

  const std::vector<std::string>& slots() const { return slots_; }
  int num_inputs() const { return static_cast<int>(input_.weight.cols()); }

  // The index of a keypoint's location in slots(), -1 if it has none.
  int SlotOf(const std::vector<std::string>& location) const;

  LiftedBody Lift(const Eigen::VectorXf& input) const;

 private:
  struct Linear {
    LifterMatrix weight;
    Eigen::VectorXf bias;
    Eigen::VectorXf operator()(const Eigen::VectorXf& x) const { return weight * x + bias; }
  };
  struct Norm {
    Eigen::VectorXf gain, bias;
    Eigen::VectorXf operator()(const Eigen::VectorXf& x) const;
  };
  struct Block {
    Norm norm;
    Linear first, second;
  };

  std::vector<std::string> slots_;
  Linear input_, head_;
  std::vector<Block> blocks_;
  Norm norm_;
  Eigen::VectorXd mean_, scale_;
  Eigen::MatrixXd whitening_;  // C diag(1 / scale)
  double degrees_of_freedom_;
};

}  // namespace smplceres
