#include "smplceres/io/pose_prior_file.h"

#include <cmath>
#include <cstdint>

#include "smplceres/io/npz.h"

namespace smplceres {
namespace {

using MatrixOfRows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void CheckNumbers(const NpzFile& file,
                  const std::string& name,
                  const NpyArray<double>& array,
                  const std::vector<std::int64_t>& shape) {
  if (array.shape != shape)
    file.Refuse(name, "(K,), (K, D) and (K, D, D) of weights, means and covars", "others");
  for (const double value : array.values)
    if (!std::isfinite(value)) file.Refuse(name, "finite numbers", "NaN or infinity");
}

}  // namespace

Eigen::VectorXd MixtureMoments::Mean() const {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(means.front().size());
  double total = 0.0;
  for (size_t k = 0; k < weights.size(); ++k) {
    sum += weights[k] * means[k];
    total += weights[k];
  }
  return sum / total;
}

MixtureMoments ReadPosePrior(const std::string& path) {
  const NpzFile file(path);
  const NpyArray<double> weights = file.Floats("weights");
  const NpyArray<double> means = file.Floats("means");
  const NpyArray<double> covars = file.Floats("covars");
  const std::int64_t K = weights.shape.empty() ? 0 : weights.shape[0];
  const std::int64_t D = means.shape.size() < 2 ? 0 : means.shape[1];
  if (K < 1 || D < 1) file.Refuse("weights, means", "(K,) and (K, D)", "others");
  CheckNumbers(file, "weights", weights, {K});
  CheckNumbers(file, "means", means, {K, D});
  CheckNumbers(file, "covars", covars, {K, D, D});
  MixtureMoments moments;
  moments.weights = weights.values;
  for (std::int64_t k = 0; k < K; ++k) {
    moments.means.emplace_back(Eigen::Map<const Eigen::VectorXd>(means.values.data() + k * D, D));
    moments.covariances.emplace_back(Eigen::Map<const MatrixOfRows>(covars.values.data() + k * D * D, D, D));
  }
  return moments;
}

}  // namespace smplceres
