// Reads a mixture of Gaussians over body_pose from an .npz file in SMPLify's form: weights, means and covars.
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

namespace smplceres {

struct MixtureMoments {
  std::vector<double> weights;               // K, > 0, any sum
  std::vector<Eigen::VectorXd> means;        // K of D numbers, radians
  std::vector<Eigen::MatrixXd> covariances;  // K of D x D

  // sum_k weight_k mean_k / sum_k weight_k, the initial pose of a fit.
  Eigen::VectorXd Mean() const;
};

// Throws std::invalid_argument that names the file and the array.
MixtureMoments ReadPosePrior(const std::string& path);

}  // namespace smplceres
